"""For how many steps a pixel is held: the two gates of differential diffusion, in plain numbers.

A pixel with change strength mu is held to its source at the first `held_steps` steps of the full
schedule and free afterwards (Levin & Fried 2023, "Differential Diffusion", arXiv 2306.00950).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Gate = Literal["index", "sigma"]

REFERENCE_TOKENS = (1024 // 16) ** 2
"""Tokens of the window whose schedule defines the sigma gate."""

REFERENCE_STEPS = 12
"""Steps of the schedule that defines the sigma gate."""

MAX_STEPS = 255
"""Longest schedule: held steps are counted in a byte."""

_ROUNDING = 1e-6
"""Differences below this are taken as equal, so exact fractions of T do not flicker."""


def held_steps(
    mu: npt.ArrayLike,
    steps: int,
    gate: Gate = "index",
    sigmas: Sequence[float] | None = None,
) -> npt.NDArray[np.uint8]:
    """Number of steps at which a pixel is held; held at step i exactly if i < the result.

    Gate `index` holds while `1 - mu > i / steps`. Gate `sigma` holds while
    `sigma_i > release_sigma(mu)`, so the same noise level frees a pixel at any size and step count.

    Args:
        mu: change strengths in [0, 1], any shape.
        steps: T of the full schedule (also when strength < 1), 1..255.
        gate: which rule.
        sigmas: the T noise levels of the run, falling, for gate `sigma`; None takes Klein's
            schedule of the reference window at this number of steps.

    Returns:
        uint8 of the shape of `mu`, in [0, steps].

    Raises:
        ValueError: steps out of range, mu out of [0, 1] or NaN, or not `steps` sigmas.
    """
    values = np.asarray(mu, dtype=np.float64)
    if not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps must be 1..{MAX_STEPS}, not {steps}")
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("mu must lie in [0, 1]")
    if gate == "index":
        return np.ceil((1 - values) * steps - _ROUNDING * steps).astype(np.uint8)
    levels = klein_sigmas(REFERENCE_TOKENS, steps) if sigmas is None else tuple(sigmas)
    if len(levels) != steps:
        raise ValueError(f"{steps} steps need {steps} sigmas, not {len(levels)}")
    release = release_sigma(values)
    falling = np.asarray(levels, dtype=np.float64)[::-1]
    return (steps - np.searchsorted(falling, release + _ROUNDING, side="right")).astype(np.uint8)


def release_sigma(mu: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The noise level at and below which a pixel is free under gate `sigma`.

    f(mu) = e^m / (e^m + 1/mu - 1), f(0) = 0: where Klein's schedule of 1024 px and 12 steps
    stands when the share mu of its steps is left (f(0.35) = 0.836).

    Args:
        mu: in [0, 1], any shape.

    Returns:
        float64 of the same shape, in [0, 1], rising with mu.
    """
    values = np.asarray(mu, dtype=np.float64)
    return _shifted(values, schedule_shift(REFERENCE_TOKENS, REFERENCE_STEPS))


@lru_cache(maxsize=64)
def klein_sigmas(tokens: int, steps: int, terminal_sigma: float | None = None) -> tuple[float, ...]:
    """Noise levels at the start of each step of a FLUX.2 Klein run.

    Args:
        tokens: canvas tokens, width/16 * height/16; reference tokens do not count.
        steps: T, at least 1.
        terminal_sigma: level of the last step, to which the schedule is stretched (the
            `shift_terminal` of a diffusers scheduler); None leaves it as it comes.

    Returns:
        T falling values in (0, 1], the first 1.0; the final 0 after the last step is not listed.
    """
    shares = np.linspace(1.0, 1.0 / steps, steps)
    sigmas = _shifted(shares, schedule_shift(tokens, steps))
    if terminal_sigma is not None and steps > 1:
        sigmas = 1.0 - (1.0 - sigmas) * (1.0 - terminal_sigma) / (1.0 - sigmas[-1])
    return tuple(float(sigma) for sigma in sigmas)


def schedule_shift(tokens: int, steps: int) -> float:
    """The exponent m of the time shift, as FLUX.2 derives it from window size and step count.

    It is a fit of the model's authors, linear in the tokens at 10 and at 200 steps and linear in
    the steps between; above 4300 tokens the 200-step line holds for every step count.
    """
    at_200 = 0.00016927 * tokens + 0.45666666
    if tokens > 4300:  # noqa: PLR2004 - the fit's own border
        return at_200
    at_10 = 8.73809524e-05 * tokens + 1.89833333
    slope = (at_200 - at_10) / 190
    return slope * steps + at_200 - 200 * slope


def min_reduce(mu: npt.NDArray[np.float32], cell_px: int) -> npt.NDArray[np.float32]:
    """The smallest mu of every cell: the most held pixel decides, so thin lines survive.

    Args:
        mu: float32 (h, w), both sides multiples of `cell_px`.
        cell_px: side of a cell in px, such as 8 (latent cell) or 16 (token).

    Returns:
        float32 (h / cell_px, w / cell_px).

    Raises:
        ValueError: a side is not a multiple of the cell.
    """
    height, width = mu.shape
    if cell_px < 1 or height % cell_px or width % cell_px:
        raise ValueError(f"{width} x {height} px cannot be cut into cells of {cell_px} px")
    cells = mu.reshape(height // cell_px, cell_px, width // cell_px, cell_px)
    return np.asarray(cells.min(axis=(1, 3)), dtype=np.float32)


def _shifted(shares: npt.NDArray[np.float64], shift: float) -> npt.NDArray[np.float64]:
    """Exponential time shift e^m s / (e^m s + 1 - s), which is 0 at 0 and 1 at 1."""
    grown = math.exp(shift) * shares
    return np.asarray(grown / (grown + (1 - shares)), dtype=np.float64)
