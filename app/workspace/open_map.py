"""The open map of the workspace: its document, model and grid, and what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.core.map_model import MapModel, model_of
from app.core.problems import Problem, Problems, Severity
from app.workspace.choices import Choices
from app.workspace.map_file import MapFile, OpenedMap, read_map, recovery_problem
from app.workspace.tasks import URGENT, Tasks, sentence_of
from app.workspace.tile_desk import TileDesk
from generation.plan.profile import ModelProfile
from generation.run.world import World
from painter.autosave import Recovery
from painter.change import Change
from painter.document import Document
from painter.store import DamagedFileError
from zones.errors import InputError, TilewrightError
from zones.geometry import Rect
from zones.grid import Grid
from zones.palette import Palette

_OF_NO_MAP = ("open", "bug:", "error:", "qt:", "save", "close")
"""Keys of problems that stay when another map is opened."""

_MANY_RECTS = 64
"""Of more changed places than this, one rectangle around all is told."""


class OpenMap(Choices):
    """What is known of the open map, and the ways to change it; GUI thread.

    Args:
        parent: as of every QObject.
    """

    _changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems = Problems(self.problems_changed.emit)
        self._tasks = Tasks(self)
        self._file = MapFile(self._tasks, self._problems, self)
        self._desk = TileDesk(self._tasks, self._problems, self)
        self._unsubscribe: Callable[[], None] = _nothing
        self._tasks.failed.connect(self._on_task_failed)
        self._file.leaving.connect(self._leave)
        self._file.opened.connect(self._on_file_opened)
        self._file.changed.connect(self.saved_changed)
        self._file.decided.connect(self.header_changed)
        self._file.damaged.connect(self.damaged)
        self._desk.tiles_changed.connect(self.tiles_changed)
        self.settings_changed.connect(self._on_settings_changed)
        self._changed.connect(self._on_document_changed)

    @property
    def document(self) -> Document | None:
        """The open document; edit it here, on the GUI thread."""
        return self._file.document

    @property
    def profile(self) -> ModelProfile | None:
        """Numbers of the map's model; None without a map, or where the model is not found."""
        return None if self._desk.model is None else self._desk.model.profile

    @property
    def world(self) -> World | None:
        """The map as it is painted now, with the model's numbers; frozen, for any thread."""
        return self._desk.world

    @property
    def grid(self) -> Grid | None:
        """The windows in the layout of the settings."""
        return self._desk.grid

    @property
    def palette(self) -> Palette | None:
        """The map's own palette."""
        return None if self.document is None else self.document.project.palette

    @property
    def read_only(self) -> bool:
        """Whether nothing may be changed: no map, another process holds it, or a recovery waits."""
        document = self.document
        return document is None or document.read_only or self.recovery is not None

    @property
    def recovery(self) -> Recovery | None:
        """Unsaved work of an earlier session that waits for `recover` or `decline_recovery`."""
        return self._file.recovery

    @property
    def has_changes(self) -> bool:
        """Whether there is work that `save` has not written."""
        return self.document is not None and self.document.has_changes

    @property
    def busy(self) -> str:
        """What is being opened or saved right now, for the status bar; else ""."""
        return self._file.busy

    def create(self, folder: Path, size: tuple[int, int], palette: Palette, **values: Any) -> None:
        """Make a project (see `Project.create`) and open it; later `map_opened` or a problem."""
        self._file.create(folder, size, palette, values)

    def open(self, folder: Path) -> None:
        """Open a project in place of the open one; later `map_opened`, or the problem `open`.

        The open map stays until the other one is read; the same folder is closed first.
        """
        document = self.document
        if document is not None and document.project.folder == folder.resolve():
            self.close()
        self._file.open(lambda: read_map(folder), self.tr("Opening the map…"))

    def close(self, *, discard: bool = False) -> None:
        """Close the map: its runs end, finished tiles and the queue are kept.

        Args:
            discard: drop unsaved work; else it stays in the autosave.
        """
        self._leave()
        had_map = self.document is not None
        self._file.close(discard=discard)
        if had_map:
            self.map_opened.emit()
            self.selection_changed.emit()
            self._tell_of_history()

    def save(self) -> None:
        """Save what is painted now; later `saved_changed`, or the problem `save`."""
        self._file.save()

    def recover(self) -> None:
        """Take the earlier session's unsaved work."""
        self._file.recover()

    def decline_recovery(self) -> None:
        """Drop the earlier session's unsaved work."""
        self._file.decline_recovery()

    def undo(self) -> None:
        """Take back the user's last step."""
        self._travel(lambda document: document.undo())

    def redo(self) -> None:
        """Do the user's next step again."""
        self._travel(lambda document: document.redo())

    def set_model(self, model: str) -> None:
        """Use another model for this map, as an undo step."""
        self._travel(lambda document: document.configure(self.tr("Change the model"), model=model))

    def touch(self, rects: Iterable[Rect]) -> None:
        """Say what an open edit changed, so that the canvas draws it."""
        for rect in rects:
            if rect.area:
                self.painted.emit(rect)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong right now."""
        return list(self._problems.all())

    def report(self, problem: Problem) -> None:
        """Add a problem of one's own; a tool's refusal, a file that cannot be read."""
        self._problems.add(problem)

    def report_error(self, key: str, severity: Severity, error: BaseException) -> None:
        """Add what went wrong; a damaged file of the project is told once, whoever met it."""
        text = sentence_of(error)
        if isinstance(error, DamagedFileError):
            self._problems.add(Problem(f"file:{text}", severity, text, advice="rescue"))
        else:
            self._problems.add(Problem(key, severity, text))

    def clear_problem(self, key: str) -> None:
        """Forget a problem: it was mended or dismissed."""
        self._problems.clear(key)

    @property
    def tasks(self) -> Tasks:
        """The io thread."""
        return self._tasks

    @Slot(object)
    def _on_file_opened(self, found: OpenedMap) -> None:
        document = found.document
        for problem in found.problems:
            self._problems.add(problem)
        self._unsubscribe = document.subscribe(lambda change: self._changed.emit(document, change))
        if found.settings is not None:
            self._settings = found.settings
        offered = recovery_problem(found.recovery)
        if offered is not None:
            self._problems.add(offered)
        self._desk.start(document, found.model, self._grid_of(found.model))
        self._read_hash(found.model)
        self._fit_choices()
        self._enter(found)
        self.map_opened.emit()
        self.settings_changed.emit()
        self.selection_changed.emit()
        self._tell_of_history()

    @Slot(object, object)
    def _on_document_changed(self, document: Document, change: Change) -> None:
        if document is not self.document:
            return
        self._desk.note(change)
        for rect in _few(change.painted):
            self.painted.emit(rect)
        if change.strokes:
            self.strokes_changed.emit()
        if change.header:
            self._on_header_changed(document)
        self._file.resume_waiting_save()
        self._tell_of_history()

    def _on_header_changed(self, document: Document) -> None:
        model = self._desk.model
        if model is None or model.name != (document.project.model or model.name):
            self._tasks.submit(
                lambda: model_of(document.project),
                lambda found: self._on_model_found(document, found),
                failed=lambda error: self._on_model_lost(document, error),
                name="model",
            )
        else:
            self._desk.change_world(model, self._grid_of(model))
        self._fit_choices()
        self.header_changed.emit()

    def _on_model_found(self, document: Document, model: MapModel) -> None:
        if document is not self.document:
            return
        self._problems.clear("model")
        if model.fault:
            self._problems.add(Problem("model", "warning", model.fault))
        self._desk.change_world(model, self._grid_of(model))
        self._fit_compositor(model)
        self._read_hash(model)
        self.header_changed.emit()

    def _fit_compositor(self, model: MapModel) -> None:
        """Take a new model's own compositor where it lacks the one that was chosen."""
        lacks = model.folder is not None and model.folder.compositor is None
        if lacks and self.settings.compositor == "decformer":
            self.settings = replace(self.settings, compositor=model.profile.compositor)

    def _on_model_lost(self, document: Document, error: BaseException) -> None:
        if document is self.document:
            self._problems.add(Problem("model", "error", sentence_of(error)))

    def _read_hash(self, model: MapModel | None) -> None:
        """Read the model's weights for their hash, without which nothing can be judged."""
        document = self.document
        if model is None or model.model_hash:
            return
        self._tasks.apart(
            model.hashed, lambda hashed: self._on_hashed(document, model, hashed), name="model hash"
        )

    def _on_hashed(self, document: Document | None, model: MapModel, hashed: MapModel) -> None:
        if document is self.document and self._desk.model == model:
            self._desk.change_world(hashed, self._grid_of(hashed))
            self.header_changed.emit()

    def _grid_of(self, model: MapModel | None) -> Grid | None:
        document = self.document
        if model is None or document is None:
            return None
        try:
            grid = model.world(document.project).grid(self.settings)
        except InputError as error:
            self._problems.add(Problem("grid", "error", str(error)))
            return None
        self._problems.clear("grid")
        return grid

    @Slot()
    def _on_settings_changed(self) -> None:
        model = self._desk.model
        grid = self._grid_of(model)
        if grid != self._desk.grid:
            self._desk.change_world(model, grid)
            self.header_changed.emit()

    @Slot(str, object)
    def _on_task_failed(self, name: str, error: BaseException) -> None:
        self.report_error(f"task:{name}", "error", error)

    def _travel(self, act: Callable[[Document], object]) -> None:
        """Change the document at once; a refusal becomes a problem."""
        document = self.document
        if document is None:
            return
        try:
            act(document)
        except TilewrightError as error:
            self._problems.add(Problem("edit", "warning", str(error)))
        except RuntimeError:  # an edit is open: the user is in the middle of a stroke
            return
        else:
            self._problems.clear("edit")

    def _write(self, act: Callable[[Document], object]) -> None:
        """Change finished tiles on disk, off this thread."""
        document = self.document
        if document is None:
            return
        self._tasks.submit(
            lambda: act(document),
            lambda _: self._problems.clear("edit"),
            failed=lambda error: self._problems.add(Problem("edit", "warning", sentence_of(error))),
            urgency=URGENT,
            name="tiles",
        )

    def _on_write_failed(self, error: BaseException) -> None:
        text = sentence_of(error)
        if isinstance(error, RuntimeError):  # the document's word for an open edit
            text = self.tr("Finish the stroke first, then try again.")
        self._problems.add(Problem("edit", "warning", text))

    def _enter(self, found: OpenedMap) -> None:
        """Begin what belongs to a map that was just opened."""

    @Slot()
    def _leave(self) -> None:
        """End everything that belongs to the open map."""
        self._unsubscribe()
        self._unsubscribe = _nothing
        self._desk.stop()
        self._selection, self._selected_tile = None, None
        self._problems.keep_only(_OF_NO_MAP)

    def _fit_choices(self) -> None:
        """Choose a zone and a stencil that the palette has."""
        palette = self.palette
        if palette is None:
            return
        if self._active_zone not in palette.valid_ids and palette.zones:
            self.active_zone = palette.zones[0].id
        names = [stencil.name for stencil in palette.stencils]
        if self._active_stencil not in names and names:
            self.active_stencil = names[0]

    def _tell_of_history(self) -> None:
        self.history_changed.emit()
        self.saved_changed.emit()


def _nothing() -> None:
    """End a subscription that never began."""


def _few(rects: Sequence[Rect]) -> Sequence[Rect]:
    """The rectangles, or one around all where there are many."""
    if len(rects) <= _MANY_RECTS:
        return rects
    left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return (Rect(left, top, right - left, bottom - top),)
