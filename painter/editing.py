"""One open edit of a document: begun, extended, then committed as one undo step or aborted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from painter import fill, wrapping
from painter.brush import Brush, PenPoint
from painter.coverage import covered, line_bounds
from painter.edits import Delta, LayerEdit
from painter.saving import Content
from painter.shapes import checked_polygon, polygon_bounds, polygon_mask
from painter.steps import LayerName, StrokeSplice
from zones.errors import InputError
from zones.geometry import Rect
from zones.strokes import Stroke

ArtReader = Callable[[Rect], npt.NDArray[np.uint8]]
"""Gives RGB uint8 (h, w, 3) of the map as it looks in a rectangle."""


@dataclass(frozen=True, slots=True)
class ZoneInk:
    """Paints zones.

    Attributes:
        zone: id in the palette; 0 erases.
    """

    zone: int


@dataclass(frozen=True, slots=True)
class ProtectInk:
    """Protects pixels, or gives them free again.

    Attributes:
        on: protect or free.
        art: shows what newly protected pixels look like, to be kept; None keeps what was kept.
    """

    on: bool = True
    art: ArtReader | None = None


Ink = ZoneInk | ProtectInk
ERASER = ZoneInk(0)

Finish = Callable[["Edit", bool], bool]
"""Takes an edit that is over, and whether to keep it; returns whether anything changed."""


class Edit:
    """An open edit. Nothing of it shows in snapshots before `commit`.

    Used as a context manager it commits at the end of the block and aborts on an exception.

    Args:
        content: what is edited.
        label: what it is, for people.
        finish: called once, when it is over.
    """

    def __init__(self, content: Content, label: str, finish: Finish) -> None:
        self.content = content
        self.label = label
        self.strokes: tuple[Stroke, ...] = content.strokes
        self._finish = finish
        self._open = True

    @cached_property
    def zones(self) -> LayerEdit[np.uint8]:
        """The zones being edited."""
        return LayerEdit(self.content.zones)

    @cached_property
    def protect(self) -> LayerEdit[np.bool_]:
        """The protection being edited."""
        return LayerEdit(self.content.protect)

    @cached_property
    def art(self) -> LayerEdit[np.uint8]:
        """The kept pixels being edited."""
        return LayerEdit(self.content.art)

    @property
    def map_rect(self) -> Rect:
        """The whole map."""
        return self.content.zones.map_rect

    @property
    def is_open(self) -> bool:
        """Whether it is neither committed nor aborted."""
        return self._open

    def paint(self, ink: Ink, rect: Rect, mask: npt.NDArray[np.bool_] | None = None) -> None:
        """Give pixels an ink.

        Args:
            ink: what they become.
            rect: in map px, inside the map.
            mask: bool (rect.height, rect.width), which pixels; None means all.

        Raises:
            InputError: the zone is not in the palette.
        """
        self.check_ink(ink)
        if isinstance(ink, ZoneInk):
            self.zones.fill(rect, ink.zone, mask)
            return
        if ink.on and ink.art is not None:
            fresh = ~self.protect.read(rect)
            fresh = fresh if mask is None else fresh & mask
            if fresh.any():
                self.art.paste(rect, ink.art(rect), fresh)
        self.protect.fill(rect, ink.on, mask)

    def paint_rectangle(self, ink: Ink, rect: Rect) -> Rect:
        """Fill a rectangle; on a wrapped map what reaches over an edge goes on opposite.

        Returns:
            The smallest rectangle around what was filled.
        """
        filled = list(wrapping.parts(rect, self.map_rect, self.content.header.wrap))
        for inside in filled:
            if isinstance(ink, ZoneInk) or ink.art is None:
                self.paint(ink, inside)
                continue
            for _, common in self.zones.layer.touched(inside):
                self.paint(ink, common)
        return wrapping.around(filled)

    def paint_polygon(self, ink: Ink, corners: npt.ArrayLike) -> Rect:
        """Fill a polygon (even-odd rule); on a wrapped map it goes on at the opposite edge.

        Args:
            ink: what the pixels become whose centres lie inside.
            corners: (n, 2) in map px, n >= 3; may lie beyond the map.

        Returns:
            The smallest rectangle around what may have changed.

        Raises:
            InputError: not a polygon, or the zone is not in the palette.
        """
        return wrapping.around(self.walk_polygon(ink, corners))

    def walk_polygon(self, ink: Ink, corners: npt.ArrayLike) -> Iterator[Rect]:
        """Fill a polygon as `paint_polygon`, block by block: it may stop after any of them.

        Yields:
            The rectangle that was looked at last, changed or not.
        """
        points = checked_polygon(corners)
        bounds = polygon_bounds(points)
        for dx, dy in wrapping.shifts(bounds, self.map_rect, self.content.header.wrap):
            moved = points + np.array([dx, dy], dtype=np.float64)
            inside = bounds.shifted(dx, dy).intersect(self.map_rect)
            for _, common in self.zones.layer.touched(inside):
                mask = polygon_mask(moved, common)
                if mask is not False:
                    self.paint(ink, common, None if mask is True else np.asarray(mask))
                yield common

    def paint_line(
        self, ink: Ink, brush: Brush, start: PenPoint, end: PenPoint, *, goes_on: bool = False
    ) -> list[Rect]:
        """Draw a straight line with a brush; on a wrapped map it goes on at the opposite edge.

        Args:
            ink: what the pixels become.
            brush: what is drawn with.
            start: where the line begins.
            end: where it ends.
            goes_on: whether this edit has drawn with the same ink and brush up to the start
                already, so that only what is new is painted; the map becomes the same.

        Returns:
            The rectangles of the map that changed.
        """
        changed = []
        bounds, wrap = line_bounds(brush, start, end), self.content.header.wrap
        for dx, dy in wrapping.shifts(bounds, self.map_rect, wrap):
            ends = start.shifted(dx, dy), end.shifted(dx, dy)
            for cells in covered(brush, *ends, self.map_rect, goes_on=goes_on):
                for rect, mask in cells:
                    self.paint(ink, rect, mask)
                changed.append(wrapping.around(rect for rect, _ in cells))
        return changed

    def check_ink(self, ink: Ink) -> None:
        """Raise InputError for a zone that is not in the palette."""
        if isinstance(ink, ZoneInk) and ink.zone not in self.content.palette.valid_ids | {0}:
            raise InputError(f"the palette has no zone {ink.zone}; choose one of its zones")

    def deltas(self) -> Iterator[tuple[LayerName, Delta]]:
        """What has changed in each layer that was touched."""
        layers: tuple[LayerName, ...] = ("zones", "protect", "art")
        for name in layers:
            if name in vars(self):
                delta = getattr(self, name).finish()
                if delta:
                    yield name, delta

    def splice(self) -> StrokeSplice | None:
        """What has changed among the strokes."""
        return StrokeSplice.between(self.content.strokes, self.strokes)

    def commit(self) -> bool:
        """Keep the edit as one undo step; returns whether anything changed.

        Raises:
            InputError: a stroke breaks a rule; the edit is aborted.
            RuntimeError: it is over already.
        """
        return self._close(keep=True)

    def abort(self) -> None:
        """Forget the edit; the map is as it was before. Nothing happens if it is over."""
        if self._open:
            self._close(keep=False)

    def _close(self, *, keep: bool) -> bool:
        if not self._open:
            raise RuntimeError("this edit is over")
        self._open = False
        return self._finish(self, keep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.abort()
        elif self._open:
            self.commit()


class BrushStroke(Edit):
    """A brush stroke: pen positions as they come."""

    def start(self, ink: Ink, brush: Brush) -> Self:
        """Say what it draws with; call it before `extend`."""
        self.check_ink(ink)
        self._ink, self._brush = ink, brush
        self._last: PenPoint | None = None
        return self

    def extend(self, point: PenPoint) -> list[Rect]:
        """Draw on to a point; returns the rectangles of the map that changed.

        Raises:
            InputError: a block's file is missing or damaged; the stroke is aborted.
        """
        last, self._last = self._last, point
        begin = point if last is None else last
        try:
            return self.paint_line(self._ink, self._brush, begin, point, goes_on=last is not None)
        except InputError:
            self.abort()
            raise


class FillJob(Edit):
    """A fill that goes on block by block and can be aborted at any time."""

    def start(self, walk: Callable[[LayerEdit[np.uint8]], fill.Walk]) -> Self:
        """Say what walks over the zones; call it before `advance`."""
        self._walk = walk(self.zones)
        self.changed_px: int | None = None
        return self

    def advance(self, budget_s: float = 0.01) -> list[Rect]:
        """Go on for about `budget_s` seconds; returns the rectangles that changed.

        Raises:
            InputError: the fill is larger than allowed; it is aborted.
        """
        until, changed = time.monotonic() + budget_s, []
        try:
            while self.changed_px is None:
                changed.append(next(self._walk))
                if time.monotonic() >= until:
                    break
        except StopIteration as end:
            self.changed_px = end.value
        except InputError:
            self.abort()
            raise
        return changed

    @property
    def done(self) -> bool:
        """Whether the fill has reached its end, so that `commit` keeps all of it."""
        return self.changed_px is not None

    def run(self) -> bool:
        """Go on to the end and commit; returns whether anything changed."""
        while not self.done:
            self.advance(1.0)
        return self.commit()
