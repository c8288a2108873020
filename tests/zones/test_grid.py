"""Windows stand on one lattice, cover the map, and know their neighbours, also around the rim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import (
    Grid,
    TileCoord,
    from_latent,
    grid_for,
    to_latent,
    to_map,
    to_tokens,
    to_window,
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any grid of up to 6 x 6 tiles, with every kind of wrap."""
    margin = 16 * draw(st.integers(0, 4))
    stride = 2 * margin + 16 * draw(st.integers(1, 16))
    wrap_x, wrap_y = draw(st.booleans()), draw(st.booleans())
    width, height = (
        stride * draw(st.integers(1, 5)) if wrap else draw(st.integers(1, 6 * stride))
        for wrap in (wrap_x, wrap_y)
    )
    return Grid(width, height, stride + 2 * margin, stride, wrap_x, wrap_y)


def inside(grid: Grid, rect: Rect) -> Rect:
    return rect.intersect(grid.map_rect)


@given(grids())
def test_cores_cover_every_map_pixel_exactly_once(grid: Grid) -> None:
    assert sum(inside(grid, grid.core(tile)).area for tile in grid.tiles()) == grid.map_rect.area
    cores = [grid.core(tile) for tile in grid.tiles()]
    assert len({(core.x, core.y) for core in cores}) == len(cores)
    assert all(inside(grid, core).area for core in cores)


@given(grids(), st.data())
def test_the_tile_at_a_pixel_has_it_in_its_core(grid: Grid, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, grid.map_width_px - 1))
    y = data.draw(st.integers(0, grid.map_height_px - 1))
    assert grid.core(grid.tile_at(x, y)).contains(Rect(x, y, 1, 1))


@given(grids())
def test_windows_lie_on_the_lattice_around_their_cores(grid: Grid) -> None:
    for tile in grid.tiles():
        window, core = grid.window(tile), grid.core(tile)
        assert all(side % 16 == 0 for side in (window.x, window.y, window.width, window.height))
        assert core.grown(grid.margin_px) == window
        assert from_latent(to_latent(window)) == window
        assert to_tokens(window).width * 16 == window.width


