"""Zone pictures as a careful user would paint them: areas, brush marks, shores and field plots.

Outlines are drawn through a few hand-placed points and then roughened by smooth noise, so that
areas look brushed while every border stays where it was put to within `rough_px`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Point = tuple[float, float]
Knot = tuple[float, float, float]

GRASS, FOREST, WATER, SAND, ROCK, SNOW, SWAMP, FIELD = range(1, 9)
"""Zone ids of the default palette."""

WIDTH_PX, HEIGHT_PX = 1152, 960
"""Size of every sample: 6 x 5 windows at a stride of 192 px."""


def noise(key: Sequence[int], cell_px: float, octaves: int = 3) -> F32:
    """Return smooth noise over the map, about -1 to 1; `key` chooses it.

    Each octave is a random lattice, cubic between its points, half as large and half as strong
    as the one before.
    """
    total = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    strength, cell = 1.0, cell_px
    for octave in range(octaves):
        rows, cols = int(HEIGHT_PX / cell) + 4, int(WIDTH_PX / cell) + 4
        lattice = np.random.default_rng([*key, octave]).uniform(-1, 1, (rows, cols))
        size = (round(cols * cell), round(rows * cell))
        smooth = cv2.resize(lattice.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        top, left = round(cell), round(cell)
        total += strength * smooth[top : top + HEIGHT_PX, left : left + WIDTH_PX]
        strength, cell = strength / 2, cell / 2
    return total


def curve(knots: Iterable[Sequence[float]], step_px: float, *, closed: bool = False) -> F64:
    """Return a uniform Catmull-Rom curve sampled about every `step_px`.

    Args:
        knots: points (x, y) or (x, y, width) that the curve passes through, at least two.
        step_px: distance between samples in px; every knot is a sample.
        closed: whether the curve returns to its first knot.

    Returns:
        float64 (n, 2) or (n, 3).
    """
    given = np.asarray(list(knots), np.float64)
    if closed:
        padded = np.concatenate([given[-1:], given, given[:2]])
    else:
        padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        count = max(1, round(float(np.hypot(*(c - b)[:2])) / step_px))
        t = (np.arange(count) / count)[:, None]
        cubic = (3 * b - a - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2
        pieces.append(0.5 * (2 * b + (c - a) * t + cubic))
    return np.concatenate(pieces if closed else [*pieces, given[-1:]])


class ZoneCanvas:
    """A zone picture in the making.

    Attributes:
        zones: uint8 (HEIGHT_PX, WIDTH_PX) zone ids.
        seed: first part of the key of every noise used.
    """

    def __init__(self, base: int, seed: int) -> None:
        """Start with the whole map of zone `base`."""
        self.zones: U8 = np.full((HEIGHT_PX, WIDTH_PX), base, np.uint8)
        self.seed = seed
        self._marks = 0

    def area(
        self, zone: int, outline: Iterable[Point], rough_px: float = 10.0, over: Sequence[int] = ()
    ) -> None:
        """Paint a closed smooth outline with a brushed edge, only over the zones in `over`."""
        ring = curve(outline, 8.0, closed=True)
        self._paint(zone, _inside_px(ring), rough_px, over)

    def brush(
        self, zone: int, knots: Iterable[Knot], rough_px: float = 8.0, over: Sequence[int] = ()
    ) -> None:
        """Paint a brush mark through (x, y, width) knots, only over the zones in `over`."""
        reach = np.full(self.zones.shape, -1e6, np.float32)
        ys, xs = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
        for x, y, width in curve(knots, 6.0):
            distance = np.hypot(xs - np.float32(x), ys - np.float32(y))
            np.maximum(reach, np.float32(width / 2) - distance, out=reach)
        self._paint(zone, reach, rough_px, over)

    def fringe(
        self, zone: int, beside: int, width_px: float, rough_px: float, over: Sequence[int]
    ) -> None:
        """Paint `zone` over pixels of `over` within about `width_px` of zone `beside`."""
        other = (self.zones != beside).astype(np.uint8)
        distance = cv2.distanceTransform(other, cv2.DIST_L2, 5).astype(np.float32)
        self._paint(zone, np.float32(width_px) - distance, rough_px, over)

    def plots(
        self, outline: Iterable[Point], angle_deg: float, cell_px: Point, over: Sequence[int]
    ) -> None:
        """Paint field plots: a turned grid of straight-sided parcels inside an outline.

        Parcels differ in length, are parted by strips of what was there before and are left
        out where more than a little of them would lie outside.
        """
        rng = np.random.default_rng([self.seed, 7000 + self._next()])
        corners = np.asarray(list(outline), np.float64)
        inside = np.zeros(self.zones.shape, np.uint8)
        cv2.fillPoly(inside, [np.round(corners).astype(np.int32)], 1)
        inside[~np.isin(self.zones, over)] = 0
        turn = np.deg2rad(angle_deg)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        centre = corners.mean(axis=0)
        extent = float(np.abs((corners - centre) @ axes.T).max()) + max(cell_px)
        for box in _parcels(rng, extent, cell_px):
            quad = np.round(centre + box @ axes).astype(np.int32)
            mark = np.zeros_like(inside)
            cv2.fillPoly(mark, [quad], 1)
            if mark.sum() > 0 and (mark & inside).sum() >= 0.5 * cv2.contourArea(quad):
                self.zones[(mark & inside) > 0] = FIELD

    def field(self, zone: int, strength: F32, rough: float, over: Sequence[int] = ()) -> None:
        """Paint `zone` where `strength` (map size) plus noise of `rough` is above 0."""
        self._paint(zone, strength, rough, over)

    def outside(self, outline: Iterable[Point]) -> npt.NDArray[np.bool_]:
        """Return which pixels lie outside a smooth outline."""
        return _inside_px(curve(outline, 8.0, closed=True)) <= 0

    def tidied(self, smallest_px: int = 300) -> U8:
        """Return the zones with ragged pixels smoothed and specks given to what surrounds them."""
        zones = np.asarray(cv2.medianBlur(self.zones, 7), np.uint8)
        for zone in range(GRASS, FIELD + 1):
            count, labels, stats, _ = cv2.connectedComponentsWithStats(
                (zones == zone).astype(np.uint8), connectivity=4
            )
            for label in range(1, count):
                if stats[label, cv2.CC_STAT_AREA] < smallest_px:
                    _dissolve(zones, labels == label)
        return zones

    def _paint(self, zone: int, inside_px: F32, rough_px: float, over: Sequence[int]) -> None:
        key = [self.seed, self._next()]
        where = inside_px + noise(key, 84.0, 5) * np.float32(rough_px) > 0
        if over:
            where &= np.isin(self.zones, over)
        self.zones[where] = zone

    def _next(self) -> int:
        self._marks += 1
        return self._marks


def _inside_px(ring: F64) -> F32:
    """Return the signed distance in px to a closed outline, positive inside."""
    margin = 256
    mark = np.zeros((HEIGHT_PX + 2 * margin, WIDTH_PX + 2 * margin), np.uint8)
    cv2.fillPoly(mark, [np.round(ring + margin).astype(np.int32)], 1)
    inner = cv2.distanceTransform(mark, cv2.DIST_L2, 5)
    outer = cv2.distanceTransform(1 - mark, cv2.DIST_L2, 5)
    signed = np.asarray(inner - outer, np.float32)
    return signed[margin : margin + HEIGHT_PX, margin : margin + WIDTH_PX]


def _parcels(rng: np.random.Generator, extent: float, cell_px: Point) -> Iterable[F64]:
    """Yield (4, 2) boxes of a grid of parcels about the origin, `extent` to each side."""
    gap = 9.0
    y = -extent
    while y < extent:
        depth = cell_px[1] * float(rng.uniform(0.8, 1.25))
        x = -extent + cell_px[0] * float(rng.uniform(0, 1))
        while x < extent:
            length = cell_px[0] * float(rng.uniform(0.65, 1.4))
            right, bottom = x + length - gap, y + depth - gap
            yield np.array([[x, y], [right, y], [right, bottom], [x, bottom]])
            x += length
        y += depth


def _dissolve(zones: U8, speck: npt.NDArray[np.bool_]) -> None:
    """Give a speck the zone that most of its rim has."""
    grown = cv2.dilate(speck.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim = zones[grown & ~speck]
    if rim.size:
        zones[speck] = np.bincount(rim).argmax()
