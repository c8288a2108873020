"""Runs of the open map: queued, painted by the worker, followed, kept for the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod

from PySide6.QtCore import QObject, Signal

from app.core.estimate import TileTimes
from app.core.map_model import MapModel
from app.core.problems import Problem, Problems, tile_key
from app.core.project_tiles import DocumentTileStore
from app.core.queue_file import QueuedRun, write_queue
from app.core.run_status import ModelState, RunStatus
from app.workspace.bridge import Bridge
from app.workspace.orders import RunOrder
from app.workspace.tasks import URGENT, Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.ports import Engine
from generation.plan.settings import RunSettings
from generation.run import jobs
from generation.run.worker import Worker
from painter.document import Document
from zones.errors import InputError
from zones.grid import TileCoord

CLOSE_S = 2.5
"""The worker has this long to end."""


@dataclass(eq=False)
class _Running:
    """A job that was handed to the worker.

    Attributes:
        order: what was asked.
        model_hash: of the model it is painted with.
        left: its tiles that are not finished, in rank order.
        landed: tiles that it finished.
    """

    order: RunOrder
    model_hash: str
    left: dict[TileCoord, None]
    landed: set[TileCoord] = field(default_factory=set)


class Runs(QObject):
    """The queue of runs as the windows see it; GUI thread.

    Args:
        desk: the open map's tiles.
        tasks: rank tiles and write the queue's file.
        problems: are told which tiles failed.
        load_engine: makes the engine of a model, on the worker's thread.
        parent: as of every QObject.

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
        self._load_engine = load_engine
        self._document: Document | None = None
        self._worker: Worker | None = None
        self._bridge: Bridge | None = None
        self._numbers = 0
        self._orders: list[RunOrder] = []
        self._ranking = 0
        self._running: dict[int, _Running] = {}
        self._failed: dict[TileCoord, RunOrder] = {}
        self._times = TileTimes()
        self._counts = [0, 0, 0]
        self._landed: set[TileCoord] = set()
        self._paused = False
        self._current: int | None = None
        self._model_state: ModelState = "none"
        self._writes = 0
        self.left_over: tuple[QueuedRun, ...] = ()
        desk.settled.connect(self._on_desk_settled)

    # --- asked by the user ---

    @property
    def status(self) -> RunStatus:
        """What the runs are doing."""
        done, total, failed = self._counts
        current = self._running.get(self._current) if self._current is not None else None
        return RunStatus(
            running=self.is_running,
            paused=self._paused,
            done=done,
            total=total,
            failed=failed,
            seconds_left=self._seconds_left(),
            label=current.order.label if current is not None else self._waiting_label(),
            model_state=self._model_state,
        )

    @property
    def is_running(self) -> bool:
        """Whether anything is painted or waits for it."""
        return bool(self._orders or self._ranking or self._running)

    def seconds_for(self, tiles: int, settings: RunSettings) -> float | None:
        """How long so many tiles take; None before there is a measure."""
        model = self._desk.model
        if model is None:
            return None
        return self._times.left_s(model.model_hash, settings, tiles)

    def submit(self, order: RunOrder) -> None:
        """Queue a run; it is ranked as soon as the model is known and all tiles are judged."""
        model = self._desk.model
        if model is None or model.fault:
            reason = "the model of this map is not known" if model is None else model.fault
            self._problems.add(Problem("model", "error", reason))
            return
        if not order.tiles:
            return
        if not self.is_running:
            self._counts, self._landed = [0, 0, 0], set()
        self._counts[1] += len(order.tiles)
        for tile in order.tiles:
            self._failed.pop(tile, None)
            self._problems.clear(tile_key(tile))
        self._desk.states.queue(order.tiles, -1)
        self._tell(order.tiles)
        self._orders.append(order)
        self._on_desk_settled()

    def retry(self, tile: TileCoord) -> None:
        """Paint a failed tile again as it was asked for."""
        order = self._failed.pop(tile, None)
        if order is not None:
            self.submit(replace(order, tiles=(tile,), order=None))

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first, as far as the order allows."""
        if self._worker is not None:
            self._worker.prefer(tiles)

    def pause(self) -> None:
        """Paint nothing more until `resume`."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on painting."""
        self._set_paused(False)

    def cancel_tile(self, tile: TileCoord) -> None:
        """Take a tile out of every run, or stop it at its next step."""
        for number, running in self._running.items():
            if tile in running.left and self._worker is not None:
                self._worker.cancel_tile(number, tile)
        for at, order in enumerate(self._orders):
            if tile in order.tiles:
                left = tuple(other for other in order.tiles if other != tile)
                self._orders[at] = replace(order, tiles=left)
                self._counts[1] -= 1
                self._desk.states.rest(tile)
                self._tell((tile,))
        self._orders = [order for order in self._orders if order.tiles]

    def cancel_all(self) -> None:
        """Empty the queue and stop at the next step; finished tiles are kept."""
        dropped = [tile for order in self._orders for tile in order.tiles]
        self._orders = []
        self._counts[1] -= len(dropped)
        self._ranking = 0
        if self._worker is not None:
            self._worker.cancel_all()
        self._tell(self._desk.states.rest_all(-1))
        self.resume()

    def resume_queue(self) -> None:
        """Paint what an earlier session had still to paint."""
        rests, self.left_over = self.left_over, ()
        self._problems.clear("queue")
        for rest in rests:
            self.submit(RunOrder.of_rest(rest))
        self._keep_queue()

    def drop_queue(self) -> None:
        """Forget what an earlier session had still to paint."""
        self.left_over = ()
        self._problems.clear("queue")
        self._keep_queue()

    # --- with the map ---

    def start(self, document: Document, left_over: tuple[QueuedRun, ...]) -> None:
        """Be ready for a document's runs; what an earlier session left is offered."""
        self._document = document
        self.left_over = tuple(rest for rest in left_over if rest.tiles)
        self.changed.emit()

    def learn_times(self) -> None:
        """Take the times of tiles painted in earlier sessions as a first measure."""
        if not self._counts[0]:
            self._times.learn(found.record for found in self._desk.states.entries.values())

    def stop(self, timeout_s: float = CLOSE_S) -> bool:
        """End all painting; finished tiles stay, what is left is kept for the next start.

        Returns:
            Whether the worker's thread has ended.
        """
        rests = self._rests()
        worker, self._worker = self._worker, None
        ended = True
        if worker is not None:
            ended = worker.close(timeout_s)
        if self._bridge is not None:
            self._bridge.flush()  # a tile that was kept while the worker closed
            rests = self._rests()
            self._bridge.close()
            self._bridge = None
        self._write(rests)
        self._document = None
        self._orders, self._running, self._failed = [], {}, {}
        self._ranking, self._current, self._counts = 0, None, [0, 0, 0]
        self._paused, self._model_state, self.left_over = False, "none", ()
        self.changed.emit()
        return ended

    # --- on the way to the worker ---

    def _on_desk_settled(self) -> None:
        """Rank what waits, now that every tile is judged and the model's hash is known."""
        model, world, grid = self._desk.model, self._desk.world, self._desk.grid
        if not self._orders or model is None or not model.model_hash:
            return
        if world is None or grid is None or not self._desk.is_settled:
            return
        orders, self._orders = self._orders, []
        for order in orders:
            self._ranking += 1
            document = self._document
            self._tasks.submit(
                lambda order=order: order.ranked(world, grid),  # type: ignore[misc]
                lambda ranked, document=document: self._on_ranked(ranked, document),  # type: ignore[misc]
                failed=lambda error, order=order: self._on_rank_failed(order, error),  # type: ignore[misc]
                name="rank",
            )
        self.changed.emit()

    def _on_rank_failed(self, order: RunOrder, error: BaseException) -> None:
        self._ranking = max(0, self._ranking - 1)
        self._counts[1] -= len(order.tiles)
        self._desk.states.rest_all(-1)
        self._problems.add(Problem("run", "error", sentence_of(error)))
        self._tell(order.tiles)

    def _on_ranked(self, order: RunOrder, document: Document | None) -> None:
        if document is None or document is not self._document or not self._ranking:
            return
        self._ranking -= 1
        model = self._desk.model
        if model is None or not order.tiles:
            self._tell(())
            return
        try:
            job = self._job(order, document, model)
        except InputError as error:
            self._desk.states.rest_all(-1)
            self._problems.add(Problem("run", "error", str(error)))
            self._tell(order.tiles)
            return
        self._running[job.number] = _Running(order, model.model_hash, dict.fromkeys(order.tiles))
        self._desk.states.queue(order.tiles, job.number)
        worker = self._ready_worker()
        if order.prefer:
            worker.prefer(order.prefer)
        self._tasks.submit(lambda: worker.submit(job, model.name), urgency=URGENT, name="run")
        self._keep_queue()
        self._tell(order.tiles)

    def _job(self, order: RunOrder, document: Document, model: MapModel) -> jobs.Job:
        """The order as the worker takes it; one undo step of the line "runs"."""
        self._numbers += 1
        project, desk = document.project, self._desk
        if not order.deliberate:
            kept = {**project.settings, **model.facts(order.settings)}
            if kept != dict(project.settings):
                project.configure(settings=kept)
        store = DocumentTileStore(
            document,
            document.begin_run(order.label),
            lambda: (desk.model or model).world(project),
        )
        return jobs.Job(
            number=self._numbers,
            label=order.label,
            world=model.world(project, order.seed),
            settings=order.settings,
            store=store,
            tiles=order.tiles,
            deliberate=order.deliberate,
            judge=model.world(project),
            candidates=order.candidates,
            seeds=order.seeds,
        )

    def _ready_worker(self) -> Worker:
        if self._worker is None:
            self._bridge = Bridge(self)
            self._bridge.happened.connect(self._on_happened)
            self._bridge.stepped.connect(self._on_stepped)
            self._worker = Worker(self._load_engine, self._bridge.put)
        return self._worker

    def _set_paused(self, paused: bool) -> None:
        if paused == self._paused or (paused and not self.is_running):
            return
        self._paused = paused
        if paused:
            worker = self._ready_worker()
            worker.pause()
            self._times.drop()
        elif self._worker is not None:
            self._worker.resume()
        self.changed.emit()

    # --- told by the worker ---

    def _on_stepped(self, event: jobs.StepDone) -> None:
        running = self._running.get(event.job)
        if running is not None and event.tile in running.left:
            self._desk.states.paint(event.tile, event.step, event.steps, event.preview)
            self.stepped.emit(event)
            self._tell((event.tile,))

    def _on_happened(self, event: jobs.Event) -> None:
        self._take(event)

    @singledispatchmethod
    def _take(self, event: object) -> None:
        raise TypeError(f"a worker does not tell {event!r}")

    @_take.register
    def _(self, _event: jobs.EngineLoading) -> None:
        self._model_state = "loading"
        self.changed.emit()

    @_take.register
    def _(self, _event: jobs.EngineReady) -> None:
        self._model_state = "ready"
        self._problems.clear("engine")
        self.changed.emit()

    @_take.register
    def _(self, event: jobs.JobStarted) -> None:
        self._current = event.job
        self.changed.emit()

    @_take.register
    def _(self, event: jobs.TileStarted) -> None:
        self._current = event.job
        self._times.begin()
        self._desk.states.paint(event.tile)
        self._tell((event.tile,))

    @_take.register
    def _(self, event: jobs.TileDone) -> None:
        tile = event.record.tile
        self._times.end(event.record.model_hash, event.record.settings)
        self._counts[0] += 1
        self._failed.pop(tile, None)
        self._problems.clear(tile_key(tile))
        if event.landed:
            self._landed.add(tile)
            self._desk.states.land(tile)
        else:
            self._desk.states.rest(tile)
        self._finish(event.job, tile)

    @_take.register
    def _(self, event: jobs.TileFailed) -> None:
        running = self._running.get(event.job)
        self._times.drop()
        self._counts[2] += 1
        if running is not None:
            self._failed[event.tile] = running.order
        self._desk.states.rest(event.tile, event.reason)
        key, advice = tile_key(event.tile), "smaller" if event.cause == "memory" else "retry"
        self._problems.add(Problem(key, "error", event.reason, event.tile, advice))
        self._finish(event.job, event.tile)

    @_take.register
    def _(self, event: jobs.TileCancelled) -> None:
        self._times.drop()
        self._counts[1] -= 1
        self._desk.states.rest(event.tile)
        self._finish(event.job, event.tile)

    @_take.register
    def _(self, event: jobs.JobEnded) -> None:
        running = self._running.pop(event.job, None)
        if self._current == event.job:
            self._current = None
        gone = self._desk.states.rest_all(event.job) if running is not None else frozenset()
        self._keep_queue()
        self._tell(gone)
        if not self.is_running:
            self._set_paused(False)
            self.painted.emit(frozenset(self._landed))

    @_take.register
    def _(self, event: jobs.WorkerFailed) -> None:
        self._model_state = "failed"
        self._problems.add(Problem("engine", "error", event.reason, advice="retry"))
        self.changed.emit()

    def _finish(self, job: int, tile: TileCoord) -> None:
        """A tile of a job is over; another job may still have it."""
        running = self._running.get(job)
        if running is not None:
            running.left.pop(tile, None)
        for number, other in self._running.items():
            if tile in other.left:
                self._desk.states.queued[tile] = number
        self._keep_queue()
        self._tell((tile,))

    # --- the queue's file ---

    def _rests(self) -> tuple[QueuedRun, ...]:
        running = [one.order.rest(one.left) for one in self._running.values() if one.left]
        waiting = [order.rest(order.tiles) for order in self._orders]
        return (*self.left_over, *running, *waiting)

    def _keep_queue(self) -> None:
        """Write what is left soon, once for all that changed until then."""
        self._writes += 1
        if self._writes == 1:
            self._write_now()

    def _write_now(self) -> None:
        self._writes = 1

        def done(_: object) -> None:
            again, self._writes = self._writes > 1, 0
            if again and self._document is not None:
                self._writes = 1
                self._write_now()

        self._write(self._rests(), done)

    def _write(
        self, rests: tuple[QueuedRun, ...], done: Callable[[object], None] | None = None
    ) -> None:
        document = self._document
        if document is None or document.read_only:
            self._writes = 0
            return
        folder = document.project.folder

        def failed(error: BaseException) -> None:
            self._writes = 0
            self._problems.add(Problem("queue_file", "warning", sentence_of(error)))

        self._tasks.submit(
            lambda: write_queue(folder, rests), done, failed=failed, urgency=URGENT, name="queue"
        )

    def _seconds_left(self) -> float | None:
        total_s, current = 0.0, self._current
        if not self._running:
            return None
        for number, running in self._running.items():
            tiles, settings = len(running.left), running.order.settings
            if number == current:
                found = self._times.left_s(running.model_hash, settings, tiles)
            else:
                each_s = self._times.per_tile_s(running.model_hash, settings)
                found = None if each_s is None else each_s * tiles
            if found is None:
                return None
            total_s += found
        return total_s

    def _waiting_label(self) -> str:
        orders = [*self._orders, *(one.order for one in self._running.values())]
        return orders[0].label if orders else ""

    def _tell(self, tiles: Iterable[TileCoord]) -> None:
        found = frozenset(tiles)
        if found:
            self._desk.tiles_changed.emit(found)
        self.changed.emit()
