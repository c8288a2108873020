"""What other threads have to say, brought to the GUI thread: events of runs, and faults.

Steps are coalesced to 20 a second; nothing else is ever dropped or reordered.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from app.core.problems import Problem
from generation.run.jobs import Event, StepDone
from zones.errors import TilewrightError
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


class FaultHooks(QObject):
    """Turns exceptions nobody caught, and what Qt warns of, into problems.

    Args:
        report: takes a problem on the GUI thread.
    """

    _found = Signal(object)

    def __init__(self, report: Callable[[Problem], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self._before: tuple[Any, Any, Any] | None = None
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Listen from now on; what listened before is still told."""
        if self._before is None:
            handler = qInstallMessageHandler(self._on_qt_message)
            self._before = (sys.excepthook, threading.excepthook, handler)
            sys.excepthook = self._on_exception
            threading.excepthook = self._on_thread_exception

    def remove(self) -> None:
        """Put back what listened before."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, handler = self._before
            qInstallMessageHandler(handler)
            self._before = None

    @Slot(object)
    def _on_found(self, problem: Problem) -> None:
        self._report(problem)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            self._before[0](kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            self._found.emit(fault_problem(error))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if self._before is not None:
            self._before[1](args)
        if args.exc_value is not None:
            self._found.emit(fault_problem(args.exc_value))

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if self._before is not None and self._before[2] is not None:
            self._before[2](kind, context, text)
        else:
            sys.stderr.write(f"{text}\n")
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self._found.emit(
                Problem(f"qt:{text[:80]}", "warning", f"The window system says: {text}")
            )


def fault_problem(error: BaseException) -> Problem:
    """The problem that an exception nobody caught becomes: its own sentence, or a bug's place."""
    if isinstance(error, TilewrightError):
        return Problem(f"error:{str(error)[:80]}", "error", str(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"
    name = type(error).__name__
    return Problem(
        f"bug:{name}:{where}",
        "error",
        f"Something unforeseen went wrong ({name} in {where}); your work is kept: save it, and "
        "start the program again if it does not behave.",
    )
