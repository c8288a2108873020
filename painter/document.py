"""The document under the canvas: painting that cannot be lost, on a project one process holds.

Beside what the user paints and saves it has what runs make: finished tiles and their history.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from painter import lock
from painter.change import Change, change_of
from painter.history import DISK_BUDGET_BYTES, MEMORY_BUDGET_BYTES
from painter.kept_map import KeptMap
from painter.project import Project
from painter.results import TileResult
from painter.runs import PaintRun
from painter.steps import Step
from zones.grid import TileCoord


class Document(KeptMap):
    """An open document; made by `open`."""

    def __init__(
        self, project: Project, holder: lock.Holder | None, budgets_bytes: tuple[int, int]
    ) -> None:
        super().__init__(project, holder, budgets_bytes)
        self._closed = False
        project.run_history.look()
        self.notice = self.notice or project.run_history.notice

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
        disk_budget_bytes: int = DISK_BUDGET_BYTES,
    ) -> Self:
        """Open a project for editing, or only for reading while another process holds it.

        Args:
            folder: the project.
            memory_budget_bytes: for the undo history in memory; more goes to disk.
            disk_budget_bytes: for the undo history on disk; more is dropped, oldest first.

        Raises:
            InputError: missing, damaged, from a newer version, or the folder cannot be written.
            WorkError: the disk is full or fails.
        """
        project = Project.open(folder)
        holder = project.claim()
        try:
            if holder is None:
                project = Project.open(folder)  # as it is now that nobody else writes
            return cls(project, holder, (memory_budget_bytes, disk_budget_bytes))
        except BaseException:
            if holder is None:
                project.release()
            raise

    def close(self) -> None:
        """Let other processes write; unsaved work stays only in the autosave."""
        if self._edit is not None:
            self._edit.abort()
        if self.holder is None and not self._closed:
            self.project.release()
        self._closed = True

    def begin_run(self, label: str, settings: Mapping[str, Any] | None = None) -> PaintRun:
        """Begin a run, whose finished tiles are one undo step of the line "runs".

        Settings by name are the project's from now on; like tiles they are in the save with the
        first result, whether or not the user saves, and are no step to be undone.

        Raises:
            InputError: another process holds the project, or a setting is not plain JSON.
        """
        self._check_writable()
        with self._guard:
            if settings is not None:
                self.project.configure(settings={**self.project.settings, **settings})
            number = self._history.next_number()
        return PaintRun(self.project, number, label, self._note_run, settings)

    @property
    def results_budget_bytes(self) -> int:
        """For the files of results that are not on the map; more is dropped, oldest first.

        The newest result of each tile stays, and so does what undo steps need.
        """
        return self.project.run_history.budget_bytes

    @results_budget_bytes.setter
    def results_budget_bytes(self, value: int) -> None:
        self.project.run_history.budget_bytes = value

    def results(self, tile: TileCoord) -> tuple[TileResult, ...]:
        """The run history of a tile, newest first; see `Project.results`. Any thread may ask.

        Raises:
            InputError: the run history is damaged there.
        """
        return self.project.results(tile)

    def put_back(self, tile: TileCoord, result_id: str) -> bool:
        """Put a result of the run history on the map, as one undo step of the line "runs".

        Durable when the call returns.

        Args:
            tile: grid position.
            result_id: of one of its results.

        Returns:
            False where the map shows it already.

        Raises:
            InputError: there is no such result, its files are damaged, or another process holds
                the project.
            WorkError: the disk is full or fails; the map stays as it is.
        """
        self._check_writable()
        key = (tile.row, tile.col)
        with self._guard:
            before, after = self.project.put_back(tile, result_id)
            if before == after:
                return False
            number = self._history.next_number()
            step = Step(number, "Put back", tiles={key: (before, after)})
            self._history.push(step, "runs")
            self.revision += 1
        here = frozenset({tile})
        self._tell(change_of(step, self.project.content, here, here))
        return True

    def note_seams(self, tile: TileCoord, numbers: Mapping[str, Any]) -> None:
        """Keep seam numbers beside the result that the map shows; see `note_all_seams`."""
        self.note_all_seams({tile: numbers})

    def note_all_seams(self, numbers: Mapping[TileCoord, Mapping[str, Any]]) -> None:
        """Keep seam numbers of many tiles at once; see `Project.note_seams`. Any thread may do it.

        Raises:
            InputError: a value is not plain JSON or too long, or another process holds the project.
            WorkError: the disk is full or fails; the run history stands as it was.
        """
        self._check_writable()
        self.project.note_seams(numbers)
        self._tell(Change(results=frozenset(numbers)))

    def _note_run(self, step: Step | None, tile: TileCoord) -> None:
        """Put a run's step on its line, or its newer form in the older one's place."""
        here = frozenset({tile})
        if step is None:
            self._tell(Change(results=here))
            return
        with self._guard:
            line = self._history.line("runs")
            done = reversed(line.steps[: line.position])
            older = next((one for one in done if one.number == step.number), None)
            if older is not None:
                self._history.amend(older, step, "runs")
            else:
                self._history.push(step, "runs")
            self.revision += 1
        self._tell(change_of(step, self.project.content, here, here))
