"""Smooth random fields and cell patterns from which every surface is built.

All fields come from an explicit generator, so equal seeds give equal bytes; none has detail below
about 3 px, so that what is drawn is structure and not white noise.
"""

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Shape = tuple[int, int]


def generator(*keys: int) -> np.random.Generator:
    """Return a PCG64 generator for a tuple of integers (negative ones are taken modulo 2**63)."""
    return np.random.Generator(np.random.PCG64([k % (1 << 63) for k in keys]))


def lattice(rng: np.random.Generator, shape: Shape, cell_px: float, stretch_x: float = 1.0) -> F32:
    """Return smooth noise of mean 0 and range about [-1, 1].

    Args:
        rng: source of the lattice values.
        shape: (height, width) in px.
        cell_px: lattice spacing along y, in px.
        stretch_x: lattice spacing along x as a multiple of `cell_px`.
    """
    rows = int(shape[0] / cell_px) + 3
    cols = int(shape[1] / (cell_px * stretch_x)) + 3
    grid = rng.random((rows, cols), dtype=np.float32) * 2.0 - 1.0
    size = (round(cols * cell_px * stretch_x), round(rows * cell_px))
    big = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
    top = int(cell_px)
    left = int(cell_px * stretch_x)
    return np.ascontiguousarray(big[top : top + shape[0], left : left + shape[1]], np.float32)


def fbm(
    rng: np.random.Generator,
    shape: Shape,
    cell_px: float,
    octaves: int,
    gain: float = 0.55,
    stretch_x: float = 1.0,
) -> F32:
    """Return `octaves` lattices of halving cell size, summed with falling weight, about [-1, 1]."""
    total = np.zeros(shape, np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        field = lattice(rng, shape, cell_px / (1 << octave), stretch_x)
        total += np.float32(weight) * field
        weights += weight
        weight *= gain
    total /= np.float32(weights * 0.75)
    return total


def warp(field: F32, dx: F32, dy: F32, nearest: bool = False) -> F32:
    """Sample `field` at (x + dx, y + dy), edge-replicated."""
    ys, xs = np.indices(field.shape[:2], np.float32)
    mode = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    out = cv2.remap(field, xs + dx, ys + dy, mode, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.float32)


def jittered(rng: np.random.Generator, shape: Shape, spacing_px: float, jitter: float = 0.8) -> F32:
    """Return an (n, 2) float32 array of x, y px, one point per cell of a jittered grid, row-major.

    Odd rows are shifted by half a cell, so that no square pattern shows.
    """
    rows = int(np.ceil(shape[0] / spacing_px)) + 1
    cols = int(np.ceil(shape[1] / spacing_px)) + 1
    offset = (rng.random((rows, cols, 2), dtype=np.float32) - 0.5) * jitter
    ys, xs = np.indices((rows, cols), np.float32)
    across = (xs + 0.5 * (ys % 2) + offset[..., 0]) * spacing_px
    down = (ys + 0.5 + offset[..., 1]) * spacing_px
    points = np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32)
    inside = (points >= 0).all(axis=1) & (points[:, 0] < shape[1]) & (points[:, 1] < shape[0])
    return np.asarray(points[inside], np.float32)


def cells(
    rng: np.random.Generator, shape: Shape, spacing_px: float, jitter: float = 0.8
) -> tuple[npt.NDArray[np.int32], F32, int]:
    """Return a Voronoi pattern: (cell number per px, distance to the cell edge in px, count)."""
    points = jittered(rng, shape, spacing_px, jitter)
    empty = np.full(shape, 255, np.uint8)
    at = points.astype(np.int32)
    empty[at[:, 1], at[:, 0]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    inner = np.full(shape, 255, np.uint8)
    inner[:, 1:][labels[:, 1:] != labels[:, :-1]] = 0
    inner[1:][labels[1:] != labels[:-1]] = 0
    edge = cv2.distanceTransform(inner, cv2.DIST_L2, 3)
    return np.asarray(labels, np.int32), np.asarray(edge, np.float32), int(labels.max()) + 1


def relief_shade(height: F32, strength: float) -> F32:
    """Return the light on a height field, lit from the upper left: 0 on level ground, [-1, 1]."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125 * strength)
    slope += cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125 * strength)
    return np.asarray(slope / np.sqrt(1.0 + slope * slope), np.float32)


def smoothstep(low: float, high: float, value: F32) -> F32:
    """Return 0 below `low`, 1 above `high` and a smooth curve between."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def distance_inside(mask: Mask) -> F32:
    """Return for each px of `mask` its distance in px to the nearest px outside it, else 0."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5), np.float32)
