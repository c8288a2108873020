"""The docks: which panels there are, where they stand at first, and how they come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from app.core.actions import actions_by_id
from app.shell.dock_title import DockTitle
from app.shell.menus import Actions

Area = Qt.DockWidgetArea
_LEFT, _RIGHT, _BOTTOM = (
    Area.LeftDockWidgetArea,
    Area.RightDockWidgetArea,
    Area.BottomDockWidgetArea,
)
LEFT_PX, RIGHT_PX = 244, 330
BOTTOM_PX = {"problems": 130, "seams": 260}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dock stands at first.

    Attributes:
        name: of the panel; its action is `panel.NAME`.
        area: of the window.
        shown: whether it shows at first.
        tab_of: another panel that it shares a place with, or "".
    """

    name: str
    area: Qt.DockWidgetArea
    shown: bool = True
    tab_of: str = ""


PLACES = (
    Place("zones", _LEFT),
    Place("tool", _LEFT),
    Place("run", _RIGHT),
    Place("model_view", _RIGHT, tab_of="run"),
    Place("results", _RIGHT, tab_of="run"),
    Place("candidates", _RIGHT, shown=False, tab_of="run"),
    Place("compare", _RIGHT, shown=False, tab_of="run"),
    Place("minimap", _RIGHT),
    Place("history", _RIGHT, tab_of="minimap"),
    Place("progress", _RIGHT, tab_of="minimap"),
    Place("problems", _BOTTOM, shown=False),
    Place("seams", _BOTTOM, shown=False, tab_of="problems"),
)
"""All docks in the order in which they are put up."""


class Docks(QObject):
    """Puts panels into docks of a window and binds their actions.

    Args:
        window: takes the docks.
        panels: widgets by name; places without one stay empty.
        actions: of which those named `panel.NAME` show and hide the docks.
    """

    def __init__(
        self, window: QMainWindow, panels: Mapping[str, QWidget], actions: Actions
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._hidden: list[QDockWidget] | None = None
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self.by_name = {
            place.name: self._dock(place.name, panels[place.name])
            for place in PLACES
            if place.name in panels
        }
        for name in self.by_name:
            self._bind(name)
        self.arrange()

    def arrange(self) -> None:
        """Put every dock where it stands at first."""
        self._hidden = None
        for place in PLACES:
            dock = self.by_name.get(place.name)
            if dock is None:
                continue
            dock.setFloating(False)
            self._window.addDockWidget(place.area, dock)
            host = self.by_name.get(place.tab_of)
            if host is not None:
                self._window.tabifyDockWidget(host, dock)
            dock.setVisible(place.shown)
        for name in ("run", "minimap", "problems"):
            if name in self.by_name and self.by_name[name].isVisibleTo(self._window):
                self.by_name[name].raise_()
        if self._window.isVisible():
            self.resize()
            QTimer.singleShot(0, self, self.tune_tabs)

    def show_panel(self, name: str) -> None:
        """Show a dock and bring it to the front."""
        dock = self.by_name.get(name)
        if dock is None:
            return
        appears = dock.isHidden()
        dock.show()
        dock.raise_()
        if appears and self._window.dockWidgetArea(dock) == _BOTTOM:
            height = BOTTOM_PX.get(name, dock.sizeHint().height())
            self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical)

    def hide_all(self, hidden: bool) -> None:
        """Hide all docks that show, or show those again."""
        if hidden and self._hidden is None:
            self._hidden = [dock for dock in self.by_name.values() if not dock.isHidden()]
            for dock in self._hidden:
                dock.hide()
        elif not hidden and self._hidden is not None:
            shown, self._hidden = self._hidden, None
            for dock in shown:
                dock.show()

    @property
    def all_hidden(self) -> bool:
        """Whether `hide_all` is in force."""
        return self._hidden is not None

    def tune_tabs(self) -> None:
        """Make the tabs of docks that share a place plain, and readable for everybody."""
        for bar in self._window.findChildren(
            QTabBar, "", Qt.FindChildOption.FindDirectChildrenOnly
        ):
            bar.setExpanding(False)
            bar.setDrawBase(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
            if not bar.accessibleName():
                name = QCoreApplication.translate("Docks", "Panels in this place")
                bar.setAccessibleName(name)
                bar.setToolTip(QCoreApplication.translate("Docks", "Choose which panel shows."))

    def _dock(self, name: str, panel: QWidget) -> QDockWidget:
        row = actions_by_id()[f"panel.{name}"]
        title = QCoreApplication.translate("Action", row.text)
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock.{name}")
        dock.setAccessibleName(title)
        dock.setToolTip(QCoreApplication.translate("Action", row.tip))
        if not panel.accessibleName():
            panel.setAccessibleName(title)
        dock.setTitleBarWidget(DockTitle(dock))
        dock.setWidget(panel)
        return dock

    def _bind(self, name: str) -> None:
        dock, action_id = self.by_name[name], f"panel.{name}"

        def show(on: bool) -> None:
            if on:
                self.show_panel(name)
            else:
                dock.hide()

        self._actions.bind(action_id, show)
        dock.toggleViewAction().toggled.connect(
            lambda on: self._actions.show_checked(action_id, on)
        )

    def resize(self) -> None:
        """Give the areas their first sizes; the window must be laid out."""
        pairs = (("zones", LEFT_PX), ("run", RIGHT_PX))
        found = [(self.by_name[name], width) for name, width in pairs if name in self.by_name]
        docks, widths = [dock for dock, _ in found], [width for _, width in found]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
        rows = (("run", 580), ("minimap", 220), ("zones", 400), ("tool", 300))
        tall = [(self.by_name[name], height) for name, height in rows if name in self.by_name]
        docks, heights = [dock for dock, _ in tall], [height for _, height in tall]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
