"""The round brush: which pixels a drawn line covers, piece by piece, with pen pressure as size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zones.errors import InputError
from zones.geometry import Rect

MAX_DIAMETER_PX = 4096
_PATTERN_PX = 512
_MIN_RADIUS_PX = 0.5
_REACH_PX = 2**24


@dataclass(frozen=True, slots=True)
class Brush:
    """A round brush.

    Zones are names, not shades, so a soft rim is drawn by scattering: in it a pixel is painted
    where the coverage, falling from 1 to 0, exceeds a fixed pattern of the map. Painting over the
    same place twice therefore changes nothing.

    Attributes:
        diameter_px: at full pressure, 1 to 4096.
        softness: share of the radius that is soft rim, 0 to 1.
        pressure_size: how much of the size the pressure decides, 0 (none) to 1 (all).

    Raises:
        InputError: a value is out of its range.
    """

    diameter_px: float
    softness: float = 0.0
    pressure_size: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.diameter_px <= MAX_DIAMETER_PX:
            raise InputError(
                f"the brush is {self.diameter_px:g} px wide; use 1 to {MAX_DIAMETER_PX} px"
            )
        for name in ("softness", "pressure_size"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"the brush's {name} is not a number from 0 to 1; give one")

    def radius_px(self, pressure: float) -> float:
        """Radius at a pen pressure in [0, 1]."""
        pressure = min(max(pressure, 0.0), 1.0)
        share = 1 - self.pressure_size * (1 - pressure)
        return max(self.diameter_px / 2 * share, _MIN_RADIUS_PX)


@dataclass(frozen=True, slots=True)
class PenPoint:
    """One position of the pen.

    Attributes:
        x: in map px; may lie beyond the map.
        y: as x.
        pressure: in [0, 1].

    Raises:
        InputError: a value is not finite or absurdly far away.
    """

    x: float
    y: float
    pressure: float = 1.0

    def __post_init__(self) -> None:
        near = abs(self.x) < _REACH_PX and abs(self.y) < _REACH_PX
        if not (near and math.isfinite(self.pressure)):
            raise InputError("the pen's position is not on or near the map; move it back")

    def shifted(self, dx: float, dy: float) -> PenPoint:
        """The same pen moved by (dx, dy) px."""
        return PenPoint(self.x + dx, self.y + dy, self.pressure) if dx or dy else self


def line_bounds(brush: Brush, start: PenPoint, end: PenPoint) -> Rect:
    """The smallest rectangle of whole pixels around a line drawn with a brush."""
    return _bounds([(p.x, p.y, brush.radius_px(p.pressure)) for p in (start, end)])


def covered(
    brush: Brush, start: PenPoint, end: PenPoint, map_rect: Rect
) -> Iterator[tuple[Rect, npt.NDArray[np.bool_]]]:
    """The pixels that the brush covers on its way between two points.

    A pixel is covered where its centre is within the radius of the line; the radius changes
    evenly along the way. Long ways come in several pieces, so the cost follows their length.

    Yields:
        Rectangles inside the map and bool (rect.height, rect.width).
    """
    radii = brush.radius_px(start.pressure), brush.radius_px(end.pressure)
    length = math.hypot(end.x - start.x, end.y - start.y)
    pieces = max(1, math.ceil(length / (2 * max(radii))))
    for number in range(pieces):
        near, far = number / pieces, (number + 1) / pieces
        ends = [
            (
                start.x + (end.x - start.x) * share,
                start.y + (end.y - start.y) * share,
                radii[0] + (radii[1] - radii[0]) * share,
            )
            for share in (near, far)
        ]
        rect = _bounds(ends).intersect(map_rect)
        if rect.area:
            yield rect, _capsule(ends, rect, brush.softness)


def _bounds(ends: list[tuple[float, float, float]]) -> Rect:
    left = math.floor(min(x - radius for x, _, radius in ends))
    top = math.floor(min(y - radius for _, y, radius in ends))
    right = math.ceil(max(x + radius for x, _, radius in ends))
    bottom = math.ceil(max(y + radius for _, y, radius in ends))
    return Rect(left, top, right - left, bottom - top)


def _capsule(
    ends: list[tuple[float, float, float]], rect: Rect, softness: float
) -> npt.NDArray[np.bool_]:
    (x0, y0, r0), (x1, y1, r1) = ends
    across = (np.arange(rect.x, rect.right, dtype=np.float64) + 0.5 - x0).astype(np.float32)
    down = (np.arange(rect.y, rect.bottom, dtype=np.float64) + 0.5 - y0).astype(np.float32)
    dx, dy = np.float32(x1 - x0), np.float32(y1 - y0)
    squared = dx * dx + dy * dy
    if squared < np.float32(1e-6):
        distance_2 = (across * across)[None, :] + (down * down)[:, None]
        radius: npt.NDArray[np.float32] | np.float32 = np.float32(max(r0, r1))
    else:
        along = ((across * dx)[None, :] + (down * dy)[:, None]) / squared
        np.clip(along, 0, 1, out=along)
        distance_2 = (across[None, :] - along * dx) ** 2 + (down[:, None] - along * dy) ** 2
        radius = np.float32(r0)
        if r0 != r1:
            radius = (radius + along * np.float32(r1 - r0)).astype(np.float32)
    if softness == 0:
        return np.asarray(distance_2 <= radius * radius)
    coverage = (radius - np.sqrt(distance_2)) / (radius * np.float32(softness))
    return np.asarray(coverage > _pattern_in(rect))


def _pattern_in(rect: Rect) -> npt.NDArray[np.float32]:
    rows = np.arange(rect.y, rect.bottom) % _PATTERN_PX
    columns = np.arange(rect.x, rect.right) % _PATTERN_PX
    return np.asarray(_PATTERN[rows[:, None], columns[None, :]])


def _made_pattern() -> npt.NDArray[np.float32]:
    """Thresholds in [0, 1), each value equally often, scattered by a fixed seed."""
    count = _PATTERN_PX * _PATTERN_PX
    order = np.random.Generator(np.random.PCG64(20)).permutation(count)
    return (order / count).astype(np.float32).reshape(_PATTERN_PX, _PATTERN_PX)


_PATTERN = _made_pattern()
