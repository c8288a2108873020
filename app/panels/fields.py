"""Fields that the panels are built of: choices, levels of free steps, seeds, folded sections."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.levels import Schedule
from app.workspace.icons import icon
from app.workspace.looks import free_label

MAX_SEED = 2**63 - 1
_DICE_SIDES = 2**31
_ICON_PX = 16
_LEVEL_CHARS = 24


def described(widget: QWidget, name: str, tip: str) -> None:
    """Give a control its name for screen readers and its tooltip."""
    widget.setAccessibleName(name)
    widget.setAccessibleDescription(tip)
    widget.setToolTip(tip)
    inner = widget.focusProxy()
    if inner is not None and not inner.accessibleName():
        described(inner, name, tip)


def add_row(form: QFormLayout, name: str, field: QWidget, tip: str) -> None:
    """Add a field with its label; both say the tip."""
    label = QLabel(name)
    label.setToolTip(tip)
    label.setBuddy(field)
    described(field, name, tip)
    form.addRow(label, field)


def tool_button(glyph: str, name: str, tip: str) -> QToolButton:
    """A small flat button with an icon."""
    button = QToolButton()
    button.setIcon(icon(glyph))
    button.setIconSize(QSize(_ICON_PX, _ICON_PX))
    button.setAutoRaise(True)
    described(button, name, tip)
    return button


class ChoiceBox(QComboBox):
    """A choice between named values; the wheel scrolls the panel unless the box has the focus.

    Signals:
        chosen: the value, when the user took it.
    """

    chosen = Signal(object)

    def __init__(self, choices: Sequence[tuple[object, str, str]] = ()) -> None:
        """Offer (value, name, tip) triples."""
        super().__init__()
        self._values: list[object] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._on_self_activated)
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[object, str, str]]) -> None:
        """Offer other (value, name, tip) triples."""
        self.clear()
        self._values = [value for value, _, _ in choices]
        for number, (_, name, tip) in enumerate(choices):
            self.addItem(name)
            self.setItemData(number, tip or name, Qt.ItemDataRole.ToolTipRole)

    @property
    def value(self) -> object:
        """What is chosen; None where nothing is."""
        at = self.currentIndex()
        return self._values[at] if 0 <= at < len(self._values) else None

    def show_value(self, value: object) -> None:
        """Show a value without telling anybody; nothing is shown where it is not offered."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    def _on_self_activated(self, at: int) -> None:
        self.chosen.emit(self._values[at])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the choice only while the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class LevelBox(ChoiceBox):
    """A choice of how many steps something is free, in names; its value is a mu.

    Args:
        own: name of the choice None, or "" where there is none.
    """

    def __init__(self, own: str = "") -> None:
        super().__init__()
        self.setMinimumContentsLength(_LEVEL_CHARS)
        self._own = own
        self._shown: tuple[Schedule, float | None] | None = None

    def show_level(self, schedule: Schedule, mu: float | None) -> None:
        """Offer the levels of a schedule and show what a mu comes to."""
        if self._shown == (schedule, mu):
            return
        self._shown = (schedule, mu)
        levels = {level.free: level for level in schedule.levels()}
        if mu is not None:
            levels[schedule.level_of(mu).free] = schedule.level_of(mu)
        named: list[tuple[object, str, str]] = [(None, self._own, "")] if self._own else []
        named += [
            (levels[free].mu, free_label(free, schedule.steps), "")
            for free in sorted(levels, reverse=True)
        ]
        self.offer(named)
        self.show_value(mu)


class SeedField(QWidget):
    """A seed with a die beside it.

    Args:
        name: for screen readers and labels.
        tip: what the seed does.
        placeholder: shown while it is empty; "" forbids an empty field.

    Signals:
        changed: the seed, or None where the field was emptied; when the user is done.
    """

    changed = Signal(object)

    def __init__(self, name: str, tip: str, placeholder: str = "") -> None:
        super().__init__()
        self._last: int | None = None
        self._may_be_empty = bool(placeholder)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(placeholder)
        self.edit.setValidator(
            QRegularExpressionValidator(QRegularExpression(r"\d{0,19}"), self.edit)
        )
        described(self.edit, name, tip)
        self.die = tool_button(
            "dice-5-outline",
            _tr("Roll: {name}").format(name=name),
            _tr("Take a random number."),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.edit)
        row.addWidget(self.die)
        self.setFocusProxy(self.edit)
        self.edit.editingFinished.connect(self._on_edit_finished)
        self.die.clicked.connect(self._on_die_clicked)

    @property
    def seed(self) -> int | None:
        """What stands in the field."""
        text = self.edit.text()
        return min(int(text), MAX_SEED) if text else None

    def show_seed(self, seed: int | None) -> None:
        """Show a seed without telling anybody; what is just being typed stays."""
        if seed != self._last or not self.edit.hasFocus():
            self.edit.setText("" if seed is None else str(seed))
        self._last = seed

    def _on_edit_finished(self) -> None:
        seed = self.seed
        if seed is None and not self._may_be_empty:
            seed = self._last
        self._take(seed)

    def _on_die_clicked(self) -> None:
        self._take(secrets.randbelow(_DICE_SIDES))

    def _take(self, seed: int | None) -> None:
        self.edit.setText("" if seed is None else str(seed))
        if seed != self._last:
            self._last = seed
            self.changed.emit(seed)


class Section(QWidget):
    """A part of a panel that folds under its title."""

    def __init__(self, title: str, tip: str, body: QWidget, *, unfolded: bool = False) -> None:
        super().__init__()
        self.body = body
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setCheckable(True)
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head.setProperty("role", "section")
        described(self.head, title, tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(body)
        self.head.toggled.connect(self._on_head_toggled)
        self.head.setChecked(unfolded)
        self._on_head_toggled(unfolded)

    def _on_head_toggled(self, on: bool) -> None:
        self.head.setIcon(icon("chevron-down" if on else "chevron-right"))
        self.body.setVisible(on)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Fields", text)
