"""Between pixels and the packed latents of a Klein model.

Klein's VAE shrinks a picture 8 x 8; the pipeline folds each 2 x 2 block of latent cells into one
token of four times the channels (patchify) and lays the tokens in rows (pack). Channel
`4 * c + 2 * dy + dx` of a token is channel `c` of the cell at (2 * row + dy, 2 * column + dx).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers.utils.torch_utils import get_module_execution_device


def patchify(latents: torch.Tensor) -> torch.Tensor:
    """(B, C, h, w) cells to (B, 4C, h / 2, w / 2) tokens, in Klein's channel order."""
    batch, channels, height, width = latents.shape
    cells = latents.reshape(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 1, 3, 5, 2, 4).reshape(batch, 4 * channels, height // 2, width // 2)


def unpatchify(tokens: torch.Tensor) -> torch.Tensor:
    """(B, 4C, h, w) tokens to (B, C, 2h, 2w) cells; the inverse of `patchify`."""
    batch, channels, height, width = tokens.shape
    cells = tokens.reshape(batch, channels // 4, 2, 2, height, width)
    return cells.permute(0, 1, 4, 2, 5, 3).reshape(batch, channels // 4, 2 * height, 2 * width)


def pack(tokens: torch.Tensor) -> torch.Tensor:
    """(B, C, h, w) to (B, h * w, C), row by row."""
    return tokens.flatten(2).transpose(1, 2)


def rgb_to_tensor(rgb: npt.NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (h, w, 3) to float32 (1, 3, h, w) in [-1, 1], as diffusers' image processor does."""
    unit = torch.from_numpy(rgb.astype(np.float32) / 255.0)
    return 2.0 * unit.permute(2, 0, 1).unsqueeze(0) - 1.0


def tensor_to_rgb(decoded: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Decoder output (1, 3, h, w), nominally in [-1, 1], to uint8 (h, w, 3)."""
    unit = (decoded[0].float() * 0.5 + 0.5).clamp(0.0, 1.0)
    rgb: npt.NDArray[np.uint8] = (unit.permute(1, 2, 0) * 255.0).round().byte().cpu().numpy()
    return rgb


def encode_tokens(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Encode pixels (B, 3, h, w) in [-1, 1] to patchified latents (B, 4C, h / 16, w / 16).

    The latents are the mode of the posterior and *not* batch-normalised: the pipeline normalises
    what it is handed.
    """
    moments = vae.encode(pixels.to(device=get_module_execution_device(vae), dtype=vae.dtype))
    return patchify(moments.latent_dist.mode())
