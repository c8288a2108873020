"""Sparse raster layers: only blocks that are not empty exist, in memory or as a named file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

BLOCK_PX = 512
"""Side of a block; blocks at the right and bottom rim end with the map."""

ScalarT = TypeVar("ScalarT", np.uint8, np.bool_)
Position = tuple[int, int]
"""Column and row of a block."""

Loader = Callable[[str, tuple[int, int]], npt.NDArray[ScalarT]]
"""Reads a block's file: name and (rows, columns) to a read-only array."""


@dataclass(frozen=True, eq=False)
class BlockLayer(Generic[ScalarT]):
    """One raster layer of a map, immutable: an edit gives a new layer that shares its blocks.

    Attributes:
        map_rect: the whole map, origin 0, 0.
        bands: 0 for (h, w) arrays, else the third dimension.
        dtype: of the pixels.
        blocks: by position, the name of a stored block or a read-only array not yet stored.
        load: reads a stored block.
    """

    map_rect: Rect
    bands: int
    dtype: type[ScalarT]
    blocks: Mapping[Position, str | npt.NDArray[ScalarT]]
    load: Loader[ScalarT]

    def block_rect(self, position: Position) -> Rect:
        """The part of the map that a block covers."""
        column, row = position
        return Rect(column * BLOCK_PX, row * BLOCK_PX, BLOCK_PX, BLOCK_PX).intersect(self.map_rect)

    def block(self, position: Position) -> npt.NDArray[ScalarT] | None:
        """A block's pixels, read-only, or None where it is empty."""
        held = self.blocks.get(position)
        if isinstance(held, str):
            return self.load(held, self.block_rect(position).shape)
        return held

    def read(self, rect: Rect) -> npt.NDArray[ScalarT]:
        """Pixels of a rectangle inside the map: a new array (h, w) or (h, w, bands).

        Raises:
            ValueError: the rectangle reaches beyond the map.
            InputError: a block's file is missing or damaged.
        """
        self._check_inside(rect)
        out = np.zeros(self._shape(rect), dtype=self.dtype)
        for position, common in self._touched(rect):
            block = self.block(position)
            if block is not None:
                inner = common.slices_in(self.block_rect(position))
                out[common.slices_in(rect)] = block[inner]
        return out

    def written(self, rect: Rect, values: npt.NDArray[ScalarT]) -> BlockLayer[ScalarT]:
        """The layer with `values` (h, w) or (h, w, bands) in place of a rectangle's pixels.

        Raises:
            ValueError: the rectangle reaches beyond the map or the shape differs.
        """
        self._check_inside(rect)
        if values.shape != self._shape(rect) or values.dtype != self.dtype:
            raise ValueError(f"values are {values.dtype} {values.shape}, not of {rect}")
        blocks = dict(self.blocks)
        for position, common in self._touched(rect):
            changed = self._changed(position, common, values[common.slices_in(rect)])
            if changed.any():
                blocks[position] = changed
            else:
                blocks.pop(position, None)
        return self.with_blocks(blocks)

    def with_blocks(
        self, blocks: Mapping[Position, str | npt.NDArray[ScalarT]]
    ) -> BlockLayer[ScalarT]:
        """The same layer with other blocks."""
        return BlockLayer(self.map_rect, self.bands, self.dtype, blocks, self.load)

    def positions(self) -> frozenset[Position]:
        """Every position a block of this map can have that is in use."""
        return frozenset(self.blocks)

    def _changed(
        self, position: Position, common: Rect, values: npt.NDArray[ScalarT]
    ) -> npt.NDArray[ScalarT]:
        rect = self.block_rect(position)
        old = self.block(position) if common != rect else None
        new = np.zeros(self._shape(rect), dtype=self.dtype) if old is None else old.copy()
        new[common.slices_in(rect)] = values
        new.setflags(write=False)
        return new

    def _touched(self, rect: Rect) -> Iterator[tuple[Position, Rect]]:
        if not rect.area:
            return
        for row in range(rect.y // BLOCK_PX, (rect.bottom - 1) // BLOCK_PX + 1):
            for column in range(rect.x // BLOCK_PX, (rect.right - 1) // BLOCK_PX + 1):
                position = (column, row)
                yield position, self.block_rect(position).intersect(rect)

    def _shape(self, rect: Rect) -> tuple[int, ...]:
        return (*rect.shape, self.bands) if self.bands else rect.shape

    def _check_inside(self, rect: Rect) -> None:
        if not self.map_rect.contains(rect):
            raise ValueError(f"{rect} reaches beyond the map {self.map_rect}")
