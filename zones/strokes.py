"""Stencils as vectors: strokes with a width along the line, and their coverage in pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

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

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in px of everything the stroke touches."""
        half = self.points[:, 2] / 2
        x, y = self.points[:, 0], self.points[:, 1]
        return (
            float((x - half).min()),
            float((y - half).min()),
            float((x + half).max()),
            float((y + half).max()),
        )

    def touches(self, rect: Rect) -> bool:
        """Whether the stroke's bounds, with one px for anti-aliasing, meet `rect`."""
        left, top, right, bottom = self.bounds
        return (
            left - 1 < rect.right
            and right + 1 > rect.x
            and top - 1 < rect.bottom
            and bottom + 1 > rect.y
        )


def stroke_coverage(stroke: Stroke, rect: Rect) -> npt.NDArray[np.float32]:
    """Anti-aliased coverage of a stroke over a rectangle of the map.

    The line between two points is a chain of trapezoids with round joints, so the width
    changes linearly between points.

    Returns:
        float32 (rect.height, rect.width) in [0, 1].
    """
    mask = np.zeros(rect.shape, dtype=np.uint8)
    points = _points_near(stroke, rect)
    if len(points):
        _draw_chain(mask, points - np.array([rect.x, rect.y, 0.0]))
    return mask.astype(np.float32) / np.float32(255)


def _points_near(stroke: Stroke, rect: Rect) -> npt.NDArray[np.float64]:
    """The stroke's points, or none where it cannot touch `rect`."""
    if not stroke.touches(rect):
        return np.empty((0, 3))
    return stroke.points


def _draw_chain(mask: npt.NDArray[np.uint8], points: npt.NDArray[np.float64]) -> None:
    """Draw joints as discs and the stretches between them as convex quadrilaterals."""
    scale = 1 << _SUBPIXEL_BITS
    height, width = mask.shape
    for x, y, full in points:
        if _outside(x, y, full, width, height):
            continue
        radius = max(1, round((full / 2) * scale))
        centre = (round((x - 0.5) * scale), round((y - 0.5) * scale))
        cv2.circle(mask, centre, radius, 255, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
    for (x0, y0, w0), (x1, y1, w1) in zip(points[:-1], points[1:], strict=True):
        length = float(np.hypot(x1 - x0, y1 - y0))
        if length == 0 or _segment_outside(x0, y0, w0, x1, y1, w1, width, height):
            continue
        nx, ny = -(y1 - y0) / length, (x1 - x0) / length
        quad = np.array(
            [
                [x0 + nx * w0 / 2, y0 + ny * w0 / 2],
                [x1 + nx * w1 / 2, y1 + ny * w1 / 2],
                [x1 - nx * w1 / 2, y1 - ny * w1 / 2],
                [x0 - nx * w0 / 2, y0 - ny * w0 / 2],
            ]
        )
        corners = np.round((quad - 0.5) * scale).astype(np.int32)
        cv2.fillConvexPoly(mask, corners, 255, cv2.LINE_AA, _SUBPIXEL_BITS)


def _outside(x: float, y: float, full: float, width: int, height: int) -> bool:
    half = full / 2 + 1
    return x + half < 0 or y + half < 0 or x - half > width or y - half > height


def _segment_outside(  # noqa: PLR0913 - two points with their widths, and the picture's size
    x0: float, y0: float, w0: float, x1: float, y1: float, w1: float, width: int, height: int
) -> bool:
    half = max(w0, w1) / 2 + 1
    return (
        max(x0, x1) + half < 0
        or max(y0, y1) + half < 0
        or min(x0, x1) - half > width
        or min(y0, y1) - half > height
    )
