"""A listener for the generation thread, and workers with an engine that tests can hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from generation.plan.order import rank_tiles
from generation.plan.ports import Engine
from generation.plan.testing import NumpyEngine, StepGate
from generation.run.jobs import Event, Job, JobEnded, StepDone, TileCancelled, TileDone, TileFailed
from generation.run.records import MemoryTileStore
from generation.run.worker import Worker
from tests.generation.run.cases import FAST, PROFILE, toy_world
from zones.grid import TileCoord

WORLD = toy_world()
GRID = WORLD.grid(FAST)
ROWS = rank_tiles(GRID, "rows", TileCoord(0, 0))
FIRST, SECOND, THIRD = ROWS[:3]

PATIENCE_S = 120.0
"""Longest wait for an event; a model's process on a busy machine needs half a minute to load."""

E = TypeVar("E")


class Ear:
    """Keeps every event of a worker and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.threads: set[str] = set()
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()

    def all(self, kind: type[E]) -> list[E]:
        with self._changed:
            return [event for event in self.events if isinstance(event, kind)]

    def wait(self, kind: type[E], count: int = 1) -> E:
        """The last of so many events of a kind, as soon as they have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._found(kind)) >= count, PATIENCE_S), (
                self.events
            )
            found: Any = self._found(kind)[count - 1]
            return found  # type: ignore[no-any-return]

    def ended(self, job: int = 1) -> JobEnded:
        with self._changed:
            assert self._changed.wait_for(lambda: self._ends(job), PATIENCE_S), self.events
            return self._ends(job)[0]

    def tiles(self, kind: type[TileDone | TileFailed | TileCancelled]) -> list[TileCoord]:
        return [
            event.record.tile if isinstance(event, TileDone) else event.tile
            for event in self.all(kind)
        ]

    def steps(self, tile: TileCoord) -> list[int]:
        return [event.step for event in self.all(StepDone) if event.tile == tile]

    def _found(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def _ends(self, job: int) -> list[JobEnded]:
        return [event for event in self._found(JobEnded) if event.job == job]


class Bench:
    """A worker, its listener, its store, and the engines it loaded one after another."""

    def __init__(self, scripts: Sequence[Mapping[tuple[int, int], BaseException]] = ()) -> None:
        self.gate = StepGate()
        self.ear = Ear()
        self.store = MemoryTileStore()
        self.engines: list[NumpyEngine] = []
        self._scripts = list(scripts)
        self.worker = Worker(self._load, self.ear)

    def submit(self, tiles: Sequence[TileCoord] = ROWS, number: int = 1, **changes: Any) -> Job:
        base = Job(number, "run", WORLD, FAST, self.store, tuple(tiles))
        job = replace(base, **changes)
        self.worker.submit(job, "numpy")
        return job

    def _load(self, _model: str) -> Engine:
        script = self._scripts.pop(0) if self._scripts else {}
        self.engines.append(NumpyEngine(PROFILE, gate=self.gate, failures=script))
        return self.engines[-1]


@contextmanager
def bench(*scripts: Mapping[tuple[int, int], BaseException]) -> Iterator[Bench]:
    """A worker that is closed at the end, whatever happens."""
    found = Bench(scripts)
    try:
        yield found
    finally:
        found.gate.open()
        assert found.worker.close()


def at_step(bench: Bench, number: int, do: Callable[[], None]) -> None:
    """Do something while the engine is held at the end of its step of that number."""
    bench.gate.await_arrivals(number)
    do()
    bench.gate.open()
