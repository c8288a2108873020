"""The painted part of the seed canvas: flat zone colours and stencils over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from zones.flow import flow_levels
from zones.geometry import Rect
from zones.palette import RGB, Palette
from zones.settings import STENCIL_OPACITY
from zones.strokes import Shapes, Stroke, shapes_in


def flat_canvas(zones: npt.NDArray[np.uint8], palette: Palette) -> npt.NDArray[np.uint8]:
    """Zone ids as flat colours.

    Args:
        zones: uint8 (h, w) ids; 0 takes the base zone's colour.
        palette: where the colours come from.

    Returns:
        uint8 (h, w, 3) RGB, a new array.
    """
    table = palette.colour_table().reshape(256, 1, 3)
    return np.asarray(cv2.applyColorMap(zones, table), dtype=np.uint8)


def draw_stencils(
    canvas: npt.NDArray[np.uint8],
    strokes: Iterable[Stroke],
    rect: Rect,
    palette: Palette,
    opacity: float = STENCIL_OPACITY,
) -> npt.NDArray[np.uint8]:
    """Paint strokes over a canvas.

    Later strokes lie over earlier ones; the whole stencil layer is then laid over the canvas
    with one opacity, so crossings and junctions are no darker than the rest. A stroke with flow is
    strongest on its centre line and fades to the banks.

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
    both = np.stack([canvas, canvas])
    for stroke in strokes:
        colour = palette.stencil(stroke.kind).rgb
        if stroke.flow is None:
            shapes_in(stroke, rect).draw(both[1], colour)
        elif stroke.touches(rect):
            _draw_flow(both[1], stroke, rect, colour)
    return _lay(both, (), opacity)


def painted_canvas(
    zones: npt.NDArray[np.uint8],
    shapes: Sequence[tuple[Shapes, RGB]],
    palette: Palette,
    opacity: float,
) -> npt.NDArray[np.uint8]:
    """Flat zone colours under shapes of the given colours: both functions above in one pass.

    Args:
        zones: uint8 (h, w) ids.
        shapes: in paint order, in px of `zones`.
        palette: where the zones' colours come from.
        opacity: of the stencil layer, in [0, 1].

    Returns:
        uint8 (h, w, 3) RGB.
    """
    both = np.empty((2, *zones.shape, 3), dtype=np.uint8)
    cv2.applyColorMap(zones, palette.colour_table().reshape(256, 1, 3), both[0])
    if not shapes:
        return np.asarray(both[0])
    both[1] = both[0]
    return _lay(both, shapes, opacity)


def _lay(
    both: npt.NDArray[np.uint8], shapes: Sequence[tuple[Shapes, RGB]], opacity: float
) -> npt.NDArray[np.uint8]:
    """Draw shapes on the second of two equal canvases and mix it into the first; returns that."""
    layer = both[1]
    for shape, colour in shapes:
        shape.draw(layer, colour)
    mixed = cv2.addWeighted(layer, opacity, both[0], 1 - opacity, 0, dst=both[0])
    return np.asarray(mixed, dtype=np.uint8)


def _draw_flow(layer: npt.NDArray[np.uint8], stroke: Stroke, rect: Rect, colour: RGB) -> None:
    """Draw a stroke with flow onto the stencil layer, in place."""
    assert stroke.flow is not None
    alpha = np.zeros(rect.shape, dtype=np.uint8)
    for width_share, strength in flow_levels(stroke.flow):
        points = stroke.points * np.array([1.0, 1.0, width_share])
        shapes_in(Stroke(stroke.kind, points), rect).draw(alpha, round(255 * strength))
    share = alpha[..., None].astype(np.float32) / np.float32(255)
    mixed = layer + share * (np.array(colour, dtype=np.float32) - layer)
    layer[...] = np.rint(mixed).astype(np.uint8)
