"""Reading what was painted on a map, and what a window sees of it beyond the map's rim.

Beyond an unwrapped rim zones repeat the nearest pixel, nothing is protected, and strokes go on as
they are drawn; beyond a wrapped rim everything repeats with the map's period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Grid
from zones.strokes import Stroke

_Pixel = TypeVar("_Pixel", bound=np.generic)


class MapReader(Protocol):
    """What the compiler asks of a painted map.

    Pixel rectangles always lie inside the map; callers may not change the arrays they get.
    """

    @property
    def width_px(self) -> int:
        """Width of the map."""

    @property
    def height_px(self) -> int:
        """Height of the map."""

    def read_zones(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Zone ids, uint8 (rect.height, rect.width); 0 is unpainted."""

    def read_protect(self, rect: Rect) -> npt.NDArray[np.bool_]:
        """Where no run may change a pixel, bool (rect.height, rect.width)."""

    def read_art(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """RGB uint8 (rect.height, rect.width, 3) that protected pixels keep; else anything."""

    def strokes_in(self, rect: Rect) -> tuple[Stroke, ...]:
        """Strokes whose bounds touch a rectangle, in paint order.

        Strokes are not bound to the map, and this rectangle is not either.
        """


@dataclass(frozen=True, eq=False)
class ArrayMap:
    """A painted map held in plain arrays: the map reader of samples, lab and tests.

    Attributes:
        zones: uint8 (h, w) ids.
        strokes: in paint order.
        protect: bool (h, w), or None where nothing is protected.
        art: uint8 (h, w, 3) RGB of the protected pixels, or None.

    Raises:
        InputError: shapes or types do not fit together.
    """

    zones: npt.NDArray[np.uint8]
    strokes: tuple[Stroke, ...] = ()
    protect: npt.NDArray[np.bool_] | None = None
    art: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if self.zones.ndim != 2 or self.zones.dtype != np.uint8:  # noqa: PLR2004 - rows, columns
            raise InputError("Zones must be a two-dimensional picture of bytes.")
        shape = self.zones.shape
        if self.protect is not None and not _fits(self.protect, shape, np.bool_):
            raise InputError("The protect mask must be boolean and as large as the zones.")
        if self.art is not None and not _fits(self.art, (*shape, 3), np.uint8):
            raise InputError("The art must be RGB bytes and as large as the zones.")
        if self.protect is not None and self.art is None and self.protect.any():
            raise InputError("Protected pixels need the art that they keep; give it too.")

    @property
    def width_px(self) -> int:
        """Width of the map."""
        return int(self.zones.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the map."""
        return int(self.zones.shape[0])

    def read_zones(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Zone ids, uint8 (rect.height, rect.width)."""
        return self.zones[self._slices(rect)]

    def read_protect(self, rect: Rect) -> npt.NDArray[np.bool_]:
        """Protected pixels, bool (rect.height, rect.width)."""
        if self.protect is None:
            return np.zeros(rect.shape, dtype=np.bool_)
        return self.protect[self._slices(rect)]

    def read_art(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Art of protected pixels, uint8 (rect.height, rect.width, 3)."""
        if self.art is None:
            return np.zeros((*rect.shape, 3), dtype=np.uint8)
        return self.art[self._slices(rect)]

    def strokes_in(self, rect: Rect) -> tuple[Stroke, ...]:
        """Strokes whose bounds touch a rectangle, in paint order."""
        return tuple(stroke for stroke in self.strokes if stroke.touches(rect))

    def _slices(self, rect: Rect) -> tuple[slice, slice]:
        whole = Rect(0, 0, self.width_px, self.height_px)
        if not whole.contains(rect):
            raise ValueError(f"{rect} is not inside the map of {whole.width} x {whole.height} px")
        return rect.slices_in(whole)


def read_extended_zones(reader: MapReader, grid: Grid, rect: Rect) -> npt.NDArray[np.uint8]:
    """Zone ids of any rectangle in the unwrapped map frame, uint8 (rect.height, rect.width)."""
    return _extended(reader.read_zones, grid, rect)


def read_extended_art(reader: MapReader, grid: Grid, rect: Rect) -> npt.NDArray[np.uint8]:
    """Art of any rectangle in the unwrapped map frame, uint8 (rect.height, rect.width, 3)."""
    return _extended(reader.read_art, grid, rect)


def read_extended_protect(reader: MapReader, grid: Grid, rect: Rect) -> npt.NDArray[np.bool_]:
    """Protected pixels of any rectangle, bool; False beyond an unwrapped rim."""
    inside = inside_map(grid, rect)
    if inside == rect:
        return _extended(reader.read_protect, grid, rect)
    protect = np.zeros(rect.shape, dtype=np.bool_)
    if inside.area:
        protect[inside.slices_in(rect)] = _extended(reader.read_protect, grid, inside)
    return protect


def strokes_in_extended(reader: MapReader, grid: Grid, rect: Rect) -> tuple[Stroke, ...]:
    """Strokes that touch any rectangle in the unwrapped map frame, in paint order.

    On a wrapped axis copies of a stroke appear one period apart; a stroke may be drawn beyond the
    map by up to one period.
    """
    if not (grid.wrap_x or grid.wrap_y):
        return reader.strokes_in(rect)
    shifts_x = _periods(rect.x, rect.right, grid.map_width_px) if grid.wrap_x else (0,)
    shifts_y = _periods(rect.y, rect.bottom, grid.map_height_px) if grid.wrap_y else (0,)
    drawn = reader.strokes_in(_reach(grid, rect))
    copies = (_moved(stroke, dx, dy) for stroke in drawn for dy in shifts_y for dx in shifts_x)
    return tuple(stroke for stroke in copies if stroke.touches(rect))


def inside_map(grid: Grid, rect: Rect) -> Rect:
    """The part of a rectangle that is map: all of it on a wrapped axis."""
    x, width = (rect.x, rect.width) if grid.wrap_x else (0, grid.map_width_px)
    y, height = (rect.y, rect.height) if grid.wrap_y else (0, grid.map_height_px)
    return rect.intersect(Rect(x, y, width, height))


def _fits(array: npt.NDArray[Any], shape: tuple[int, ...], dtype: npt.DTypeLike) -> bool:
    return array.shape == shape and array.dtype == np.dtype(dtype)


def _extended(
    read: Callable[[Rect], npt.NDArray[_Pixel]], grid: Grid, rect: Rect
) -> npt.NDArray[_Pixel]:
    """Read a rectangle that may reach beyond the map: repeat the rim, or wrap."""
    if grid.map_rect.contains(rect):
        return read(rect)
    columns = tuple(_spans(rect.x, rect.right, grid.map_width_px, wrap=grid.wrap_x))
    rows = tuple(_spans(rect.y, rect.bottom, grid.map_height_px, wrap=grid.wrap_y))
    parts = [
        np.concatenate([read(Rect(x0, y0, x1 - x0, y1 - y0)) for x0, x1 in columns], axis=1)
        for y0, y1 in rows
    ]
    return _padded(np.concatenate(parts, axis=0), grid, rect)


def _padded(found: npt.NDArray[_Pixel], grid: Grid, rect: Rect) -> npt.NDArray[_Pixel]:
    """Repeat the outermost pixels on the sides where the rectangle passes an unwrapped rim."""
    left, right = (0, 0) if grid.wrap_x else _beyond(rect.x, rect.right, grid.map_width_px)
    top, bottom = (0, 0) if grid.wrap_y else _beyond(rect.y, rect.bottom, grid.map_height_px)
    if not (left or right or top or bottom):
        return found
    plain = found.view(np.uint8) if found.dtype == np.bool_ else found
    padded = cv2.copyMakeBorder(plain, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded).view(found.dtype)


def _spans(start: int, stop: int, side: int, *, wrap: bool) -> Iterator[tuple[int, int]]:
    """Stretches of [0, side) that [start, stop) reads along one axis, in order."""
    if not wrap:
        first = min(max(start, 0), side - 1)
        yield first, max(min(stop, side), first + 1)
        return
    while start < stop:
        origin = start % side
        length = min(stop - start, side - origin)
        yield origin, origin + length
        start += length


def _beyond(start: int, stop: int, side: int) -> tuple[int, int]:
    """How many pixels of [start, stop) lie before 0 and from `side` on, less the one read there."""
    length = stop - start
    before, after = max(0, -start), max(0, stop - side)
    return min(before, length - 1), min(after, length - 1)


def _periods(start: int, stop: int, side: int) -> tuple[int, ...]:
    """Shifts by whole periods that can bring a stroke drawn in [-side, 2 side) into the stretch."""
    first, last = (start - 2 * side) // side + 1, (stop + side - 1) // side
    return tuple(k * side for k in range(first, last + 1))


def _reach(grid: Grid, rect: Rect) -> Rect:
    """Where strokes may be drawn that show in the rectangle, copies included."""
    width, height = grid.map_width_px, grid.map_height_px
    x, reach_x = (-width, 3 * width) if grid.wrap_x else (rect.x, rect.width)
    y, reach_y = (-height, 3 * height) if grid.wrap_y else (rect.y, rect.height)
    return Rect(x, y, reach_x, reach_y)


def _moved(stroke: Stroke, dx: int, dy: int) -> Stroke:
    if not (dx or dy):
        return stroke
    return Stroke(stroke.kind, stroke.points + np.array([dx, dy, 0.0]), stroke.mu, stroke.flow)
