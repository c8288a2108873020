"""Keeps the pieces that show finished tiles up to date; the io thread stitches them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.canvas.pieces import Key, Piece, PieceCache, Pixels, Pyramid, Source, map_rect_of
from app.canvas.stitching import (
    CELL_LEVEL,
    CELL_PX,
    OVERVIEW_LEVEL,
    ArtOverview,
    Pictures,
    pictures,
)
from app.canvas.wanted import Look
from app.workspace.workspace import Workspace
from generation.plan.stitch import RawWindow, Stitch
from painter.document import Document
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

SOURCES: tuple[Source, ...] = ("art",)

Cell = tuple[int, int]
_JOBS = 2
_PROBLEM = "bug:art"


class ArtPieces(QObject):
    """Asks for, patches and forgets pieces of the stitched map; GUI thread.

    Fine pieces are stitched one by one. Coarse ones are put together from cells of 1024 px; the
    old picture stays until a cell is there.

    Signals:
        changed: a `Rect` in map px whose picture is newer.

    Args:
        workspace: whose map is shown.
        cache: where the pieces are.
    """

    changed = Signal(object)

    def __init__(
        self, workspace: Workspace, cache: PieceCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._cache = cache
        self._pyramid = Pyramid(1, 1)
        self._document: Document | None = None
        self._look: Look | None = None
        self._overview = ArtOverview(self._pyramid)
        self._known: dict[TileCoord, tuple[RawWindow, object]] = {}
        self._kept: dict[tuple[int, int], tuple[object, object]] = {}
        self._cells: set[Cell] = set()
        self._rough: dict[Key, set[Cell]] = {}
        self._jobs: dict[Key, bool] = {}
        self._broken: set[Key] = set()
        self._idle = False
        self._stitch: Stitch | None = None
        self._made_of: tuple[object, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether anything that shows is still to be stitched."""
        return bool(self._jobs) or bool(self._wanted(1))

    @property
    def any(self) -> bool:
        """Whether there is anything finished to be shown."""
        return bool(self._overview or self._known or self._cells or self._kept)

    def open(self, document: Document | None, pyramid: Pyramid) -> None:
        """Show another document."""
        self._document, self._pyramid, self._look = document, pyramid, None
        self._overview = ArtOverview(pyramid)
        self._known, self._kept = {}, {}
        self._stitch = None
        for held in (self._cells, self._rough, self._jobs, self._broken):
            held.clear()
        self._cache.drop(SOURCES)
        if document is not None:
            self.note_protect(pyramid.map_rect)
            self.note_tiles()

    def look(self, look: Look) -> None:
        """Say what shows now."""
        self._look = look

    def note_tiles(self) -> None:
        """Look which finished tiles came, went or have another picture."""
        stitch, grid = self._workspace.stitch(), self._workspace.grid
        if self._document is None or grid is None:
            return
        files = self._document.project.content.tiles
        windows = () if stitch is None else stitch.windows
        now = {raw.tile: raw for raw in windows}
        for tile, raw in now.items():
            names = files.get((tile.row, tile.col))
            known = self._known.get(tile)
            if known is not None and (known[0] is raw or _same(known, raw, names)):
                continue
            self._known[tile] = (raw, names)
            self._dirty_window(grid, raw.window)
            if known is not None:
                self._dirty_window(grid, known[0].window)
        for tile in self._known.keys() - now.keys():
            self._dirty_window(grid, self._known.pop(tile)[0].window)

    def note_protect(self, rect: Rect) -> None:
        """Look whether protected pixels of a rectangle are others than before."""
        assert self._document is not None
        content = self._document.project.content
        protect, art = content.protect, content.art
        if not (protect.blocks or self._kept):
            return
        for position, _ in protect.touched(rect.intersect(protect.map_rect)):
            now = protect.blocks.get(position), art.blocks.get(position)
            was = self._kept.get(position, (None, None))
            if now[0] is not was[0] or now[1] is not was[1]:
                if now[0] is None:
                    self._kept.pop(position, None)
                else:
                    self._kept[position] = now
                self.dirty(protect.block_rect(position))

    def dirty(self, rect: Rect) -> None:
        """The stitched map looks different in a rectangle of the map."""
        inside = rect.intersect(self._pyramid.map_rect)
        if not inside.area:
            return
        for key in self._cache.touching(self._pyramid, inside, SOURCES):
            piece = self._cache.peek(key)
            if key.level <= CELL_LEVEL and piece is not None:
                piece.stale = True
        columns, rows = self._pyramid.places(CELL_LEVEL, inside)
        self._cells.update((column, row) for row in rows for column in columns)
        for key in self._jobs:
            area = self._pyramid.area(key.level, key.column, key.row)
            if map_rect_of(key.level, area).intersect(inside).area:
                self._jobs[key] = True
        self._broken.clear()

    def repair(self, *, idle: bool = False) -> None:
        """Prepare what shows, and have the io thread stitch what is missing.

        Args:
            idle: whether to stitch what does not show yet, too.
        """
        look = self._look
        self._idle = idle
        if look is None or "art" not in look.sources or not self.any:
            return
        coarse = look.keys(self._pyramid, SOURCES) if look.level > CELL_LEVEL else []
        top = Key("art", self._pyramid.levels - 1, 0, 0)
        for key in [*coarse, *([top] if top.level > CELL_LEVEL else [])]:
            if key not in self._cache:
                self._begin(key)
        wanted = self._wanted(_JOBS - len(self._jobs))
        if idle and not wanted and not self._jobs and top.level > CELL_LEVEL:
            wanted = self._sorted(self._cells, look)[:1]
        for key in wanted:
            self._submit(key)

    # --- what is wanted ---

    def _wanted(self, count: int) -> list[Key]:
        """Up to so many pieces, or cells as pieces of their level, to be stitched next."""
        look = self._look
        if count <= 0 or look is None or "art" not in look.sources or not self.any:
            return []
        if look.level > CELL_LEVEL:
            return self._wanted_cells(look, count)
        found = []
        for key in look.keys(self._pyramid, SOURCES, idle=True):
            piece = self._cache.peek(key)
            idle = key in self._jobs or key in self._broken or key.level > CELL_LEVEL
            if (piece is None or piece.stale) and not idle:
                found.append(key)
                if len(found) == count:
                    break
        return found

    def _wanted_cells(self, look: Look, count: int) -> list[Key]:
        columns, rows = self._pyramid.places(CELL_LEVEL, look.rect)
        if len(columns) * len(rows) < len(self._cells):
            every = ((column, row) for row in rows for column in columns)
            found = [cell for cell in every if cell in self._cells]
        else:
            found = [cell for cell in self._cells if cell[0] in columns and cell[1] in rows]
        if look.level < OVERVIEW_LEVEL:
            for key in look.keys(self._pyramid, SOURCES):
                found += self._rough.get(key, ())
        return self._sorted(found, look)[:count]

    def _sorted(self, cells: Iterable[Cell], look: Look) -> list[Key]:
        """Cells to be stitched, those nearest to the middle first."""
        x = (look.rect.x + look.rect.width / 2) / CELL_PX - 0.5
        y = (look.rect.y + look.rect.height / 2) / CELL_PX - 0.5
        keys = [Key("art", CELL_LEVEL, *cell) for cell in set(cells)]
        keys = [key for key in keys if key not in self._jobs and key not in self._broken]
        keys.sort(key=lambda key: (key.column - x) ** 2 + (key.row - y) ** 2)
        return keys

    def _begin(self, key: Key) -> None:
        """Make a coarse piece from the overview; finer cells come later."""
        area = self._pyramid.area(key.level, key.column, key.row)
        piece = Piece(area.shape, opaque=False)
        pixels = self._overview.picture(key.level, area)
        self._cache.show(key, piece, pixels)
        if key.level < OVERVIEW_LEVEL and any(pixels.strides[:2]):
            columns, rows = self._pyramid.places(CELL_LEVEL, map_rect_of(key.level, area))
            self._rough[key] = {(column, row) for row in rows for column in columns}

    # --- stitching ---

    def _submit(self, key: Key) -> None:
        stitch = self._stitch_now()
        self._jobs[key] = False
        area = self._pyramid.area(key.level, key.column, key.row)
        rect = map_rect_of(key.level, area).intersect(self._pyramid.map_rect)
        last = OVERVIEW_LEVEL if key.level == CELL_LEVEL else key.level
        levels = range(key.level, last + 1)
        if stitch is None:
            self._on_made(self._document, key, None)
            return
        self._workspace.tasks.submit(
            partial(pictures, stitch, rect, levels),
            partial(self._on_made, self._document, key),
            failed=partial(self._on_failed, self._document, key),
            name="art",
        )

    def _stitch_now(self) -> Stitch | None:
        """The finished tiles, with the protected art as it is now."""
        grid, stitch = self._workspace.grid, self._workspace.stitch()
        if grid is None or self._document is None:
            return None
        content = self._document.project.content
        made_of = (stitch, content.protect, content.art)
        if self._stitch is None or any(
            a is not b for a, b in zip(made_of, self._made_of, strict=True)
        ):
            reader = self._document.snapshot()
            if stitch is None:
                self._stitch = Stitch(grid, (), _no_pixels, reader)
            else:
                self._stitch = replace(stitch, reader=reader)
            self._made_of = made_of
        return self._stitch

    def _on_made(self, document: Document | None, key: Key, found: Pictures | None) -> None:
        if document is not self._document or key not in self._jobs:
            return
        spoiled = self._jobs.pop(key)
        area = self._pyramid.area(key.level, key.column, key.row)
        rect = map_rect_of(key.level, area).intersect(self._pyramid.map_rect)
        look = self._look
        if look is not None and look.level <= CELL_LEVEL:
            piece = self._cache.peek(key) or Piece(area.shape, opaque=False)
            piece.stale = spoiled
            self._cache.show(key, piece, _nothing(area) if found is None else found[key.level])
        if key.level == CELL_LEVEL:
            self._take_cell((key.column, key.row), rect, found, spoiled=spoiled)
        self.repair(idle=self._idle)
        self.changed.emit(rect)

    def _take_cell(self, cell: Cell, rect: Rect, found: Pictures | None, *, spoiled: bool) -> None:
        """Put a stitched cell into the overview and into every coarse piece that shows it."""
        place = self._pyramid.covered(OVERVIEW_LEVEL, rect)
        self._overview.write(place, None if found is None else found[OVERVIEW_LEVEL])
        if not spoiled:
            self._cells.discard(cell)
        for key in self._cache.touching(self._pyramid, rect, SOURCES):
            if key.level <= CELL_LEVEL:
                continue
            area = self._pyramid.area(key.level, key.column, key.row)
            part = self._pyramid.covered(key.level, rect).intersect(area)
            if key.level >= OVERVIEW_LEVEL:
                pixels = self._overview.picture(key.level, part)
            else:
                pixels = _nothing(part) if found is None else found[key.level]
                self._refine(key, cell)
            self._cache.patch(key, part.shifted(-area.x, -area.y), pixels)

    def _refine(self, key: Key, cell: Cell) -> None:
        left = self._rough.get(key)
        if left is not None:
            left.discard(cell)
            if not left:
                del self._rough[key]

    def _on_failed(self, document: Document | None, key: Key, error: BaseException) -> None:
        if document is not self._document:
            return
        self._jobs.pop(key, None)
        self._broken.add(key)
        self._workspace.report_error(_PROBLEM, "warning", error)

    def _dirty_window(self, grid: Grid, window: Rect) -> None:
        """A window's pixels are others; on a wrapped map it may reach over the rim."""
        width, height = grid.map_width_px, grid.map_height_px
        for dx in (-width, 0, width) if grid.wrap_x else (0,):
            for dy in (-height, 0, height) if grid.wrap_y else (0,):
                self.dirty(window.shifted(dx, dy))


def _same(known: tuple[RawWindow, object], raw: RawWindow, names: object) -> bool:
    """Whether a window that was read anew is the one that is known."""
    was, were_names = known
    same_place = was.window == raw.window and was.anchors == raw.anchors
    return names == were_names and same_place and was.soft_px == raw.soft_px


def _nothing(area: Rect) -> Pixels:
    return np.broadcast_to(np.zeros(4, dtype=np.uint8), (*area.shape, 4))


def _no_pixels(tile: TileCoord) -> Pixels:
    raise LookupError(f"tile {tile} is not finished")
