"""A copied region as it hovers over the map, before it is put down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.canvas.tools import marks
from app.canvas.tools.frame import View
from app.workspace.pixels import rgb_image
from painter.regions import Region
from painter.splines import handles_of
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import Palette
from zones.strokes import Stroke

_MOST_PX = 768
_OPACITY = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Floating:
    """A region and its picture.

    Attributes:
        region: what was copied.
        picture: of its zones and strokes, smaller than the region where that is large.
    """

    region: Region
    picture: QImage

    @classmethod
    def of(cls, region: Region, palette: Palette) -> Floating:
        """Make the picture."""
        height, width = region.zones.shape
        step = max(1, -(-max(height, width) // _MOST_PX))
        small = np.ascontiguousarray(region.zones[::step, ::step])
        rect = Rect(0, 0, small.shape[1], small.shape[0])
        strokes = [
            Stroke(stroke.kind, np.maximum(stroke.points / step, (-np.inf, -np.inf, 0.5)))
            for stroke in region.strokes
        ]
        looks = draw_stencils(flat_canvas(small, palette), strokes, rect, palette)
        return cls(region, rgb_image(looks))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in map px."""
        return int(self.region.zones.shape[1]), int(self.region.zones.shape[0])

    def fits(self, palette: Palette) -> bool:
        """Whether a map with this palette can take it."""
        known = {kind.name for kind in palette.stencils}
        zones = set(np.unique(self.region.zones).tolist())
        return zones <= palette.valid_ids and all(
            stroke.kind in known and len(handles_of(stroke)) for stroke in self.region.strokes
        )

    def draw(self, painter: QPainter, view: View, x: int, y: int) -> None:
        """Show it with its corner at a place of the map."""
        rect = Rect(x, y, *self.size)
        target = marks.screen_rect(view, rect)
        painter.save()
        painter.setOpacity(_OPACITY)
        painter.drawImage(target, self.picture, QRectF(self.picture.rect()))
        painter.restore()
        marks.draw_frame(painter, view, rect)
