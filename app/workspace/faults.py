"""Faults nobody handled, on any thread and in Qt: each becomes a problem the user can read."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
)

from app.core.problems import Problem
from zones.errors import TilewrightError


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
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        if self._before is not None:
            self._before[0](kind, error, trace)
        self._found.emit(fault_problem(error))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if self._before is not None:
            self._before[1](args)
        if isinstance(args.exc_value, Exception):
            self._found.emit(fault_problem(args.exc_value))

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if self._before is not None and self._before[2] is not None:
            self._before[2](kind, context, text)
        else:
            sys.stderr.write(f"{text}\n")
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            words = _tr("The window system says: {text}").format(text=text)
            self._found.emit(Problem(f"qt:{text[:80]}", "warning", words))


def fault_problem(error: BaseException) -> Problem:
    """The problem that an exception nobody caught becomes: its own sentence, or a bug's place."""
    if isinstance(error, TilewrightError):
        return Problem(f"error:{str(error)[:80]}", "error", str(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"
    name = type(error).__name__
    words = _tr(
        "Something unforeseen went wrong ({name} in {where}); your work is kept: save it, and "
        "start the program again if it does not behave."
    )
    return Problem(f"bug:{name}:{where}", "error", words.format(name=name, where=where))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Faults", text)
