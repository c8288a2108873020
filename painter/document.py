"""The document under the canvas: painting that cannot be lost, on a project that one process holds.

Saves, autosaves and runs go by the same immutable captures, so none of them waits for a brush,
and no brush waits for the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from painter import lock
from painter.autosave import Recovery, read_autosave, write_autosave
from painter.change import Change, change_of, whole_map
from painter.editable_map import EditableMap
from painter.history import DISK_BUDGET_BYTES, MEMORY_BUDGET_BYTES, History, HistoryView
from painter.history_files import Packs, read_history, write_history
from painter.project import Project
from painter.results import TileResult
from painter.runs import PaintRun
from painter.saving import Content, Saved, prepare
from painter.step_packs import StoredStep
from painter.steps import Step
from painter.store import AUTOSAVE_NAME
from zones.errors import InputError, TilewrightError
from zones.grid import TileCoord


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """A document at one moment, for another thread to write.

    Attributes:
        content: all that the map holds.
        history: its steps.
        top: name of the state that the map is in.
        revision: of the document.
    """

    content: Content
    history: HistoryView
    top: int
    revision: int


class _OutdatedError(Exception):
    """A capture is older than what is on disk."""


class Document(EditableMap):
    """An open document; made by `open`.

    Attributes:
        notice: what of the undo or run history could not be read, one sentence, or "".
    """

    def __init__(
        self, project: Project, holder: lock.Holder | None, budgets_bytes: tuple[int, int]
    ) -> None:
        super().__init__(project, holder, History())
        self.notice = ""
        self._budgets_bytes = budgets_bytes
        self._marks: dict[str, int] = {}
        self._packs = Packs()
        self._last_autosave: Saved | None = None
        self._kept_revision = -1
        self._closed = False
        self._load_history(project.saved.paint_digest)
        self._saved_top = self._history.line("user").top
        project.run_history.look()
        self.notice = self.notice or project.run_history.notice
        self._undecided = holder is None and project.recovery is not None
        project.keepers.add(self._names, lambda name: self._history.holds(name))  # noqa: PLW0108

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

    @property
    def has_changes(self) -> bool:
        """Whether there is anything that `save` has not written."""
        return self._history.line("user").top != self._saved_top

    @property
    def recovery(self) -> Recovery | None:
        """What an earlier session's autosave offers beyond the save, until it is decided on.

        Nothing can be edited before `recover` or `decline_recovery`, which would overwrite it.
        """
        return self.project.recovery if self._undecided else None

    def recover(self) -> None:
        """Take the autosave's work as unsaved edits, with its undo history.

        Raises:
            InputError: there is none, or it is damaged.
        """
        found = read_autosave(self.project.store) if self._undecided else None
        if found is None:
            raise InputError(f"there is nothing to recover in {self.project.folder}; go on")
        with self._guard:
            self.project.adopt(found.saved.content)
            self._last_autosave = found.saved
            self._load_history(found.saved.paint_digest)
            self._saved_top = -1
            self._undecided = False
            self.revision += 1
        self._tell(whole_map(self.project.content, "Recover"))

    def decline_recovery(self) -> None:
        """Remove the autosave; the map stays as it was saved.

        Raises:
            InputError: the folder cannot be written.
            WorkError: the disk fails.
        """
        if self._undecided:
            self._drop_autosave()
            self._undecided = False

    def save(self) -> None:
        """Write everything: either all of it is on disk afterwards, or none. Any thread may do it.

        What is edited meanwhile stays unsaved.

        Raises:
            InputError: another process holds the project, or the folder cannot be written.
            WorkError: the disk is full or fails; the last save stands, the edits stay.
        """
        self._check_writable()
        self._check_no_edit()
        while not self._save(self.capture()):
            pass  # an autosave of later edits came first

    def capture(self) -> Capture:
        """The document as it is now, without an open edit."""
        with self._guard:
            top = self._history.line("user").top
            return Capture(self.project.content, self._history.view(), top, self.revision)

    def autosave(self, capture: Capture) -> None:
        """Write a capture as the autosave, history included; any thread may do it.

        A capture that is no newer than what is on disk already is passed over.

        Raises:
            WorkError: the disk is full or fails; the autosave before it stands.
            InputError: the folder cannot be written.
        """
        self._check_writable()
        store = self.project.store
        with store.transaction():
            if capture.revision <= self._kept_revision:
                return
            saved = self.project.saved
            prepared = prepare(store, capture.content, self._last_autosave or saved)
            written = self._write_history(capture, prepared)
            before = self._last_autosave
            self._last_autosave = write_autosave(store, prepared, saved.paint_digest).saved
            if before is not None:
                self._remove_indexes(before, saved, self._last_autosave)
            self._kept_revision = capture.revision
        with self._guard:
            self._history.adopt(written)

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

    def _save(self, now: Capture) -> bool:
        """Save a capture; False, and nothing is saved, where later edits are on disk already."""
        written: dict[int, Step] = {}
        store = self.project.store
        with self._guard:
            dropped, self._history.dropped = self._history.dropped, False

        def prelude(prepared: Saved) -> None:
            if self._kept_revision > now.revision:
                raise _OutdatedError
            self._kept_revision = now.revision
            written.update(self._write_history(now, prepared))
            if store.has_manifest(AUTOSAVE_NAME):
                write_autosave(store, prepared, self.project.saved.paint_digest)

        kept_before = self._kept_revision
        try:
            self.project.save(prelude, content=now.content, sweep=dropped)
        except (TilewrightError, _OutdatedError) as error:
            with self._guard:
                self._history.dropped |= dropped
            if isinstance(error, _OutdatedError):
                return False
            self._kept_revision = min(self._kept_revision, kept_before)
            raise
        with self._guard:
            self._history.adopt(written)
            self._saved_top = now.top
        self._drop_autosave(now.revision)
        return True

    def _push(self, step: Step) -> bool:
        changed = super()._push(step)
        if self._history.over_memory:
            self._relieve_memory()
        return changed

    def _check_writable(self) -> None:
        super()._check_writable()
        if self._undecided:
            raise InputError(
                f"{self.project.folder} has unsaved work of an earlier session; "
                "recover or decline it first"
            )

    def _relieve_memory(self) -> None:
        """Bring steps to disk; where that fails, drop the oldest ones."""
        try:
            self.autosave(self.capture())
        except TilewrightError:
            self._history.drop_for_memory()

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

    def _load_history(self, paint_digest: str) -> None:
        project = self.project
        view, self._marks, self.notice = read_history(
            project.store, project.palette, project.size, paint_digest, self._packs
        )
        self._history = History(*self._budgets_bytes, project.store.size_of, view)
        for step in view.steps():
            if not isinstance(step, StoredStep):
                project.keepers.know(step.file, set(step.file_names()))
        self._marks.setdefault(paint_digest, self._history.line("user").top)

    def _write_history(self, capture: Capture, prepared: Saved) -> dict[int, Step]:
        """Write the history with a mark for what is about to be written."""
        opened = [self.project.saved, *([self._last_autosave] if self._last_autosave else [])]
        named = {saved.paint_digest for saved in opened}
        marks = {digest: top for digest, top in self._marks.items() if digest in named}
        marks[prepared.paint_digest] = capture.top
        written = write_history(
            self.project.store, capture.history, marks, capture.content.palette, self._packs
        )
        self._marks = marks
        for step in written.values():
            self.project.keepers.know(step.file, set(step.file_names()))
        return written

    def _drop_autosave(self, saved_revision: int | None = None) -> None:
        """Remove the autosave, unless it was written after that revision was saved."""
        store = self.project.store
        with store.transaction():
            if saved_revision is not None and self._kept_revision > saved_revision:
                return
            store.remove_manifest(AUTOSAVE_NAME)
            before, self._last_autosave = self._last_autosave, None
            if before is not None:
                self._remove_indexes(before, self.project.saved)

    def _remove_indexes(self, gone: Saved, *kept: Saved) -> None:
        """Remove index files of an autosave that no manifest refers to any more."""
        stay = {name for saved in kept for name in saved.index_names()}
        self.project.store.remove(set(gone.index_names()) - stay)

    def _names(self) -> Iterator[str]:
        """Files that the history in memory refers to; asked in transactions, without the guard."""
        for step in self._history.view().steps():
            yield from step.file_names()
