"""Made pictures with the statistics of natural ones: discs of all sizes that hide each other.

Photographs are not needed then to learn how a VAE answers to edges, blur, texture and light
that rendered worlds do not have.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

SIDE_PX = 512
LEAST_RADIUS_PX, MOST_RADIUS_PX = 3.0, 160.0
LEAVES = 900
CORNERS = 11
"""A leaf is a disc or has up to so many corners."""

_MOST_SATURATION = 0.7
_BLUR_SHARE = 0.5


def draw_leaves(seed: int, side_px: int = SIDE_PX) -> U8:
    """Draw a picture of dead leaves, uint8 (side_px, side_px, 3).

    After Lee, Mumford & Huang 2001, with radii by their inverse square, so that large leaves cover
    the picture; each leaf has a texture whose amplitude falls as a power of the frequency, and
    light from one side. Equal seeds give equal pictures.
    """
    rng = np.random.default_rng((seed, 31))
    textures = [_texture(rng, side_px) for _ in range(4)]
    colours = _colours(rng)
    picture = _leaf_fill(rng, textures, colours, (side_px, side_px))
    for radius in _radii(rng):
        _lay(rng, picture, textures, colours, float(radius))
    if rng.random() < _BLUR_SHARE:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.5)))
    picture += rng.normal(0.0, rng.uniform(0.0, 0.02), picture.shape).astype(np.float32)
    return np.clip(picture * 255.0 + 0.5, 0.0, 255.0).astype(np.uint8)


def _radii(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Radii in px whose density is r^-2 between the bounds."""
    low, high = 1 / LEAST_RADIUS_PX, 1 / MOST_RADIUS_PX
    return np.asarray(1 / (low + rng.random(LEAVES) * (high - low)))


def _colours(rng: np.random.Generator) -> F32:
    """A palette around one colour, float32 (24, 3) in [0, 1]."""
    light = rng.normal(rng.uniform(0.3, 0.65), 0.2, (24, 1))
    tint = rng.uniform(-0.15, 0.15, 3) + rng.normal(0.0, 0.15, (24, 3))
    colours = light + rng.uniform(0.0, _MOST_SATURATION) * tint
    return np.clip(colours, 0.0, 1.0).astype(np.float32)


def _texture(rng: np.random.Generator, side_px: int) -> F32:
    """Noise whose amplitude falls by frequency^-0.6 to ^-1.8; float32, mean 0, deviation 1."""
    rows, columns = np.fft.fftfreq(side_px)[:, None], np.fft.rfftfreq(side_px)
    stretch = float(np.exp(rng.uniform(-1.0, 1.0)))
    distance = np.hypot(rows * stretch, columns / stretch)
    distance[0, 0] = np.inf
    noise = np.fft.rfft2(rng.standard_normal((side_px, side_px)))
    texture = np.fft.irfft2(noise * distance ** -rng.uniform(0.6, 1.8), s=(side_px, side_px))
    return ((texture - texture.mean()) / texture.std()).astype(np.float32)


def _leaf_fill(
    rng: np.random.Generator, textures: list[F32], colours: F32, shape: tuple[int, int]
) -> F32:
    """What a leaf shows, float32 (*shape, 3): colour, texture in that colour's way, light."""
    texture = textures[int(rng.integers(len(textures)))]
    top, left = (int(rng.integers(texture.shape[i] - shape[i] + 1)) for i in (0, 1))
    part = texture[top : top + shape[0], left : left + shape[1], None]
    colour = colours[int(rng.integers(len(colours)))]
    way = (0.5 + 0.5 * colour) * rng.uniform(0.0, 0.15) + rng.normal(0.0, 0.02, 3)
    slope = rng.normal(0.0, 0.1, 2)
    light = np.linspace(-1, 1, shape[0])[:, None] * slope[0]
    light = light + np.linspace(-1, 1, shape[1]) * slope[1]
    return np.asarray(colour + part * way + light[..., None], dtype=np.float32)


def _lay(
    rng: np.random.Generator, picture: F32, textures: list[F32], colours: F32, radius: float
) -> None:
    """Lay one leaf on the picture, in place."""
    side = picture.shape[0]
    middle = rng.uniform(0, side, 2)
    corners = int(rng.integers(3, CORNERS + 1))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners if rng.random() < 0.5 else 48))  # noqa: PLR2004
    points = middle + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    low = np.maximum(np.floor(points.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 2, side)
    if (high <= low).any():
        return
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), dtype=np.uint8)
    at = np.round((points - low) * 16).astype(np.int32)
    cv2.fillPoly(mask, [at], 255, lineType=cv2.LINE_AA, shift=4)
    place = picture[low[1] : high[1], low[0] : high[0]]
    fill = _leaf_fill(rng, textures, colours, mask.shape)
    place += (fill - place) * (mask[..., None] / np.float32(255))
