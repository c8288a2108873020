"""Keeps the pieces that show what is painted up to date, a little at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.canvas.overview import FIRST_LEVEL, Overview, cells_of
from app.canvas.pieces import Key, Piece, PieceCache, Pixels, Pyramid, Source, map_rect_of
from app.canvas.sampling import Ids, Sampler, positions_of
from app.canvas.sketch import SketchMaker
from app.canvas.thinning import StrokeSet
from app.canvas.wanted import Look
from app.workspace.workspace import Workspace
from painter.document import Document
from painter.layers import Held, Position
from painter.snapshot import MapSnapshot
from zones.geometry import Rect

SOURCES: tuple[Source, ...] = ("zones", "sketch")

_MANY_STROKES = 24
"""Pieces with more strokes than this are made on the io thread."""

_JOBS = 2
"""Pieces that are being made on the io thread at the same time; few, so that the newest wish of
the view comes soon."""

_BLOCKS_PER_JOB = 16
_CHECK_EVERY = 4
_PROBLEM = "bug:canvas"


class PaintedPieces(QObject):
    """Makes, patches and forgets pieces of zones and stencils; GUI thread.

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
        self._document: Document | None = None
        self._pyramid = Pyramid(1, 1)
        self._look: Look | None = None
        self._pending: list[Rect] = []
        self._jobs: dict[Key, bool] = {}
        self._learning = False
        self._broken: set[Key | Position] = set()
        self._strokes = StrokeSet(())
        self.overview: Overview | None = None

    @property
    def waiting(self) -> bool:
        """Whether anything is still to be made, now or once the io thread has answered."""
        unknown = self.overview is not None and self.overview.unknown
        wanted = next(self._wanted(idle=True), None) is not None
        return bool(self._jobs or self._pending) or unknown or wanted

    def open(self, document: Document | None, pyramid: Pyramid) -> None:
        """Show another document."""
        self._document, self._pyramid = document, pyramid
        self._look = None
        self._pending.clear()
        self._jobs.clear()
        self._learning = False
        self._strokes = StrokeSet(())
        self.overview = None
        if document is not None and pyramid.levels > FIRST_LEVEL:
            self.overview = Overview(pyramid.map_rect)
            self.overview.begin(document.project.content.zones.blocks)
        self._broken.clear()
        self._cache.drop(SOURCES)

    def renew(self) -> None:
        """The palette may be another one: every picture is out of date."""
        for _, piece in self._cache.items(SOURCES):
            piece.stale = True
        for key in self._jobs:
            self._jobs[key] = True
        self._broken.clear()

    def look(self, look: Look) -> None:
        """Say what shows now."""
        self._look = look

    def dirty(self, rect: Rect) -> None:
        """Zones or strokes look different in a rectangle, which may reach beyond the map."""
        inside = rect.intersect(self._pyramid.map_rect)
        if inside.area:
            self._pending.append(inside)

    def repair(self, budget_s: float, *, idle: bool = False) -> bool:
        """Work for about so long: patch what changed, make what shows.

        Args:
            budget_s: one piece may take it a little further.
            idle: whether to make what may show soon, too.

        Returns:
            Whether there is more to do at once.
        """
        if self._document is None:
            return False
        deadline = time.perf_counter() + budget_s
        self._read_strokes()
        while self._pending:
            self._apply(self._pending.pop(0), deadline)
        for key in self._wanted(idle=idle):
            self._make(key)
            if time.perf_counter() > deadline:
                return True
        coarse = self._look is not None and self._look.level >= FIRST_LEVEL
        if idle or coarse:
            return self._learn(deadline)
        return False

    # --- what changed ---

    def _read_strokes(self) -> None:
        assert self._document is not None
        if self._document.strokes is not self._strokes.strokes:
            self._strokes = StrokeSet(self._document.strokes, self._strokes)

    def _apply(self, rect: Rect, deadline: float) -> None:
        """Patch what shows of a rectangle while there is time; the rest becomes stale."""
        if self.overview is not None:
            self.overview.wait_for(rect)
            if self._look is not None and self._look.level >= FIRST_LEVEL:
                self._learn(deadline)
        for key in self._cache.touching(self._pyramid, rect, SOURCES):
            piece = self._cache.peek(key)
            if piece is None:
                continue
            in_time = time.perf_counter() <= deadline
            if in_time and not piece.stale and self._shows(key) and self._patch(key, rect):
                continue
            piece.stale = True
        self._spoil_jobs(rect)
        self._broken.clear()

    def _spoil_jobs(self, rect: Rect, first_level: int = 0) -> None:
        """What is being made of a rectangle is of yesterday once it comes."""
        for key in self._jobs:
            area = self._pyramid.area(key.level, key.column, key.row)
            if key.level >= first_level and map_rect_of(key.level, area).intersect(rect).area:
                self._jobs[key] = True

    def _patch(self, key: Key, rect: Rect) -> bool:
        """Draw a part of a piece anew, if that is quick."""
        area = self._pyramid.area(key.level, key.column, key.row)
        part = self._pyramid.covered(key.level, rect).intersect(area)
        if not part.area:
            return True
        if not self._quick(key, part):
            return False
        pixels = self._maker(key.source).picture(key.level, part)
        self._cache.patch(key, part.shifted(-area.x, -area.y), pixels)
        return True

    def _shows(self, key: Key) -> bool:
        look = self._look
        if look is None or key.level != look.level or key.source not in look.sources:
            return False
        columns, rows = look.places
        return key.column in columns and key.row in rows

    # --- pieces ---

    def _wanted(self, *, idle: bool) -> Iterator[Key]:
        """Pieces to be made, most urgent first."""
        look = self._look
        if look is None or self._document is None:
            return
        for key in look.keys(self._pyramid, SOURCES, idle=idle):
            piece = self._cache.peek(key)
            done = piece is not None and not piece.stale
            if done or key in self._jobs or key in self._broken:
                continue
            if len(self._jobs) < _JOBS or self._quick_piece(key):
                yield key

    def _quick_piece(self, key: Key) -> bool:
        return self._quick(key, self._pyramid.area(key.level, key.column, key.row))

    def _quick(self, key: Key, area: Rect) -> bool:
        """Whether a picture can be made at once: nothing to read from disk, not many strokes."""
        assert self._document is not None
        if key.source == "sketch" and self._strokes.count(key.level, area) > _MANY_STROKES:
            return False
        if self.overview is not None and key.level >= FIRST_LEVEL:
            return True
        held = self._document.held_zones
        places = positions_of(key.level, area, self._size)
        return not any(isinstance(held(position), str) for position in places)

    def _make(self, key: Key) -> None:
        area = self._pyramid.area(key.level, key.column, key.row)
        if self._quick(key, area):
            self._install(key, self._maker(key.source).picture(key.level, area))
            self.changed.emit(map_rect_of(key.level, area))
            return
        assert self._document is not None
        self._jobs[key] = False
        maker = self._maker(key.source, self._document.snapshot())
        self._workspace.tasks.submit(
            partial(maker.picture, key.level, area),
            partial(self._on_picture_made, self._document, key),
            failed=partial(self._on_picture_failed, self._document, key),
            name="map",
        )

    def _install(self, key: Key, pixels: Pixels) -> Piece:
        area = self._pyramid.area(key.level, key.column, key.row)
        piece = self._cache.peek(key) or Piece(area.shape)
        piece.stale = False
        self._cache.show(key, piece, pixels)
        return piece

    def _on_picture_made(self, document: Document, key: Key, pixels: Pixels) -> None:
        if document is not self._document or key not in self._jobs:
            return
        spoiled = self._jobs.pop(key)
        self._install(key, pixels).stale = spoiled
        self._patch_open_edit(key)
        area = self._pyramid.area(key.level, key.column, key.row)
        self.changed.emit(map_rect_of(key.level, area))

    def _on_picture_failed(self, document: Document, key: Key, error: BaseException) -> None:
        if document is not self._document:
            return
        self._jobs.pop(key, None)
        self._broken.add(key)
        self._workspace.report_error(_PROBLEM, "error", error)

    def _patch_open_edit(self, key: Key) -> None:
        """Draw what an open edit has done into a piece that was made without it."""
        assert self._document is not None
        blocks = self._document.project.content.zones.blocks
        if key.level >= FIRST_LEVEL and self.overview is not None:
            return
        area = self._pyramid.area(key.level, key.column, key.row)
        for position in positions_of(key.level, area, self._size):
            if self._document.held_zones(position) is not blocks.get(position):
                rect = self._document.project.content.zones.block_rect(position)
                piece = self._cache.peek(key)
                if piece is not None and not self._patch(key, rect):
                    piece.stale = True

    # --- what they are made from ---

    @property
    def _size(self) -> tuple[int, int]:
        return self._pyramid.map_rect.width, self._pyramid.map_rect.height

    def _maker(self, source: Source, snapshot: MapSnapshot | None = None) -> SketchMaker:
        assert self._document is not None
        block = self._block if snapshot is None else snapshot.zones.block
        sampler = Sampler(*self._size, block, self.overview)
        strokes = self._strokes if source == "sketch" else None
        return SketchMaker(sampler, self._document.project.palette, strokes)

    def _block(self, position: Position) -> Ids | None:
        assert self._document is not None
        held = self._document.held_zones(position)
        if isinstance(held, str):
            return self._document.project.content.zones.block(position)
        return held

    # --- the overview ---

    def _learn(self, deadline: float) -> bool:
        """Read waiting blocks into the overview; whether there is more to do at once."""
        if self.overview is None or self._document is None:
            return False
        seen: list[Rect] = []
        while self.overview.waiting:
            position, _ = self.overview.waiting.popitem()
            if isinstance(self._document.held_zones(position), str):
                self.overview.on_disk[position] = None
            else:
                seen.append(self.overview.learn(position, cells_of(self._block(position))))
            if len(seen) % _CHECK_EVERY == 0 and time.perf_counter() > deadline:
                break
        if seen:
            self._redraw_coarse(seen)
        self._learn_files()
        return bool(self.overview.waiting)

    def _learn_files(self) -> None:
        """Have the io thread read a few blocks."""
        assert self._document is not None
        if self._learning or self.overview is None or not self.overview.on_disk:
            return
        positions = self.overview.take_files(_BLOCKS_PER_JOB)
        self._learning = True
        layer = self._document.snapshot().zones
        self._workspace.tasks.submit(
            lambda: [(position, cells_of(layer.block(position))) for position in positions],
            partial(self._on_cells_read, self._document, layer.blocks),
            failed=partial(self._on_cells_failed, self._document),
            name="map",
        )

    def _on_cells_read(
        self,
        document: Document,
        blocks: Mapping[Position, Held],
        found: list[tuple[Position, Ids | int]],
    ) -> None:
        if document is not self._document or self.overview is None:
            return
        self._learning = False
        now = document.project.content.zones.blocks
        seen = []
        for position, cells in found:
            seen.append(self.overview.learn(position, cells))
            if now.get(position) is not blocks.get(position):
                self.overview.waiting[position] = None
        self._redraw_coarse(seen)

    def _on_cells_failed(self, document: Document, error: BaseException) -> None:
        if document is not self._document:
            return
        self._learning = False
        self._workspace.report_error(_PROBLEM, "error", error)

    def _redraw_coarse(self, rects: list[Rect]) -> None:
        """Draw pieces anew that show blocks which the overview has learnt."""
        around = _around(rects)
        for key in self._cache.touching(self._pyramid, around, SOURCES):
            piece = self._cache.peek(key)
            if key.level >= FIRST_LEVEL and piece is not None:
                piece.stale = True
        self._spoil_jobs(around, FIRST_LEVEL)
        self.changed.emit(around)


def _around(rects: list[Rect]) -> Rect:
    """The smallest rectangle around all of them."""
    corners = np.array([(rect.x, rect.y, rect.right, rect.bottom) for rect in rects])
    x, y = corners[:, :2].min(axis=0).tolist()
    right, bottom = corners[:, 2:].max(axis=0).tolist()
    return Rect(x, y, right - x, bottom - y)
