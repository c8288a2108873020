"""What a window will look like, guessed after each step without the decoder.

A step's latents are a blend of the finished picture and noise, and two of them in a row tell
which picture they head for. A linear map turns its latent cells into colours: it is fitted once
per model to flat patches of colour that the model's own VAE encodes, so one cell gives one pixel.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.latents import rgb_to_tensor, unpatchify
from zones.geometry import LATENT_PX
from zones.palette import default_palette

_PATCH_PX = 32
_PATCHES = 8
"""Patches of the canvas that the map is fitted to, along each side."""

_SEED = 8
_RIDGE = 1e-3
"""Keeps channels that carry no colour out of the map, as a share of the latents' own power."""


class LatentColours:
    """The linear map of one model from latent cells to colours.

    Args:
        pipe: a loaded pipeline.
    """

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def picture(self, clean: torch.Tensor, height: int, width: int) -> npt.NDArray[np.uint8]:
        """Colours of one window.

        Args:
            clean: packed, normalised latents without noise (1, tokens, 4 * C).
            height: of the window, px.
            width: of the window, px.

        Returns:
            RGB uint8 (height / 8, width / 8, 3), read-only.
        """
        weights, offset = self._map
        cells = self._cells(clean, height // (2 * LATENT_PX), width // (2 * LATENT_PX))
        colours = torch.einsum("chw,cd->hwd", cells, weights) + offset
        rgb: npt.NDArray[np.uint8] = colours.clamp(0.0, 255.0).round().byte().cpu().numpy()
        rgb.setflags(write=False)
        return rgb

    @cached_property
    def _map(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights (C, 3) and offset (3,) to colours in [0, 255], by least squares."""
        canvas = _patches()
        tokens = self._pipe.encode_canvas(rgb_to_tensor(canvas))
        cells = unpatchify(tokens)[0].float().flatten(1).T.cpu().numpy().astype(np.float64)
        colours = _cell_means(canvas)
        centre, mean = cells.mean(axis=0), colours.mean(axis=0)
        around = cells - centre
        power = around.T @ around
        ridge = _RIDGE * np.trace(power) / len(power) * np.eye(len(power))
        weights = np.linalg.solve(power + ridge, around.T @ (colours - mean))
        offset = mean - centre @ weights
        return self._tensor(weights, tokens.device), self._tensor(offset, tokens.device)

    def _cells(self, tokens: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        """Packed, normalised tokens to the VAE's own cells (C, 2 * rows, 2 * columns)."""
        norm, epsilon = self._pipe.vae.bn, self._pipe.vae.config.batch_norm_eps
        mean = norm.running_mean.to(tokens.device, torch.float32)
        scale = torch.sqrt(norm.running_var.to(tokens.device, torch.float32) + epsilon)
        laid_out = (tokens.float() * scale + mean).transpose(1, 2)
        return unpatchify(laid_out.reshape(1, -1, rows, columns))[0]

    @staticmethod
    def _tensor(values: npt.NDArray[np.float64], device: torch.device) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(device)


class StepPreview:
    """The previews of one window.

    Args:
        colours: the model's.
        height: of the window, px.
        width: of the window, px.
    """

    TENSORS = ("latents", "noise", "image_latents")
    """What `after_step` needs of the pipeline."""

    def __init__(self, colours: LatentColours, height: int, width: int) -> None:
        self._colours = colours
        self._size = (height, width)
        self._before: torch.Tensor | None = None

    def after_step(
        self, pipe: Any, step: int, tensors: Mapping[str, torch.Tensor]
    ) -> npt.NDArray[np.uint8]:
        """The picture that a step heads for, RGB uint8 (h / 8, w / 8, 3).

        With rectified flow x(sigma) = (1 - sigma) * x0 + sigma * noise (Liu et al. 2022), and the
        sampler moves along the line between the last two states, so x0 is where it ends.
        """
        skipped = len(pipe.scheduler.timesteps) - pipe.num_timesteps
        sigmas = pipe.scheduler.sigmas
        before, after = float(sigmas[skipped + step]), float(sigmas[skipped + step + 1])
        latents = tensors["latents"].float()
        if self._before is None:
            source, noise = tensors["image_latents"].float(), tensors["noise"].float()
            self._before = (1.0 - before) * source + before * noise
        slope = (latents - self._before) / (after - before)
        self._before = latents
        return self._colours.picture(latents - after * slope, *self._size)


def _patches() -> npt.NDArray[np.uint8]:
    """A canvas of flat patches: the palette's colours, and blends between them, black and white."""
    palette = default_palette()
    known = [zone.rgb for zone in palette.zones] + [(0, 0, 0), (255, 255, 255)]
    pure = np.array(known, dtype=np.float64)
    rng = np.random.default_rng(_SEED)
    missing = max(0, _PATCHES**2 - len(pure))
    one, other = rng.integers(0, len(pure), (2, missing))
    share = rng.random((missing, 1))
    colours = np.concatenate([pure, share * pure[one] + (1.0 - share) * pure[other]])
    chosen = rng.permutation(colours)[: _PATCHES**2].round().astype(np.uint8)
    flat = chosen.reshape(_PATCHES, _PATCHES, 3)
    return flat.repeat(_PATCH_PX, axis=0).repeat(_PATCH_PX, axis=1)


def _cell_means(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Mean colours of the 8 px cells, float64 (cells, 3), row by row."""
    rows, columns = rgb.shape[0] // LATENT_PX, rgb.shape[1] // LATENT_PX
    cells = rgb.reshape(rows, LATENT_PX, columns, LATENT_PX, 3).astype(np.float64)
    means: npt.NDArray[np.float64] = cells.mean(axis=(1, 3)).reshape(-1, 3)
    return means
