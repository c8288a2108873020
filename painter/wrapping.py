"""Shapes on a map that closes on itself: what reaches over an edge goes on at the opposite one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import product

from painter.manifest import Wrap
from zones.geometry import Rect

MAX_COPIES = 64
"""Copies of a shape along one axis; one that is wider than so many maps is cut."""


def shifts(bounds: Rect, map_rect: Rect, wrap: Wrap) -> Iterator[tuple[int, int]]:
    """The (dx, dy) in px by which a shape must be moved to lie on the map, once for each part.

    Args:
        bounds: of the shape, in map px; may lie beyond the map.
        map_rect: the whole map.
        wrap: sides on which the map closes on itself.
    """
    across = _axis(bounds.x, bounds.right, map_rect.width, wraps="x" in wrap)
    down = _axis(bounds.y, bounds.bottom, map_rect.height, wraps="y" in wrap)
    for dy, dx in product(down, across):
        yield dx, dy


def parts(rect: Rect, map_rect: Rect, wrap: Wrap) -> Iterator[Rect]:
    """The parts of the map that a rectangle covers."""
    for dx, dy in shifts(rect, map_rect, wrap):
        inside = rect.shifted(dx, dy).intersect(map_rect)
        if inside.area:
            yield inside


def around(rects: Iterable[Rect]) -> Rect:
    """The smallest rectangle around some; an empty one where there is none."""
    found = list(rects)
    if not found:
        return Rect(0, 0, 0, 0)
    x, y = min(rect.x for rect in found), min(rect.y for rect in found)
    right, bottom = max(rect.right for rect in found), max(rect.bottom for rect in found)
    return Rect(x, y, right - x, bottom - y)


def _axis(start: int, stop: int, side: int, *, wraps: bool) -> list[int]:
    if not wraps:
        return [0]
    first, last = math.floor(-stop / side) + 1, math.ceil((side - start) / side) - 1
    return [number * side for number in range(first, min(last, first + MAX_COPIES - 1) + 1)]
