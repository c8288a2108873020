"""The generation thread: what it paints, and what it tells."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from generation.plan.order import rank_tiles
from generation.plan.ports import Engine
from generation.plan.testing import NumpyEngine
from generation.run.jobs import (
    EngineLoading,
    EngineReady,
    Job,
    JobStarted,
    StepDone,
    TileCancelled,
    TileDone,
    TileStarted,
)
from generation.run.records import MemoryTileStore, TileRecord
from generation.run.worker import Worker
from generation.run.world import World
from tests.generation.run.cases import FAST, MIDDLE, PROFILE, raws, render, toy_world
from tests.generation.run.worker_cases import (
    FIRST,
    GRID,
    ROWS,
    SECOND,
    THIRD,
    WORLD,
    Ear,
    at_step,
    bench,
)
from tests.support.toy_worlds import SAND
from zones.errors import InputError
from zones.grid import TileCoord


def test_a_job_paints_what_the_renderer_paints() -> None:
    expected = MemoryTileStore()
    with bench() as b:
        b.submit()
        end = b.ear.ended()
        render(WORLD, b.engines[0], expected)
    assert (end.outcome, end.done, end.total) == ("done", 9, 9)
    assert raws(b.store) == raws(expected)
    for tile, record in expected.records().items():
        assert b.store.records()[tile] == record


def test_a_worker_that_waits_keeps_no_map_alive() -> None:
    ear, store = Ear(), MemoryTileStore()
    seen = weakref.ref(store)
    worker = Worker(lambda _: NumpyEngine(PROFILE), ear)
    try:
        worker.submit(Job(1, "one tile", toy_world(), FAST, store, (MIDDLE,)), "toy")
        assert ear.ended().outcome == "done"
        del store
        until = time.monotonic() + 10
        while seen() is not None and time.monotonic() < until:
            gc.collect()
        assert seen() is None
    finally:
        worker.close()


def test_events_come_in_order_and_from_the_generation_thread() -> None:
    with bench() as b:
        b.submit([FIRST])
        b.ear.ended()
    kinds = [type(event).__name__ for event in b.ear.events]
    assert kinds == [
        "EngineLoading",
        "EngineReady",
        "JobStarted",
        "TileStarted",
        "StepDone",
        "StepDone",
        "TileDone",
        "JobEnded",
    ]
    assert b.ear.threads == {"generation"}
    assert b.engines[0].threads == {"generation"}


def test_every_step_brings_a_preview() -> None:
    with bench() as b:
        b.submit([FIRST])
        b.ear.ended()
    for event in b.ear.all(StepDone):
        assert event.preview is not None
        assert event.preview.shape == (8, 8, 3)
        assert not event.preview.flags.writeable


def test_the_engine_is_loaded_once_for_jobs_of_one_model() -> None:
    with bench() as b:
        b.submit([FIRST])
        b.submit([SECOND], 2)
        b.ear.ended(2)
    assert len(b.engines) == len(b.ear.all(EngineReady)) == 1


def test_another_model_takes_the_place_of_the_first() -> None:
    with bench() as b:
        job = b.submit([FIRST])
        b.worker.submit(replace(job, number=2, tiles=(SECOND,)), "other")
        b.ear.ended(2)
        assert [event.model for event in b.ear.all(EngineLoading)] == ["numpy", "other"]
        assert [engine.is_closed for engine in b.engines] == [True, False]


def test_a_job_cancelled_before_its_turn_paints_nothing() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST])
        b.submit([SECOND, THIRD], 2)
        at_step(b, 1, lambda: b.worker.cancel(2))
        assert b.ear.ended(2).outcome == "cancelled"
        assert b.ear.ended(1).outcome == "done"
    assert b.ear.tiles(TileCancelled) == [SECOND, THIRD]
    assert [event.tile for event in b.ear.all(TileStarted)] == [FIRST]


def test_a_tile_cancelled_while_its_model_loads_is_not_painted() -> None:
    loading, go = threading.Event(), threading.Event()
    with bench() as b:
        load = b._load

        def slow(model: str) -> Engine:
            loading.set()
            go.wait(10)
            return load(model)

        worker = Worker(slow, b.ear)
        worker.submit(Job(1, "run", WORLD, FAST, b.store, (FIRST, SECOND)), "numpy")
        assert loading.wait(10)
        worker.cancel_tile(1, FIRST)
        go.set()
        assert b.ear.ended().done == 1
        assert worker.close()
    assert b.ear.tiles(TileCancelled) == [FIRST]
    assert b.ear.steps(FIRST) == []


@pytest.mark.parametrize("step", [1, 2])
def test_a_tile_cancelled_at_a_step_stops_there_and_the_job_goes_on(step: int) -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST, SECOND])
        b.gate.let(step - 1)
        at_step(b, step, lambda: b.worker.cancel_tile(1, FIRST))
        end = b.ear.ended()
    assert b.ear.steps(FIRST) == list(range(1, step + 1))
    assert b.ear.tiles(TileCancelled) == [FIRST]
    assert list(b.store.records()) == [SECOND]
    assert (end.outcome, end.done, end.total) == ("done", 1, 2)


def test_cancelling_everything_keeps_the_tiles_that_are_finished() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit()
        b.submit([MIDDLE], 2)
        b.gate.let(2)
        at_step(b, 3, b.worker.cancel_all)
        ends = [b.ear.ended(1), b.ear.ended(2)]
    assert [end.outcome for end in ends] == ["cancelled", "cancelled"]
    assert list(b.store.records()) == [FIRST]
    assert len(b.ear.all(TileCancelled)) == 8 + 1


def test_a_finished_tile_is_not_cancelled_any_more() -> None:
    with bench() as b:
        b.submit([FIRST])
        b.ear.wait(TileDone)
        b.worker.cancel_tile(1, FIRST)
        assert b.ear.ended().outcome == "done"
    assert b.ear.all(TileCancelled) == []
    assert list(b.store.records()) == [FIRST]


def test_a_paused_worker_waits_between_steps_and_goes_on_to_the_same_pixels() -> None:
    expected = MemoryTileStore()
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST])
        at_step(b, 1, b.worker.pause)
        b.ear.wait(StepDone)
        time.sleep(0.05)
        assert b.ear.steps(FIRST) == [1]
        b.worker.resume()
        b.ear.ended()
        render(WORLD, b.engines[0], expected, [FIRST])
    assert raws(b.store) == raws(expected)


def test_a_job_may_be_added_and_cancelled_during_a_pause() -> None:
    with bench() as b:
        b.worker.pause()
        b.submit([FIRST])
        b.submit([SECOND], 2)
        b.worker.cancel(2)
        assert b.ear.ended(2).outcome == "cancelled"
        assert b.ear.all(JobStarted) == []
        b.worker.resume()
        assert b.ear.ended(1).outcome == "done"


def test_a_tile_of_a_paused_window_can_be_cancelled() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST, SECOND])
        at_step(b, 1, b.worker.pause)
        b.ear.wait(StepDone)
        b.worker.cancel_tile(1, SECOND)
        b.ear.wait(TileCancelled)
        b.worker.cancel_tile(1, FIRST)
        assert b.ear.ended().outcome == "cancelled"


def test_preferred_tiles_come_first_with_those_they_stand_on_and_the_pixels_stay() -> None:
    expected = MemoryTileStore()
    with bench() as b:
        b.gate.shut()
        b.submit()
        at_step(b, 1, lambda: b.worker.prefer([TileCoord(1, 0)]))
        b.ear.ended()
        render(WORLD, b.engines[0], expected)
    started = [event.tile for event in b.ear.all(TileStarted)]
    assert started[:4] == [FIRST, SECOND, TileCoord(1, 0), THIRD]
    assert raws(b.store) == raws(expected)
    for tile, record in expected.records().items():
        assert b.store.records()[tile].predecessors == record.predecessors


def test_a_tile_far_away_is_reached_over_its_neighbours_alone() -> None:
    far = TileCoord(2, 2)
    with bench() as b:
        b.gate.shut()
        b.submit(rank_tiles(GRID, "spiral", FIRST))
        at_step(b, 1, lambda: b.worker.prefer([far]))
        b.ear.ended()
    started = [event.tile for event in b.ear.all(TileStarted)]
    assert started.index(far) < len(started) - 1
    assert len(started) == 9


def test_a_tile_that_the_grid_does_not_have_is_refused() -> None:
    with bench() as b, pytest.raises(InputError):
        b.submit([FIRST, TileCoord(9, 9)])


def test_what_waits_is_told_with_the_tile_being_painted_first() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST, SECOND])
        b.submit([THIRD], 7)
        b.gate.await_arrivals(1)
        assert b.worker.waiting() == ((1, (FIRST, SECOND)), (7, (THIRD,)))


def test_a_deliberate_tile_is_painted_before_a_long_run_goes_on() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit()
        at_step(b, 1, lambda: b.submit([MIDDLE], 2, deliberate=True) and None)
        b.ear.ended(1)
    assert b.ear.tiles(TileDone)[:3] == [FIRST, MIDDLE, SECOND]
    records = b.store.records()
    assert len({record.sequence for record in records.values()}) == 9
    assert [item.tile for item in records[SECOND].predecessors] == [FIRST]


def test_every_candidate_is_kept_and_the_best_lands() -> None:
    with bench() as b:
        b.submit([MIDDLE], deliberate=True, candidates=3, seeds={MIDDLE: 40})
        b.ear.ended()
    kept = b.store.candidates
    landed = b.store.records()[MIDDLE]
    assert [record.seed for record, _ in kept] == [40, 41, 42]
    assert landed in [record for record, _ in kept]
    assert len({record.sequence for record, _ in kept}) == 1
    assert b.ear.steps(MIDDLE) == [1, 2, 3, 4, 5, 6]
    assert {event.steps for event in b.ear.all(StepDone)} == {6}


def test_candidates_painted_before_a_cancellation_are_kept_and_none_lands() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([MIDDLE], deliberate=True, candidates=3)
        b.gate.let(2)
        at_step(b, 3, b.worker.cancel_all)
        b.ear.ended()
    assert len(b.store.candidates) == 1
    assert b.store.records() == {}


def test_a_tile_is_painted_with_its_own_seed() -> None:
    with bench() as b:
        b.submit([FIRST, SECOND], seeds={SECOND: 99})
        b.ear.ended()
    assert [record.seed for record in b.store.records().values()] == [WORLD.seed, 99]
    assert WORLD.stale_tiles(GRID, b.store, FAST) == ROWS[2:]


class _LateStore(MemoryTileStore):
    """A store for which every result comes too late."""

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        return False


def test_a_superseded_tile_is_told_and_nothing_stands_on_it() -> None:
    with bench() as b:
        b.submit([FIRST, SECOND], store=_LateStore())
        b.ear.ended()
    done = b.ear.all(TileDone)
    assert [event.landed for event in done] == [False, False]
    assert done[1].record.predecessors == ()


def test_a_tile_undone_in_mid_run_is_no_predecessor_any_more() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST, SECOND, THIRD])
        b.gate.let(2)
        at_step(b, 3, lambda: b.store._records.pop(FIRST) and None)
        b.ear.ended()
        b.submit([MIDDLE], 2)
        b.ear.ended(2)
    assert [item.tile for item in b.store.records()[MIDDLE].predecessors] == [SECOND, THIRD]


def repainted(world: World, tile: TileCoord) -> World:
    """The same world with sand painted in the middle of a tile's window."""
    window = GRID.window(tile)
    zones = world.reader.read_zones(GRID.map_rect).copy()
    zones[window.y + 30 : window.y + 34, window.x + 30 : window.x + 34] = SAND
    return toy_world(zones=zones)


