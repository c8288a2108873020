"""How new windows join finished ones: anchors, closing tiles, re-rolls, carve-out, rims."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from generation.plan.ports import Engine
from generation.run.records import MemoryTileStore
from generation.run.render import compile_now
from tests.generation.run.cases import (
    FAST,
    MIDDLE,
    PROFILE,
    STRIDE,
    Listening,
    raws,
    render,
    stitched,
    toy_world,
)
from tests.support.toy_worlds import SIDE_PX
from zones.geometry import Rect
from zones.grid import TileCoord

WORLD = toy_world()
GRID = WORLD.grid(FAST)
LEFT, RIGHT = TileCoord(1, 0), TileCoord(1, 2)
ABOVE, BELOW = TileCoord(0, 1), TileCoord(2, 1)
OVERLAP = replace(FAST, layout="overlap")
CARVE = replace(FAST, carve_out=True)


def on_map(values: npt.NDArray[Any], tile: TileCoord) -> tuple[Any, tuple[slice, slice]]:
    """A window's values on the map, and where on the map they lie."""
    window = GRID.window(tile)
    shown = window.intersect(GRID.map_rect)
    return values[shown.slices_in(window)], shown.slices_in(GRID.map_rect)


@pytest.mark.parametrize(
    "near",
    [
        [LEFT, ABOVE],
        [LEFT, RIGHT],
        [LEFT, RIGHT, ABOVE],
        [LEFT, RIGHT, ABOVE, BELOW],
    ],
    ids=["two at a corner", "two opposite", "three", "four"],
)
def test_a_closing_tile_keeps_its_neighbours_anchors_exactly(
    engine: Engine, near: list[TileCoord]
) -> None:
    store = MemoryTileStore()
    render(WORLD, engine, store, near)
    before, kept = stitched(WORLD, store), raws(store)
    compiled = compile_now(WORLD, store, FAST, MIDDLE)
    (record,) = render(WORLD, engine, store, [MIDDLE])
    after = stitched(WORLD, store)
    assert {item.tile for item in record.predecessors} == set(near)
    assert record.closing == (RIGHT in near)
    anchor, place = on_map(compiled.anchor_mask, MIDDLE)
    assert anchor.sum() > 300
    assert np.array_equal(after[place][anchor], before[place][anchor])
    assert not np.array_equal(after[place][~anchor], before[place][~anchor])
    assert {tile: raw for tile, raw in raws(store).items() if tile != MIDDLE} == kept


def test_a_rendered_tile_leaves_the_map_outside_its_window_untouched(
    engine: Engine, finished: MemoryTileStore
) -> None:
    before, kept = stitched(WORLD, finished), raws(finished)
    render(toy_world(seed=8), engine, finished, [LEFT], deliberate=True, judge=WORLD)
    after = stitched(WORLD, finished)
    outside = np.ones((SIDE_PX, SIDE_PX), np.bool_)
    outside[GRID.window(LEFT).intersect(GRID.map_rect).slices_in(GRID.map_rect)] = False
    assert np.array_equal(after[outside], before[outside])
    changed = {tile for tile, raw in raws(finished).items() if raw != kept[tile]}
    assert changed == {LEFT}


@pytest.mark.parametrize("tile", [TileCoord(0, 0), TileCoord(2, 2), LEFT, MIDDLE])
def test_a_late_re_roll_is_thinly_anchored_on_all_neighbours_that_lean_on_it(
    engine: Engine, finished: MemoryTileStore, tile: TileCoord
) -> None:
    (record,) = render(WORLD, engine, finished, [tile])
    assert len(record.predecessors) == len(GRID.neighbours(tile))
    last_painted = tile == TileCoord(2, 2)
    assert record.closing == (not last_painted)
    assert WORLD.stale_tiles(GRID, finished, FAST) == ()


def test_the_thin_anchor_of_a_re_roll_leaves_most_of_the_core_free(engine: Engine) -> None:
    wide = PROFILE.model_copy(update={"window_px": 128, "anchor_px": 48, "overlap_layout_px": 64})
    world, store = toy_world(128, 64, profile=wide, strokes=()), MemoryTileStore()
    first, second = world.grid(FAST).tiles()
    render(world, engine, store)
    re_rolled = compile_now(world, store, FAST, first)
    continued = compile_now(world, store, FAST, second)
    assert re_rolled.anchor_mask[64].sum() == wide.closing_anchor_px
    assert continued.anchor_mask[64].sum() == wide.anchor_px


def test_repainting_everything_repeats_the_first_run(
    engine: Engine, finished: MemoryTileStore
) -> None:
    kept, before = raws(finished), stitched(WORLD, finished)
    records = render(WORLD, engine, finished)
    assert raws(finished) == kept
    assert np.array_equal(stitched(WORLD, finished), before)
    assert not any(record.closing for record in records)


def test_the_overlap_layout_starts_from_neighbours_but_holds_nothing(
    listening: Listening,
) -> None:
    world, store = toy_world(strokes=()), MemoryTileStore()
    render(world, listening, store, [LEFT, MIDDLE], OVERLAP)
    request = listening.requests[1]
    assert request.change_map is not None
    assert request.change_map.min() == 1.0
    assert np.array_equal(request.seed_canvas[:, :32], store.raw(LEFT)[:, 32:])


