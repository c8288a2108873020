"""Outlines of strokes as a few polygons and discs, so that drawing them takes few calls.

Many strokes are worked out together: they are joined to one chain of points whose stretches
between two strokes (gaps) are left out at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.intp]
_Bools = npt.NDArray[np.bool_]

_BLOCK = 16
"""Stretches of line in one polygon at most."""

_GENTLE_COS = float(np.cos(np.radians(20)))
"""Bends up to this angle are mitred; sharper ones get a round joint."""

_RUN_TURN = float(np.radians(90))
"""A polygon whose stretches turn much further in all could meet itself, so it is cut there."""

_SPILL_PX = 0.67
"""How far OpenCV's anti-aliased fill reaches beyond a polygon's edge, measured on average."""

_DISC_SPILL_PX = 0.5
"""The same for its discs."""

_LEAST_HALF_PX = 0.05
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Filled shapes whose union is a stroke, already drawn in by what anti-aliasing spills.

    Attributes:
        corners: float64 (k, 2), of all polygons one after the other; no polygon meets itself.
        offsets: (polygons + 1,) where the corners of each polygon begin.
        boxes: float64 (polygons, 4): left, top, right, bottom.
        discs: float64 (m, 3): x, y and radius.
    """

    corners: _Floats
    offsets: _Ints
    boxes: _Floats
    discs: _Floats

    def polygons_near(self, rect: Rect) -> list[int]:
        """Numbers of the polygons that can show in a rectangle."""
        low, high = self.boxes[:, :2] - 2, self.boxes[:, 2:] + 2
        near = (low < (rect.right, rect.bottom)) & (high > (rect.x, rect.y))
        return list(np.flatnonzero(near.all(axis=1)).tolist())

    def discs_near(self, rect: Rect) -> _Floats:
        """The discs that can show in a rectangle, a new array (m, 3)."""
        centres, reach = self.discs[:, :2], self.discs[:, 2:] + 2
        near = (centres - reach < (rect.right, rect.bottom)) & (centres + reach > (rect.x, rect.y))
        return np.asarray(self.discs[near.all(axis=1)])


