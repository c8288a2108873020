"""Pictures of what is painted: zone colours under stencils, at any mip level."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.pieces import Pixels
from app.canvas.sampling import Sampler
from app.canvas.thinning import StrokeSet
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import Palette
from zones.strokes import Stroke

_MARGIN_PX = 32


@dataclass(frozen=True, slots=True)
class SketchMaker:
    """Makes the pictures; frozen, for any thread that may read the sampler's blocks.

    Attributes:
        sampler: reads zone ids.
        palette: gives colours.
        strokes: of the map; None leaves stencils out.
    """

    sampler: Sampler
    palette: Palette
    strokes: StrokeSet | None = None

    def picture(self, level: int, area: Rect) -> Pixels:
        """A part of a level, which does not depend on how the level is cut into parts.

        Args:
            level: mip level.
            area: in px of the level, on the map.

        Returns:
            (area.height, area.width, 4); of strides 0 where it is of one colour.

        Raises:
            InputError: a block's file is missing or damaged, or a stencil is unknown.
        """
        ids = self.sampler.ids(level, area)
        strokes = () if self.strokes is None else self.strokes.near(level, area.grown(_MARGIN_PX))
        if not strokes and not any(ids.strides):
            return np.broadcast_to(to_pixels(self._flat(ids[:1, :1])), (*area.shape, 4))
        rgb = self._flat(ids)
        if level:
            rgb = np.asarray(
                cv2.resize(rgb, (area.width, area.height), interpolation=cv2.INTER_AREA), np.uint8
            )
        if strokes:
            rgb = self._with_stencils(rgb, strokes, area)
        return to_pixels(rgb)

    def _with_stencils(
        self, rgb: npt.NDArray[np.uint8], strokes: tuple[Stroke, ...], area: Rect
    ) -> npt.NDArray[np.uint8]:
        """Draw strokes with a margin: soft rims are cut off a little early at a picture's rim."""
        margin = (_MARGIN_PX,) * 4
        wider = np.asarray(cv2.copyMakeBorder(rgb, *margin, cv2.BORDER_REPLICATE), dtype=np.uint8)
        around = area.grown(_MARGIN_PX)
        drawn = draw_stencils(wider, strokes, around, self.palette)
        return np.ascontiguousarray(drawn[area.slices_in(around)])

    def _flat(self, ids: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        return flat_canvas(np.ascontiguousarray(ids), self.palette)


def to_pixels(rgb: npt.NDArray[np.uint8]) -> Pixels:
    """RGB (h, w, 3) as opaque pixels."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), dtype=np.uint8)
