"""How much of a new window shows where it lies over an earlier one: 0 keeps the earlier, 1 the new.

The weight of a new window is the minimum over the earlier windows it meets. It is exactly 0 where
the new window was held on a predecessor (the anchor) and exactly 1 where nothing lies below it.
Between the two runs a Gaussian ramp, so that no border of either window shows: it vanishes along
the new window's own border and reaches 1 where the earlier window ends.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect

RAMP_SIGMA = 0.35
"""Width of the two Gaussians whose ratio makes the ramp, as a share of the ramp's length."""

Weight = npt.NDArray[np.float32]


def gaussian_ramp(position: npt.NDArray[np.float32]) -> Weight:
    """Normalised ratio of two Gaussian weights, one at each end of the ramp.

    Args:
        position: 0 at the earlier window's end of the ramp, 1 at the new window's.

    Returns:
        float32 of the same shape, rising from exactly 0 to exactly 1, 0.5 in the middle.
    """
    edge = 1.0 / (1.0 + np.exp(0.5 / RAMP_SIGMA**2))
    clipped = np.clip(position, 0.0, 1.0).astype(np.float64)  # float32 misses 0 by a rounding
    ratio = 1.0 / (1.0 + np.exp((0.5 - clipped) / RAMP_SIGMA**2))
    weight = (ratio - edge) / (1.0 - 2.0 * edge)
    return np.asarray(np.clip(weight, 0.0, 1.0), dtype=np.float32)


def open_weight(window: Rect, earlier: Rect, area: Rect) -> Weight:
    """Weight where both windows were free to paint: the ramp spans the whole overlap.

    Args:
        window: the new window.
        earlier: the earlier window, in the same frame.
        area: where, inside both.

    Returns:
        float32 (area.height, area.width) in [0, 1].
    """
    own, other = _border_distances(window, earlier, earlier.intersect(window), area)
    return gaussian_ramp(_position(own, other))


def anchored_weight(
    window: Rect, predecessor: Rect, covered: Rect, area: Rect, soft_px: int
) -> tuple[Weight, Weight]:
    """Weight over a predecessor the new window was anchored on: the ramp spans the soft band.

    Args:
        window: the new window.
        predecessor: the predecessor's window, in the same frame.
        covered: the part of it that counts as covering (see `zones.coverage.coverage_of`).
        area: where, inside the window and `covered`.
        soft_px: width of the soft band.

    Returns:
        The weight, and the weight of pixels carved out of the anchor, whose ramp spans the whole
        covered depth; both float32 (area.height, area.width) in [0, 1].
    """
    own, other = _border_distances(window, predecessor, covered, area)
    in_band = np.minimum(own, np.maximum(np.float32(soft_px) - other, np.float32(0.0)))
    return gaussian_ramp(_position(in_band, other)), gaussian_ramp(_position(own, other))


def _border_distances(
    window: Rect, earlier: Rect, covered: Rect, area: Rect
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Distances to the new window's border inside the earlier one, and to the coverage's end.

    Only borders that really cut through the other window count: where two windows stand in one
    row, their common top and bottom are no hand-over.
    """
    own = _distance(
        area,
        _lines((window.x, window.right), (earlier.x, earlier.right)),
        _lines((window.y, window.bottom), (earlier.y, earlier.bottom)),
    )
    other = _distance(
        area,
        _lines((covered.x, covered.right), (window.x, window.right)),
        _lines((covered.y, covered.bottom), (window.y, window.bottom)),
    )
    return own, other


def _distance(
    area: Rect, columns: tuple[int, ...], rows: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """Distance from each pixel's centre to the nearest vertical or horizontal line."""
    across = _distance_along(area.x, area.width, columns)
    down = _distance_along(area.y, area.height, rows)
    return np.minimum(down[:, None], across[None, :])


def _distance_along(start: int, length: int, lines: tuple[int, ...]) -> npt.NDArray[np.float32]:
    centres = np.arange(start, start + length, dtype=np.float32) + np.float32(0.5)
    nearest = np.full(length, np.inf, dtype=np.float32)
    for line in lines:
        nearest = np.minimum(nearest, np.abs(centres - np.float32(line)))
    return nearest


def _lines(sides: tuple[int, int], within: tuple[int, int]) -> tuple[int, ...]:
    return tuple(side for side in sides if within[0] < side < within[1])


def _position(
    own: npt.NDArray[np.float32], other: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Place on the ramp: the share of the way from the new window's side to the other's end."""
    share = np.ones_like(own)
    np.divide(own, own + other, out=share, where=np.isfinite(own))
    return share
