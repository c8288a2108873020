"""Random masks to train on: shapes, strokes, hairlines, gradients, mattes and feathered edges."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Draw = Callable[[np.random.Generator, int, int], F32]

HALF = 0.5
INVERTED_SHARE = 0.5
_SUBPIXEL_BITS = 4


def draw_mask(rng: np.random.Generator, height: int, width: int) -> F32:
    """Return a mask float32 (height, width) in [0, 1] that is neither all 0 nor all 1.

    Shares: 30 % binary shapes, 10 % strokes, 20 % lines of 1 to 6 px, 12 % mattes, 18 % feathered
    shapes, 10 % gradients; half of them are turned inside out.
    """
    chosen = DRAWERS[int(rng.choice(len(DRAWERS), p=SHARES))]
    mask = chosen(rng, height, width)
    if rng.random() < INVERTED_SHARE:
        mask = 1.0 - mask
    if float(mask.max()) == float(mask.min()):
        mask[height // 3 : 2 * height // 3, width // 4 : width // 2] = 1.0 - mask[0, 0]
    return np.clip(mask, 0.0, 1.0).astype(np.float32)  # blurs round beyond


def shapes(rng: np.random.Generator, height: int, width: int) -> F32:
    """One to four ellipses, rectangles or polygons, hard or smoothed by one pixel."""
    mask = np.zeros((height, width), np.uint8)
    line = cv2.LINE_AA if rng.random() < HALF else cv2.LINE_8
    for _ in range(int(rng.integers(1, 5))):
        kind, value = int(rng.integers(3)), 255 * int(rng.random() < 0.85)  # noqa: PLR2004
        if kind == 0:
            _ellipse(rng, mask, value, line)
        elif kind == 1:
            top, left = int(rng.integers(height)), int(rng.integers(width))
            below = top + int(rng.integers(4, height))
            mask[top:below, left : left + int(rng.integers(4, width))] = value
        else:
            points = _points(rng, height, width, int(rng.integers(3, 9)))
            cv2.fillPoly(mask, [points], value, line, shift=_SUBPIXEL_BITS)
    return _unit(mask)


def strokes(rng: np.random.Generator, height: int, width: int) -> F32:
    """One to three brush strokes, 6 to 40 px wide."""
    return _lines(rng, height, width, (6, 41), int(rng.integers(1, 4)))


def hairlines(rng: np.random.Generator, height: int, width: int, most_px: int = 6) -> F32:
    """One to six lines, 1 to `most_px` px wide."""
    return _lines(rng, height, width, (1, most_px + 1), int(rng.integers(1, 7)))


def feathered(rng: np.random.Generator, height: int, width: int) -> F32:
    """Shapes or strokes behind a Gaussian of 0.5 to 32 px, evenly in its logarithm."""
    base = shapes if rng.random() < 0.7 else strokes  # noqa: PLR2004 - share of shapes
    return _soft(base(rng, height, width), _sigma(rng, 0.5, 32.0))


def mattes(rng: np.random.Generator, height: int, width: int) -> F32:
    """A ragged outline with hair: a shape moved by noise, soft in places, with thin strands."""
    noise = _soft(rng.random((height, width), np.float32), _sigma(rng, 1.0, 8.0))
    noise = (noise - noise.mean()) / (float(noise.std()) + 1e-6)
    body = _soft(shapes(rng, height, width), _sigma(rng, 2.0, 12.0))
    sharpness = _sigma(rng, 2.0, 30.0)
    mask = 1.0 / (1.0 + np.exp(-np.clip(sharpness * (body - 0.5 + 0.12 * noise), -30, 30)))
    if rng.random() < HALF:
        strands = _lines(rng, height, width, (1, 3), int(rng.integers(4, 14)))
        mask = np.maximum(mask, strands * _soft(body, 8.0) * float(rng.uniform(0.4, 1.0)))
    return np.clip(mask, 0.0, 1.0).astype(np.float32)


def gradients(rng: np.random.Generator, height: int, width: int) -> F32:
    """A linear or radial ramp, or smooth noise, at any width."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    kind = int(rng.integers(3))
    if kind == 0:
        angle = rng.uniform(0, 2 * np.pi)
        field = rows * np.sin(angle) + columns * np.cos(angle)
    elif kind == 1:
        field = np.hypot(rows - rng.uniform(0, height), columns - rng.uniform(0, width))
    else:
        field = _soft(rng.random((height, width), np.float32), float(rng.uniform(6, 30)))
        field = field / (float(field.std()) + 1e-6) * 20.0
    middle = float(np.quantile(field, rng.uniform(0.2, 0.8)))
    ramp_px = _sigma(rng, 8.0, 200.0)
    return np.clip((field - middle) / ramp_px + HALF, 0.0, 1.0).astype(np.float32)


DRAWERS: tuple[Draw, ...] = (shapes, strokes, hairlines, mattes, feathered, gradients)
SHARES = (0.20, 0.10, 0.14, 0.20, 0.24, 0.12)


def _ellipse(rng: np.random.Generator, mask: U8, value: int, line: int) -> None:
    height, width = mask.shape
    middle = (int(rng.integers(width)), int(rng.integers(height)))
    axes = (int(rng.integers(3, max(4, width // 2))), int(rng.integers(3, max(4, height // 2))))
    cv2.ellipse(mask, middle, axes, float(rng.uniform(0, 180)), 0, 360, value, -1, line)


def _lines(
    rng: np.random.Generator, height: int, width: int, span_px: tuple[int, int], count: int
) -> F32:
    mask = np.zeros((height, width), np.uint8)
    line = cv2.LINE_AA if rng.random() < 0.8 else cv2.LINE_8  # noqa: PLR2004 - share of smooth
    for _ in range(count):
        points = _bent(rng, height, width)
        thickness = int(rng.integers(*span_px))
        cv2.polylines(mask, [points], False, 255, thickness, line, shift=_SUBPIXEL_BITS)
    return _unit(mask)


def _bent(rng: np.random.Generator, height: int, width: int) -> npt.NDArray[np.int32]:
    """A smooth open curve through random points, or the points themselves."""
    points = _points(rng, height, width, int(rng.integers(2, 6))).astype(np.float64)
    if rng.random() < HALF:
        for _ in range(3):
            ahead, behind = points[1:], points[:-1]
            cut = np.stack([0.75 * behind + 0.25 * ahead, 0.25 * behind + 0.75 * ahead], axis=1)
            points = np.concatenate([points[:1], cut.reshape(-1, 2), points[-1:]])
    return points.astype(np.int32)


def _points(rng: np.random.Generator, height: int, width: int, count: int) -> npt.NDArray[np.int32]:
    """Random points, in sixteenths of a pixel."""
    span = np.array([width, height]) * 2**_SUBPIXEL_BITS
    return (rng.uniform(-0.1, 1.1, (count, 2)) * span).astype(np.int32)


def _unit(mask: U8) -> F32:
    """Drawn in bytes, because OpenCV smooths edges in bytes only."""
    return mask.astype(np.float32) / 255.0


def _soft(mask: F32, sigma_px: float) -> F32:
    blurred: F32 = cv2.GaussianBlur(mask, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    return blurred


def _sigma(rng: np.random.Generator, least: float, most: float) -> float:
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))
