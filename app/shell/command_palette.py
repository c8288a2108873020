"""Find any command by typing a few of its letters."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.actions import ACTIONS, Action, matches
from app.panels.fields import described
from app.shell.menus import Actions, translate
from app.workspace.icons import icon

WIDTH_PX, HEIGHT_PX, TOP_PX, ROW_PX = 540, 400, 90, 32
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_ROW_ID = Qt.ItemDataRole.UserRole


class CommandPalette(QFrame):
    """A field and a list over the window; Return does what is chosen, Escape leaves.

    Args:
        actions: what can be done.
        parent: the window it appears over.
    """

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setProperty("role", "popup")
        self.setAccessibleName(_tr("Find a command"))
        self._actions = actions
        self.field = QLineEdit()
        self.list = QListWidget()
        described(self.field, _tr("Find a command"), _tr("Type a few letters of what you want."))
        described(self.list, _tr("Commands"), _tr("Commands that fit, best first."))
        self.field.setPlaceholderText(_tr("Type what you want to do"))
        self.field.installEventFilter(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._on_field_return)
        self.list.itemClicked.connect(self._do)
        self.hide()

    def open(self) -> None:
        """Appear with an empty field."""
        width = min(WIDTH_PX, self._over.width() - 40)
        self.setGeometry((self._over.width() - width) // 2, TOP_PX, width, HEIGHT_PX)
        self.field.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def found(self) -> list[str]:
        """Ids of what the list shows, best first."""
        return [self.list.item(row).data(_ROW_ID) for row in range(self.list.count())]

    def _fill(self, typed: str) -> None:
        self.list.clear()
        for row in ranked(typed):
            action = self._actions[row.id]
            item = QListWidgetItem()
            item.setData(_ROW_ID, row.id)
            item.setToolTip(action.statusTip())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, action.text())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
            line = _Line(row, action)
            item.setSizeHint(QSize(0, ROW_PX))
            self.list.setItemWidget(item, line)
        self._choose_first()

    def _choose_first(self) -> None:
        """Choose the best row that can be done."""
        for row in range(self.list.count()):
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentRow(row)
                return

    def _on_field_return(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._do(item)

    def _do(self, item: QListWidgetItem) -> None:
        action_id = str(item.data(_ROW_ID))
        if not self._actions[action_id].isEnabled():
            return
        self.leave()
        self._actions.trigger(action_id)

    def leave(self) -> None:
        """Disappear and give the focus back."""
        self.hide()
        self._over.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list with the arrow keys; leave on Escape or when the focus goes."""
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.hide()
        return super().eventFilter(watched, event)


class _Line(QWidget):
    """One command: icon, name, menu, key."""

    def __init__(self, row: Action, action: QAction) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setEnabled(action.isEnabled())
        across = QHBoxLayout(self)
        across.setContentsMargins(8, 0, 8, 0)
        across.setSpacing(8)
        picture = QLabel()
        picture.setFixedWidth(20)
        if row.icon:
            picture.setPixmap(icon(row.icon).pixmap(16, 16))
        across.addWidget(picture)
        across.addWidget(QLabel(action.text().rstrip("…")))
        group = QLabel(translate("Action", row.group))
        group.setProperty("role", "muted")
        across.addWidget(group)
        across.addStretch(1)
        if row.shortcut:
            key = QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            label = QLabel(key)
            label.setProperty("role", "key")
            across.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)


def ranked(typed: str) -> list[Action]:
    """Rows that fit what was typed, best first; all in their order where nothing was.

    Where no name fits, rows fit that have it in what they say they do.
    """
    if not typed.strip():
        return list(ACTIONS)
    found = [(matches(typed, translate("Action", row.text)), row) for row in ACTIONS]
    fitting = [(score, row) for score, row in found if score is not None]
    if not fitting:
        said = typed.strip().lower()
        return [row for row in ACTIONS if said in translate("Action", row.tip).lower()]
    return [row for _, row in sorted(fitting, key=lambda pair: -pair[0])]


def _tr(text: str) -> str:
    return QCoreApplication.translate("CommandPalette", text)
