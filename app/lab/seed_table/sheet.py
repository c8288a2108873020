"""The contact sheet: the same place of the same world in every row, the painted zones first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.lab.seed_table.worlds import LabWorld, truth_of
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import default_palette

CROP_PX = 320
_COLUMNS = 6
_LABEL_PX = 16
_GAP_PX = 4
_PAPER, _INK = (250, 250, 248), (30, 30, 30)

_U8 = npt.NDArray[np.uint8]


def contact_sheet(world: LabWorld, place: Rect, pictures: Sequence[tuple[str, _U8]]) -> Image.Image:
    """Lay out crops with their names.

    Args:
        world: what was painted.
        place: of the crop, inside the map.
        pictures: names and maps, uint8 (h, w, 3), in order; zones and truth come before them.
    """
    all_pictures = [("painted zones", painted_zones(world)), ("rendered truth", truth_of(world))]
    all_pictures += pictures
    rows = -(-len(all_pictures) // _COLUMNS)
    columns = min(_COLUMNS, len(all_pictures))
    cell = (place.width + _GAP_PX, place.height + _LABEL_PX + _GAP_PX)
    sheet = Image.new("RGB", (columns * cell[0] + _GAP_PX, rows * cell[1] + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(sheet)
    whole = Rect(0, 0, world.zones.shape[1], world.zones.shape[0])
    for number, (name, picture) in enumerate(all_pictures):
        left = _GAP_PX + number % _COLUMNS * cell[0]
        top = _GAP_PX + number // _COLUMNS * cell[1]
        draw.text((left, top), name, fill=_INK)
        crop = np.ascontiguousarray(picture[place.slices_in(whole)])
        sheet.paste(Image.fromarray(crop), (left, top + _LABEL_PX))
    return sheet


def painted_zones(world: LabWorld) -> _U8:
    """The flat colours of zones with the stencils over them, uint8 (h, w, 3)."""
    palette = default_palette()
    rect = Rect(0, 0, world.zones.shape[1], world.zones.shape[0])
    return draw_stencils(flat_canvas(world.zones, palette), world.strokes, rect, palette)


def busiest_place(world: LabWorld, stride_px: int) -> Rect:
    """A square around the corner of four windows that has the most of strokes in it."""
    height, width = world.zones.shape
    side = min(CROP_PX, width, height)
    corners = [
        (x, y)
        for y in range(stride_px, height, stride_px)
        for x in range(stride_px, width, stride_px)
    ] or [(width // 2, height // 2)]
    points = np.concatenate([np.zeros((0, 3)), *(stroke.points for stroke in world.strokes)])
    places = [
        Rect(
            _within(x - side // 2, width - side), _within(y - side // 2, height - side), side, side
        )
        for x, y in corners
    ]
    return max(places, key=lambda place: _points_in(points, place))


def _points_in(points: npt.NDArray[np.float64], place: Rect) -> int:
    x, y = points[:, 0], points[:, 1]
    inside = (x >= place.x) & (x < place.right) & (y >= place.y) & (y < place.bottom)
    return int(inside.sum())


def _within(value: int, most: int) -> int:
    return max(0, min(value, most))
