"""Zone ids at a mip level, taken from the blocks of a layer without copying the rest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.canvas.overview import CELL_PX, FIRST_LEVEL, Overview
from painter.layers import BLOCK_PX, Position
from zones.geometry import Rect

Ids = npt.NDArray[np.uint8]

ReadBlock = Callable[[Position], Ids | None]
"""Gives the ids of a block, not to be changed; None where nothing is painted."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A row of taps along one axis: `count` of them, `step` px apart, shown at `out`."""

    out: slice
    start: int
    step: int
    count: int


@dataclass(frozen=True, slots=True)
class Sampler:
    """Reads zone ids for pictures of any mip level.

    A px of level 0 is read whole; of a higher level 2 x 2 evenly spread ids are read, whose
    colours the picture averages. Ids beyond the rim repeat the last ones inside.

    Attributes:
        width_px: of the map.
        height_px: of the map.
        block: reads the blocks of fine levels.
        overview: is read for coarse levels.
    """

    width_px: int
    height_px: int
    block: ReadBlock
    overview: Overview | None = None

    def ids(self, level: int, area: Rect) -> Ids:
        """Zone ids of a part of a level.

        Args:
            level: mip level.
            area: in px of the level, on the map.

        Returns:
            uint8 (h, w) for level 0, else (2 h, 2 w); of strides 0 where all are equal.

        Raises:
            InputError: a block's file is missing or damaged.
        """
        taps = 1 if level == 0 else 2
        step = max(1, (1 << level) // taps)
        if self.overview is not None and level >= FIRST_LEVEL:
            return self._coarse(area, step)
        down = list(_runs(area.y * taps, area.height * taps, step, self.height_px))
        across = list(_runs(area.x * taps, area.width * taps, step, self.width_px))
        shape = (area.height * taps, area.width * taps)
        only = self._only_id(down, across)
        if only is not None:
            return np.broadcast_to(np.uint8(only), shape)
        out = np.zeros(shape, dtype=np.uint8)
        for rows in down:
            for columns in across:
                self._gather(rows, columns, out[rows.out, columns.out])
        return out

    def _coarse(self, area: Rect, step: int) -> Ids:
        assert self.overview is not None
        ids, share = self.overview.ids, step // CELL_PX
        rows = range(2 * area.y * share + share // 2, 2 * area.bottom * share, share)
        columns = range(2 * area.x * share + share // 2, 2 * area.right * share, share)
        if rows[-1] < ids.shape[0] and columns[-1] < ids.shape[1]:
            return ids[rows.start : rows.stop : share, columns.start : columns.stop : share]
        down = np.minimum(rows, ids.shape[0] - 1)
        across = np.minimum(columns, ids.shape[1] - 1)
        return np.asarray(ids[down[:, None], across])

    def _only_id(self, down: list[_Run], across: list[_Run]) -> int | None:
        """The one id of all blocks that are read, where they are of one id each and the same."""
        found: int | None = None
        for position in _positions(down, across):
            block = self.block(position)
            if block is not None and any(block.strides):
                return None
            value = 0 if block is None else int(block[0, 0])
            if found is not None and value != found:
                return None
            found = value
        return found

    def _gather(self, rows: _Run, columns: _Run, out: Ids) -> None:
        for row, inner_y, out_y in _in_blocks(rows):
            for column, inner_x, out_x in _in_blocks(columns):
                block = self.block((column, row))
                if block is not None:
                    out[out_y, out_x] = block[inner_y, inner_x]


def positions_of(level: int, area: Rect, size_px: tuple[int, int]) -> Iterator[Position]:
    """The blocks that `Sampler.ids` reads for a part of a fine level."""
    taps = 1 if level == 0 else 2
    step = max(1, (1 << level) // taps)
    width, height = size_px
    return _positions(
        list(_runs(area.y * taps, area.height * taps, step, height)),
        list(_runs(area.x * taps, area.width * taps, step, width)),
    )


def _runs(first: int, count: int, step: int, map_px: int) -> Iterator[_Run]:
    """The taps of one axis: those on the map, then the rim's px for those beyond."""
    start = first * step + step // 2
    inside = min(count, max(0, (map_px - 1 - start) // step + 1))
    if inside:
        yield _Run(slice(0, inside), start, step, inside)
    if inside < count:
        yield _Run(slice(inside, count), map_px - 1, step, 1)


def _in_blocks(run: _Run) -> Iterator[tuple[int, slice, slice]]:
    """The part of a run in each block: the block, what is read of it, where that goes."""
    tap = 0
    while tap < run.count:
        at = run.start + tap * run.step
        number, inner = divmod(at, BLOCK_PX)
        here = min(run.count - tap, (BLOCK_PX - 1 - inner) // run.step + 1)
        read = slice(inner, inner + (here - 1) * run.step + 1, run.step)
        yield number, read, slice(tap, tap + here) if run.count > 1 else slice(None)
        tap += here


def _positions(down: list[_Run], across: list[_Run]) -> Iterator[Position]:
    rows = {row for run in down for row, _, _ in _in_blocks(run)}
    columns = {column for run in across for column, _, _ in _in_blocks(run)}
    return ((column, row) for row in sorted(rows) for column in sorted(columns))
