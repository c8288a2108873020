"""Pen signs of the ink look: trees, tufts, marsh, peaks, drifts and stipple dots."""

from functools import lru_cache

import numpy as np

from generation.worlds.noise import generator
from generation.worlds.sprites import Colour, Sketch, Sprite, family
from generation.worlds.trees import CROWN_RADII_PX

INK: Colour = (58.0, 42.0, 30.0)
_MARK_KEY = 0x3A2C
_LEAF: tuple[Colour, ...] = ((164, 178, 116), (146, 168, 108), (182, 186, 122), (132, 156, 104))


def _tree(radius: float, number: int) -> Sprite:
    rng = generator(_MARK_KEY, 1, number, int(radius * 10))
    size = int(radius * 2 + 8) // 2 * 2 + 1
    sketch = Sketch(size)
    middle = size / 2.0 - 0.5
    turn = np.linspace(0.0, 2.0 * np.pi, 72)
    lobes = int(rng.integers(6, 9))
    bumps = np.abs(np.sin(lobes / 2.0 * turn + rng.uniform(0.0, 6.3)))
    reach = radius * (0.80 + 0.18 * bumps)
    ring = [
        (float(middle + r * np.cos(t)), float(middle + r * np.sin(t)))
        for r, t in zip(reach, turn, strict=True)
    ]
    shadow = [(x + radius * 0.28, y + radius * 0.28) for x, y in ring]
    sketch.polygon(shadow, INK, 0.45)
    sketch.polygon(ring, _LEAF[number % len(_LEAF)])
    lit = [
        (middle + (x - middle) * 0.6 - radius * 0.2, middle + (y - middle) * 0.6 - radius * 0.2)
        for x, y in ring
    ]
    sketch.polygon(lit, (222.0, 216.0, 164.0), 0.55)
    for away in np.arange(0.16, 0.86, 0.24):
        half = radius * 0.62 * float(np.sqrt(max(0.05, 1.0 - away**2)))
        x, y = middle + radius * away * 0.70, middle + radius * away * 0.70
        sketch.line(
            [(x - half * 0.7, y + half * 0.7), (x + half * 0.7, y - half * 0.7)], 0.9, INK, 0.75
        )
    sketch.line([*ring, ring[0]], 1.4, INK)
    return sketch.sprite()


@lru_cache(maxsize=1)
def tree_marks() -> tuple[tuple[Sprite, ...], ...]:
    """Return round trees with hatched shadow sides, by size as in CROWN_RADII_PX."""
    return tuple(tuple(_tree(radius, n) for n in range(12)) for radius in CROWN_RADII_PX)


@lru_cache(maxsize=1)
def tuft_marks() -> tuple[Sprite, ...]:
    """Return tufts of grass: three pen strokes."""

    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_MARK_KEY, 2, number)
        for lean in (-3.2, 0.0, 3.0):
            top = (5.5 + lean + float(rng.normal(0, 0.4)), 2.4 + abs(lean) * 0.4)
            sketch.line([(5.5 + lean * 0.3, 8.5), top], 1.2, INK, 0.85)

    return family(6, 11, draw)


@lru_cache(maxsize=1)
def marsh_marks() -> tuple[Sprite, ...]:
    """Return marsh signs: reeds over short level lines."""

    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_MARK_KEY, 3, number)
        sketch.line([(1.0, 10.5), (14.0, 10.5)], 1.2, (44.0, 62.0, 70.0), 0.9)
        sketch.line([(3.5, 13.0), (11.0, 13.0)], 1.1, (44.0, 62.0, 70.0), 0.7)
        for lean in (-1.0, -0.4, 0.3, 0.9):
            top = (7.5 + lean * 4.5, float(rng.uniform(2.5, 5.5)))
            sketch.line([(7.5 + lean * 2.0, 10.0), top], 1.2, INK, 0.9)

    return family(6, 15, draw)


@lru_cache(maxsize=1)
def peaks() -> tuple[Sprite, ...]:
    """Return hill signs: a peak with a lit left and a hatched right flank."""

    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_MARK_KEY, 4, number)
        tall = float(rng.uniform(11.0, 16.0))
        wide = float(rng.uniform(7.5, 10.5))
        top = (11.5 + float(rng.uniform(-1.5, 1.5)), 18.5 - tall)
        left, right = (11.5 - wide, 18.5), (11.5 + wide, 18.0)
        sketch.polygon([left, top, right], (206.0, 196.0, 176.0))
        spine = (top[0] + float(rng.uniform(-1.0, 1.5)), 18.2)
        sketch.polygon([top, right, spine], (134.0, 124.0, 112.0), 0.8)
        for t in (0.2, 0.42, 0.64, 0.86):
            start = (top[0] + (right[0] - top[0]) * t, top[1] + (right[1] - top[1]) * t)
            sketch.line([start, (start[0] - 3.0, min(18.0, start[1] + 5.0))], 1.0, INK, 0.8)
        sketch.line([left, top, right], 1.5, INK)

    return family(8, 23, draw)


@lru_cache(maxsize=1)
def drifts() -> tuple[Sprite, ...]:
    """Return snow signs: shallow arcs with a bluish shade under them."""

    def draw(sketch: Sketch, number: int) -> None:
        rng = generator(_MARK_KEY, 5, number)
        wide, tall = float(rng.uniform(5.0, 8.0)), float(rng.uniform(2.5, 5.0))
        xs = np.linspace(-1.0, 1.0, 12)
        arc = [(float(9.5 + x * wide), float(11.5 - tall * (1.0 - x * x))) for x in xs]
        sketch.polygon(arc, (250.0, 250.0, 246.0), 0.9)
        shade = [(x + 0.6, y + 2.2) for x, y in arc[5:]]
        sketch.line(shade, 2.0, (168.0, 190.0, 210.0), 0.8)
        sketch.line(arc, 1.2, (70.0, 76.0, 92.0), 0.85)

    return family(8, 19, draw)


@lru_cache(maxsize=1)
def dots() -> tuple[Sprite, ...]:
    """Return stipple dots of three sizes."""

    def draw(sketch: Sketch, number: int) -> None:
        sketch.disc(2.5, 2.5, 0.75 + 0.25 * number, INK, 0.8)

    return family(3, 5, draw)
