"""The one generation thread: takes tiles from the queue, paints them, and tells what happened.

Nothing that fails here ends the thread: a tile that fails is told with its reason, an engine that
died is loaded again, and a model that can't be loaded ends only the job that wanted it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from generation.plan.errors import Cancelled, EngineDied, OutOfMemory
from generation.plan.ports import Engine
from generation.run.job_queue import Entry, JobQueue, Turn
from generation.run.jobs import (
    Cause,
    EngineLoading,
    EngineReady,
    Event,
    Job,
    JobEnded,
    JobStarted,
    StepDone,
    TileCancelled,
    TileDone,
    TileFailed,
    TileStarted,
    WorkerFailed,
)
from generation.run.painting import Kept, TilePainter
from generation.run.repair import TileRepairer
from zones.errors import InputError, TilewrightError
from zones.grid import TileCoord

_LOG = logging.getLogger(__name__)

_DEATHS = 3
"""Tiles in a row that may fail with a dying engine before their job is given up."""

_KILL_AFTER = 1 / 3
"""Share of the time for closing after which an engine that has not reached a step is closed."""


class _NoEngineError(Exception):
    """The model can't be loaded; its text is for the user."""


class Worker:
    """Paints jobs on a thread of its own.

    Thread: every method may be called from any thread and returns at once, `close` excepted.

    Args:
        load_engine: makes an engine from a model's name; called on the generation thread, and
            again after an engine died.
        sink: told of every event, on the generation thread; it must not wait for other threads.
    """

    def __init__(self, load_engine: Callable[[str], Engine], sink: Callable[[Event], None]) -> None:
        self._load_engine = load_engine
        self._sink = sink
        self._queue = JobQueue()
        self._engine: Engine | None = None
        self._model: str | None = None
        self._is_loading = False
        self._painters: dict[Entry, TilePainter | TileRepairer] = {}
        self._deaths = 0
        self._sequence = -1
        self._thread = threading.Thread(target=self._run, name="generation", daemon=True)
        self._thread.start()

    def submit(self, job: Job, model: str) -> None:
        """Have a job painted after those that wait; a deliberate one before them.

        Raises:
            InputError: the job's grid has no such tile.
        """
        self._queue.submit(job, model)

    def cancel_tile(self, job: int, tile: TileCoord) -> None:
        """Stop a tile: at the next step if it is being painted, at once if it waits."""
        self._queue.cancel_tile(job, tile)
        self._stop_needless_loading()

    def cancel(self, job: int) -> None:
        """Stop a job at the next step; finished tiles stay."""
        self._queue.cancel(job)
        self._stop_needless_loading()

    def cancel_all(self) -> None:
        """Stop every job at the next step; finished tiles stay."""
        self._queue.cancel_all()
        self._stop_needless_loading()

    def pause(self) -> None:
        """Stop between steps until `resume`; jobs may still be added and cancelled."""
        self._queue.pause()

    def resume(self) -> None:
        """Go on where `pause` stopped."""
        self._queue.resume()

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first, and those they are anchored on; the pixels stay the same."""
        self._queue.prefer(tiles)

    def waiting(self) -> tuple[tuple[int, tuple[TileCoord, ...]], ...]:
        """For every job: its number and its tiles that are not finished, the current one first."""
        return self._queue.waiting()

    def close(self, timeout_s: float = 3.0) -> bool:
        """End the thread and the engine; no event follows, and what waits stays in `waiting`.

        A window that is being painted ends at its next step, or with its engine where that takes
        too long.

        Args:
            timeout_s: longest time this takes, seconds.

        Returns:
            Whether the thread has ended. Only an engine in this very process can make it False.
        """
        deadline = time.monotonic() + timeout_s
        self._queue.close()
        if self._is_loading:
            self._close_engine()
        self._thread.join(timeout_s * _KILL_AFTER)
        if self._thread.is_alive():
            self._close_engine()
            self._thread.join(max(0.0, deadline - time.monotonic()))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._queue.is_closed:
                self._tell_dropped()
                self._serve_next()
        finally:
            self._close_engine()

    def _serve_next(self) -> None:
        """Wait for a turn and serve it; while it waits, nothing keeps the last job's map alive."""
        turn = self._queue.claim()
        if turn is not None:
            self._serve(turn)

    def _serve(self, turn: Turn) -> None:
        entry, job = turn.entry, turn.entry.job
        if turn.tile is None:
            self._queue.end(entry)
            self._painters.pop(entry, None)
            self._tell(JobEnded(job.number, entry.outcome, entry.done, len(job.tiles)))
            return
        try:
            kept = self._paint_or_reload(turn, turn.tile)
        except Cancelled:
            self._settle_cancelled(turn)
        except _NoEngineError as error:
            self._queue.settle(turn)
            self._give_up(entry, str(error))
        except Exception as error:  # noqa: BLE001 - one tile's failure never ends the thread
            self._fail(turn, turn.tile, error)
        else:
            self._deaths = 0
            self._queue.settle(turn, done=True)
            done, total = entry.done, len(job.tiles)
            told = TileDone(job.number, kept.record, kept.landed, done, total, kept.repaired)
            self._tell(told)

    def _settle_cancelled(self, turn: Turn) -> None:
        if not self._queue.is_closed:
            self._queue.settle(turn)

    def _fail(self, turn: Turn, tile: TileCoord, error: Exception) -> None:
        entry = turn.entry
        self._queue.settle(turn, failed=True)
        self._tell(_failure(entry.job.number, tile, error))
        self._deaths = self._deaths + 1 if isinstance(error, EngineDied) else 0
        if self._deaths == _DEATHS:
            self._deaths = 0
            self._give_up(entry, f"the model died on {_DEATHS} tiles in a row: {error}")

    def _give_up(self, entry: Entry, reason: str) -> None:
        self._queue.give_up(entry)
        self._tell(WorkerFailed(reason))

    def _paint_or_reload(self, turn: Turn, tile: TileCoord) -> Kept:
        """Paint a tile, with a new engine if the engine dies over it.

        Raises:
            EngineDied: twice on this tile.
        """
        try:
            return self._paint(turn, tile)
        except EngineDied:
            _LOG.warning("the engine died over tile %s; loading it again", tile, exc_info=True)
            self._close_engine()
        try:
            return self._paint(turn, tile)
        except EngineDied:
            self._close_engine()
            raise

    def _paint(self, turn: Turn, tile: TileCoord) -> Kept:
        self._check(turn)
        engine = self._engine_for(turn)
        painter = self._painter_of(turn.entry, engine)
        number = turn.entry.job.number
        self._tell(TileStarted(number, tile))

        def on_step(step: int, steps: int, preview: npt.NDArray[np.uint8] | None) -> None:
            self._tell(StepDone(number, tile, step, steps, preview))
            self._check(turn)

        try:
            kept = painter.paint(tile, on_step, lambda: self._check(turn))
        except Cancelled:
            if self._queue.is_wanted(turn):
                raise EngineDied("the model was closed in the middle of its work") from None
            raise
        self._sequence = painter.last_sequence
        return kept

    def _painter_of(self, entry: Entry, engine: Engine) -> TilePainter | TileRepairer:
        painter = self._painters.get(entry)
        if painter is None:
            made = TilePainter if entry.job.repair is None else TileRepairer
            painter = self._painters[entry] = made(entry.job, engine)
            self._tell(JobStarted(entry.job.number, len(entry.job.tiles)))
        painter.engine = engine
        painter.last_sequence = max(painter.last_sequence, self._sequence)
        return painter

    def _check(self, turn: Turn) -> None:
        """Wait while paused; raise `Cancelled` where the tile is not wanted any more."""
        self._tell_dropped()
        while not self._queue.may_go_on(turn):
            self._tell_dropped()

    def _engine_for(self, turn: Turn) -> Engine:
        """The engine of a job's model, loaded where it is not.

        Raises:
            Cancelled: nothing waits for it any more.
            EngineDied: while it was being loaded.
            _NoEngineError: it can't be loaded.
        """
        model = turn.entry.model
        if self._engine is not None and self._model == model:
            return self._engine
        self._close_engine()
        try:
            engine = self._loaded(model)
        except EngineDied:
            raise
        except TilewrightError as error:
            raise _NoEngineError(str(error)) from error
        except Exception as error:
            _LOG.exception("the model %s can't be loaded", model)
            raise _NoEngineError(f"the model {model} can't be loaded ({error!r})") from error
        self._check(turn)
        return engine

    def _loaded(self, model: str) -> Engine:
        """A new engine, ready to paint; it is closed again if it does not come to that."""
        self._is_loading = True  # before the look at the queue, so that no cancelling is missed
        try:
            self._tell(EngineLoading(model))
            engine = self._engine = self._load_engine(model)
            self._model = model
            self._check_needed()
            self._tell(EngineReady(engine.describe()))
        except BaseException:
            self._close_engine()
            raise
        finally:
            self._is_loading = False
        return engine

    def _check_needed(self) -> None:
        if self._queue.is_closed or self._queue.is_idle:
            raise Cancelled

    def _stop_needless_loading(self) -> None:
        if self._is_loading and self._queue.is_idle:
            self._close_engine()

    def _close_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _tell_dropped(self) -> None:
        for job, tile in self._queue.take_dropped():
            self._tell(TileCancelled(job, tile))

    def _tell(self, event: Event) -> None:
        if self._queue.is_closed:
            return
        try:
            self._sink(event)
        except Exception:  # noqa: BLE001 - a listener's fault is not the painter's
            _LOG.exception("an event of the generation thread was not taken")


def _failure(job: int, tile: TileCoord, error: Exception) -> TileFailed:
    if isinstance(error, OutOfMemory):
        needed, free = error.needed_bytes, error.free_bytes
        return TileFailed(job, tile, str(error), "memory", needed, free)
    if isinstance(error, TilewrightError):
        causes: dict[type[TilewrightError], Cause] = {EngineDied: "engine", InputError: "input"}
        found = (cause for kind, cause in causes.items() if isinstance(error, kind))
        return TileFailed(job, tile, str(error), next(found, "work"))
    _LOG.error("tile %s failed", tile, exc_info=error)
    return TileFailed(job, tile, f"a fault in the program: {error!r}", "bug")
