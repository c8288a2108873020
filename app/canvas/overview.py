"""The whole map's zones in coarse cells, kept in memory: what far views and the minimap draw."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from painter.layers import BLOCK_PX, Held, Position
from zones.geometry import Rect

CELL_PX = 16
"""Side of a cell of the overview, map px; its id is the one of the px in its middle."""

FIRST_LEVEL = 5
"""Mip levels from here on are drawn from the overview: 2 x 2 cells for each px."""

_PER_BLOCK = BLOCK_PX // CELL_PX


class Overview:
    """Zone ids of the px in the middle of each cell, block by block as they become known.

    Attributes:
        ids: uint8 (rows, columns) of cells; 0 where nothing is painted or known yet.
        waiting: blocks that are not known or not up to date.
        on_disk: those of them that are to be read from files.

    Args:
        map_rect: the whole map.
    """

    def __init__(self, map_rect: Rect) -> None:
        self.map_rect = map_rect
        self.ids = np.zeros(
            (-(-map_rect.height // CELL_PX), -(-map_rect.width // CELL_PX)), dtype=np.uint8
        )
        self.waiting: dict[Position, None] = {}
        self.on_disk: dict[Position, None] = {}
        self._being_read: set[Position] = set()

    @property
    def unknown(self) -> bool:
        """Whether any block is not known or not up to date."""
        return bool(self.waiting or self.on_disk or self._being_read)

    def begin(self, blocks: Mapping[Position, Held]) -> None:
        """Wait for all blocks that a map holds; others are empty."""
        self.waiting, self.on_disk = dict.fromkeys(blocks), {}

    def wait_for(self, rect: Rect) -> None:
        """Wait for the blocks that a map rectangle touches."""
        inside = rect.intersect(self.map_rect)
        if not inside.area:
            return
        for row in range(inside.y // BLOCK_PX, (inside.bottom - 1) // BLOCK_PX + 1):
            for column in range(inside.x // BLOCK_PX, (inside.right - 1) // BLOCK_PX + 1):
                self.waiting[column, row] = None

    def take_files(self, count: int) -> list[Position]:
        """Up to `count` blocks to be read from files, which then count as being read."""
        taken = list(islice(self.on_disk, count))
        for position in taken:
            del self.on_disk[position]
        self._being_read = set(taken)
        return taken

    def learn(self, position: Position, cells: npt.NDArray[np.uint8] | int) -> Rect:
        """Take a block's cells; returns the block's place on the map."""
        column, row = position
        self._being_read.discard(position)
        self.ids[
            row * _PER_BLOCK : (row + 1) * _PER_BLOCK,
            column * _PER_BLOCK : (column + 1) * _PER_BLOCK,
        ] = cells
        return block_rect(position).intersect(self.map_rect)


def block_rect(position: Position) -> Rect:
    """The place of a block; may reach beyond the map."""
    column, row = position
    return Rect(column * BLOCK_PX, row * BLOCK_PX, BLOCK_PX, BLOCK_PX)


def cells_of(block: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8] | int:
    """What the overview keeps of a block: (rows, columns) ids of its cells, or one id."""
    if block is None:
        return 0
    if not any(block.strides):
        return int(block[0, 0])
    if block.shape == (BLOCK_PX, BLOCK_PX):
        return block[CELL_PX // 2 :: CELL_PX, CELL_PX // 2 :: CELL_PX].copy()
    rows = np.minimum(np.arange(0, block.shape[0], CELL_PX) + CELL_PX // 2, block.shape[0] - 1)
    columns = np.minimum(np.arange(0, block.shape[1], CELL_PX) + CELL_PX // 2, block.shape[1] - 1)
    return np.array(block[rows[:, None], columns])
