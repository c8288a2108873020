"""The books of the runs: what was asked, what is left, what failed, and how long it will take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.core.estimate import TileTimes
from app.core.run_order import RunOrder
from app.core.run_status import ModelState, RunStatus
from generation.run import jobs
from zones.grid import TileCoord

Rest = tuple[RunOrder, tuple[TileCoord, ...]]
"""An order and those of its tiles that are still to be painted."""


@dataclass(eq=False)
class RunningJob:
    """A run that was handed to the worker.

    Attributes:
        order: what was asked, ranked.
        model_hash: of the model it is painted with.
        left: its tiles that are not over, in rank order.
        lost: its tiles that the worker gave up, though nobody cancelled them.
    """

    order: RunOrder
    model_hash: str
    left: dict[TileCoord, None]
    lost: dict[TileCoord, None] = field(default_factory=dict)


class RunLedger:
    """Keeps the books; one thread uses it.

    Attributes:
        times: measured tile times.
        running: runs at the worker, by job number.
        orders: runs that wait until they can be ranked.
        ranking: runs that are being ranked.
        failed_orders: for each tile that failed, how it was asked for.
        landed: tiles that came onto the map since the queue was last empty.
        done: tiles finished since then.
        total: tiles asked for since then.
        failed: tiles that failed since then.
        superseded: of those done, tiles that were not put on the map.
        repaired: how repairs of tiles went since then.
        repairs_superseded: of those that were better, ones that were not put on the map.
        current: number of the job that is being painted.
    """

    def __init__(self) -> None:
        self.times = TileTimes()
        self.clear()

    def clear(self) -> None:
        """Forget everything but the times."""
        self.running: dict[int, RunningJob] = {}
        self.orders: list[RunOrder] = []
        self.ranking: list[RunOrder] = []
        self.failed_orders: dict[TileCoord, RunOrder] = {}
        self.landed: set[TileCoord] = set()
        self.done = self.total = self.failed = self.superseded = 0
        self.repaired: list[jobs.Repaired] = []
        self.repairs_superseded = 0
        self.current: int | None = None
        self._gives_up = False

    @property
    def is_running(self) -> bool:
        """Whether anything is painted or waits for it."""
        return bool(self.orders or self.ranking or self.running)

    @property
    def label(self) -> str:
        """Of the run that is painted, else of the first that waits; "" where none does."""
        if self.current in self.running:
            return self.running[self.current].order.label
        orders = [*(job.order for job in self.running.values()), *self.ranking, *self.orders]
        return orders[0].label if orders else ""

    def status(self, model_state: ModelState, *, paused: bool) -> RunStatus:
        """What the runs are doing, by these books."""
        return RunStatus(
            running=self.is_running,
            paused=paused,
            done=self.done,
            total=self.total,
            failed=self.failed,
            seconds_left=self.seconds_left(),
            label=self.label,
            model_state=model_state,
            superseded=self.superseded,
            repaired=tuple(self.repaired),
            repairs_superseded=self.repairs_superseded,
        )

    def submit(self, order: RunOrder) -> None:
        """Enter a new order; after an empty queue the counts begin anew."""
        if not self.is_running:
            self.done = self.total = self.failed = self.superseded = 0
            self.landed, self.repaired, self.repairs_superseded = set(), [], 0
        self.total += len(order.tiles)
        for tile in order.tiles:
            self.failed_orders.pop(tile, None)
        self.orders.append(order)

    def take_orders(self) -> list[RunOrder]:
        """The waiting orders, which are being ranked from now on."""
        taken, self.orders = self.orders, []
        self.ranking += taken
        return taken

    def end_ranking(self, order: RunOrder) -> bool:
        """Note that an order is ranked; False where it was dropped meanwhile."""
        for at, one in enumerate(self.ranking):
            if one is order:
                del self.ranking[at]
                return True
        return False

    def begin(self, number: int, order: RunOrder, model_hash: str) -> None:
        """Note that a ranked order is handed to the worker under a number."""
        self.running[number] = RunningJob(order, model_hash, dict.fromkeys(order.tiles))

    def forget(self, count: int) -> None:
        """Count tiles out that will not be painted after all."""
        self.total = max(0, self.total - count)

    def withdraw(self, tile: TileCoord) -> bool:
        """Take a tile out of the orders that wait; whether it was in one."""
        found = False
        for at, order in enumerate(self.orders):
            if tile in order.tiles:
                left = tuple(other for other in order.tiles if other != tile)
                self.orders[at] = replace(order, tiles=left)
                self.forget(1)
                found = True
        self.orders = [order for order in self.orders if order.tiles]
        return found

    def drop_waiting(self) -> frozenset[TileCoord]:
        """Drop what was not handed to the worker yet; its tiles."""
        dropped = [tile for order in (*self.orders, *self.ranking) for tile in order.tiles]
        self.orders, self.ranking = [], []
        self.forget(len(dropped))
        return frozenset(dropped)

    def holder(self, tile: TileCoord) -> int | None:
        """The number of a running job that has still to paint a tile."""
        return next((number for number, job in self.running.items() if tile in job.left), None)

    def rests(self) -> Iterator[Rest]:
        """What is still to be painted, run by run."""
        for job in self.running.values():
            if job.left or job.lost:
                yield job.order, (*job.lost, *job.left)
        for order in (*self.ranking, *self.orders):
            yield order, order.tiles

    def tile_started(self, event: jobs.TileStarted) -> None:
        """A tile is being painted."""
        self.current = event.job
        self.times.begin()

    def tile_done(self, event: jobs.TileDone) -> None:
        """A tile is finished and kept."""
        record = event.record
        if event.repaired is None:
            self.times.end(record.model_hash, record.settings)
        else:
            self.times.drop()
            self.repaired.append(event.repaired)
        self.done += 1
        self.failed_orders.pop(record.tile, None)
        if event.landed:
            self.landed.add(record.tile)
        elif event.repaired is None:
            self.superseded += 1
        elif event.repaired.is_better:
            self.superseded += 1
            self.repairs_superseded += 1
        self._end_tile(event.job, record.tile)

    def tile_failed(self, event: jobs.TileFailed) -> None:
        """A tile could not be painted; it may be asked for again."""
        self.times.drop()
        self.failed += 1
        job = self.running.get(event.job)
        if job is not None:
            self.failed_orders[event.tile] = job.order
        self._end_tile(event.job, event.tile)

    def tile_cancelled(self, event: jobs.TileCancelled) -> None:
        """A tile will not be painted: the user does not want it, or the worker gave up."""
        self.times.drop()
        self.forget(1)
        job = self.running.get(event.job)
        if job is not None and self._gives_up:
            job.lost[event.tile] = None
        self._end_tile(event.job, event.tile)

    def gave_up(self) -> None:
        """The worker gives a job up: tiles that are cancelled now are lost, not unwanted."""
        self._gives_up = True

    def job_ended(self, event: jobs.JobEnded) -> Rest | None:
        """A job is over; what of it was lost, if anything."""
        job = self.running.pop(event.job, None)
        self._gives_up = False
        if self.current == event.job:
            self.current = None
        return None if job is None or not job.lost else (job.order, tuple(job.lost))

    def seconds_left(self) -> float | None:
        """Until the worker's queue is empty; None before there is a measure."""
        if not self.running:
            return None
        total_s = 0.0
        for number, job in self.running.items():
            settings = job.order.settings
            tiles = len(job.left) * max(1, job.order.repair)
            if number == self.current:
                found_s = self.times.left_s(job.model_hash, settings, tiles)
            else:
                each_s = self.times.per_tile_s(job.model_hash, settings)
                found_s = None if each_s is None else each_s * tiles
            if found_s is None:
                return None
            total_s += found_s
        return total_s

    def _end_tile(self, number: int, tile: TileCoord) -> None:
        job = self.running.get(number)
        if job is not None:
            job.left.pop(tile, None)
