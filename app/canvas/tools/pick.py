"""The picker: takes zone and stencil from the map."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.canvas.tools.brush import zone_menu
from app.canvas.tools.picking import pick_zone
from app.canvas.tools.tool import MenuEntry, Pointer, Tool, translate
from app.workspace.looks import capital
from painter.stroke_editing import nearest


class PickTool(Tool):
    """Makes the zone under the pointer the active one, and a stroke's kind the active stencil."""

    name = "tool.pick"
    title = str(QT_TRANSLATE_NOOP("Tool", "Picker"))
    help = str(QT_TRANSLATE_NOOP("Tool", "Take the zone, and the kind of a stroke, from the map"))
    icon = "eyedropper"
    shortcut = "I"

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Zones to paint with."""
        return zone_menu(self.workspace, pointer)

    def press(self, pointer: Pointer) -> None:
        """Pick here, and say what was picked."""
        super().press(pointer)
        self._pick(pointer)

    def move(self, pointer: Pointer) -> None:
        """Pick on."""
        super().move(pointer)
        self._pick(pointer)

    def _pick(self, pointer: Pointer) -> None:
        document = self.document
        if document is None:
            return
        with self.telling():
            zone = pick_zone(self.workspace, pointer)
            if zone is None:
                return
            text = capital(document.project.palette.zone(zone).name)
            found = nearest(document.strokes, pointer.x, pointer.y)
            if found is not None:
                kind = document.strokes[found[0]].kind
                self.workspace.active_stencil = kind
                both = translate("Tool", "{zone} and {kind}")
                text = both.format(zone=text, kind=capital(kind))
            self.said.emit(text)
