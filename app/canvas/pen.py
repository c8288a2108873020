"""How a pen's pressure is felt."""

from __future__ import annotations

from typing import Literal

PressureCurve = Literal["soft", "linear", "hard"]

_EXPONENTS: dict[PressureCurve, float] = {"soft": 0.6, "linear": 1.0, "hard": 1.8}


def felt(pressure: float, curve: PressureCurve) -> float:
    """The pressure that tools get: light hands press more with `soft`, heavy ones less with `hard`.

    Args:
        pressure: as the pen reports it; out of [0, 1] it counts as the nearest end.
        curve: which hand.

    Returns:
        In [0, 1]; 0 stays 0 and 1 stays 1.
    """
    return float(min(max(pressure, 0.0), 1.0) ** _EXPONENTS[curve])
