"""Batches to train on: two pictures and a mask each, in a few shapes of equal cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.mask_mixture import draw_mask
from generation.engine.compositing.pictures import PicturePool, cut, perturbed, recoloured

F32 = npt.NDArray[np.float32]

UNRELATED, SAME_PLACE = 0.5, 0.2
"""Shares of pairs of two pictures, and of two looks of one place; the rest is one perturbed."""

RECOLOURED = 0.4
SHAPES = ((4, 1, 1), (4, 1, 1), (4, 1, 1), (2, 1, 2), (2, 2, 1), (1, 2, 2))
"""Count, height and width, as multiples of the side, as often as they are listed."""


@dataclass(frozen=True)
class Pairs:
    """A batch; pictures are listed once, although each may stand in two pairs.

    Attributes:
        pictures: float32 (N, 3, H, W) in [-1, 1].
        first: int64 (B,), which picture is taken where the mask is 0.
        second: int64 (B,), which is taken where the mask is 1.
        mask: float32 (B, 1, H, W) in [0, 1].
    """

    pictures: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor
    mask: torch.Tensor

    @property
    def composite(self) -> torch.Tensor:
        """(1 - mask) first + mask second, (B, 3, H, W)."""
        return torch.lerp(self.pictures[self.first], self.pictures[self.second], self.mask)

    def to(self, device: str) -> Pairs:
        """The same on another device."""
        parts = (self.pictures, self.first, self.second, self.mask)
        return Pairs(*(part.to(device) for part in parts))


def draw_pairs(pool: PicturePool, key: tuple[int, ...], batch: int, side_px: int) -> Pairs:
    """Draw a batch; equal keys and pools give equal batches.

    Args:
        pool: where to cut from.
        key: seed of the choice.
        batch: pairs of `side_px` x `side_px` px; a multiple of 4 is drawn as fewer and larger
            ones now and then, since what a VAE's normalisation does depends on the size. Two
            pictures make two pairs, one each way around, under two masks.
        side_px: a multiple of 8.
    """
    rng = np.random.default_rng(list(key))
    count, height, width = batch_shape(rng, batch, side_px)
    drawn = [_pair(pool, rng, height, width) for _ in range((count + 1) // 2)]
    pictures = np.stack([picture for pair in drawn for picture in pair])
    masks = np.stack([draw_mask(rng, height, width) for _ in range(count)])
    first = torch.arange(2 * len(drawn))[:count]
    second = torch.bitwise_xor(first, torch.ones_like(first))
    return Pairs(as_pixels(pictures), first, second, torch.from_numpy(masks)[:, None])


def batch_shape(rng: np.random.Generator, batch: int, side_px: int) -> tuple[int, int, int]:
    """Count, height and width of one of the shapes of a batch, all of equal cost."""
    count, high, wide = SHAPES[int(rng.integers(len(SHAPES)))] if batch % 4 == 0 else (4, 1, 1)
    return max(1, count * batch // 4), high * side_px, wide * side_px


def _pair(pool: PicturePool, rng: np.random.Generator, height: int, width: int) -> tuple[F32, F32]:
    kind = rng.random()
    place = cut(rng, pool.group(rng), height, width)
    first = place[int(rng.integers(len(place)))]
    if kind < UNRELATED:
        other = cut(rng, pool.group(rng), height, width)
        second = other[int(rng.integers(len(other)))]
    elif kind < UNRELATED + SAME_PLACE and len(place) > 1:
        second = place[int(rng.integers(len(place)))]
        second = perturbed(rng, first) if second is first else second
    else:
        second = perturbed(rng, first)
    if rng.random() < RECOLOURED:
        first = recoloured(rng, first, 1.0)
    if rng.random() < RECOLOURED:
        second = recoloured(rng, second, 1.0)
    if rng.random() < 0.5:  # noqa: PLR2004 - half
        first, second = second, first
    return first, second


def as_pixels(pictures: F32) -> torch.Tensor:
    """Float32 (B, H, W, 3) in [0, 1] to (B, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(2.0 * pictures - 1.0).permute(0, 3, 1, 2).contiguous()