def test_a_tile_is_painted_from_the_map_as_it_is_at_its_turn() -> None:
    last, world = ROWS[-1], [WORLD]
    after = repainted(WORLD, last)
    with bench() as b:
        b.gate.shut()
        b.submit(now=lambda: (world[-1], world[-1]))
        at_step(b, 1, lambda: world.append(after))
        assert b.ear.ended().done == 9
        expected = MemoryTileStore()
        render(after, b.engines[0], expected)
    assert raws(b.store) == raws(expected)
    found, wanted = b.store.records()[last], expected.records()[last]
    assert (found.inputs_hash, found.painted_hash) == (wanted.inputs_hash, wanted.painted_hash)


def test_a_tile_that_is_being_painted_keeps_the_map_it_began_with() -> None:
    world = [WORLD]
    after = repainted(WORLD, FIRST)
    with bench() as b:
        b.gate.shut()
        b.submit([FIRST, SECOND], now=lambda: (world[-1], world[-1]))
        at_step(b, 1, lambda: world.append(after))
        b.ear.ended()
    first, second = b.store.records()[FIRST], b.store.records()[SECOND]
    assert first.inputs_hash == WORLD.inputs_hash(GRID, FIRST, FAST)
    assert not after.is_fresh(GRID, first)
    assert second.predecessors == ()  # it does not lean on what is stale by now


def test_a_map_whose_windows_lie_elsewhere_by_now_leaves_the_job_as_it_was() -> None:
    other = toy_world(128, 64)
    with bench() as b:
        b.submit([FIRST, SECOND], now=lambda: (other, other))
        assert b.ear.ended().done == 2
    for tile, record in b.store.records().items():
        assert record.inputs_hash == WORLD.inputs_hash(GRID, tile, FAST)


def test_a_job_refuses_a_tile_twice_and_no_candidate() -> None:
    job = Job(1, "run", WORLD, FAST, MemoryTileStore(), (FIRST,))
    with pytest.raises(ValueError, match="different"):
        replace(job, tiles=(FIRST, FIRST))
    with pytest.raises(ValueError, match="candidate"):
        replace(job, candidates=0)
