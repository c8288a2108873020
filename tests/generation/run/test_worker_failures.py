"""What the generation thread survives, and how it ends."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from generation.plan.errors import EngineDied, OutOfMemory
from generation.plan.ports import Engine
from generation.run.jobs import (
    Event,
    Job,
    StepDone,
    TileCancelled,
    TileDone,
    TileFailed,
    WorkerFailed,
)
from generation.run.records import MemoryTileStore
from generation.run.worker import Worker
from tests.generation.run.cases import FAST, raws, render
from tests.generation.run.worker_cases import (
    FIRST,
    ROWS,
    SECOND,
    WORLD,
    Ear,
    bench,
)
from zones.errors import InputError, WorkError


def test_a_failed_tile_says_why_and_its_neighbours_do_without_it() -> None:
    with bench({(0, 2): WorkError("the paint ran out")}) as b:
        b.submit([FIRST, SECOND])
        end = b.ear.ended()
    (failed,) = b.ear.all(TileFailed)
    assert (failed.tile, failed.reason, failed.cause) == (FIRST, "the paint ran out", "work")
    assert (end.outcome, end.done) == ("done", 1)
    assert b.store.records()[SECOND].predecessors == ()


def test_out_of_memory_says_what_was_needed_and_what_was_free() -> None:
    with bench({(0, 1): OutOfMemory("too large", needed_bytes=7, free_bytes=3)}) as b:
        b.submit([FIRST])
        assert b.ear.ended().outcome == "failed"
    (failed,) = b.ear.all(TileFailed)
    assert (failed.cause, failed.needed_bytes, failed.free_bytes) == ("memory", 7, 3)


def test_a_bug_in_one_tile_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    with bench({(0, 1): KeyError("hole")}) as b:
        b.submit([FIRST, SECOND])
        assert b.ear.ended().done == 1
    assert [failed.cause for failed in b.ear.all(TileFailed)] == ["bug"]
    assert "hole" in caplog.text


def test_a_dead_engine_is_loaded_again_and_the_tile_painted_again() -> None:
    expected = MemoryTileStore()
    with bench({(1, 2): EngineDied("gone")}) as b:
        b.submit()
        assert b.ear.ended().done == 9
        render(WORLD, b.engines[1], expected)
    assert [engine.is_closed for engine in b.engines] == [True, True]
    assert b.ear.steps(SECOND) == [1, 1, 2]
    assert raws(b.store) == raws(expected)


def test_a_tile_that_kills_the_engine_twice_fails_and_the_job_goes_on() -> None:
    dead = {(0, 1): EngineDied("gone")}
    with bench(dead, dead) as b:
        b.submit([FIRST, SECOND])
        assert b.ear.ended().done == 1
    assert [(failed.tile, failed.cause) for failed in b.ear.all(TileFailed)] == [(FIRST, "engine")]
    assert len(b.engines) == 3


def test_a_job_whose_engine_always_dies_is_given_up_after_three_tiles() -> None:
    with bench(*[{(0, 1): EngineDied("gone")}] * 6) as b:
        b.submit()
        end = b.ear.ended()
        b.submit([FIRST], 2)
        assert b.ear.ended(2).outcome == "done"
    assert end.outcome == "failed"
    assert b.ear.tiles(TileFailed) == list(ROWS[:3])
    assert b.ear.tiles(TileCancelled) == list(ROWS[3:])
    assert "gone" in b.ear.wait(WorkerFailed).reason


@pytest.mark.parametrize("error", [InputError("no such model"), RuntimeError("broken")])
def test_a_model_that_cannot_be_loaded_ends_its_job_and_no_more(error: Exception) -> None:
    ear, store = Ear(), MemoryTileStore()
    with bench() as b:

        def load(model: str) -> Engine:
            if model == "broken":
                raise error
            return b._load(model)

        worker = Worker(load, ear)
        job = Job(1, "run", WORLD, FAST, store, (FIRST, SECOND))
        worker.submit(job, "broken")
        assert ear.ended(1).outcome == "failed"
        worker.submit(replace(job, number=2), "numpy")
        assert ear.ended(2).outcome == "done"
        assert worker.close()
    assert str(error) in ear.wait(WorkerFailed).reason
    assert ear.tiles(TileCancelled) == [FIRST, SECOND]


def test_a_listener_that_fails_does_not_stop_the_painting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, done = MemoryTileStore(), threading.Event()
    with bench() as b:

        def sink(event: Event) -> None:
            if isinstance(event, TileDone):
                done.set()
            raise ValueError("deaf")

        worker = Worker(b._load, sink)
        worker.submit(Job(1, "run", WORLD, FAST, store, (FIRST,)), "numpy")
        assert done.wait(10)
        assert worker.close()
    assert list(store.records()) == [FIRST]
    assert "deaf" in caplog.text


def test_a_worker_closed_while_busy_ends_soon_and_keeps_what_waits() -> None:
    with bench() as b:
        b.gate.shut()
        b.submit()
        b.gate.await_arrivals(1)
        closing = threading.Thread(target=b.worker.close)
        closing.start()
        while not b.worker._queue.is_closed:
            time.sleep(0.001)
        b.gate.open()
        closing.join(3.0)
        assert not closing.is_alive()
        assert b.worker.waiting() == ((1, ROWS),)
    assert b.engines[0].is_closed
    assert b.ear.all(TileDone) == []


def test_an_idle_and_a_paused_worker_close() -> None:
    with bench() as idle:
        pass
    with bench() as paused:
        paused.worker.pause()
        paused.submit()
    assert paused.ear.events == idle.ear.events == []


def test_five_thousand_events_come_whole_and_in_order() -> None:
    long = replace(FAST, steps=250)
    with bench() as b:
        for number in range(20):
            b.submit([FIRST], number + 1, settings=long)
        b.ear.ended(20)
    steps = [(event.job, event.step) for event in b.ear.all(StepDone)]
    assert steps == [(job, step) for job in range(1, 21) for step in range(1, 251)]


def test_a_thread_is_left_by_no_worker() -> None:
    before = set(threading.enumerate())
    with bench() as b:
        b.submit([FIRST])
        b.ear.ended()
    assert set(threading.enumerate()) == before
