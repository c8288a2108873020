"""The stitched map is a pure function of the raw windows, their order and their masks."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.plan.order import Order, predecessors_of
from generation.plan.stitch import RawWindow, Stitch, carved_pixels
from tests.generation.plan.stitch_cases import (
    OVERLAP,
    SOFT,
    STRIDE,
    WINDOW,
    cut_from,
    flat_windows,
    grid_of,
    largest_jump,
    random_picture,
    run,
    settings_of,
    stitch_of,
    whole,
)
from zones.compiler import StitchedPixels, compile_window
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.settings import Layout
from zones.strokes import Stroke

ORDERS = get_args(Order)
LAYOUTS = get_args(Layout)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    return grid_of(
        draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.booleans()), draw(st.booleans())
    )


@settings(max_examples=20, deadline=None)
@given(grids(), st.sampled_from(ORDERS), st.sampled_from(LAYOUTS))
def test_windows_that_agree_stitch_to_the_picture_exactly(
    grid: Grid, order: Order, layout: Layout
) -> None:
    picture = random_picture(grid)
    stitch = stitch_of(grid, run(grid, order, settings_of(layout)), cut_from(grid, picture))
    region = stitch.region(grid.map_rect)
    np.testing.assert_array_equal(region.rgb, picture)
    assert region.covered.all()


@settings(max_examples=20, deadline=None)
@given(
    grids(),
    st.sampled_from(ORDERS),
    st.sampled_from(LAYOUTS),
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 150), st.integers(1, 150)),
)
def test_a_region_stitched_alone_equals_its_part_of_the_map(
    grid: Grid, order: Order, layout: Layout, box: tuple[int, int, int, int]
) -> None:
    stitch = stitch_of(grid, run(grid, order, settings_of(layout)), flat_windows(grid))
    part = Rect(*box).intersect(grid.map_rect)
    expected = whole(stitch)[part.slices_in(grid.map_rect)]
    np.testing.assert_array_equal(stitch.region(part).rgb, expected)


@pytest.mark.parametrize("wrap", [False, True])
def test_strips_make_up_the_map(wrap: bool) -> None:
    grid = grid_of(3, 4, wrap, wrap)
    asked: list[TileCoord] = []
    rgb = flat_windows(grid)

    def pixels(tile: TileCoord) -> np.ndarray[Any, Any]:
        asked.append(tile)
        return rgb[tile]

    stitch = Stitch(grid, run(grid), pixels)
    strips = list(stitch.strips())
    assert max(asked.count(tile) for tile in grid.tiles()) <= (4 if wrap else 3)
    np.testing.assert_array_equal(np.concatenate([s.rgb for s in strips]), whole(stitch))
    assert all(strip.covered.all() for strip in strips)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_wrapped_map_repeats_with_its_period(layout: Layout) -> None:
    grid = grid_of(2, 3, True, True)
    stitch = stitch_of(grid, run(grid, settings=settings_of(layout)), flat_windows(grid))
    rect = Rect(-50, 20, 120, 120)
    for dx, dy in ((grid.map_width_px, 0), (0, -grid.map_height_px)):
        np.testing.assert_array_equal(
            stitch.region(rect).rgb, stitch.region(rect.shifted(dx, dy)).rgb
        )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("layout", "ramp_px"), [("anchored", SOFT), ("overlap", OVERLAP)])
def test_windows_of_different_greys_meet_without_a_jump(
    order: Order, layout: Layout, ramp_px: int
) -> None:
    grid = grid_of(5, 5)
    stitch = stitch_of(grid, run(grid, order, settings_of(layout)), flat_windows(grid))
    assert largest_jump(whole(stitch)) <= 255 * 2.2 / ramp_px + 1


def test_a_lone_diagonal_predecessor_leaves_jumps_only_where_two_borders_cross() -> None:
    grid = grid_of(2, 2)
    windows = tuple(raw for raw in run(grid, "rows") if raw.tile.row == raw.tile.col)
    stitch = stitch_of(grid, windows, flat_windows(grid))
    region = stitch.region(grid.map_rect)
    values = region.rgb[..., 0].astype(int)
    inside = region.covered[1:, 1:] & region.covered[:-1, :-1]
    inside &= region.covered[1:, :-1] & region.covered[:-1, 1:]
    jumps = [np.abs(np.diff(values, axis=0))[:, 1:], np.abs(np.diff(values, axis=1))[1:]]
    sharp = np.maximum(*jumps) * inside > 255 * 2.2 / SOFT + 1
    crossings = [(STRIDE - OVERLAP // 2, STRIDE + OVERLAP // 2)]
    for y, x in np.argwhere(sharp):
        assert any(
            max(abs(x - a), abs(y - b)) < 5 or max(abs(y - a), abs(x - b)) < 5 for a, b in crossings
        ), (y, x)


def test_even_one_window_around_its_own_back_has_no_jump() -> None:
    grid = grid_of(1, 1, True, True)
    window = np.repeat(np.linspace(0, 255, WINDOW).astype(np.uint8)[None, :, None], WINDOW, 0)
    stitch = stitch_of(grid, run(grid), {TileCoord(0, 0): np.repeat(window, 3, 2)})
    turned = np.roll(whole(stitch), STRIDE // 2, axis=1)
    assert largest_jump(turned) <= 255 * 2.2 / OVERLAP + 2


@pytest.mark.parametrize("order", ORDERS)
def test_later_windows_change_only_what_was_free_to_them(order: Order) -> None:
    grid = grid_of(3, 3)
    windows, rgb = run(grid, order), flat_windows(grid)
    reader = ArrayMap(np.ones((grid.map_height_px, grid.map_width_px), np.uint8))
    for rank, raw in enumerate(windows):
        before = stitch_of(grid, windows[:rank], rgb).region(raw.window)
        after = stitch_of(grid, windows[: rank + 1], rgb).region(raw.window)
        compiled = compile_window(
            reader,
            grid,
            default_palette(),
            raw.tile,
            settings_of(),
            predecessors_of(
                grid, raw.tile, [w.tile for w in windows], [w.tile for w in windows[:rank]]
            ),
            StitchedPixels(before.rgb, before.covered),
        )
        assert compiled.anchor_mask.any() == bool(raw.anchors)
        held = compiled.paste_mask
        np.testing.assert_array_equal(after.rgb[held], before.rgb[held])
        free = np.ones(held.shape, np.bool_)
        for covered in compiled.coverage:
            free[covered.intersect(raw.window).slices_in(raw.window)] = False
        assert (after.rgb[free] == rgb[raw.tile][free]).all()


def test_the_order_of_windows_decides_who_lies_on_top() -> None:
    grid = grid_of(1, 2)
    left, right = grid.tiles()
    rgb = {left: np.zeros((WINDOW, WINDOW, 3), np.uint8)}
    rgb[right] = np.full_like(rgb[left], 200)
    there = whole(stitch_of(grid, run(grid, "rows"), rgb))[40, :, 0]
    back = whole(stitch_of(grid, run(grid, "spiral", start=right), rgb))[40, :, 0]
    assert np.flatnonzero(there)[0] == STRIDE - OVERLAP // 2 + OVERLAP - SOFT
    assert np.flatnonzero(back != 200)[-1] == STRIDE - OVERLAP // 2 + SOFT - 1


def test_a_closing_window_shows_in_most_of_its_core() -> None:
    grid = grid_of(3, 3)
    ranked = (*(tile for tile in grid.tiles() if tile != TileCoord(1, 1)), TileCoord(1, 1))
    facts = [
        RawWindow.painted(
            tile,
            grid.window(tile),
            predecessors_of(grid, tile, ranked, ranked[:rank]),
            settings_of(),
        )
        for rank, tile in enumerate(ranked)
    ]
    rgb = {tile: np.zeros((WINDOW, WINDOW, 3), np.uint8) for tile in ranked}
    rgb[TileCoord(1, 1)][:] = 255
    shown = stitch_of(grid, tuple(facts), rgb).region(grid.window(TileCoord(1, 1))).rgb[..., 0]
    reach = 8 + SOFT
    assert (shown[reach:-reach, reach:-reach] == 255).all()
    assert (shown[:8] == 0).all()
    assert (shown[:, -8:] == 0).all()


def test_a_late_re_roll_changes_nothing_outside_its_window() -> None:
    grid = grid_of(3, 3)
    middle = TileCoord(1, 1)
    windows, rgb = run(grid), dict(flat_windows(grid))
    before = whole(stitch_of(grid, windows, rgb))
    others = tuple(raw for raw in windows if raw.tile != middle)
    again = RawWindow.painted(
        middle,
        grid.window(middle),
        predecessors_of(grid, middle, [middle], [raw.tile for raw in others]),
        settings_of(),
        closing=True,
    )
    rgb[middle] = np.full((WINDOW, WINDOW, 3), 17, np.uint8)
    after = whole(stitch_of(grid, (*others, again), rgb))
    changed = (before != after).any(axis=-1)
    changed[grid.window(middle).slices_in(grid.map_rect)] = False
    assert not changed.any()
    assert largest_jump(after) <= 255 * 2.2 / SOFT + 1


def test_carved_out_stencils_are_blended_and_the_anchor_beside_them_is_not() -> None:
    grid = grid_of(1, 2)
    left, right = grid.tiles()
    stroke = Stroke("river", np.array([[0.0, 48.0, 24.0], [200.0, 48.0, 24.0]]))
    reader = ArrayMap(np.ones((grid.map_height_px, grid.map_width_px), np.uint8), (stroke,))
    settings = settings_of(carve_out=True)
    predecessors = predecessors_of(grid, right, (left, right), (left,))
    covered = np.zeros((WINDOW, WINDOW), np.bool_)
    covered[:, :OVERLAP] = True
    seen = StitchedPixels(np.zeros((WINDOW, WINDOW, 3), np.uint8), covered)
    compiled = compile_window(reader, grid, default_palette(), right, settings, predecessors, seen)
    carved = carved_pixels(compiled, settings, grid)
    assert carved is not None
    facts = (
        RawWindow(left, grid.window(left)),
        RawWindow.painted(right, grid.window(right), predecessors, settings, carved=carved),
    )
    rgb = {left: np.zeros((WINDOW, WINDOW, 3), np.uint8)}
    rgb[right] = np.full_like(rgb[left], 255)
    shown = stitch_of(grid, facts, rgb).region(grid.window(right)).rgb[..., 0]
    anchor = compiled.anchor_mask
    assert (shown[anchor] == 0).all()
    middle = shown[48 + OVERLAP // 2, :OVERLAP].astype(int)
    assert 100 < middle[OVERLAP // 2] < 155
    assert (np.diff(middle) >= 0).all()
    assert middle[0] < 8
    assert middle[-1] > 247


def test_protected_pixels_are_the_art_exactly() -> None:
    grid = grid_of(2, 2, wrap_x=True)
    shape = (grid.map_height_px, grid.map_width_px)
    rng = np.random.default_rng(1)
    protect = rng.random(shape) < 0.3
    art = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    reader = ArrayMap(np.ones(shape, np.uint8), protect=protect, art=art)
    bare = stitch_of(grid, run(grid), flat_windows(grid))
    region = Stitch(grid, bare.windows, bare.pixels, reader).region(grid.map_rect)
    np.testing.assert_array_equal(region.rgb[protect], art[protect])
    np.testing.assert_array_equal(region.rgb[~protect], whole(bare)[~protect])
    beyond = Stitch(grid, bare.windows, bare.pixels, reader).region(Rect(-40, -9, 60, 40))
    np.testing.assert_array_equal(beyond.rgb[9:, 40:], region.rgb[:31, :20])


def test_tiles_left_out_leave_holes_that_are_not_covered() -> None:
    grid = grid_of(1, 3)
    windows = tuple(raw for raw in run(grid, "rows") if raw.tile.col != 2)
    region = stitch_of(grid, windows, flat_windows(grid)).region(grid.map_rect)
    ends = grid.window(TileCoord(0, 1)).right
    assert region.covered[:, :ends].all()
    assert not region.covered[:, ends:].any()
    assert not region.rgb[:, ends:].any()


def test_what_a_tile_sees_of_its_predecessors_is_what_the_map_keeps() -> None:
    grid = grid_of(3, 3)
    windows, rgb = run(grid), flat_windows(grid)
    whole_map = stitch_of(grid, windows, rgb)
    for raw in windows[1:]:
        seen = whole_map.only({anchor.tile for anchor in raw.anchors}).region(raw.window)
        rank = windows.index(raw)
        before = stitch_of(grid, windows[:rank], rgb).region(raw.window)
        for anchor in raw.anchors:
            here = anchor.covered.intersect(raw.window).slices_in(raw.window)
            np.testing.assert_array_equal(seen.rgb[here], before.rgb[here])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_pixel_belongs_to_the_window_that_shows_most(layout: Layout) -> None:
    grid = grid_of(2, 3)
    stitch = stitch_of(grid, run(grid, settings=settings_of(layout)), flat_windows(grid))
    found = stitch.owners(grid.map_rect)
    layers, owner = found.layers, found.owner
    shown = whole(stitch)[..., 0].astype(int)
    greys = np.array([stitch.pixels(raw.tile)[0, 0, 0] for raw in layers], int)
    off = np.abs(greys[owner] - shown)
    assert (owner >= 0).all()
    assert (off <= np.abs(greys[:, None, None] - shown).max(axis=0)).all()
    assert (off[found.alone] == 0).all()
    assert 0.3 < found.alone.mean() < 1
