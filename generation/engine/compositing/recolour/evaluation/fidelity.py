"""Changes the colour of regions of held-out pictures with every method, and measures the decoding.

All figures are against D(E(changed pixels)), so that only the method's own error counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.evaluation.cases import Set, cases
from generation.engine.compositing.evaluation.measures import PerceptualDistance, far_colour_error
from generation.engine.compositing.losses import halo_l1, psnr
from generation.engine.compositing.masks import halo, signed_distance
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.recolour.change import ColourChange, draw_change, recoloured
from generation.engine.compositing.recolour.evaluation.methods import Method, Trial
from generation.engine.figures.features import FeatureNet
from generation.engine.latents import tensor_to_rgb
from generation.plan.colour import Lab, delta_e, lab_of

F32 = npt.NDArray[np.float32]

REGIONS = ("whole", "binary", "soft")
FIGURES = {
    "psnr": "PSNR, dB",
    "perceptual": "perceptual",
    "region mean": "dE of the region's mean",
    "region": "dE in the region",
    "halo l1": "Halo L1",
    "far colour": "far colour x 255",
    "milliseconds": "ms",
}
"""Figures of the tables and their headings; dE is CIEDE2000."""

_KEY = 311


@dataclass(frozen=True)
class RecolourCase:
    """One change of a part of a picture.

    Attributes:
        source: set the picture is from.
        region: kind of the mask.
        picture: float32 (S, S, 3) in [0, 1].
        mask: float32 (S, S) in [0, 1].
        change: wanted where the mask is 1.
    """

    source: Set
    region: str
    picture: F32
    mask: F32
    change: ColourChange


@dataclass(frozen=True)
class Sample:
    """Figures of one method on one case.

    Attributes:
        source: set of the picture.
        region: kind of the mask.
        method: its name.
        values: by name of the figure.
    """

    source: str
    region: str
    method: str
    values: dict[str, float]


def recolour_cases(source: Set, count: int, side_px: int) -> Iterator[RecolourCase]:
    """Yield `count` crops of a set, each changed as a whole, in a shape and in a soft shape.

    The crops and shapes are those that compositors are measured on.
    """
    drawn = 0
    for case in cases(source, count, side_px):
        if case.kind not in REGIONS:
            continue
        wanted = [("whole", np.ones_like(case.mask))] if case.kind == "soft" else []
        for region, mask in (*wanted, (case.kind, case.mask)):
            change = draw_change(np.random.default_rng((_KEY, drawn)))
            drawn += 1
            yield RecolourCase(source, region, case.first, mask, change)


@torch.no_grad()
def measure(
    vae: Any, features: FeatureNet, known: Mapping[str, Method], wanted: Iterator[RecolourCase]
) -> Iterator[list[Sample]]:
    """Yield the figures of all methods, case by case.

    Args:
        vae: frozen, float32.
        features: perceptual network.
        known: methods by name.
        wanted: cases.
    """
    distance = PerceptualDistance(features)
    for case in wanted:
        pixels = as_pixels(case.picture[None])
        mask = torch.from_numpy(case.mask)[None, None]
        right = recoloured(pixels, case.change.numbers[None], mask)
        cells = vae.encode(torch.cat([pixels, right])).latent_dist.mode()
        trial = Trial(cells[:1], case.change, mask, cells[1:])
        truth = vae.decode(trial.target).sample
        found = []
        for name, method in known.items():
            started = time.process_time()
            made = method(trial)
            spent_ms = 1e3 * (time.process_time() - started)
            values = _figures(case, vae.decode(made).sample, truth, distance)
            values["milliseconds"] = spent_ms
            found.append(Sample(case.source, case.region, name, values))
        yield found


def mean_colour(lab: Lab) -> Lab:
    """Mean of (n, 3), as (1, 3)."""
    return lab.mean(axis=0, dtype=np.float64, keepdims=True).astype(np.float32)


def _figures(
    case: RecolourCase, decoded: torch.Tensor, truth: torch.Tensor, distance: PerceptualDistance
) -> dict[str, float]:
    shown, wanted = decoded.clamp(-1.0, 1.0), truth.clamp(-1.0, 1.0)
    edge = signed_distance(case.mask)
    near = halo(case.mask, edge)
    inside = case.mask >= 0.5  # noqa: PLR2004 - half
    ours, theirs = (lab_of(tensor_to_rgb(one))[inside] for one in (shown, wanted))
    picture, right = (
        np.float32(0.5) * (one[0].permute(1, 2, 0).numpy() + 1) for one in (shown, wanted)
    )
    along = float(halo_l1(shown, wanted, torch.from_numpy(near)[None, None]))
    return {
        "psnr": float(psnr(shown, wanted)),
        "perceptual": distance(shown, wanted)[0],
        "region mean": float(delta_e(mean_colour(ours), mean_colour(theirs))[0]),
        "region": float(delta_e(ours, theirs).mean(dtype=np.float64)),
        "halo l1": along if near.any() else float("nan"),
        "far colour": far_colour_error(picture, right, np.minimum(edge, 0.0)),
    }
