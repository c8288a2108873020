"""The worker thread, made when it is first needed, with the bridge its events come over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.workspace.bridge import Bridge
from generation.plan.ports import Engine

if TYPE_CHECKING:
    from generation.run.worker import Worker


class PaintThread(QObject):
    """Has at most one worker; GUI thread.

    Args:
        load_engine: makes the engine of a model, on the worker's thread.
        parent: as of every QObject.

    Signals:
        happened: a tuple of events that are no steps, in order.
        stepped: the latest `StepDone` of a tile.
    """

    happened = Signal(object)
    stepped = Signal(object)

    def __init__(self, load_engine: Callable[[str], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._load_engine = load_engine
        self._bridge: Bridge | None = None
        self.worker: Worker | None = None

    def ready(self) -> Worker:
        """The worker, made where there is none."""
        if self.worker is None:
            from generation.run.worker import Worker  # noqa: PLC0415 - slow, for runs only

            self._bridge = Bridge(self)
            self._bridge.happened.connect(self.happened)
            self._bridge.stepped.connect(self.stepped)
            self.worker = Worker(self._load_engine, self._bridge.put)
        return self.worker

    def close(self, timeout_s: float) -> bool:
        """End the worker and its engine; what it told until then is handed on before.

        Returns:
            Whether its thread has ended.
        """
        worker, self.worker = self.worker, None
        bridge, self._bridge = self._bridge, None
        ended = worker is None or worker.close(timeout_s)
        if bridge is not None:
            bridge.flush()
            bridge.close()
            bridge.deleteLater()
        return ended
