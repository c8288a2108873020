"""The steps of the user and of the runs by name; a click goes back or forth to one of them."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QGuiApplication, QPalette, QShowEvent
from PySide6.QtWidgets import QListView, QTabBar, QVBoxLayout, QWidget

from app.panels.fields import described
from app.workspace.icons import icon
from app.workspace.workspace import Workspace
from painter.history import LineName

LINES: tuple[LineName, ...] = ("user", "runs")

Index = QModelIndex | QPersistentModelIndex


class _StepRows(QAbstractListModel):
    """The states a line of steps can be in: row 0 is before the first step that is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[str] = []
        self.position = -1

    def show_steps(self, labels: list[str], position: int) -> None:
        """Show a line's steps, of which `position` are done."""
        if labels[: len(self._labels)] == self._labels or labels == self._labels[: len(labels)]:
            self._resize(labels)
        else:
            self.beginResetModel()
            self._labels = labels
            self.endResetModel()
        self.position = position
        if labels:
            self.dataChanged.emit(self.index(0, 0), self.index(len(labels) - 1, 0))

    def _resize(self, labels: list[str]) -> None:
        """Take or add rows at the end only, so that the list does not jump."""
        old, new = len(self._labels), len(labels)
        if new > old:
            self.beginInsertRows(QModelIndex(), old, new - 1)
            self._labels = labels
            self.endInsertRows()
        elif new < old:
            self.beginRemoveRows(QModelIndex(), new, old - 1)
            self._labels = labels
            self.endRemoveRows()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many states there are."""
        return 0 if parent is not None and parent.isValid() else len(self._labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A step's name and look: steps that are undone are faint."""
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._labels[row]
        if role == Qt.ItemDataRole.ForegroundRole and row > self.position:
            return QGuiApplication.palette().brush(QPalette.ColorRole.PlaceholderText)
        if role == Qt.ItemDataRole.DecorationRole:
            glyph = "flag-outline" if row == 0 else "circle-small"
            return icon("circle-medium" if row == self.position else glyph)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tr("Go to the map as it was after this step.")
        return None


class HistoryPanel(QWidget):
    """Two lists of labelled steps behind two tabs: what the user did, and what runs painted."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rows = _StepRows()
        self.tabs = QTabBar()
        self.list = QListView()
        self._lay_out()
        self.tabs.currentChanged.connect(self.refresh)
        self.list.clicked.connect(lambda index: self.travel(index.row()))
        self.list.activated.connect(lambda index: self.travel(index.row()))
        workspace.history_changed.connect(self.refresh)
        workspace.map_opened.connect(self.refresh)
        workspace.header_changed.connect(self.refresh)
        self.refresh()

    @property
    def line(self) -> LineName:
        """Whose steps are shown."""
        return LINES[max(0, self.tabs.currentIndex())]

    def labels(self) -> list[str]:
        """What the list says, top to bottom."""
        return [str(self._rows.index(row, 0).data()) for row in range(self._rows.rowCount())]

    def refresh(self) -> None:
        """Show the steps as they are now."""
        document = self._workspace.document
        self.list.setEnabled(not self._workspace.read_only)
        if document is None:
            self._rows.show_steps([], -1)
            return
        line = document.history.line(self.line)
        first = _tr("As it was opened") if not line.floor else _tr("Earlier steps are dropped")
        self._rows.show_steps([first, *(step.label for step in line.steps)], line.position)
        here = self._rows.index(line.position, 0)
        self.list.setCurrentIndex(here)
        self._scroll_to_here()

    def travel(self, position: int) -> None:
        """Undo or redo until so many steps are done."""
        workspace, name = self._workspace, self.line
        back = workspace.undo if name == "user" else workspace.undo_run
        on = workspace.redo if name == "user" else workspace.redo_run
        document = workspace.document
        if document is None or workspace.read_only:
            return
        line = document.history.line(name)
        while line.position != position:
            before = line.position
            (back if position < before else on)()
            if line.position == before:
                break  # refused; the problems panel says why
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to where the map is, once the list has its size; a hidden one cannot."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._scroll_to_here)

    def _scroll_to_here(self) -> None:
        self.list.scrollTo(self.list.currentIndex())

    def _lay_out(self) -> None:
        for name in (_tr("Painting"), _tr("Runs")):
            self.tabs.addTab(name)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        described(
            self.tabs, _tr("Whose steps"), _tr("Your own steps, or the tiles that runs painted.")
        )
        described(self.list, _tr("Steps"), _tr("Click a step to go back or forth to it."))
        self.list.setModel(self._rows)
        self.list.setUniformItemSizes(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 4)
        column.setSpacing(2)
        column.addWidget(self.tabs)
        column.addWidget(self.list, 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("History", text)
