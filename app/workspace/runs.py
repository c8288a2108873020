"""Runs of the open map: queued, painted by the worker, followed, kept for the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.core.problems import Problem, Problems, tile_key
from app.core.queue_file import QueuedRun
from app.core.run_jobs import job_of, prepared
from app.core.run_ledger import RunLedger
from app.core.run_order import RunOrder
from app.core.run_status import RunStatus
from app.workspace.left_over import LeftOver
from app.workspace.paint_thread import PaintThread
from app.workspace.queue_keeper import Left, QueueKeeper
from app.workspace.run_events import RunEvents
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
        left_over: what an earlier session had still to paint, until resumed, asked for anew or
            dropped.

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
        self.left_over = LeftOver(problems, self._on_left_over_changed)
        self._events = RunEvents(desk, problems, self._ledger, self.left_over)
        desk.settled.connect(self._on_desk_settled)

    # --- asked by the user ---

    @property
    def status(self) -> RunStatus:
        """What the runs are doing."""
        return self._ledger.status(self._events.model_state, paused=self._paused)

    @property
    def is_running(self) -> bool:
        """Whether anything is painted or waits for it."""
        return self._ledger.is_running

    def is_free(self, tile: TileCoord) -> bool:
        """Whether a tile is neither painted nor waits."""
        states = self._desk.states
        return tile not in states.queued and tile not in states.painting

    def seconds_for(self, tiles: int, settings: RunSettings) -> float | None:
        """How long so many tiles take; None before there is a measure."""
        model = self._desk.model
        if model is None:
            return None
        each_s = self._ledger.times.per_tile_s(model.model_hash, settings)
        return None if each_s is None else each_s * tiles

    def submit(self, order: RunOrder) -> bool:
        """Queue a run; it is ranked as soon as the model is known and all tiles are judged.

        Returns:
            Whether anything of it was taken.
        """
        model = self._desk.model
        if model is None or model.fault:
            reason = self.tr("The model of this map is not known; choose another model.")
            text = reason if model is None else model.fault
            self._problems.add(Problem("model", "error", text))
            return False
        wanted = order.tiles
        if not order.deliberate:
            order = replace(order, tiles=tuple(filter(self.is_free, wanted)))
        if order.tiles:
            self._enter(order)
        self.left_over.less(wanted)
        return bool(order.tiles)

    def _enter(self, order: RunOrder) -> None:
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
        for rest in self.left_over.runs:
            self.submit(RunOrder.of_rest(rest))

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        self.left_over.put(())

    # --- with the map ---

    def start(self, document: Document, left_over: tuple[QueuedRun, ...]) -> None:
        """Be ready for a document's runs; what an earlier session left is offered."""
        self._document = document
        folder = None if document.read_only else document.project.folder
        self.left_over.put(left_over)
        self._keeper.start(folder, is_written=bool(left_over))

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
        self._paused, self._events.model_state = False, "none"
        self.left_over.forget()
        self.changed.emit()
        return ended

    def _left(self) -> Left:
        return self.left_over.runs, tuple(self._ledger.rests())

    def _on_left_over_changed(self) -> None:
        self._keeper.keep()
        self.changed.emit()

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
        if self._events.take_step(event):
            self.stepped.emit(event)
            self.changed.emit()

    @Slot(object)
    def _on_thread_happened(self, events: tuple[jobs.Event, ...]) -> None:
        """Take events, then tell of all of them at once."""
        told = self._events.take(events)
        self._keeper.keep()
        self._tell(told)
        if not self.is_running:
            self.resume()
            landed, self._ledger.landed = frozenset(self._ledger.landed), set()
            if landed:
                self.painted.emit(landed)

    def _tell(self, tiles: Iterable[TileCoord]) -> None:
        found = frozenset(tiles)
        if found:
            self._desk.tiles_changed.emit(found)
        self.changed.emit()