def test_the_overlap_layout_hands_over_without_a_jump(engine: Engine) -> None:
    store = MemoryTileStore()
    render(WORLD, engine, store, [LEFT, MIDDLE], OVERLAP)
    seen = stitched(WORLD, store, OVERLAP).astype(int)
    band = GRID.window(LEFT).intersect(GRID.window(MIDDLE)).intersect(GRID.map_rect)
    here = band.slices_in(GRID.map_rect)
    left = store.raw(LEFT)[band.slices_in(GRID.window(LEFT))].astype(int)
    new = store.raw(MIDDLE)[band.slices_in(GRID.window(MIDDLE))].astype(int)
    assert np.abs(seen[here] - left)[:, 0].max() <= 0.1 * np.abs(new - left).max() + 1
    assert np.abs(seen[here] - new)[:, -1].max() <= 0.1 * np.abs(new - left).max() + 1
    assert ((seen[here] >= np.minimum(left, new)) & (seen[here] <= np.maximum(left, new))).all()


def test_carve_out_frees_a_stroke_inside_the_anchor_and_blends_it(engine: Engine) -> None:
    held, carved = MemoryTileStore(), MemoryTileStore()
    for store, settings in ((held, FAST), (carved, CARVE)):
        render(WORLD, engine, store, [LEFT, MIDDLE], settings)
    assert held.mask(MIDDLE) is None
    mask = carved.mask(MIDDLE)
    assert mask is not None
    assert set(np.unique(mask)) == {0, 255}
    assert not mask[:, 33:].any()
    kept, place = on_map(mask == 0, MIDDLE)
    before = MemoryTileStore()
    render(WORLD, engine, before, [LEFT], CARVE)
    alone = stitched(WORLD, before, CARVE)[place]
    both = stitched(WORLD, carved, CARVE)[place]
    anchor, _ = on_map(compile_now(WORLD, before, CARVE, MIDDLE).anchor_mask, MIDDLE)
    assert np.array_equal(both[anchor & kept], alone[anchor & kept])
    assert not np.array_equal(both[~kept], alone[~kept])


def test_carve_out_without_strokes_changes_no_pixel(engine: Engine) -> None:
    world, plain, carved = toy_world(strokes=()), MemoryTileStore(), MemoryTileStore()
    render(world, engine, plain, [LEFT, MIDDLE], FAST)
    render(world, engine, carved, [LEFT, MIDDLE], CARVE)
    assert raws(plain) == raws(carved)
    assert carved.mask(MIDDLE) is None


@pytest.mark.parametrize("settings", [FAST, OVERLAP, CARVE, replace(FAST, plain=True)])
def test_protected_pixels_are_the_art_bit_for_bit(engine: Engine, settings: Any) -> None:
    rng = np.random.default_rng(5)
    protect = rng.random((SIDE_PX, SIDE_PX)) < 0.2
    art = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    world, store = toy_world(protect=protect, art=art), MemoryTileStore()
    render(world, engine, store, [LEFT, MIDDLE, TileCoord(0, 0)], settings)
    seen = stitched(world, store, settings)
    assert np.array_equal(seen[protect], art[protect])


@pytest.mark.parametrize("wrap", ["x", "y", "xy"])
def test_a_wrapped_map_shifted_by_its_tiles_is_itself(engine: Engine, wrap: str) -> None:
    world, store = toy_world(wrap=wrap), MemoryTileStore()
    render(world, engine, store, order="spiral")
    grid = world.grid(FAST)
    stitch = world.stitch(grid, store, store.records())
    whole = stitch.region(grid.map_rect).rgb
    for dx, dy in ((40, 0), (0, -40), (-STRIDE, STRIDE)):
        if (dx and "x" not in wrap) or (dy and "y" not in wrap):
            continue
        moved = stitch.region(grid.map_rect.shifted(dx, dy))
        assert moved.covered.all()
        assert np.array_equal(moved.rgb, np.roll(whole, (-dy, -dx), axis=(0, 1)))


@pytest.mark.parametrize(("size", "wrap"), [((32, 32), "xy"), ((64, 32), "x"), ((64, 64), "xy")])
def test_a_wrapped_map_of_one_or_two_windows_is_painted_whole(
    engine: Engine, size: tuple[int, int], wrap: str
) -> None:
    world, store = toy_world(*size, wrap=wrap), MemoryTileStore()
    render(world, engine, store, order="spiral")
    grid = world.grid(FAST)
    region = world.stitch(grid, store, store.records()).region(grid.map_rect)
    assert region.covered.all()
    again = world.stitch(grid, store, store.records()).region(grid.map_rect.shifted(size[0], 0))
    assert np.array_equal(again.rgb, region.rgb)


def test_a_tile_across_the_rim_is_a_predecessor(engine: Engine) -> None:
    world, store = toy_world(wrap="x"), MemoryTileStore()
    render(world, engine, store, [LEFT])
    (record,) = render(world, engine, store, [RIGHT])
    grid = world.grid(FAST)
    assert [item.tile for item in record.predecessors] == [LEFT]
    assert record.predecessors[0].window == grid.window(LEFT).shifted(SIDE_PX, 0)


def test_windows_beyond_the_rim_are_cropped_to_the_map(engine: Engine) -> None:
    world, store = toy_world(50, 41), MemoryTileStore()
    render(world, engine, store)
    grid = world.grid(FAST)
    stitch = world.stitch(grid, store, store.records())
    rows = list(stitch.strips())
    assert sum(strip.rgb.shape[0] for strip in rows) == 41
    assert all(strip.covered.all() and strip.rgb.shape[1] == 50 for strip in rows)
    whole = stitch.region(Rect(0, 0, 50, 41)).rgb
    assert np.array_equal(np.concatenate([strip.rgb for strip in rows]), whole)
