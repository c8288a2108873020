"""The working copy of one raster layer while an edit is open: a block is copied when touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic

import numpy as np
import numpy.typing as npt

from painter.layers import BlockLayer, Held, Position, ScalarT, compact, uniform
from zones.geometry import Rect

Delta = Mapping[Position, tuple[Held | None, Held | None]]
"""What an edit did to a layer: by position, the block before and after (None where empty)."""


class LayerEdit(Generic[ScalarT]):
    """Writes into copies of a layer's blocks; the layer itself never changes.

    Args:
        layer: what is edited.
    """

    def __init__(self, layer: BlockLayer[ScalarT]) -> None:
        self.layer: BlockLayer[ScalarT] = layer
        self._working: dict[Position, npt.NDArray[ScalarT]] = {}

    def fill(
        self, rect: Rect, value: int | bool, mask: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Give pixels of a rectangle inside the map one value.

        Args:
            rect: in map px.
            value: of the layer's type.
            mask: bool (rect.height, rect.width), which pixels; None means all.
        """
        for position, common in self.layer.touched(rect):
            block = self.layer.block_rect(position)
            if mask is None and common == block and not self.layer.bands:
                self._working[position] = self._uniform(block, value)
                continue
            part = True if mask is None else mask[common.slices_in(rect)]
            if mask is None or np.any(part):
                self._put(position, common, np.asarray(value, self.layer.dtype), part)

    def paste(
        self, rect: Rect, values: npt.NDArray[ScalarT], mask: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Put pixels into a rectangle inside the map.

        Args:
            rect: in map px.
            values: (h, w) or (h, w, bands) of the layer's type.
            mask: bool (h, w), which pixels; None means all.
        """
        for position, common in self.layer.touched(rect):
            inner = common.slices_in(rect)
            part = True if mask is None else mask[inner]
            if mask is None or np.any(part):
                self._put(position, common, values[inner], part)

    def block(self, position: Position) -> npt.NDArray[ScalarT] | None:
        """A block's pixels as they are now, not to be changed; None where it is empty."""
        found = self._working.get(position)
        return self.layer.block(position) if found is None else found

    def held(self, position: Position) -> Held | None:
        """A block as it is held now: its file's name, pixels not to be changed, None if empty."""
        found = self._working.get(position)
        return self.layer.blocks.get(position) if found is None else found

    def read(self, rect: Rect) -> npt.NDArray[ScalarT]:
        """Pixels of a rectangle inside the map as they are now: a new array."""
        self.layer.check_inside(rect)
        out = np.zeros(self.layer.shape_of(rect), dtype=self.layer.dtype)
        for position, common in self.layer.touched(rect):
            block = self.block(position)
            if block is not None:
                out[common.slices_in(rect)] = block[
                    common.slices_in(self.layer.block_rect(position))
                ]
        return out

    def finish(self) -> Delta:
        """What has changed so far; the working copies in it are frozen and the edit is over."""
        delta: dict[Position, tuple[Held | None, Held | None]] = {}
        for position, block in self._working.items():
            before = self.layer.blocks.get(position)
            after = compact(block)
            if not self._same(position, before, after):
                delta[position] = (before, after)
        self._working = {}
        return delta

    def _uniform(self, block: Rect, value: int | bool) -> npt.NDArray[ScalarT]:
        return uniform(block.shape, np.dtype(self.layer.dtype), value)

    def _same(self, position: Position, before: Held | None, after: Held | None) -> bool:
        if before is None or after is None:
            return before is after
        pixels = self.layer.block(position)
        return before is after or (pixels is not None and np.array_equal(pixels, after))

    def _put(
        self,
        position: Position,
        common: Rect,
        values: npt.NDArray[Any],
        part: npt.NDArray[np.bool_] | bool,
    ) -> None:
        target = self._writable(position)[common.slices_in(self.layer.block_rect(position))]
        if part is True:
            target[...] = values
        else:
            where = np.asarray(part)
            np.copyto(target, values, where=where[..., None] if self.layer.bands else where)

    def _writable(self, position: Position) -> npt.NDArray[ScalarT]:
        found = self._working.get(position)
        if found is not None and found.flags.writeable:
            return found
        held = self.layer.block(position) if found is None else found
        shape = self.layer.shape_of(self.layer.block_rect(position))
        fresh = np.zeros(shape, dtype=self.layer.dtype) if held is None else np.array(held)
        self._working[position] = fresh
        return fresh
