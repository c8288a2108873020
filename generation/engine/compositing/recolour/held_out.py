"""Held-out figures while a recolourer trains: fixed samples, decoded, beside leaving them be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from generation.engine.compositing.losses import psnr
from generation.engine.compositing.mask_mixture import feathered, shapes
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.pictures import PicturePool, cut
from generation.engine.compositing.recolour.batches import Draw, regions, whole
from generation.engine.compositing.recolour.change import draw_change, recoloured
from generation.engine.compositing.recolour.network import Recolourer

DRAWERS: tuple[Draw, ...] = (whole, regions, shapes, feathered)
_KEY = 4_243


@dataclass(frozen=True)
class _Case:
    kind: str
    cells: torch.Tensor
    numbers: torch.Tensor
    mask: torch.Tensor
    target: torch.Tensor
    nothing: float


class RecolourHeldOut:
    """The same changes of held-out pictures again and again, each kind of mask alike.

    Args:
        vae: frozen.
        pool: of held-out pictures.
        count: samples per kind of mask.
        side_px: of the pictures.
        device: where the VAE is.
    """

    @torch.no_grad()
    def __init__(self, vae: Any, pool: PicturePool, count: int, side_px: int, device: str) -> None:
        self._vae = vae
        self._device = device
        self._cases = [
            self._case(draw, np.random.default_rng((_KEY, number)), pool, side_px)
            for draw in DRAWERS
            for number in range(count)
        ]

    @torch.no_grad()
    def figures(self, network: Recolourer) -> dict[str, dict[str, float]]:
        """By kind of mask: PSNR against the decoded target, and its gain over changing nothing."""
        found: dict[str, list[tuple[float, float]]] = {}
        for case in self._cases:
            made = network(case.cells, case.numbers, network.read_mask(case.mask)).fused
            ours = self._psnr(made.float(), case.target)
            found.setdefault(case.kind, []).append((ours, ours - case.nothing))
        means = {kind: np.array(rows).mean(axis=0) for kind, rows in found.items()}
        return {
            kind: {"psnr_db": float(row[0]), "gain_db": float(row[1])}
            for kind, row in means.items()
        }

    def line(self, figures: dict[str, dict[str, float]]) -> str:
        """One line: PSNR and gain over changing nothing, by kind of mask."""
        gain = sum(one["gain_db"] for one in figures.values()) / len(figures)
        kinds = " | ".join(
            f"{kind} {one['psnr_db']:.1f} dB {one['gain_db']:+.1f}" for kind, one in figures.items()
        )
        return f"mean {gain:+.2f} dB | {kinds}"

    def _case(self, draw: Draw, rng: np.random.Generator, pool: PicturePool, side_px: int) -> _Case:
        place = cut(rng, pool.group(rng), side_px, side_px)
        chosen = np.clip(place[int(rng.integers(max(1, len(place) - 1)))], 0.0, 1.0)
        pixels = as_pixels(chosen[None]).to(self._device)
        mask = torch.from_numpy(draw(rng, side_px, side_px))[None, None].to(self._device)
        numbers = draw_change(rng).numbers[None].to(self._device)
        cells = self._vae.encode(pixels).latent_dist.mode()
        right = self._vae.encode(recoloured(pixels, numbers, mask)).latent_dist.mode()
        target = self._vae.decode(right).sample
        nothing = self._psnr(cells, target)
        return _Case(draw.__name__, cells, numbers, mask, target, nothing)

    def _psnr(self, cells: torch.Tensor, target: torch.Tensor) -> float:
        return float(psnr(self._vae.decode(cells).sample, target))
