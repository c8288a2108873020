# ruff: noqa: PLR2004 - the measures of a drawing read best where they are drawn
"""Painted ground of every dry zone: tone fields turned into colour by the look's ramps."""

import numpy as np

from generation.worlds.noise import (
    F32,
    Mask,
    Shape,
    cells,
    fbm,
    lattice,
    relief_shade,
    smoothstep,
    warp,
)
from generation.worlds.palette import (
    FIELD,
    FOREST,
    GRASS,
    ROCK,
    SAND,
    SNOW,
    SWAMP,
    Colours,
    shade,
)

Rng = np.random.Generator


def paint_ground(rng: Rng, zone: int, mask: Mask, shore_px: F32, colours: Colours) -> F32:
    """Return the RGB (h, w, 3) float32 of one dry zone over the whole picture.

    Args:
        rng: source of the texture.
        zone: zone id, not water.
        mask: where the zone is.
        shore_px: distance of each px to the nearest water, px.
        colours: the look.
    """
    shape = (mask.shape[0], mask.shape[1])
    if zone == FIELD:
        return _field(rng, shape, colours)
    if zone == SWAMP:
        return _swamp(rng, shape, colours)
    if zone == SAND:
        return _sand(rng, shape, shore_px, colours)
    tone = {GRASS: _grass, FOREST: _undergrowth, ROCK: _rock, SNOW: _snow}[zone](rng, shape)
    return shade(colours.ramps[zone], tone)


def _grass(rng: Rng, shape: Shape) -> F32:
    mottle = 0.20 * fbm(rng, shape, 46.0, 3) + 0.15 * lattice(rng, shape, 6.0)
    blades = lattice(rng, shape, 7.0, 0.45)
    return np.asarray(0.5 + mottle + 0.19 * blades, np.float32)


def _undergrowth(rng: Rng, shape: Shape) -> F32:
    return np.asarray(0.45 + 0.25 * fbm(rng, shape, 14.0, 2) + 0.2 * lattice(rng, shape, 5.0))


def _rock(rng: Rng, shape: Shape) -> F32:
    bend = 7.0 * fbm(rng, shape, 24.0, 2)
    ridge = 1.0 - np.abs(fbm(rng, shape, 46.0, 2, gain=0.5))
    _, edge, _ = cells(rng, shape, 26.0)
    edge = warp(edge, bend, bend[::-1])
    crag = np.minimum(edge, 9.0) * 1.1
    height = 20.0 * ridge + crag + 3.6 * fbm(rng, shape, 10.0, 2)
    light = relief_shade(np.asarray(height, np.float32), 1.0)
    crack = 1.0 - smoothstep(0.4, 2.2, edge)
    tone = 0.52 + 0.42 * light + 0.06 * ridge - 0.28 * crack
    return np.asarray(tone, np.float32)


def _snow(rng: Rng, shape: Shape) -> F32:
    drift = 9.0 * fbm(rng, shape, 34.0, 2, stretch_x=1.7) + 2.2 * fbm(rng, shape, 9.0, 1)
    ys, xs = np.indices(shape, np.float32)
    lines = np.sin((ys * 0.95 + xs * 0.3) * (2 * np.pi / 11.0) + 4.5 * fbm(rng, shape, 40.0, 2))
    patch = smoothstep(-0.2, 0.5, fbm(rng, shape, 30.0, 1))
    light = relief_shade(np.asarray(drift + 1.1 * lines * patch, np.float32), 1.3)
    return np.asarray(0.50 + 0.62 * light, np.float32)


def _sand(rng: Rng, shape: Shape, shore_px: F32, colours: Colours) -> F32:
    ys, xs = np.indices(shape, np.float32)
    bend = 1.5 * fbm(rng, shape, 60.0, 2) + 0.5 * lattice(rng, shape, 18.0)
    phase = (xs * 0.55 + ys * 0.83) / 9.0 + bend
    part = phase - np.floor(phase)
    ripple = np.where(part < 0.68, part / 0.68, (1.0 - part) / 0.32)
    strong = 0.45 + 0.55 * smoothstep(-0.4, 0.5, fbm(rng, shape, 36.0, 1))
    tone = 0.52 + 0.32 * (ripple - 0.5) * strong + 0.10 * fbm(rng, shape, 40.0, 2)
    tone += 0.05 * lattice(rng, shape, 5.0)
    wet = 1.0 - smoothstep(5.0, 11.0, shore_px + 2.0 * lattice(rng, shape, 10.0))
    return shade(colours.ramps[SAND], np.asarray(tone - 0.34 * wet, np.float32))


def _swamp(rng: Rng, shape: Shape, colours: Colours) -> F32:
    moss = 0.48 + 0.20 * fbm(rng, shape, 22.0, 2) + 0.26 * lattice(rng, shape, 5.0)
    rgb = shade(colours.ramps[SWAMP], np.asarray(moss, np.float32))
    level = fbm(rng, shape, 30.0, 2, stretch_x=1.3) + 0.10 * lattice(rng, shape, 6.0)
    pool = smoothstep(0.16, 0.26, level)
    rim = smoothstep(0.04, 0.16, level) * (1.0 - pool)
    glint = 0.35 + 0.5 * smoothstep(0.3, 0.8, lattice(rng, shape, 4.0, 3.2))
    water = shade(colours.pool, np.asarray(glint, np.float32))
    rgb *= 1.0 - 0.30 * rim[..., None]
    rgb += pool[..., None] * (water - rgb)
    return rgb


def furrows(rng: Rng, shape: Shape) -> tuple[F32, F32, F32]:
    """Return (furrow wave in [-1, 1], crop number in [0, 1), distance to the parcel edge px)."""
    labels, edge, count = cells(rng, shape, 92.0, 0.7)
    turn = rng.uniform(0.0, np.pi, count).astype(np.float32)
    period = rng.choice(np.array([6.5, 7.5, 9.0], np.float32), count)
    crop = rng.random(count, dtype=np.float32)
    ys, xs = np.indices(shape, np.float32)
    step = np.float32(2.0 * np.pi) / period
    along = xs * (np.cos(turn) * step)[labels] + ys * (np.sin(turn) * step)[labels]
    return np.sin(along + 0.5 * lattice(rng, shape, 24.0)), crop[labels], edge


def _field(rng: Rng, shape: Shape, colours: Colours) -> F32:
    wave, crop, edge = furrows(rng, shape)
    bumps = lattice(rng, shape, 5.0)
    tone = 0.5 + 0.30 * wave + 0.14 * bumps + 0.08 * fbm(rng, shape, 30.0, 1)
    tone = np.asarray(tone, np.float32)
    rgb = shade(colours.crops[0], tone)
    for number in range(1, len(colours.crops)):
        here = (crop * len(colours.crops)).astype(np.int32) == number
        rgb[here] = shade(colours.crops[number], tone[here][:, None])[:, 0]
    clump = lattice(rng, shape, 6.0)
    reach = edge + 1.4 * clump
    dark = 1.0 - smoothstep(3.0, 5.5, np.asarray(reach - 1.0, np.float32))
    hedge = 1.0 - smoothstep(1.8, 3.0, np.asarray(reach, np.float32))
    rgb *= 1.0 - 0.30 * dark[..., None]
    light = relief_shade(np.asarray(-edge * 1.0 + 3.0 * clump, np.float32), 1.0)
    green = shade(colours.hedge, np.asarray(0.55 + 0.45 * light, np.float32))
    rgb += hedge[..., None] * (green - rgb)
    return rgb
