"""The outline of a stroke as a few polygons and discs, so that drawing it takes few calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

_Points = npt.NDArray[np.float64]

_BLOCK = 16
"""Stretches of line in one polygon at most."""

_GENTLE_COS = float(np.cos(np.radians(20)))
"""Bends up to this angle are mitred; sharper ones get a round joint."""

_BLOCK_TURN = float(np.radians(90))
"""A polygon whose stretches turn further in all could meet itself and is cut up."""

_SPILL_PX = 0.7
"""How far OpenCV's anti-aliased fill reaches beyond a polygon's edge, on average."""

_LEAST_HALF_PX = 0.05
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Outline:
    """Filled shapes whose union is the stroke.

    Attributes:
        polygons: float64 (k, 2) corners each, none of which meets itself.
        boxes: float64 (len(polygons), 4): left, top, right, bottom of each polygon.
        discs: float64 (m, 3): x, y and radius.
    """

    polygons: tuple[_Points, ...]
    boxes: _Points
    discs: _Points

    def polygons_near(self, rect: Rect) -> Iterator[_Points]:
        """The polygons that can show in a rectangle."""
        if not self.polygons:
            return
        low, high = self.boxes[:, :2] - 2, self.boxes[:, 2:] + 2
        near = (low < (rect.right, rect.bottom)) & (high > (rect.x, rect.y))
        for index in np.flatnonzero(near.all(axis=1)):
            yield self.polygons[index]

    def discs_near(self, rect: Rect) -> Iterator[tuple[float, float, float]]:
        """The discs that can show in a rectangle."""
        centres, reach = self.discs[:, :2], self.discs[:, 2:] + 2
        near = (centres - reach < (rect.right, rect.bottom)) & (centres + reach > (rect.x, rect.y))
        yield from self.discs[near.all(axis=1)].tolist()


def outline_of(points: _Points) -> Outline:
    """Outline of a chain of points.

    Args:
        points: float64 (n, 3): x, y and full width in px, n >= 1.

    Returns:
        Shapes already drawn in by what anti-aliasing spills over their edges.
    """
    chain = _distinct(points)
    half = np.maximum(chain[:, 2] / 2 - _SPILL_PX, _LEAST_HALF_PX)
    if len(chain) == 1:
        return Outline((), np.empty((0, 4)), np.column_stack([chain[:, :2], half]))
    sides = _Sides.of(chain[:, :2], half)
    polygons = tuple(sides.polygon(first, last) for first, last in sides.runs())
    boxes = np.array([[*polygon.min(axis=0), *polygon.max(axis=0)] for polygon in polygons])
    discs = np.column_stack([chain[:, :2], half])[sides.broken]
    return Outline(polygons, boxes, discs)


def stretches_near(starts: _Points, ends: _Points, rect: Rect) -> npt.NDArray[np.bool_]:
    """Which stretches of line come nearer to a rectangle than their width (and one px) allows.

    Args:
        starts: float64 (n, 3): x, y and full width in px where each stretch starts.
        ends: the same where it ends.
        rect: in the same space.

    Returns:
        bool (n,).
    """
    low = np.array([rect.x, rect.y], dtype=np.float64)
    high = np.array([rect.right, rect.bottom], dtype=np.float64)
    start, step = starts[:, :2], ends[:, :2] - starts[:, :2]
    reach = np.maximum(starts[:, 2], ends[:, 2]) / 2 + 1
    crossing = _cross(start, step, low, high)
    outside = [np.clip(points[:, :2], low, high) - points[:, :2] for points in (starts, ends)]
    distances = [np.hypot(gap[:, 0], gap[:, 1]) for gap in outside]
    for corner in ((low[0], low[1]), (high[0], low[1]), (low[0], high[1]), (high[0], high[1])):
        gap = np.array(corner) - start
        share = (gap * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), _TINY)
        gap -= np.clip(share, 0, 1)[:, None] * step
        distances.append(np.hypot(gap[:, 0], gap[:, 1]))
    return np.asarray(crossing | (np.min(distances, axis=0) < reach))


def _cross(start: _Points, step: _Points, low: _Points, high: _Points) -> npt.NDArray[np.bool_]:
    """Which stretches of line meet the box from `low` to `high` (slab test)."""
    safe = np.where(np.abs(step) < _TINY, _TINY, step)
    one, other = (low - start) / safe, (high - start) / safe
    enter = np.minimum(one, other).max(axis=1)
    leave = np.maximum(one, other).min(axis=1)
    return np.asarray(np.maximum(enter, 0) <= np.minimum(leave, 1))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Offsets of every stretch of line to its left and right, and where the chain is cut.

    Attributes:
        starts: (2, n-1, 2): left and right corner at the start of each stretch.
        ends: (2, n-1, 2): the same at its end.
        broken: (n,) points with a round joint or end.
    """

    starts: _Points
    ends: _Points
    broken: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, line: _Points, half: npt.NDArray[np.float64]) -> _Sides:
        """Offset a line of distinct neighbouring points by its half-widths."""
        steps = np.diff(line, axis=0)
        along = steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]
        square = np.column_stack([-along[:, 1], along[:, 0]])
        cosine = np.clip((along[:-1] * along[1:]).sum(axis=1), -1, 1)
        mitre = np.zeros_like(line)
        mitre[1:-1] = (square[:-1] + square[1:]) / np.maximum(1 + cosine, 1e-3)[:, None]
        broken = np.ones(len(line), dtype=np.bool_)
        broken[1:-1] = (cosine < _GENTLE_COS) | _in_tight_block(cosine)
        _break_folds(broken, line + mitre * half[:, None], line - mitre * half[:, None], along)
        start = np.where(broken[:-1, None], square, mitre[:-1]) * half[:-1, None]
        end = np.where(broken[1:, None], square, mitre[1:]) * half[1:, None]
        starts = np.stack([line[:-1] + start, line[:-1] - start])
        return cls(starts, np.stack([line[1:] + end, line[1:] - end]), broken)

    def runs(self) -> Iterator[tuple[int, int]]:
        """First and last stretch of every polygon."""
        cuts = self.broken.copy()
        cuts[::_BLOCK] = True
        cuts[-1] = True
        borders = np.flatnonzero(cuts).tolist()
        yield from zip(borders[:-1], [border - 1 for border in borders[1:]], strict=True)

    def polygon(self, first: int, last: int) -> _Points:
        """Corners around the stretches `first` to `last`."""
        left = [self.starts[0, first : first + 1], self.ends[0, first : last + 1]]
        right = [self.ends[1, first : last + 1][::-1], self.starts[1, first : first + 1]]
        return np.concatenate([*left, *right])


def _distinct(points: _Points) -> _Points:
    """The points without those that stand where the one before them stands."""
    moved = np.ones(len(points), dtype=np.bool_)
    moved[1:] = (np.diff(points[:, :2], axis=0) != 0).any(axis=1)
    return np.asarray(points[moved])


def _in_tight_block(cosine: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """For each inner point, whether the line turns too far in the block around it."""
    turn = np.arccos(cosine)
    block = np.arange(1, len(turn) + 1) // _BLOCK
    total = np.bincount(block, weights=turn, minlength=int(block.max(initial=0)) + 1)
    return np.asarray(total[block] > _BLOCK_TURN)


def _break_folds(
    broken: npt.NDArray[np.bool_], left: _Points, right: _Points, along: _Points
) -> None:
    """Cut the chain where a side would run backwards: the line bends tighter than it is wide."""
    for side in (left, right):
        forward = (np.diff(side, axis=0) * along).sum(axis=1)
        folded = forward <= 0
        broken[:-1] |= folded
        broken[1:] |= folded
