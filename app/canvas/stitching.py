"""Pictures of the finished map: stitched regions, halved as often as a mip level asks for."""

from __future__ import annotations

import cv2
import numpy as np

from app.canvas.pieces import Pixels, Pyramid
from generation.plan.stitch import Stitch
from zones.geometry import Rect

CELL_PX = 1024
"""Side of the cells from which levels beyond `CELL_LEVEL` are put together, map px."""

CELL_LEVEL = 2
"""A cell is one piece of this level."""

OVERVIEW_LEVEL = 5
"""Mip level that is kept of all finished art; coarser ones are made from it."""

Pictures = dict[int, Pixels]
"""By level, (h, w, 4) with alpha 0 where nothing is finished."""


def stitched(stitch: Stitch, rect: Rect) -> Pixels | None:
    """A region of the finished map.

    Args:
        stitch: of the finished tiles.
        rect: inside the map, map px.

    Returns:
        (h, w, 4) with alpha 0 where nothing is finished; None where that is so throughout.

    Raises:
        InputError: a tile's file is missing or damaged.
    """
    if not stitch.layers(rect) and not _protects(stitch, rect):
        return None
    region = stitch.region(rect)
    if not region.covered.any():
        return None
    out = np.empty((*rect.shape, 4), dtype=np.uint8)
    out[..., :3] = region.rgb[..., ::-1]
    out[..., 3] = np.where(region.covered, 255, 0)
    return out


def pictures(stitch: Stitch, rect: Rect, levels: range) -> Pictures | None:
    """A region of the finished map at several mip levels.

    Args:
        stitch: of the finished tiles.
        rect: map px; its corner lies on a px of every level, its other sides too or on the rim.
        levels: wanted.

    Returns:
        None where nothing is finished.

    Raises:
        InputError: a tile's file is missing or damaged.
    """
    whole = stitched(stitch, rect)
    if whole is None:
        return None
    if 0 in levels:
        return {0: whole}
    found: Pictures = {}
    for level in levels:
        whole = shrunk(whole, level) if not found else shrunk(whole, 1)
        found[level] = whole
    return found


def shrunk(pixels: Pixels, times: int) -> Pixels:
    """Pixels halved so many times; an odd rim is repeated."""
    side = 1 << times
    down, across = -pixels.shape[0] % side, -pixels.shape[1] % side
    if down or across:
        pixels = np.pad(pixels, ((0, down), (0, across), (0, 0)), mode="edge")
    size = pixels.shape[1] >> times, pixels.shape[0] >> times
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


class ArtOverview:
    """All finished art at one coarse level, in squares that exist where there is any.

    Args:
        pyramid: of the map.
    """

    def __init__(self, pyramid: Pyramid) -> None:
        self._size = Rect(0, 0, *pyramid.size(OVERVIEW_LEVEL))
        self._squares: dict[tuple[int, int], Pixels] = {}

    def __bool__(self) -> bool:
        return bool(self._squares)

    @property
    def nbytes(self) -> int:
        """Bytes of memory of all squares."""
        return sum(square.nbytes for square in self._squares.values())

    def write(self, area: Rect, pixels: Pixels | None) -> None:
        """Put pixels, or nothing, into a part of the level."""
        for at, square in self._places(area):
            part = square.intersect(area)
            held = self._squares.get(at)
            if held is None and pixels is None:
                continue
            if held is None:
                held = self._squares[at] = np.zeros((_SQUARE_PX, _SQUARE_PX, 4), dtype=np.uint8)
            held[part.slices_in(square)] = 0 if pixels is None else pixels[part.slices_in(area)]

    def picture(self, level: int, area: Rect) -> Pixels:
        """A part of any level: halved from the overview, or enlarged from it.

        Args:
            level: mip level.
            area: in px of the level, inside the map.

        Returns:
            (area.height, area.width, 4); of strides 0 where there is nothing.
        """
        if level < OVERVIEW_LEVEL:
            return self._enlarged(area, OVERVIEW_LEVEL - level)
        up = level - OVERVIEW_LEVEL
        source = Rect(area.x << up, area.y << up, area.width << up, area.height << up)
        out: Pixels | None = None
        for at, square in self._places(source):
            held = self._squares.get(at)
            if held is None:
                continue
            if out is None:
                out = np.zeros((*area.shape, 4), dtype=np.uint8)
            part = square.intersect(source)
            small = shrunk(held[part.slices_in(square)], up) if up else held[part.slices_in(square)]
            place = Rect(part.x >> up, part.y >> up, small.shape[1], small.shape[0])
            out[place.slices_in(area)] = small
        return (
            np.broadcast_to(np.zeros(4, dtype=np.uint8), (*area.shape, 4)) if out is None else out
        )

    def _enlarged(self, area: Rect, times: int) -> Pixels:
        x, y = area.x >> times, area.y >> times
        right, bottom = -(-area.right >> times), -(-area.bottom >> times)
        around = Rect(x, y, right - x, bottom - y)
        small = self.picture(OVERVIEW_LEVEL, around)
        if not any(small.strides[:2]):
            return np.broadcast_to(small[0, 0], (*area.shape, 4))
        size = (around.width << times, around.height << times)
        large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
        whole = Rect(x << times, y << times, *size)
        return np.ascontiguousarray(np.asarray(large, dtype=np.uint8)[area.slices_in(whole)])

    def _places(self, area: Rect) -> list[tuple[tuple[int, int], Rect]]:
        inside = area.intersect(self._size) if area.area else area
        if not inside.area:
            return []
        side = _SQUARE_PX
        return [
            ((column, row), Rect(column * side, row * side, side, side))
            for row in range(inside.y // side, (inside.bottom - 1) // side + 1)
            for column in range(inside.x // side, (inside.right - 1) // side + 1)
        ]


_SQUARE_PX = 128


def _protects(stitch: Stitch, rect: Rect) -> bool:
    reader = stitch.reader
    return reader is not None and bool(reader.read_protect(rect).any())
