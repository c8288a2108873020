"""Which part of a line can show in a rectangle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

_Floats = npt.NDArray[np.float64]

_TINY = 1e-12


def stretches_near(starts: _Floats, ends: _Floats, rect: Rect) -> npt.NDArray[np.bool_]:
    """Which stretches of line come nearer to a rectangle than their width (and one px) allows.

    Args:
        starts: float64 (n, 3): x, y and full width in px where each stretch starts.
        ends: the same where it ends.
        rect: in the same space.

    Returns:
        bool (n,).
    """
    low = np.array([rect.x, rect.y], dtype=np.float64)
    high = np.array([rect.right, rect.bottom], dtype=np.float64)
    start, end = starts[:, :2], ends[:, :2]
    inside = np.asarray(((start >= low) & (start <= high)).all(axis=1))
    reach = np.maximum(starts[:, 2:], ends[:, 2:]) / 2 + 1
    beside = (np.minimum(start, end) - reach < high) & (np.maximum(start, end) + reach > low)
    doubtful = np.flatnonzero(beside.all(axis=1) & ~inside)
    near = inside.copy()
    near[doubtful] = _within(start[doubtful], end[doubtful], reach[doubtful, 0], low, high)
    return near


def _within(
    start: _Floats, end: _Floats, reach: _Floats, low: _Floats, high: _Floats
) -> npt.NDArray[np.bool_]:
    """Which stretches of line come nearer than `reach` to the box from `low` to `high`."""
    step = end - start
    outside = [np.clip(points, low, high) - points for points in (start, end)]
    distances = [np.hypot(gap[:, 0], gap[:, 1]) for gap in outside]
    for corner in ((low[0], low[1]), (high[0], low[1]), (low[0], high[1]), (high[0], high[1])):
        gap = np.array(corner) - start
        share = (gap * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), _TINY)
        gap -= np.clip(share, 0, 1)[:, None] * step
        distances.append(np.hypot(gap[:, 0], gap[:, 1]))
    crossing = _cross(start, step, low, high)
    return np.asarray(crossing | (np.min(distances, axis=0) < reach))


def _cross(start: _Floats, step: _Floats, low: _Floats, high: _Floats) -> npt.NDArray[np.bool_]:
    """Which stretches of line meet the box from `low` to `high` (slab test)."""
    safe = np.where(np.abs(step) < _TINY, _TINY, step)
    one, other = (low - start) / safe, (high - start) / safe
    enter = np.minimum(one, other).max(axis=1)
    leave = np.maximum(one, other).min(axis=1)
    return np.asarray(np.maximum(enter, 0) <= np.minimum(leave, 1))
