"""Losses of a compositor: how far its decoding is from that of the right latent, in decibels.

All errors are compared as logarithms, picture by picture, so that a soft mask, whose errors are
small, counts as much as a thin one. The decoder's own response to small changes of a latent cell
gives a cheap stand-in for the error in pixels (`DecoderMetric`).
"""

from __future__ import annotations

from typing import Any

import torch

from zones.geometry import LATENT_PX

LEAST_ERROR = 2e-6
"""Mean squared errors, pixels in [0, 1], below which nothing is gained: 57 dB."""

LEAST_HALO_L1 = 1e-3
_SPACING = 8


class DecoderMetric:
    """Squared pixel error that a small change of a latent cell makes: error^T G error.

    G (C, C) is the mean over random cells of J^T J, J being how the decoder's pixels in [0, 1]
    answer to the channels of one cell; measured by finite differences on `cells`.

    Args:
        vae: frozen.
        cells: (B, C, h, w) typical latents.
        step: change of a channel, as a share of its spread.
    """

    @torch.no_grad()
    def __init__(self, vae: Any, cells: torch.Tensor, step: float = 0.25) -> None:
        before = vae.decode(cells).sample
        rows, columns = (slice(min(4, side // 2), None, _SPACING) for side in cells.shape[2:])
        spread = cells.std(dim=(0, 2, 3))
        answers = []
        for channel, size in enumerate((step * spread).tolist()):
            moved = cells.clone()
            moved[:, channel, rows, columns] += size
            answers.append(((vae.decode(moved).sample - before) / (2.0 * size)).flatten())
        joined = torch.stack(answers)
        count = cells[:, 0, rows, columns].numel()
        self.gram = joined @ joined.T / (count * 3 * LATENT_PX**2)

    def __call__(self, error: torch.Tensor) -> torch.Tensor:
        """Estimated mean squared pixel error of each cell: (B, C, h, w) to (B, 1, h, w)."""
        turned = torch.einsum("bchw,cd->bdhw", error, self.gram.to(error))
        return (turned * error).sum(dim=1, keepdim=True)


def latent_loss(
    metric: DecoderMetric, error: torch.Tensor, halo: torch.Tensor, halo_weight: float
) -> torch.Tensor:
    """Mean logarithm of the estimated squared pixel error, overall and near the mask's edge.

    Args:
        metric: of the decoder.
        error: fused minus target cells (B, C, h, w).
        halo: (B, 1, h, w).
        halo_weight: of the second term.
    """
    squared = metric(error)
    whole = (squared.mean(dim=(1, 2, 3)) + LEAST_ERROR).log()
    near = (squared * halo).sum(dim=(1, 2, 3)) / (halo.sum(dim=(1, 2, 3)) + 1.0)
    return (whole + halo_weight * (near + LEAST_ERROR).log()).mean()


def pixel_loss(
    picture: torch.Tensor, target: torch.Tensor, halo: torch.Tensor, halo_weight: float
) -> torch.Tensor:
    """Mean logarithm of squared error, of gradient error and of Halo L1, picture by picture.

    Args:
        picture: decoded fusion (B, 3, H, W) in [-1, 1].
        target: decoded right latent.
        halo: (B, 1, H, W) at full resolution.
        halo_weight: of Halo L1.
    """
    error = 0.5 * (picture - target)
    squared = (error.square().mean(dim=(1, 2, 3)) + LEAST_ERROR).log()
    along = (error[..., 1:] - error[..., :-1]).abs().mean(dim=(1, 2, 3))
    along = along + (error[..., 1:, :] - error[..., :-1, :]).abs().mean(dim=(1, 2, 3))
    slope = (along + LEAST_HALO_L1).log()
    near = (halo_l1(picture, target, halo) + LEAST_HALO_L1).log()
    return (squared + 0.5 * slope + halo_weight * near).mean()


def halo_l1(picture: torch.Tensor, target: torch.Tensor, halo: torch.Tensor) -> torch.Tensor:
    """Halo-weighted mean absolute error (B,) of pictures in [-1, 1], on the scale [0, 1]."""
    error = 0.5 * (picture - target).abs().mean(dim=1, keepdim=True)
    return (error * halo).sum(dim=(1, 2, 3)) / (halo.sum(dim=(1, 2, 3)) + 1e-6)


def psnr(picture: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio (B,) in dB of pictures in [-1, 1], cut to that range."""
    error = 0.5 * (picture.clamp(-1.0, 1.0) - target.clamp(-1.0, 1.0))
    return -10.0 * error.square().mean(dim=(1, 2, 3)).clamp(min=1e-10).log10()
