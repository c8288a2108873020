"""Strokes at coarse mip levels: scaled, with only as many points as can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect
from zones.strokes import Stroke, prepare

_LEAST_STEP_PX = 0.75
"""Points that are closer together than this, in px of the level, are left out."""

_LEAST_WIDTH_PX = 1.5
"""Thinner ones are drawn this wide, in px of the level: thinner lines cannot be drawn."""

_REACH_PX = 2
"""So far beyond a stroke's bounds its soft rim may show, in px of the level."""

_LEAST_SIDE_PX = 1.5
"""Strokes that are smaller than this in both directions, in px of the level, are left out."""


class StrokeSet:
    """The strokes of a map at one moment, found by place; any thread may read it.

    Args:
        strokes: in paint order.
        old: the set before, whose thinned strokes are taken over where they are the same.
    """

    def __init__(self, strokes: Sequence[Stroke], old: StrokeSet | None = None) -> None:
        self.strokes = tuple(strokes)
        self._thinned: dict[int, dict[int, tuple[Stroke, Stroke | None]]] = {}
        if old is not None:
            here = {id(stroke) for stroke in self.strokes}
            self._thinned = {
                level: {key: pair for key, pair in list(kept.items()) if key in here}
                for level, kept in list(old._thinned.items())  # noqa: SLF001 - of this class
            }

    def near(self, level: int, area: Rect) -> tuple[Stroke, ...]:
        """Strokes that may show in a part of a level, scaled to it, in paint order."""
        if not self.strokes:
            return ()
        side = 1 << level
        left, top, right, bottom = self._bounds.T
        around = area.grown(_REACH_PX)
        near = (left < around.right * side) & (right > around.x * side)
        near &= (top < around.bottom * side) & (bottom > around.y * side)
        if level:
            near &= self._sides >= _LEAST_SIDE_PX * side
        numbers = np.flatnonzero(near).tolist()
        if not level:
            return tuple(self.strokes[number] for number in numbers)
        kept = self._thinned.setdefault(level, {})
        fresh = [self.strokes[n] for n in numbers if id(self.strokes[n]) not in kept]
        if fresh:
            _thin(fresh, level, kept)
        found = (kept[id(self.strokes[number])][1] for number in numbers)
        return tuple(stroke for stroke in found if stroke is not None)

    def count(self, level: int, area: Rect) -> int:
        """How many strokes may show in a part of a level; cheap."""
        if not self.strokes:
            return 0
        side = 1 << level
        left, top, right, bottom = self._bounds.T
        near = (left < area.right * side) & (right > area.x * side)
        near &= (top < area.bottom * side) & (bottom > area.y * side)
        return int(np.count_nonzero(near))

    @cached_property
    def _bounds(self) -> npt.NDArray[np.float64]:
        return np.array([stroke.bounds for stroke in self.strokes], dtype=np.float64)

    @cached_property
    def _sides(self) -> npt.NDArray[np.float64]:
        left, top, right, bottom = self._bounds.T
        return np.asarray(np.maximum(right - left, bottom - top))


def _thin(
    strokes: Sequence[Stroke], level: int, kept: dict[int, tuple[Stroke, Stroke | None]]
) -> None:
    """Scale strokes to a level, together, into `kept`."""
    made = [Stroke(s.kind, thinned(s.points, level), s.mu, s.flow) for s in strokes]
    prepare([stroke for stroke in made if stroke.flow is None])
    for stroke, small in zip(strokes, made, strict=True):
        kept[id(stroke)] = (stroke, small)


def thinned(points: npt.NDArray[np.float64], level: int) -> npt.NDArray[np.float64]:
    """A stroke's points in px of a level, without those that cannot be told apart.

    Args:
        points: float64 (n, 3), x, y and width in map px.
        level: mip level.

    Returns:
        float64 (k, 3), k >= 1; the first and the last point are kept.
    """
    small = points / (1 << level)
    small[:, 2] = np.maximum(small[:, 2], _LEAST_WIDTH_PX)
    if len(small) <= 2:  # noqa: PLR2004 - both ends
        return small
    steps = np.hypot(np.diff(small[:, 0]), np.diff(small[:, 1]))
    cells = np.floor(np.concatenate([[0.0], np.cumsum(steps)]) / _LEAST_STEP_PX)
    keep = np.concatenate([[True], np.diff(cells) > 0])
    keep[-1] = True
    return np.asarray(small[keep])
