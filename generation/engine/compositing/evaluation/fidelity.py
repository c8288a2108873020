"""Fuses every case with every compositor and measures the decoded pictures.

Against `target`, D(E(composite)), only the compositor's own error counts; against `raw`, the
composite of the pixels, the loss of the VAE comes on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.compositors import (
    Compositor,
    ExactCompositor,
    LinearCompositor,
    TokenSpace,
)
from generation.engine.compositing.decformer import DecFormer, DecFormerCompositor
from generation.engine.compositing.evaluation.cases import Case
from generation.engine.compositing.evaluation.measures import (
    F32,
    PerceptualDistance,
    drift,
    far_colour_error,
    gradient_error,
    ssim,
)
from generation.engine.compositing.losses import halo_l1, psnr
from generation.engine.compositing.masks import area_cells, halo, signed_distance
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.solved import share_outside, solve
from generation.engine.figures.features import FeatureNet
from zones.errors import InputError

F64 = npt.NDArray[np.float64]

LINEAR = {
    "area H/8": LinearCompositor("area", 8),
    "bilinear H/8": LinearCompositor("bilinear", 8),
    "nearest H/8": LinearCompositor("nearest", 8),
    "area H/16": LinearCompositor("area", 16),
    "bilinear H/16": LinearCompositor("bilinear", 16),
}
SOLVED = {"solved as one": False, "solved per channel": True}
EXACT, LEARNT = "exact", "decformer"
TARGET = "D(z_T)"

MOST_PX = 64
"""Errors are counted by signed distance up to here."""

OUTSIDE = "share of weights outside [0, 1]"


@dataclass(frozen=True)
class Sample:
    """Figures of one compositor on one case.

    Attributes:
        source: set of the pictures.
        kind: of the mask.
        compositor: its name.
        values: by name of the figure.
    """

    source: str
    kind: str
    compositor: str
    values: dict[str, float]


@dataclass
class DistanceCurves:
    """Squared errors summed by signed distance from the edge, 1 px per bin, binary masks only.

    Attributes:
        pixels: by compositor, float64 (2 * MOST_PX,) of squared pixel errors.
        cells: the same of latent errors, in units of the latents' spread.
        counts: float64 (2 * MOST_PX,) of pixels; `cell_counts` of cells.
    """

    pixels: dict[str, F64] = field(default_factory=dict)
    cells: dict[str, F64] = field(default_factory=dict)
    counts: F64 = field(default_factory=lambda: np.zeros(2 * MOST_PX))
    cell_counts: F64 = field(default_factory=lambda: np.zeros(2 * MOST_PX))

    def of_pixels(self, edges_px: Sequence[int]) -> dict[str, F64]:
        """Mean squared error by compositor between signed distances, (len(edges_px) - 1,)."""
        return _means(self.pixels, self.counts, edges_px)

    def of_cells(self, edges_px: Sequence[int]) -> dict[str, F64]:
        """The same of latents, where a cell's distance is the mean over its pixels."""
        return _means(self.cells, self.cell_counts, edges_px)


