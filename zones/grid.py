"""Where the windows of a map stand; every conversion between coordinate spaces is made here.

Four spaces: *map* px (origin at the map's corner, unwrapped: a window beside the rim of a wrapped
map keeps coordinates beyond it), *tile* (row, col), *window* px (origin at the window's corner)
and *latent* cells of 8 px; transformer tokens are 16 px.
"""

from __future__ import annotations

from dataclasses import dataclass

from zones.errors import InputError
from zones.geometry import LATENT_PX, LATTICE_PX, Rect

MAX_MAP_PX = 1 << 20
"""Longest side of a map."""


@dataclass(frozen=True, slots=True, order=True)
class TileCoord:
    """Grid position of a window, counted from 0 at the top left."""

    row: int
    col: int

    def __str__(self) -> str:
        return f"{self.row},{self.col}"


@dataclass(frozen=True, slots=True, order=True)
class Neighbour:
    """A tile and where its window lies, seen from somewhere.

    On a wrapped map the same tile can appear several times, with different windows.

    Attributes:
        tile: the tile.
        window: its window in the asker's unwrapped map frame, px.
    """

    tile: TileCoord
    window: Rect


@dataclass(frozen=True, slots=True)
class Grid:
    """The fixed grid of square windows over a map.

    The core of tile (r, c) is the stride-sized square at (c, r) * stride; its window is the core
    grown by half the overlap on each side, so windows at the rim reach beyond the map.

    Attributes:
        map_width_px: width of the map; with `wrap_x` a multiple of the stride.
        map_height_px: height of the map; with `wrap_y` a multiple of the stride.
        window_px: side of a window, a multiple of 16.
        stride_px: distance between windows, a multiple of 16, window/2 <= stride <= window, and
            such that half the overlap is a multiple of 16 too.
        wrap_x: the map's left and right rims are neighbours.
        wrap_y: the map's top and bottom rims are neighbours.

    Raises:
        InputError: a number breaks these rules.
    """

    map_width_px: int
    map_height_px: int
    window_px: int
    stride_px: int
    wrap_x: bool = False
    wrap_y: bool = False

    def __post_init__(self) -> None:
        _check_side("width", self.map_width_px)
        _check_side("height", self.map_height_px)
        _check_lattice(self.window_px, self.stride_px)
        if self.wrap_x:
            _check_wrap("width", self.map_width_px, self.stride_px)
        if self.wrap_y:
            _check_wrap("height", self.map_height_px, self.stride_px)

    @property
    def overlap_px(self) -> int:
        """Pixels shared by two neighbouring windows."""
        return self.window_px - self.stride_px

    @property
    def margin_px(self) -> int:
        """Distance from a window's border to its core: half the overlap."""
        return self.overlap_px // 2

    @property
    def rows(self) -> int:
        """Number of tile rows."""
        return -(-self.map_height_px // self.stride_px)

    @property
    def cols(self) -> int:
        """Number of tile columns."""
        return -(-self.map_width_px // self.stride_px)

    @property
    def map_rect(self) -> Rect:
        """The whole map, in map px."""
        return Rect(0, 0, self.map_width_px, self.map_height_px)

    def tiles(self) -> tuple[TileCoord, ...]:
        """All tiles, row by row."""
        return tuple(TileCoord(r, c) for r in range(self.rows) for c in range(self.cols))

    def has(self, tile: TileCoord) -> bool:
        """Whether the grid has this tile."""
        return 0 <= tile.row < self.rows and 0 <= tile.col < self.cols

    def check(self, tile: TileCoord) -> None:
        """Refuse a tile that is not there.

        Raises:
            InputError: the grid has no such tile.
        """
        if not self.has(tile):
            raise InputError(
                f"Tile {tile} does not exist; this map has rows 0 to {self.rows - 1} "
                f"and columns 0 to {self.cols - 1}."
            )

    def window(self, tile: TileCoord) -> Rect:
        """The tile's window in map px; it may begin at negative positions.

        Raises:
            InputError: the grid has no such tile.
        """
        self.check(tile)
        return self._window_at(tile.row, tile.col)

    def core(self, tile: TileCoord) -> Rect:
        """The stride-sized square in the window's middle, in map px; the last may pass the rim.

        Raises:
            InputError: the grid has no such tile.
        """
        self.check(tile)
        stride = self.stride_px
        return Rect(tile.col * stride, tile.row * stride, stride, stride)

    def neighbours(self, tile: TileCoord) -> tuple[Neighbour, ...]:
        """The up to eight tiles around one, row by row, seen from its window.

        With wrap and one or two columns (or rows) a tile may appear on both sides; a tile is
        never its own neighbour.

        Raises:
            InputError: the grid has no such tile.
        """
        self.check(tile)
        around = [
            self._placed(tile.row + down, tile.col + right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        return tuple(found for found in around if found is not None and found.tile != tile)

    def tile_at(self, x: int, y: int) -> TileCoord:
        """The tile whose core holds a map pixel; positions wrap where the map does.

        Raises:
            InputError: the pixel is outside the map.
        """
        x = x % self.map_width_px if self.wrap_x else x
        y = y % self.map_height_px if self.wrap_y else y
        if not (0 <= x < self.map_width_px and 0 <= y < self.map_height_px):
            size = f"{self.map_width_px} x {self.map_height_px}"
            raise InputError(f"Position {x}, {y} is outside the map of {size} px.")
        return TileCoord(y // self.stride_px, x // self.stride_px)

    def windows_touching(self, rect: Rect) -> tuple[Neighbour, ...]:
        """Every window that shares pixels with a rectangle, row by row.

        Args:
            rect: in map px; it may reach beyond the map.

        Returns:
            Tiles with their windows in the frame of `rect`; on a wrapped map a tile appears once
            for each of its copies that touches.
        """
        if rect.area == 0:
            return ()
        rows = self._indices(rect.y, rect.bottom)
        cols = self._indices(rect.x, rect.right)
        placed = (self._placed(row, col) for row in rows for col in cols)
        return tuple(found for found in placed if found is not None)

    def _window_at(self, row: int, col: int) -> Rect:
        """The window at an unwrapped grid position."""
        left = col * self.stride_px - self.margin_px
        top = row * self.stride_px - self.margin_px
        return Rect(left, top, self.window_px, self.window_px)

    def _placed(self, row: int, col: int) -> Neighbour | None:
        """The tile at an unwrapped grid position with its window there, if there is one."""
        tile = TileCoord(
            row % self.rows if self.wrap_y else row, col % self.cols if self.wrap_x else col
        )
        return Neighbour(tile, self._window_at(row, col)) if self.has(tile) else None

    def _indices(self, start: int, stop: int) -> range:
        """Unwrapped grid positions whose windows meet [start, stop) along one axis."""
        first = (start + self.margin_px - self.window_px) // self.stride_px + 1
        last = (stop - 1 + self.margin_px) // self.stride_px
        return range(first, last + 1)


def grid_for(  # noqa: PLR0913 - a size, the profile's numbers and the wrap
    size_px: tuple[int, int],
    *,
    window_px: int,
    anchor_px: int,
    soft_px: int,
    overlap_layout_px: int,
    layout: str = "anchored",
    wrap_x: bool = False,
    wrap_y: bool = False,
) -> Grid:
    """The grid of a map: its size, the model profile's numbers, the layout and the wrap.

    Layout `anchored` overlaps windows by anchor + soft band, `overlap` by `overlap_layout_px`.

    Args:
        size_px: width and height of the map.
        window_px: side of the model's window.
        anchor_px: width of the exact anchor.
        soft_px: width of the soft band.
        overlap_layout_px: overlap in the layout `overlap`.
        layout: `anchored` or `overlap`.
        wrap_x: see `Grid`.
        wrap_y: see `Grid`.

    Raises:
        InputError: the layout is unknown, or the grid's rules are broken.
    """
    if layout not in ("anchored", "overlap"):
        raise InputError(f'Layout "{layout}" does not exist; use anchored or overlap.')
    overlap = anchor_px + soft_px if layout == "anchored" else overlap_layout_px
    width, height = size_px
    return Grid(width, height, window_px, window_px - overlap, wrap_x, wrap_y)


def nearest_wrap_px(side_px: int, stride_px: int) -> int:
    """The side nearest to `side_px` that a wrapped axis may have (at least one stride)."""
    return max(1, (side_px + stride_px // 2) // stride_px) * stride_px


def to_window(rect: Rect, window: Rect) -> Rect:
    """Map px to px of a window that lies in the same frame."""
    return rect.shifted(-window.x, -window.y)


def to_map(rect: Rect, window: Rect) -> Rect:
    """Window px to map px."""
    return rect.shifted(window.x, window.y)


def to_latent(rect: Rect) -> Rect:
    """Pixels (of the map or a window) to latent cells of 8 px.

    Raises:
        ValueError: the rectangle is not on the lattice of latent cells.
    """
    return _divided(rect, LATENT_PX)


def to_tokens(rect: Rect) -> Rect:
    """Pixels (of the map or a window) to transformer tokens of 16 px.

    Raises:
        ValueError: the rectangle is not on the lattice of tokens.
    """
    return _divided(rect, LATTICE_PX)


def from_latent(rect: Rect) -> Rect:
    """Latent cells to pixels."""
    sides = (rect.x, rect.y, rect.width, rect.height)
    return Rect(*(side * LATENT_PX for side in sides))


def _divided(rect: Rect, cell_px: int) -> Rect:
    sides = (rect.x, rect.y, rect.width, rect.height)
    if any(side % cell_px for side in sides):
        raise ValueError(f"{rect} is not on the lattice of {cell_px} px")
    return Rect(*(side // cell_px for side in sides))


def _check_side(name: str, side_px: int) -> None:
    if side_px < 1:
        raise InputError(f"The map's {name} is {side_px} px; it must be at least 1 px.")
    if side_px > MAX_MAP_PX:
        raise InputError(f"The map's {name} is {side_px} px; it can be at most {MAX_MAP_PX} px.")


def _check_lattice(window_px: int, stride_px: int) -> None:
    overlap_px = window_px - stride_px
    if window_px < LATTICE_PX or window_px % LATTICE_PX:
        raise InputError(f"The window is {window_px} px; it must be a multiple of {LATTICE_PX} px.")
    if not 0 <= overlap_px <= window_px // 2 or overlap_px % (2 * LATTICE_PX):
        raise InputError(
            f"Windows of {window_px} px overlap by {overlap_px} px; the overlap must be a multiple "
            f"of {2 * LATTICE_PX} px and at most half a window."
        )


def _check_wrap(name: str, side_px: int, stride_px: int) -> None:
    if side_px % stride_px:
        nearest = nearest_wrap_px(side_px, stride_px)
        raise InputError(
            f"A wrapped map's {name} must be a multiple of {stride_px} px, not {side_px} px; "
            f"the nearest is {nearest} px."
        )
