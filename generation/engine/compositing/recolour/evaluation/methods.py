"""Ways to change the colour of a region of a latent; two of them are told the answer.

All take cells (1, C, h, w) as the VAE's decoder takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from generation.engine.compositing.compositors import TokenSpace
from generation.engine.compositing.masks import area_cells
from generation.engine.compositing.recolour.change import PARAMETERS, ColourChange, recoloured
from generation.engine.compositing.recolour.network import RecolourOperator

NOTHING, FORMULA = "nothing", "formula on latents"
PER_CHANNEL, ALL_CHANNELS = "affine per channel", "affine, all channels"
LEARNT, PIXELS = "learnt", "decode-correct-encode"
ORACLES = (PER_CHANNEL, ALL_CHANNELS)
"""These two see the right latent."""

_LEAST_SPREAD = 1e-6
_RIDGE = 1e-4


@dataclass(frozen=True)
class Trial:
    """What a method is given.

    Attributes:
        cells: (1, C, h, w).
        change: wanted.
        mask: float32 (1, 1, 8 h, 8 w), where it is wanted.
        target: the right cells, for oracles.
    """

    cells: torch.Tensor
    change: ColourChange
    mask: torch.Tensor
    target: torch.Tensor


Method = Callable[[Trial], torch.Tensor]


def methods(vae: Any, learnt: RecolourOperator | None) -> Mapping[str, Method]:
    """All methods by name, in the order of the tables.

    Args:
        vae: frozen.
        learnt: the trained operator, or None to leave it out.
    """
    mean, std = (part.view(1, -1, 1, 1) for part in TokenSpace.of(vae).cell_statistics())
    found: dict[str, Method] = {
        NOTHING: lambda trial: trial.cells,
        FORMULA: lambda trial: formula(trial, mean, std),
        PER_CHANNEL: lambda trial: affine_per_channel(
            trial.cells, trial.target, area_cells(trial.mask)
        ),
        ALL_CHANNELS: affine_all_channels,
    }
    if learnt is not None:
        found[LEARNT] = lambda trial: learnt(trial.cells, trial.change, trial.mask)
    found[PIXELS] = lambda trial: through_pixels(vae, trial)
    return found


def formula(trial: Trial, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Contrast and brightness as if normalised latents were pixels on the scale [-1, 1].

    The channels' mean gain multiplies every latent channel, twice their mean level is added; the
    gamma has no counterpart. Blended in by the mask's cell means.
    """
    log_gain, level = trial.change.numbers[1:].view(2, -1).mean(dim=1)
    own = (trial.cells - mean) / std
    other = (own * log_gain.exp() + 2.0 * level) * std + mean
    return torch.lerp(trial.cells, other, area_cells(trial.mask))


def affine_per_channel(
    cells: torch.Tensor, target: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Move mean and deviation of each channel within a region to those of the target there.

    Args:
        cells: (1, C, h, w).
        target: the same.
        weights: (1, 1, h, w), how much of each cell is in the region.
    """
    (mean, spread), (wanted_mean, wanted_spread) = (
        _statistics(one, weights) for one in (cells, target)
    )
    other = (cells - mean) * (wanted_spread / spread) + wanted_mean
    return torch.lerp(cells, other, weights)


def affine_all_channels(trial: Trial) -> torch.Tensor:
    """The affine map of all channels that fits the target best within the region."""
    weights = area_cells(trial.mask)
    cells, target = (one[0].flatten(1).T for one in (trial.cells, trial.target))
    rows = torch.cat([cells, torch.ones_like(cells[:, :1])], dim=1)
    weighted = rows * weights.view(-1, 1)
    gram = weighted.T @ rows
    gram = gram + _RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
    moves = torch.linalg.solve(gram, weighted.T @ (target - cells))
    other = trial.cells + (rows @ moves).T.view_as(trial.cells)
    return torch.lerp(trial.cells, other, weights)


@torch.no_grad()
def through_pixels(vae: Any, trial: Trial) -> torch.Tensor:
    """Decode, change the pixels, encode."""
    pixels = vae.decode(trial.cells).sample
    found = recoloured(pixels, trial.change.numbers.view(1, PARAMETERS), trial.mask)
    cells: torch.Tensor = vae.encode(found).latent_dist.mode()
    return cells


def _statistics(cells: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation (1, C, 1, 1) of each channel by weights."""
    share = weights / weights.sum().clamp(min=_LEAST_SPREAD)
    mean = (cells * share).sum(dim=(2, 3), keepdim=True)
    variance = ((cells - mean).square() * share).sum(dim=(2, 3), keepdim=True)
    return mean, variance.sqrt().clamp(min=_LEAST_SPREAD)
