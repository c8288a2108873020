# ruff: noqa: PLR2004 - the measures of a drawing read best where they are drawn
"""Random zone maps with strokes, as a map maker might paint them: areas, brush marks, polygons."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.worlds.noise import F32, U8, Shape, fbm, generator, lattice, warp
from generation.worlds.palette import FIELD, FOREST, GRASS, ROCK, SAND, SNOW, SWAMP, WATER, ZONES
from zones.strokes import Stroke

_LAYOUT_KEY = 0x1A70
_WEIGHTS = {
    GRASS: 1.5,
    FOREST: 1.8,
    WATER: 1.5,
    SAND: 1.0,
    ROCK: 1.2,
    SNOW: 1.0,
    SWAMP: 1.0,
    FIELD: 1.1,
}


@dataclass(frozen=True)
class Layout:
    """A world to paint.

    Attributes:
        zones: (height, width) uint8 zone ids 1..8.
        strokes: rivers, paths and roads, in drawing order.
    """

    zones: U8
    strokes: tuple[Stroke, ...]


def make_layout(seed: int, height_px: int, width_px: int) -> Layout:
    """Return the random layout of `seed`; equal arguments give equal layouts."""
    rng = generator(_LAYOUT_KEY, seed)
    shape = (height_px, width_px)
    zones = _areas(rng, shape)
    for _ in range(_count(rng, shape, 7.0, 22.0)):
        _paint_shape(rng, zones)
    zones = np.asarray(cv2.medianBlur(zones, 7), np.uint8)
    zones.setflags(write=False)
    kinds = rng.choice(
        ["river", "path", "road"], _count(rng, shape, 2.0, 6.0), p=[0.36, 0.36, 0.28]
    )
    return Layout(zones, tuple(_stroke(rng, shape, str(kind)) for kind in kinds))


def _count(rng: np.random.Generator, shape: Shape, low: float, high: float) -> int:
    """Return a random number of things, given the range for 1024 x 1024 px."""
    share = shape[0] * shape[1] / (1024.0 * 1024.0)
    return max(1, round(float(rng.uniform(low, high)) * share))


def _pick(rng: np.random.Generator, count: int) -> npt.NDArray[np.uint8]:
    weights = np.array([_WEIGHTS[zone] for zone in ZONES])
    return rng.choice(np.array(ZONES, np.uint8), count, p=weights / weights.sum())


def _areas(rng: np.random.Generator, shape: Shape) -> U8:
    """Return the ground coat: warped Voronoi cells of very different sizes."""
    spacing = float(rng.choice([110.0, 160.0, 230.0, 330.0]))
    cluster = lattice(rng, shape, 200.0)
    count = max(4, round(shape[0] * shape[1] / spacing**2))
    points = rng.random((count * 2, 2)) * np.array([shape[1], shape[0]])
    at = points.astype(np.int32)
    kept = at[rng.random(len(at)) < 0.5 + 0.5 * cluster[at[:, 1], at[:, 0]]]
    at = kept if len(kept) else at
    empty = np.full(shape, 255, np.uint8)
    empty[at[:, 1], at[:, 0]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    zones = _pick(rng, int(labels.max()) + 1)[labels].astype(np.float32)
    amount = float(rng.choice([0.0, 14.0, 30.0, 46.0]))
    dx = np.float32(amount) * fbm(rng, shape, 90.0, 4)
    dy = np.float32(amount) * fbm(rng, shape, 90.0, 4)
    return warp(zones, dx, dy, nearest=True).astype(np.uint8)


def _paint_shape(rng: np.random.Generator, zones: U8) -> None:
    """Paint one random shape of one zone over the map."""
    height, width = zones.shape
    centre = rng.random(2) * np.array([width, height])
    radius = float(np.exp(rng.uniform(np.log(20.0), np.log(150.0))))
    zone = int(_pick(rng, 1)[0])
    kind = rng.choice(["brush", "blob", "polygon", "box"], p=[0.3, 0.35, 0.2, 0.15])
    if kind == "brush":
        points = centre + np.cumsum(_walk(rng, 10, radius * 0.7), axis=0)
        thick = round(max(40.0, radius * float(rng.uniform(0.6, 1.2))))
        cv2.polylines(zones, [np.round(points).astype(np.int32)], False, zone, thick)
        return
    if kind == "blob":
        turn = np.linspace(0.0, 2.0 * np.pi, 96, endpoint=False)
        lobes = sum(
            rng.normal(0.0, 0.3 / n) * np.cos(n * turn + rng.uniform(0, 6.3)) for n in range(1, 9)
        )
        reach = np.clip(1.0 + lobes, 0.4, 2.0) * radius
        ring = centre + np.stack([np.cos(turn), np.sin(turn)], axis=1) * reach[:, None]
    elif kind == "polygon":
        corners = np.sort(rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(3, 9))))
        reach = radius * rng.uniform(0.8, 1.5, len(corners))
        ring = centre + np.stack([np.cos(corners), np.sin(corners)], axis=1) * reach[:, None]
    else:
        tilt = float(rng.choice([0.0, rng.uniform(0.0, 1.6)]))
        half = radius * rng.uniform(0.7, 1.4, 2)
        box = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        turned = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
        ring = centre + box @ turned
    cv2.fillPoly(zones, [np.round(ring).astype(np.int32)], zone)


def _walk(rng: np.random.Generator, steps: int, length: float) -> npt.NDArray[np.float64]:
    """Return (steps, 2) moves of a walk that turns gently."""
    heading = rng.uniform(0.0, 2.0 * np.pi) + np.cumsum(rng.normal(0.0, 0.55, steps))
    return length * np.stack([np.cos(heading), np.sin(heading)], axis=1)


def _stroke(rng: np.random.Generator, shape: Shape, kind: str) -> Stroke:
    """Return a smooth stroke that crosses a good part of the map."""
    size = np.array([shape[1], shape[0]], np.float64)
    start = rng.random(2) * size
    if rng.random() < 0.6:
        start[int(rng.integers(2))] = float(rng.choice([-30.0, 1.0]))
    aim = size * rng.uniform(0.3, 0.7, 2) - start
    heading = np.arctan2(aim[1], aim[0]) + rng.normal(0.0, 0.4)
    turns = rng.normal(0.0, 0.42 if kind == "river" else 0.32, 14)
    heading = heading + np.cumsum(turns - 0.25 * np.cumsum(turns))
    length = float(rng.uniform(60.0, 120.0))
    steps = length * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    knots = np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
    low, high = {"river": (14.0, 40.0), "path": (8.0, 18.0), "road": (12.0, 26.0)}[kind]
    middle = low + (high - low) * float(rng.beta(1.2, 1.8))
    widths = np.clip(middle * rng.uniform(0.75, 1.3, len(knots)), low, high)
    if kind == "road":
        widths[:] = middle
    points = _spline(np.column_stack([knots, widths]), 8)
    return Stroke(kind, points, 0.35)


def _spline(knots: npt.NDArray[np.float64], per_knot: int) -> npt.NDArray[np.float64]:
    """Return a uniform Catmull-Rom curve through `knots` (n, 3), `per_knot` points per piece."""
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    t = np.linspace(0.0, 1.0, per_knot, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        cubic = (3 * b - a - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2
        pieces.append(0.5 * (2 * b + (c - a) * t + cubic))
    curve = np.concatenate([*pieces, knots[-1:]])
    curve[:, 2] = np.clip(curve[:, 2], 8.0, 40.0)
    return curve


def wobbled(zones: U8, rng: np.random.Generator) -> U8:
    """Return `zones` with borders moved by at most about 3 px, so that none is ruler-straight."""
    shape = (zones.shape[0], zones.shape[1])
    dx: F32 = np.clip(lattice(rng, shape, 11.0) * 3.4, -2.8, 2.8).astype(np.float32)
    dy: F32 = np.clip(lattice(rng, shape, 11.0) * 3.4, -2.8, 2.8).astype(np.float32)
    return warp(zones.astype(np.float32), dx, dy, nearest=True).astype(np.uint8)
