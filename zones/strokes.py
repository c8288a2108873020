"""Stencils as vectors: strokes with a width along the line, and how they are drawn in pixels.

A stroke is a chain of trapezoids whose width changes linearly between points, with mitred joints
where it bends gently and round joints and ends elsewhere. Pixel (0, 0) covers [0, 1) x [0, 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from zones.flow import Flow
from zones.geometry import Rect
from zones.nearness import stretches_near
from zones.outline import Outline, outlines_of

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
        flow: which way it flows; None draws one even colour from bank to bank.
    """

    kind: str
    points: npt.NDArray[np.float64]
    mu: float | None = None
    flow: Flow | None = None

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
        return outlines_of([self.points])[0]

    def touches(self, rect: Rect) -> bool:
        """Whether the stroke's bounds, with one px for anti-aliasing, meet `rect`."""
        left, top, right, bottom = self.bounds
        return (
            left - 1 < rect.right
            and right + 1 > rect.x
            and top - 1 < rect.bottom
            and bottom + 1 > rect.y
        )


def prepare(strokes: Sequence[Stroke]) -> None:
    """Work out the outlines of many strokes together, which is faster than one by one."""
    fresh = [stroke for stroke in strokes if "outline" not in vars(stroke)]
    if fresh:
        outlines = outlines_of([stroke.points for stroke in fresh])
        for stroke, outline in zip(fresh, outlines, strict=True):
            vars(stroke)["outline"] = outline


def points_near(strokes: Sequence[Stroke], rect: Rect) -> list[npt.NDArray[np.float64]]:
    """Of each stroke the points whose stretches of line can show in `rect`, with neighbours.

    Returns:
        float64 (k, 3) each, empty where the stroke cannot show; what is left out changes no
        pixel in `rect`.
    """
    if not strokes:
        return []
    lines = [
        stroke.points[[0, 0]] if len(stroke.points) == 1 else stroke.points for stroke in strokes
    ]
    near = stretches_near(
        np.concatenate([line[:-1] for line in lines]),
        np.concatenate([line[1:] for line in lines]),
        rect,
    )
    found = []
    begin = 0
    for line in lines:
        end = begin + len(line) - 1
        keep = np.zeros(len(line) + 2, dtype=np.bool_)
        stretches = near[begin:end]
        for shift in range(4):
            keep[shift : shift + len(stretches)] |= stretches
        found.append(np.asarray(line[keep[1:-1]]))
        begin = end
    return found


def stroke_coverage(stroke: Stroke, rect: Rect) -> npt.NDArray[np.float32]:
    """Anti-aliased coverage of a stroke over a rectangle of the map.

    Returns:
        float32 (rect.height, rect.width) in [0, 1].
    """
    mask = np.zeros(rect.shape, dtype=np.uint8)
    shapes_in(stroke, rect).draw(mask, 255)
    return mask.astype(np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """A stroke's shapes in one picture, in fixed-point px: drawn as often as needed.

    Attributes:
        polygons: int32 (k, 2) corners each.
        discs: x, y and radius each.
    """

    polygons: tuple[npt.NDArray[np.int32], ...]
    discs: tuple[tuple[int, int, int], ...]

    def draw(self, picture: npt.NDArray[np.uint8], colour: int | tuple[int, int, int]) -> None:
        """Fill the shapes, anti-aliased, in place.

        Args:
            picture: uint8 (h, w) or (h, w, 3), contiguous.
            colour: one value, or RGB.
        """
        value = (colour,) * 3 if isinstance(colour, int) else colour
        for polygon in self.polygons:
            cv2.fillPoly(picture, [polygon], value, cv2.LINE_AA, _SUBPIXEL_BITS)
        for x, y, radius in self.discs:
            cv2.circle(picture, (x, y), radius, value, -1, cv2.LINE_AA, _SUBPIXEL_BITS)


def shapes_in(stroke: Stroke, rect: Rect) -> Shapes:
    """What of a stroke can show in a picture of `rect`, both in the same space."""
    if not stroke.touches(rect):
        return Shapes((), ())
    outline, scale = stroke.outline, 1 << _SUBPIXEL_BITS
    origin = np.array([rect.x + 0.5, rect.y + 0.5])
    near = outline.polygons_near(rect)
    offsets = outline.offsets[near[0] : near[-1] + 2].tolist() if near else []
    corners = outline.corners[offsets[0] : offsets[-1]] if near else outline.corners[:0]
    fixed = np.rint((corners - origin) * scale).astype(np.int32)
    polygons = tuple(
        fixed[offsets[number - near[0]] - offsets[0] : offsets[number - near[0] + 1] - offsets[0]]
        for number in near
    )
    discs = outline.discs_near(rect)
    discs[:, :2] -= origin
    return Shapes(polygons, tuple(map(tuple, np.rint(discs * scale).astype(np.int32).tolist())))
