"""Straight cuts: edges that run along a hand-over line, wherever in its blend they lie.

The step of a seam is taken at the middle of the blend and over the whole line. A window that
disagrees with its neighbour can instead show a straight edge where the soft band ends, for a part
of the line only. Texture has edges, too, but none that keeps its sign along a straight stretch: so
signed differences are averaged along stretches, and the strongest one in the blend is compared with
the strongest at places inside windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.strips import Strip

STRETCH_PX = 32
"""Length over which a difference has to keep its sign to count as an edge."""

_BOX_PX = 3
_BEYOND_PX = 2
"""How far beyond the blend an edge still counts as the line's."""

_KNOWN = 0.75
"""Share of a stretch that has to be open ground of one zone."""

_SPACING_PX = 4
_LEAST_PLACES = 10

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The strongest straight edge of a hand-over line.

    Attributes:
        edge: over the mean of the strongest edges at places inside the windows, 1.0 = nothing to
            see; None where too little open ground is crossed.
        interior: the same ratio at each of those places, about 1.
    """

    edge: float | None
    interior: _Floats


def measure_cut(strip: Strip) -> Cut:
    """Look for a straight edge along one hand-over line in the stitched map."""
    reach = strip.band_px // 2 + _BEYOND_PX
    edges = _edges(strip)
    near = float(edges[:, max(0, strip.at - reach) : strip.at + reach].max(initial=0.0))
    inside = np.where(strip.alone, edges, np.float32(0))
    columns = np.arange(reach, edges.shape[1] - reach + 1, _SPACING_PX)
    columns = columns[np.abs(columns - strip.at) > 2 * reach]
    found = np.array(
        [inside[:, column - reach : column + reach].max(initial=0.0) for column in columns]
    )
    found = found[found > 0].astype(np.float64)
    if near == 0 or found.size < _LEAST_PLACES:
        return Cut(None, np.empty(0))
    usual = float(found.mean())
    return Cut(near / usual, found / usual)


def _edges(strip: Strip) -> npt.NDArray[np.float32]:
    """Strength of a straight edge running down left of each column, float32 (length, width).

    The length of the mean signed Lab difference over the stretch around each row; 0 where too
    little of it is open ground of one zone.
    """
    lab, zones = np.ascontiguousarray(strip.lab), np.ascontiguousarray(strip.zones)
    kernel = np.zeros((1, 2 * _BOX_PX + 1), np.float32)
    kernel[0, :_BOX_PX], kernel[0, _BOX_PX:-1] = -1.0 / _BOX_PX, 1.0 / _BOX_PX
    difference = cv2.filter2D(lab, cv2.CV_32F, kernel, borderType=cv2.BORDER_REPLICATE)
    span = np.ones((1, 2 * _BOX_PX), np.uint8)
    counts = np.ascontiguousarray(strip.counts).astype(np.uint8)
    same = cv2.dilate(zones, span) == cv2.erode(zones, span)
    known = (same & (cv2.erode(counts, span) > 0)).astype(np.float32)
    stretch = (1, STRETCH_PX)
    total = cv2.blur(difference * known[..., None], stretch, borderType=cv2.BORDER_CONSTANT)
    count = cv2.blur(known, stretch, borderType=cv2.BORDER_CONSTANT)
    strength = np.linalg.norm(total, axis=-1) / np.maximum(count, 1e-6)
    return np.asarray(np.where(count >= _KNOWN, strength, 0.0), np.float32)
