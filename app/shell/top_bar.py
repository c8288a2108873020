"""The tool bar at the top: undo, what the map shows, its overlays, and the button that paints."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSizePolicy, QSlider, QToolButton, QWidget

from app.canvas.view import MapView
from app.core.actions import actions_of
from app.panels.fields import described
from app.shell.canvas_commands import CanvasCommands
from app.shell.menus import ICON_PX, Actions, tool_bar
from app.shell.theme import set_role

ROWS = (
    "file.save",
    None,
    "edit.undo",
    "edit.redo",
    None,
    "view.zones",
    "view.art",
    "view.blend",
)
OVERLAYS = (
    "view.stencils",
    None,
    "overlay.grid",
    "overlay.seams",
    "overlay.change_map",
    "overlay.protect",
    "overlay.battle_grid",
)
_SLIDER_PX = 96
_PERCENT = 100


class TopBar:
    """Builds the bar.

    Attributes:
        bar: the tool bar.
        opacity: how strongly the finished map covers the zones while both show.
        generate_button: paints what changed; its menu has the other runs.
    """

    def __init__(self, view: MapView, actions: Actions, commands: CanvasCommands) -> None:
        self._view, self._commands = view, commands
        self.bar = tool_bar("top", _tr("Main"), ROWS, actions)
        self.opacity = self._opacity()
        self.bar.addWidget(self.opacity)
        for row in OVERLAYS:
            if row is None:
                self.bar.addSeparator()
            else:
                self.bar.addAction(actions[row])
                button = self.bar.widgetForAction(actions[row])
                button.setAccessibleName(actions[row].text())
        stretch = QWidget()
        stretch.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar.addWidget(stretch)
        self.generate_button = self._generate(actions)
        self.bar.addWidget(self.generate_button)
        view.view_changed.connect(self.refresh)
        for mode in ("zones", "art", "blend"):
            actions[f"view.{mode}"].toggled.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Let the slider work only while both the map and the zones show."""
        self.opacity.setEnabled(self._view.mode == "blend")

    def _opacity(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _PERCENT)
        slider.setValue(round(self._view.blend_opacity * _PERCENT))
        slider.setFixedWidth(_SLIDER_PX)
        described(
            slider,
            _tr("Strength of the finished map"),
            _tr("How strongly the finished map covers the zones while both show."),
        )
        slider.valueChanged.connect(self._on_slider_changed)
        return slider

    def _on_slider_changed(self, percent: int) -> None:
        self._view.blend_opacity = percent / _PERCENT
        self._view.update()

    def _generate(self, actions: Actions) -> QToolButton:
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(ICON_PX - 2, ICON_PX - 2))
        menu = QMenu(button)
        for row in actions_of("Generate"):
            if row.id.startswith(("run.stale", "run.view", "run.selection", "run.all", "run.tile")):
                menu.addAction(actions[row.id])
        button.setMenu(menu)
        source = actions["run.stale"]
        button.setText(_tr("Generate"))
        button.setIcon(QIcon())
        button.clicked.connect(source.trigger)
        source.enabledChanged.connect(button.setEnabled)
        described(button, _tr("Generate what changed"), source.toolTip())
        button.setAccessibleDescription(source.statusTip())
        set_role(button, "primary")
        return button


def _tr(text: str) -> str:
    return QCoreApplication.translate("TopBar", text)
