"""Starts the desktop app: settings, theme, window, event loop; no model library is loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from app.core.recent import RecentMaps
from app.core.user_settings import UserSettings
from app.shell.collector import Collector
from app.shell.heap import HeapKeeper, bound_heap
from app.shell.main_window import MainWindow
from app.shell.theme import apply_theme
from app.shell.window_state import WindowState
from app.workspace.faults import FaultHooks
from app.workspace.icons import icon
from app.workspace.overrides import mend_overrides
from app.workspace.workspace import Workspace
from zones.errors import WorkError


def run(project: Path | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        project: a map to open, or None.

    Returns:
        The exit code.

    Raises:
        WorkError: there is no display.
    """
    check_display()
    app = make_app(sys.argv[:1])
    window = make_window(app)
    window.show()
    window.begin(project)
    return app.exec()


def check_display() -> None:
    """Refuse to start where no window can be shown; Qt itself would abort the process.

    Raises:
        WorkError: no display was found.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise WorkError(
            "there is no display to open a window on; start it on a desktop, or use the "
            "commands of `tilewright --help`"
        )


def make_app(arguments: Sequence[str] = ()) -> QApplication:
    """The Qt application; the one there is, if any."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QCoreApplication.setApplicationName("Tilewright")
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents)
    app = QApplication(list(arguments) or ["tilewright"])
    app.setApplicationDisplayName("")
    app.setDesktopFileName("tilewright")
    return app


def make_window(
    app: QApplication, workspace: Workspace | None = None, *, guard: bool = True
) -> MainWindow:
    """The main window with the user's settings.

    Args:
        app: the application.
        workspace: the one to use; None makes one.
        guard: whether faults of slots and threads become problems instead of tracebacks only,
            faults of overrides cannot end the process, garbage is collected on the GUI thread
            alone, and memory goes back to the system.
    """
    if guard:
        mend_overrides()
    settings = UserSettings()
    size = int(settings.number("look.text_size"))
    apply_theme(app, settings.text("look.theme"), size)
    app.setWindowIcon(icon("map-legend", "#4fb39a"))
    shared = Workspace() if workspace is None else workspace
    window = MainWindow(shared, settings, RecentMaps(), WindowState())
    shared.setParent(window)
    if guard:
        hooks = FaultHooks(shared.report, window)
        hooks.install()
        window.ended.connect(hooks.remove)
        Collector(window)
        bound_heap()
        HeapKeeper(shared, window)
    return window