@given(grids())
def test_rim_windows_reach_beyond_the_map_by_half_the_overlap(grid: Grid) -> None:
    first = grid.window(TileCoord(0, 0))
    last = grid.window(TileCoord(grid.rows - 1, grid.cols - 1))
    assert (first.x, first.y) == (-grid.overlap_px // 2, -grid.overlap_px // 2)
    assert last.right >= grid.map_width_px + grid.overlap_px // 2
    assert last.bottom >= grid.map_height_px + grid.overlap_px // 2


@given(grids())
def test_neighbours_share_the_overlap_and_are_mutual(grid: Grid) -> None:
    for tile in grid.tiles():
        window = grid.window(tile)
        for near in grid.neighbours(tile):
            apart = (near.window.x - window.x, near.window.y - window.y)
            assert near.tile != tile
            assert all(abs(step) in (0, grid.stride_px) for step in apart)
            own = grid.window(near.tile)
            back = Rect(own.x - apart[0], own.y - apart[1], window.width, window.height)
            assert (tile, back) in [(far.tile, far.window) for far in grid.neighbours(near.tile)]


@given(grids())
def test_a_neighbour_is_its_own_window_moved_by_whole_maps(grid: Grid) -> None:
    for tile in grid.tiles():
        for near in grid.neighbours(tile):
            own = grid.window(near.tile)
            dx, dy = near.window.x - own.x, near.window.y - own.y
            assert dx % grid.map_width_px == 0 if grid.wrap_x else dx == 0
            assert dy % grid.map_height_px == 0 if grid.wrap_y else dy == 0


def test_inner_tile_has_eight_neighbours_and_a_corner_three() -> None:
    grid = Grid(600, 600, 256, 192)
    assert len(grid.neighbours(TileCoord(1, 1))) == 8
    assert [near.tile for near in grid.neighbours(TileCoord(0, 0))] == [
        TileCoord(0, 1),
        TileCoord(1, 0),
        TileCoord(1, 1),
    ]


@pytest.mark.parametrize(
    ("cols", "rows", "wrap", "count"),
    [(3, 3, "x", 5), (3, 3, "y", 5), (3, 3, "xy", 8), (2, 1, "x", 2), (1, 1, "xy", 0)],
)
def test_wrap_gives_the_first_tile_neighbours_beyond_the_rim(
    cols: int, rows: int, wrap: str, count: int
) -> None:
    grid = Grid(192 * cols, 192 * rows, 256, 192, "x" in wrap, "y" in wrap)
    assert len(grid.neighbours(TileCoord(0, 0))) == count


def test_two_wrapped_columns_meet_on_both_sides() -> None:
    grid = Grid(384, 192, 256, 192, wrap_x=True)
    near = grid.neighbours(TileCoord(0, 0))
    assert [(found.tile, found.window.x) for found in near] == [
        (TileCoord(0, 1), -32 - 192),
        (TileCoord(0, 1), -32 + 192),
    ]


def test_one_wrapped_column_is_no_neighbour_of_itself() -> None:
    grid = Grid(192, 384, 256, 192, wrap_x=True)
    near = grid.neighbours(TileCoord(0, 0))
    assert {found.tile for found in near} == {TileCoord(1, 0)}
    assert [found.window.x for found in near] == [-224, -32, 160]


@given(grids(), st.data())
def test_windows_touching_are_exactly_those_that_share_pixels(
    grid: Grid, data: st.DataObject
) -> None:
    width, height = grid.map_width_px, grid.map_height_px
    corner = data.draw(st.tuples(st.integers(-width, width), st.integers(-height, height)))
    rect = Rect(*corner, data.draw(st.integers(1, width)), data.draw(st.integers(1, height)))
    repeats = range(-4, 5)
    copies = {
        (tile, grid.window(tile).shifted(i * width, j * height))
        for tile in grid.tiles()[:6]
        for i in (repeats if grid.wrap_x else [0])
        for j in (repeats if grid.wrap_y else [0])
    }
    found = {(near.tile, near.window) for near in grid.windows_touching(rect)}
    assert len(found) == len(grid.windows_touching(rect))
    expected = {(tile, window) for tile, window in copies if window.intersect(rect).area}
    assert {(tile, window) for tile, window in found if tile in grid.tiles()[:6]} == expected


def test_nothing_touches_an_empty_rectangle() -> None:
    assert Grid(600, 600, 256, 192).windows_touching(Rect(5, 5, 0, 9)) == ()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((0, 10, 256, 192), "width is 0 px"),
        ((10, -4, 256, 192), "height is -4 px"),
        ((10, 2_000_000, 256, 192), "at most"),
        ((10, 10, 250, 192), "multiple of 16"),
        ((10, 10, 256, 200), "overlap by 56 px"),
        ((10, 10, 256, 96), "at most half a window"),
        ((10, 10, 256, 288), "overlap by -32 px"),
        ((500, 384, 256, 192, True), "nearest is 576 px"),
        ((384, 90, 256, 192, False, True), "nearest is 192 px"),
    ],
)
def test_impossible_grid_is_refused_in_one_line(numbers: tuple[int, ...], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Grid(*numbers)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("tile", [TileCoord(3, 0), TileCoord(0, -1)])
def test_missing_tile_is_refused_with_what_there_is(tile: TileCoord) -> None:
    grid = Grid(576, 576, 256, 192)
    for ask in (grid.window, grid.core, grid.neighbours):
        with pytest.raises(InputError, match="rows 0 to 2 and columns 0 to 2"):
            ask(tile)


def test_position_outside_the_map_is_refused_unless_it_wraps() -> None:
    with pytest.raises(InputError):
        Grid(576, 576, 256, 192).tile_at(576, 0)
    assert Grid(576, 576, 256, 192, wrap_x=True).tile_at(576, 0) == TileCoord(0, 0)


@pytest.mark.parametrize(("layout", "overlap"), [("anchored", 320), ("overlap", 256)])
def test_layout_decides_the_overlap(layout: str, overlap: int) -> None:
    numbers = {"window_px": 1024, "anchor_px": 256, "soft_px": 64, "overlap_layout_px": 256}
    assert grid_for((2048, 1024), **numbers, layout=layout).overlap_px == overlap
    with pytest.raises(InputError, match="anchored or overlap"):
        grid_for((2048, 1024), **numbers, layout="loose")


def test_map_and_window_pixels_convert_both_ways() -> None:
    window, rect = Rect(-32, 160, 256, 256), Rect(0, 200, 10, 20)
    assert to_window(rect, window) == Rect(32, 40, 10, 20)
    assert to_map(to_window(rect, window), window) == rect


def test_off_lattice_pixels_have_no_latent_cells() -> None:
    with pytest.raises(ValueError, match="lattice of 8"):
        to_latent(Rect(4, 0, 8, 8))


@given(st.integers(-100, 100), st.integers(-100, 100))
def test_a_rectangle_indexes_the_array_of_one_around_it(x: int, y: int) -> None:
    outer, inner = Rect(x, y, 20, 10), Rect(x + 3, y + 2, 5, 4)
    array = np.zeros(outer.shape)
    array[inner.slices_in(outer)] = 1
    assert array[2:6, 3:8].sum() == array.sum() == inner.area
