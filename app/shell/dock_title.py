"""The title of a dock: its name, and two quiet buttons to float and to close it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QWidget

from app.panels.fields import described, tool_button
from app.shell.theme import set_role
from app.workspace.icons import icon

_ICON_PX = 14


class DockTitle(QWidget):
    """Stands where Qt's own title bar would; it can be dragged like that one.

    Args:
        dock: whose title it is; it takes the title bar.
    """

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self.setAccessibleName(dock.windowTitle())
        name = QLabel(dock.windowTitle())
        set_role(name, "dock_title")
        self.float_button = tool_button("dock-window", "", "")
        self.close_button = tool_button("close", "", "")
        described(
            self.close_button,
            _tr("Hide {panel}").format(panel=dock.windowTitle()),
            _tr("Hide this panel; the Panels menu shows it again."),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 2)
        row.setSpacing(0)
        row.addWidget(name, 1)
        for button in (self.float_button, self.close_button):
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            set_role(button, "tiny")
            row.addWidget(button)
        self.float_button.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.close_button.clicked.connect(dock.close)
        dock.topLevelChanged.connect(self._on_dock_floated)
        self._on_dock_floated(dock.isFloating())

    def _on_dock_floated(self, floating: bool) -> None:
        self.float_button.setIcon(icon("dock-left" if floating else "dock-window"))
        name = _tr("Put {panel} back") if floating else _tr("Take {panel} out of the window")
        tip = (
            _tr("Put this panel back into the window.")
            if floating
            else _tr("Let this panel float as a window of its own.")
        )
        described(self.float_button, name.format(panel=self._dock.windowTitle()), tip)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Docks", text)
