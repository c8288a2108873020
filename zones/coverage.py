"""Where finished neighbours cover a window: coverage, anchor and soft band as rectangles.

The depth of a pixel inside a predecessor's window is the distance in px from the pixel's *centre*
to the nearest edge of that window, so the outermost pixels have depth 0.5. Depths k + 0.5 up to
`soft_px` make exactly `soft_px` columns (or rows) of soft band; deeper pixels, depth > `soft_px`,
are the anchor. With overlap = anchor + soft exactly `anchor_px` columns of a side neighbour are
anchor. As windows are rectangles, the anchor of one predecessor is its window less `soft_px` on
every side: no distance transform is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zones.geometry import Rect
from zones.grid import TileCoord
from zones.settings import CompileSettings


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A finished neighbour that a window is anchored on.

    Attributes:
        tile: the neighbour.
        window: its window in the unwrapped map frame of the window being compiled.
    """

    tile: TileCoord
    window: Rect


def closes_gap(rect: Rect, predecessors: Sequence[Predecessor]) -> bool:
    """Whether a window has finished neighbours on opposite sides (so also on three or four)."""
    sides = {_side(rect, predecessor.window) for predecessor in predecessors}
    return {(-1, 0), (1, 0)} <= sides or {(0, -1), (0, 1)} <= sides


def coverage_of(
    rect: Rect,
    predecessors: Sequence[Predecessor],
    settings: CompileSettings,
    *,
    closing: bool | None = None,
) -> tuple[Rect, ...]:
    """What each predecessor counts as covering, as seen from one window.

    That is its window; for a closing window in the layout `anchored` it is cut where it reaches
    further than `closing_anchor_px + soft_px` into the window, so most of the core is free.

    Args:
        rect: the window, in the unwrapped map frame.
        predecessors: its finished neighbours.
        settings: layout and widths.
        closing: treat the window as closing (a late re-roll) or not; None decides by its sides.

    Returns:
        One rectangle per predecessor that shares pixels with the window, in the same frame.
    """
    windows = [found.window for found in predecessors if found.window.intersect(rect).area]
    thin = settings.closing_anchor_px
    if closing is None:
        closing = closes_gap(rect, predecessors)
    if closing and thin is not None and settings.layout == "anchored":
        reach = min(thin, settings.anchor_px) + settings.soft_px
        windows = [_cut(window, rect, reach) for window in windows]
    return tuple(windows)


def anchor_of(covered: Rect, soft_px: int) -> Rect:
    """The pixels of a covered rectangle that are deeper than the soft band (perhaps none)."""
    if min(covered.width, covered.height) <= 2 * soft_px:
        return Rect(covered.x, covered.y, 0, 0)
    return covered.grown(-soft_px)


def _side(rect: Rect, window: Rect) -> tuple[int, int]:
    """On which side of a window another one lies: -1, 0 or 1 along x and y."""
    dx, dy = window.x - rect.x, window.y - rect.y
    return (dx > 0) - (dx < 0), (dy > 0) - (dy < 0)


def _cut(window: Rect, rect: Rect, reach_px: int) -> Rect:
    """A neighbour's window, cut where it reaches deeper than `reach_px` into `rect`."""
    left, right, top, bottom = window.x, window.right, window.y, window.bottom
    to_x, to_y = _side(rect, window)
    if to_x < 0:
        right = min(right, rect.x + reach_px)
    elif to_x > 0:
        left = max(left, rect.right - reach_px)
    if to_y < 0:
        bottom = min(bottom, rect.y + reach_px)
    elif to_y > 0:
        top = max(top, rect.bottom - reach_px)
    return Rect(left, top, max(0, right - left), max(0, bottom - top))
