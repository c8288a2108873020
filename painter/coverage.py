"""Which pixels a round brush covers on its way, in cells: whole ones, and masks of mixed ones.

A very large brush covers millions of pixels at every move of the hand, nearly all of them for the
second time. So cells are judged before pixels are: those that lie in the core of the brush come
without a mask, and where the brush has stood already only what is new is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from painter.brush import Brush, PenPoint
from zones.geometry import Rect

Mask = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]

_CELL_PX = 128
"""Side of a cell; four of them side by side are judged pixel by pixel at once."""

_PATTERN_PX = 512
"""Side of the pattern by which rims are scattered: a whole number of cells."""

_CLOSE_PX = 0.5
"""Cells this close to a border are looked at pixel by pixel, so that rounding decides nothing."""

_STILL_PX = 1e-3
"""A way shorter than this is a dab."""

_WHOLE, _END, _BESIDE, _START = 1, 2, 4, 8
"""A cell is covered whole, or pixels of these parts of the way have to be looked at."""


def line_bounds(brush: Brush, start: PenPoint, end: PenPoint) -> Rect:
    """The smallest rectangle of whole pixels around a line drawn with a brush."""
    return _Way(_Disc.of(brush, start), _Disc.of(brush, end)).bounds


def covered(
    brush: Brush, start: PenPoint, end: PenPoint, map_rect: Rect, *, goes_on: bool = False
) -> Iterator[list[tuple[Rect, Mask | None]]]:
    """The pixels that the brush covers on its way between two points.

    A pixel is covered where its centre lies in the disc at either end, or beside the way between
    them no further than the radius, which changes evenly along the way. In a soft rim it is
    covered where the coverage, falling from 1 to 0, exceeds a fixed pattern of the map.

    Args:
        brush: what is drawn with.
        start: where the way begins.
        end: where it ends.
        map_rect: the whole map, origin 0, 0.
        goes_on: whether the disc at the start is covered already; it may be left out then.

    Yields:
        For each piece of a long way, so that the cost follows its length, cells with covered
        pixels: rectangles inside the map that do not overlap, each with
        bool (rect.height, rect.width), or None where all of it is covered.
    """
    first, last = _Disc.of(brush, start), _Disc.of(brush, end)
    way = _Way(first, last)
    pieces = max(1, math.ceil(way.length / (2 * max(first.radius, last.radius))))
    between = [way.disc_at(number / pieces) for number in range(1, pieces)]
    for number, ends in enumerate(pairwise([first, *between, last])):
        cells = list(_Way(*ends, goes_on=goes_on or number > 0).cells(map_rect))
        if cells:
            yield cells


@dataclass(frozen=True)
class _Disc:
    """A brush at one place.

    Attributes:
        x: of its centre, map px.
        y: as x.
        radius: px, rim included.
        softness: share of the radius that is soft rim.
    """

    x: float
    y: float
    radius: float
    softness: float

    @classmethod
    def of(cls, brush: Brush, pen: PenPoint) -> Self:
        """The brush under a pen."""
        return cls(pen.x, pen.y, brush.radius_px(pen.pressure), brush.softness)

    @property
    def core(self) -> float:
        """Radius within which every pixel is covered, less what rounding may take."""
        return self.radius * (1 - self.softness) - _CLOSE_PX

    def mask(self, rect: Rect) -> Mask:
        """Its pixels in a part of the map that lies in one square of the pattern."""
        across, down = _from(self.x, rect.x, rect.width), _from(self.y, rect.y, rect.height)
        radius = np.float32(self.radius)
        if not self.softness:
            distances = np.add.outer(down * down, across * across)
            return np.asarray(distances <= radius * radius)
        across /= radius
        down /= radius
        shares = np.add.outer(down * down, across * across)
        return np.asarray(shares < _reaches(self.softness)[_on_pattern(rect)])


@dataclass(frozen=True)
class _Way:
    """A brush on its way from one place to another.

    Attributes:
        start: where it begins.
        end: where it ends.
        goes_on: whether the disc at the start is covered already.
    """

    start: _Disc
    end: _Disc
    goes_on: bool = False

    @cached_property
    def length(self) -> float:
        """In px."""
        return math.hypot(self.end.x - self.start.x, self.end.y - self.start.y)

    @property
    def direction(self) -> tuple[float, float]:
        """Of length 1."""
        if self.length < _STILL_PX:
            return 1.0, 0.0
        return (
            (self.end.x - self.start.x) / self.length,
            (self.end.y - self.start.y) / self.length,
        )

    @property
    def bounds(self) -> Rect:
        """The smallest rectangle of whole pixels around it."""
        ends = self.start, self.end
        left = math.floor(min(disc.x - disc.radius for disc in ends))
        top = math.floor(min(disc.y - disc.radius for disc in ends))
        right = math.ceil(max(disc.x + disc.radius for disc in ends))
        bottom = math.ceil(max(disc.y + disc.radius for disc in ends))
        return Rect(left, top, right - left, bottom - top)

    def disc_at(self, share: float) -> _Disc:
        """The brush on its way, from 0 at the start to 1 at the end."""
        start, end = self.start, self.end
        return _Disc(
            start.x + (end.x - start.x) * share,
            start.y + (end.y - start.y) * share,
            start.radius + (end.radius - start.radius) * share,
            start.softness,
        )

    def cells(self, map_rect: Rect) -> Iterator[tuple[Rect, Mask | None]]:
        """The cells in which it covers pixels."""
        bounds = self.bounds.intersect(map_rect)
        if not bounds.area:
            return
        lattice = _Lattice(bounds)
        for rect, needs in lattice.runs(self._needs(lattice)):
            if needs & _WHOLE:
                yield rect, None
                continue
            mask = self._mask(rect, needs)
            if mask.any():
                yield rect, mask

    def _needs(self, cells: _Lattice) -> npt.NDArray[np.uint8]:
        """What has to be looked at in each cell; 0 where there is nothing to do."""
        start, end = self.start, self.end
        needs = np.zeros(cells.shape, np.uint8)
        needs[self._may_be_new_at_end(cells)] |= _END
        needs[self._may_lie_beside(cells)] |= _BESIDE
        whole = cells.most(end) <= end.core
        whole |= cells.most_beside(self) <= min(start.core, end.core)
        in_core = cells.most(start) <= start.core
        if self.goes_on:
            needs[in_core] = 0
        elif start != end:
            needs[cells.least(start) <= start.radius + _CLOSE_PX] |= _START
            whole |= in_core
        needs[(needs > 0) & whole] = _WHOLE
        return needs

    def _may_be_new_at_end(self, cells: _Lattice) -> Mask:
        """Cells in which the disc at the end may cover what the one at the start does not.

        It does not where the distance from the end, as a share of its radius, exceeds that from
        the start. With the end's share taken as 1 at most, the difference of the squares curves
        down or not at all, so that it is least in a corner of a cell.
        """
        start, end = self.start, self.end
        share = min(start.radius / end.radius, 1.0)
        apart = share**2 * cells.corners(end) - cells.corners(start)
        is_near = cells.least(end) <= end.radius + _CLOSE_PX
        margin = _CLOSE_PX * (start.radius + end.radius)
        return np.asarray(is_near & (apart.min(axis=0) <= margin))

    def _may_lie_beside(self, cells: _Lattice) -> Mask:
        """Cells that the way between the two ends may touch."""
        if self.length < _STILL_PX:
            return np.zeros(cells.shape, np.bool_)
        along, aside = cells.frame(self)
        reach = max(self.start.radius, self.end.radius) + _CLOSE_PX
        return np.asarray(
            (along[1] >= -_CLOSE_PX)
            & (along[0] <= self.length + _CLOSE_PX)
            & (aside[1] >= -reach)
            & (aside[0] <= reach)
        )

    def _mask(self, rect: Rect, needs: int) -> Mask:
        parts = []
        if needs & _END:
            parts.append(self.end.mask(rect))
        if needs & _START:
            parts.append(self.start.mask(rect))
        if needs & _BESIDE:
            parts.append(self._beside(rect))
        return reduce(np.logical_or, parts)

    def _beside(self, rect: Rect) -> Mask:
        """The pixels beside the way between its ends."""
        start, end = self.start, self.end
        ux, uy = (np.float32(part) for part in self.direction)
        across, down = _from(start.x, rect.x, rect.width), _from(start.y, rect.y, rect.height)
        along = np.add.outer(down * uy, across * ux)
        aside = np.add.outer(down * -ux, across * uy)
        inside = (along > 0) & (along < np.float32(self.length))
        radii: npt.NDArray[np.float32] | np.float32 = np.float32(start.radius)
        if start.radius != end.radius:
            radii = along * np.float32((end.radius - start.radius) / self.length) + radii
        if not start.softness:
            return np.asarray(inside & (np.abs(aside) <= radii))
        aside /= radii
        return np.asarray(inside & (aside * aside < _reaches(start.softness)[_on_pattern(rect)]))


class _Lattice:
    """The cells of a part of the map, judged all at once.

    Distances are of pixel centres, in px; the first axis of arrays of cells is that of rows.

    Args:
        bounds: what no cell reaches beyond.
    """

    def __init__(self, bounds: Rect) -> None:
        self._columns = _edges(bounds.x, bounds.right)
        self._rows = _edges(bounds.y, bounds.bottom)
        self.shape = len(self._rows) - 1, len(self._columns) - 1

    def corners(self, disc: _Disc) -> _Floats:
        """(4, rows, columns): squared distances of the corner pixels from a disc's centre."""
        (left, right), (top, bottom) = self._from(disc)
        squares = [
            np.add.outer(down * down, across * across)
            for down in (top, bottom)
            for across in (left, right)
        ]
        return np.stack(squares)

    def most(self, disc: _Disc) -> _Floats:
        """Largest distance of a cell's pixels from a disc's centre."""
        (left, right), (top, bottom) = self._from(disc)
        return np.asarray(
            np.hypot.outer(
                np.maximum(np.abs(top), np.abs(bottom)), np.maximum(np.abs(left), np.abs(right))
            )
        )

    def least(self, disc: _Disc) -> _Floats:
        """Smallest distance of a cell's pixels from a disc's centre, or less."""
        (left, right), (top, bottom) = self._from(disc)
        across = np.maximum(np.maximum(left, -right), 0)
        down = np.maximum(np.maximum(top, -bottom), 0)
        return np.asarray(np.hypot.outer(down, across))

    def frame(self, way: _Way) -> tuple[tuple[_Floats, _Floats], tuple[_Floats, _Floats]]:
        """Least and most of the distances along a way from its start, and aside of it."""
        (left, right), (top, bottom) = self._from(way.start)
        ux, uy = way.direction
        found = []
        for by_x, by_y in ((ux, uy), (uy, -ux)):
            across = np.sort([left * by_x, right * by_x], axis=0)
            down = np.sort([top * by_y, bottom * by_y], axis=0)
            found.append((np.add.outer(down[0], across[0]), np.add.outer(down[1], across[1])))
        return found[0], found[1]

    def most_beside(self, way: _Way) -> _Floats:
        """Largest distance of a cell's pixels from the line between two ends; inf beyond them."""
        along, aside = self.frame(way)
        most = np.maximum(np.abs(aside[0]), np.abs(aside[1]))
        return np.where((along[0] > 0) & (along[1] < way.length), most, math.inf)

    def runs(self, needs: npt.NDArray[np.uint8]) -> Iterator[tuple[Rect, int]]:
        """Cells with something to do; neighbours that are judged alike come as one."""
        for row in np.flatnonzero(needs.any(axis=1)).tolist():
            top, bottom = int(self._rows[row]), int(self._rows[row + 1])
            kinds = needs[row].tolist()
            column = 0
            while column < len(kinds):
                first, kind = column, kinds[column]
                left = int(self._columns[first])
                column += 1
                while (
                    column < len(kinds)
                    and kinds[column] == kind
                    and int(self._columns[column]) % _PATTERN_PX
                ):
                    column += 1
                if kind:
                    yield Rect(left, top, int(self._columns[column]) - left, bottom - top), kind

    def _from(self, disc: _Disc) -> tuple[tuple[_Floats, _Floats], tuple[_Floats, _Floats]]:
        """First and last pixel centres of columns and of rows, as seen from a disc's centre."""
        across, down = self._columns - (disc.x - 0.5), self._rows - (disc.y - 0.5)
        return (across[:-1], across[1:] - 1), (down[:-1], down[1:] - 1)


