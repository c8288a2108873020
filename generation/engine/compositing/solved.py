"""The blend weights that a known target asks for: least squares, cut to [0, 1].

An oracle for measurements: it shows what any blend could reach at best. Where no weight in [0, 1]
gives the target, only a residual can (Bradbury & Zhong 2025, figure 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

_LEAST = 1e-6


@dataclass(frozen=True)
class Solved:
    """Weights toward the second latent.

    Attributes:
        raw: least-squares weights, (B, C, h, w) or (B, 1, h, w) for all channels together.
        fused: cells (B, C, h, w) blended with the weights cut to [0, 1].
    """

    raw: torch.Tensor
    fused: torch.Tensor


def solve(
    first: torch.Tensor, second: torch.Tensor, target: torch.Tensor, *, per_channel: bool
) -> Solved:
    """Weights that bring the blend of two latents closest to `target`, all cells (B, C, h, w).

    Args:
        first: taken at weight 0.
        second: taken at weight 1.
        target: what the blend should be.
        per_channel: one weight per channel and cell, else one per cell.
    """
    along, wanted = second - first, target - first
    product, square = wanted * along, along.square()
    if not per_channel:
        product, square = (part.sum(dim=1, keepdim=True) for part in (product, square))
    raw = product / (square + _LEAST)
    return Solved(raw, torch.lerp(first, second, raw.clamp(0.0, 1.0).expand_as(first)))


def share_outside(
    first: torch.Tensor, second: torch.Tensor, target: torch.Tensor, std: torch.Tensor
) -> float:
    """Share of voxels whose weight lies outside [0, 1], where the latents differ by 0.1 std.

    Args:
        first: cells (B, C, h, w).
        second: cells of that shape.
        target: cells of that shape.
        std: (C,) spread of each channel.
    """
    raw = solve(first, second, target, per_channel=True).raw
    counted = (second - first).abs() > 0.1 * std.view(1, -1, 1, 1)
    outside = ((raw < 0.0) | (raw > 1.0)) & counted
    return float(outside.sum()) / max(1, int(counted.sum()))
