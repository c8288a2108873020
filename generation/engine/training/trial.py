"""Figures of the transformer stage: held-out windows painted from fixed noise, and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from diffusers import Flux2Transformer2DModel

from generation.engine.training.crops import as_pictures
from generation.engine.training.figures import U8, detail_by_zone, figure_line
from generation.engine.training.networks import restore, unpatchify
from generation.engine.training.options import ModelShape
from generation.engine.training.sampler import Condition, pack, sample, unpack
from generation.engine.training.window_cache import (
    TOKEN_PX,
    Window,
    cut_window,
    encode_windows,
    load_vae,
)
from generation.engine.training.wording import held_out_prompt, palette_prompt
from generation.engine.training.worlds_folder import read_world, world_seeds

WINDOWS = 8
STENCIL_MU = 0.35


class Paints(Protocol):
    """What a trial needs of the networks."""

    transformer: Flux2Transformer2DModel

    def embed(self, prompts: list[str]) -> torch.Tensor:
        """Return prompt embeddings."""


class Trial:
    """Paints the same held-out windows again and again.

    Args:
        work: private folder with worlds and checkpoints.
        shape: sizes of the networks.
        window_px: side of a window.
    """

    def __init__(self, work: Path, shape: ModelShape, window_px: int = 256) -> None:
        self._work = work
        self._shape = shape
        seeds = world_seeds(work, held_out=True)
        rng = np.random.default_rng(7)
        self._worlds = [read_world(work, seeds[at % len(seeds)]) for at in range(WINDOWS)]
        places = rng.integers(1, 1 << 30, WINDOWS)
        self._windows = [
            cut_window(world, np.random.default_rng(int(place)), window_px)
            for world, place in zip(self._worlds, places, strict=True)
        ]

    @torch.no_grad()
    def report(self, painter: Paints, steps: int = 12) -> str:
        """Paint the windows and return figures; writes `painted.png` (canvas, truth, painted)."""
        vae = load_vae(self._work, self._shape)
        device = painter.transformer.device
        batch = encode_windows(vae, self._windows)
        source = pack(batch.source.float()).to(device)
        noise = torch.randn(source.shape, generator=torch.Generator().manual_seed(5)).to(device)
        change = torch.ones(source.shape[:2])
        change[batch.stencil.flatten(1)] = STENCIL_MU
        change[batch.finished.flatten(1)] = 0.0
        prompts = [
            held_out_prompt(scene) if at % 2 else palette_prompt(scene)
            for at, scene in enumerate(batch.scenes)
        ]
        with torch.autocast(device.type, torch.bfloat16):
            condition = Condition(painter.embed(prompts), source)
            tokens = sample(
                painter.transformer,
                source,
                change,
                noise,
                condition,
                self._shape.terminal_sigma,
                steps,
            )
        latents = unpatchify(restore(vae, unpack(tokens.float().cpu())))
        painted = as_pictures(vae.decode(latents).sample)
        _write_sheet(self._work / "painted.png", self._windows, painted)
        truth_detail = [_open_figures(w, p) for w, p in zip(self._windows, painted, strict=True)]
        error = float(np.mean([figure["error"] for figure in truth_detail]))
        return f"error {error:.2f} " + figure_line(_mean_shares(truth_detail))


def _open_figures(window: Window, painted: U8) -> dict[str, float]:
    """Mean absolute error of 16 px means, and detail, where nothing was finished."""
    open_px = ~window.finished.repeat(TOKEN_PX, axis=0).repeat(TOKEN_PX, axis=1)
    zones = np.where(open_px, window.zones, 0).astype(np.uint8)
    difference = painted.astype(np.float32) - window.truth.astype(np.float32)
    side = len(difference) // TOKEN_PX
    cells = difference.reshape(side, TOKEN_PX, side, TOKEN_PX, 3).mean(axis=(1, 3))
    error = float(np.abs(cells[~window.finished]).mean()) if (~window.finished).any() else 0.0
    return {"error": error, **detail_by_zone(painted, window.truth, zones)}


def _mean_shares(figures: list[dict[str, float]]) -> dict[str, float]:
    names = sorted({name for figure in figures for name in figure if name != "error"})
    return {
        name: float(np.mean([figure[name] for figure in figures if name in figure]))
        for name in names
    }


def _write_sheet(path: Path, windows: list[Window], painted: U8) -> None:
    columns = [
        np.concatenate([window.canvas, window.truth, picture])
        for window, picture in zip(windows, painted, strict=True)
    ]
    sheet = np.concatenate(columns, axis=1)
    cv2.imwrite(str(path), np.ascontiguousarray(sheet[..., ::-1]))
