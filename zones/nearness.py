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
    start, step = starts[:, :2], ends[:, :2] - starts[:, :2]
    reach = np.maximum(starts[:, 2], ends[:, 2]) / 2 + 1
    crossing = _cross(start, step, low, high)
    outside = [np.clip(points[:, :2], low, high) - points[:, :2] for points in (starts, ends)]
    distances = [np.hypot(gap[:, 0], gap[:, 1]) for gap in outside]
    for corner in ((low[0], low[1]), (high[0], low[1]), (low[0], high[1]), (high[0], high[1])):
        gap = np.array(corner) - start
        share = (gap * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), _TINY)
        gap -= np.clip(share, 0, 1)[:, None] * step
        distances.append(np.hypot(gap[:, 0], gap[:, 1]))
    return np.asarray(crossing | (np.min(distances, axis=0) < reach))


def _cross(start: _Floats, step: _Floats, low: _Floats, high: _Floats) -> npt.NDArray[np.bool_]:
    """Which stretches of line meet the box from `low` to `high` (slab test)."""
    safe = np.where(np.abs(step) < _TINY, _TINY, step)
    one, other = (low - start) / safe, (high - start) / safe
    enter = np.minimum(one, other).max(axis=1)
    leave = np.maximum(one, other).min(axis=1)
    return np.asarray(np.maximum(enter, 0) <= np.minimum(leave, 1))
