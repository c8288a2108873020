"""Runs of the open map: queued, painted by the worker, followed, kept for the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import singledispatchmethod

from PySide6.QtCore import QObject, Signal, Slot

from app.core.problems import Problem, Problems, tile_key
from app.core.queue_file import QueuedRun
from app.core.run_jobs import job_of, prepared
from app.core.run_ledger import RunLedger
from app.core.run_order import RunOrder
from app.core.run_status import ModelState, RunStatus
from app.workspace.paint_thread import PaintThread
from app.workspace.queue_keeper import Left, QueueKeeper, rests_of, without
from app.workspace.tasks import URGENT, Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.ports import Engine
from generation.plan.settings import RunSettings
from generation.run import jobs
from painter.document import Document
from zones.errors import InputError
from zones.grid import TileCoord

CLOSE_S = 2.5
"""The worker has this long to end."""

_WAITS = -1
"""In the place of a job's number: the tile's run is not ranked yet."""


class Runs(QObject):
    """The queue of runs as the windows see it; GUI thread.

    Args:
        desk: the open map's tiles.
        tasks: rank tiles and write the queue's file.
        problems: are told which tiles failed.
        load_engine: makes the engine of a model, on the worker's thread.
        parent: as of every QObject.

    Attributes:
        left_over: what an earlier session had still to paint, until resumed or dropped.

    Signals:
        changed: `status` is another one.
        stepped: a `StepDone`.
        painted: the frozenset of tiles that landed, when the queue has become empty.
    """

    changed = Signal()
    stepped = Signal(object)
    painted = Signal(object)

    def __init__(
        self,
        desk: TileDesk,
        tasks: Tasks,
        problems: Problems,
        load_engine: Callable[[str], Engine],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tasks = tasks
        self._problems = problems
        self._document: Document | None = None
        self._thread = PaintThread(load_engine, self)
        self._thread.happened.connect(self._on_thread_happened)
        self._thread.stepped.connect(self._on_thread_stepped)
        self._numbers = 0
        self._ledger = RunLedger()
        self._keeper = QueueKeeper(tasks, problems, self._left)
        self._paused = False
        self._model_state: ModelState = "none"
        self._told: set[TileCoord] | None = None
        self.left_over: tuple[QueuedRun, ...] = ()
        desk.settled.connect(self._on_desk_settled)

    # --- asked by the user ---

    @property
    def status(self) -> RunStatus:
        """What the runs are doing."""
        ledger = self._ledger
        return RunStatus(
            running=ledger.is_running,
            paused=self._paused,
            done=ledger.done,
            total=ledger.total,
            failed=ledger.failed,
            seconds_left=ledger.seconds_left(),
            label=ledger.label,
            model_state=self._model_state,
            superseded=ledger.superseded,
        )

    @property
    def is_running(self) -> bool:
        """Whether anything is painted or waits for it."""
        return self._ledger.is_running

    def seconds_for(self, tiles: int, settings: RunSettings) -> float | None:
        """How long so many tiles take; None before there is a measure."""
        model = self._desk.model
        if model is None:
            return None
        each_s = self._ledger.times.per_tile_s(model.model_hash, settings)
        return None if each_s is None else each_s * tiles

    def submit(self, order: RunOrder) -> None:
        """Queue a run; it is ranked as soon as the model is known and all tiles are judged."""
        model = self._desk.model
        if model is None or model.fault:
            reason = self.tr("The model of this map is not known; choose another model.")
            text = reason if model is None else model.fault
            self._problems.add(Problem("model", "error", text))
            return
        if not order.deliberate:
            order = replace(order, tiles=tuple(filter(self._is_free, order.tiles)))
        if not order.tiles:
            return
        self._ledger.submit(order)
        for tile in order.tiles:
            self._problems.clear(tile_key(tile))
        self._desk.states.queue(order.tiles, _WAITS)
        self._tell(order.tiles)
        self._on_desk_settled()

    def retry(self, tile: TileCoord, *, smaller: bool = False) -> None:
        """Paint a failed tile again as it was asked for.

        Args:
            tile: one that failed.
            smaller: without reference tokens, which takes far less memory.
        """
        order = self._ledger.failed_orders.get(tile)
        if order is not None:
            settings = replace(order.settings, reference=False) if smaller else order.settings
            self.submit(
                replace(order, tiles=(tile,), order=None, settings=settings, deliberate=True)
            )

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first, as far as the order allows."""
        if self._thread.worker is not None:
            self._thread.worker.prefer(tiles)

    def pause(self) -> None:
        """Paint nothing more until `resume`."""
        if self.is_running and not self._paused:
            self._paused = True
            self._thread.ready().pause()
            self._ledger.times.drop()
            self.changed.emit()

    def resume(self) -> None:
        """Go on painting."""
        if self._paused:
            self._paused = False
            self._thread.ready().resume()
            self.changed.emit()

    def cancel_tile(self, tile: TileCoord) -> None:
        """Take a tile out of every run, or stop it at its next step."""
        for number, job in self._ledger.running.items():
            if tile in job.left and self._thread.worker is not None:
                self._thread.worker.cancel_tile(number, tile)
        if self._ledger.withdraw(tile):
            self._desk.states.rest(tile)
            self._tell((tile,))

    def cancel_all(self) -> None:
        """Empty the queue and stop at the next step; finished tiles are kept."""
        self._ledger.drop_waiting()
        if self._thread.worker is not None:
            self._thread.worker.cancel_all()
        self._keeper.keep()
        self._tell(self._desk.states.rest_all(_WAITS))
        self.resume()

    def resume_queue(self) -> None:
        """Paint what an earlier session had still to paint."""
        rests, self.left_over = self.left_over, ()
        self._problems.clear("queue")
        for rest in rests:
            self.submit(RunOrder.of_rest(rest))
        self._keeper.keep()

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        self.left_over = ()
        self._problems.clear("queue")
        self._keeper.keep()
        self.changed.emit()

    # --- with the map ---

    def start(self, document: Document, left_over: tuple[QueuedRun, ...]) -> None:
        """Be ready for a document's runs; what an earlier session left is offered."""
        self._document = document
        self.left_over = tuple(rest for rest in left_over if rest.tiles)
        folder = None if document.read_only else document.project.folder
        self._keeper.start(folder, is_written=bool(self.left_over))
        self._offer()

    def learn_times(self) -> None:
        """Take the times of tiles painted in earlier sessions as a first measure."""
        if not self._ledger.done:
            self._ledger.times.learn([one.record for one in self._desk.states.entries.values()])

    def stop(self, timeout_s: float = CLOSE_S) -> bool:
        """End all painting; finished tiles stay, what is left is kept for the next start.

        Returns:
            Whether the worker's thread has ended.
        """
        ended = self._thread.close(timeout_s)
        self._keeper.stop(self._left())
        self._document = None
        self._ledger.clear()
        self._paused, self._model_state, self.left_over = False, "none", ()
        self.changed.emit()
        return ended

    def _left(self) -> Left:
        return self.left_over, tuple(self._ledger.rests())

    def _offer(self) -> None:
        """Offer to go on with what is left over, if anything is."""
        count = sum(len(rest.tiles) for rest in self.left_over)
        if count:
            text = self.tr("{0} tiles were still to be painted when painting ended.")
            self._problems.add(Problem("queue", "notice", text.format(count), advice="resume"))
        self.changed.emit()

    def _is_free(self, tile: TileCoord) -> bool:
        """Whether a tile is neither painted nor waits."""
        states = self._desk.states
        return tile not in states.queued and tile not in states.painting

    # --- on the way to the worker ---

    @Slot()
    def _on_desk_settled(self) -> None:
        """Rank what waits, now that every tile is judged and the model's hash is known."""
        world, grid, document = self._desk.world, self._desk.grid, self._document
        if not (self._ledger.orders and self._desk.is_judged):
            return
        if world is None or grid is None or document is None:
            return
        for order in self._ledger.take_orders():
            self._tasks.submit(
                lambda order=order: prepared(order, world, grid),  # type: ignore[misc]
                lambda ranked, order=order: self._on_ranked(order, ranked, document),  # type: ignore[misc]
                failed=lambda error, order=order: self._on_failed(order, error),  # type: ignore[misc]
                name="rank",
            )
        self.changed.emit()

    def _on_failed(self, order: RunOrder, error: BaseException) -> None:
        if self._ledger.end_ranking(order):
            self._ledger.forget(len(order.tiles))
            self._desk.states.rest_all(_WAITS)
            self._problems.add(Problem("run", "error", sentence_of(error)))
            self._tell(order.tiles)

    def _on_ranked(self, order: RunOrder, ranked: RunOrder, document: Document) -> None:
        model = self._desk.model
        if document is not self._document or model is None:
            return
        try:
            self._numbers += 1
            desk = self._desk
            job = job_of(ranked, self._numbers, document, model, lambda: desk.model or model)
        except InputError as error:
            self._on_failed(order, error)
            return
        if not self._ledger.end_ranking(order):
            return
        self._ledger.forget(len(order.tiles) - len(ranked.tiles))
        self._ledger.begin(job.number, ranked, model.model_hash)
        self._desk.states.queue(ranked.tiles, job.number)
        worker = self._thread.ready()
        if ranked.prefer:
            worker.prefer(ranked.prefer)
        self._tasks.submit(lambda: worker.submit(job, model.name), urgency=URGENT, name="run")
        self._keeper.keep()
        self._tell(order.tiles)

    # --- told by the worker ---

    @Slot(object)
    def _on_thread_stepped(self, event: jobs.StepDone) -> None:
        job = self._ledger.running.get(event.job)
        if job is not None and event.tile in job.left:
            self._desk.states.paint(event.tile, event.step, event.steps, event.preview)
            self.stepped.emit(event)
            self.changed.emit()

    @Slot(object)
    def _on_thread_happened(self, events: tuple[jobs.Event, ...]) -> None:
        """Take events, then tell of all of them at once."""
        self._told = set()
        for event in events:
            self._take(event)
        told, self._told = self._told, None
        self._keeper.keep()
        self._tell(told)
        if not self.is_running:
            self.resume()
            landed, self._ledger.landed = frozenset(self._ledger.landed), set()
            if landed:
                self.painted.emit(landed)

    @singledispatchmethod
    def _take(self, event: object) -> None:
        raise TypeError(f"a worker does not tell {event!r}")

    @_take.register
    def _(self, _event: jobs.EngineLoading) -> None:
        self._model_state = "loading"

    @_take.register
    def _(self, _event: jobs.EngineReady) -> None:
        self._model_state = "ready"
        self._problems.clear("engine")

    @_take.register
    def _(self, event: jobs.JobStarted) -> None:
        self._ledger.current = event.job

    @_take.register
    def _(self, event: jobs.TileStarted) -> None:
        self._ledger.tile_started(event)
        self._desk.states.paint(event.tile)
        self._tell((event.tile,))

    @_take.register
    def _(self, event: jobs.TileDone) -> None:
        tile = event.record.tile
        self._ledger.tile_done(event)
        self._problems.clear(tile_key(tile))
        if event.landed:
            self._desk.states.land(tile, event.record.sequence)
            if self.left_over:
                self.left_over = without(self.left_over, tile)
                self._problems.clear("queue")
                self._offer()
        else:
            self._rest(tile)
        self._tell((tile,))

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
        self._tell(self._desk.states.rest_all(event.job))
        if lost is not None:
            self.left_over = (*self.left_over, *rests_of((lost,)))
            self._offer()

    @_take.register
    def _(self, event: jobs.WorkerFailed) -> None:
        self._model_state = "failed"
        self._ledger.gave_up()
        self._problems.add(Problem("engine", "error", event.reason, advice="resume"))

    def _rest(self, tile: TileCoord, reason: str = "") -> None:
        """A tile of a job is over; another job may still have it."""
        self._desk.states.rest(tile, reason)
        holder = self._ledger.holder(tile)
        if holder is not None:
            self._desk.states.queue((tile,), holder)
        self._tell((tile,))

    def _tell(self, tiles: Iterable[TileCoord]) -> None:
        if self._told is not None:
            self._told.update(tiles)
            return
        found = frozenset(tiles)
        if found:
            self._desk.tiles_changed.emit(found)
        self.changed.emit()
