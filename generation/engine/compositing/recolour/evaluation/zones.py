"""Matches drifted colours back zone by zone: in latents, with the learnt operator, in pixels.

Every zone of a held-out world gets a small cast of its own; what is known of the true picture is
the mean and deviation of each zone's red, green and blue.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from generation.engine.compositing.masks import area_cells
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.recolour.change import ColourChange, draw_change, recoloured
from generation.engine.compositing.recolour.evaluation.fidelity import mean_colour
from generation.engine.compositing.recolour.evaluation.methods import (
    LEARNT,
    PIXELS,
    affine_per_channel,
)
from generation.engine.compositing.recolour.network import RecolourOperator
from generation.engine.figures.scenes import EVALUATION_SEED
from generation.engine.latents import tensor_to_rgb
from generation.plan.colour import delta_e, lab_of
from generation.worlds import LOOKS, make_layout, paint_world

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

TRUTH, DRIFTED = "the truth's own round trip", "not matched"
LATENT_STATISTICS = "latents, mean and deviation"
FIGURES = {
    "zones": "mean of a zone",
    "pixels": "pixels",
    "borders": "within 8 px of borders",
    "milliseconds": "ms",
}
"""Figures of the table and their headings; all but the time are CIEDE2000 to the true picture."""

BORDER_PX = 8.0
CAST = 0.5
"""Strength of a zone's cast: gamma e^+-0.2, gain e^+-0.15, level +-0.06."""

LEAST_PX, LEAST_CELLS = 256, 4
"""Smaller zones are left as they are."""

_WORLD_SEED = EVALUATION_SEED + 600_000


@dataclass(frozen=True)
class Window:
    """A window whose zones have drifted.

    Attributes:
        zones: uint8 (S, S).
        true: float32 (S, S, 3) in [0, 1].
        drifted: the same, every zone with its cast.
    """

    zones: U8
    true: F32
    drifted: F32

    @property
    def regions(self) -> list[Mask]:
        """Bool (S, S) of every zone that is large enough."""
        found = [self.zones == zone for zone in np.unique(self.zones)]
        return [region for region in found if region.sum() >= LEAST_PX]


@dataclass(frozen=True)
class Matched:
    """Figures of one way on one window.

    Attributes:
        way: its name.
        values: by name of the figure.
    """

    way: str
    values: dict[str, float]


def drifted_windows(count: int, side_px: int) -> Iterator[Window]:
    """Yield held-out worlds of at least two zones, in turn in every look, with casts by zone."""
    number = found = 0
    while found < count:
        layout = make_layout(_WORLD_SEED + number, side_px, side_px)
        true = paint_world(layout, LOOKS[number % len(LOOKS)], _WORLD_SEED + number)
        rng = np.random.default_rng((_WORLD_SEED, number))
        number += 1
        drifted = as_pixels(true[None].astype(np.float32) / 255.0)
        for zone in np.unique(layout.zones):
            cast = draw_change(rng, CAST).numbers[None]
            drifted = recoloured(drifted, cast, _tensor(layout.zones == zone))
        window = Window(layout.zones, true.astype(np.float32) / 255.0, _pixels(drifted))
        if len(window.regions) > 1:
            found += 1
            yield window


def changes_back(window: Window) -> list[ColourChange]:
    """What brings each region's mean and deviation back to those of the true picture."""
    found = []
    for region in window.regions:
        drifted, true = (one[region].astype(np.float64) for one in (window.drifted, window.true))
        sides = (drifted.mean(axis=0), drifted.std(axis=0), true.mean(axis=0), true.std(axis=0))
        found.append(ColourChange.matching(*sides))
    return found


@torch.no_grad()
def match(vae: Any, learnt: RecolourOperator | None, window: Window) -> list[Matched]:
    """Match one window in every way.

    Args:
        vae: frozen.
        learnt: the trained operator, or None to leave it out.
        window: to match.
    """
    joined = as_pixels(np.stack([window.drifted, window.true]))
    cells = vae.encode(joined).latent_dist.mode()
    drifted, true = cells[:1], cells[1:]
    masks = [_tensor(region) for region in window.regions]
    changes = changes_back(window)
    ways: dict[str, Callable[[], torch.Tensor]] = {
        TRUTH: lambda: true,
        DRIFTED: lambda: drifted,
        LATENT_STATISTICS: lambda: _latent_statistics(drifted, true, masks),
    }
    if learnt is not None:
        ways[LEARNT] = lambda: _one_by_one(learnt, drifted, changes, masks)
    ways[PIXELS] = lambda: _in_pixels(vae, drifted, changes, masks)
    found = []
    for name, way in ways.items():
        started = time.process_time()
        made = way()
        spent_ms = 1e3 * (time.process_time() - started)
        values = _figures(window, tensor_to_rgb(vae.decode(made).sample))
        found.append(Matched(name, values | {"milliseconds": spent_ms}))
    return found


def border(zones: U8) -> Mask:
    """Where a border of two zones is within 8 px, bool (S, S)."""
    at = np.zeros(zones.shape, np.uint8)
    at[:, 1:] |= zones[:, 1:] != zones[:, :-1]
    at[1:] |= zones[1:] != zones[:-1]
    away = cv2.distanceTransform(1 - at, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away <= BORDER_PX) & bool(at.any())


def _latent_statistics(
    drifted: torch.Tensor, true: torch.Tensor, masks: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Mean and deviation of each channel over the cells that are mostly of a zone."""
    made = drifted
    for mask in masks:
        own = (area_cells(mask) > 0.5).float()  # noqa: PLR2004 - half
        if own.sum() >= LEAST_CELLS:
            made = torch.where(own > 0, affine_per_channel(drifted, true, own), made)
    return made


def _one_by_one(
    learnt: RecolourOperator,
    cells: torch.Tensor,
    changes: Sequence[ColourChange],
    masks: Sequence[torch.Tensor],
) -> torch.Tensor:
    for change, mask in zip(changes, masks, strict=True):
        cells = learnt(cells, change, mask)
    return cells


def _in_pixels(
    vae: Any,
    cells: torch.Tensor,
    changes: Sequence[ColourChange],
    masks: Sequence[torch.Tensor],
) -> torch.Tensor:
    pixels = vae.decode(cells).sample
    for change, mask in zip(changes, masks, strict=True):
        pixels = recoloured(pixels, change.numbers[None], mask)
    made: torch.Tensor = vae.encode(pixels).latent_dist.mode()
    return made


def _figures(window: Window, picture: U8) -> dict[str, float]:
    true = lab_of((255.0 * window.true).round().astype(np.uint8))
    ours = lab_of(picture)
    errors = delta_e(ours, true)
    means = [
        float(delta_e(mean_colour(ours[region]), mean_colour(true[region]))[0])
        for region in window.regions
    ]
    return {
        "zones": float(np.mean(means)),
        "pixels": float(errors.mean(dtype=np.float64)),
        "borders": float(errors[border(window.zones)].mean(dtype=np.float64)),
    }


def _tensor(region: Mask) -> torch.Tensor:
    return torch.from_numpy(region.astype(np.float32))[None, None]


def _pixels(pictures: torch.Tensor) -> F32:
    unit: F32 = (0.5 * pictures[0] + 0.5).clamp(0.0, 1.0).permute(1, 2, 0).numpy()
    return unit
