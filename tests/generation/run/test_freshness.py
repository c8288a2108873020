"""A tile is stale exactly when something that it is made from is no longer the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.plan.settings import RunSettings
from generation.run.records import MemoryTileStore
from generation.run.world import World
from tests.generation.run.cases import FAST, MIDDLE, PROFILE, finished_store, toy_world
from tests.support.toy_worlds import SAND, SIDE_PX, toy_strokes, toy_zones
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.strokes import Stroke

WORLD = toy_world()
GRID = WORLD.grid(FAST)
STORE = finished_store(WORLD)
CHOSEN = finished_store(WORLD, deliberate=True)


def stale(world: World, store: MemoryTileStore = STORE, settings: RunSettings = FAST) -> set[Any]:
    return set(world.stale_tiles(world.grid(settings), store, settings))


def test_a_tile_that_was_never_rendered_is_stale() -> None:
    assert stale(WORLD, MemoryTileStore()) == set(GRID.tiles())


def test_nothing_is_stale_after_a_run() -> None:
    assert stale(WORLD) == set()


@given(st.integers(0, SIDE_PX - 5), st.integers(0, SIDE_PX - 5), st.integers(1, 5))
def test_a_painted_zone_makes_exactly_the_windows_stale_that_show_it(
    x: int, y: int, side: int
) -> None:
    zones = toy_zones()
    zones[y : y + side, x : x + side] = SAND
    painted = Rect(x, y, side, side)
    touched = {tile for tile in GRID.tiles() if GRID.window(tile).intersect(painted).area}
    assert stale(toy_world(zones=zones)) == touched


def test_a_stroke_makes_exactly_the_windows_stale_that_show_it() -> None:
    dot = Stroke("road", np.array([[90.0, 4.0, 4.0]]))
    assert stale(toy_world(strokes=(*toy_strokes(), dot))) == {TileCoord(0, 2)}


def test_protection_makes_the_windows_stale_that_show_it() -> None:
    protect = np.zeros((SIDE_PX, SIDE_PX), np.bool_)
    protect[:2, :2] = True
    art = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    assert stale(toy_world(protect=protect, art=art)) == {TileCoord(0, 0)}


@pytest.mark.parametrize(
    "change",
    [{"seed": 4}, {"model_hash": "other"}, {"map_prompt": "winter"}],
    ids=lambda change: next(iter(change)),
)
def test_another_seed_model_or_prompt_makes_every_tile_stale(change: dict[str, Any]) -> None:
    assert stale(toy_world(**change)) == set(GRID.tiles())


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 3},
        {"strength": 0.5},
        {"layout": "overlap"},
        {"gate": "sigma"},
        {"noise": "tile"},
        {"mu_feature": 0.5},
        {"stencil_opacity": 0.5},
        {"carve_out": True},
        {"band_source": "stencil"},
        {"compositor": "exact"},
        {"plain": True},
        {"reference": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_redo_every_tile_except_chosen_ones(change: dict[str, Any]) -> None:
    settings = replace(FAST, **change)
    assert stale(WORLD, settings=settings) == set(GRID.tiles())
    assert stale(WORLD, CHOSEN, settings) == set()


@pytest.mark.parametrize(
    ("change", "matters"),
    [
        ({}, False),
        ({"compositor": "exact"}, False),
        ({"compositor": "decformer", "plain": True}, False),
        ({"compositor": "decformer"}, True),
    ],
)
def test_another_trained_compositor_redoes_the_tiles_that_used_it(
    change: dict[str, Any], matters: bool
) -> None:
    settings = replace(FAST, **change)
    store = finished_store(WORLD, settings)
    found = stale(toy_world(compositor_hash="other"), store, settings)
    assert found == (set(GRID.tiles()) if matters else set())


@pytest.mark.parametrize("compositor", ["decformer", "exact"])
def test_a_compositor_is_part_of_the_inputs_of_a_tile(compositor: Any) -> None:
    usual = WORLD.inputs_hash(GRID, MIDDLE, FAST)
    assert WORLD.inputs_hash(GRID, MIDDLE, replace(FAST, compositor=compositor)) != usual
    plain = replace(FAST, plain=True)
    assert WORLD.inputs_hash(
        GRID, MIDDLE, replace(plain, compositor=compositor)
    ) == WORLD.inputs_hash(GRID, MIDDLE, plain)


def test_other_settings_leave_finished_tiles_valid_as_neighbours() -> None:
    assert set(WORLD.fresh_records(GRID, STORE)) == set(GRID.tiles())


@pytest.mark.parametrize("change", [{"seed": 4}, {"model_hash": "other"}])
def test_a_chosen_tile_keeps_its_own_seed_and_model(change: dict[str, Any]) -> None:
    assert stale(toy_world(**change), CHOSEN) == set()


def test_a_chosen_tile_is_stale_once_something_else_is_painted_there() -> None:
    zones = toy_zones()
    zones[0, 0] = SAND
    assert stale(toy_world(zones=zones), CHOSEN) == {TileCoord(0, 0)}
    assert stale(toy_world(map_prompt="winter"), CHOSEN) == set(GRID.tiles())


def test_windows_of_another_model_are_stale_although_the_tiles_exist() -> None:
    profile = PROFILE.model_copy(update={"window_px": 128, "overlap_layout_px": 64})
    world = toy_world(profile=profile)
    assert MIDDLE not in world.grid(FAST).tiles()
    assert stale(world, CHOSEN) == set(world.grid(FAST).tiles())


@pytest.mark.parametrize("wrap", ["x", "y", "xy"])
def test_a_wrapped_map_notices_what_is_painted_across_the_rim(wrap: str) -> None:
    world = toy_world(wrap=wrap, strokes=())
    zones = toy_zones()
    zones[95, 95] = SAND
    showing = world.grid(FAST).windows_touching(Rect(95, 95, 1, 1))
    store = finished_store(world)
    assert stale(toy_world(zones=zones, wrap=wrap, strokes=()), store) == {
        found.tile for found in showing
    }
    assert len(showing) > len(GRID.windows_touching(Rect(95, 95, 1, 1)))


@pytest.mark.parametrize("change", [{"text_tokens": 40}, {"guidance_scale": 2.0}], ids=str)
def test_another_reading_of_the_prompt_makes_every_tile_stale(change: dict[str, Any]) -> None:
    assert stale(toy_world(profile=PROFILE.model_copy(update=change))) == set(GRID.tiles())
