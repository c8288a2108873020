"""A download from the hub as the window sees it: a program of its own that can be ended at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

from app.core.models import fetch_command, look_up_command, told

_END_MS = 2000


class HubFetch(QObject):
    """Looks models up and fetches them; one at a time, and no longer busy when it tells the end.

    Signals:
        found: facts of a model that was looked up, a dict as `HubModel.facts` gives it.
        progressed: (bytes done, bytes in all, file in work).
        fetched: the model is on this machine.
        failed: one sentence.
    """

    found = Signal(object)
    progressed = Signal(object, object, str)
    fetched = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._outcome: dict[str, Any] = {}

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._process is not None

    def look_up(self, hub_id: str) -> None:
        """Ask the hub about a model; later `found` or `failed`."""
        self._start(look_up_command(hub_id))

    def fetch(self, hub_id: str, commit: str) -> None:
        """Fetch a model as it was found; later `fetched` or `failed`."""
        self._start(fetch_command(hub_id, commit))

    def stop(self) -> None:
        """End the work at once; what has arrived is kept for the next time."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(_END_MS)
            process.deleteLater()

    def _start(self, command: Sequence[str]) -> None:
        self.stop()
        self._outcome = {}
        process = QProcess(self)
        self._process = process
        process.readyReadStandardOutput.connect(lambda: self._on_process_said(process))
        process.finished.connect(lambda: self._on_process_finished(process))
        process.errorOccurred.connect(lambda _error: self._on_process_broke(process))
        process.start(command[0], list(command[1:]))

    def _on_process_said(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            self._hear(told(bytes(process.readLine().data()).decode("utf-8", "replace")))

    def _hear(self, said: dict[str, Any]) -> None:
        if "done_bytes" in said:
            self.progressed.emit(said["done_bytes"], said["total_bytes"], said.get("file", ""))
        else:
            self._outcome = said or self._outcome

    def _on_process_finished(self, process: QProcess) -> None:
        if process is not self._process:
            return
        self._on_process_said(process)
        outcome, self._process = self._outcome, None
        process.deleteLater()
        if "model" in outcome:
            self.found.emit(outcome["model"])
        elif "path" in outcome:
            self.fetched.emit()
        else:
            unsaid = _tr("The download ended without a word; try again.")
            self.failed.emit(str(outcome.get("error", unsaid)))

    def _on_process_broke(self, process: QProcess) -> None:
        if process is self._process and process.error() == QProcess.ProcessError.FailedToStart:
            self._process = None
            process.deleteLater()
            self.failed.emit(_tr("The download could not be started; install Tilewright again."))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Model", text)
