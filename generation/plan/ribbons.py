"""The stitched map straightened along a whole painted stroke, so that the stroke runs down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.colour import Lab, delta_e, lab_of
from generation.plan.crossings import BANK_PX, MIN_CONTRAST, MIN_WIDTH_PX
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.grid import Grid
from zones.palette import Palette
from zones.reader import (
    MapReader,
    inside_map,
    read_extended_protect,
    read_extended_zones,
    strokes_in_extended,
)
from zones.strokes import Stroke, stroke_coverage

STRIP_HALF_WIDTHS = 5.0
"""How far a ribbon reaches to each side, in half widths of the stroke."""

ACROSS: npt.NDArray[np.float32] = np.linspace(
    -STRIP_HALF_WIDTHS, STRIP_HALF_WIDTHS, 71, dtype=np.float32
)
"""Distance of a ribbon's columns from the painted centre line, in half widths."""

_BESIDE = 2.0
_OWN = 1.3
"""Beyond so many half widths a stroke's own pixels are another bend of it."""

_SEEN_PX = 10.0
_CHUNK_PX = 192
_MIN_SAMPLES = 8
_SAME_PX = 1e-6
_HALF = 0.5

_FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """A stroke's course, sampled at even distances, and what the map shows along it.

    Attributes:
        stroke: which.
        xy: float32 (n, 2) centre line in map px.
        half_px: float32 (n,) half the painted width.
        step_px: distance between samples.
        lab: float32 (n, k, 3), the stitched map.
        zones: uint8 (n, k).
        usable: bool (n, k): finished map, not protected, not under another stroke.
        judged: bool (n,): on the map, and stencil and zones can be told apart there.
    """

    stroke: Stroke
    xy: _FloatArray
    half_px: _FloatArray
    step_px: float
    lab: Lab
    zones: npt.NDArray[np.uint8]
    usable: npt.NDArray[np.bool_]
    judged: npt.NDArray[np.bool_]

    @property
    def shortest(self) -> int:
        """Samples that a stretch needs to be seen: as long as the stroke is wide."""
        return round(max(_SEEN_PX, 2 * float(np.median(self.half_px))) / self.step_px)


def ribbon_of(
    stitch: Stitch,
    reader: MapReader,
    palette: Palette,
    stroke: Stroke,
    near: Rect | None = None,
) -> Ribbon | None:
    """The map along a stroke; None where it is too short, too thin or off the map.

    Args:
        stitch: the finished windows.
        reader: the painted map.
        palette: colours of zones and stencils.
        stroke: which.
        near: only from where the stroke enters this rectangle to where it leaves it.
    """
    course = _course(stroke)
    if course is None:
        return None
    xy, normals, half_px, step_px = course
    if near is not None:
        there = np.flatnonzero(_inside(stitch.grid, xy, near))
        if len(there) < _MIN_SAMPLES:
            return None
        part = slice(int(there[0]), int(there[-1]) + 1)
        xy, normals, half_px = xy[part], normals[part], half_px[part]
    where = xy[:, None] + ACROSS[None, :, None] * half_px[:, None, None] * normals[:, None]
    shape = where.shape[:2]
    lab = np.zeros((*shape, 3), dtype=np.float32)
    zones = np.zeros(shape, dtype=np.uint8)
    usable = np.zeros(shape, dtype=np.bool_)
    for part in _chunks(len(xy), step_px):
        rect = inside_map(stitch.grid, _around(where[part]))
        if rect.area:
            at = where[part] - np.array([rect.x + _HALF, rect.y + _HALF], dtype=np.float32)
            lab[part], zones[part], usable[part] = _read(stitch, reader, rect, at, stroke)
    judged = usable[:, np.abs(ACROSS) <= 1].mean(axis=1) > _HALF
    judged &= _tells_apart(palette, stroke.kind, zones)
    if not judged.any():
        return None
    return Ribbon(stroke, xy, half_px, step_px, lab, zones, usable, judged)


def _inside(grid: Grid, xy: _FloatArray, rect: Rect) -> npt.NDArray[np.bool_]:
    """Which points lie in a rectangle, wherever on a wrapped map it is placed, bool (n,)."""
    away = xy - np.array([rect.x, rect.y], dtype=np.float32)
    if grid.wrap_x:
        away[:, 0] %= grid.map_width_px
    if grid.wrap_y:
        away[:, 1] %= grid.map_height_px
    return np.asarray(((away >= 0) & (away < (rect.width, rect.height))).all(axis=1))


