"""Noise levels and training targets: straight bridges from what a token starts as to the truth.

A token released at level s starts there as x_s = (1 - s) * source + s * noise and moves in a
straight line to the truth x_0 at level 0: x_sigma = x_0 + sigma * v with v = (x_s - x_0) / s. At
s = 1 this is plain flow matching; a lower s is a start from the source (image to image) or a
token that differential diffusion held until then (Levin & Fried 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from zones.gates import Gate, held_steps, klein_sigmas

STEPS = (12, 12, 12, 12, 12, 12, 8, 4)
"""Lengths of the schedules trained on, as often as they are listed."""

LEAST_STRENGTH = 0.6
STENCIL_MU = (0.35, 0.35, 0.35, 0.5, 0.65)


@dataclass(frozen=True)
class Bridge:
    """What one batch trains on.

    Attributes:
        state: float32 (b, tokens, channels) x_sigma, or the noised source of held tokens.
        target: float32 (b, tokens, channels) velocity.
        weight: float32 (b, tokens), 0 where held.
        sigma: float32 (b,) noise level.
    """

    state: torch.Tensor
    target: torch.Tensor
    weight: torch.Tensor
    sigma: torch.Tensor


@dataclass(frozen=True)
class Levels:
    """Noise levels of one sample.

    Attributes:
        sigma: level trained on.
        start: level at which the whole window starts; 1 is plain noise.
        stencil: level at which stencil tokens are released, at most `start`.
        hold: whether finished strips are held all the way and stencils until their level.
    """

    sigma: float
    start: float
    stencil: float
    hold: bool


def draw_levels(rng: np.random.Generator, tokens: int, terminal_sigma: float) -> Levels:
    """Return random levels, each one that a run of `tokens` image tokens really visits."""
    steps = STEPS[int(rng.integers(len(STEPS)))]
    sigmas = klein_sigmas(tokens, steps, terminal_sigma)
    first = 0
    if rng.random() < 0.35:  # noqa: PLR2004 - share of starts from the source
        first = int(rng.integers(steps - int(steps * LEAST_STRENGTH) + 1))
    hold = bool(rng.random() < 0.7)  # noqa: PLR2004 - share of differential samples
    mu = STENCIL_MU[int(rng.integers(len(STENCIL_MU)))]
    gate: Gate = "index" if rng.random() < 0.7 else "sigma"  # noqa: PLR2004 - share of gates
    held = int(held_steps(mu, steps, gate, sigmas).item())
    release = sigmas[min(steps - 1, max(first, held))]
    sigma = sigmas[int(rng.integers(first, steps))]
    return Levels(sigma, sigmas[first], release if hold else sigmas[first], hold)


def release_levels(levels: Levels, stencil: torch.Tensor, finished: torch.Tensor) -> torch.Tensor:
    """Return the level at which each token is released; 0 is never.

    Args:
        levels: of the sample.
        stencil: bool (tokens,), where a stencil lies.
        finished: bool (tokens,), where finished neighbours lie.

    Returns:
        float32 (tokens,) in [0, 1].
    """
    release = torch.full(stencil.shape, levels.start)
    release[stencil] = levels.stencil
    if levels.hold:
        release[finished] = 0.0
    return release


def bridge(
    truth: torch.Tensor,
    source: torch.Tensor,
    noise: torch.Tensor,
    release: torch.Tensor,
    sigma: torch.Tensor,
) -> Bridge:
    """Return states, velocities and weights of a batch.

    Args:
        truth: float32 (b, tokens, channels) latents of the finished window.
        source: the same of the seed canvas.
        noise: standard normal of that shape.
        release: float32 (b, tokens) level at which each token is released.
        sigma: float32 (b,) level of each sample, above 0.
    """
    level = sigma[:, None, None]
    held = (sigma[:, None] > release + 1e-6)[..., None]
    start = torch.where(held, torch.ones_like(release[..., None]), release[..., None])
    origin = (1.0 - start) * source + start * noise
    velocity = (origin - truth) / start
    moving = truth + level * velocity
    waiting = (1.0 - level) * source + level * noise
    state = torch.where(held, waiting, moving)
    weight = (~held[..., 0]).float()
    return Bridge(state, velocity, weight, sigma)
