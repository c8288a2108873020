# ruff: noqa: PLR2004 - the measures of a drawing read best where they are drawn
"""The ink look: a map drawn with a pen on parchment and tinted with thin watercolour."""

import cv2
import numpy as np

from generation.worlds.details import Spread, plant_forest, scatter
from generation.worlds.ground import furrows
from generation.worlds.ink_marks import (
    INK,
    dots,
    drifts,
    marsh_marks,
    peaks,
    tree_marks,
    tuft_marks,
)
from generation.worlds.noise import (
    F32,
    U8,
    Mask,
    cells,
    distance_inside,
    fbm,
    generator,
    lattice,
    smoothstep,
)
from generation.worlds.palette import FIELD, FOREST, GRASS, ROCK, SAND, SNOW, SWAMP, WATER, ZONES
from generation.worlds.sprites import Colour
from generation.worlds.strokes_look import lay, near_strokes, signed_edge
from generation.worlds.water import wavelets

_INK_KEY = 0x1A4B
_PAPER: Colour = (232.0, 216.0, 180.0)
_WASH: dict[int, Colour] = {
    GRASS: (190, 196, 128),
    FOREST: (128, 150, 98),
    WATER: (132, 172, 190),
    SAND: (236, 204, 132),
    ROCK: (176, 166, 152),
    SNOW: (238, 238, 234),
    SWAMP: (146, 152, 112),
    FIELD: (226, 192, 96),
}
_RIVER: Colour = (104, 152, 184)
_PATH: Colour = (206, 166, 110)
_ROAD: Colour = (184, 172, 154)


