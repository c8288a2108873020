"""Stencils as vectors: strokes with a width along the line, and how they are drawn in pixels.

A stroke is a chain of trapezoids whose width changes linearly between points, with mitred joints
where it bends gently and round joints and ends elsewhere. Pixel (0, 0) covers [0, 1) x [0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from zones.geometry import Rect
from zones.outline import Outline, outline_of, stretches_near

MAX_POINTS = 100_000
"""Points one stroke may have; a longer one is refused when it is read."""

_SUBPIXEL_BITS = 4


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stencil stroke in map pixels.

    Attributes:
        kind: name of a stencil of the palette, such as "river".
        points: float64 (n, 3), read-only: x, y and full width in px, n >= 1.
        mu: share of steps in which the model may change it, in [0, 1]; None takes the palette's.
    """

    kind: str
    points: npt.NDArray[np.float64]
    mu: float | None = None

    def __post_init__(self) -> None:
        points = np.array(self.points, dtype=np.float64).reshape(-1, 3)
        points.setflags(write=False)
        object.__setattr__(self, "points", points)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in px of everything the stroke touches."""
        half = self.points[:, 2:] / 2
        left, top = (self.points[:, :2] - half).min(axis=0).tolist()
        right, bottom = (self.points[:, :2] + half).max(axis=0).tolist()
        return left, top, right, bottom

    @cached_property
    def outline(self) -> Outline:
        """The polygons and discs that make up the stroke, in the space of its points."""
        return outline_of(self.points)

    def touches(self, rect: Rect) -> bool:
        """Whether the stroke's bounds, with one px for anti-aliasing, meet `rect`."""
        left, top, right, bottom = self.bounds
        return (
            left - 1 < rect.right
            and right + 1 > rect.x
            and top - 1 < rect.bottom
            and bottom + 1 > rect.y
        )

    def points_near(self, rect: Rect) -> npt.NDArray[np.float64]:
        """The points whose stretches of line can show in `rect`, each with its neighbours.

        Returns:
            float64 (k, 3) in order, empty where the stroke cannot show; what is left out
            changes no pixel in `rect`.
        """
        if not self.touches(rect):
            return np.empty((0, 3))
        starts, ends = self.points[:-1], self.points[1:]
        if len(self.points) == 1:
            starts = ends = self.points
        stretches = np.flatnonzero(stretches_near(starts, ends, rect))
        around = (stretches[:, None] + np.arange(-1, 3)).clip(0, len(self.points) - 1)
        return np.asarray(self.points[np.unique(around)])


def stroke_coverage(stroke: Stroke, rect: Rect) -> npt.NDArray[np.float32]:
    """Anti-aliased coverage of a stroke over a rectangle of the map.

    Returns:
        float32 (rect.height, rect.width) in [0, 1].
    """
    mask = np.zeros(rect.shape, dtype=np.uint8)
    draw_stroke(mask, stroke, rect, 255)
    return mask.astype(np.float32) / np.float32(255)


def draw_stroke(
    picture: npt.NDArray[np.uint8], stroke: Stroke, rect: Rect, colour: int | tuple[int, int, int]
) -> None:
    """Draw a stroke, anti-aliased, into a picture in place.

    Args:
        picture: uint8 (rect.height, rect.width) or (..., 3), contiguous.
        stroke: in the same space as `rect`.
        rect: what the picture covers.
        colour: of the stroke: one value, or RGB.
    """
    if not stroke.touches(rect):
        return
    value = (colour,) * 3 if isinstance(colour, int) else colour
    scale = 1 << _SUBPIXEL_BITS
    origin = np.array([rect.x + 0.5, rect.y + 0.5])
    for polygon in stroke.outline.polygons_near(rect):
        corners = np.rint((polygon - origin) * scale).astype(np.int32)
        cv2.fillPoly(picture, [corners], value, cv2.LINE_AA, _SUBPIXEL_BITS)
    for x, y, radius in stroke.outline.discs_near(rect):
        centre = (round((x - origin[0]) * scale), round((y - origin[1]) * scale))
        cv2.circle(picture, centre, round(radius * scale), value, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
