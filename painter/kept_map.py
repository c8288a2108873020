"""A map that is painted on and kept: saved, autosaved, and recovered after a crash.

Saves, autosaves and runs go by the same immutable captures, so none of them waits for a brush,
and no brush waits for the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from painter import lock
from painter.autosave import Recovery, read_autosave, write_autosave
from painter.change import whole_map
from painter.editable_map import EditableMap
from painter.history import History, HistoryView
from painter.history_files import Packs, read_history, write_history
from painter.project import Project
from painter.saving import Content, Saved, prepare
from painter.step_packs import StoredStep
from painter.steps import Step
from painter.store import AUTOSAVE_NAME
from zones.errors import InputError, TilewrightError


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


class KeptMap(EditableMap):
    """A painted map with all that is on disk of it, its undo history included.

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
        self._load_history(project.saved.paint_digest)
        self._saved_top = self._history.line("user").top
        self._undecided = holder is None and project.recovery is not None
        project.keepers.add(self._names, lambda name: self._history.holds(name))  # noqa: PLW0108

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