def draw_ink_map(zones: U8, found: dict[str, F32], seed: int) -> F32:
    """Return the RGB float32 (h, w, 3) ink picture of zones and stroke coverages."""
    canvas = _paper(zones, seed)
    keep_off = near_strokes(found, 2.0)
    present = [zone for zone in ZONES if (zones == zone).any()]
    for zone in present:
        _hatch(generator(_INK_KEY, seed, zone), canvas, zone, zones == zone)
    border = cv2.morphologyEx(zones, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0
    line = cv2.GaussianBlur(border.astype(np.float32), (0, 0), 0.7)
    lay(canvas, np.clip(line * 1.0, 0.0, 0.75).astype(np.float32), INK)
    for kind in ("river", "path", "road"):
        if kind in found:
            _draw_stroke(generator(_INK_KEY, seed, 20), canvas, kind, signed_edge(found[kind]))
    for zone in present:
        free = np.asarray((zones == zone) & ~keep_off, np.bool_)
        _mark(generator(_INK_KEY, seed, 40 + zone), canvas, zone, distance_inside(free))
    return canvas


def _paper(zones: U8, seed: int) -> F32:
    """Return parchment with a wash per zone, stronger where the paint pooled at its border."""
    shape = (zones.shape[0], zones.shape[1])
    rng = generator(_INK_KEY, seed, 0)
    table = np.zeros((256, 3), np.float32)
    for zone, colour in _WASH.items():
        table[zone] = colour
    border = cv2.morphologyEx(zones, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) == 0
    pooled = np.exp(-distance_inside(np.asarray(border, np.bool_)) / np.float32(5.0))
    wash = 0.62 + 0.22 * fbm(rng, shape, 34.0, 2) + 0.30 * pooled
    canvas = np.empty((*shape, 3), np.float32)
    canvas[:] = np.asarray(_PAPER, np.float32)
    lay(
        canvas,
        np.clip(wash, 0.0, 1.0).astype(np.float32),
        cv2.GaussianBlur(table[zones], (0, 0), 0.8),
    )
    canvas *= (1.0 + 0.035 * fbm(rng, shape, 22.0, 3))[..., None]
    canvas *= (1.0 - 0.10 * pooled)[..., None]
    return canvas


def _hatch(rng: np.random.Generator, canvas: F32, zone: int, mask: Mask) -> None:
    """Draw the lines that cover a zone as a whole: shore lines of water, furrows of fields."""
    shape = (mask.shape[0], mask.shape[1])
    if zone == WATER:
        depth = distance_inside(mask) + 0.8 * lattice(rng, shape, 10.0)
        wave = np.sqrt(np.maximum(depth, 0.0)) * np.float32(1.35)
        ring = np.abs(wave - np.round(wave)) * np.sqrt(np.maximum(depth, 0.5)) * np.float32(1.48)
        fade = 1.0 - smoothstep(12.0, 34.0, depth)
        broken = smoothstep(-0.75, -0.15, lattice(rng, shape, 12.0))
        ink = (1.0 - smoothstep(0.35, 1.15, ring)) * fade * broken
        ink = np.maximum(ink, smoothstep(0.55, 0.9, wavelets(rng, shape)) * (1.0 - fade) * 0.85)
        lay(canvas, np.asarray(0.72 * ink * mask, np.float32), (44.0, 66.0, 86.0))
    elif zone == FIELD:
        wave, crop, edge = furrows(rng, shape)
        lay(canvas, np.asarray(0.35 * (crop < 0.4) * mask, np.float32), (178.0, 178.0, 92.0))
        broken = smoothstep(-0.7, -0.2, lattice(rng, shape, 8.0))
        line = np.maximum(
            smoothstep(0.35, 0.95, wave) * 0.55 * broken * (edge > 4.0),
            (1.0 - smoothstep(0.8, 1.8, edge)) * 0.85,
        )
        lay(canvas, np.asarray(line * mask, np.float32), INK)
    elif zone == ROCK:
        _, edge, _ = cells(rng, shape, 22.0)
        ys, xs = np.indices(shape, np.float32)
        lines = np.sin((xs + ys) * np.float32(2 * np.pi / 6.5) + 1.5 * lattice(rng, shape, 20.0))
        patch = smoothstep(0.1, 0.5, fbm(rng, shape, 20.0, 1))
        lay(canvas, np.asarray(0.5 * smoothstep(0.4, 0.95, lines) * patch * mask, np.float32), INK)


def _mark(rng: np.random.Generator, canvas: F32, zone: int, inner_px: F32) -> None:
    """Draw the signs that stand in a zone."""
    if zone == FOREST:
        plant_forest(rng, canvas, tree_marks(), inner_px, 16.5)
    elif zone == GRASS:
        scatter(rng, canvas, tuft_marks(), inner_px, Spread(15.0, 0.55, 5.0, 40.0))
    elif zone == SAND:
        scatter(rng, canvas, dots(), inner_px, Spread(6.0, 0.62, 2.0, 24.0))
    elif zone == ROCK:
        scatter(rng, canvas, peaks(), inner_px, Spread(21.0, 0.80, 8.0))
    elif zone == SNOW:
        scatter(rng, canvas, drifts(), inner_px, Spread(17.0, 0.62, 7.0, 40.0))
    elif zone == SWAMP:
        scatter(rng, canvas, marsh_marks(), inner_px, Spread(14.0, 0.62, 6.0, 40.0))


def _draw_stroke(rng: np.random.Generator, canvas: F32, kind: str, edge: F32) -> None:
    """Draw one kind of stroke: a wash between two pen lines, with its own filling."""
    shape = (edge.shape[0], edge.shape[1])
    inside = smoothstep(-0.7, 0.7, edge)
    lay(
        canvas,
        np.asarray(inside * 0.94, np.float32),
        {"river": _RIVER, "path": _PATH, "road": _ROAD}[kind],
    )
    rough = edge + 0.5 * lattice(rng, shape, 9.0)
    border = 1.0 - smoothstep(0.4, 1.3, np.abs(rough - 0.6))
    fill = np.zeros(shape, np.float32)
    if kind == "river":
        turn = (rough - 4.5) / np.float32(4.5)
        wave = np.asarray(np.abs(turn - np.round(turn)) * 4.5, np.float32)
        broken = smoothstep(-0.1, 0.2, lattice(rng, shape, 12.0))
        fill = np.asarray((1.0 - smoothstep(0.4, 1.2, wave)) * broken * (edge > 3.0) * 0.7)
    elif kind == "path":
        border *= smoothstep(-0.3, 0.0, lattice(rng, shape, 7.0))
        fill = np.asarray(smoothstep(0.45, 0.75, lattice(rng, shape, 4.5)) * (edge > 2.5) * 0.5)
    else:
        _, seam, _ = cells(rng, shape, 7.5, 0.5)
        fill = np.asarray((1.0 - smoothstep(0.3, 1.3, seam)) * (edge > 1.5) * 0.55, np.float32)
    ink = np.maximum(border * 0.9, fill * inside).astype(np.float32)
    lay(canvas, ink, (36.0, 58.0, 84.0) if kind == "river" else INK)
