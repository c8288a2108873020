"""Which tile is painted next: jobs that wait, may be paused, preferred and cancelled.

Thread: every method may be called from any thread; only the generation thread calls `claim`,
`may_go_on`, `settle`, `end` and `take_dropped`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from generation.plan.errors import Cancelled
from generation.run.jobs import Job, Outcome
from zones.grid import Grid, TileCoord


@dataclass(eq=False)
class Entry:
    """A job in the queue; everything that changes is the queue's.

    Attributes:
        job: what was asked.
        model: with which model.
        grid: the job's windows.
        waiting: tiles not yet claimed, in rank order.
        current: the tile being painted.
        done: tiles finished.
        failed: tiles that failed.
        stops_current: whether the tile being painted was cancelled.
        is_stopped: whether the whole job was cancelled.
        is_broken: whether it was given up.
    """

    job: Job
    model: str
    grid: Grid
    waiting: dict[TileCoord, int] = field(init=False)
    current: TileCoord | None = None
    stops_current: bool = False
    done: int = 0
    failed: int = 0
    is_stopped: bool = False
    is_broken: bool = False

    def __post_init__(self) -> None:
        self.waiting = {tile: rank for rank, tile in enumerate(self.job.tiles)}

    @property
    def outcome(self) -> Outcome:
        """How the job ended, once nothing of it waits."""
        total = len(self.job.tiles)
        if self.is_broken or (self.failed and not self.done and not self.is_stopped):
            return "failed"
        if self.done + self.failed < total and (self.is_stopped or not self.done + self.failed):
            return "cancelled"
        return "done"

    def next_tile(self, preferred: Sequence[TileCoord]) -> TileCoord:
        """The tile to paint now: a preferred one, one that a preferred one waits for, or the first.

        The pixels do not depend on the choice: whoever is painted when, a tile is anchored on the
        same neighbours.
        """
        wanted = [tile for tile in preferred if tile in self.waiting]
        for tile in wanted:
            if not self._ahead_of(tile):
                return tile
        if not wanted:
            return next(iter(self.waiting))
        tile = wanted[0]
        while ahead := self._ahead_of(tile):
            tile = min(ahead, key=lambda other: self.waiting[other])
        return tile

    def _ahead_of(self, tile: TileCoord) -> list[TileCoord]:
        """The waiting neighbours that have to be tried before a waiting tile."""
        rank = self.waiting[tile]
        around = {neighbour.tile for neighbour in self.grid.neighbours(tile)}
        return [other for other in around if self.waiting.get(other, rank) < rank]


@dataclass(frozen=True, slots=True)
class Turn:
    """What the generation thread is to do next.

    Attributes:
        entry: for this job.
        tile: paint this tile; None says that the job has come to its end.
    """

    entry: Entry
    tile: TileCoord | None


class JobQueue:
    """The jobs of one generation thread, in order; deliberate ones go first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: list[Entry] = []
        self._dropped: list[tuple[int, TileCoord]] = []
        self._preferred: tuple[TileCoord, ...] = ()
        self._paused = False
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        with self._changed:
            return self._closed

    @property
    def is_idle(self) -> bool:
        """Whether no tile waits and none that is being painted is still wanted."""
        with self._changed:
            return not any(
                entry.waiting or (entry.current is not None and not entry.stops_current)
                for entry in self._entries
            )

    def submit(self, job: Job, model: str) -> None:
        """Add a job.

        Raises:
            InputError: the grid has no such tile.
        """
        grid = job.world.grid(job.settings)
        for tile in job.tiles:
            grid.check(tile)
        with self._changed:
            self._entries.append(Entry(job, model, grid))
            self._changed.notify_all()

    def cancel_tile(self, job: int, tile: TileCoord) -> None:
        """Stop one tile of a job; one that is finished stays."""
        with self._changed:
            for entry in self._of(job):
                self._drop(entry, (tile,))
            self._changed.notify_all()

    def cancel(self, job: int) -> None:
        """Stop a job; its finished tiles stay."""
        with self._changed:
            for entry in self._of(job):
                self._stop(entry)
            self._changed.notify_all()

    def cancel_all(self) -> None:
        """Stop every job."""
        with self._changed:
            for entry in self._entries:
                self._stop(entry)
            self._changed.notify_all()

    def pause(self) -> None:
        """Let nothing be painted from the next step on."""
        with self._changed:
            self._paused = True
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def prefer(self, tiles: Sequence[TileCoord]) -> None:
        """Paint these first wherever the order leaves a choice; an empty sequence ends it."""
        with self._changed:
            self._preferred = tuple(tiles)

    def waiting(self) -> tuple[tuple[int, tuple[TileCoord, ...]], ...]:
        """For every job: its number, and its tiles that are not finished, in rank order."""
        with self._changed:
            return tuple((entry.job.number, _open_tiles(entry)) for entry in self._entries)

    def close(self) -> None:
        """Hand out nothing any more; what waits stays in `waiting`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def claim(self) -> Turn | None:
        """Wait for something to do; None where there are only tiles to be taken by `take_dropped`.

        It may also return None for nothing at all, so ask again.
        """
        with self._changed:
            turn = None if self._closed or self._dropped else self._next()
            if turn is None and not self._closed and not self._dropped:
                self._changed.wait()
            return turn

    def may_go_on(self, turn: Turn) -> bool:
        """Whether a claimed tile may be painted on; False after waiting in a pause: ask again.

        Raises:
            Cancelled: it was cancelled, or the queue is closed.
        """
        with self._changed:
            if self._closed or turn.entry.stops_current:
                raise Cancelled
            if not self._paused:
                return True
            if not self._dropped:
                self._changed.wait()
            return False

    def is_wanted(self, turn: Turn) -> bool:
        """Whether a claimed tile is still to be painted."""
        with self._changed:
            return not (self._closed or turn.entry.stops_current)

    def settle(self, turn: Turn, *, done: bool = False, failed: bool = False) -> None:
        """Note how a claimed tile ended; neither done nor failed means cancelled."""
        entry, tile = turn.entry, turn.tile
        with self._changed:
            entry.current, entry.stops_current = None, False
            entry.done += done
            entry.failed += failed
            if not (done or failed) and tile is not None:
                self._dropped.append((entry.job.number, tile))

    def give_up(self, entry: Entry) -> None:
        """Stop a job that can't be painted."""
        with self._changed:
            entry.is_broken = True
            self._drop(entry, tuple(entry.waiting))

    def end(self, entry: Entry) -> None:
        """Forget a job whose end was told."""
        with self._changed:
            self._entries.remove(entry)

    def take_dropped(self) -> list[tuple[int, TileCoord]]:
        """The tiles cancelled since the last call, with their jobs' numbers."""
        with self._changed:
            dropped, self._dropped = self._dropped, []
            return dropped

    def _next(self) -> Turn | None:
        ended = next((entry for entry in self._entries if not entry.waiting), None)
        if ended is not None:
            return Turn(ended, None)
        if self._paused or not self._entries:
            return None
        entry = min(self._entries, key=lambda entry: not entry.job.deliberate)
        tile = entry.next_tile(self._preferred)
        del entry.waiting[tile]
        entry.current = tile
        return Turn(entry, tile)

    def _of(self, job: int) -> list[Entry]:
        return [entry for entry in self._entries if entry.job.number == job]

    def _stop(self, entry: Entry) -> None:
        entry.is_stopped = True
        self._drop(entry, (*entry.waiting, *(() if entry.current is None else (entry.current,))))

    def _drop(self, entry: Entry, tiles: Iterable[TileCoord]) -> None:
        for tile in tiles:
            if entry.waiting.pop(tile, None) is not None:
                self._dropped.append((entry.job.number, tile))
            elif tile == entry.current:
                entry.stops_current = True


def _open_tiles(entry: Entry) -> tuple[TileCoord, ...]:
    current = () if entry.current is None else (entry.current,)
    return (*current, *entry.waiting)
