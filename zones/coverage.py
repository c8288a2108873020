"""How far a window is covered by its finished neighbours; compiler and stitcher share the rule."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect


def covered_rect(window: Rect, predecessor: Rect, reach_px: int | None = None) -> Rect:
    """The part of `window` that a predecessor's window covers.

    Args:
        window: the window being painted.
        predecessor: the predecessor's window in the same frame.
        reach_px: how far coverage may reach into the window from the border the predecessor
            comes in by (closing tiles: closing anchor + soft band); None for all of it.

    Returns:
        A rectangle inside `window`, empty where they do not meet.
    """
    x, width = _covered_span(window.x, window.right, predecessor.x, predecessor.right, reach_px)
    y, height = _covered_span(window.y, window.bottom, predecessor.y, predecessor.bottom, reach_px)
    if not width or not height:
        return Rect(x, y, 0, 0)
    return Rect(x, y, width, height)


def depth_inside(
    rect: Rect, width_sides: tuple[bool, bool], height_sides: tuple[bool, bool]
) -> npt.NDArray[np.float32]:
    """Distance in px from each pixel's centre to the nearest counted side of a rectangle.

    Args:
        rect: the rectangle.
        width_sides: whether the left and the right side count.
        height_sides: whether the top and the bottom side count.

    Returns:
        float32 (rect.height, rect.width); infinite where no side counts.
    """
    columns = _span_depth(rect.width, width_sides)
    rows = _span_depth(rect.height, height_sides)
    return np.minimum(rows[:, None], columns[None, :])


def _span_depth(length: int, sides: tuple[bool, bool]) -> npt.NDArray[np.float32]:
    centre = np.arange(length, dtype=np.float32) + np.float32(0.5)
    depth = np.full(length, np.inf, dtype=np.float32)
    if sides[0]:
        depth = np.minimum(depth, centre)
    if sides[1]:
        depth = np.minimum(depth, np.float32(length) - centre)
    return depth


def _covered_span(
    start: int, stop: int, from_: int, to: int, reach_px: int | None
) -> tuple[int, int]:
    """First pixel and length of the covered part of [start, stop) along one axis."""
    first, last = max(start, from_), min(stop, to)
    if reach_px is not None:
        if from_ < start:
            last = min(last, start + reach_px)
        elif to > stop:
            first = max(first, stop - reach_px)
    return first, max(0, last - first)
