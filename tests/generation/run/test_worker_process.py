"""The generation thread with a real model in its own process."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import psutil
import pytest
import torch

from generation.engine.process import ProcessEngine
from generation.plan.ports import Engine
from generation.run.jobs import EngineLoading, EngineReady, Event, Job, StepDone
from generation.run.records import MemoryTileStore
from generation.run.worker import Worker
from tests.generation.run.cases import FAST, raws, render
from tests.generation.run.worker_cases import FIRST, SECOND, THIRD, WORLD, Ear
from tests.support.toy_models import save_toy_folder

TILES = (FIRST, SECOND, THIRD)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_toy_folder(tmp_path_factory.mktemp("model") / "toy"))


class Started:
    """Starts engines and remembers them."""

    def __init__(self) -> None:
        self.engines: list[ProcessEngine] = []

    def __call__(self, model: str) -> Engine:
        threads = torch.get_num_threads()
        self.engines.append(ProcessEngine(model, "cpu", threads=threads))
        return self.engines[-1]

    def gone(self) -> bool:
        return not any(psutil.pid_exists(engine._process.pid) for engine in self.engines)


def test_a_process_killed_in_mid_window_is_replaced_and_the_map_stays_the_same(
    folder: str, engine: Engine
) -> None:
    expected, store, ear, started = MemoryTileStore(), MemoryTileStore(), Ear(), Started()
    render(WORLD, engine, expected, TILES)

    def kill(event: Event) -> None:
        ear(event)
        if isinstance(event, StepDone) and event.tile == SECOND and len(started.engines) == 1:
            os.kill(started.engines[0]._process.pid, signal.SIGKILL)

    worker = Worker(started, kill)
    worker.submit(Job(1, "run", WORLD, FAST, store, TILES), folder)
    end = ear.ended()
    assert worker.close()
    assert (end.outcome, end.done) == ("done", 3)
    assert len(ear.all(EngineReady)) == 2
    assert raws(store) == raws(expected)
    assert started.gone()


def test_closing_in_mid_window_leaves_neither_thread_nor_process(folder: str) -> None:
    ear, started, before = Ear(), Started(), set(threading.enumerate())
    worker = Worker(started, ear)
    long = Job(1, "run", WORLD, type(FAST)(steps=255), MemoryTileStore(), TILES)
    worker.submit(long, folder)
    ear.wait(StepDone, 3)
    assert worker.close(3.0)
    assert set(threading.enumerate()) == before
    assert started.gone()


@pytest.mark.parametrize("end", ["close", "cancel"])
def test_a_model_that_is_still_loading_holds_nothing_up(folder: str, end: str) -> None:
    ear, started = Ear(), Started()
    worker = Worker(started, ear)
    worker.submit(Job(1, "run", WORLD, FAST, MemoryTileStore(), TILES), folder)
    ear.wait(EngineLoading)
    if end == "cancel":
        worker.cancel_all()
        assert ear.ended().outcome == "cancelled"
        assert ear.all(EngineReady) == []
    assert worker.close(3.0)
    assert started.gone()


def test_a_model_that_is_not_there_ends_the_job_with_its_reason(tmp_path: Path) -> None:
    ear, started = Ear(), Started()
    worker = Worker(started, ear)
    worker.submit(Job(1, "run", WORLD, FAST, MemoryTileStore(), TILES), str(tmp_path / "none"))
    assert ear.ended().outcome == "failed"
    assert worker.close()
    assert started.gone()
