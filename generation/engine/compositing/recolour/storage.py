"""Recolourers on disk: one safetensors file with sizes in its header, made for one VAE."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch

from generation.engine.compositing.compositors import TokenSpace
from generation.engine.compositing.decformer import DecFormerConfig
from generation.engine.compositing.recolour.network import Recolourer, RecolourerConfig
from generation.engine.compositing.storage import load_operator, sizes_of
from generation.engine.folder import RECOLOUR_FILE

FILE_NAME = RECOLOUR_FILE


def config_for(latent_channels: int) -> RecolourerConfig:
    """The sizes for a VAE: FLUX.2's own has 32 channels, klein-mini's 16."""
    sizes = RecolourerConfig()
    return replace(sizes, fusion=replace(sizes.fusion, latent_channels=latent_channels))


def new_recolourer(vae: Any, config: RecolourerConfig | None = None, seed: int = 0) -> Recolourer:
    """An untrained network for a VAE, on the CPU: it changes nothing."""
    torch.manual_seed(seed)
    mean, std = (part.cpu() for part in TokenSpace.of(vae).cell_statistics())
    return Recolourer(config or config_for(int(vae.config.latent_channels)), mean, std)


def load_recolourer(path: Path, vae: Any) -> Recolourer:
    """Read a network for a VAE, in float32 on the CPU.

    Raises:
        InputError: the file is damaged, or was made for another VAE.
    """

    def build(stored: dict[str, Any]) -> Recolourer:
        fusion = DecFormerConfig(**sizes_of(DecFormerConfig, stored["fusion"]))
        rest = {one.name: stored[one.name] for one in fields(RecolourerConfig)}
        return new_recolourer(vae, RecolourerConfig(**rest | {"fusion": fusion}))

    return load_operator(path, build, "recolourer", "tilewright train recolour")
