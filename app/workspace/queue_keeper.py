"""Writes what is still to be painted into the project, once for all that changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from app.core.problems import Problem, Problems
from app.core.queue_file import QueuedRun, write_queue
from app.core.run_ledger import Rest
from app.workspace.tasks import URGENT, Tasks, sentence_of

Left = tuple[tuple[QueuedRun, ...], tuple[Rest, ...]]
"""What an earlier session left, and what this one has still to paint."""


class QueueKeeper:
    """Keeps one project's queue file; GUI thread.

    Args:
        tasks: write.
        problems: are told of a failure.
        left: gives what is to be kept.
    """

    def __init__(self, tasks: Tasks, problems: Problems, left: Callable[[], Left]) -> None:
        self._tasks = tasks
        self._problems = problems
        self._left = left
        self._folder: Path | None = None
        self._is_written = False
        self._writing = False
        self._again = False

    def start(self, folder: Path | None, *, is_written: bool) -> None:
        """Keep a project's queue from now on; None keeps none.

        Args:
            folder: of the project.
            is_written: whether there is a file already.
        """
        self._folder, self._is_written = folder, is_written
        self._writing = self._again = False

    def keep(self) -> None:
        """Write soon."""
        if self._writing:
            self._again = True
        else:
            self._write()

    def stop(self, left: Left) -> None:
        """Write for the last time."""
        self._again = False
        self._write(left)
        self._folder = None

    def _write(self, left: Left | None = None) -> None:
        folder, now = self._folder, left or self._left()
        if folder is None or not (any(now) or self._is_written):
            return
        self._is_written = any(now)
        self._writing = True
        self._tasks.submit(
            lambda: write_queue(folder, queued(now)),
            lambda _: self._on_written(folder),
            failed=lambda error: self._on_failed(folder, error),
            urgency=URGENT,
            name="queue",
        )

    def _on_written(self, folder: Path) -> None:
        if folder == self._folder:
            self._problems.clear("queue_file")
            self._writing = False
            if self._again:
                self._again = False
                self._write()

    def _on_failed(self, folder: Path, error: BaseException) -> None:
        if folder == self._folder:
            self._writing = False
            self._problems.add(Problem("queue_file", "warning", sentence_of(error)))


def queued(left: Left) -> tuple[QueuedRun, ...]:
    """What is to be kept, as the file holds it."""
    earlier, now = left
    return (*earlier, *rests_of(now))


def rests_of(rests: Iterable[Rest]) -> tuple[QueuedRun, ...]:
    """Unfinished runs as the file holds them."""
    return tuple(order.rest(tiles) for order, tiles in rests if tiles)
