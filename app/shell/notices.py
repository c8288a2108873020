"""Turns what waits for the user into bars: a recovery, a map somebody else holds, an old queue."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, QObject

from app.shell.bars import Bars
from app.shell.docks import Docks
from app.workspace.left_over import KEY as QUEUE
from app.workspace.workspace import Workspace
from painter.autosave import Recovery

OFFERED = ("open", "rescue")
"""Key and advice of the problem that a dialog tells of by itself."""

RECOVERY, HELD = "recovery", "held"


class Notices(QObject):
    """Shows bars and the problems panel when there is a reason.

    Args:
        workspace: has the map.
        bars: where bars go.
        docks: of which the problems panel appears by itself.
        parent: as of every QObject.
    """

    def __init__(self, workspace: Workspace, bars: Bars, docks: Docks, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._bars, self._docks = workspace, bars, docks
        self._known: set[str] = set()
        workspace.map_opened.connect(self._on_workspace_map_opened)
        workspace.saved_changed.connect(self._on_workspace_saved)
        workspace.run_changed.connect(self._show_queue)
        workspace.problems_changed.connect(self._on_workspace_problems)

    def _on_workspace_map_opened(self) -> None:
        for key in (RECOVERY, HELD, QUEUE):
            self._bars.hide_bar(key)
        document = self._workspace.document
        if document is None:
            return
        if document.read_only:
            text = self.tr("Another program works on this map ({0}); here you can only look.")
            answers = ((self.tr("All right"), self.tr("Put this message away."), _nothing),)
            glyph = "lock-outline"
            self._bars.show_bar(HELD, glyph, text.format(document.holder), answers)
        self._show_recovery()
        self._show_queue()

    def _show_recovery(self) -> None:
        found = self._workspace.recovery
        if found is None:
            self._bars.hide_bar(RECOVERY)
            return
        if self._bars.bar(RECOVERY) is not None:
            return
        decline = (
            self.tr("Decline"),
            self.tr("Drop that work for good and go on with the last save."),
            self._workspace.decline_recovery,
        )
        recover = (
            self.tr("Recover"),
            self.tr("Take that work back; it can still be undone."),
            self._workspace.recover,
        )
        answers = (decline,) if found.damage else (recover, decline)
        self._bars.show_bar(RECOVERY, "backup-restore", self._recovery_text(found), answers)

    def _recovery_text(self, found: Recovery) -> str:
        if found.damage:
            return found.damage[:1].upper() + found.damage[1:]
        text = self.tr("There is work of {0} that was not saved.").format(_when(found.written_at))
        if found.saved_since:
            text += " " + self.tr("The map was saved by somebody else after that.")
        return text

    def _show_queue(self) -> None:
        """Offer what is left to be painted, while nothing is; in the words of its problem."""
        offers = [
            problem.text
            for problem in self._workspace.problems
            if problem.key == QUEUE and problem.advice == "resume"
        ]
        text = offers[0] if offers and not self._workspace.run_status.running else ""
        shown = self._bars.bar(QUEUE)
        if not text:
            self._bars.hide_bar(QUEUE)
            return
        if shown is not None and shown.accessibleName() == text:
            return
        answers = (
            (self.tr("Go on"), self.tr("Paint those tiles now."), self._workspace.resume_queue),
            (self.tr("Forget them"), self.tr("Do not paint them."), self._workspace.drop_queue),
        )
        self._bars.show_bar(QUEUE, "progress-clock", text, answers)

    def _on_workspace_saved(self) -> None:
        if self._workspace.recovery is None:
            self._bars.hide_bar(RECOVERY)

    def _on_workspace_problems(self) -> None:
        """Show the panel when something new went wrong; others are told by bars and dialogs."""
        serious = {
            problem.key
            for problem in self._workspace.problems
            if problem.severity != "notice" and (problem.key, problem.advice) != OFFERED
        }
        if serious - self._known:
            self._docks.show_panel("problems")
        self._known = serious


def _when(iso_time: str) -> str:
    """A time as this place writes it."""
    try:
        moment = datetime.fromisoformat(iso_time).astimezone()
    except ValueError:
        return iso_time
    qt_moment = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    return QLocale.system().toString(qt_moment, QLocale.FormatType.ShortFormat)


def _nothing() -> None:
    """The answer that only closes the bar."""
