"""Builds a pipeline from a checked model folder: each component by its own class, weights whole.

Components are built one by one rather than by the class names in the folder, so nothing a folder
says can choose what code runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import (
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2Transformer2DModel,
)
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import Qwen2TokenizerFast, Qwen3ForCausalLM

from generation.engine.device import is_out_of_memory
from generation.engine.folder import ModelFolder
from generation.engine.pipeline import Flux2KleinDifferentialPipeline
from generation.plan.profile import ModelProfile
from zones.errors import InputError, WorkError
from zones.geometry import LATENT_PX

_OFFLINE = {"local_files_only": True}
_BAD_FOLDER = (
    OSError,
    ValueError,
    RuntimeError,
    LookupError,
    TypeError,
    AttributeError,
    ImportError,
    ArithmeticError,
    SafetensorError,
    StrictDataclassError,
)
"""What the libraries raise on a configuration or a file that makes no sense."""


def load_pipeline(
    folder: ModelFolder, profile: ModelProfile, device: torch.device, dtype: torch.dtype
) -> Flux2KleinDifferentialPipeline:
    """Load a checked folder onto a device.

    Args:
        folder: from `check_folder`.
        profile: whose text layers must fit the model.
        device: where the model runs; on a CUDA device that is too small for all components at
            once they take turns there.
        dtype: of all weights and latents.

    Raises:
        InputError: a component's files do not make a whole model, or the components do not fit
            each other or the profile.
    """
    with _quiet_libraries():
        pipe = Flux2KleinDifferentialPipeline(
            scheduler=_built(FlowMatchEulerDiscreteScheduler, folder.path / "scheduler"),
            tokenizer=_built(Qwen2TokenizerFast, folder.path / "tokenizer"),
            vae=load_component(AutoencoderKLFlux2, folder.path / "vae", torch_dtype=dtype),
            transformer=load_component(
                Flux2Transformer2DModel, folder.path / "transformer", torch_dtype=dtype
            ),
            text_encoder=load_component(
                Qwen3ForCausalLM, folder.path / "text_encoder", dtype=dtype
            ),
            is_distilled=folder.is_distilled,
        )
    _check_fit(folder, pipe, profile)
    pipe.set_progress_bar_config(disable=True)
    _place(pipe, device)
    return pipe


def _built(cls: Any, place: Path) -> Any:
    try:
        return cls.from_pretrained(place, **_OFFLINE)
    except _BAD_FOLDER as error:
        raise _unloadable(place, error) from error


def load_component(cls: Any, place: Path, **dtype: torch.dtype) -> Any:
    """Load a model with all of its weights from its folder, frozen, in evaluation mode.

    Raises:
        InputError: the files do not make a whole model.
    """
    try:
        model, report = cls.from_pretrained(
            place, use_safetensors=True, output_loading_info=True, **dtype, **_OFFLINE
        )
    except _BAD_FOLDER as error:
        raise _unloadable(place, error) from error
    for fault in ("missing_keys", "mismatched_keys", "error_msgs"):
        found = sorted(str(name) for name in report.get(fault) or ())
        if found:
            raise InputError(
                f"the weights in {place} do not fit its config.json ({fault}: {found[0]}); "
                "copy or fetch the model again"
            )
    return model.eval().requires_grad_(False)


def _unloadable(place: Path, error: BaseException) -> InputError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason")
    return InputError(f"{place} cannot be loaded: {reason}; copy or fetch the model again")


def _check_fit(
    folder: ModelFolder, pipe: Flux2KleinDifferentialPipeline, profile: ModelProfile
) -> None:
    """Refuse components that would only fail in the middle of a run."""
    transformer, text = pipe.transformer.config, pipe.text_encoder.config
    if pipe.vae_scale_factor != LATENT_PX:
        raise InputError(f"the VAE in {folder.path} shrinks {pipe.vae_scale_factor} x, not 8 x")
    if transformer.in_channels != 4 * pipe.latent_channels:
        raise InputError(f"transformer and VAE in {folder.path} differ in their latent channels")
    if max(profile.text_layers) > text.num_hidden_layers:
        raise InputError(
            f"the profile of {folder.name} reads text layer {max(profile.text_layers)}, "
            f"but its text encoder has {text.num_hidden_layers}"
        )
    if len(profile.text_layers) * text.hidden_size != transformer.joint_attention_dim:
        raise InputError(f"transformer and text encoder in {folder.path} differ in their width")
    if pipe.tokenizer.chat_template is None:
        raise InputError(f"the tokenizer in {folder.path} has no chat template")


def _place(pipe: Flux2KleinDifferentialPipeline, device: torch.device) -> None:
    if device.type == "cuda":
        models = (pipe.transformer, pipe.text_encoder, pipe.vae)
        needed = sum(tensor.nbytes for model in models for tensor in model.parameters())
        free, _ = torch.cuda.mem_get_info(device)
        if needed > 0.8 * free:
            pipe.enable_model_cpu_offload(device=device)
            return
    try:
        pipe.to(device)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise WorkError(
            f"the model needs more memory than {device} has free; close other programs or use "
            "--device cpu"
        ) from error


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """No progress bars and no chatter of the libraries while they load."""
    logs = (diffusers.utils.logging, transformers.utils.logging)
    levels = [log.get_verbosity() for log in logs]
    bars = [log.is_progress_bar_enabled() for log in logs]
    for log in logs:
        log.set_verbosity_error()
        log.disable_progress_bar()
    try:
        yield
    finally:
        for log, level, bar in zip(logs, levels, bars, strict=True):
            log.set_verbosity(level)
            if bar:
                log.enable_progress_bar()
