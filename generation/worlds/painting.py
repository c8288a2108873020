"""Paints a layout in one of the looks: ground, then what stands on it, then the strokes."""

from typing import Final

import cv2
import numpy as np

from generation.worlds.details import furnish
from generation.worlds.ground import paint_ground
from generation.worlds.ink import draw_ink_map
from generation.worlds.layout import Layout, wobbled
from generation.worlds.noise import F32, U8, Mask, distance_inside, generator
from generation.worlds.palette import (
    AUTUMN,
    FIELD,
    FOREST,
    GRASS,
    ROCK,
    SAND,
    SNOW,
    SUMMER,
    SWAMP,
    WATER,
    ZONES,
    Colours,
)
from generation.worlds.strokes_look import coverage_by_kind, draw_strokes, lay, near_strokes
from generation.worlds.water import paint_water

LOOKS: Final[tuple[str, ...]] = ("summer", "autumn", "ink")
_PAINT_KEY = 0x9A17
_SOFTNESS = {"summer": (0.6, 0.85), "autumn": (0.6, 0.85), "ink": (0.7, 0.75)}
"""Per look: width of the anti-aliasing in px, and the share of detail that is kept."""
_BROAD_PX = 6.0
_ORDER = (WATER, SWAMP, SAND, SNOW, ROCK, FIELD, GRASS, FOREST)


def paint_world(layout: Layout, look: str, seed: int) -> U8:
    """Paint a layout.

    Args:
        layout: zones and strokes.
        look: one of LOOKS.
        seed: chooses the details (which tree, which ripple); the places of zones and strokes
            come from the layout alone.

    Returns:
        uint8 (h, w, 3) RGB; equal arguments give equal bytes.

    Raises:
        ValueError: `look` is not one of LOOKS.
    """
    if look not in LOOKS:
        raise ValueError(f"There is no look {look!r}; choose one of {', '.join(LOOKS)}.")
    zones = wobbled(layout.zones, generator(_PAINT_KEY, seed, 0))
    found = coverage_by_kind(layout.strokes, (zones.shape[0], zones.shape[1]))
    if look == "ink":
        canvas = draw_ink_map(zones, found, seed)
    else:
        canvas = _paint(zones, found, seed, SUMMER if look == "summer" else AUTUMN)
    return soften(np.asarray(canvas, np.float32), look)


def soften(canvas: F32, look: str) -> U8:
    """Finish a painting as a scanned picture: anti-aliased, with slightly muted detail.

    Detail finer than about two px can't pass a VAE of few channels; a linear code of 16 numbers
    per 8 x 8 px cell keeps 30 dB of a summer world and 24 dB of an ink world as drawn, and 34 dB
    and 33 dB after this.

    Args:
        canvas: float32 (h, w, 3) in [0, 255].
        look: one of LOOKS.

    Returns:
        uint8 (h, w, 3).
    """
    sigma_px, keep = _SOFTNESS[look]
    fine = cv2.GaussianBlur(canvas, (0, 0), sigma_px)
    broad = cv2.GaussianBlur(fine, (0, 0), _BROAD_PX)
    muted = keep * fine + (1.0 - keep) * broad
    return np.asarray(np.clip(muted + 0.5, 0, 255), np.uint8)


def _paint(zones: U8, found: dict[str, F32], seed: int, colours: Colours) -> F32:
    """Return the RGB float32 picture of a painted look."""
    canvas = np.zeros((*zones.shape, 3), np.float32)
    water = zones == WATER
    shore = distance_inside(~water) if water.any() else np.full(zones.shape, 1e3, np.float32)
    present = [zone for zone in ZONES if (zones == zone).any()]
    for zone in present:
        mask = zones == zone
        rng = generator(_PAINT_KEY, seed, zone)
        if zone == WATER:
            rgb = paint_water(rng, mask, colours)
        else:
            rgb = paint_ground(rng, zone, mask, shore, colours)
        canvas[mask] = rgb[mask]
    _edge_shadow(canvas, zones)
    draw_strokes(generator(_PAINT_KEY, seed, 20), canvas, found, water, colours)
    keep_off = near_strokes(found, 4.0)
    for zone in (z for z in _ORDER if z in present):
        free = np.asarray((zones == zone) & ~keep_off, np.bool_)
        furnish(generator(_PAINT_KEY, seed, 40 + zone), canvas, zone, free, colours)
    return canvas


def _edge_shadow(canvas: F32, zones: U8) -> None:
    """Soften the borders of zones by a px and darken them lightly, as paint does."""
    edge: Mask = np.asarray(
        cv2.morphologyEx(zones, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    )
    line = cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 1.0)
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.9)
    alpha = np.clip(line * 1.8, 0.0, 1.0).astype(np.float32)
    lay(canvas, alpha, np.asarray(soft * 0.90, np.float32))
