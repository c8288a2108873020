"""The painted part of the seed canvas: flat zone colours and stencils over them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from zones.geometry import Rect
from zones.palette import Palette
from zones.strokes import Stroke, draw_stroke

STENCIL_OPACITY = 0.85
"""How strongly a stencil's colour covers the zone below unless the settings say otherwise."""


def flat_canvas(zones: npt.NDArray[np.uint8], palette: Palette) -> npt.NDArray[np.uint8]:
    """Zone ids as flat colours.

    Args:
        zones: uint8 (h, w) ids; 0 takes the base zone's colour.
        palette: where the colours come from.

    Returns:
        uint8 (h, w, 3) RGB, a new array.
    """
    table = palette.colour_table()
    planes = [cv2.LUT(zones, np.ascontiguousarray(table[:, channel])) for channel in range(3)]
    return np.asarray(cv2.merge(planes), dtype=np.uint8)


def draw_stencils(
    canvas: npt.NDArray[np.uint8],
    strokes: Iterable[Stroke],
    rect: Rect,
    palette: Palette,
    opacity: float = STENCIL_OPACITY,
) -> npt.NDArray[np.uint8]:
    """Paint strokes over a canvas.

    Later strokes lie over earlier ones; the whole stencil layer is then laid over the canvas
    with one opacity, so crossings and junctions are no darker than the rest.

    Args:
        canvas: uint8 (rect.height, rect.width, 3) RGB.
        strokes: in paint order, in the same space as `rect`.
        rect: what the canvas covers.
        palette: where the stencils' colours come from.
        opacity: of the stencil layer, in [0, 1].

    Returns:
        uint8 RGB of the same shape, a new array.

    Raises:
        InputError: a stroke's kind is not in the palette.
    """
    layer = canvas.copy()
    for stroke in strokes:
        draw_stroke(layer, stroke, rect, palette.stencil(stroke.kind).rgb)
    return np.asarray(cv2.addWeighted(layer, opacity, canvas, 1 - opacity, 0), dtype=np.uint8)
