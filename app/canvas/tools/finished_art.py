"""What the map looks like to whoever wants to keep it: finished art, else the painted colours."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from painter.snapshot import MapSnapshot
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

BLOCK_PX = 256
_KEPT_BLOCKS = 64


class FinishedArt:
    """Reads the map's looks block by block, each once; made for one edit.

    Args:
        workspace: with an open map.
        opacity: of stencils over zones where nothing is finished.
    """

    def __init__(self, workspace: Workspace, opacity: float) -> None:
        document = workspace.document
        assert document is not None
        self._map: MapSnapshot = document.snapshot()
        self._palette: Palette = document.project.palette
        self._opacity = opacity
        self._stitch = workspace.stitch()
        self._blocks: OrderedDict[tuple[int, int], npt.NDArray[np.uint8]] = OrderedDict()

    def __call__(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """RGB uint8 (h, w, 3) of a rectangle inside the map.

        Raises:
            InputError: a file of the map is missing or damaged.
        """
        out = np.empty((*rect.shape, 3), dtype=np.uint8)
        for row in range(rect.y // BLOCK_PX, (rect.bottom - 1) // BLOCK_PX + 1):
            for column in range(rect.x // BLOCK_PX, (rect.right - 1) // BLOCK_PX + 1):
                block = Rect(column * BLOCK_PX, row * BLOCK_PX, BLOCK_PX, BLOCK_PX)
                block = block.intersect(Rect(0, 0, self._map.width_px, self._map.height_px))
                common = rect.intersect(block)
                pixels = self._block((column, row), block)
                out[common.slices_in(rect)] = pixels[common.slices_in(block)]
        return out

    def _block(self, at: tuple[int, int], rect: Rect) -> npt.NDArray[np.uint8]:
        found = self._blocks.get(at)
        if found is None:
            found = self._looks(rect)
            self._blocks[at] = found
            if len(self._blocks) > _KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        return found

    def _looks(self, rect: Rect) -> npt.NDArray[np.uint8]:
        stitched = None if self._stitch is None else self._stitch.region(rect)
        if stitched is not None and stitched.covered.all():
            return stitched.rgb
        strokes = self._map.strokes_in(rect)
        flat = flat_canvas(self._map.read_zones(rect), self._palette)
        looks = draw_stencils(flat, strokes, rect, self._palette, self._opacity)
        if stitched is not None:
            looks[stitched.covered] = stitched.rgb[stitched.covered]
        return looks
