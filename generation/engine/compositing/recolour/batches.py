"""Batches to train colour correction on: pictures, changes, and regions they hold for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.mask_mixture import draw_mask
from generation.engine.compositing.pairs import RECOLOURED, as_pixels, batch_shape
from generation.engine.compositing.pictures import PicturePool, cut
from generation.engine.compositing.pictures import recoloured as varied
from generation.engine.compositing.recolour.change import draw_change, recoloured

F32 = npt.NDArray[np.float32]
Draw = Callable[[np.random.Generator, int, int], F32]

WHOLE, REGIONS = 0.3, 0.3
"""Shares of masks that are all 1, and of large regions; the rest is the compositor's mixture."""

STRENGTHS = (0.1, 1.3)
PER_PICTURE = 2
"""Samples of each picture, which is encoded once for all of them."""


@dataclass(frozen=True)
class Recolourings:
    """A batch; pictures are listed once, although each stands in several samples.

    Attributes:
        pictures: float32 (N, 3, H, W) in [-1, 1].
        which: int64 (B,), the picture of each sample.
        numbers: float32 (B, 7), see `ColourChange.numbers`.
        mask: float32 (B, 1, H, W) in [0, 1].
    """

    pictures: torch.Tensor
    which: torch.Tensor
    numbers: torch.Tensor
    mask: torch.Tensor

    @property
    def target(self) -> torch.Tensor:
        """The changed pictures, (B, 3, H, W)."""
        return recoloured(self.pictures[self.which], self.numbers, self.mask)

    def to(self, device: str) -> Recolourings:
        """The same on another device."""
        parts = (self.pictures, self.which, self.numbers, self.mask)
        return Recolourings(*(part.to(device) for part in parts))


def draw_recolourings(
    pool: PicturePool, key: tuple[int, ...], batch: int, side_px: int
) -> Recolourings:
    """Draw a batch; equal keys and pools give equal batches. See `pairs.draw_pairs` for shapes."""
    rng = np.random.default_rng(list(key))
    count, height, width = batch_shape(rng, batch, side_px)
    drawn = [_picture(rng, pool, height, width) for _ in range(-(-count // PER_PICTURE))]
    masks = np.stack([draw_region(rng, height, width) for _ in range(count)])
    changes = [draw_change(rng, float(rng.uniform(*STRENGTHS))) for _ in range(count)]
    return Recolourings(
        as_pixels(np.stack(drawn)),
        torch.arange(count) // PER_PICTURE,
        torch.stack([change.numbers for change in changes]),
        torch.from_numpy(masks)[:, None],
    )


def draw_region(rng: np.random.Generator, height: int, width: int) -> F32:
    """A mask float32 (height, width) in [0, 1]: everything, a large region, or of the mixture."""
    kind = rng.random()
    if kind < WHOLE:
        return whole(rng, height, width)
    draw = regions if kind < WHOLE + REGIONS else draw_mask
    return draw(rng, height, width)


def whole(_rng: np.random.Generator, height: int, width: int) -> F32:
    """Everything."""
    return np.ones((height, width), np.float32)


def regions(rng: np.random.Generator, height: int, width: int) -> F32:
    """Large regions with winding outlines, as zones of a map have; hard, or soft by 1 to 8 px."""
    scale_px = float(np.exp(rng.uniform(np.log(10.0), np.log(40.0))))
    noise = cv2.GaussianBlur(
        rng.standard_normal((height, width)).astype(np.float32), (0, 0), scale_px
    )
    mask = (noise >= np.quantile(noise, rng.uniform(0.15, 0.75))).astype(np.float32)
    if rng.random() < 0.4:  # noqa: PLR2004 - share of soft ones
        mask = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(1.0, 8.0)))
    return np.clip(mask, 0.0, 1.0).astype(np.float32)


def _picture(rng: np.random.Generator, pool: PicturePool, height: int, width: int) -> F32:
    place = cut(rng, pool.group(rng), height, width)
    picture = place[int(rng.integers(len(place)))]
    return varied(rng, picture, 1.0) if rng.random() < RECOLOURED else np.clip(picture, 0.0, 1.0)
