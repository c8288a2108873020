"""Runs: what is painted, in which order, from what, and what is kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from generation.plan.errors import Cancelled
from generation.plan.order import Order, predecessors_of, rank_tiles
from generation.plan.ports import Engine
from generation.run.records import MemoryTileStore
from generation.run.render import Renderer, RunEvent, StepDone, TileDone, compile_now
from generation.run.world import World
from tests.generation.run.cases import (
    FAST,
    MIDDLE,
    Listening,
    raws,
    render,
    stitched,
    toy_world,
)
from tests.support.records import finished_record
from tests.support.toy_worlds import SAND, toy_zones
from zones.compiler import compile_window
from zones.grid import TileCoord

WORLD = toy_world()
GRID = WORLD.grid(FAST)
CORNERS = [TileCoord(0, 0), TileCoord(0, 2), TileCoord(2, 0), TileCoord(2, 2)]
SIDES = [TileCoord(0, 1), TileCoord(1, 0), TileCoord(1, 2), TileCoord(2, 1)]


@pytest.mark.parametrize("order", ["spiral", "rows", "anchors-first"])
def test_every_order_paints_each_tile_once_against_its_earlier_neighbours(
    engine: Engine, order: Order
) -> None:
    store = MemoryTileStore()
    records = render(WORLD, engine, store, order=order)
    ranked = rank_tiles(GRID, order, MIDDLE)
    assert [record.tile for record in records] == list(ranked)
    assert [record.sequence for record in records] == list(range(9))
    for rank, record in enumerate(records):
        expected = predecessors_of(GRID, record.tile, ranked, ranked[:rank])
        assert [(p.tile, p.window) for p in record.predecessors] == [
            (p.tile, p.window) for p in expected
        ]


def test_a_tile_is_kept_before_the_run_goes_on(engine: Engine) -> None:
    store = MemoryTileStore()
    for done, record in enumerate(Renderer(WORLD, engine, store, FAST).render(SIDES), start=1):
        assert store.records()[record.tile] == record
        assert len(store.records()) == done


def test_the_stored_window_is_the_engines_own_pixels(listening: Listening) -> None:
    store = MemoryTileStore()
    records = render(WORLD, listening, store, [MIDDLE, TileCoord(0, 0)])
    for record, window in zip(records, listening.windows, strict=True):
        assert np.array_equal(store.raw(record.tile), window.rgb)


def test_what_is_inspected_is_what_the_run_is_given(
    listening: Listening, finished: MemoryTileStore
) -> None:
    compiled = compile_now(WORLD, finished, FAST, MIDDLE)
    (record,) = render(WORLD, listening, finished, [MIDDLE], deliberate=True)
    (request,) = listening.requests
    assert np.array_equal(request.seed_canvas, compiled.seed_canvas)
    assert np.array_equal(request.inpaint_mask, compiled.inpaint_mask)
    assert request.change_map is not None
    assert np.array_equal(request.change_map, compiled.change_map)
    assert request.prompt == compiled.prompt == record.prompt


def test_a_window_with_nothing_to_hold_is_plain_generation(listening: Listening) -> None:
    render(toy_world(strokes=()), listening, MemoryTileStore(), [MIDDLE])
    assert listening.requests[0].change_map is None


def test_equal_runs_give_equal_windows(engine: Engine, finished: MemoryTileStore) -> None:
    again = MemoryTileStore()
    render(WORLD, engine, again)
    assert raws(again) == raws(finished)


def test_it_is_no_matter_which_of_two_strangers_is_painted_first(engine: Engine) -> None:
    one, other = MemoryTileStore(), MemoryTileStore()
    for tile in CORNERS:
        render(WORLD, engine, one, [tile])
    for tile in reversed(CORNERS):
        render(WORLD, engine, other, [tile])
    for store in (one, other):
        render(WORLD, engine, store, [*SIDES, MIDDLE])
    assert raws(one) == raws(other)
    assert np.array_equal(stitched(WORLD, one), stitched(WORLD, other))


@pytest.mark.parametrize("after", [1, 5, 9, 17])
def test_a_cancelled_run_keeps_its_tiles_and_goes_on_to_the_same_map(
    engine: Engine, finished: MemoryTileStore, after: int
) -> None:
    store, cancel, steps = MemoryTileStore(), threading.Event(), []

    def listen(event: RunEvent) -> None:
        if isinstance(event, StepDone):
            steps.append(event)
            if len(steps) == after:
                cancel.set()

    with pytest.raises(Cancelled):
        render(WORLD, engine, store, on_event=listen, is_cancelled=cancel.is_set)
    assert len(store.records()) == (after - 1) // FAST.steps
    rest = WORLD.stale_tiles(GRID, store, FAST)
    render(WORLD, engine, store, rest)
    assert raws(store) == raws(finished)
    assert np.array_equal(stitched(WORLD, store), stitched(WORLD, finished))


def test_events_count_steps_and_tiles(engine: Engine) -> None:
    events: list[RunEvent] = []
    render(WORLD, engine, MemoryTileStore(), SIDES, on_event=events.append)
    steps = [(event.step, event.steps) for event in events if isinstance(event, StepDone)]
    tiles = [(event.done, event.total) for event in events if isinstance(event, TileDone)]
    assert steps == [(1, 2), (2, 2)] * 4
    assert tiles == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_first_window_is_the_candidate_closest_to_its_canvas(listening: Listening) -> None:
    store = MemoryTileStore()
    first, second = render(
        WORLD, listening, store, [MIDDLE, TileCoord(1, 2)], order="spiral", candidates=3
    )
    assert len(listening.requests) == 4
    variants = listening.windows[:3]
    assert len({window.rgb.tobytes() for window in variants}) == 3
    assert np.array_equal(store.raw(MIDDLE), variants[first.seed - WORLD.seed].rgb)
    compiled = compile_window(
        WORLD.reader,
        GRID,
        WORLD.palette,
        MIDDLE,
        FAST.compile_settings(WORLD.profile, WORLD.map_prompt),
    )
    away = [broad_distance(window.rgb, compiled.seed_canvas) for window in variants]
    assert int(np.argmin(away)) == first.seed - WORLD.seed
    assert second.seed == WORLD.seed


def broad_distance(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """CIEDE2000 between 16 px means, by another route than the run's."""
    small = [Image.fromarray(rgb).resize((4, 4), Image.Resampling.BOX) for rgb in (one, other)]
    first, second = (rgb2lab(np.asarray(picture)) for picture in small)
    return float(deltaE_ciede2000(first, second).mean())


