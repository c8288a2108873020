"""Sparse raster layers: only blocks that are not empty exist, in memory or as a named file.

Zones are kept in whole pixels, not in coarser cells: a zone picture that is imported or exported
must come back exactly, and the compiler's masks are exact to the pixel. A coarser cell is used
where it is enough: a block of one value throughout is held as that one value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from painter.shards import Shards
from zones.geometry import Rect

BLOCK_PX = 512
"""Side of a block; blocks at the right and bottom rim end with the map."""

ScalarT = TypeVar("ScalarT", np.uint8, np.bool_)
Position = tuple[int, int]
"""Column and row of a block."""

Held = str | npt.NDArray[Any]
"""A block that is not empty: the name of its file, or a read-only array not stored by name."""

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

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", Shards.of(self.blocks))

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
        self.check_inside(rect)
        out = np.zeros(self.shape_of(rect), dtype=self.dtype)
        for position, common in self.touched(rect):
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
        self.check_inside(rect)
        if values.shape != self.shape_of(rect) or values.dtype != self.dtype:
            raise ValueError(f"values are {values.dtype} {values.shape}, not of {rect}")
        return self.patched(
            {
                position: compact(self._changed(position, common, values[common.slices_in(rect)]))
                for position, common in self.touched(rect)
            }
        )

    def patched(self, changes: Mapping[Position, Held | None]) -> BlockLayer[ScalarT]:
        """The layer with some blocks exchanged; None empties a position. No pixel is read."""
        return self.with_blocks(Shards.of(self.blocks).patched(changes)) if changes else self

    def changed_from(self, other: BlockLayer[ScalarT]) -> Iterator[Position]:
        """Every position that does not hold the same object in both layers, found fast."""
        return Shards.of(self.blocks).changed(Shards.of(other.blocks))

    def with_blocks(
        self, blocks: Mapping[Position, str | npt.NDArray[ScalarT]]
    ) -> BlockLayer[ScalarT]:
        """The same layer with other blocks."""
        return BlockLayer(self.map_rect, self.bands, self.dtype, blocks, self.load)

    def _changed(
        self, position: Position, common: Rect, values: npt.NDArray[ScalarT]
    ) -> npt.NDArray[ScalarT]:
        rect = self.block_rect(position)
        old = self.block(position) if common != rect else None
        new = np.zeros(self.shape_of(rect), dtype=self.dtype) if old is None else old.copy()
        new[common.slices_in(rect)] = values
        new.setflags(write=False)
        return new

    def touched(self, rect: Rect) -> Iterator[tuple[Position, Rect]]:
        """The positions that a rectangle meets, each with the common part in map px."""
        if not rect.area:
            return
        for row in range(rect.y // BLOCK_PX, (rect.bottom - 1) // BLOCK_PX + 1):
            for column in range(rect.x // BLOCK_PX, (rect.right - 1) // BLOCK_PX + 1):
                position = (column, row)
                yield position, self.block_rect(position).intersect(rect)

    def shape_of(self, rect: Rect) -> tuple[int, ...]:
        """Array shape of a rectangle's pixels."""
        return (*rect.shape, self.bands) if self.bands else rect.shape

    def check_inside(self, rect: Rect) -> None:
        """Raise ValueError if a rectangle reaches beyond the map."""
        if not self.map_rect.contains(rect):
            raise ValueError(f"{rect} reaches beyond the map {self.map_rect}")


def compact(block: npt.NDArray[ScalarT]) -> npt.NDArray[ScalarT] | None:
    """A read-only form of a block that takes as little memory as it can.

    Args:
        block: (h, w) or (h, w, bands); becomes read-only.

    Returns:
        None for a block of zeros, one shared value for a (h, w) block of one value, else `block`.
    """
    first = block.flat[0]
    if not any(block.strides):
        return block if first else None
    if not first and not block.any():
        return None
    if block.ndim == 2 and bool((block == first).all()):  # noqa: PLR2004 - (h, w)
        return uniform(block.shape, block.dtype, first.item())
    block.setflags(write=False)
    return block


def uniform(
    shape: tuple[int, ...], dtype: np.dtype[ScalarT], value: int | bool
) -> npt.NDArray[ScalarT]:
    """A read-only block of one value throughout, which takes the memory of that value."""
    return np.broadcast_to(_VALUES[dtype.char][int(value)], shape)


_VALUES: dict[str, npt.NDArray[Any]] = {
    np.dtype(np.uint8).char: np.arange(256, dtype=np.uint8),
    np.dtype(np.bool_).char: np.array([False, True]),
}


def held_bytes(held: npt.NDArray[Any]) -> int:
    """Bytes of memory that a block's array takes."""
    return held.nbytes if any(held.strides) else held.itemsize
