"""The zone brush."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, Qt

from app.canvas.tools.edit_tool import painting_label
from app.canvas.tools.picking import pick_zone
from app.canvas.tools.round_tool import RoundTool
from app.canvas.tools.tool import MenuEntry, Pointer, translate
from painter.editing import Ink, ZoneInk
from zones.palette import UNPAINTED, Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


class BrushTool(RoundTool):
    """Paints the active zone; Shift draws straight lines, Alt picks the zone under the pointer."""

    name = "tool.brush"
    title = str(QT_TRANSLATE_NOOP("Tool", "Brush"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Paint the chosen zone; Shift draws straight lines, Alt picks a zone from the map",
        )
    )
    icon = "brush"
    shortcut = "B"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self._picking = False

    def ink(self, pointer: Pointer) -> Ink:
        """The active zone."""
        del pointer
        return ZoneInk(self.workspace.active_zone)

    def step_label(self, ink: Ink, palette: Palette) -> str:
        """Names the zone."""
        return painting_label(palette, ink.zone if isinstance(ink, ZoneInk) else UNPAINTED)

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Zones to paint with, the one under the pointer first."""
        return zone_menu(self.workspace, pointer)

    def press(self, pointer: Pointer) -> None:
        """Begin a stroke, or pick a zone."""
        self._picking = pointer.alt
        if not self._picking:
            super().press(pointer)
            return
        self.hover(pointer)
        self._pick(pointer)

    def move(self, pointer: Pointer) -> None:
        """Draw on, or pick on."""
        super().move(pointer)
        if self._picking:
            self._pick(pointer)

    def release(self, pointer: Pointer) -> None:
        """End the stroke, or the picking."""
        super().release(pointer)
        self._picking = False

    def hover(self, pointer: Pointer) -> None:
        """Show by the cursor whether a press would pick."""
        shape = Qt.CursorShape.PointingHandCursor
        self.cursor = shape if pointer.alt else Qt.CursorShape.CrossCursor
        super().hover(pointer)

    def _pick(self, pointer: Pointer) -> None:
        with self.telling():
            pick_zone(self.workspace, pointer)


def zone_menu(workspace: Workspace, pointer: Pointer) -> list[MenuEntry]:
    """A context menu that picks a zone: from the map, or by its name."""
    palette = workspace.palette
    if palette is None:
        return []

    def choose(zone: int) -> None:
        workspace.active_zone = zone

    entries: list[MenuEntry] = [
        (translate("Tool", "Pick the zone here"), lambda: pick_zone(workspace, pointer))
    ]
    entries.extend(
        (painting_label(palette, zone.id), partial(choose, zone.id)) for zone in palette.zones
    )
    return entries
