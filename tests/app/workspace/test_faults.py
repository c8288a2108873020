"""Faults that nobody handled, told to the user."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.core.problems import Problem
from app.workspace.faults import FaultHooks
from tests.support.qt import wait_until
from zones.errors import InputError


def test_faults_nobody_caught_become_problems(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Problem] = []
    before: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: before.append(args))
    monkeypatch.setattr(threading, "excepthook", before.append)
    hooks = FaultHooks(found.append)
    hooks.install()
    try:
        try:
            {}["x"]
        except KeyError as error:
            sys.excepthook(KeyError, error, error.__traceback__)

        def fail() -> None:
            raise InputError("the thread's input is bad; mend it")

        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        wait_until(lambda: len(found) == 2)
    finally:
        hooks.remove()
        hooks.deleteLater()
    assert found[0].key.startswith("bug:KeyError:")
    assert found[1].text == "the thread's input is bad; mend it"
    assert len(before) == 2


def test_what_qt_finds_critical_becomes_a_problem(qapp: QApplication) -> None:
    found: list[Problem] = []
    heard: list[str] = []
    outer = qInstallMessageHandler(lambda _kind, _context, text: heard.append(text))
    hooks = FaultHooks(found.append)
    hooks.install()
    try:
        hooks._on_qt_message(QtMsgType.QtDebugMsg, None, "nothing")
        hooks._on_qt_message(QtMsgType.QtCriticalMsg, None, "no surface")
        wait_until(lambda: bool(found))
    finally:
        hooks.remove()
        hooks.deleteLater()
        qInstallMessageHandler(outer)
    assert [problem.key for problem in found] == ["qt:no surface"]
    assert heard == ["nothing", "no surface"]
