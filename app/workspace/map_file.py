"""Opening, saving and closing a map without keeping the windows waiting."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from app.core.map_model import MapModel, model_of, settings_of
from app.core.problems import Problem, Problems
from app.core.queue_file import QueuedRun, read_queue
from app.workspace.tasks import URGENT, Tasks, sentence_of
from generation.plan.settings import RunSettings
from painter.autosave import Recovery
from painter.autosaver import Autosaver
from painter.document import Document
from painter.files import TEMP_PREFIX, sync_folder, writing
from painter.lock import LOCK_NAME
from painter.new_folder import free_folder
from painter.project import DamagedProjectError, Project
from painter.store import AUTOSAVE_NAME, Store
from zones.errors import InputError, TilewrightError
from zones.palette import Palette

POLL_MS = 250
"""How often the autosaver is asked whether it is time."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedMap:
    """What opening a project found.

    Attributes:
        document: the open document.
        model: its model; None where nothing is known of it.
        settings: of its last run, else the model's own; None without a model.
        queue: what was still to be painted.
        recovery: unsaved work of an earlier session.
        problems: what could not be read.
    """

    document: Document
    model: MapModel | None
    settings: RunSettings | None
    queue: tuple[QueuedRun, ...]
    recovery: Recovery | None
    problems: tuple[Problem, ...]


def read_map(folder: Path) -> OpenedMap:
    """Open a project with all that belongs to it; raises as `Document.open`."""
    document = Document.open(folder)
    found: list[Problem] = []
    model: MapModel | None = None
    settings: RunSettings | None = None
    queue: tuple[QueuedRun, ...] = ()
    try:
        model = model_of(document.project)
        settings = settings_of(document.project, model.profile)
    except InputError as error:
        found.append(Problem("model", "error", str(error)))
    if model is not None and model.fault:
        found.append(Problem("model", "warning", model.fault))
    if not document.read_only:
        try:
            queue = read_queue(document.project.folder)
        except InputError as error:
            found.append(Problem("queue", "warning", str(error)))
    if document.notice:
        found.append(Problem("history", "warning", document.notice))
    return OpenedMap(document, model, settings, queue, document.recovery, tuple(found))


def copy_project(source: Path, target: Path) -> None:
    """Copy a project folder as it is on disk, complete or not at all; without its lock.

    Nothing is written into the source meanwhile. Links in it are left out, wherever they lead.

    Raises:
        InputError: the target is in use or cannot be written.
        WorkError: the disk is full or fails.
    """
    place = free_folder(target)
    draft = place.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    try:
        with Store(source).transaction(), writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, draft, ignore=_left_out)
            with contextlib.suppress(FileNotFoundError):
                place.rmdir()
            os.replace(draft, place)  # noqa: PTH105 - as everywhere in project folders
            sync_folder(place.parent)
    except shutil.Error as error:
        raise InputError(f"{target} cannot be written; choose another place") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """What of a folder does not belong into a copy of a project."""
    links = {name for name in names if os.path.islink(os.path.join(folder, name))}  # noqa: PTH114, PTH118
    return links | {name for name in names if name == LOCK_NAME or name.startswith(TEMP_PREFIX)}


