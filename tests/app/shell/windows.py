"""A main window of its own for each test, with hands to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.shell.main_window import MainWindow
from app.shell.start import make_window
from tests.support.qt import wait_until

NewWindow = Callable[[], MainWindow]


@pytest.fixture
def new_window(qapp: QApplication) -> Iterator[NewWindow]:
    """Makes windows and closes them at the end, without saving."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = make_window(qapp, guard=False)
        window.resize(1200, 800)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        end(window)


@pytest.fixture
def window(new_window: NewWindow) -> MainWindow:
    """A window without a map."""
    return new_window()


@pytest.fixture
def opened(window: MainWindow, project_folder: Path) -> MainWindow:
    """A window with the small project open."""
    open_map(window, project_folder)
    return window


def end(window: MainWindow) -> None:
    """Close a window for good, whatever is not saved."""
    if not shiboken6.isValid(window):
        return
    window._may_close = True
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def open_map(window: MainWindow, folder: Path) -> None:
    """Open a project and wait until it is there."""
    window.files.open_map(folder)
    wait_until(lambda: holds(window, folder), what="the map")
    settle(window)


def holds(window: MainWindow, folder: Path) -> bool:
    """Whether a window shows a project."""
    document = window.workspace.document
    return document is not None and document.project.folder == folder


def settle(window: MainWindow) -> None:
    """Wait until the io thread has nothing to do and the window shows it."""
    wait_until(lambda: window.workspace.tasks.idle, what="the io thread")
    QCoreApplication.processEvents()
    window.refresh()


def paint(window: MainWindow, zone: int = 3, label: str = "Paint") -> None:
    """Paint a square of one zone as an undo step."""
    from painter.editing import ZoneInk
    from zones.geometry import Rect

    assert window.workspace.document is not None
    with window.workspace.document.edit(label) as edit:
        edit.paint(ZoneInk(zone), Rect(10, 10, 50, 50))
    window.refresh()


def drop(window: MainWindow, path: Path) -> None:
    """Drag a file over the window and let it go there."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, none = QPoint(300, 300), Qt.KeyboardModifier.NoModifier
    buttons, action = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    over = QDragEnterEvent(at, action, data, buttons, none)
    QApplication.sendEvent(window, over)
    assert over.isAccepted()
    QApplication.sendEvent(window, QDropEvent(at.toPointF(), action, data, buttons, none))
    settle(window)


def bar_texts(window: MainWindow) -> list[str]:
    """What the bars above the map say."""
    from app.shell.bars import Bar

    return [bar.accessibleName() for bar in window.page.bars.findChildren(Bar)]


def answer(window: MainWindow, key: str, text: str) -> None:
    """Press a button of a bar."""
    bar = window.page.bars.bar(key)
    assert bar is not None, f"no bar {key}; there are {bar_texts(window)}"
    next(button for button in bar.buttons if button.text() == text).click()
    QCoreApplication.processEvents()


def problem_texts(window: MainWindow) -> list[str]:
    """What the problems panel lists."""
    return [row.problem.text for row in window.panels.problems.rows]