def _course(stroke: Stroke) -> tuple[_FloatArray, _FloatArray, _FloatArray, float] | None:
    """Centre line, normals, half widths and their distance; None for a stroke too small."""
    points = stroke.points
    lengths = np.hypot(*np.diff(points[:, :2], axis=0).T)
    points = points[np.concatenate([[True], lengths > 0])]
    along = np.concatenate([[0.0], np.cumsum(lengths[lengths > 0])])
    half = float(np.median(points[:, 2])) / 2
    step_px = float(np.clip(half / 4, 1.0, 4.0))
    at = np.arange(step_px / 2, along[-1], step_px)
    if len(at) < _MIN_SAMPLES or 2 * half < MIN_WIDTH_PX:
        return None
    x, y, width = (np.interp(at, along, points[:, column]) for column in range(3))
    reach = max(3.0, half / 2)
    ends = [
        np.stack([np.interp(at + shift, along, points[:, column]) for column in range(2)])
        for shift in (-reach, reach)
    ]
    tangent = ends[1] - ends[0]
    tangent /= np.maximum(np.hypot(*tangent), 1e-6)
    return (
        np.stack([x, y], axis=1).astype(np.float32),
        np.stack([-tangent[1], tangent[0]], axis=1).astype(np.float32),
        np.maximum(width / 2, MIN_WIDTH_PX / 2).astype(np.float32),
        step_px,
    )


def _chunks(count: int, step_px: float) -> Iterator[slice]:
    size = max(1, round(_CHUNK_PX / step_px))
    for begin in range(0, count, size):
        yield slice(begin, min(count, begin + size))


def _around(where: npt.NDArray[Any]) -> Rect:
    left, top = (int(value) - 1 for value in np.floor(where.min(axis=(0, 1))))
    right, bottom = (int(value) + 2 for value in np.ceil(where.max(axis=(0, 1))))
    return Rect(left, top, right - left, bottom - top)


def _read(
    stitch: Stitch, reader: MapReader, rect: Rect, at: _FloatArray, stroke: Stroke
) -> tuple[Lab, npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    region = stitch.region(rect)
    blocked = read_extended_protect(reader, stitch.grid, rect) | ~region.covered
    others, own = _coverage(stitch, reader, rect, stroke)
    blocked |= others > 0
    lab = _sampled(lab_of(region.rgb), at, cv2.INTER_LINEAR)
    zones = _sampled(
        read_extended_zones(reader, stitch.grid, rect).astype(np.float32), at, cv2.INTER_NEAREST
    )
    inside = ((at >= -_HALF) & (at <= np.array([rect.width, rect.height]) - _HALF)).all(axis=-1)
    usable = inside & (_sampled(blocked.astype(np.float32), at, cv2.INTER_LINEAR) == 0)
    usable &= (np.abs(ACROSS) <= _OWN) | (_sampled(own, at, cv2.INTER_LINEAR) < _HALF)
    return lab, zones.astype(np.uint8), usable


def _coverage(
    stitch: Stitch, reader: MapReader, rect: Rect, stroke: Stroke
) -> tuple[_FloatArray, _FloatArray]:
    """Coverage of all other strokes with their banks, and of this one, float32 (h, w)."""
    others = np.zeros(rect.shape, dtype=np.float32)
    for found in strokes_in_extended(reader, stitch.grid, rect.grown(round(2 * BANK_PX))):
        if not _is_copy(found, stroke):
            wide = Stroke(found.kind, found.points + np.array([0.0, 0.0, 2 * BANK_PX]))
            np.maximum(others, stroke_coverage(wide, rect), out=others)
    return others, stroke_coverage(stroke, rect)


def _is_copy(found: Stroke, stroke: Stroke) -> bool:
    """Whether it is the same stroke, perhaps a period away on a wrapped map."""
    if found.kind != stroke.kind or found.points.shape != stroke.points.shape:
        return False
    away = found.points - stroke.points
    return bool(np.ptp(away, axis=0).max() < _SAME_PX)


def _sampled(picture: _FloatArray, at: _FloatArray, how: int) -> _FloatArray:
    found = cv2.remap(picture, at[..., 0], at[..., 1], how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.float32)


def _tells_apart(
    palette: Palette, kind: str, zones: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Where the stencil's colour is clear of those of the zones on both banks, bool (n,)."""
    known = np.zeros(256, dtype=np.bool_)
    for zone in np.unique(zones):
        pair = np.array([[palette.stencil(kind).rgb, palette.zone(int(zone)).rgb]], dtype=np.uint8)
        lab = lab_of(pair)[0]
        known[zone] = delta_e(lab[:1], lab[1:])[0] >= MIN_CONTRAST
    near = np.abs(ACROSS) <= _BESIDE
    return np.asarray(known[zones[:, near]].all(axis=1))
