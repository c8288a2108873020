"""Fixtures of every test that opens a window: no screen, no warning, nothing left behind.

A folder of such tests has a conftest with `from tests.support.qt import *`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("QT_STYLE_OVERRIDE", None)

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

from painter.project import Project
from zones.palette import default_palette
from zones.strokes import Stroke

__all__ = [
    "MAP_PX",
    "new_workspace",
    "no_leftovers",
    "no_qt_warnings",
    "own_settings",
    "project_folder",
    "small_project",
    "wait_until",
    "workspace",
]

MAP_PX = (512, 384)
"""Size of the small map: 3 x 2 tiles of the bundled model."""

GRACE_S = 3.0
_MILD = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
_OFFSCREEN_ONLY = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
    "This plugin does not support setting window opacity",
)
"""What the platform without a screen cannot do and says so; no fault of the program."""


@pytest.fixture(autouse=True)
def no_qt_warnings() -> Iterator[list[str]]:
    """A test in which Qt says anything at the level of a warning or above fails."""
    heard: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
        if kind not in _MILD and text not in _OFFSCREEN_ONLY:
            heard.append(f"{kind.name}: {text}")

    before = qInstallMessageHandler(hear)
    yield heard
    qInstallMessageHandler(before)
    assert not heard, f"Qt said: {heard}"


@pytest.fixture(autouse=True)
def no_leftovers(qapp: QApplication, no_qt_warnings: list[str]) -> Iterator[None]:
    """A test that leaves a window, an active timer or a running Qt thread behind fails."""
    del no_qt_warnings
    known = set(map(id, _living()))
    yield
    until = time.monotonic() + GRACE_S
    while (left := [one for one in _living() if id(one) not in known]) and time.monotonic() < until:
        qapp.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        time.sleep(0.01)
    names = [f"{type(one).__name__} {one.objectName()!r}" for one in left]
    assert not left, f"left behind: {names}"


def _living() -> list[QObject]:
    """Top-level widgets, active timers and running threads, of what Python knows."""
    windows: list[QObject] = [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible() or not _is_helper(widget)
    ]
    for found in shiboken6.getAllValidWrappers():
        if isinstance(found, QTimer) and found.isActive():
            windows.append(found)
        elif isinstance(found, QThread) and found is not QThread.currentThread():
            windows += [found] if found.isRunning() else []
    return windows


def _is_helper(widget: QWidget) -> bool:
    """Whether it is one of Qt's own hidden windows, such as those of tooltips and styles."""
    return type(widget) is QWidget or widget.metaObject().className().startswith("Q")


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that takes the place of the user's own settings and caches."""
    folder = tmp_path / "user"
    monkeypatch.setenv("TILEWRIGHT_CONFIG_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return folder


def small_project(folder: Path, model: str = "klein-mini") -> Path:
    """Make a small map: a forest, a lake, a river from rim to rim and a path; no tiles.

    Args:
        folder: made.
        model: name or folder.
    """
    width, height = MAP_PX
    zones = np.full((height, width), 1, dtype=np.uint8)
    zones[: height // 2, : width // 3] = 2
    zones[height // 2 :, 2 * width // 3 :] = 3
    river = np.array([[0.0, 200.0, 18.0], [250.0, 180.0, 22.0], [512.0, 215.0, 26.0]])
    path = np.array([[250.0, 0.0, 9.0], [262.0, 384.0, 9.0]])
    project = Project.create(
        folder,
        MAP_PX,
        default_palette(),
        zones=zones,
        strokes=(Stroke("river", river), Stroke("path", path)),
        seed=3,
        model=model,
        map_prompt="a summer map",
    )
    return project.folder


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A small painted project with the bundled model and no finished tile."""
    return small_project(tmp_path / "small.tilewright")


@pytest.fixture
def new_workspace(qapp: QApplication) -> Iterator[Callable[[], Any]]:
    """Makes workspaces and closes them at the end."""
    from app.workspace.workspace import Workspace

    del qapp
    made: list[Workspace] = []

    def make() -> Workspace:
        made.append(Workspace())
        return made[-1]

    yield make
    for one in made:
        assert one.shutdown(), "the workspace did not end in time"
        one.deleteLater()


@pytest.fixture
def workspace(new_workspace: Callable[[], Any], project_folder: Path) -> Any:
    """A workspace with the small project open."""
    made = new_workspace()
    made.open(project_folder)
    wait_until(lambda: made.document is not None, what="the map")
    return made


def wait_until(true: Callable[[], object], timeout_s: float = 10.0, what: str = "it") -> None:
    """Handle events until something is true; fail when that takes too long."""
    until = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < until, f"waited {timeout_s} s for {what} in vain"
        QCoreApplication.processEvents()
        time.sleep(0.002)
