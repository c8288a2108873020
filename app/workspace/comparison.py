"""An earlier result of a tile against what the map shows now: one comparison at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.problems import Problem
from app.workspace.pixels import rgb_image
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from generation.plan.stitch import Stitch
from generation.run.records import TileRecord
from generation.run.world import World
from painter.results import TileResult
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

_MIDDLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The two pictures.

    Attributes:
        rect: where, in map px.
        before: with the earlier result.
        now: as the map shows it.
    """

    rect: Rect
    before: QImage
    now: QImage


class Comparison(QObject):
    """What canvas and panels know of a comparison; GUI thread only.

    Signals:
        changed: another result, other pictures, or the line was moved.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._result: TileResult | None = None
        self._pictures: Compared | None = None
        self._position = _MIDDLE
        self._round = 0
        workspace.map_opened.connect(self.stop)
        workspace.tiles_changed.connect(self._on_tiles_changed)

    @classmethod
    def of(cls, workspace: Workspace) -> Comparison:
        """The one instance that belongs to a workspace."""
        for child in workspace.children():
            if isinstance(child, cls):
                return child
        return cls(workspace)

    @property
    def result(self) -> TileResult | None:
        """The earlier result; None while nothing is compared."""
        return self._result

    @property
    def pictures(self) -> Compared | None:
        """The pictures, once they are made."""
        return self._pictures

    @property
    def position(self) -> float:
        """Where the line stands, 0 at the left to 1 at the right; the earlier one is left of it."""
        return self._position

    @position.setter
    def position(self, share: float) -> None:
        share = min(max(share, 0.0), 1.0)
        if share != self._position:
            self._position = share
            self.changed.emit()

    def start(self, result: TileResult) -> None:
        """Compare a result with the map; the pictures come later."""
        self._result, self._pictures, self._position = result, None, _MIDDLE
        self.changed.emit()
        self._load()

    def stop(self) -> None:
        """Compare nothing."""
        self._round += 1
        if self._result is not None:
            self._result, self._pictures = None, None
            self.changed.emit()

    def _load(self) -> None:
        workspace, result = self._workspace, self._result
        world, grid = workspace.world, workspace.grid
        if result is None or world is None or grid is None or not grid.has(result.tile):
            return
        self._round += 1
        started = self._round
        key = f"compare:{result.tile}"

        def done(found: Compared) -> None:
            if started == self._round:
                workspace.clear_problem(key)
                self._pictures = found
                self.changed.emit()

        def failed(error: BaseException) -> None:
            if started == self._round:
                self.stop()
                workspace.report(Problem(key, "warning", sentence_of(error), result.tile))

        work = _job(world, grid, workspace.stitch(), result)
        workspace.tasks.submit(work, done, failed=failed, name="compare")

    def _on_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        grid, result = self._workspace.grid, self._result
        if grid is None or result is None or not grid.has(result.tile):
            return
        if result.tile in tiles or any(near.tile in tiles for near in grid.neighbours(result.tile)):
            self._load()


def _job(
    world: World, grid: Grid, stitch: Stitch | None, result: TileResult
) -> Callable[[], Compared]:
    def work() -> Compared:
        now = Stitch(grid, (), _no_pixels, world.reader) if stitch is None else stitch
        rect = grid.window(result.tile).intersect(grid.map_rect)
        before = _with_result(now, world, grid, result)
        return Compared(rect, rgb_image(before.region(rect).rgb), rgb_image(now.region(rect).rgb))

    return work


def _with_result(now: Stitch, world: World, grid: Grid, result: TileResult) -> Stitch:
    """The stitched map with an earlier result in the place of its tile's present one."""
    raw = result.raw()
    window = world.raw_window(grid, TileRecord.from_json(result.facts), result.mask())
    windows = [window if one.tile == result.tile else one for one in now.windows]
    if window not in windows:
        windows.append(window)

    def pixels(tile: TileCoord) -> npt.NDArray[np.uint8]:
        return raw if tile == result.tile else now.pixels(tile)

    return replace(now, windows=tuple(windows), pixels=pixels)


def _no_pixels(tile: TileCoord) -> npt.NDArray[np.uint8]:
    raise LookupError(f"tile {tile} is not finished")
