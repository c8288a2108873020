"""Held-out figures while a compositor trains: fixed pairs, decoded beside the linear blend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from generation.engine.compositing.compositors import LinearCompositor
from generation.engine.compositing.decformer import DecFormer
from generation.engine.compositing.losses import halo_l1, psnr
from generation.engine.compositing.mask_mixture import DRAWERS
from generation.engine.compositing.masks import mask_layers
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.pictures import PicturePool, cut

_KEY = 4_242


@dataclass(frozen=True)
class _Case:
    kind: str
    first: torch.Tensor
    second: torch.Tensor
    mask: torch.Tensor
    halo: torch.Tensor
    target: torch.Tensor
    linear: tuple[float, float]


class HeldOut:
    """The same unrelated pairs of held-out pictures again and again, each kind of mask alike.

    Args:
        vae: frozen.
        pool: of held-out pictures.
        count: pairs per kind of mask.
        side_px: of the pictures.
        device: where the VAE is.
    """

    @torch.no_grad()
    def __init__(self, vae: Any, pool: PicturePool, count: int, side_px: int, device: str) -> None:
        self._vae = vae
        self._cases = [
            self._case(draw, np.random.default_rng((_KEY, number)), pool, side_px, device)
            for draw in DRAWERS
            for number in range(count)
        ]

    @torch.no_grad()
    def figures(self, network: DecFormer) -> dict[str, dict[str, float]]:
        """By kind of mask: PSNR and Halo L1 against the decoded target, and their gains."""
        found: dict[str, list[tuple[float, ...]]] = {}
        for case in self._cases:
            features = network.read_mask(case.mask)
            fused = network(case.first, case.second, features).fused
            ours = self._errors(fused.float(), case.target, case.halo)
            found.setdefault(case.kind, []).append((*ours, *case.linear))
        means = {kind: np.array(rows).mean(axis=0) for kind, rows in found.items()}
        return {
            kind: {
                "psnr_db": float(row[0]),
                "gain_db": float(row[0] - row[2]),
                "halo_l1": float(row[1]),
                "halo_share": float(row[1] / row[3]),
            }
            for kind, row in means.items()
        }

    def line(self, figures: dict[str, dict[str, float]]) -> str:
        """One line: gain in dB and share of the linear blend's Halo L1, by kind of mask."""
        gain = sum(one["gain_db"] for one in figures.values()) / len(figures)
        share = sum(one["halo_share"] for one in figures.values()) / len(figures)
        kinds = " | ".join(
            f"{kind} {one['gain_db']:+.1f} dB halo {one['halo_share']:.2f}"
            for kind, one in figures.items()
        )
        return f"mean {gain:+.2f} dB halo {share:.3f} | {kinds}"

    def _case(
        self, draw: Any, rng: np.random.Generator, pool: PicturePool, side_px: int, device: str
    ) -> _Case:
        pixels = []
        for _ in range(2):
            place = cut(rng, pool.group(rng), side_px, side_px)
            chosen = place[int(rng.integers(max(1, len(place) - 1)))]
            pixels.append(as_pixels(chosen[None]).to(device))
        mask = torch.from_numpy(draw(rng, side_px, side_px))[None, None].to(device)
        halo = mask_layers(mask)[:, 1:2]
        first, second = (self._vae.encode(one).latent_dist.mode() for one in pixels)
        composite = torch.lerp(pixels[0], pixels[1], mask)
        target = self._vae.decode(self._vae.encode(composite).latent_dist.mode()).sample
        blend = LinearCompositor()(first, second, mask)
        linear = self._errors(blend, target, halo)
        return _Case(draw.__name__, first, second, mask, halo, target, linear)

    def _errors(
        self, fused: torch.Tensor, target: torch.Tensor, halo: torch.Tensor
    ) -> tuple[float, float]:
        picture = self._vae.decode(fused).sample
        return float(psnr(picture, target)), float(halo_l1(picture, target, halo))
