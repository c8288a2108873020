"""What the actions of tools, overlays, view modes and zooming do to the map view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import get_args

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.canvas.overlays.overlay import Overlay
from app.canvas.scene import Mode
from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.core.actions import ZONE_KEYS, actions_by_id
from app.panels.zones import ZonesPanel
from app.shell.menus import Actions

ZOOM_FACTOR = 1.25
SIZE_FACTOR = 1.2
FIRST_TOOL = "tool.brush"
FIRST_MODE: Mode = "blend"
"""Finished tiles show as soon as there are any; the zones can be painted all along."""


class CanvasCommands(QObject):
    """Binds the table's actions to a map view, and shows in them what the view does.

    Args:
        view: the map.
        tools: by name.
        overlays: by name.
        actions: made from the table.
    """

    def __init__(
        self,
        view: MapView,
        tools: Mapping[str, Tool],
        overlays: Mapping[str, Overlay],
        actions: Actions,
    ) -> None:
        super().__init__(view)
        self._view, self._tools, self._overlays = view, tools, overlays
        self._actions = actions
        self._bind_tools()
        self._bind_overlays()
        self._bind_view()
        view.tool_changed.connect(self._on_view_tool_changed)
        view.view_changed.connect(self.show_state)
        self.use_tool(FIRST_TOOL)
        self.set_mode(FIRST_MODE)

    def use_tool(self, name: str) -> None:
        """Take up a tool by its name; an unknown one is passed over."""
        tool = self._tools.get(name)
        if tool is not None:
            self._view.set_tool(tool)

    def set_mode(self, mode: Mode) -> None:
        """Show zones, the finished map, or both."""
        self._view.mode = mode
        self._view.update()
        self.show_state()

    def show_state(self) -> None:
        """Show in the actions what the view shows."""
        for mode in get_args(Mode):
            self._actions.show_checked(f"view.{mode}", self._view.mode == mode)
        self._actions.show_checked("view.stencils", self._view.show_stencils)

    def switches(self) -> dict[str, object]:
        """What is switched on, to be kept between sessions."""
        shown = {name: overlay.visible for name, overlay in self._overlays.items() if name in KEPT}
        return {**shown, "mode": self._view.mode, "stencils": self._view.show_stencils}

    def take_switches(self, kept: Mapping[str, object]) -> None:
        """Switch on what was switched on in an earlier session; what is not valid is passed over.

        Args:
            kept: as `switches` gave it.
        """
        for name in KEPT:
            overlay, on = self._overlays.get(name), kept.get(name)
            if overlay is not None and isinstance(on, bool):
                overlay.visible = on
        for mode in get_args(Mode):
            if kept.get("mode") == mode:
                self.set_mode(mode)
        if isinstance(kept.get("stencils"), bool):
            self._show_stencils(kept["stencils"] is True)

    def bind_zone_keys(self, panel: ZonesPanel, window: QWidget) -> None:
        """Let the keys 1 to 9 choose zones; a tool that paints no zones gives way to the brush."""
        for row, key in enumerate(ZONE_KEYS):
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda row=row: panel.choose(row))
        panel.chosen.connect(lambda _: self._paint_zones())

    def _paint_zones(self) -> None:
        tool = self._view.tool
        if tool is None or tool.name not in ZONE_TOOLS:
            self.use_tool(FIRST_TOOL)

    def _bind_tools(self) -> None:
        for name in self._tools:
            if name in actions_by_id():
                self._actions.bind(name, partial(self._on_tool_action, name))
        self._actions.bind("edit.smaller", lambda _: self._resize(1 / SIZE_FACTOR))
        self._actions.bind("edit.larger", lambda _: self._resize(SIZE_FACTOR))

    def _bind_overlays(self) -> None:
        for name, overlay in self._overlays.items():
            if name in actions_by_id():
                self._actions.bind(name, partial(_switch, overlay))
                overlay.visible_changed.connect(partial(self._actions.show_checked, name))
                self._actions.show_checked(name, overlay.visible)

    def _bind_view(self) -> None:
        view, bind = self._view, self._actions.bind
        for mode in get_args(Mode):
            bind(f"view.{mode}", partial(self._on_mode_action, mode))
        bind("view.stencils", self._show_stencils)
        bind("view.zoom_in", lambda _: view.set_scale(view.scale * ZOOM_FACTOR))
        bind("view.zoom_out", lambda _: view.set_scale(view.scale / ZOOM_FACTOR))
        bind("view.actual_size", lambda _: view.set_scale(1.0))
        bind("view.fit", lambda _: view.fit())

    def _on_tool_action(self, name: str, _on: bool) -> None:
        self.use_tool(name)

    def _on_mode_action(self, mode: Mode, _on: bool) -> None:
        self.set_mode(mode)

    def _show_stencils(self, on: bool) -> None:
        self._view.show_stencils = on
        self._view.update()
        self.show_state()

    def _resize(self, factor: float) -> None:
        if self._view.tool is not None:
            self._view.tool.change_size(factor)

    def _on_view_tool_changed(self) -> None:
        tool = self._view.tool
        if tool is not None and tool.name in actions_by_id():
            self._actions.show_checked(tool.name, on=True)


KEPT = ("overlay.grid", "overlay.battle_grid")
"""Overlays that are switched on again at the next start."""

ZONE_TOOLS = frozenset({"tool.brush", "tool.fill", "tool.polygon", "tool.rectangle"})
"""Tools that paint the chosen zone."""


def _switch(overlay: Overlay, on: bool) -> None:
    overlay.visible = on
