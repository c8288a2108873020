"""Samples windows during training as the painter does: Euler steps, held tokens, a reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from diffusers import Flux2Transformer2DModel

from zones.gates import held_steps, klein_sigmas


@dataclass(frozen=True)
class Condition:
    """What the transformer sees beside the image tokens.

    Attributes:
        prompt: float32 (b, text tokens, 3 * text width) prompt embedding.
        reference: float32 (b, tokens, channels) latents of the seed canvas, or None.
        extract: whether reference tokens come first and attend only to themselves.
    """

    prompt: torch.Tensor
    reference: torch.Tensor | None
    extract: bool = False


def token_ids(side: int, time: int = 0) -> torch.Tensor:
    """Return position ids (side * side, 4) of a square of tokens: time, row, column, 0."""
    axis = torch.arange(side)
    return torch.cartesian_prod(torch.tensor([time]), axis, axis, torch.arange(1))


def text_ids(tokens: int) -> torch.Tensor:
    """Return position ids (tokens, 4) of a prompt."""
    one = torch.arange(1)
    return torch.cartesian_prod(one, one, one, torch.arange(tokens))


def pack(patches: torch.Tensor) -> torch.Tensor:
    """Turn (b, c, h, w) into tokens (b, h * w, c)."""
    return patches.flatten(2).transpose(1, 2)


def unpack(tokens: torch.Tensor) -> torch.Tensor:
    """Undo `pack` for square windows."""
    side = round(tokens.shape[1] ** 0.5)
    return tokens.transpose(1, 2).unflatten(2, (side, side))


def velocity(
    transformer: Flux2Transformer2DModel,
    state: torch.Tensor,
    sigma: torch.Tensor,
    condition: Condition,
) -> torch.Tensor:
    """Run the transformer as the stock pipelines do and return the velocity of image tokens.

    Args:
        transformer: the model.
        state: (b, tokens, channels) noisy image tokens.
        sigma: (b,) noise level.
        condition: prompt and reference.
    """
    tokens = state.shape[1]
    side = round(tokens**0.5)
    image = token_ids(side).to(state.device)
    words = text_ids(condition.prompt.shape[1]).to(state.device)
    inputs, ids, options = state, image, {}
    if condition.reference is not None:
        near = token_ids(side, 10).to(state.device)
        if condition.extract:
            inputs = torch.cat([condition.reference, state], dim=1)
            ids = torch.cat([near, image])
            options = {"kv_cache_mode": "extract", "num_ref_tokens": tokens}
        else:
            inputs = torch.cat([state, condition.reference], dim=1)
            ids = torch.cat([image, near])
    found: torch.Tensor = transformer(
        hidden_states=inputs,
        encoder_hidden_states=condition.prompt,
        timestep=sigma,
        img_ids=ids,
        txt_ids=words,
        return_dict=False,
        **options,
    )[0]
    return found[:, :tokens]


@torch.no_grad()
def sample(
    transformer: Flux2Transformer2DModel,
    source: torch.Tensor,
    change: torch.Tensor,
    noise: torch.Tensor,
    condition: Condition,
    terminal_sigma: float,
    steps: int = 12,
) -> torch.Tensor:
    """Paint windows by differential diffusion with the index gate.

    Args:
        transformer: the model.
        source: (b, tokens, channels) latents of the seed canvas.
        change: (b, tokens) change strength mu in [0, 1].
        noise: standard normal like `source`.
        condition: prompt and reference.
        terminal_sigma: noise level of the last step.
        steps: T of the schedule.

    Returns:
        (b, tokens, channels) latents.
    """
    sigmas = [*klein_sigmas(source.shape[1], steps, terminal_sigma), 0.0]
    held = torch.from_numpy(held_steps(change.cpu().numpy().astype(np.float64), steps))
    held = held.to(source.device)[..., None]
    state = noise
    for step, (level, following) in enumerate(pairwise(sigmas)):
        sigma = torch.full((len(state),), level, device=state.device)
        flow = velocity(transformer, state, sigma, condition).float()
        state = state + (following - level) * flow
        waiting = (1.0 - following) * source + following * noise
        state = torch.where(held > step, waiting, state)
    return state
