"""What the worker tells, entered into the books: ledger, tile states, problems, what is left."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatchmethod

from app.core.problems import Problem, Problems, tile_key
from app.core.run_ledger import RunLedger
from app.core.run_status import ModelState
from app.workspace.left_over import LeftOver
from app.workspace.queue_keeper import rests_of
from app.workspace.tile_desk import TileDesk
from generation.run import jobs
from zones.grid import TileCoord


class RunEvents:
    """Enters events; GUI thread.

    Args:
        desk: the open map's tiles.
        problems: are told which tiles failed.
        ledger: of the runs.
        left_over: gets what the worker gave up.

    Attributes:
        model_state: of the engine, by what was told last.
    """

    def __init__(
        self, desk: TileDesk, problems: Problems, ledger: RunLedger, left_over: LeftOver
    ) -> None:
        self._desk = desk
        self._problems = problems
        self._ledger = ledger
        self._left_over = left_over
        self._told: set[TileCoord] = set()
        self.model_state: ModelState = "none"

    def take(self, events: Iterable[jobs.Event]) -> frozenset[TileCoord]:
        """Enter events in order; the tiles whose state is another one."""
        self._told = set()
        for event in events:
            self._take(event)
        return frozenset(self._told)

    def take_step(self, event: jobs.StepDone) -> bool:
        """Enter a step; False where its tile is over already."""
        job = self._ledger.running.get(event.job)
        if job is None or event.tile not in job.left:
            return False
        self._desk.states.paint(event.tile, event.step, event.steps, event.preview)
        return True

    @singledispatchmethod
    def _take(self, event: object) -> None:
        raise TypeError(f"a worker does not tell {event!r}")

    @_take.register
    def _(self, _event: jobs.EngineLoading) -> None:
        self.model_state = "loading"

    @_take.register
    def _(self, _event: jobs.EngineReady) -> None:
        self.model_state = "ready"
        self._problems.clear("engine")

    @_take.register
    def _(self, event: jobs.JobStarted) -> None:
        self._ledger.current = event.job

    @_take.register
    def _(self, event: jobs.TileStarted) -> None:
        self._ledger.tile_started(event)
        self._desk.states.paint(event.tile)
        self._told.add(event.tile)

    @_take.register
    def _(self, event: jobs.TileDone) -> None:
        tile = event.record.tile
        self._ledger.tile_done(event)
        self._problems.clear(tile_key(tile))
        if event.landed:
            self._desk.states.land(tile, event.record.sequence)
            self._told.add(tile)
        else:
            self._rest(tile)

    @_take.register
    def _(self, event: jobs.TileFailed) -> None:
        self._ledger.tile_failed(event)
        self._rest(event.tile, event.reason)
        advice = "smaller" if event.cause == "memory" else "retry"
        key = tile_key(event.tile)
        self._problems.add(Problem(key, "error", event.reason, event.tile, advice))

    @_take.register
    def _(self, event: jobs.TileCancelled) -> None:
        self._ledger.tile_cancelled(event)
        self._rest(event.tile)

    @_take.register
    def _(self, event: jobs.JobEnded) -> None:
        lost = self._ledger.job_ended(event)
        self._told |= self._desk.states.rest_all(event.job)
        if lost is not None:
            self._left_over.add(rests_of((lost,)))

    @_take.register
    def _(self, event: jobs.WorkerFailed) -> None:
        self.model_state = "failed"
        self._ledger.gave_up()
        self._problems.add(Problem("engine", "error", event.reason, advice="resume"))

    def _rest(self, tile: TileCoord, reason: str = "") -> None:
        """A tile of a job is over; another job may still have it."""
        self._desk.states.rest(tile, reason)
        holder = self._ledger.holder(tile)
        if holder is not None:
            self._desk.states.queue((tile,), holder)
        self._told.add(tile)
