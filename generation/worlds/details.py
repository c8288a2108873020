# ruff: noqa: PLR2004 - the measures of a drawing read best where they are drawn
"""Things that stand on the ground: tufts, flowers, reeds, pebbles, boulders, bushes and trees."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from generation.worlds.noise import F32, Mask, distance_inside, fbm, generator, jittered
from generation.worlds.palette import (
    FIELD,
    FOREST,
    GRASS,
    ROCK,
    SAND,
    SNOW,
    SWAMP,
    Colours,
    Stops,
)
from generation.worlds.sprites import Colour, Sketch, Sprite, family, stamp
from generation.worlds.trees import bush_sprites, crown_sprites

_DETAIL_KEY = 0xDE7A
_SHADOW: Colour = (20.0, 26.0, 20.0)


@lru_cache(maxsize=16)
def _tufts(stops: Stops, size_px: int) -> tuple[Sprite, ...]:
    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_DETAIL_KEY, 1, number)
        foot = size_px * 0.5, size_px * 0.80
        sketch.disc(foot[0] + 1.0, foot[1], size_px * 0.20, _SHADOW, 0.28)
        for lean in np.linspace(-0.36, 0.36, 5):
            x = foot[0] + float(lean + rng.normal(0, 0.05)) * size_px
            y = foot[1] - float(rng.uniform(0.38, 0.66)) * size_px
            colour = stops[0] if lean > 0.1 else stops[-1]
            start = foot[0] + float(lean) * size_px * 0.35
            sketch.line([(start, foot[1]), (x, y)], 1.2, colour, 0.85)

    return family(6, size_px, draw)


@lru_cache(maxsize=8)
def _reeds(stops: Stops) -> tuple[Sprite, ...]:
    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_DETAIL_KEY, 2, number)
        sketch.disc(8.0, 11.5, 3.4, _SHADOW, 0.38)
        for lean in rng.permutation(np.linspace(-0.5, 0.5, 6)):
            top = 7.5 + float(lean) * 11.0, float(rng.uniform(1.0, 4.5))
            colour = stops[-1] if lean < 0.15 else stops[1]
            sketch.line([(7.5 + float(lean) * 4.0, 12.0), top], 1.3, colour)

    return family(6, 15, draw)


@lru_cache(maxsize=8)
def _flowers(colours: tuple[Colour, ...], leaf: Colour) -> tuple[Sprite, ...]:
    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_DETAIL_KEY, 3, number)
        for _ in range(3):
            x, y = (float(v) for v in rng.uniform(2.5, 8.5, 2))
            sketch.disc(x + 0.6, y + 0.7, 1.7, leaf, 0.8)
            sketch.disc(x, y, 1.35, colours[number % len(colours)])

    return family(8, 11, draw)


@lru_cache(maxsize=16)
def stones(stops: Stops, radius_px: float) -> tuple[Sprite, ...]:
    """Return boulders or pebbles: a facetted stone, lit from the upper left, with a shadow."""
    size_px = int(radius_px * 3.2) // 2 * 2 + 3
    middle = size_px / 2.0

    def ring(rng: np.random.Generator, scale: float, shift: float) -> list[tuple[float, float]]:
        turn = np.sort(rng.uniform(0.0, 0.7, 9)) + np.arange(9) * 0.7
        reach = radius_px * scale * rng.uniform(0.82, 1.05, 9)
        xs, ys = middle + shift + reach * np.cos(turn), middle + shift + 0.85 * reach * np.sin(turn)
        return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_DETAIL_KEY, 4, number)
        shift = radius_px * 0.30
        sketch.polygon(ring(rng, 1.05, shift), _SHADOW, 0.40)
        sketch.polygon(ring(rng, 1.0, 0.0), stops[0])
        sketch.polygon(ring(rng, 0.84, -0.10 * radius_px), stops[1])
        sketch.polygon(ring(rng, 0.62, -0.22 * radius_px), stops[2])
        sketch.polygon(ring(rng, 0.32, -0.34 * radius_px), stops[3])

    return family(6, size_px, draw)


@dataclass(frozen=True)
class Spread:
    """How sprites are spread over a zone.

    Attributes:
        spacing_px: spacing of the jittered grid of places.
        share: share of the places that are used.
        margin_px: least distance of a sprite's centre to the zone's edge.
        patch_px: size of the patches in which sprites gather; 0 spreads them evenly.
    """

    spacing_px: float
    share: float
    margin_px: float
    patch_px: float = 0.0


def scatter(
    rng: np.random.Generator,
    canvas: F32,
    sprites: tuple[Sprite, ...],
    inner_px: F32,
    spread: Spread,
) -> None:
    """Stamp sprites over a zone, back to front.

    Args:
        rng: source of places.
        canvas: RGB (h, w, 3), painted in place.
        sprites: what to stamp.
        inner_px: distance of each px to the zone's edge, 0 outside.
        spread: where and how many.
    """
    shape = (canvas.shape[0], canvas.shape[1])
    points = jittered(rng, shape, spread.spacing_px)
    chance, choice = rng.random((2, len(points)), dtype=np.float32)
    if spread.patch_px > 0:
        at = points.astype(np.intp)
        chance = chance - 0.45 * fbm(rng, shape, spread.patch_px, 1)[at[:, 1], at[:, 0]]
    at = points.astype(np.intp)
    kept = (chance < spread.share) & (inner_px[at[:, 1], at[:, 0]] >= spread.margin_px)
    points, choice = points[kept], choice[kept]
    order = np.argsort(points[:, 1], kind="stable")
    stamp(canvas, sprites, points[order], choice[order])


def plant_forest(
    rng: np.random.Generator,
    canvas: F32,
    sizes: tuple[tuple[Sprite, ...], ...],
    inner_px: F32,
    spacing_px: float,
) -> None:
    """Plant a dense forest of crowns, back to front; `sizes` holds sprites by rising radius."""
    shape = (canvas.shape[0], canvas.shape[1])
    points = jittered(rng, shape, spacing_px, 0.72)
    at = points.astype(np.intp)
    patch = fbm(rng, shape, 60.0, 1)[at[:, 1], at[:, 0]]
    wish = rng.random(len(points), dtype=np.float32) * 0.75 + 0.30 + 0.22 * patch
    room = (inner_px[at[:, 1], at[:, 0]] - 0.5) / np.float32(6.5)
    size = np.clip(np.minimum(wish, room * 0.6) * len(sizes), 0, len(sizes) - 1).astype(np.intp)
    kept = (inner_px[at[:, 1], at[:, 0]] >= 2.5) & (rng.random(len(points)) < 0.96)
    hue = rng.random(len(points), dtype=np.float32) * 0.6 + (patch * 0.5 + 0.5) * 0.4
    points, size, hue = points[kept], size[kept], np.clip(hue[kept], 0.0, 0.999)
    flat = tuple(sprite for group in sizes for sprite in group)
    choice = (size + hue) / np.float32(len(sizes))
    order = np.argsort(points[:, 1], kind="stable")
    stamp(canvas, flat, points[order], choice[order].astype(np.float32))


def furnish(rng: np.random.Generator, canvas: F32, zone: int, mask: Mask, colours: Colours) -> None:
    """Put a zone's things on the painted ground; `mask` is the zone without its strokes."""
    inner = distance_inside(mask)
    if zone == FOREST:
        plant_forest(rng, canvas, crown_sprites(colours), inner, 16.5)
    elif zone == GRASS:
        scatter(rng, canvas, _tufts(colours.ramps[GRASS], 10), inner, Spread(11.0, 0.62, 5.0, 40.0))
        scatter(
            rng,
            canvas,
            _flowers(colours.flowers, colours.ramps[GRASS][0]),
            inner,
            Spread(17.0, 0.12, 6.0, 50.0),
        )
        scatter(rng, canvas, bush_sprites(colours), inner, Spread(64.0, 0.30, 9.0))
    elif zone == SAND:
        scatter(rng, canvas, stones(colours.stone, 1.9), inner, Spread(24.0, 0.20, 4.0, 40.0))
    elif zone == ROCK:
        scatter(rng, canvas, stones(colours.stone, 3.6), inner, Spread(26.0, 0.22, 6.0, 40.0))
    elif zone == SNOW:
        scatter(rng, canvas, stones(colours.stone, 3.2), inner, Spread(36.0, 0.18, 6.0, 60.0))
    elif zone == SWAMP:
        scatter(rng, canvas, _reeds(colours.ramps[SWAMP]), inner, Spread(13.0, 0.62, 5.0, 34.0))
        scatter(rng, canvas, bush_sprites(colours), inner, Spread(46.0, 0.30, 8.0))
    elif zone == FIELD:
        scatter(rng, canvas, _tufts(colours.hedge, 10), inner, Spread(40.0, 0.10, 5.0))
