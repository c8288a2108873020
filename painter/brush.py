"""The round brush and the pen that draws with it; pressure decides the size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zones.errors import InputError

MAX_DIAMETER_PX = 4096
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
