"""Places where a painted stroke crosses a hand-over line, and the map straightened along it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.colour import delta_e, lab_of
from generation.plan.handover import HandOverLine
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.palette import Palette
from zones.reader import (
    MapReader,
    inside_map,
    read_extended_protect,
    read_extended_zones,
    strokes_in_extended,
)
from zones.strokes import Stroke, stroke_coverage

MIN_WIDTH_PX = 3.0
"""Narrower strokes are not measured."""

MIN_CONTRAST = 8.0
"""CIEDE2000 between stencil and zone colour below which a stroke can't be told apart."""

HALF_WIDTHS = 3.5
"""How far the straightened strip reaches to each side, in half widths of the stroke."""

BANK_PX = 3.0
"""So far beside a stroke its own edge may still show."""

_MIN_SLOPE = 0.25
_BESIDE = 2.0
_HALF = 0.5

_FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One stroke crossing one line, sampled every px of its length.

    Attributes:
        stroke: which.
        xy: float32 (2 * reach + 1, 2) centre line in map px, the crossing in the middle.
        normals: float32 (2 * reach + 1, 2) unit normals.
        widths: float32 (2 * reach + 1,) full width, px.
    """

    stroke: Stroke
    xy: _FloatArray
    normals: _FloatArray
    widths: _FloatArray

    @property
    def middle(self) -> tuple[float, float]:
        """Where the stroke meets the line."""
        x, y = self.xy[len(self.xy) // 2]
        return float(x), float(y)

    @property
    def width_px(self) -> float:
        """Painted width at the line."""
        return float(self.widths[len(self.widths) // 2])

    def beside(self, across: _FloatArray) -> _FloatArray:
        """Points beside the stroke.

        Args:
            across: float32 (k,) distances from the centre line in half widths.

        Returns:
            float32 (n, k, 2) positions in map px.
        """
        reach = across[None, :, None] * self.widths[:, None, None] / np.float32(2)
        return np.asarray(self.xy[:, None] + reach * self.normals[:, None], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Straightened:
    """The stitched map along a stroke, turned so that the stroke runs down the middle.

    Attributes:
        lab: float32 (n, k, 3).
        across: float32 (k,), distance of each column from the centre line in half widths.
        visible: bool (n, k), not under a stroke that was painted later, such as a bridge.
        usable: bool (n, k), visible and not over another stroke.
        width_px: painted width at the line.
    """

    lab: _FloatArray
    across: _FloatArray
    visible: npt.NDArray[np.bool_]
    usable: npt.NDArray[np.bool_]
    width_px: float


def places_on(stroke: Stroke, line: HandOverLine) -> Iterator[Place]:
    """The crossings of one stroke with one line.

    Left out where the stroke is too thin, ends nearby, or runs almost along the line.
    """
    points = stroke.points
    lengths = np.hypot(*np.diff(points[:, :2], axis=0).T)
    points = points[np.concatenate([[True], lengths > 0])]
    along = np.concatenate([[0.0], np.cumsum(lengths[lengths > 0])])
    side = points[:, 0 if line.vertical else 1] - line.at
    other = points[:, 1 if line.vertical else 0]
    for index in np.flatnonzero((side[:-1] < 0) != (side[1:] < 0)):
        share = side[index] / (side[index] - side[index + 1])
        across = other[index] + share * (other[index + 1] - other[index])
        centre = along[index] + share * (along[index + 1] - along[index])
        width = points[index, 2] + share * (points[index + 1, 2] - points[index, 2])
        if not line.start <= across < line.stop or width < MIN_WIDTH_PX:
            continue
        reach = round(max(line.band_px, 1.5 * width))
        if centre < reach or centre + reach > along[-1]:
            continue
        place = _place(stroke, points, along, float(centre), reach)
        if abs(place.normals[reach, 1 if line.vertical else 0]) >= _MIN_SLOPE:
            yield place


def _place(
    stroke: Stroke,
    points: npt.NDArray[np.float64],
    along: npt.NDArray[np.float64],
    centre: float,
    reach: int,
) -> Place:
    at = centre + np.arange(-reach, reach + 1)
    x, y, width = (np.interp(at, along, points[:, column]) for column in range(3))
    ends = [
        [np.interp(at + shift, along, points[:, column]) for column in range(2)]
        for shift in (-3.0, 3.0)
    ]
    tangent = np.array(ends[1]) - np.array(ends[0])
    tangent /= np.maximum(np.hypot(*tangent), 1e-6)
    return Place(
        stroke,
        np.stack([x, y], axis=1).astype(np.float32),
        np.stack([-tangent[1], tangent[0]], axis=1).astype(np.float32),
        width.astype(np.float32),
    )


def straightened(
    stitch: Stitch, reader: MapReader, palette: Palette, line: HandOverLine, place: Place
) -> Straightened | None:
    """The map along a stroke, or None where the crossing can't be judged.

    That is where the line is hidden under a third window, the strip leaves the map, something is
    protected, or the stencil has nearly the colour of the zone beside it.
    """
    half = float(place.widths.max()) / 2
    count = 2 * max(7, round(HALF_WIDTHS * half)) + 1
    across = np.linspace(-HALF_WIDTHS, HALF_WIDTHS, count, dtype=np.float32)
    where = place.beside(across)
    rect = _around(where)
    if inside_map(stitch.grid, rect) != rect or not _shows(stitch, line, place):
        return None
    if read_extended_protect(reader, stitch.grid, rect).any():
        return None
    if not _stands_out(stitch, reader, palette, place):
        return None
    where = where - np.array([rect.x + _HALF, rect.y + _HALF], dtype=np.float32)
    lab = _sampled(lab_of(stitch.region(rect).rgb), where)
    others, later = _other_strokes(stitch, reader, rect, place.stroke)
    visible = _sampled(later, where) < _HALF
    usable = visible & (_sampled(others, where) < _HALF)
    return Straightened(lab, across, visible, usable, place.width_px)


def _around(where: _FloatArray) -> Rect:
    left, top = (int(value) - 1 for value in np.floor(where.min(axis=(0, 1))))
    right, bottom = (int(value) + 1 for value in np.ceil(where.max(axis=(0, 1))))
    return Rect(left, top, right - left, bottom - top)


def _shows(stitch: Stitch, line: HandOverLine, place: Place) -> bool:
    """Whether the map really hands over from one of the windows to the other at this place."""
    x, y = (int(np.floor(value)) for value in place.middle)
    pair = Rect(line.at - 1, y, 2, 1) if line.vertical else Rect(x, line.at - 1, 1, 2)
    owners = stitch.owners(pair)
    shown = {(owners.layers[i].tile, owners.layers[i].window) for i in owners.owner.ravel()}
    return shown == {(raw.tile, raw.window) for raw in (line.earlier, line.later)}


def _stands_out(stitch: Stitch, reader: MapReader, palette: Palette, place: Place) -> bool:
    """Whether stencil and zones beside it are painted in colours that can be told apart."""
    colours = [palette.stencil(place.stroke.kind).rgb]
    beside = place.beside(np.array([-_BESIDE, _BESIDE], dtype=np.float32))
    for x, y in beside[:: max(1, len(beside) // 8)].reshape(-1, 2):
        pixel = Rect(int(np.floor(x)), int(np.floor(y)), 1, 1)
        zone = read_extended_zones(reader, stitch.grid, pixel)[0, 0]
        colours.append(palette.zone(int(zone)).rgb)
    lab = lab_of(np.array(colours, dtype=np.uint8)[None])[0]
    return bool(delta_e(np.repeat(lab[:1], len(lab) - 1, axis=0), lab[1:]).min() >= MIN_CONTRAST)


def _other_strokes(
    stitch: Stitch, reader: MapReader, rect: Rect, own: Stroke
) -> tuple[_FloatArray, _FloatArray]:
    """Coverage of all other strokes, and of those painted later, float32 (h, w) each.

    Over the stroke itself the later ones reach as far as their banks.
    """
    covered, later = np.zeros((2, *rect.shape), dtype=np.float32)
    mine, is_later = stroke_coverage(own, rect), False
    for stroke in strokes_in_extended(reader, stitch.grid, rect.grown(round(BANK_PX))):
        if stroke.kind == own.kind and np.array_equal(stroke.points, own.points):
            is_later = True
            continue
        there = stroke_coverage(stroke, rect)
        np.maximum(covered, there, out=covered)
        if is_later:
            wide = Stroke(stroke.kind, stroke.points + np.array([0.0, 0.0, 2 * BANK_PX]))
            there = np.maximum(there, np.minimum(stroke_coverage(wide, rect), mine))
            np.maximum(later, there, out=later)
    return covered, later


def _sampled(picture: _FloatArray, where: _FloatArray) -> _FloatArray:
    return np.asarray(
        cv2.remap(
            picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.float32,
    )
