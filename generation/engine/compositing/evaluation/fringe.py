"""What shows along the edge of protected art, which keeps to no grid of latent cells.

Where a gate holds whole cells, free pixels beside the art keep the flat colour they started from.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from generation.engine.compositing.mask_mixture import shapes
from generation.engine.figures.scenes import MeasuredWindow, measured_windows
from generation.plan.colour import delta_e, lab_of
from generation.plan.intervals import change_interval, mean_interval
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import CompositorName, PaintRequest
from zones.geometry import LATENT_PX, Rect

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

NAME = "fringe"
COMPOSITORS: tuple[CompositorName, ...] = ("linear", "decformer", "exact")
MIN_PIXELS = 64
"""Fewer pixels of a zone have no mean colour worth comparing."""

_SCENES = 13
_RING_PX = (16, 48)
_SHARES = (0.08, 0.4)
_HALF = 0.5
_WINDOWS_PER_SCENE = 4


@dataclass(frozen=True)
class Fringe:
    """Figures of one window.

    Attributes:
        colour: Lab distance between the mean colours of free pixels in cells that the art touches
            and of the same zone's pixels farther away, over zones.
        step: mean CIEDE2000 between neighbouring pixels across the art's edge, over that between
            neighbouring pixels of the rendered truth there.
        held: mean CIEDE2000 between the art and what the window shows in its place.
        seconds: to paint the window.
    """

    colour: float
    step: float
    held: float
    seconds: float


TITLES = {
    "colour": "colour of the fringe off by",
    "step": "step across the edge",
    "held": "art off by",
    "seconds": "s a window",
}


def measure_fringe(engine: Engine, out: Path, windows: int) -> Path:
    """Paint held-out windows around pieces of their rendered truth, with every compositor.

    Args:
        engine: paints them.
        out: is made; gets `fringe.md` and `fringe.json`.
        windows: how many.

    Returns:
        The page.

    Raises:
        InputError: the model's trained compositor is damaged.
    """
    every = measured_windows(engine.profile, windows * _WINDOWS_PER_SCENE, _SCENES)
    scenes = every[::_WINDOWS_PER_SCENE]
    found: dict[str, list[Fringe]] = {}
    for number, window in enumerate(tqdm(scenes, unit="window", disable=None)):
        art = art_mask(number, engine.profile.window_px)
        found.setdefault("the truth itself", []).append(measure(window, art, window.truth, 0.0))
        for name in COMPOSITORS:
            if name == "decformer" and not engine.describe()["compositor_hash"]:
                continue
            painted = engine.paint(request(window, art, engine, name))
            found.setdefault(name, []).append(measure(window, art, painted.rgb, painted.elapsed_s))
    out.mkdir(parents=True, exist_ok=True)
    facts = {name: [asdict(one) for one in values] for name, values in found.items()}
    (out / f"{NAME}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    page = out / f"{NAME}.md"
    page.write_text(_markdown(engine.profile.name, found), encoding="utf-8")
    return page


def art_mask(number: int, side_px: int) -> Mask:
    """Shapes at no round place, bool (side_px, side_px)."""
    rng = np.random.default_rng((number, side_px))
    while True:
        mask = shapes(rng, side_px, side_px) >= _HALF
        if _SHARES[0] < mask.mean() < _SHARES[1]:
            return mask


def request(
    window: MeasuredWindow, art: Mask, engine: Engine, compositor: CompositorName
) -> PaintRequest:
    """A window whose protected art is a part of its truth."""
    compiled, side = window.compiled, len(art) // LATENT_PX
    return PaintRequest(
        seed_canvas=np.where(art[..., None], window.truth, compiled.seed_canvas).astype(np.uint8),
        inpaint_mask=np.where(art, 0, compiled.inpaint_mask).astype(np.uint8),
        change_map=np.where(art, 0, compiled.change_map).astype(np.float32),
        prompt=compiled.prompt,
        steps=engine.profile.steps,
        noise=noise_window(window.noise_seed, Rect(0, 0, side, side), engine.latent_channels),
        finished_mask=art.astype(np.uint8),
        compositor=compositor,
    )


def measure(window: MeasuredWindow, art: Mask, rgb: U8, seconds: float) -> Fringe:
    """Take the figures of one painted window, uint8 (h, w, 3)."""
    pasted = np.where(art[..., None], window.truth, rgb).astype(np.uint8)
    truth, ours, whole = (_lab(picture) for picture in (window.truth, rgb, pasted))
    free = ~art & (window.compiled.change_map == 1.0)
    return Fringe(
        colour=_colour_off(ours, free & touched(art), free & _ring(art), window.compiled.zones),
        step=_across(whole, art) / _across(truth, art),
        held=float(delta_e(ours[art], truth[art]).mean()),
        seconds=seconds,
    )


def touched(art: Mask) -> Mask:
    """The pixels of all latent cells that the art touches."""
    rows, columns = (side // LATENT_PX for side in art.shape)
    cells = art.reshape(rows, LATENT_PX, columns, LATENT_PX).any(axis=(1, 3))
    return cells.repeat(LATENT_PX, 0).repeat(LATENT_PX, 1)


def _ring(art: Mask) -> Mask:
    away = cv2.distanceTransform((~art).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray((away > _RING_PX[0]) & (away <= _RING_PX[1]), np.bool_)


def _colour_off(lab: F32, fringe: Mask, ring: Mask, zones: U8) -> float:
    """Mean over zones, each weighted with its pixels in the fringe; NaN where none has enough."""
    sums = np.zeros(2)
    for zone in np.unique(zones[fringe]):
        near, far = fringe & (zones == zone), ring & (zones == zone)
        if min(near.sum(), far.sum()) >= MIN_PIXELS:
            off = np.linalg.norm(lab[near].mean(axis=0) - lab[far].mean(axis=0))
            sums += near.sum() * np.array([off, 1.0])
    return float(sums[0] / sums[1]) if sums[1] else float("nan")


def _across(lab: F32, art: Mask) -> float:
    """Mean CIEDE2000 between the neighbouring pixels on both sides of the edge."""
    found = [
        delta_e(one[edge], other[edge])
        for one, other, edge in (
            (lab[1:], lab[:-1], art[1:] != art[:-1]),
            (lab[:, 1:], lab[:, :-1], art[:, 1:] != art[:, :-1]),
        )
    ]
    return float(np.concatenate(found).mean())


def _lab(rgb: U8) -> F32:
    return np.asarray(lab_of(rgb), np.float32)


def _markdown(model: str, found: dict[str, list[Fringe]]) -> str:
    count = len(next(iter(found.values())))
    lines = [
        f"# {model}: the edge of protected art",
        "",
        f"{count} held-out windows are painted around shapes of their own rendered truth, which",
        "keep to no grid. *colour of the fringe*: Lab distance between free pixels in the latent",
        "cells that the art touches and the same zone 16 to 48 px away. *step*: difference of",
        "neighbouring pixels across the edge over the truth's own. *art off by*: CIEDE2000 before",
        "the art is pasted back. Means with 95 % intervals over windows; then differences from",
        "linear over the same windows.",
        "",
        "| compositor | " + " | ".join(TITLES.values()) + " |",
        "|" + "---|" * (1 + len(TITLES)),
    ]
    figures = {
        name: {figure: np.array([getattr(one, figure) for one in values]) for figure in TITLES}
        for name, values in found.items()
    }
    for name, own in figures.items():
        cells = [mean_interval(own[figure]).shown() for figure in TITLES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for name in [name for name in COMPOSITORS[1:] if name in figures]:
        pairs = [(figures[name][figure], figures["linear"][figure]) for figure in TITLES]
        cells = [change_interval(*pair, relative=False).shown(sign="+") for pair in pairs]
        lines.append(f"| {name} less linear | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])