def test_no_candidates_are_painted_where_neighbours_are_finished(
    listening: Listening, finished: MemoryTileStore
) -> None:
    render(WORLD, listening, finished, [MIDDLE], candidates=3)
    assert len(listening.requests) == 1


def test_repainting_everything_starts_from_candidates_again(
    listening: Listening, finished: MemoryTileStore
) -> None:
    render(WORLD, listening, finished, candidates=3)
    assert len(listening.requests) == 9 + 2


def test_stale_tiles_are_no_predecessors(engine: Engine, finished: MemoryTileStore) -> None:
    zones = toy_zones()
    zones[0, 0] = SAND
    (record,) = render(toy_world(zones=zones), engine, finished, [MIDDLE])
    assert {item.tile for item in record.predecessors} == set(GRID.tiles()) - {
        MIDDLE,
        TileCoord(0, 0),
    }


@pytest.mark.parametrize("change", [{"seed": 9}, {"model_hash": "other"}])
def test_a_tile_with_another_seed_or_model_is_still_anchored_on_its_neighbours(
    engine: Engine, finished: MemoryTileStore, change: dict[str, Any]
) -> None:
    other = toy_world(**change)
    (record,) = render(other, engine, finished, [MIDDLE], deliberate=True, judge=WORLD)
    assert len(record.predecessors) == 8
    assert WORLD.stale_tiles(GRID, finished, FAST) == ()


def test_a_record_of_the_run_says_the_same_as_the_world(
    engine: Engine, finished: MemoryTileStore
) -> None:
    record = finished.records()[MIDDLE]
    expected = finished_record(WORLD, MIDDLE, FAST)
    assert record.inputs_hash == expected.inputs_hash
    assert record.painted_hash == expected.painted_hash
    assert record.window == expected.window
    assert record.model == "toy"
    assert record.elapsed_s > 0


def test_records_of_a_second_run_come_after_the_first(
    engine: Engine, finished: MemoryTileStore
) -> None:
    again = render(WORLD, engine, finished, SIDES)
    assert [record.sequence for record in again] == [9, 10, 11, 12]


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"steps": 3}, "steps", 3),
        ({"strength": 0.5}, "strength", 0.5),
        ({"gate": "sigma"}, "gate", "sigma"),
        ({"reference": False}, "reference", False),
        ({"plain": True}, "plain", True),
    ],
)
def test_the_engine_is_asked_for_the_runs_settings(
    listening: Listening, change: dict[str, object], name: str, value: object
) -> None:
    usual = replace(FAST, steps=5)
    settings = replace(usual, **change)  # type: ignore[arg-type]
    render(WORLD, listening, MemoryTileStore(), [MIDDLE], settings)
    assert getattr(listening.requests[0], name) == value
    unlike = Listening(listening.engine)
    render(WORLD, unlike, MemoryTileStore(), [MIDDLE], usual)
    assert not np.array_equal(unlike.windows[0].rgb, listening.windows[0].rgb)


def test_half_the_strength_runs_half_the_schedule(listening: Listening) -> None:
    settings = replace(FAST, steps=4, strength=0.5)
    render(WORLD, listening, MemoryTileStore(), [MIDDLE], settings)
    assert listening.windows[0].steps_run == 2


def noises(
    world: World, listening: Listening, noise: str
) -> dict[TileCoord, npt.NDArray[np.float32]]:
    settings = replace(FAST, noise=noise)  # type: ignore[arg-type]
    records = render(world, listening, MemoryTileStore(), [*SIDES[:2], MIDDLE], settings)
    asked = zip(records, listening.requests, strict=True)
    return {record.tile: request.noise for record, request in asked}


def test_map_noise_is_one_field_and_tile_noise_is_each_tiles_own(engine: Engine) -> None:
    field = noises(WORLD, Listening(engine), "map")
    left, middle = field[TileCoord(1, 0)], field[MIDDLE]
    assert np.array_equal(left[:, :, 4:], middle[:, :, :4])
    own = noises(WORLD, Listening(engine), "tile")
    left, middle = own[TileCoord(1, 0)], own[MIDDLE]
    assert not np.array_equal(left[:, :, 4:], middle[:, :, :4])
    assert not np.array_equal(left, middle)
