"""Compositors on disk: one safetensors file with sizes in its header, made for one VAE."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from diffusers import AutoencoderKLFlux2
from safetensors import safe_open
from safetensors.torch import save_file

from generation.engine.compositing.compositors import TokenSpace
from generation.engine.compositing.decformer import FLUX2, DecFormer, DecFormerConfig
from generation.engine.folder import COMPOSITOR_FILE, COMPOSITOR_FOLDER
from generation.engine.loading import load_component
from generation.engine.weights import read_json, tensor_names
from zones.errors import InputError

FOLDER, FILE_NAME = COMPOSITOR_FOLDER, COMPOSITOR_FILE
Network = TypeVar("Network", bound=torch.nn.Module)
_BAD_VALUES = (ValueError, TypeError, KeyError, RuntimeError, AttributeError, LookupError)


def config_for(latent_channels: int) -> DecFormerConfig:
    """The sizes for a VAE: FLUX.2's own has 32 channels, klein-mini's 16."""
    if latent_channels >= FLUX2.latent_channels:
        return replace(FLUX2, latent_channels=latent_channels)
    return replace(DecFormerConfig(), latent_channels=latent_channels)


def new_network(vae: Any, config: DecFormerConfig | None = None, seed: int = 0) -> DecFormer:
    """An untrained network for a VAE, on the CPU: the linear blend."""
    torch.manual_seed(seed)
    mean, std = (part.cpu() for part in TokenSpace.of(vae).cell_statistics())
    return DecFormer(config or config_for(int(vae.config.latent_channels)), mean, std)


def save_network(network: Any, path: Path, dtype: torch.dtype = torch.bfloat16) -> None:
    """Write an operator's network with its `config`; buffers stay in full precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exact = dict(network.named_buffers())
    tensors = {
        name: value.detach().cpu().to(value.dtype if name in exact else dtype).contiguous()
        for name, value in network.state_dict().items()
    }
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"config": json.dumps(asdict(network.config))})
    part.replace(path)


def load_network(path: Path, vae: Any) -> DecFormer:
    """Read a compositor for a VAE, in float32 on the CPU.

    Raises:
        InputError: the file is damaged, or was made for another VAE.
    """

    def build(stored: dict[str, Any]) -> DecFormer:
        return new_network(vae, DecFormerConfig(**sizes_of(DecFormerConfig, stored)))

    return load_operator(path, build, "compositor", "tilewright train compositor")


def load_operator(
    path: Path, build: Callable[[dict[str, Any]], Network], what: str, command: str
) -> Network:
    """Read an operator's network, in float32 on the CPU.

    Args:
        path: of the file.
        build: makes a fresh network with the VAE's statistics, of the stored sizes.
        what: the file should be.
        command: trains one.

    Raises:
        InputError: the file is damaged, or was made for another VAE.
    """
    tensor_names(path)
    try:
        with safe_open(path, framework="pt") as file:
            stored = json.loads((file.metadata() or {})["config"])
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        network = build(stored)
        own = {name: buffer.clone() for name, buffer in network.named_buffers()}
        network.load_state_dict(tensors)
    except _BAD_VALUES as error:
        raise InputError(
            f"{path} is no {what} for this VAE ({str(error).splitlines()[0][:120]}); "
            f"train one with `{command}`"
        ) from error
    if not all(
        torch.allclose(own[name], buffer, rtol=1e-2, atol=1e-3)
        for name, buffer in network.named_buffers()
    ):
        raise InputError(f"{path} was trained for another VAE; train one for this with `{command}`")
    return network.eval().requires_grad_(requires_grad=False)


def sizes_of(config: type, stored: dict[str, Any]) -> dict[str, Any]:
    """The stored sizes that a configuration's class knows, lists as tuples."""
    known = {field.name for field in fields(config)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in stored.items()
        if name in known
    }


def load_vae(path: Path) -> AutoencoderKLFlux2:
    """Read a VAE, frozen and in float32, from its own folder or from a model's.

    Raises:
        InputError: there is none.
    """
    folder = path / "vae" if (path / "vae").is_dir() else path
    name = read_json(folder / "config.json").get("_class_name")
    if name != AutoencoderKLFlux2.__name__:
        raise InputError(f"{folder} holds {name}, not AutoencoderKLFlux2; give a VAE of FLUX.2")
    vae: AutoencoderKLFlux2 = load_component(AutoencoderKLFlux2, folder, torch_dtype=torch.float32)
    return vae
