"""The first minutes: three short hints beside what they speak of, which can be sent away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.fields import described
from app.shell.theme import set_role
from app.workspace.icons import icon

WIDTH_PX, AWAY_PX = 300, 14
_LOOKS = {QEvent.Type.StyleChange, QEvent.Type.PaletteChange}


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint.

    Attributes:
        glyph: its icon.
        title: a few words.
        text: one or two sentences.
        target: gives the widget it speaks of, None where that is hidden.
        below: whether it stands below that, at its left, and not beside it.
    """

    glyph: str
    title: str
    text: str
    target: Callable[[], QWidget | None]
    below: bool = False


class Hints(QFrame):
    """Shows hints one after the other over the window, without taking the mouse from it.

    Signals:
        ended: the last was read, or all were sent away.
    """

    ended = Signal()

    def __init__(self, hints: Sequence[Hint], parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.setFixedWidth(WIDTH_PX)
        self._over = parent
        self._hints = tuple(hints)
        self.number = 0
        self._picture, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._picture.setObjectName("picture")
        self._count = QLabel()
        self.next_button, self.leave_button = QPushButton(), QPushButton()
        self._lay_out()
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(28)
        shadow.setOffset(0, 4)
        shadow.setColor(QColor(0, 0, 0, 110))
        self.setGraphicsEffect(shadow)
        parent.installEventFilter(self)
        self.next_button.clicked.connect(self._on_next_clicked)
        self.leave_button.clicked.connect(self.leave)
        self._show_hint()

    def leave(self) -> None:
        """Send all hints away."""
        self._over.removeEventFilter(self)
        self.hide()
        self.ended.emit()
        self.deleteLater()

    def _on_next_clicked(self) -> None:
        self.number += 1
        if self.number == len(self._hints):
            self.leave()
        else:
            self._show_hint()

    def _show_hint(self) -> None:
        hint = self._hints[self.number]
        last = self.number == len(self._hints) - 1
        self._show_picture()
        self._title.setText(hint.title)
        self._text.setText(hint.text)
        self._count.setText(f"{self.number + 1} / {len(self._hints)}")
        name = _tr("Done") if last else _tr("Next")
        self.next_button.setText(name)
        described(self.next_button, name, _tr("Go on to the next hint."))
        self.leave_button.setVisible(not last)
        self.setAccessibleName(f"{hint.title}. {hint.text}")
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()

    def _show_picture(self) -> None:
        self._picture.setPixmap(icon(self._hints[self.number].glyph).pixmap(20, 20))

    def _place(self) -> None:
        """Stand beside the target, inside the window."""
        hint = self._hints[self.number]
        target = hint.target()
        room = self._over.rect().adjusted(AWAY_PX, AWAY_PX, -AWAY_PX, -AWAY_PX)
        if target is None or not target.isVisible():
            at = QPoint(room.center().x() - self.width() // 2, room.bottom() - self.height())
        else:
            corner = target.mapTo(self._over, QPoint(0, 0))
            right = corner.x() + target.width() + AWAY_PX
            fits_right = right + self.width() <= room.right()
            left = corner.x() - self.width() - AWAY_PX
            below = corner.y() + target.height() + AWAY_PX
            if hint.below:
                at = QPoint(corner.x(), below)
            elif fits_right:
                at = QPoint(right, corner.y())
            elif left >= room.left():
                at = QPoint(left, corner.y())
            else:
                at = QPoint(corner.x() + target.width() - self.width(), below)
        x = min(max(at.x(), room.left()), room.right() - self.width())
        y = min(max(at.y(), room.top()), room.bottom() - self.height())
        self.move(x, y)

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        set_role(self._count, "muted")
        self._text.setWordWrap(True)
        described(self.leave_button, _tr("No more hints"), _tr("Send all hints away."))
        self.leave_button.setText(_tr("No more hints"))
        set_role(self.leave_button, "quiet")
        set_role(self.next_button, "primary")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        foot = QHBoxLayout()
        foot.addWidget(self.leave_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addLayout(foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the window changes its size; look as the theme does."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        if watched is self._over and event.type() in _LOOKS:
            self._show_picture()
        return super().eventFilter(watched, event)


def first_hints(
    tools: Callable[[], QWidget | None],
    generate: Callable[[], QWidget | None],
    export: Callable[[], QWidget | None],
) -> tuple[Hint, ...]:
    """The three hints of the first start, beside the widgets that are given."""
    return (
        Hint(
            "brush",
            _tr("Paint"),
            _tr("Choose a zone, then paint on the map. R draws a river, T a path; Ctrl+Z undoes."),
            tools,
        ),
        Hint(
            "creation",
            _tr("Generate"),
            _tr("The model paints every tile that changed. Go on painting meanwhile."),
            generate,
        ),
        Hint(
            "export-variant",
            _tr("Export"),
            _tr("When you like the map, write it as one picture: File, Export, or Ctrl+E."),
            export,
            below=True,
        ),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Hints", text)
