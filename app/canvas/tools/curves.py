"""Geometry of strokes for the tools that draw and edit them; no toolkit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from painter.splines import handles_of
from painter.stroke_editing import Handle
from zones.geometry import Rect
from zones.strokes import Stroke

_Floats = npt.NDArray[np.float64]

_CHUNK = 64
"""Points of a stroke whose bounds are told together."""

_MARGIN_PX = 2
_SAME_PX = 0.05
"""Sampled points are rounded, so a handle is found among them to within this."""


def changed_rects(before: Stroke | None, after: Stroke | None) -> list[Rect]:
    """Where a map looks different when one stroke takes the place of another.

    Args:
        before: the old stroke; None where there was none.
        after: the new stroke; None where it is gone.
    """
    if before is None or after is None or _looks_differ(before, after):
        return [rect for one in (before, after) if one is not None for rect in rects_of(one.points)]
    old, new = before.points, after.points
    common = min(len(old), len(new))
    equal = (old[:common] == new[:common]).all(axis=1)
    head = common if equal.all() else int(np.argmin(equal))
    equal = (old[::-1][:common] == new[::-1][:common]).all(axis=1)
    tail = common if equal.all() else int(np.argmin(equal))
    if head == len(old) == len(new):
        return []
    return [
        rect
        for points in (old, new)
        for rect in rects_of(points[max(head - 2, 0) : max(len(points) - tail, head) + 2])
    ]


def rects_of(points: _Floats) -> list[Rect]:
    """Rectangles that together cover a line of points (n, 3) with its width."""
    rects = []
    for begin in range(0, len(points), _CHUNK):
        part = points[begin : begin + _CHUNK + 1]
        half = part[:, 2:] / 2 + _MARGIN_PX
        left, top = np.floor((part[:, :2] - half).min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil((part[:, :2] + half).max(axis=0)).astype(int).tolist()
        rects.append(Rect(left, top, right - left, bottom - top))
    return rects


def place_on(stroke: Stroke, x: float, y: float) -> tuple[int, Handle]:
    """The place on a stroke's centre line nearest to a point, as a handle to be.

    Returns:
        Number of the handle before which it comes, and x, y and width there.
    """
    handles, points = handles_of(stroke), stroke.points
    if len(points) == 1:
        return 1, (x, y, float(handles[0, 2]))
    starts, steps = points[:-1, :2], np.diff(points[:, :2], axis=0)
    squared = np.maximum((steps**2).sum(axis=1), 1e-12)
    share = np.clip((((x, y) - starts) * steps).sum(axis=1) / squared, 0, 1)
    places = starts + share[:, None] * steps
    stretch = int(np.argmin(np.hypot(places[:, 0] - x, places[:, 1] - y)))
    before, begin, end = _between(handles, points, stretch)
    along = (stretch + float(share[stretch]) - begin) / max(end - begin, 1)
    width = handles[before - 1, 2] + along * (handles[before, 2] - handles[before - 1, 2])
    near_x, near_y = places[stretch].tolist()
    return before, (near_x, near_y, float(width))


def direction_at(stroke: Stroke, x: float, y: float) -> float | None:
    """Which way a stroke runs nearest to a point, degrees clockwise from east; None for a dot."""
    steps = np.diff(stroke.points[:, :2], axis=0)
    steps = np.where(np.hypot(steps[:, :1], steps[:, 1:]) > 0, steps, np.nan)
    if not len(steps) or np.isnan(steps).all():
        return None
    middles = stroke.points[:-1, :2] + steps / 2
    nearest = int(np.nanargmin(np.hypot(middles[:, 0] - x, middles[:, 1] - y)))
    dx, dy = steps[nearest].tolist()
    return math.degrees(math.atan2(dy, dx))


def thinned(points: Sequence[Handle], tolerance_px: float) -> list[Handle]:
    """The fewest points of a drawn line that keep it within a tolerance.

    Ramer, Douglas and Peucker's rule: of a stretch, the point farthest from its chord stays
    if it is farther than the tolerance, and both halves are thinned likewise.
    """
    line = np.array(points, dtype=np.float64)
    keep = {0, len(line) - 1}
    stretches = [(0, len(line) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:  # noqa: PLR2004 - nothing in between
            continue
        chord = line[last, :2] - line[first, :2]
        offset = line[first + 1 : last, :2] - line[first, :2]
        along = np.clip((offset @ chord) / max(float(chord @ chord), 1e-12), 0, 1)
        away = np.hypot(*(offset - along[:, None] * chord).T)
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance_px:
            middle = first + 1 + farthest
            keep.add(middle)
            stretches += [(first, middle), (middle, last)]
    return [points[number] for number in sorted(keep)]


def _looks_differ(one: Stroke, other: Stroke) -> bool:
    return (one.kind, one.flow) != (other.kind, other.flow)


def _between(handles: _Floats, points: _Floats, stretch: int) -> tuple[int, int, int]:
    """Of a stretch of line: number of the handle after it, and the points at both handles."""
    begin = 0
    for number in range(1, len(handles)):
        apart = np.abs(points[begin + 1 :, :2] - handles[number, :2]).max(axis=1)
        found = np.flatnonzero(apart < _SAME_PX)
        end = begin + 1 + int(found[0]) if len(found) else len(points) - 1
        if stretch < end:
            return number, begin, end
        begin = end
    return len(handles) - 1, begin, len(points) - 1
