"""Compiled windows of the tiles somebody looks at, made off the GUI thread, latest wish first."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, QTimer, Signal

from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

_SETTLE_MS = 60
"""Wishes and changes are gathered for so long before anything is compiled."""


class CompiledTiles(QObject):
    """What a run would use for a few tiles right now, kept up to date while they are wanted.

    One window is compiled at a time; when it is done, whatever is wanted by then comes next.

    Signals:
        ready: (tile, `CompiledWindow`) is there, or newer than before.
        failed: (tile, sentence) could not be compiled.
    """

    ready = Signal(object, object)
    failed = Signal(object, str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._wanted: dict[str, TileCoord] = {}
        self._made: dict[TileCoord, CompiledWindow] = {}
        self._unfit: set[TileCoord] = set()
        self._painted: set[TileCoord] = set()
        self._committed = False
        self._working: TileCoord | None = None
        self._void = False
        self._settings = workspace.settings
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        workspace.map_opened.connect(self._on_everything_changed)
        workspace.header_changed.connect(self._on_everything_changed)
        workspace.settings_changed.connect(self._on_settings_changed)
        workspace.history_changed.connect(self._on_history_changed)
        workspace.painted.connect(self._on_painted)
        workspace.tiles_changed.connect(self._on_tiles_changed)

    @classmethod
    def of(cls, workspace: Workspace) -> CompiledTiles:
        """The one instance that belongs to a workspace."""
        for child in workspace.children():
            if isinstance(child, cls):
                return child
        return cls(workspace)

    def want(self, who: str, tile: TileCoord | None) -> None:
        """Keep a tile's compiled window up to date for somebody, in place of their last wish."""
        if self._wanted.get(who) == tile:
            return
        if tile is None:
            self._wanted.pop(who, None)
        else:
            self._wanted[who] = tile
            self._start()

    def get(self, tile: TileCoord) -> CompiledWindow | None:
        """The newest window that was compiled for a wanted tile."""
        return self._made.get(tile)

    def _start(self) -> None:
        if self._working is None:
            self._settle.start()

    def _next(self) -> TileCoord | None:
        for tile in reversed(self._wanted.values()):
            if tile not in self._made and tile not in self._unfit:
                return tile
        return None

    def _on_settled(self) -> None:
        if self._committed:
            self._committed = False
            painted, self._painted = self._painted, set()
            self._drop(painted)
        tile, grid = self._next(), self._workspace.grid
        if self._working is None and tile is not None and grid is not None and grid.has(tile):
            self._compile(tile)

    def _compile(self, tile: TileCoord) -> None:
        def done(compiled: CompiledWindow) -> None:
            if self._ended():
                wanted = set(self._wanted.values())
                self._made = {kept: made for kept, made in self._made.items() if kept in wanted}
                self._made[tile] = compiled
                self.ready.emit(tile, compiled)

        def failed(error: BaseException) -> None:
            if self._ended():
                self._unfit.add(tile)
                self.failed.emit(tile, sentence_of(error))

        self._working, self._void = tile, False
        job = self._workspace.compile_job(tile)
        self._workspace.tasks.submit(job, done, failed=failed, name="compile")

    def _ended(self) -> bool:
        """Note the end of the work; whether its result still counts."""
        self._working = None
        self._start()
        return not self._void

    def _drop(self, tiles: Collection[TileCoord]) -> None:
        """Take what is known of some tiles for outdated."""
        self._void |= self._working in tiles
        for tile in tiles:
            self._made.pop(tile, None)
            self._unfit.discard(tile)

    def _on_everything_changed(self) -> None:
        self._void = True
        self._made.clear()
        self._unfit.clear()
        self._painted.clear()
        self._start()

    def _on_settings_changed(self) -> None:
        if self._workspace.settings != self._settings:
            self._settings = self._workspace.settings
            self._on_everything_changed()

    def _on_history_changed(self) -> None:
        """An edit is over: what was painted counts from now on."""
        self._committed = True
        self._settle.start()

    def _on_painted(self, rect: Rect) -> None:
        grid = self._workspace.grid
        if grid is not None:
            wanted = {tile for tile in self._wanted.values() if grid.has(tile)}
            self._painted |= {tile for tile in wanted if _touches(grid, tile, rect)}

    def _on_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        grid = self._workspace.grid
        if grid is None:
            return
        wanted = {tile for tile in self._wanted.values() if grid.has(tile)}
        near = {
            tile
            for tile in wanted
            if tile in tiles or any(item.tile in tiles for item in grid.neighbours(tile))
        }
        if near:
            self._drop(near)
            self._start()


def tile_under(grid: Grid | None, at: tuple[float, float] | None) -> TileCoord | None:
    """The tile whose core holds a position in map px; None beyond the map or without one."""
    if grid is None or at is None:
        return None
    x, y = int(at[0] // 1), int(at[1] // 1)
    inside = 0 <= x < grid.map_width_px and 0 <= y < grid.map_height_px
    return grid.tile_at(x, y) if inside else None


def _touches(grid: Grid, tile: TileCoord, rect: Rect) -> bool:
    """Whether a tile's window, or a copy of it on a wrapped map, shares pixels with a rectangle."""
    window = grid.window(tile)
    across = (-grid.map_width_px, 0, grid.map_width_px) if grid.wrap_x else (0,)
    down = (-grid.map_height_px, 0, grid.map_height_px) if grid.wrap_y else (0,)
    return any(window.shifted(dx, dy).intersect(rect).area for dx in across for dy in down)
