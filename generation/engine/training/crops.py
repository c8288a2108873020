"""Random training crops: pictures in every look, and some seed canvases with finished strips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.training.worlds_folder import World

U8 = npt.NDArray[np.uint8]

CANVAS_SHARE = 0.15
"""Share of crops that show a seed canvas instead of a finished picture."""

HALF = 0.5


def crop_batch(worlds: Sequence[World], key: Sequence[int], count: int, side_px: int) -> U8:
    """Return `count` crops; equal keys and worlds give equal crops.

    Args:
        worlds: where to cut from.
        key: seed of the choice, such as (seed, step).
        count: number of crops.
        side_px: side of a crop.

    Returns:
        uint8 (count, side_px, side_px, 3).
    """
    rng = np.random.default_rng(list(key))
    return np.stack([_crop(worlds, rng, side_px) for _ in range(count)])


def as_tensor(pictures: U8, device: str) -> torch.Tensor:
    """Return uint8 (b, h, w, 3) as float32 (b, 3, h, w) in [-1, 1]."""
    plain = torch.from_numpy(np.ascontiguousarray(pictures)).to(device)
    return plain.permute(0, 3, 1, 2).float().contiguous() / 127.5 - 1.0


def as_pictures(tensor: torch.Tensor) -> U8:
    """Undo `as_tensor`, clipped and rounded."""
    scaled = (tensor.detach().float().clamp(-1, 1) + 1.0) * 127.5
    pictures: U8 = scaled.round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return pictures


def _crop(worlds: Sequence[World], rng: np.random.Generator, side_px: int) -> U8:
    world = worlds[int(rng.integers(len(worlds)))]
    looks = list(world.looks.values())
    truth = looks[int(rng.integers(len(looks)))]
    top = int(rng.integers(truth.shape[0] - side_px + 1))
    left = int(rng.integers(truth.shape[1] - side_px + 1))
    place = np.s_[top : top + side_px, left : left + side_px]
    crop = truth[place]
    if rng.random() < CANVAS_SHARE:
        split = int(rng.integers(side_px))
        crop = world.canvas[place].copy()
        if rng.random() < HALF:
            crop[:split] = truth[place][:split]
        else:
            crop[:, :split] = truth[place][:, :split]
    if rng.random() < HALF:
        crop = crop[:, ::-1]
    return crop
