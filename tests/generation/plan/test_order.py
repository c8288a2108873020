"""Orders and predecessors: a ranking known before the run."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.plan.order import (
    Order,
    dependency_graph,
    most_constrained,
    predecessors_of,
    rank_tiles,
)
from zones.coverage import closes_gap
from zones.errors import InputError
from zones.grid import Grid, TileCoord
from zones.reader import ArrayMap
from zones.strokes import Stroke

ORDERS = get_args(Order)
STRIDE = 192


def grid_of(rows: int, cols: int, wrap_x: bool = False, wrap_y: bool = False) -> Grid:
    return Grid(cols * STRIDE, rows * STRIDE, 256, STRIDE, wrap_x, wrap_y)


@st.composite
def grids_and_starts(draw: st.DrawFn, wrap: bool = True) -> tuple[Grid, TileCoord]:
    rows, cols = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    wrap_x, wrap_y = (draw(st.booleans()), draw(st.booleans())) if wrap else (False, False)
    start = TileCoord(draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1)))
    return grid_of(rows, cols, wrap_x, wrap_y), start


@pytest.mark.parametrize("order", ORDERS)
@given(grids_and_starts())
def test_every_order_ranks_every_tile_once(order: Order, case: tuple[Grid, TileCoord]) -> None:
    grid, start = case
    ranked = rank_tiles(grid, order, start)
    assert len(ranked) == grid.rows * grid.cols
    assert set(ranked) == set(grid.tiles())
    assert ranked[0] == (TileCoord(0, 0) if order == "rows" else start)


@given(grids_and_starts())
def test_in_a_spiral_each_tile_after_the_first_joins_finished_ground(
    case: tuple[Grid, TileCoord],
) -> None:
    grid, start = case
    ranked = rank_tiles(grid, "spiral", start)
    for rank, tile in enumerate(ranked[1:], start=1):
        sides = [
            item
            for item in predecessors_of(grid, tile, ranked, ranked[:rank])
            if item.window.x == grid.window(tile).x or item.window.y == grid.window(tile).y
        ]
        assert sides, tile


@given(grids_and_starts(wrap=False))
def test_an_unwrapped_spiral_never_closes_a_gap(case: tuple[Grid, TileCoord]) -> None:
    grid, start = case
    ranked = rank_tiles(grid, "spiral", start)
    for rank, tile in enumerate(ranked):
        assert not closes_gap(grid.window(tile), predecessors_of(grid, tile, ranked, ranked[:rank]))


def test_a_spiral_walks_each_ring_without_a_jump() -> None:
    ranked = rank_tiles(grid_of(7, 7), "spiral", TileCoord(3, 3))
    for a, b in itertools.pairwise(ranked):
        assert abs(a.row - b.row) + abs(a.col - b.col) == 1


@given(grids_and_starts())
def test_the_first_anchors_do_not_touch(case: tuple[Grid, TileCoord]) -> None:
    grid, start = case
    ranked = rank_tiles(grid, "anchors-first", start)
    free = [
        tile
        for rank, tile in enumerate(ranked)
        if not predecessors_of(grid, tile, ranked, ranked[:rank])
    ]
    assert list(ranked[: len(free)]) == free
    assert len(free) >= (grid.rows // 2) * (grid.cols // 2)


def test_after_the_anchors_tiles_close_against_two_and_four_sides() -> None:
    grid = grid_of(5, 5)
    ranked = rank_tiles(grid, "anchors-first", TileCoord(2, 2))
    sides = []
    for rank, tile in enumerate(ranked):
        window = grid.window(tile)
        found = predecessors_of(grid, tile, ranked, ranked[:rank])
        sides.append(sum(p.window.x == window.x or p.window.y == window.y for p in found))
        assert closes_gap(grid.window(tile), found) == (rank >= 9)
    assert sides == [0] * 9 + [2] * 12 + [4] * 4


def test_predecessors_include_diagonals_and_lie_in_the_tiles_frame() -> None:
    grid = grid_of(3, 3)
    ranked = grid.tiles()
    found = predecessors_of(grid, TileCoord(1, 1), ranked, ranked[:4])
    assert {p.tile for p in found} == set(ranked[:4])
    assert all(p.window == grid.window(p.tile) for p in found)


def test_finished_tiles_outside_the_run_all_count() -> None:
    grid = grid_of(3, 3)
    middle = TileCoord(1, 1)
    others = set(grid.tiles()) - {middle}
    found = predecessors_of(grid, middle, [middle], others)
    assert {p.tile for p in found} == others
    assert closes_gap(grid.window(middle), found)


def test_a_tile_the_run_ranks_later_does_not_count_though_it_is_finished() -> None:
    grid = grid_of(1, 2)
    left, right = grid.tiles()
    assert predecessors_of(grid, left, (left, right), {right}) == ()
    assert predecessors_of(grid, left, (right, left), ()) == ()
    assert [p.tile for p in predecessors_of(grid, left, (right, left), {right})] == [right]


def test_on_a_wrapped_ring_of_two_the_other_tile_stands_on_both_sides() -> None:
    grid = grid_of(1, 2, wrap_x=True)
    left, right = grid.tiles()
    found = predecessors_of(grid, right, (left, right), {left})
    assert [p.tile for p in found] == [left, left]
    assert closes_gap(grid.window(right), found)


@pytest.mark.parametrize("order", ORDERS)
@given(grids_and_starts())
def test_the_graph_waits_for_exactly_the_predecessors(
    order: Order, case: tuple[Grid, TileCoord]
) -> None:
    grid, start = case
    ranked = rank_tiles(grid, order, start)
    graph = dependency_graph(grid, ranked)
    assert tuple(graph) == ranked
    for tile, waits_for in graph.items():
        expected = {p.tile for p in predecessors_of(grid, tile, ranked, ranked)}
        assert set(waits_for) == expected


def test_the_most_constrained_tile_has_the_most_stencil_area() -> None:
    grid = grid_of(3, 4)
    zones = np.ones((3 * STRIDE, 4 * STRIDE), np.uint8)
    thin = Stroke("path", np.array([[10.0, 10.0, 8.0], [180.0, 180.0, 8.0]]))
    wide = Stroke("river", np.array([[400.0, 400.0, 40.0], [560.0, 560.0, 40.0]]))
    found = most_constrained(ArrayMap(zones, strokes=(thin, wide)), grid)
    assert found == TileCoord(2, 2)


def test_without_stencils_the_middle_is_most_constrained() -> None:
    zones = np.ones((5 * STRIDE, 5 * STRIDE), np.uint8)
    assert most_constrained(ArrayMap(zones), grid_of(5, 5)) == TileCoord(2, 2)


@pytest.mark.parametrize(
    ("order", "start"), [("spiral", TileCoord(9, 0)), ("zigzag", TileCoord(0, 0))]
)
def test_a_missing_start_or_order_is_bad_input(order: Order, start: TileCoord) -> None:
    with pytest.raises(InputError):
        rank_tiles(grid_of(2, 2), order, start)
