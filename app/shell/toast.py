"""A sentence over the foot of the map that goes by itself: what a tool did, or why it did not."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.shell.theme import set_role

LEAST_MS, LETTER_MS = 2500, 50
"""How long a sentence stays: so much, and so much more for each letter."""

WIDTH_PX, AWAY_PX = 460, 18


class Toast(QLabel):
    """Shows one sentence for a while; the mouse goes through it.

    Args:
        over: the widget at whose foot it stands.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        set_role(self, "toast")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(QCoreApplication.translate("Toast", "Message"))
        self._over = over
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        over.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence in place of the one before, and tell it to screen readers."""
        self.setWordWrap(False)
        self.setText(text)
        self.setWordWrap(self.sizeHint().width() > WIDTH_PX)
        self._place()
        self.show()
        self.raise_()
        self._timer.start(LEAST_MS + LETTER_MS * len(text))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _place(self) -> None:
        room = self._over.size()
        width = min(WIDTH_PX, room.width() - 2 * AWAY_PX)
        if self.wordWrap():
            self.resize(width, self.heightForWidth(width))
        else:
            self.adjustSize()
        x = (room.width() - self.width()) // 2
        self.move(x, room.height() - self.height() - AWAY_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot when the widget below changes its size."""
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
