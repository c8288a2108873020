"""The whole window without a screen, and the hands that benchmarks use it with."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.shell.main_window import MainWindow
from app.shell.start import make_app, make_window

_NONE = Qt.KeyboardModifier.NoModifier
_LEFT, _MIDDLE, _NO_BUTTON = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.NoButton,
)


@contextmanager
def own_user(home: Path) -> Iterator[None]:
    """Settings, caches and samples of a user that exists only here."""
    kept = dict(os.environ)
    os.environ |= {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TILEWRIGHT_CONFIG_DIR": str(home / ".config" / "tilewright"),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= kept


def open_window() -> MainWindow:
    """The window as a first start shows it, guards and all, without hints, on the sample world."""
    window = make_window(make_app())
    window.settings.set("hints.seen", value=True)
    window.show()
    window.files.open_sample()
    wait_for(lambda: window.workspace.document is not None, 60.0, "the sample world")
    return window


def wait_for(true: Callable[[], object], timeout_s: float, what: str) -> None:
    """Handle events until something is true."""
    until = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > until:
            raise SystemExit(f"waited {timeout_s:.0f} s for {what} in vain")
        QCoreApplication.processEvents()
        time.sleep(0.002)


class Hands:
    """A mouse, a wheel and keys over one widget.

    Args:
        widget: gets the events.
    """

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget

    def press(self, at: QPointF, button: Qt.MouseButton = _LEFT) -> None:
        """A button goes down."""
        self._mouse(QEvent.Type.MouseButtonPress, at, button, button)

    def move(self, at: QPointF, button: Qt.MouseButton = _LEFT) -> None:
        """The mouse moves with a button held; `NoButton` hovers."""
        self._mouse(QEvent.Type.MouseMove, at, _NO_BUTTON, button)

    def release(self, at: QPointF, button: Qt.MouseButton = _LEFT) -> None:
        """The button goes up."""
        self._mouse(QEvent.Type.MouseButtonRelease, at, button, _NO_BUTTON)

    def double(self, at: QPointF) -> None:
        """A double click, as Qt tells it."""
        self.press(at)
        self.release(at)
        self._mouse(QEvent.Type.MouseButtonDblClick, at, _LEFT, _LEFT)
        self.release(at)

    def drag(self, places: Sequence[QPointF], button: Qt.MouseButton = _LEFT) -> Iterator[None]:
        """Press, move, release; one event at each step, so that others have their turn."""
        self.press(places[0], button)
        for place in places[1:]:
            yield
            self.move(place, button)
        yield
        self.release(places[-1], button)

    def pan(self, places: Sequence[QPointF]) -> Iterator[None]:
        """Drag with the middle button."""
        return self.drag(places, _MIDDLE)

    def wheel(self, at: QPointF, notches: float) -> None:
        """Turn the wheel at a place; more than 0 zooms in."""
        event = QWheelEvent(
            at, self._global(at), QPoint(), QPoint(0, round(120 * notches)), _NO_BUTTON, _NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.widget, event)

    def key(self, key: Qt.Key) -> None:
        """Press and release a key."""
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.widget, QKeyEvent(kind, key, _NONE))

    def _global(self, at: QPointF) -> QPointF:
        return QPointF(self.widget.mapToGlobal(at))

    def _mouse(
        self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        event = QMouseEvent(kind, at, self._global(at), button, held, _NONE)
        QApplication.sendEvent(self.widget, event)
