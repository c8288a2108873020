"""What runs on other threads have to say, brought to the GUI thread.

Steps are coalesced to 20 a second; nothing else is ever dropped or reordered.
"""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from generation.run.jobs import Event, StepDone
from zones.grid import TileCoord

STEP_MS = 50
"""Steps are handed on at most this often."""


class Bridge(QObject):
    """Takes events on any thread and gives them on the GUI thread, where it lives.

    Signals:
        happened: a tuple of events that are no steps, in order.
        stepped: the latest `StepDone` of a tile.
    """

    happened = Signal(object)
    stepped = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mutex = threading.Lock()
        self._events: deque[Event] = deque()
        self._steps: dict[tuple[int, TileCoord], StepDone] = {}
        self._awake = False
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, singleShot=True, interval=STEP_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def put(self, event: Event) -> None:
        """Take an event; any thread."""
        with self._mutex:
            if isinstance(event, StepDone):
                self._steps[(event.job, event.tile)] = event
            else:
                self._events.append(event)
            wake, self._awake = not self._awake, True
        if wake:
            self._woken.emit()

    def flush(self) -> None:
        """Hand on all that was taken, on the GUI thread."""
        self._on_woken()
        self._on_timer_timeout()

    def close(self) -> None:
        """Drop what is left and hand on nothing more."""
        self._timer.stop()
        with self._mutex:
            self._events.clear()
            self._steps.clear()

    @Slot()
    def _on_woken(self) -> None:
        with self._mutex:
            self._awake = False
            events = list(self._events)
            self._events.clear()
            for event in events:
                self._drop_steps_before(event)
            waits = bool(self._steps)
        if events:
            self.happened.emit(tuple(events))
        if waits and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        with self._mutex:
            steps = list(self._steps.values())
            self._steps.clear()
        for step in steps:
            self.stepped.emit(step)

    def _drop_steps_before(self, event: Event) -> None:
        """A tile that is over takes no step any more."""
        record = getattr(event, "record", None)
        tile = record.tile if record is not None else getattr(event, "tile", None)
        job = getattr(event, "job", None)
        if tile is not None and isinstance(job, int):
            self._steps.pop((job, tile), None)
