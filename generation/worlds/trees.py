"""Tree crowns seen from above: domes of leaf clumps, lit from the upper left, with a shadow."""

from functools import lru_cache

import cv2
import numpy as np

from generation.worlds.noise import F32, generator
from generation.worlds.palette import Colours, Stops, shade
from generation.worlds.sprites import SUPERSAMPLE, Sketch, Sprite

CROWN_RADII_PX = (7.0, 8.5, 10.0, 11.5, 13.0)
VARIANTS = 6
_TREE_KEY = 0x7EEE


def _clumps(rng: np.random.Generator, side: int, radius: float) -> F32:
    """Return the height of a crown in px (0 outside): a broad dome with leaf clumps on it."""
    ys, xs = np.indices((side, side), np.float32) - (side - 1) / 2.0
    dome = np.sqrt(np.maximum(0.0, 1.0 - (xs**2 + ys**2) / (0.86 * radius) ** 2)) * radius * 0.8
    count = int(9 + radius / SUPERSAMPLE)
    turn = np.arange(count) * 2.39996 + rng.uniform(0.0, 6.3)
    reach = np.sqrt((np.arange(count) + 0.6) / count) * radius * 0.74
    for angle, away in zip(turn, reach, strict=True):
        size = radius * float(rng.uniform(0.26, 0.40))
        dx = xs - away * np.cos(angle)
        dy = ys - away * np.sin(angle)
        ball = np.sqrt(np.maximum(0.0, size**2 - dx**2 - dy**2))
        base = 0.62 * np.sqrt(max(0.0, radius**2 - away**2))
        dome = np.maximum(dome, np.where(ball > 0, base + ball, 0.0))
    return np.asarray(dome, np.float32)


def _crown(stops: Stops, radius_px: float, number: int) -> Sprite:
    rng = generator(_TREE_KEY, number, int(radius_px * 10))
    size_px = int(radius_px * 2 + 12) // 2 * 2 + 1
    sketch = Sketch(size_px)
    side = size_px * SUPERSAMPLE
    radius = radius_px * SUPERSAMPLE
    height = _clumps(rng, side, radius)
    alpha = np.asarray(height > 0, np.float32)
    moved = np.array([[1, 0, radius * 0.34], [0, 1, radius * 0.34]], np.float32)
    shadow = cv2.warpAffine(cv2.GaussianBlur(alpha, (0, 0), SUPERSAMPLE * 0.9), moved, (side, side))
    sketch.cover(np.asarray(shadow * 0.55, np.float32), (8.0, 14.0, 16.0))
    smooth = cv2.GaussianBlur(height, (0, 0), SUPERSAMPLE * 0.35)
    gy, gx = np.gradient(smooth)
    light = (0.62 + 0.55 * (gx + gy)) / np.sqrt(1.0 + gx**2 + gy**2)
    ys, xs = np.indices((side, side), np.float32) - (side - 1) / 2.0
    across = -(xs + ys) / (1.414 * radius)
    rim = np.clip((xs**2 + ys**2) / radius**2, 0.0, 1.0) ** 2
    tone = 0.10 + 0.58 * light + 0.26 * across - 0.14 * rim
    sketch.cover(alpha, shade(stops, np.asarray(tone, np.float32)))
    return sketch.sprite()


@lru_cache(maxsize=8)
def _crowns(
    ramps: tuple[Stops, ...], radii_px: tuple[float, ...]
) -> tuple[tuple[Sprite, ...], ...]:
    per_size = []
    for radius in radii_px:
        numbers = range(len(ramps) * (VARIANTS // 2))
        per_size.append(tuple(_crown(ramps[n % len(ramps)], radius, n) for n in numbers))
    return tuple(per_size)


def crown_sprites(colours: Colours) -> tuple[tuple[Sprite, ...], ...]:
    """Return crowns by size (CROWN_RADII_PX), each size with every hue in several shapes."""
    return _crowns(colours.crowns, CROWN_RADII_PX)


def bush_sprites(colours: Colours) -> tuple[Sprite, ...]:
    """Return small crowns for bushes."""
    (bushes,) = _crowns(colours.crowns, (5.0,))
    return bushes
