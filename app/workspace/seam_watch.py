"""Measures seams beside everything else, and marks the tiles whose seams show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from app.core.problems import Problem, Problems
from app.workspace.tasks import Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.errors import Cancelled
from generation.plan.stitch import Stitch
from generation.run.world import World
from zones.grid import Grid, TileCoord

if TYPE_CHECKING:
    from generation.plan.seams import SeamReport

WHOLE_TILES = 256
"""Up to so many finished tiles all seams are measured after a run; beyond, those around it."""


class SeamWatch(QObject):
    """The last measure of the open map's seams; GUI thread.

    Args:
        desk: the tiles; the flagged ones are marked there.
        tasks: measure on a thread of their own.
        problems: are told of a failure.
        parent: as of every QObject.

    Attributes:
        report: the last measure; None before the first.

    Signals:
        changed: `report` is another one.
    """

    changed = Signal()

    def __init__(
        self, desk: TileDesk, tasks: Tasks, problems: Problems, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tasks = tasks
        self._problems = problems
        self._stop = threading.Event()
        self._busy = False
        self._wanted: frozenset[TileCoord] | None = frozenset()
        self.report: SeamReport | None = None
        desk.settled.connect(self._on_desk_settled)

    def measure(self) -> None:
        """Measure all seams."""
        self._wanted = None
        self._go_on()

    @Slot(object)
    def look_after(self, tiles: frozenset[TileCoord]) -> None:
        """Measure after a run once its tiles are read: all seams, on large maps theirs."""
        if self._wanted is not None:
            self._wanted |= tiles
        self._go_on()

    def stop(self) -> None:
        """Forget the map; a measure under way ends soon and is void."""
        self._stop.set()
        self._stop = threading.Event()
        self._busy, self._wanted = False, frozenset()
        self._forget()

    def _forget(self) -> None:
        if self.report is not None:
            self.report = None
            self.changed.emit()

    @Slot()
    def _on_desk_settled(self) -> None:
        self._go_on()

    def _go_on(self) -> None:
        """Start what is wanted, once nothing is pending."""
        stitch, world, grid = self._desk.stitch, self._desk.world, self._desk.grid
        if self._busy or not self._desk.is_settled or self._wanted == frozenset():
            return
        wanted, self._wanted = self._wanted, frozenset()
        if stitch is None or world is None or grid is None:
            self._forget()
            return
        if wanted is not None and len(stitch.windows) > WHOLE_TILES:
            near = _with_neighbours(grid, wanted)
        else:
            near = None
        self._busy = True
        stop = self._stop
        self._tasks.apart(
            lambda: measured(stitch, world, near, (stop, self._tasks.closing)),
            lambda report: self._on_measured(stop, report, near),
            failed=lambda error: self._on_failed(stop, error),
            name="seams",
        )

    def _on_measured(
        self, stop: threading.Event, report: SeamReport, near: frozenset[TileCoord] | None
    ) -> None:
        if stop is not self._stop:
            return
        self._busy = False
        self._problems.clear("seams")
        self.report = report if near is None else _merged(self.report, report, near)
        self._desk.flag(seam.tiles[1] for seam in self.report.seams if seam.flagged)
        self.changed.emit()
        self._go_on()

    def _on_failed(self, stop: threading.Event, error: BaseException) -> None:
        if stop is self._stop:
            self._busy = False
            self._problems.add(Problem("seams", "warning", sentence_of(error)))


def measured(
    stitch: Stitch,
    world: World,
    near: frozenset[TileCoord] | None,
    stops: tuple[threading.Event, ...],
) -> SeamReport:
    """Measure seams, of some tiles or all, until one of `stops` is set.

    Raises:
        Cancelled: it was.
    """
    from generation.plan.seams import measure_seams  # noqa: PLC0415 - slow import

    source: Callable[[TileCoord], npt.NDArray[np.uint8]] = stitch.pixels

    def pixels(tile: TileCoord) -> npt.NDArray[np.uint8]:
        if any(stop.is_set() for stop in stops):
            raise Cancelled
        return source(tile)

    windows = [raw for raw in stitch.windows if near is None or raw.tile in near]
    return measure_seams(
        Stitch(stitch.grid, windows, pixels, stitch.reader), world.reader, world.palette
    )


def _with_neighbours(grid: Grid, tiles: frozenset[TileCoord]) -> frozenset[TileCoord]:
    around = (item.tile for tile in tiles if grid.has(tile) for item in grid.neighbours(tile))
    return tiles | frozenset(around)


def _merged(before: SeamReport | None, fresh: SeamReport, near: frozenset[TileCoord]) -> SeamReport:
    """A report with the seams among some tiles measured again."""
    if before is None:
        return fresh
    seams = tuple(seam for seam in before.seams if not near.issuperset(seam.tiles))
    crossings = tuple(one for one in before.crossings if not near.issuperset(one.tiles))
    return replace(fresh, seams=(*seams, *fresh.seams), crossings=(*crossings, *fresh.crossings))
