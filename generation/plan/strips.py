"""The stitched map around one hand-over line, as every measure of that line takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.colour import Lab, lab_of
from generation.plan.handover import HandOverLine
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.reader import (
    MapReader,
    inside_map,
    read_extended_protect,
    read_extended_zones,
    strokes_in_extended,
)
from zones.strokes import Stroke, stroke_coverage

INTERIOR_PX = 80
"""How far beyond the blend interior lines are taken at least, on each side."""

_BANK_PX = 8
"""Strokes are left out with this much more width: their banks are theirs."""

_SHORE_PX = 8
"""Ground so near to another zone is left out: a shore is drawn there, at whatever place."""

_DRIFT_PX = 16


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The surroundings of a line, turned so that the line runs down.

    Attributes:
        lab: the stitched map, float32 (length, width, 3).
        zones: uint8 (length, width).
        counts: bool (length, width), open terrain of the map: no stroke, no protected pixel, no
            shore between zones.
        owner: int32 (length, width), see `Owners`.
        alone: bool (length, width), see `Owners`.
        pair: indices of the line's two windows in `owner`.
        at: column right of the line.
        band_px: width of the blend around the line.
    """

    lab: Lab
    zones: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.bool_]
    owner: npt.NDArray[np.int32]
    alone: npt.NDArray[np.bool_]
    pair: tuple[int, int]
    at: int
    band_px: int


def strip_of(stitch: Stitch, reader: MapReader, line: HandOverLine) -> Strip:
    """Read the surroundings of a hand-over line, wide enough for every measure of it."""
    spans_px = 2 * (line.band_px // 2 + drift_box_px(line.band_px))
    reach_px = line.band_px // 2 + max(INTERIOR_PX, spans_px + INTERIOR_PX // 2)
    rect = inside_map(stitch.grid, line.strip(reach_px))
    owners = stitch.owners(rect)
    places = [(raw.tile, raw.window) for raw in owners.layers]
    first, second = (places.index((raw.tile, raw.window)) for raw in (line.earlier, line.later))

    zones = read_extended_zones(reader, stitch.grid, rect)

    def turned(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return array if line.vertical else np.swapaxes(array, 0, 1)

    return Strip(
        lab=lab_of(turned(stitch.region(rect).rgb)),
        zones=turned(zones),
        counts=turned(open_terrain(stitch, reader, rect) & ~_shores(zones)),
        owner=turned(owners.owner),
        alone=turned(owners.alone),
        pair=(first, second),
        at=line.at - (rect.x if line.vertical else rect.y),
        band_px=line.band_px,
    )


def _shores(zones: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Pixels within `_SHORE_PX` of another zone, bool (h, w)."""
    edges = cv2.morphologyEx(zones, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SHORE_PX - 1, 2 * _SHORE_PX - 1))
    return np.asarray(cv2.dilate((edges > 0).view(np.uint8), near), dtype=np.bool_)


def drift_box_px(band_px: int) -> int:
    """Width of the two boxes whose mean colours tell a shift across a whole blend."""
    return max(1, min(band_px // 2, _DRIFT_PX))


def open_terrain(stitch: Stitch, reader: MapReader, rect: Rect) -> npt.NDArray[np.bool_]:
    """Pixels of the map that are neither stroke (nor bank) nor protected, bool (h, w)."""
    counts = np.zeros(rect.shape, dtype=np.bool_)
    counts[inside_map(stitch.grid, rect).slices_in(rect)] = True
    counts &= ~read_extended_protect(reader, stitch.grid, rect)
    for stroke in strokes_in_extended(reader, stitch.grid, rect.grown(_BANK_PX)):
        wide = Stroke(stroke.kind, stroke.points + np.array([0.0, 0.0, _BANK_PX]))
        counts &= stroke_coverage(wide, rect) == 0
    return counts
