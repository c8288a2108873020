"""What a panel says while it has nothing to show: an icon, a sentence, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.workspace.icons import icon

_ICON_PX = 36


class EmptyState(QWidget):
    """A quiet page with an icon and two short texts."""

    def __init__(self, glyph: str, title: str, hint: str) -> None:
        super().__init__()
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setPixmap(icon(glyph, "#8a94a1").pixmap(_ICON_PX, _ICON_PX))
        self.title = _centred(title)
        self.hint = _centred(hint)
        self.title.setProperty("role", "heading")
        self.hint.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 24, 20, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._picture)
        column.addWidget(self.title)
        column.addWidget(self.hint)
        column.addStretch(3)

    def say(self, title: str, hint: str) -> None:
        """Show other texts."""
        self.title.setText(title)
        self.hint.setText(hint)


class Pages(QStackedWidget):
    """An empty state and a body, of which one shows."""

    def __init__(self, empty: EmptyState, body: QWidget) -> None:
        super().__init__()
        self.empty = empty
        self.body = body
        self.addWidget(empty)
        self.addWidget(body)

    def show_body(self, shown: bool) -> None:
        """Show the body, or the empty state."""
        self.setCurrentWidget(self.body if shown else self.empty)


def _centred(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    return label
