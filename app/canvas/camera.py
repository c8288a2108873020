"""Where the view looks: the map's place, size and level of detail on the screen, without Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from zones.geometry import Rect

MAX_SCALE = 64.0
"""Screen px per map px at most."""

FIT_SHARE = 0.96
"""Share of the view that a fitted map takes."""

KEEP_PX = 32.0
"""So much of the map always stays in view, logical px."""

_SHARPER = 0.25
"""Pieces are enlarged by at most two to this power before a finer level is taken."""


@dataclass(slots=True)
class Camera:
    """Converts between map px and logical screen px of one view.

    The origin always lies on a whole device px, so that the map does not swim when it is moved.

    Attributes:
        map_size: width and height, map px.
        view_size: width and height, logical px.
        ratio: device px per logical px.
        scale: logical screen px per map px.
        x: map px at the view's left edge.
        y: map px at its top edge.
    """

    map_size: tuple[int, int] = (1, 1)
    view_size: tuple[float, float] = (1.0, 1.0)
    ratio: float = 1.0
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def device_scale(self) -> float:
        """Device px per map px."""
        return self.scale * self.ratio

    @property
    def device_origin(self) -> tuple[int, int]:
        """The view's top left corner in device px of the whole scaled map."""
        return round(self.x * self.device_scale), round(self.y * self.device_scale)

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole map shows."""
        (map_w, map_h), (view_w, view_h) = self.map_size, self.view_size
        return min(FIT_SHARE * min(view_w / map_w, view_h / map_h), MAX_SCALE)

    @property
    def fitted(self) -> bool:
        """Whether the whole map shows just as it is fitted: at that scale, in the middle."""
        other = replace(self)
        other.show(Rect(0, 0, *self.map_size))
        return other == self

    @property
    def least_scale(self) -> float:
        """The smallest scale."""
        return min(self.fit_scale / 2, 1.0)

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Map px under a point of the view."""
        return self.x + x / self.scale, self.y + y / self.scale

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Point of the view, logical px, at which a place of the map is shown."""
        return (x - self.x) * self.scale, (y - self.y) * self.scale

    def rect_of(self, x: float, y: float, width: float, height: float) -> Rect:
        """Whole map px that meet a rectangle of the view; may reach beyond the map."""
        left, top = self.to_map(x, y)
        right, bottom = self.to_map(x + width, y + height)
        x0, y0 = math.floor(left), math.floor(top)
        return Rect(x0, y0, max(0, math.ceil(right) - x0), max(0, math.ceil(bottom) - y0))

    def visible(self) -> Rect:
        """The part of the map that shows, map px; of no area where none does."""
        return self.rect_of(0, 0, *self.view_size).intersect(Rect(0, 0, *self.map_size))

    def level(self, levels: int) -> int:
        """The mip level to draw with: its px are about as large as a device px, or smaller.

        Args:
            levels: number of levels there are.
        """
        wanted = math.floor(math.log2(1 / self.device_scale) + _SHARPER)
        return min(max(wanted, 0), levels - 1)

    def zoom(self, scale: float, x: float, y: float) -> None:
        """Take another scale; the place under the view's point (x, y) stays there."""
        at = self.to_map(x, y)
        self.scale = min(max(scale, self.least_scale), MAX_SCALE)
        self.place(at[0] - x / self.scale, at[1] - y / self.scale)

    def pan(self, dx: float, dy: float) -> None:
        """Move the map by (dx, dy) logical px."""
        self.place(self.x - dx / self.scale, self.y - dy / self.scale)

    def place(self, x: float, y: float) -> None:
        """Put a place of the map into the top left corner, as far as the map stays in view."""
        self.x = self._snapped(_held(x, self.map_size[0], self.view_size[0], self.scale))
        self.y = self._snapped(_held(y, self.map_size[1], self.view_size[1], self.scale))

    def show(self, rect: Rect, share: float = FIT_SHARE) -> None:
        """Show a rectangle of the map in the middle, as large as it fits."""
        view_w, view_h = self.view_size
        scale = share * min(view_w / max(1, rect.width), view_h / max(1, rect.height))
        self.scale = min(max(scale, self.least_scale), MAX_SCALE)
        self.centre(rect.x + rect.width / 2, rect.y + rect.height / 2)

    def centre(self, x: float, y: float) -> None:
        """Put a place of the map into the middle of the view."""
        view_w, view_h = self.view_size
        self.place(x - view_w / 2 / self.scale, y - view_h / 2 / self.scale)

    def resize(self, width: float, height: float, ratio: float) -> None:
        """Take another size of the view; what was in its middle stays there."""
        view_w, view_h = self.view_size
        middle = self.to_map(view_w / 2, view_h / 2)
        self.view_size, self.ratio = (max(width, 1.0), max(height, 1.0)), ratio
        self.scale = min(max(self.scale, self.least_scale), MAX_SCALE)
        self.centre(*middle)

    def _snapped(self, value: float) -> float:
        return round(value * self.device_scale) / self.device_scale


def _held(start: float, map_px: int, view_px: float, scale: float) -> float:
    """A start along one axis at which enough of the map is in view."""
    keep = min(KEEP_PX, map_px * scale) / scale
    return min(max(start, keep - view_px / scale), map_px - keep)
