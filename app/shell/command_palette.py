"""Find any command by typing a few of its letters."""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.core.actions import ACTIONS, Action, matches
from app.panels.fields import described
from app.shell.menus import Actions, translate
from app.workspace.icons import icon

WIDTH_PX, HEIGHT_PX, TOP_PX, ROW_PX = 540, 400, 90, 32
_MOVES = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
_ICON_PX, _GAP_PX, _INSET_PX = 16, 8, 8
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_ROW = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


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
        self.list.setMouseTracking(True)
        self.list.setItemDelegate(_Line(self.list))
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
        return [self.list.item(row).data(_ROW).id for row in range(self.list.count())]

    def _fill(self, typed: str) -> None:
        self.list.clear()
        for row in ranked(typed):
            action = self._actions[row.id]
            item = QListWidgetItem()
            item.setData(_ROW, row)
            item.setToolTip(action.statusTip())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, action.text())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
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
        action_id = item.data(_ROW).id
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


class _Line(QStyledItemDelegate):
    """Draws a command: icon, name, menu, key; a widget for each would be slow to make."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(0, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: Action = index.data(_ROW)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
        palette = option.palette
        palette.setCurrentColorGroup(group)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _draw_choice(painter, option)
        words = QRect(option.rect).adjusted(_INSET_PX, 0, -_INSET_PX, 0)
        if row.icon:
            mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
            top = words.center().y() - _ICON_PX // 2 + 1
            icon(row.icon).paint(
                painter, words.left(), top, _ICON_PX, _ICON_PX, Qt.AlignmentFlag.AlignCenter, mode
            )
        words.setLeft(words.left() + _ICON_PX + _GAP_PX)
        name = str(index.data(Qt.ItemDataRole.AccessibleTextRole)).rstrip("…")
        painter.setPen(palette.text().color())
        painter.drawText(words, _LEFT, name)
        left = words.left() + painter.fontMetrics().horizontalAdvance(name) + _GAP_PX
        painter.setPen(palette.placeholderText().color())
        painter.drawText(words.adjusted(left - words.left(), 0, 0, 0), _LEFT, _menu_of(row))
        if row.shortcut:
            _draw_key(painter, palette, words, row.shortcut)
        painter.restore()


def _draw_choice(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Shade the row that is chosen or under the pointer."""
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    if chosen or option.state & QStyle.StateFlag.State_MouseOver:
        role = QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.Midlight
        shade = QColor(option.palette.color(QPalette.ColorGroup.Active, role))
        shade.setAlpha(56 if chosen else 160)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(QRectF(option.rect), 5, 5)


def _draw_key(painter: QPainter, palette: QPalette, words: QRect, shortcut: str) -> None:
    """Draw a shortcut as a key at the right."""
    key = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(key) + 2 * _GAP_PX, metrics.height() + 4
    left, top = words.right() - width, words.center().y() - height // 2
    cap = QRectF(left + 0.5, top + 0.5, width, height)
    painter.setPen(QPen(palette.mid().color(), 1))
    painter.setBrush(palette.button())
    painter.drawRoundedRect(cap, 4, 4)
    painter.setPen(palette.text().color())
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)


def _menu_of(row: Action) -> str:
    return translate("Action", row.group)


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
