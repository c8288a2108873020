"""Writes klein-mini as a diffusers folder: bfloat16 weights, safetensors only, with its profile."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from diffusers import Flux2KleinPipeline

from generation.engine.folder import COMPOSITOR_FOLDER, RECOLOUR_FOLDER
from generation.engine.training.averages import AveragedWeights
from generation.engine.training.checkpoints import read_checkpoint
from generation.engine.training.networks import build_scheduler
from generation.engine.training.options import ModelShape
from generation.engine.training.transformer_stage import Painter
from generation.engine.training.window_cache import load_vae
from generation.engine.training.wording import PROMPT_TEMPLATE
from generation.plan.profile import PROFILE_NAME, ModelProfile
from zones.errors import InputError

MODEL_NAME = "klein-mini"
CARD_NAME = "README.md"
"""The model card, which people write."""

_OPERATORS = {
    COMPOSITOR_FOLDER: ("compositor", "tilewright train compositor"),
    RECOLOUR_FOLDER: ("colour correction", "tilewright train recolour"),
}
"""Folders of what is trained for one VAE, with its name and what trains it."""


def export_model(work: Path, out: Path, shape: ModelShape | None = None) -> str:
    """Write the trained model to `out`; of a model that is there only its card stays.

    Its compositor and its colour correction stay too if the VAE is still the one that they were
    trained for.

    Args:
        work: private folder with the checkpoints of all stages.
        out: the model's folder.
        shape: sizes of the networks; klein-mini's own if left out.

    Returns:
        What has to be done again, one sentence, or "".

    Raises:
        InputError: a stage has no checkpoint yet, or `out` is there and holds no model.
    """
    shape, out = shape or ModelShape(), out.resolve()
    if out.exists() and not (out / "model_index.json").is_file():
        raise InputError(f"{out} is there and holds no model: give a new folder or a model's.")
    for stage in ("vae", "transformer"):
        if not (work / f"{stage}.safetensors").is_file():
            raise InputError(f"There is no checkpoint of stage {stage} in {work}: train it first.")
    painter = averaged_painter(work, shape)
    pipeline = Flux2KleinPipeline(
        scheduler=build_scheduler(shape),
        vae=load_vae(work, shape).to(torch.bfloat16),
        text_encoder=painter.text_encoder.to(torch.bfloat16),
        tokenizer=painter.tokenizer,
        transformer=painter.transformer.to(torch.bfloat16),
        is_distilled=True,
    )
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    pipeline.save_pretrained(part, safe_serialization=True)
    profile = model_profile(shape).model_dump_json(indent=2)
    (part / PROFILE_NAME).write_text(profile + "\n", encoding="utf-8")
    if (out / CARD_NAME).is_file():
        shutil.copy2(out / CARD_NAME, part / CARD_NAME)
    left_to_do = _keep_operators(out, part)
    shutil.rmtree(out, ignore_errors=True)
    part.replace(out)
    return left_to_do


def _keep_operators(before: Path, after: Path) -> str:
    """Copy what was trained for a model's VAE to its successor, or say that it does not fit."""
    found = [folder for folder in _OPERATORS if (before / folder).is_dir()]
    if not found:
        return ""
    if _vae_weights(before) == _vae_weights(after):
        for folder in found:
            shutil.copytree(before / folder, after / folder)
        return ""
    names, commands = zip(*(_OPERATORS[folder] for folder in found), strict=True)
    were, them = ("was", "it") if len(found) == 1 else ("were", "them")
    return (
        f"The VAE in {before} has changed, so its {' and its '.join(names)} {were} removed: train "
        f"{them} again with {' and '.join(f'`{command}`' for command in commands)}."
    )


def _vae_weights(model: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (model / "vae").glob("*.safetensors")}


def averaged_painter(work: Path, shape: ModelShape) -> Painter:
    """Return the trained transformer and text encoder with their averaged weights."""
    painter = Painter.build(shape, 0, "cpu")
    average = AveragedWeights(painter.modules(), 0.0)
    average.restore(read_checkpoint(work / "transformer.safetensors")[0])
    average.keep()
    return painter


def model_profile(shape: ModelShape) -> ModelProfile:
    """The numbers and the words klein-mini was trained for."""
    return ModelProfile(
        name=MODEL_NAME,
        window_px=256,
        anchor_px=48,
        soft_px=16,
        overlap_layout_px=64,
        closing_anchor_px=32,
        steps=12,
        draft_steps=4,
        strength=1.0,
        terminal_sigma=shape.terminal_sigma,
        text_layers=shape.text_layers,
        text_tokens=shape.text_tokens,
        guidance_scale=1.0,
        compositor="decformer",
        prompt_template=PROMPT_TEMPLATE,
    )