def outlines_of(strokes: Sequence[_Floats]) -> list[Outline]:
    """Outlines of chains of points.

    Args:
        strokes: float64 (n, 3) each: x, y and full width in px, n >= 1.
    """
    if len(strokes) == 1:  # a lone point has no stretch of line: join it to another, then drop that
        return outlines_of([strokes[0], strokes[0][:1]])[:1]
    chain = _Chain.joining(strokes)
    first = np.flatnonzero(chain.cuts[:-1])
    last = np.append(first[1:], len(chain.cuts) - 1) - 1
    boxes = chain.boxes(first)
    whole = ~chain.gaps[first]
    first, last, boxes = first[whole], last[whole], boxes[whole]
    corners, offsets = chain.corners(first, last)
    joints = np.flatnonzero(chain.broken)
    discs = np.column_stack([chain.line, chain.radius])[joints]
    at_polygon = np.searchsorted(first, chain.begins).tolist()
    at_disc = np.searchsorted(joints, chain.begins).tolist()
    return [
        Outline(
            corners=corners[offsets[p0] : offsets[p1]],
            offsets=offsets[p0 : p1 + 1] - offsets[p0],
            boxes=boxes[p0:p1],
            discs=discs[d0:d1],
        )
        for p0, p1, d0, d1 in zip(
            at_polygon[:-1], at_polygon[1:], at_disc[:-1], at_disc[1:], strict=True
        )
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """Strokes joined to one chain of n points, with the offsets of its n - 1 stretches.

    Attributes:
        line: float64 (n, 2) positions.
        radius: float64 (n,) of the discs as drawn.
        begins: (strokes + 1,) where each stroke's points begin.
        gaps: (n - 1,) stretches between two strokes.
        broken: (n,) points with a round joint or end.
        cuts: (n,) points where one polygon ends and the next begins, the broken ones among them.
        starts: (2, n - 1, 2) left and right corner at the start of each stretch.
        ends: (2, n - 1, 2) the same at its end.
    """

    line: _Floats
    radius: _Floats
    begins: _Ints
    gaps: _Bools
    broken: _Bools
    cuts: _Bools
    starts: _Floats
    ends: _Floats

    @classmethod
    def joining(cls, strokes: Sequence[_Floats]) -> _Chain:
        """Join strokes and offset them by their half-widths."""
        points, begins = _joined(strokes)
        line = points[:, :2]
        half = np.maximum(points[:, 2] / 2 - _SPILL_PX, _LEAST_HALF_PX)
        radius = np.maximum(points[:, 2] / 2 - _DISC_SPILL_PX, _LEAST_HALF_PX)
        gaps = np.zeros(len(line) - 1, dtype=np.bool_)
        gaps[begins[1:-1] - 1] = True
        steps = np.diff(line, axis=0)
        length = np.hypot(steps[:, 0], steps[:, 1])
        along = steps / np.maximum(length, _TINY)[:, None]
        square = along[:, ::-1] * (-1, 1)
        cosine = np.clip((along[:-1] * along[1:]).sum(axis=1), -1, 1)
        broken = np.zeros(len(line), dtype=np.bool_)
        broken[begins[:-1]] = broken[begins[1:] - 1] = True
        broken[1:-1] |= cosine < _GENTLE_COS
        mitre = np.zeros_like(line)
        mitre[1:-1] = (square[:-1] + square[1:]) / np.maximum(1 + cosine, 1e-3)[:, None]
        _break_folds(broken, _sides(line, half, square, mitre, broken), along)
        cuts = broken | _between_runs(np.where(broken[1:-1], 0, np.arccos(cosine)), begins)
        starts, ends = _sides(line, half, square, mitre, broken)
        return cls(line, radius, begins, gaps, broken, cuts, starts, ends)

    def boxes(self, first: _Ints) -> _Floats:
        """Left, top, right, bottom of the polygons that begin at the stretches `first`."""
        corners = np.concatenate([self.starts, self.ends])
        low = np.minimum.reduceat(corners.min(axis=0), first, axis=0)
        high = np.maximum.reduceat(corners.max(axis=0), first, axis=0)
        return np.concatenate([low, high], axis=1)

    def corners(self, first: _Ints, last: _Ints) -> tuple[_Floats, _Ints]:
        """Corners of the polygons around stretches `first` to `last`, and where each begins.

        A polygon goes along its left side and back along its right side.
        """
        count = last - first + 1
        offsets = np.concatenate([[0], np.cumsum(2 * count + 2)]).astype(np.intp)
        polygon = np.repeat(np.arange(len(first)), 2 * count + 2)
        step = np.arange(offsets[-1]) - offsets[polygon]
        size = count[polygon]
        right = (step > size).astype(np.intp)
        along = np.where(right, 2 * size + 1 - step, step)
        corners = self.ends[right, first[polygon] + np.maximum(along - 1, 0)]
        at_start = along == 0
        corners[at_start] = self.starts[right[at_start], first[polygon[at_start]]]
        return corners, offsets


def _joined(strokes: Sequence[_Floats]) -> tuple[_Floats, _Ints]:
    """All points but those that stand where the one before does; where each stroke begins."""
    points = np.concatenate(strokes)
    begins = np.concatenate([[0], np.cumsum([len(stroke) for stroke in strokes])])
    moved = np.ones(len(points), dtype=np.bool_)
    moved[1:] = (np.diff(points[:, :2], axis=0) != 0).any(axis=1)
    moved[begins[:-1]] = True
    kept = np.concatenate([[0], np.cumsum(moved)])
    return points[moved], kept[begins].astype(np.intp)


def _between_runs(turn: _Floats, begins: _Ints) -> _Bools:
    """Where to cut a chain so that no polygon is long or turns far, from its inner bends.

    Blocks of points are cut alike whatever part of a stroke shows, so windows agree.
    """
    turn = np.pad(turn, 1)
    number = np.arange(len(turn)) - np.repeat(begins[:-1], np.diff(begins))
    at_block = number % _BLOCK == 0
    blocks = np.flatnonzero(at_block)
    total = np.cumsum(turn)
    since = total - np.repeat(total[blocks], np.diff(np.append(blocks, len(turn))))
    part = (since // _RUN_TURN).astype(np.intp)
    at_block[1:] |= part[1:] != part[:-1]
    return np.asarray(at_block)


def _sides(
    line: _Floats, half: _Floats, square: _Floats, mitre: _Floats, broken: _Bools
) -> tuple[_Floats, _Floats]:
    """Left and right corners (2, n - 1, 2) of the stretches at their starts and at their ends.

    Stretches meet at the mitre; where the chain is broken each ends square to itself.
    """
    start = np.where(broken[:-1, None], square, mitre[:-1]) * half[:-1, None]
    end = np.where(broken[1:, None], square, mitre[1:]) * half[1:, None]
    starts = np.stack([line[:-1] + start, line[:-1] - start])
    return starts, np.stack([line[1:] + end, line[1:] - end])


def _break_folds(broken: _Bools, sides: tuple[_Floats, _Floats], along: _Floats) -> None:
    """Cut a chain where a side would run backwards: the line bends tighter than it is wide."""
    starts, ends = sides
    folded = (((ends - starts) * along).sum(axis=2) <= 0).any(axis=0)
    broken[:-1] |= folded
    broken[1:] |= folded