def _edges(first: int, last: int) -> _Floats:
    """Where cells begin from `first` to `last`, with `last` itself."""
    inner = np.arange(first // _CELL_PX + 1, -(-last // _CELL_PX)) * _CELL_PX
    return np.concatenate([[first], inner, [last]]).astype(np.float64)


def _from(centre: float, first: int, count: int) -> npt.NDArray[np.float32]:
    """Distances of pixel centres from a place."""
    return (np.arange(first, first + count, dtype=np.float64) + 0.5 - centre).astype(np.float32)


def _on_pattern(rect: Rect) -> tuple[slice, slice]:
    """Where a rectangle lies that fits into one square of the pattern."""
    x, y = rect.x % _PATTERN_PX, rect.y % _PATTERN_PX
    return slice(y, y + rect.height), slice(x, x + rect.width)


@lru_cache(maxsize=4)
def _reaches(softness: float) -> npt.NDArray[np.float32]:
    """For each pixel of the pattern, the squared share of the radius within which it is covered."""
    share = 1 - _PATTERN * np.float32(softness)
    return np.asarray(share * share)


def _made_pattern() -> npt.NDArray[np.float32]:
    """Thresholds in [0, 1), each value equally often, scattered by a fixed seed."""
    count = _PATTERN_PX * _PATTERN_PX
    order = np.random.Generator(np.random.PCG64(20)).permutation(count)
    return (order / count).astype(np.float32).reshape(_PATTERN_PX, _PATTERN_PX)


_PATTERN = _made_pattern()
