"""Encodes and decodes held-out windows, for figures and progress pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKLFlux2

from generation.engine.training.crops import as_pictures, as_tensor
from generation.engine.training.figures import (
    U8,
    detail_by_zone,
    figure_line,
    psnr_db,
)
from generation.engine.training.worlds_folder import read_world, world_seeds

WINDOW_PX = 256


@torch.no_grad()
def round_trip(vae: AutoencoderKLFlux2, pictures: U8) -> U8:
    """Return uint8 (b, h, w, 3) `pictures` encoded and decoded, each in windows of 256 px."""
    device = next(vae.parameters()).device.type
    done = np.empty_like(pictures)
    height, width = pictures.shape[1:3]
    side = min(WINDOW_PX, height, width)
    for top in range(0, height, side):
        for left in range(0, width, side):
            place = np.s_[:, top : top + side, left : left + side]
            latents = vae.encode(as_tensor(pictures[place], device)).latent_dist.mode()
            done[place] = as_pictures(vae.decode(latents).sample)
    return done


def report_round_trip(vae: AutoencoderKLFlux2, work: Path, name: str) -> str:
    """Return held-out figures as text and write `NAME_round_trip.png` (truth over decoded)."""
    seeds = world_seeds(work, held_out=True)[:2]
    if not seeds:
        return "(no held-out worlds yet)"
    worlds = [read_world(work, seed) for seed in seeds]
    lines, strips = [], []
    for look in worlds[0].looks:
        truth = np.stack([_middle(world.looks[look]) for world in worlds])
        zones = np.concatenate([_middle(world.zones) for world in worlds])
        decoded = round_trip(vae, truth)
        joined, flat = np.concatenate(list(decoded)), np.concatenate(list(truth))
        shares = detail_by_zone(joined, flat, zones)
        lines.append(f"{look}: {psnr_db(decoded, truth):.2f} dB {figure_line(shares)}")
        strips.append(np.concatenate([flat[:WINDOW_PX], joined[:WINDOW_PX]]))
    sheet = np.concatenate(strips)
    cv2.imwrite(str(work / f"{name}_round_trip.png"), np.ascontiguousarray(sheet[..., ::-1]))
    return " | ".join(lines)


def _middle(picture: U8, side_px: int = 512) -> U8:
    """Return the middle of `picture`, at most `side_px` wide and high."""
    top = max(0, (picture.shape[0] - side_px) // 2)
    left = max(0, (picture.shape[1] - side_px) // 2)
    return picture[top : top + side_px, left : left + side_px]
