"""Menus, tool bars and keys, all made from the one table of actions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar, QToolBar, QToolButton

from app.core.actions import ACTIONS, GROUPS, Action, actions_by_id, actions_of
from app.workspace.icons import icon

Handler = Callable[[bool], object]
"""What an action does; it is told whether the action is on."""

ICON_PX = 20

_REPEATED = {"edit.undo", "edit.redo", "edit.smaller", "edit.larger", "view.zoom_in"}
"""Actions that go on while their key is held down."""

translate = QCoreApplication.translate


class Actions(QObject):
    """Qt's actions for the rows of the table, by id.

    An action without a handler cannot be used.

    Args:
        parent: the window whose keys they are.
    """

    def __init__(self, parent: QMainWindow) -> None:
        super().__init__(parent)
        self._handlers: dict[str, Handler] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._made = {row.id: self._make(row) for row in ACTIONS}
        parent.addActions(list(self._made.values()))

    def __getitem__(self, action_id: str) -> QAction:
        return self._made[action_id]

    def bind(self, action_id: str, handler: Handler) -> None:
        """Say what an action does.

        Raises:
            KeyError: the table has no such action.
        """
        self._handlers[actions_by_id()[action_id].id] = handler

    def trigger(self, action_id: str) -> None:
        """Do it, if it can be done now."""
        self._made[action_id].trigger()

    def is_bound(self, action_id: str) -> bool:
        """Whether it does anything."""
        return action_id in self._handlers

    def show_checked(self, action_id: str, on: bool) -> None:
        """Show an action as on or off, without doing it."""
        self._made[action_id].setChecked(on)

    def update_enabled(self, holding: Collection[str]) -> None:
        """Enable what can be used while these conditions hold."""
        for row in ACTIONS:
            able = row.enabled in holding and row.id in self._handlers
            self._made[row.id].setEnabled(able)

    def _make(self, row: Action) -> QAction:
        action = QAction(translate("Action", row.text), self)
        action.setObjectName(row.id)
        tip = translate("Action", row.tip)
        action.setStatusTip(tip)
        action.setToolTip(tooltip(row))
        action.setCheckable(row.checkable)
        if row.icon:
            action.setIcon(icon(row.icon))
            action.setIconVisibleInMenu(False)  # its place there is for the check mark
        if row.shortcut:
            action.setShortcut(QKeySequence(row.shortcut))
            action.setAutoRepeat(row.id in _REPEATED)
        if row.id == "file.quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        if row.exclusive:
            group = self._groups.setdefault(row.exclusive, QActionGroup(self))
            group.addAction(action)
        action.triggered.connect(lambda on, key=row.id: self._on_action_triggered(key, on))
        return action

    def _on_action_triggered(self, action_id: str, on: bool) -> None:
        handler = self._handlers.get(action_id)
        if handler is not None:
            handler(on)


def tooltip(row: Action) -> str:
    """What an action's buttons say: its name, its key and what it does."""
    key = QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    name = translate("Action", row.text).rstrip("…")
    head = f"<b>{name}</b>" + (f"&nbsp;&nbsp;<span>{key}</span>" if key else "")
    return f"<p style='white-space:pre'>{head}</p><p>{translate('Action', row.tip)}</p>"


def fill_menu_bar(bar: QMenuBar, actions: Actions, recent: QMenu) -> dict[str, QMenu]:
    """Make all menus; returns them by group.

    Args:
        bar: takes them.
        actions: made from the table.
        recent: menu of recent maps, put below `file.open`.
    """
    menus: dict[str, QMenu] = {}
    for group in GROUPS:
        menu = bar.addMenu(translate("Action", group))
        menu.setToolTipsVisible(False)
        for row in actions_of(group):
            if row.starts_section:
                menu.addSeparator()
            menu.addAction(actions[row.id])
            if row.id == "file.open":
                menu.addMenu(recent)
        menus[group] = menu
    return menus


def tool_bar(name: str, title: str, rows: Iterable[str | None], actions: Actions) -> QToolBar:
    """A tool bar of actions by id; None draws a line."""
    bar = QToolBar(title)
    bar.setObjectName(name)
    bar.setAccessibleName(title)
    bar.setIconSize(QSize(ICON_PX, ICON_PX))
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for row in rows:
        if row is None:
            bar.addSeparator()
        else:
            bar.addAction(actions[row])
            name_button(bar, actions[row])
    return bar


def name_button(bar: QToolBar, action: QAction) -> None:
    """Give the button of an action its name for screen readers."""
    button = bar.widgetForAction(action)
    if isinstance(button, QToolButton):
        button.setAccessibleName(action.text().rstrip("…"))
        button.setAccessibleDescription(action.statusTip())


def tool_ids() -> list[str | None]:
    """Ids of all tools, with None where the table begins a section."""
    rows: list[str | None] = []
    for row in actions_of("Tools"):
        rows += [None, row.id] if row.starts_section else [row.id]
    return rows
