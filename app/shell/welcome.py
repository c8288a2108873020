"""What the window shows while no map is open: start a new one, or go on with one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.actions import actions_by_id
from app.core.new_map import ENDING
from app.panels.fields import described
from app.shell.menus import Actions
from app.shell.theme import set_role
from app.workspace.icons import icon

_COLUMN_PX = 460
_SHOWN = 6


class Welcome(QWidget):
    """A calm page with three ways to begin and the recent maps.

    Signals:
        opened: a folder the user chose from the recent maps.
    """

    opened = Signal(object)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("canvas_page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_tr("Start"))
        self.recent_buttons: list[QPushButton] = []
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._heading = QLabel(_tr("Recent maps"))
        set_role(self._heading, "muted")
        self._lay_out(actions)

    def show_recent(self, folders: tuple[Path, ...]) -> None:
        """Show the newest of these maps."""
        for button in self.recent_buttons:
            button.setParent(None)
            button.deleteLater()
        self.recent_buttons = [self._recent_button(folder) for folder in folders[:_SHOWN]]
        for button in self.recent_buttons:
            self._recent.addWidget(button)
        self._heading.setVisible(bool(folders))

    def _recent_button(self, folder: Path) -> QPushButton:
        button = QPushButton(icon("map-outline"), f"{map_name(folder)}")
        set_role(button, "quiet_row")
        where = str(folder.parent)
        described(button, map_name(folder), _tr("Open the map in {place}.").format(place=where))
        button.clicked.connect(lambda: self.opened.emit(folder))
        return button

    def _lay_out(self, actions: Actions) -> None:
        column = QVBoxLayout()
        column.setSpacing(8)
        title = QLabel("Tilewright")
        set_role(title, "title")
        words = QLabel(_tr("Paint a world of zones and rivers, and watch it become a map."))
        set_role(words, "muted")
        column.addWidget(title)
        column.addWidget(words)
        column.addSpacing(16)
        for number, action_id in enumerate(("file.new", "file.open", "file.sample")):
            row = actions_by_id()[action_id]
            button = QPushButton(icon(row.icon), actions[action_id].text())
            button.setIconSize(QSize(20, 20))
            described(button, actions[action_id].text(), actions[action_id].statusTip())
            set_role(button, "card")
            button.setAutoDefault(number == 0)
            button.clicked.connect(actions[action_id].trigger)
            column.addWidget(button)
        column.addSpacing(16)
        column.addWidget(self._heading)
        column.addLayout(self._recent)
        holder = QWidget()
        holder.setMaximumWidth(_COLUMN_PX)
        holder.setMinimumWidth(_COLUMN_PX - 120)
        holder.setLayout(column)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(holder, 2)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(across)
        outer.addStretch(3)


def map_name(folder: Path) -> str:
    """A map's name for people: its folder's, without the ending."""
    return folder.name.removesuffix(ENDING) or str(folder)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Welcome", text)