class Fidelity:
    """Measures case after case.

    Args:
        vae: frozen, float32.
        features: perceptual network.
        networks: trained compositors by name; may be none.
        names: compositors to measure; None is all.

    Raises:
        InputError: there is no compositor of a name, or two of one.
    """

    def __init__(
        self,
        vae: Any,
        features: FeatureNet,
        networks: Mapping[str, DecFormer],
        names: Sequence[str] | None = None,
    ) -> None:
        known = (*LINEAR, *SOLVED, EXACT, *networks)
        twice = [name for name in networks if name in (*LINEAR, *SOLVED, EXACT)]
        if twice:
            raise InputError(f"'{twice[0]}' is a compositor already; give it another name")
        unknown = [name for name in names or () if name not in known]
        if unknown:
            raise InputError(f"there is no compositor '{unknown[0]}'; known: {', '.join(known)}")
        self._names = tuple(names or known)
        self._vae = vae
        self._distance = PerceptualDistance(features)
        self._learnt = {name: DecFormerCompositor(one) for name, one in networks.items()}
        self._std = TokenSpace.of(vae).cell_statistics()[1]
        self.samples: list[Sample] = []
        self.outside: list[Sample] = []
        self.curves = DistanceCurves()

    def measure(self, cases: Iterable[Case]) -> None:
        """Measure all of `cases`."""
        for case in cases:
            self._measure(case)

    @torch.no_grad()
    def _measure(self, case: Case) -> None:
        first, second, raw = (
            as_pixels(one[None])
            for one in (case.first, case.second, _composite(case.first, case.second, case.mask))
        )
        cells = self._vae.encode(torch.cat([first, second, raw])).latent_dist.mode()
        fused = self._fuse(cells, torch.from_numpy(case.mask)[None, None])
        share = share_outside(cells[:1], cells[1:2], cells[2:], self._std)
        self.outside.append(Sample(case.source, case.kind, OUTSIDE, {OUTSIDE: share}))
        joined = torch.cat(list(fused.values()))
        decoded = torch.cat([self._vae.decode(one[None]).sample for one in joined])
        target = decoded[:1]
        pictures = [_picture(one) for one in decoded]
        distance = signed_distance(case.mask)
        near = torch.from_numpy(halo(case.mask, distance))[None, None]
        shown = decoded.clamp(-1.0, 1.0)
        errors = {
            "psnr": psnr(shown, target),
            "halo l1": halo_l1(shown, shown[:1], near),
            "psnr raw": psnr(shown, raw),
            "halo l1 raw": halo_l1(shown, raw, near),
        }
        perceptual = self._distance(decoded, target)
        drifts = drift(self._vae, joined, decoded)
        for number, name in enumerate(fused):
            values = {figure: float(found[number]) for figure, found in errors.items()}
            values["ssim"] = ssim(pictures[number], pictures[0])
            values["perceptual"] = perceptual[number]
            values["far colour"] = far_colour_error(pictures[number], pictures[0], distance)
            values["gradient"] = gradient_error(
                pictures[number], pictures[0], case.second, case.mask
            )
            values["drift"] = drifts[number]
            self.samples.append(Sample(case.source, case.kind, name, values))
        if case.kind == "binary":
            self._bin(fused, pictures, distance)

    def _fuse(self, cells: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
        """The target and every fusion, (1, C, h, w) each."""
        first, second, target = cells[:1], cells[1:2], cells[2:]
        fused = {TARGET: target}
        for name in self._names:
            if name in SOLVED:
                fused[name] = solve(first, second, target, per_channel=SOLVED[name]).fused
            else:
                fused[name] = self._compositor(name)(first, second, mask)
        return fused

    def _compositor(self, name: str) -> Compositor:
        if name in LINEAR:
            return LINEAR[name]
        return ExactCompositor(self._vae) if name == EXACT else self._learnt[name]

    def _bin(self, fused: dict[str, torch.Tensor], pictures: list[F32], distance: F32) -> None:
        """Add one case to the curves."""
        coarse = area_cells(torch.from_numpy(distance)[None, None])[0, 0].numpy()
        places, cell_places = _places(distance), _places(coarse)
        size = 2 * MOST_PX
        self.curves.counts += np.bincount(places.ravel(), minlength=size + 1)[:size]
        self.curves.cell_counts += np.bincount(cell_places.ravel(), minlength=size + 1)[:size]
        target = fused[TARGET]
        spread = self._std.view(1, -1, 1, 1)
        for (name, cells), picture in zip(fused.items(), pictures, strict=True):
            if name == TARGET:
                continue
            pixel = np.square(picture - pictures[0]).mean(axis=2)
            cell = ((cells - target) / spread).square().mean(dim=1)[0].numpy()
            for sums, error, where in (
                (self.curves.pixels, pixel, places),
                (self.curves.cells, cell, cell_places),
            ):
                added = np.bincount(where.ravel(), error.ravel(), minlength=size + 1)[:size]
                sums[name] = sums.get(name, np.zeros(size)) + added


def _means(sums: Mapping[str, F64], counts: F64, edges_px: Sequence[int]) -> dict[str, F64]:
    """Sums over bins between edges by their counts; NaN where nothing was counted."""
    starts, stops = (np.array(part) + MOST_PX for part in (edges_px[:-1], edges_px[1:]))

    def within(bins: F64) -> F64:
        whole = np.concatenate([[0.0], np.cumsum(bins)])
        added: F64 = whole[stops] - whole[starts]
        return added

    counted = within(counts)
    return {
        name: np.where(counted > 0, within(one) / np.maximum(counted, 1.0), np.nan)
        for name, one in sums.items()
    }


def _places(distance: F32) -> npt.NDArray[np.int64]:
    """Bin of each distance, 1 px each from -MOST_PX; beyond that the one after the last."""
    bins = np.floor(np.clip(distance, -1e3, 1e3)).astype(np.int64) + MOST_PX
    return np.where((bins >= 0) & (bins < 2 * MOST_PX), bins, 2 * MOST_PX)


def _composite(first: F32, second: F32, mask: F32) -> F32:
    return (first + (second - first) * mask[..., None]).astype(np.float32)


def _picture(decoded: torch.Tensor) -> F32:
    unit: F32 = (0.5 * decoded + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()
    return unit
