"""A change of tone and colour in pixel space: gamma, gain and level of each channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

F64 = npt.NDArray[np.float64]
Triple = tuple[float, float, float]

PARAMETERS = 7
MOST_GAMMA, MOST_GAIN, MOST_LEVEL = 0.4, 0.3, 0.12
"""Bounds of a moderate change: of both logarithms, and of the level in [0, 1]."""

HALF = 0.5
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True)
class ColourChange:
    """x -> clip((clip(x, 0, 1)^gamma - 1/2) gain + 1/2 + level, 0, 1), by channel.

    An equal gain of all channels is contrast, an equal level brightness.

    Attributes:
        log_gamma: of all channels.
        log_gain: red, green, blue.
        level: red, green, blue, on the scale [0, 1].
    """

    log_gamma: float = 0.0
    log_gain: Triple = (0.0, 0.0, 0.0)
    level: Triple = (0.0, 0.0, 0.0)

    @property
    def numbers(self) -> torch.Tensor:
        """float32 (7,): log gamma, log gains, levels."""
        return torch.tensor([self.log_gamma, *self.log_gain, *self.level])

    @classmethod
    def matching(cls, mean: F64, std: F64, wanted_mean: F64, wanted_std: F64) -> ColourChange:
        """The gain and level of each channel that bring means and deviations to those wanted.

        Args:
            mean: (3,) of pixels in [0, 1]; `std` their deviations.
            std: (3,).
            wanted_mean: (3,); `wanted_std` the deviations wanted.
            wanted_std: (3,).
        """
        gain = np.maximum(wanted_std, _LEAST_SPREAD) / np.maximum(std, _LEAST_SPREAD)
        level = wanted_mean - HALF - gain * (mean - HALF)
        return cls(0.0, _triple(np.log(gain)), _triple(level))


def draw_change(rng: np.random.Generator, strength: float = 1.0) -> ColourChange:
    """A random change of at most e^+-0.4 in gamma, e^+-0.3 in gain and +-0.12 in level.

    Gains and levels are common to the channels by a random share, each channel's own by the rest.

    Args:
        rng: random numbers.
        strength: multiplies all bounds.
    """
    own = rng.random()
    gain = rng.uniform(-1, 1) * (1 - own) + rng.uniform(-1, 1, 3) * own
    level = rng.uniform(-1, 1) * (1 - own) + rng.uniform(-1, 1, 3) * own
    gamma = float(rng.uniform(-1, 1) * MOST_GAMMA * strength)
    return ColourChange(
        gamma, _triple(gain * MOST_GAIN * strength), _triple(level * MOST_LEVEL * strength)
    )


def changed(pictures: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
    """Apply changes to pixels in [0, 1].

    Args:
        pictures: float (B, 3, H, W).
        numbers: (B, 7), see `ColourChange.numbers`.
    """
    gamma, gain, level = numbers.to(pictures).split((1, 3, 3), dim=1)
    gamma, gain = gamma.exp()[..., None, None], gain.exp()[..., None, None]
    toned = pictures.clamp(0.0, 1.0).pow(gamma)
    return ((toned - HALF) * gain + HALF + level[..., None, None]).clamp(0.0, 1.0)


def recoloured(pictures: torch.Tensor, numbers: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """F(x, M) = lerp(x, T(x), M) for the VAE's pixels, float (B, 3, H, W) in [-1, 1].

    Args:
        pictures: cut to [-1, 1] where they are changed.
        numbers: (B, 7).
        mask: (B, 1, H, W) in [0, 1].
    """
    other = 2.0 * changed(0.5 * pictures + 0.5, numbers) - 1.0
    return torch.lerp(pictures, other, mask.to(pictures))


def _triple(values: F64) -> Triple:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
