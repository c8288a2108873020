"""Hand-over lines: where one window's pixels end and the next one's begin in the stitched map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from generation.plan.stitch import RawWindow, Stitch
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.reader import inside_map


@dataclass(frozen=True, slots=True, eq=False)
class HandOverLine:
    """The straight line in the middle of the blend between two windows.

    Attributes:
        earlier: the window below.
        later: the window above, in its own place of the map.
        vertical: whether the line runs down (between columns) or across (between rows).
        at: the line lies between the pixels `at - 1` and `at` of its axis.
        start: first pixel along the line.
        stop: one beyond the last.
        band_px: width of the blend around it: the soft band, or the whole overlap.
    """

    earlier: RawWindow
    later: RawWindow
    vertical: bool
    at: int
    start: int
    stop: int
    band_px: int

    @property
    def tiles(self) -> tuple[TileCoord, TileCoord]:
        """The earlier and the later tile."""
        return self.earlier.tile, self.later.tile

    def strip(self, reach_px: int) -> Rect:
        """The line's surroundings: `reach_px` to each side."""
        length = self.stop - self.start
        if self.vertical:
            return Rect(self.at - reach_px, self.start, 2 * reach_px, length)
        return Rect(self.start, self.at - reach_px, length, 2 * reach_px)


def hand_over_lines(stitch: Stitch, near: Rect | None = None) -> Iterator[HandOverLine]:
    """Every hand-over line that shows in the map, from its first pixel shown to its last.

    A line ends at the map's unwrapped rim and where later windows hide it. In between it may be
    hidden in places; `Stitch.owners` tells.

    Args:
        stitch: the finished windows.
        near: only lines that touch this rectangle, in map px.
    """
    touching = None if near is None else {at.tile for at in stitch.grid.windows_touching(near)}
    for raw in stitch.windows:
        if touching is not None and raw.tile not in touching:
            continue
        for line in _lines_under(stitch, raw):
            if near is None or meets(stitch.grid, line.strip(1), near):
                yield line


def meets(grid: Grid, rect: Rect, other: Rect) -> bool:
    """Whether two rectangles share pixels of the map, wherever on a wrapped map each is placed."""
    dx, dy = other.x - rect.x - rect.width, other.y - rect.y - rect.height
    width, height = grid.map_width_px, grid.map_height_px
    x = (dx // width + 1) * width if grid.wrap_x else 0
    y = (dy // height + 1) * height if grid.wrap_y else 0
    return rect.shifted(x, y).intersect(other).area > 0


def _lines_under(stitch: Stitch, raw: RawWindow) -> Iterator[HandOverLine]:
    """The lines along which a window lies over earlier ones."""
    layers = stitch.layers(raw.window)
    for index, layer in enumerate(layers):
        if layer.tile == raw.tile and layer.window == raw.window:
            for below in layers[:index]:
                yield from _lines_between(stitch, below, layer)


def carved_line(line: HandOverLine) -> HandOverLine | None:
    """Where the same two windows hand over inside strokes that carve-out made free.

    There the blend runs through the whole covered depth, not through the soft band alone.

    Returns:
        The line in the middle of that depth; None where the later window carved nothing.
    """
    anchor = line.later.anchor_on(line.earlier)
    if anchor is None or line.later.carved is None:
        return None
    area = anchor.covered.intersect(line.later.window)
    first, last = (area.x, area.right) if line.vertical else (area.y, area.bottom)
    return replace(line, at=(first + last) // 2, band_px=last - first)


def _lines_between(stitch: Stitch, below: RawWindow, raw: RawWindow) -> Iterator[HandOverLine]:
    anchor = raw.anchor_on(below)
    covered = below.window if anchor is None else anchor.covered
    area = covered.intersect(raw.window)
    diagonal = below.window.x != raw.window.x and below.window.y != raw.window.y
    if not area.area or (anchor is None and diagonal):
        return
    for vertical in (True, False):
        at, band_px = _line_at(area, raw.window, vertical, raw.soft_px if anchor else None)
        if at is None:
            continue
        line = HandOverLine(
            below,
            raw,
            vertical,
            at,
            area.y if vertical else area.x,
            area.bottom if vertical else area.right,
            band_px,
        )
        shown = _shown(stitch, line)
        if shown is not None and (not diagonal or shown.stop - shown.start >= band_px):
            yield shown


def _shown(stitch: Stitch, line: HandOverLine) -> HandOverLine | None:
    """The stretch of a line that lies on the map and is not hidden under later windows."""
    rect = inside_map(stitch.grid, line.strip(1))
    if not rect.area:
        return None
    owners = stitch.owners(rect)
    owner = owners.owner if line.vertical else owners.owner.T
    if owner.shape[1] != 2:  # noqa: PLR2004 - one pixel on each side of the line
        return None
    places = [(raw.tile, raw.window) for raw in owners.layers]
    pair = [places.index((raw.tile, raw.window)) for raw in (line.earlier, line.later)]
    there = np.flatnonzero((np.sort(owner, axis=1) == sorted(pair)).all(axis=1))
    if not there.size:
        return None
    first = rect.y if line.vertical else rect.x
    return replace(line, start=first + int(there[0]), stop=first + int(there[-1]) + 1)


def _line_at(
    area: Rect, window: Rect, vertical: bool, soft_px: int | None
) -> tuple[int | None, int]:
    """Where the middle of the blend lies along one axis, and how wide the blend is."""
    first, last = (area.x, area.right) if vertical else (area.y, area.bottom)
    begin, end = (window.x, window.right) if vertical else (window.y, window.bottom)
    band_px = last - first if soft_px is None else soft_px
    if last < end:
        return last - band_px // 2, band_px
    if first > begin:
        return first + band_px // 2, band_px
    return None, band_px
