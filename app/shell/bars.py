"""Calm bars above the map that ask or tell one thing and wait; nothing else is blocked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.fields import described
from app.shell.theme import EDGE_PX, PAD_PX, set_role
from app.workspace.icons import icon

Answer = tuple[str, str, Callable[[], object]]
"""What a button says, what its tooltip says, and what it does."""


class Bar(QFrame):
    """One bar: an icon, a sentence and buttons, the first of which is the usual answer.

    Args:
        glyph: name of its icon.
        text: one or two sentences.
        answers: its buttons; every one also closes the bar.

    Signals:
        answered: a button was pressed; the bar goes.
    """

    answered = Signal()

    def __init__(self, glyph: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__()
        set_role(self, "bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE_PX, PAD_PX, EDGE_PX, PAD_PX)
        row.setSpacing(PAD_PX)
        picture = QLabel()
        picture.setPixmap(icon(glyph).pixmap(QSize(18, 18)))
        row.addWidget(picture)
        words = QLabel(text)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(words, 1)
        self.setAccessibleName(text)
        self.buttons: list[QPushButton] = []
        for number, (name, tip, action) in enumerate(answers):
            button = QPushButton(name)
            described(button, name, tip)
            set_role(button, "quiet" if number else "primary")
            button.clicked.connect(lambda _=False, act=action: self._on_button_clicked(act))
            row.addWidget(button)
            self.buttons.append(button)
        self._last = answers[-1][2] if answers else lambda: None

    def _on_button_clicked(self, action: Callable[[], object]) -> None:
        self.answered.emit()
        self.setParent(None)
        self.deleteLater()
        action()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives the last answer."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_button_clicked(self._last)
        else:
            super().keyPressEvent(event)


class Bars(QWidget):
    """A stack of bars, by key; a newer bar takes the place of one with its key."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(QCoreApplication.translate("Bars", "Messages"))
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)
        self._shown: dict[str, Bar] = {}

    def show_bar(self, key: str, glyph: str, text: str, answers: Sequence[Answer]) -> Bar:
        """Show a bar and put the focus on its first answer's button."""
        self.hide_bar(key)
        bar = Bar(glyph, text, answers)
        bar.answered.connect(lambda: self._shown.pop(key, None))
        self._shown[key] = bar
        self._stack.addWidget(bar)
        if bar.buttons:
            bar.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)
        return bar

    def hide_bar(self, key: str) -> None:
        """Take a bar away without an answer."""
        bar = self._shown.pop(key, None)
        if bar is not None:
            bar.setParent(None)
            bar.deleteLater()

    def bar(self, key: str) -> Bar | None:
        """The bar with a key, while it is shown."""
        return self._shown.get(key)
