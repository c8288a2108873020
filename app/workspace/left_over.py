"""What is left to be painted though nothing paints it: of an earlier session, or of a lost model.

Whoever tells how much that is, bar, panel or problem, asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QCoreApplication

from app.core.problems import Problem, Problems
from app.core.queue_file import QueuedRun
from zones.grid import TileCoord

KEY = "queue"
"""Of the problem that offers to go on."""


class LeftOver:
    """Runs to go on with, or to forget; each tile is in one of them only. GUI thread.

    Args:
        problems: are told while anything is left.
        changed: called when it is more or less than before.
    """

    def __init__(self, problems: Problems, changed: Callable[[], None]) -> None:
        self._problems = problems
        self._changed = changed
        self._runs: tuple[QueuedRun, ...] = ()

    @property
    def runs(self) -> tuple[QueuedRun, ...]:
        """The runs, oldest first; none without tiles."""
        return self._runs

    @property
    def tiles(self) -> tuple[TileCoord, ...]:
        """Their tiles, each once, in the order of painting."""
        return tuple(tile for run in self._runs for tile in run.coords)

    def put(self, runs: Iterable[QueuedRun]) -> None:
        """Hold these, in place of what was left before, and offer them."""
        before, self._runs = self._runs, _each_once(tuple(runs))
        if before or self._runs:
            self._offer()

    def add(self, runs: Iterable[QueuedRun]) -> None:
        """Hold these, too."""
        self.put((*self._runs, *runs))

    def less(self, tiles: Iterable[TileCoord]) -> None:
        """Tiles are not left any more: they were asked for anew."""
        gone = frozenset(tiles)
        if not gone.isdisjoint(self.tiles):
            self.put(_without(run, gone) for run in self._runs)

    def forget(self) -> None:
        """Another map: nothing is left, and nobody is told."""
        self._runs = ()

    def _offer(self) -> None:
        count = len(self.tiles)
        if count:
            one = _tr("One tile was still to be painted when painting ended.")
            many = _tr("{0} tiles were still to be painted when painting ended.")
            text = one if count == 1 else many.format(count)
            self._problems.add(Problem(KEY, "notice", text, advice="resume"))
        else:
            self._problems.clear(KEY)
        self._changed()


def _each_once(runs: tuple[QueuedRun, ...]) -> tuple[QueuedRun, ...]:
    """The runs with each tile only in the newest that has it; empty ones are left out."""
    seen: set[TileCoord] = set()
    kept = []
    for run in reversed(runs):
        kept.append(_without(run, seen))
        seen.update(run.coords)
    return tuple(run for run in reversed(kept) if run.tiles)


def _without(run: QueuedRun, gone: Collection[TileCoord]) -> QueuedRun:
    """A run less some tiles."""
    if not any(tile in gone for tile in run.coords):
        return run
    left = tuple((tile.row, tile.col) for tile in run.coords if tile not in gone)
    return run.model_copy(update={"tiles": left})


def _tr(text: str) -> str:
    return QCoreApplication.translate("LeftOver", text)
