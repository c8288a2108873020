"""Small maps of painted windows, made by the real order and coverage rules."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from generation.plan.order import Order, predecessors_of, rank_tiles
from generation.plan.stitch import RawWindow, Stitch
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.settings import CompileSettings, Layout

WINDOW, STRIDE, OVERLAP, SOFT = 128, 96, 32, 16


def settings_of(layout: Layout = "anchored", **changes: object) -> CompileSettings:
    numbers: dict[str, object] = {
        "layout": layout,
        "anchor_px": OVERLAP - SOFT,
        "soft_px": SOFT,
        "steps": 12,
        "closing_anchor_px": 8,
        **changes,
    }
    return CompileSettings(**numbers)  # type: ignore[arg-type]


def grid_of(rows: int, cols: int, wrap_x: bool = False, wrap_y: bool = False) -> Grid:
    """A grid whose map ends a little before the last core does, unless it wraps."""
    width = cols * STRIDE - (0 if wrap_x else 7)
    height = rows * STRIDE - (0 if wrap_y else 5)
    return Grid(width, height, WINDOW, STRIDE, wrap_x, wrap_y)


def run(
    grid: Grid,
    order: Order = "spiral",
    settings: CompileSettings | None = None,
    start: TileCoord | None = None,
) -> tuple[RawWindow, ...]:
    """The facts of every window of a whole run, in rank order."""
    ranked = rank_tiles(grid, order, start or TileCoord(grid.rows // 2, grid.cols // 2))
    settings = settings or settings_of()
    return tuple(
        RawWindow.painted(
            tile,
            grid.window(tile),
            predecessors_of(grid, tile, ranked, ranked[:rank]),
            settings,
        )
        for rank, tile in enumerate(ranked)
    )


def cut_from(grid: Grid, picture: npt.NDArray[np.uint8]) -> Mapping[TileCoord, npt.NDArray]:
    """Windows cut out of one endless picture: the map repeated in all directions."""
    cut = {}
    for tile in grid.tiles():
        window = grid.window(tile)
        rows = np.arange(window.y, window.bottom) % grid.map_height_px
        columns = np.arange(window.x, window.right) % grid.map_width_px
        cut[tile] = picture[rows][:, columns]
    return cut


def flat_windows(grid: Grid, seed: int = 0) -> Mapping[TileCoord, npt.NDArray]:
    """One random grey for each window."""
    rng = np.random.default_rng(seed)
    return {
        tile: np.full((WINDOW, WINDOW, 3), rng.integers(0, 256), np.uint8) for tile in grid.tiles()
    }


def random_picture(grid: Grid, seed: int = 0) -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (grid.map_height_px, grid.map_width_px, 3), dtype=np.uint8)


def stitch_of(grid: Grid, windows: tuple[RawWindow, ...], rgb: Mapping) -> Stitch:
    return Stitch(grid, windows, rgb.__getitem__)


def whole(stitch: Stitch) -> npt.NDArray[np.uint8]:
    return stitch.region(stitch.grid.map_rect).rgb


def largest_jump(rgb: npt.NDArray[np.uint8]) -> int:
    values = rgb.astype(np.int16)
    return int(max(np.abs(np.diff(values, axis=axis)).max() for axis in (0, 1)))


def shown_in(window: Rect, rect: Rect) -> tuple[slice, slice]:
    return window.intersect(rect).slices_in(rect)
