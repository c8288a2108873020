"""What compositors read from a mask: cell means, signed distances and the halo along its edge.

A mask is float32 (B, 1, H, W) in [0, 1] at full resolution, 0 = the first latent, 1 = the second.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know

from zones.geometry import LATENT_PX

F32 = npt.NDArray[np.float32]

HALO_PX = 8.0
"""Distance from the mask's edge at which the halo has fallen to 1 / e."""

REACH_PX = 32.0
"""Signed distances are cut here."""

HALF = 0.5


def area_cells(mask: torch.Tensor, cell_px: int = LATENT_PX) -> torch.Tensor:
    """Mean of each cell of a mask (B, 1, H, W): (B, 1, H / cell_px, W / cell_px)."""
    return F.avg_pool2d(mask, cell_px)


def fold_cells(layers: torch.Tensor) -> torch.Tensor:
    """(B, n, H, W) pixels to (B, 64 n, H / 8, W / 8): every pixel of a cell its own channel."""
    return F.pixel_unshuffle(layers, LATENT_PX)


def signed_distance(mask: F32) -> F32:
    """Distance in px from the line where `mask` (H, W) crosses 0.5; positive where it is above.

    Counted from pixel centres, so that the two pixels at the line have -0.5 and 0.5. Infinite in
    a mask that does not cross 0.5, with the sign of its side.
    """
    inside = (mask >= HALF).astype(np.uint8)
    if inside.all() or not inside.any():
        return np.full(mask.shape, np.inf if inside.any() else -np.inf, np.float32)
    within = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    without = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    signed = np.where(inside > 0, within - HALF, HALF - without)
    return signed.astype(np.float32)


def halo(mask: F32, distance: F32) -> F32:
    """Weight in [0, 1] that is 1 along the edge and wherever the mask is half open.

    exp(-(d / 8 px)^2) of the signed distance, or 4 M (1 - M) where that is more.
    """
    near = np.exp(-np.square(np.minimum(np.abs(distance), 1e3) / HALO_PX))
    return np.maximum(near, 4.0 * mask * (1.0 - mask)).astype(np.float32)


def mask_layers(mask: torch.Tensor) -> torch.Tensor:
    """Mask, halo and signed distance / 32 px, cut at 1: float32 (B, 3, H, W) on its device."""
    pictures = mask.detach().float().cpu().numpy()[:, 0]
    layers = []
    for picture in pictures:
        distance = signed_distance(picture)
        cut = np.clip(distance / REACH_PX, -1.0, 1.0)
        layers.append(np.stack([picture, halo(picture, distance), cut]))
    return torch.from_numpy(np.stack(layers).astype(np.float32)).to(mask.device)


def constant_value(mask: torch.Tensor) -> torch.Tensor:
    """Per mask of a batch, (B, 1, 1, 1): 0.0 or 1.0 if all of it is, else NaN."""
    low = mask.amin(dim=(1, 2, 3), keepdim=True)
    high = mask.amax(dim=(1, 2, 3), keepdim=True)
    pure = (low == high) & ((low == 0.0) | (low == 1.0))
    return torch.where(pure, low, torch.full_like(low, torch.nan))
