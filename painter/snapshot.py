"""An unchanging view of a map, from which compilers, exports and workers read at any time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from painter.layers import BlockLayer
from zones.geometry import Rect
from zones.strokes import Stroke


@dataclass(frozen=True, eq=False)
class MapSnapshot:
    """What was painted at one moment; a `zones.reader.MapReader`.

    Blocks are read from disk when they are asked for; as long as a snapshot lives, its project
    removes none of them. Safe to read from several threads.

    Attributes:
        width_px: of the map.
        height_px: of the map.
        zones: ids.
        protect: where no run may change a pixel.
        art: RGB that protected pixels keep.
        strokes: in paint order.
    """

    width_px: int
    height_px: int
    zones: BlockLayer[np.uint8]
    protect: BlockLayer[np.bool_]
    art: BlockLayer[np.uint8]
    strokes: tuple[Stroke, ...]

    def read_zones(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Zone ids uint8 (h, w) of a rectangle inside the map; 0 is unpainted.

        Raises:
            ValueError: the rectangle reaches beyond the map.
            InputError: a block's file is missing or damaged.
        """
        return self.zones.read(rect)

    def read_protect(self, rect: Rect) -> npt.NDArray[np.bool_]:
        """Protected pixels, bool (h, w); raises as `read_zones`."""
        return self.protect.read(rect)

    def read_art(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Pixels that protected places keep, RGB uint8 (h, w, 3); raises as `read_zones`."""
        return self.art.read(rect)

    def strokes_in(self, rect: Rect) -> tuple[Stroke, ...]:
        """Strokes whose bounds touch a rectangle, which may reach beyond the map."""
        if not self.strokes:
            return ()
        left, top, right, bottom = self._bounds.T
        near = (left - 1 < rect.right) & (right + 1 > rect.x)
        near &= (top - 1 < rect.bottom) & (bottom + 1 > rect.y)
        return tuple(self.strokes[number] for number in np.flatnonzero(near))

    def stored_names(self) -> Iterator[str]:
        """Names of the files this snapshot may still read."""
        for layer in (self.zones, self.protect, self.art):
            yield from (held for held in layer.blocks.values() if isinstance(held, str))

    def may_read(self, kind: str, at: tuple[int, int], name: str) -> bool:
        """Whether this snapshot may still read a file that is a block of a layer."""
        layers: dict[str, BlockLayer[Any]] = {
            "zones": self.zones,
            "protect": self.protect,
            "art": self.art,
        }
        return kind in layers and layers[kind].blocks.get(at) == name

    @cached_property
    def _bounds(self) -> npt.NDArray[np.float64]:
        return np.array([stroke.bounds for stroke in self.strokes])
