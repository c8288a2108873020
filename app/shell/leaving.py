"""Before a map is left with unsaved work: asks in a bar, blocks nothing, and never asks twice."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.shell.bars import Bars
from app.shell.welcome import map_name
from app.workspace.workspace import Workspace

Then = Callable[[], object]

KEY = "leaving"


class Leaving(QObject):
    """Asks whether to save, and goes on once that is settled.

    Args:
        workspace: has the map.
        bars: where it asks.
        parent: as of every QObject.
    """

    def __init__(self, workspace: Workspace, bars: Bars, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bars = bars
        self._then: Then | None = None
        workspace.saved_changed.connect(self._on_workspace_saved)
        workspace.problems_changed.connect(self._on_workspace_problems)

    @property
    def would_lose(self) -> bool:
        """Whether leaving now would lose something; runs go on another time by themselves."""
        return self._workspace.has_changes and not self._workspace.read_only

    def leave(self, then: Then) -> None:
        """Do `then` at once where nothing would be lost, else when the user has said what to do.

        Args:
            then: closes the map, or opens another one.
        """
        document = self._workspace.document
        if document is None or not self.would_lose:
            then()
            return
        name = map_name(document.project.folder)
        answers = (
            (self.tr("Save"), self.tr("Keep your work, then go on."), lambda: self._save(then)),
            (
                self.tr("Discard"),
                self.tr("Drop what you did since the last save, then go on."),
                lambda: self._discard(then),
            ),
            (self.tr("Cancel"), self.tr("Stay here; nothing changes."), self._stay),
        )
        text = self.tr("“{0}” has work that is not saved.").format(name)
        self._bars.show_bar(KEY, "content-save-alert-outline", text, answers)

    def _save(self, then: Then) -> None:
        self._then = then
        self._workspace.save()

    def _discard(self, then: Then) -> None:
        self._then = None
        self._workspace.close(discard=True)
        then()

    def _stay(self) -> None:
        self._then = None

    def _on_workspace_saved(self) -> None:
        if self._then is not None and not self._workspace.busy and not self.would_lose:
            then, self._then = self._then, None
            then()

    def _on_workspace_problems(self) -> None:
        if any(problem.key == "save" for problem in self._workspace.problems):
            self._then = None
