"""Clean predictions of a model while it paints: what a compositor joins with a source.

Early ones are blurred, and none of them was ever encoded; a compositor that only knows encoded
pictures has not seen their like.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.compositors import TokenSpace
from generation.engine.figures.scenes import MeasuredWindow, training_windows
from generation.engine.folder import ModelFolder, find_profile
from generation.engine.latents import pack, patchify, rgb_to_tensor, tensor_to_rgb
from generation.engine.loading import load_pipeline
from generation.plan.noise import noise_window
from generation.plan.profile import ModelProfile
from zones.geometry import LATENT_PX, Rect

U8 = npt.NDArray[np.uint8]

STEPS_OF_A_WINDOW = 3
"""So many of a window's predictions are kept, from steps chosen at random."""

_KEY = 31


def clean_predictions(
    pipe: Any,
    profile: ModelProfile,
    window: MeasuredWindow,
    image: torch.Tensor,
    held: dict[str, Any],
    reference: bool = False,
) -> list[torch.Tensor]:
    """The clean prediction that each step of a run goes on with.

    Args:
        pipe: a loaded pipeline.
        profile: of its model.
        window: gives the prompt and the noise.
        image: what is held, and the reference: cells (1, 4 C, h / 2, w / 2), patchified.
        held: keywords of the pipeline that say what is held.
        reference: whether the image is seen as a reference.

    Returns:
        (1, tokens, 4 C) each: packed, normalised.
    """
    side = profile.window_px // LATENT_PX
    noise = noise_window(window.noise_seed, Rect(0, 0, side, side), pipe.latent_channels)
    device = image.device
    seen = [pack(patchify(torch.tensor(noise)[None])).to(device)]

    def keep(_pipe: Any, _step: int, _time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        seen.append(tensors["latents"])
        return {}

    pipe(
        prompt=window.compiled.prompt,
        image=image,
        noise=noise,
        reference=reference,
        num_inference_steps=profile.steps,
        strength=1.0,
        guidance_scale=profile.guidance_scale,
        max_sequence_length=profile.text_tokens,
        text_encoder_out_layers=profile.text_layers,
        output_type="latent",
        callback_on_step_end=keep,
        **held,
    )
    sigmas = pipe.scheduler.sigmas.tolist()
    shares = [later / now for now, later in pairwise(sigmas)]
    return [
        (after - share * before) / (1.0 - share)
        for (before, after), share in zip(pairwise(seen), shares, strict=True)
    ]


@torch.no_grad()
def predicted_pictures(folder: ModelFolder, device: torch.device, count: int) -> list[list[U8]]:
    """Paint windows of training layouts and decode what some steps predict.

    Args:
        folder: a checked model folder.
        device: where the model runs.
        count: of windows.

    Returns:
        By window: its rendered truth and the predictions of `STEPS_OF_A_WINDOW` steps, uint8
        (window_px, window_px, 3) each.
    """
    profile = find_profile(folder)
    pipe = load_pipeline(folder, profile, device, torch.float32)
    space, side = TokenSpace.of(pipe.vae), profile.window_px // (2 * LATENT_PX)
    found = []
    for number, window in enumerate(training_windows(profile, count)):
        canvas = rgb_to_tensor(window.compiled.seed_canvas).to(device)
        held = {"change_map": np.ones(canvas.shape[-2:], dtype=np.float32)}
        image = pipe.encode_canvas(canvas)
        steps = clean_predictions(pipe, profile, window, image, held, reference=True)
        rng = np.random.default_rng((_KEY, number))
        kept = rng.choice(len(steps), min(len(steps), STEPS_OF_A_WINDOW), replace=False)
        tokens = [steps[int(step)].transpose(1, 2).unflatten(2, (side, side)) for step in kept]
        decoded = [pipe.vae.decode(space.to_cells(one)).sample for one in tokens]
        found.append([window.truth, *(tensor_to_rgb(one) for one in decoded)])
    return found
