"""Measures seams beside everything else, marks tiles whose seams show, and tells of faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

from app.core.good_seams import is_good
from app.core.problems import Problem, Problems
from app.core.seam_rows import faults_of
from app.workspace.fault_words import fault_sentence
from app.workspace.tasks import Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.errors import Cancelled
from generation.plan.judging import StrokeFault
from generation.plan.stitch import Stitch
from generation.run.world import World
from zones.grid import Grid, TileCoord

if TYPE_CHECKING:
    from generation.plan.routing import Routing
    from generation.plan.seams import SeamReport, Standards

MOST_FAULTS = 4
"""Faults of strokes that are problems of their own; the others are counted."""

WHOLE_TILES = 256
"""Up to so many finished tiles all seams are measured after a run; beyond, those around it."""


class SeamWatch(QObject):
    """The last measure of the open map's seams; GUI thread.

    Args:
        desk: the tiles; the flagged ones are marked there.
        tasks: measure on a thread of their own.
        problems: are told of a failure, and of rivers and paths that are not as drawn.
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
        self._told: list[str] = []
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

    def heed_marks(self) -> None:
        """Take what was found good meanwhile off the map and the problems.

        What was dismissed stays so.
        """
        if self.report is not None:
            self._flag()
            away = frozenset(key for key in self._told if self._problems.get(key) is None)
            self._tell(self._fault_problems(), away)

    def stop(self) -> None:
        """Forget the map; a measure under way ends soon and is void."""
        self._stop.set()
        self._stop = threading.Event()
        self._busy, self._wanted = False, frozenset()
        self._forget()

    def _forget(self) -> None:
        self._tell(())
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
        usual = None if near is None or self.report is None else self.report.standards
        self._busy = True
        stop = self._stop
        self._tasks.apart(
            lambda: measured(stitch, world, near, (stop, self._tasks.closing), usual),
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
        self._flag()
        self._tell(self._fault_problems())
        self.changed.emit()
        self._go_on()

    def _flag(self) -> None:
        """Mark the tiles whose seams stand out, but for those that were found good."""
        project = self._desk.project
        if project is not None and self.report is not None:
            seams = (seam for seam in self.report.seams if seam.flagged)
            self._desk.flag(seam.tiles[1] for seam in seams if not is_good(project, seam))

    def _tell(self, problems: Sequence[Problem], away: frozenset[str] = frozenset()) -> None:
        """Put these faults of strokes in place of those that were told, but for keys `away`."""
        told, self._told = self._told, [problem.key for problem in problems]
        for problem in problems:
            if problem.key not in away:
                self._problems.add(problem)
        for key in set(told) - set(self._told):
            self._problems.clear(key)

    def _fault_problems(self) -> list[Problem]:
        """The longest fault of each stencil in each tile, and how many there are beyond some."""
        project = self._desk.project
        if project is None or self.report is None:
            return []
        longest: dict[str, StrokeFault] = {}
        for place in faults_of(self.report):
            tile = place.fault.tile
            if not is_good(project, place):
                longest.setdefault(f"fault:{place.routing.kind}:{tile.row},{tile.col}", place)
        found = [
            Problem(key, "warning", fault_sentence(place), place.fault.tile, "repair")
            for key, place in list(longest.items())[:MOST_FAULTS]
        ]
        if len(longest) > MOST_FAULTS:
            text = self.tr("Strokes are wrong in {0} more places; the panel Seams lists them.")
            more = len(longest) - MOST_FAULTS
            found.append(Problem("fault:more", "warning", text.format(more)))
        return found

    def _on_failed(self, stop: threading.Event, error: BaseException) -> None:
        if stop is self._stop:
            self._busy = False
            self._problems.add(Problem("seams", "warning", sentence_of(error)))


def measured(
    stitch: Stitch,
    world: World,
    near: frozenset[TileCoord] | None,
    stops: tuple[threading.Event, ...],
    usual: Standards | None = None,
) -> SeamReport:
    """Measure seams, of some tiles or all, until one of `stops` is set.

    Args:
        stitch: the finished tiles.
        world: the painted map.
        near: only among these tiles; None is all.
        stops: ask to stop.
        usual: by which to judge; None takes what is usual among what is measured.

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
    some = Stitch(stitch.grid, windows, pixels, stitch.reader)
    return measure_seams(some, world.reader, world.palette, standards=usual)


def _with_neighbours(grid: Grid, tiles: frozenset[TileCoord]) -> frozenset[TileCoord]:
    around = (item.tile for tile in tiles if grid.has(tile) for item in grid.neighbours(tile))
    return tiles | frozenset(around)


def _merged(before: SeamReport | None, fresh: SeamReport, near: frozenset[TileCoord]) -> SeamReport:
    """A report with the seams and strokes among some tiles measured again.

    Of the strokes, it has only those with faults.
    """
    if before is None:
        return fresh
    seams = tuple(seam for seam in before.seams if not near.issuperset(seam.tiles))
    crossings = tuple(one for one in before.crossings if not near.issuperset(one.tiles))
    old = (_only(one, lambda tile: tile not in near) for one in before.routing)
    new = (_only(one, near.__contains__) for one in fresh.routing)
    return replace(
        fresh,
        seams=(*seams, *fresh.seams),
        crossings=(*crossings, *fresh.crossings),
        routing=tuple(one for one in (*old, *new) if one.faults),
    )


def _only(routing: Routing, wanted: Callable[[TileCoord], bool]) -> Routing:
    """A stroke's measure with its faults in some tiles only."""
    return replace(routing, faults=tuple(one for one in routing.faults if wanted(one.tile)))
