"""The flat seed canvas of a training world: exactly what the zone compiler makes of the map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.palette import default_palette
from zones.strokes import Stroke, stroke_coverage

U8 = npt.NDArray[np.uint8]

STENCILS = ("river", "path", "road")
"""Stencil kinds in the order of their ids in `stencil_ids`, counted from 1."""

COVERED = 0.5
"""Least coverage at which a pixel counts as a stencil's."""


def paint_canvas(zones: U8, strokes: Sequence[Stroke]) -> U8:
    """Return the flat colours of `zones` with `strokes` over them.

    Args:
        zones: uint8 (h, w) zone ids.
        strokes: stencils in paint order, in px of `zones`.

    Returns:
        uint8 (h, w, 3).
    """
    palette = default_palette()
    rect = Rect(0, 0, zones.shape[1], zones.shape[0])
    return draw_stencils(flat_canvas(zones, palette), strokes, rect, palette)


def stencil_ids(shape: tuple[int, ...], strokes: Sequence[Stroke]) -> U8:
    """Return which stencil lies on each pixel: 0 none, else 1 + its place in `STENCILS`.

    Args:
        shape: rows and columns.
        strokes: stencils in paint order; the last one wins where they cross.

    Returns:
        uint8 of `shape`.
    """
    ids = np.zeros(shape, np.uint8)
    rect = Rect(0, 0, shape[1], shape[0])
    for stroke in strokes:
        covered = stroke_coverage(stroke, rect) >= COVERED
        ids[covered] = 1 + STENCILS.index(stroke.kind)
    return ids
