"""How far a VAE's encoder sees and its decoder reaches: effective receptive fields.

The energy of a derivative, by distance from the middle of one latent cell (Luo et al. 2016):
of the cell by the encoder's input pixels, and of the decoder's output pixels by the cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from generation.engine.compositing.compositors import TokenSpace
from generation.plan.intervals import Interval, mean_interval
from zones.geometry import LATENT_PX

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Part = Literal["encoder", "decoder"]
Norms = Literal["live", "held"]

SHARES = (0.5, 0.9, 0.99)
"""Shares of the energy whose radii are told."""

PLACES = 4
_BINS_PER_PX = 2


@dataclass(frozen=True)
class Reach:
    """The field of one half of a VAE.

    Attributes:
        part: which half.
        norms: "live", or "held" for group statistics that do not answer to a change.
        profiles: float64 (pictures, bins), energy by distance in bins of half a px.
    """

    part: Part
    norms: Norms
    profiles: F64

    def radius_px(self, share: float) -> Interval:
        """Mean over pictures of the radius that holds `share` of the energy."""
        return mean_interval(np.array([radius_holding(one, share) for one in self.profiles]))

    def beyond(self, most_px: int) -> F64:
        """Mean share of the energy farther away than 0, 1, ... most_px - 1 px, (most_px,)."""
        shares = self.profiles / self.profiles.sum(axis=1, keepdims=True)
        within = np.concatenate([[0.0], np.cumsum(shares.mean(axis=0))])
        edges = np.arange(len(within)) / _BINS_PER_PX
        left: F64 = 1.0 - np.interp(np.arange(most_px), edges, within)
        return left


def measure_reach(vae: Any, pictures: Sequence[F32], places: int = PLACES) -> list[Reach]:
    """Measure encoder and decoder at random places of several pictures.

    The energies of all channels of a cell, each in units of its spread, add up; they are estimated
    with one random sign per channel, drawn anew at each place. With held norms only convolutions
    and attention carry a change.

    Args:
        vae: an `AutoencoderKLFlux2`, float32.
        pictures: float32 (S, S, 3) in [0, 1], one size.
        places: cells per picture, from its middle half.
    """
    found: dict[tuple[Part, Norms], list[F64]] = {}
    for number, picture in enumerate(pictures):
        pixels = torch.from_numpy(2.0 * picture - 1.0).permute(2, 0, 1)[None].to(vae.device)
        rng = np.random.default_rng((41, number))
        chosen = [_probe(rng, vae, picture.shape[0] // LATENT_PX) for _ in range(places)]
        for norms in ("live", "held"):
            with _norms(vae, norms):
                for part, profile in _profiles(vae, pixels, chosen).items():
                    found.setdefault((part, norms), []).append(profile)
    return [
        Reach(part, norms, np.stack(found[part, norms]))
        for part in get_args(Part)
        for norms in get_args(Norms)
    ]


def radius_holding(profile: F64, share: float) -> float:
    """Radius in px within which `share` of the energy of a profile lies."""
    within = np.concatenate([[0.0], np.cumsum(profile)])
    edges = np.arange(len(within)) / _BINS_PER_PX
    return float(np.interp(share * within[-1], within, edges))


def radial_profile(energy: F64, row: int, column: int) -> F64:
    """Energy (H, W) summed by distance from the middle of a cell, in bins of half a px."""
    middles = ((index + 0.5) * LATENT_PX - 0.5 for index in (row, column))
    rows, columns = (np.arange(n) - at for n, at in zip(energy.shape, middles, strict=True))
    bins = (np.hypot(rows[:, None], columns) * _BINS_PER_PX).astype(np.int64)
    most = int(np.hypot(*energy.shape) * _BINS_PER_PX) + 1
    return np.bincount(bins.ravel(), energy.ravel(), minlength=most).astype(np.float64)


def encoder_energy(vae: Any, pixels: torch.Tensor, probe: Probe) -> F64:
    """Squared derivative (H, W) of one cell, summed over its channels, by pixels (1, 3, H, W)."""
    pixels = pixels.detach().requires_grad_()
    with torch.enable_grad():
        cells = vae.encode(pixels).latent_dist.mode()
        value = (cells[0, :, probe.row, probe.column] * probe.signs / probe.spread).sum()
        (slope,) = torch.autograd.grad(value, pixels)
    return _energy(slope)


def decoder_energy(vae: Any, cells: torch.Tensor, probe: Probe) -> F64:
    """Squared derivative (H, W) of the decoded pixels by one of the cells (1, C, h, w)."""
    change = torch.zeros_like(cells)
    change[0, :, probe.row, probe.column] = probe.signs * probe.spread
    with sdpa_kernel(SDPBackend.MATH):
        slope = torch.autograd.functional.jvp(lambda one: vae.decode(one).sample, cells, change)[1]
    return _energy(slope)


@dataclass(frozen=True)
class Probe:
    """A cell and a direction in its channels.

    Attributes:
        row: of the cell.
        column: of the cell.
        signs: float (C,), 1 or -1.
        spread: float (C,), of each channel.
    """

    row: int
    column: int
    signs: torch.Tensor
    spread: torch.Tensor


def _probe(rng: np.random.Generator, vae: Any, side: int) -> Probe:
    spread = TokenSpace.of(vae).cell_statistics()[1]
    row, column = (int(n) for n in rng.integers(side // 4, side - side // 4, 2))
    signs = torch.from_numpy(rng.choice([-1.0, 1.0], len(spread)).astype(np.float32))
    return Probe(row, column, signs.to(spread), spread)


def _profiles(vae: Any, pixels: torch.Tensor, chosen: Sequence[Probe]) -> dict[Part, F64]:
    """Both halves' energy by distance, summed over the places of one picture."""
    with torch.no_grad():
        cells = vae.encode(pixels).latent_dist.mode()
    seen, reached = [], []
    for probe in chosen:
        place = (probe.row, probe.column)
        seen.append(radial_profile(encoder_energy(vae, pixels, probe), *place))
        reached.append(radial_profile(decoder_energy(vae, cells, probe), *place))
    return {"encoder": np.sum(seen, axis=0), "decoder": np.sum(reached, axis=0)}


def _energy(slope: torch.Tensor) -> F64:
    squared: F64 = slope.detach().double().square().sum(dim=1)[0].cpu().numpy()
    return squared


@contextmanager
def _norms(vae: Any, norms: Norms) -> Iterator[None]:
    """Hold the statistics of all group normalisations while inside, if asked to."""
    layers = [one for one in vae.modules() if isinstance(one, nn.GroupNorm)]
    layers = layers if norms == "held" else []
    for layer in layers:
        layer.forward = partial(_held, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _held(layer: nn.GroupNorm, values: torch.Tensor) -> torch.Tensor:
    """Group normalisation (B, C, ...) with statistics that are constants to derivatives."""
    groups = values.reshape(len(values), layer.num_groups, -1)
    fixed = groups.detach()
    mean = fixed.mean(dim=2, keepdim=True)
    variance = fixed.var(dim=2, correction=0, keepdim=True)
    normed = ((groups - mean) * (variance + layer.eps).rsqrt()).view_as(values)
    shape = (-1, *[1] * (values.ndim - 2))
    return normed * layer.weight.view(shape) + layer.bias.view(shape)