class MapFile(QObject):
    """The open document and its way to and from the disk; GUI thread.

    Args:
        tasks: does the slow part.
        problems: are told what failed.
        parent: as of every QObject.

    Signals:
        leaving: the open map, if any, is about to be closed for another one.
        opened: an `OpenedMap` that is the open one now.
        damaged: a `DamagedProjectError` instead of a map.
        changed: `busy`, or what is saved and autosaved, is something else.
        decided: unsaved work of an earlier session was taken or dropped; the map may be edited.
    """

    leaving = Signal()
    opened = Signal(object)
    damaged = Signal(object)
    changed = Signal()
    decided = Signal()

    def __init__(self, tasks: Tasks, problems: Problems, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._problems = problems
        self._wish = 0
        self._save_waits = False
        self._saving = False
        self._autosaver: Autosaver | None = None
        self.document: Document | None = None
        self.recovery: Recovery | None = None
        self.busy = ""
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def open(self, read: Callable[[], OpenedMap], what: str, *, discard: bool = False) -> None:
        """Open what `read` opens on the io thread, in place of the open map.

        An earlier wish that is not done is void; where this one fails, the open map stays.

        Args:
            read: opens it.
            what: is being done, for people.
            discard: drop the open map's unsaved work, for it is in what is opened.
        """
        self._wish += 1
        wish = self._wish
        self._be_busy(what)

        def failed(error: BaseException) -> None:
            if wish == self._wish:
                self._be_busy("")
                self._tell_of_failure(error)

        def done(found: OpenedMap) -> None:
            if wish != self._wish:
                found.document.close()
                return
            self._adopt(found, discard=discard)

        self._problems.clear("open")
        self._tasks.submit(read, done, failed=failed, name="open")

    def create(
        self, folder: Path, size: tuple[int, int], palette: Palette, values: dict[str, Any]
    ) -> None:
        """Make a project and open it."""

        def read() -> OpenedMap:
            return read_map(Project.create(folder, size, palette, **values).folder)

        self.open(read, self.tr("Making the map…"))

    def save(self) -> None:
        """Save on the io thread; while an edit is open or a save runs, right after it."""
        document = self.document
        if document is None:
            return
        if self._saving:
            self._save_waits = True
            return
        self._save_waits, self._saving = False, True
        self._be_busy(self.tr("Saving…"))
        self._tasks.submit(
            document.save,
            lambda _: self._on_saved(document),
            failed=lambda error: self._on_save_failed(document, error),
            urgency=URGENT,
            name="save",
        )

    def save_as(self, folder: Path) -> None:
        """Copy the project with its unsaved work to a new folder and go on there."""
        document, autosaver = self.document, self._autosaver
        if document is None:
            return
        source = document.project.folder
        unsaved = autosaver is not None and document.has_changes

        def read() -> OpenedMap:
            if unsaved:
                document.autosave(document.capture())
            copy_project(source, folder)
            found = read_map(folder)
            if unsaved and found.document.recovery is not None:
                found.document.recover()
                found.document.save()
            return found

        self.open(read, self.tr("Saving a copy…"), discard=unsaved)

    def recover(self) -> None:
        """Take the earlier session's unsaved work."""
        self._decide(lambda document: document.recover())

    def decline_recovery(self) -> None:
        """Drop the earlier session's unsaved work."""
        self._decide(lambda document: document.decline_recovery())

    def resume_waiting_save(self) -> None:
        """Save now if a save had to wait for an open edit."""
        if self._save_waits:
            self.save()

    def close(self, *, discard: bool = False) -> None:
        """Close the document; unsaved work stays in the autosave unless it is discarded.

        Args:
            discard: remove the autosave too.
        """
        self._wish += 1
        self.busy = ""
        self._let_go(discard=discard)

    def _let_go(self, *, discard: bool) -> None:
        self._timer.stop()
        document, self.document = self.document, None
        autosaver, self._autosaver = self._autosaver, None
        self._save_waits = self._saving = False
        self.recovery = None
        if document is not None:
            self._tasks.submit(
                lambda: _close(document, autosaver, discard=discard),
                urgency=URGENT,
                name="close",
                failed=self._on_close_failed,
            )

    def _tell_of_failure(self, error: BaseException) -> None:
        """Say why no map was opened, and of a damaged one that some of it can be rescued."""
        if isinstance(error, DamagedProjectError):
            self._problems.add(Problem("open", "error", error.reason, advice="rescue"))
            self.damaged.emit(error)
        else:
            self._problems.add(Problem("open", "error", sentence_of(error)))

    def _adopt(self, found: OpenedMap, *, discard: bool) -> None:
        self.leaving.emit()
        self._let_go(discard=discard)
        self.document, self.recovery = found.document, found.recovery
        self._start_autosaver(found.document)
        self.busy = ""
        self.opened.emit(found)
        self.changed.emit()

    def _start_autosaver(self, document: Document) -> None:
        if not document.read_only and self.recovery is None:
            self._autosaver = Autosaver(document, executor=self._tasks.executor)
            self._timer.start()

    def _decide(self, decide: Callable[[Document], None]) -> None:
        document = self.document
        if document is None or self.recovery is None:
            return

        def done(_: None) -> None:
            self._problems.clear("recovery")
            if document is self.document:
                self.recovery = None
                self._start_autosaver(document)
                self.changed.emit()
                self.decided.emit()

        def failed(error: BaseException) -> None:
            self._problems.add(Problem("recovery", "error", sentence_of(error)))

        self._tasks.submit(
            lambda: decide(document), done, failed=failed, urgency=URGENT, name="recovery"
        )

    def _on_saved(self, document: Document) -> None:
        if document is self.document:
            self._saving = False
            self._problems.clear("save")
            self._be_busy("")
            if self._save_waits:
                self.save()

    def _on_save_failed(self, document: Document, error: BaseException) -> None:
        if document is not self.document:
            return
        self._saving = False
        self._be_busy("")
        if isinstance(error, RuntimeError) and not isinstance(error, TilewrightError):
            self._save_waits = True  # an edit is open; its commit saves
        else:
            self._problems.add(Problem("save", "error", sentence_of(error), advice="save_as"))

    def _on_close_failed(self, error: BaseException) -> None:
        self._problems.add(Problem("close", "error", sentence_of(error)))

    def _on_timer_timeout(self) -> None:
        if self._autosaver is None or self._saving:
            return
        if self._autosaver.poll():
            self.changed.emit()
        problem = self._autosaver.problem
        if problem is None:
            self._problems.clear("autosave")
        else:
            self._problems.add(Problem("autosave", "warning", str(problem), advice="save_as"))

    def _be_busy(self, what: str) -> None:
        if what != self.busy:
            self.busy = what
        self.changed.emit()


def recovery_problem(found: Recovery | None) -> Problem | None:
    """The notice that offers an earlier session's work, or None where there is none."""
    if found is None:
        return None
    if found.damage:
        return Problem("recovery", "warning", found.damage, advice="recover")
    text = QCoreApplication.translate(
        "MapFile", "There is unsaved work of an earlier session ({0}); recover it or drop it."
    )
    return Problem("recovery", "notice", text.format(found.written_at), advice="recover")


def _close(document: Document, autosaver: Autosaver | None, *, discard: bool) -> None:
    """Keep unsaved work in the autosave, or remove that, and give the folder free.

    The autosave of a map without unsaved work has nothing to offer, so it goes too.
    """
    waits = document.recovery is not None
    keep = document.has_changes and not discard
    try:
        if autosaver is not None and keep:
            document.autosave(document.capture())
    finally:
        document.close()
    held = document.project.store.has_manifest(AUTOSAVE_NAME)
    if held and not keep and not waits and not document.read_only:
        again = Document.open(document.project.folder)
        try:
            again.decline_recovery()
        finally:
            again.close()
