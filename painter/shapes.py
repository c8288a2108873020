"""Polygons on the pixel grid: a pixel is inside where its centre is, by the even-odd rule."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zones.errors import InputError
from zones.geometry import Rect

MAX_CORNERS = 10_000
_REACH_PX = 2**24
_MIN_CORNERS = 3


def checked_polygon(corners: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Corners as float64 (n, 2) in map px.

    Raises:
        InputError: fewer than three, too many, not finite or absurdly far away.
    """
    points = np.asarray(corners, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < _MIN_CORNERS:  # noqa: PLR2004
        raise InputError("a polygon needs at least three corners [x, y]; draw more")
    if len(points) > MAX_CORNERS:
        raise InputError(f"a polygon may have at most {MAX_CORNERS} corners; draw fewer")
    if not (np.abs(points) < _REACH_PX).all():
        raise InputError("a polygon's corners must lie on or near the map; move them back")
    return points


def polygon_bounds(corners: npt.NDArray[np.float64]) -> Rect:
    """The smallest rectangle of whole pixels around a polygon."""
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
    return Rect(left, top, right - left, bottom - top)


def polygon_mask(corners: npt.NDArray[np.float64], rect: Rect) -> npt.NDArray[np.bool_] | bool:
    """Which pixels of a rectangle lie inside a polygon.

    Adjacent polygons that share an edge neither overlap nor leave a gap.

    Args:
        corners: float64 (n, 2) in map px, closed by itself.
        rect: in map px.

    Returns:
        bool (rect.height, rect.width), or one bool where no edge comes near the rectangle.
    """
    starts, ends = corners, np.roll(corners, -1, axis=0)
    touching = np.minimum(starts[:, 1], ends[:, 1]) < rect.bottom
    touching &= np.maximum(starts[:, 1], ends[:, 1]) > rect.y
    near = touching & (np.maximum(starts[:, 0], ends[:, 0]) > rect.x)
    near &= np.minimum(starts[:, 0], ends[:, 0]) < rect.right
    probe = rect if near.any() else Rect(rect.x, rect.y, 1, 1)
    inside = _crossed(starts[touching], ends[touching], probe)
    return inside if near.any() else bool(inside[0, 0])


def _crossed(
    starts: npt.NDArray[np.float64], ends: npt.NDArray[np.float64], rect: Rect
) -> npt.NDArray[np.bool_]:
    """Parity of the edges to the left of each pixel's centre."""
    flips = np.zeros((rect.height, rect.width + 1), dtype=np.uint8)
    rows = np.arange(rect.y, rect.bottom) + 0.5
    for edge in zip(starts.tolist(), ends.tolist(), strict=True):
        (x0, y0), (x1, y1) = sorted(edge, key=lambda end: (end[1], end[0]))
        crossing = (rows >= y0) & (rows < y1)
        if not crossing.any():
            continue
        hit = np.flatnonzero(crossing)
        x = x0 + (rows[hit] - y0) * ((x1 - x0) / (y1 - y0))
        first = np.ceil(x - 0.5).astype(np.int64) - rect.x
        flips[hit, np.clip(first, 0, rect.width)] ^= 1
    return np.asarray(np.bitwise_xor.accumulate(flips, axis=1)[:, :-1].astype(np.bool_))
