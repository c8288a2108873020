"""Straight cuts: edges that run along a hand-over line, wherever in the blend they lie.

The step of a seam is taken at the middle of the blend and over the whole line. A window that
disagrees with its neighbour can instead show a straight edge where the soft band ends, for a part
of the line only. Texture has edges, too, but none that keeps its sign along a straight stretch:
so signed differences are averaged along stretches, and the strongest near a line is compared with
the strongest at places inside the windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.colour import lab_of
from generation.plan.handover import hand_over_lines
from generation.plan.stitch import Stitch
from zones.geometry import Rect

STRETCH_PX = 32
"""Length over which a difference has to keep its sign to count as an edge."""

PERCENTILE = 99.0
"""A line is cut when its edge exceeds this percentile of places inside windows."""

_BOX_PX = 3
_KNOWN = 0.75
_BANK_PX = 8
_SPACING_PX = 4
_LEAST_PLACES = 20

_Floats = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Straight edges along the hand-over lines of a map.

    Attributes:
        edge: mean over lines of the strongest edge near the line over that at other places.
        share: share of lines that are cut.
        edge_max: the largest such ratio.
    """

    edge: float | None
    share: float | None
    edge_max: float | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A hand-over line in a picture that was turned so that it runs down."""

    at: int
    start: int
    stop: int
    reach_px: int


def measure_cuts(
    stitch: Stitch, picture: npt.NDArray[np.uint8], zones: npt.NDArray[np.uint8], stencils: _Mask
) -> Cuts:
    """Look for straight edges along every hand-over line.

    Args:
        stitch: the finished windows.
        picture: the stitched map, uint8 (h, w, 3).
        zones: uint8 (h, w); painted borders are left out.
        stencils: bool (h, w); stencils and their banks are left out.
    """
    banks = np.ones((2 * _BANK_PX + 1,) * 2, np.uint8)
    open_ground = cv2.dilate(stencils.astype(np.uint8), banks) == 0
    lab = lab_of(picture)
    ratios: list[float] = []
    cut: list[bool] = []
    for vertical in (True, False):
        lines = list(_lines_of(stitch, vertical=vertical))
        edges = _edges(
            _turned(lab, vertical), _turned(zones, vertical), _turned(open_ground, vertical)
        )
        for near, elsewhere in _compared(edges, lines):
            ratios.append(near / float(np.mean(elsewhere)))
            cut.append(near > float(np.percentile(elsewhere, PERCENTILE)))
    if not ratios:
        return Cuts(None, None, None)
    return Cuts(float(np.mean(ratios)), float(np.mean(cut)), max(ratios))


def _turned(array: npt.NDArray[Any], vertical: bool) -> npt.NDArray[Any]:
    return array if vertical else np.ascontiguousarray(np.swapaxes(array, 0, 1))


def _lines_of(stitch: Stitch, *, vertical: bool) -> Iterator[_Line]:
    grid = stitch.grid
    if grid.overlap_px:
        for line in hand_over_lines(stitch):
            if line.vertical == vertical:
                yield _Line(line.at, line.start, line.stop, line.band_px // 2 + 2)
        return
    for raw in stitch.windows:  # side by side: every border inside the map is a line
        area: Rect = raw.window.intersect(grid.map_rect)
        at = area.x if vertical else area.y
        if at > 0:
            stops = (area.y, area.bottom) if vertical else (area.x, area.right)
            yield _Line(at, *stops, 2)


def _edges(lab: _Floats, zones: npt.NDArray[np.uint8], open_ground: _Mask) -> _Floats:
    """Strength of a straight edge running down between columns x - 1 and x, float32 (h, w).

    The length of the mean signed Lab difference over the stretch around each row; 0 where too
    little of it is open ground of one zone.
    """
    kernel = np.zeros((1, 2 * _BOX_PX + 1), np.float32)
    kernel[0, :_BOX_PX], kernel[0, _BOX_PX:-1] = -1.0 / _BOX_PX, 1.0 / _BOX_PX
    difference = cv2.filter2D(lab, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    span = np.ones((1, 2 * _BOX_PX), np.uint8)
    same = cv2.dilate(zones, span) == cv2.erode(zones, span)
    known = (same & (cv2.erode(open_ground.astype(np.uint8), span) > 0)).astype(np.float32)
    stretch = (1, STRETCH_PX)
    total = cv2.blur(difference * known[..., None], stretch, borderType=cv2.BORDER_CONSTANT)
    count = cv2.blur(known, stretch, borderType=cv2.BORDER_CONSTANT)
    strength = np.linalg.norm(total, axis=-1) / np.maximum(count, 1e-6)
    return np.asarray(np.where(count >= _KNOWN, strength, 0.0), np.float32)


def _compared(
    edges: _Floats, lines: list[_Line]
) -> Iterator[tuple[float, npt.NDArray[np.float64]]]:
    """For each line: the strongest edge near it, and those near all places without a line."""
    for line in lines:
        near = _strongest(edges, line, line.at)
        elsewhere = [
            _strongest(edges, other, at)
            for other in lines
            for at in range(other.reach_px, edges.shape[1] - other.reach_px, _SPACING_PX)
            if all(abs(at - each.at) > each.reach_px + other.reach_px for each in lines)
        ]
        found = np.array([value for value in elsewhere if value > 0], np.float64)
        if near > 0 and found.size >= _LEAST_PLACES:
            yield near, found


def _strongest(edges: _Floats, line: _Line, at: int) -> float:
    first = max(0, at - line.reach_px)
    part = edges[line.start : line.stop, first : at + line.reach_px + 1]
    return float(part.max(initial=0.0))
