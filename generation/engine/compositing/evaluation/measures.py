"""Figures of one composited picture against another; pictures are float32 (h, w, 3) in [0, 1]."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from skimage.metrics import structural_similarity

from generation.engine.figures.features import FeatureNet

F32 = npt.NDArray[np.float32]

FAR_PX = 64.0
"""Signed distance from which on a pixel is far from the mask's edge."""

PERCEPTUAL_BLOCKS = (0, 2, 4, 10, 15)
"""Blocks of EfficientNet-Lite0 whose outputs (1/2, 1/4, 1/8, 1/16 and 1/32 of the size) count."""

_LEAST_FAR_PX = 256
_CANNY = (100, 200)


def ssim(picture: F32, truth: F32) -> float:
    """Structural similarity (Wang et al. 2004) in windows of 7 px, mean over channels."""
    return float(
        structural_similarity(
            np.clip(picture, 0, 1), np.clip(truth, 0, 1), channel_axis=2, data_range=1.0
        )
    )


def far_colour_error(picture: F32, truth: F32, distance: F32) -> float:
    """How far colours shifted at least 64 px from the edge: mean over channels of |mean error|.

    Signed errors are averaged first, so only a shift of a whole side counts, not texture. Of both
    sides of the edge the worse. NaN where fewer than 256 px are that far on either side.
    """
    sides = (distance >= FAR_PX, distance <= -FAR_PX)
    shifts = [
        float(np.abs((picture - truth)[side].mean(axis=0)).mean())
        for side in sides
        if int(side.sum()) >= _LEAST_FAR_PX
    ]
    return max(shifts, default=float("nan"))


def gradient_error(picture: F32, truth: F32, kept: F32, mask: F32) -> float:
    """Mean difference of Sobel gradients along the mask's edge after paste-back, in bytes.

    The kept picture is pasted over both where the mask is 1, softly where it is soft; then, per
    channel, the gradients are compared where Canny sees the mask's edge (as ASUKA, Wang et al.
    2025, measures seams). NaN where it sees none.
    """
    edge = cv2.Canny((mask * 255).round().astype(np.uint8), *_CANNY) > 0
    if not edge.any():
        return float("nan")
    share = mask[..., None]
    slopes = []
    for one in (picture, truth):
        pasted = np.clip(share * kept + (1.0 - share) * one, 0, 1) * np.float32(255)
        along_x = cv2.Sobel(pasted, cv2.CV_32F, 1, 0, ksize=3)
        along_y = cv2.Sobel(pasted, cv2.CV_32F, 0, 1, ksize=3)
        slopes.append(np.hypot(along_x, along_y))
    return float(np.abs(slopes[0] - slopes[1])[edge].mean())


def drift(vae: Any, cells: torch.Tensor, decoded: torch.Tensor) -> list[float]:
    """How far latents move in a round trip: |z - E(D(z))| / |z|, one by one.

    Args:
        vae: an `AutoencoderKLFlux2`.
        cells: (B, C, h, w).
        decoded: (B, 3, H, W), their decoding.
    """
    again = vae.encode(decoded.clamp(-1, 1)).latent_dist.mode()
    moved = (cells - again).flatten(1).norm(dim=1) / cells.flatten(1).norm(dim=1)
    return [float(value) for value in moved]


class PerceptualDistance:
    """Distance of deep features, built as LPIPS (Zhang et al. 2018) with all weights equal.

    Features of five blocks of EfficientNet-Lite0 are scaled to length 1 per place; squared
    differences are summed over channels, averaged over places and summed over blocks.

    Args:
        net: with its published weights.
    """

    def __init__(self, net: FeatureNet) -> None:
        self._net = net
        self._maps: list[torch.Tensor] = []
        blocks = list(net.get_submodule("_blocks").children())
        for number in PERCEPTUAL_BLOCKS:
            blocks[number].register_forward_hook(self._keep)

    def __call__(self, pictures: torch.Tensor, truth: torch.Tensor) -> list[float]:
        """Compare (B, 3, h, w) pictures in [-1, 1] with `truth` (1, 3, h, w)."""
        ours, theirs = self._features(pictures), self._features(truth)
        total = torch.zeros(len(pictures))
        for one, other in zip(ours, theirs, strict=True):
            total = total + (one - other).square().sum(dim=1).mean(dim=(1, 2)).cpu()
        return [float(value) for value in total]

    @torch.no_grad()
    def _features(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        self._maps.clear()
        self._net(pictures.clamp(-1, 1))
        return [F.normalize(found, dim=1, eps=1e-6) for found in self._maps]

    def _keep(self, _module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        self._maps.append(output)
