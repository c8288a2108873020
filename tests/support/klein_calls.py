"""Short calls of toy Klein pipelines, with everything a test does not vary held fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import Flux2KleinInpaintPipeline

from generation.engine.pipeline import Flux2KleinDifferentialPipeline
from tests.support.toy_models import TOY_TEXT_LAYERS, TOY_TEXT_TOKENS, ToyComponents


def pipelines(
    parts: ToyComponents,
) -> tuple[Flux2KleinDifferentialPipeline, Flux2KleinInpaintPipeline]:
    """The differential and the stock pipeline over the same components."""
    pair = tuple(
        cls(**parts.as_dict(), is_distilled=True)
        for cls in (Flux2KleinDifferentialPipeline, Flux2KleinInpaintPipeline)
    )
    for pipe in pair:
        pipe.set_progress_bar_config(disable=True)
    return pair


def canvas(height: int = 32, width: int = 48, seed: int = 1) -> torch.Tensor:
    """A picture in [0, 1], float32 (1, 3, height, width)."""
    return torch.rand((1, 3, height, width), generator=torch.Generator().manual_seed(seed))


def white(height: int = 32, width: int = 48) -> torch.Tensor:
    """A mask that repaints everything."""
    return torch.ones((1, 1, height, width))


def call(pipe: Any, **keywords: Any) -> torch.Tensor:
    """Run a pipeline to its final latents, unpatchified (B, C, h, w)."""
    defaults = {
        "prompt": "grass",
        "image": canvas(),
        "num_inference_steps": 4,
        "strength": 1.0,
        "guidance_scale": 1.0,
        "generator": torch.Generator().manual_seed(7),
        "max_sequence_length": TOY_TEXT_TOKENS,
        "text_encoder_out_layers": TOY_TEXT_LAYERS,
        "output_type": "latent",
    }
    return pipe(**{**defaults, **keywords}).images


def steps_of(pipe: Any, **keywords: Any) -> list[dict[str, torch.Tensor]]:
    """The latents after each step, with the run's noise and source, all packed."""
    names = ["latents", "noise", "image_latents"]
    seen: list[dict[str, torch.Tensor]] = []

    def record(_pipe: Any, _step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        seen.append({name: tensors[name].clone() for name in names})
        return tensors

    call(
        pipe,
        callback_on_step_end=record,
        callback_on_step_end_tensor_inputs=names,
        **keywords,
    )
    return seen


def normal_noise(height: int = 32, width: int = 48, seed: int = 5) -> np.ndarray:
    """Unpatchified noise for one toy window, float32 (4, height / 8, width / 8)."""
    shape = (4, height // 8, width // 8)
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
