"""All keys on one sheet, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.core.actions import GROUPS, actions_of
from app.panels.fields import described
from app.shell.menus import translate

_COLUMNS = 3

Entry = tuple[str, str]
"""Keys in Qt's portable text, or words; and what they do."""


def hand_entries() -> list[Entry]:
    """What hands do over the map besides keys of the table."""
    return [
        (_tr("Space + drag"), _tr("Move the map")),
        (_tr("Middle button"), _tr("Move the map")),
        (_tr("Wheel"), _tr("Zoom at the pointer")),
        (_tr("1 to 9"), _tr("Choose a zone")),
        (_tr("Shift"), _tr("Draw a straight line")),
        (_tr("Alt + click"), _tr("Take the zone under the pointer")),
        (_tr("Right click"), _tr("What can be done here")),
        ("Esc", _tr("Forget the stroke")),
    ]


def sections() -> list[tuple[str, list[Entry]]]:
    """(heading, entries) of the whole sheet."""
    found = [(_tr("Over the map"), hand_entries())]
    for group in GROUPS:
        rows = [
            (native(row.shortcut), translate("Action", row.text).rstrip("…"))
            for row in actions_of(group)
            if row.shortcut
        ]
        if rows:
            found.append((translate("Action", group), rows))
    return found


def native(shortcut: str) -> str:
    """A shortcut as this platform writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


class ShortcutSheet(QDialog):
    """Shows every key; closed by any of the usual ways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_tr("Keys"))
        self.setAccessibleName(_tr("Keys"))
        columns = [QVBoxLayout() for _ in range(_COLUMNS)]
        lengths = [0] * _COLUMNS
        for heading, entries in sections():
            shortest = lengths.index(min(lengths))
            columns[shortest].addWidget(_section(heading, entries))
            lengths[shortest] += len(entries) + 2
        across = QHBoxLayout()
        across.setSpacing(36)
        for column in columns:
            column.setSpacing(14)
            column.addStretch(1)
            across.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        described(close, _tr("Close"), _tr("Put the sheet away."))
        close.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 16)
        outer.setSpacing(16)
        outer.addLayout(across)
        outer.addWidget(buttons)


def _section(heading: str, entries: list[Entry]) -> QWidget:
    """A heading over a table of keys."""
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(5)
    title = QLabel(heading)
    title.setProperty("role", "heading")
    grid.addWidget(title, 0, 0, 1, 2)
    for row, (keys, words) in enumerate(entries, start=1):
        key = QLabel(keys)
        key.setProperty("role", "key")
        grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
        label = QLabel(words)
        label.setProperty("role", "muted")
        grid.addWidget(label, row, 1)
    grid.setColumnStretch(1, 1)
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("ShortcutSheet", text)
