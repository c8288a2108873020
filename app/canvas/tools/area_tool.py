"""What polygon, lasso and rectangle have in common: an area that is drawn first and then filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QPainter

from app.canvas.tools import marks
from app.canvas.tools.brush import zone_menu
from app.canvas.tools.edit_tool import EditTool, painting_label
from app.canvas.tools.frame import View
from app.canvas.tools.picking import pick_zone
from app.canvas.tools.tool import MenuEntry, Pointer, ToolOption, translate
from painter.editing import Ink, ZoneInk
from zones.palette import UNPAINTED, Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

Corner = tuple[float, float]


class AreaTool(EditTool):
    """Fills an area with a zone; subclasses say how its corners come about."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.erases = False
        self.corners: list[Corner] = []

    @property
    def busy(self) -> bool:
        """Whether an area is being drawn."""
        return bool(self.corners) or super().busy

    def options(self) -> tuple[ToolOption, ...]:
        """Whether it erases."""

        def set_erases(value: object) -> None:
            self.erases = bool(value)
            self.options_changed.emit()

        return (
            ToolOption(
                name="erases",
                label=translate("Tool", "Erase"),
                kind="bool",
                get=lambda: self.erases,
                set=set_erases,
                tip=translate("Tool", "Make the area unpainted in place of painting it"),
            ),
        )

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Zones to paint with."""
        return zone_menu(self.workspace, pointer)

    def outline(self) -> list[Corner]:
        """The area as it would be if it were closed now."""
        return self.corners

    def ink(self) -> Ink:
        """What the area becomes."""
        return ZoneInk(UNPAINTED if self.erases else self.workspace.active_zone)

    def step_label(self, ink: Ink, palette: Palette) -> str:
        """What the undo step is called."""
        return painting_label(palette, ink.zone if isinstance(ink, ZoneInk) else UNPAINTED)

    def close_area(self) -> None:
        """Fill the area as one undo step, and begin anew."""
        with self.telling():
            ink = self.ink()
            edit = self.begin(
                lambda document: document.edit(self.step_label(ink, document.project.palette))
            )
            corners, self.corners = self.corners, []
            if edit is not None:
                self.go_on(edit.walk_polygon(ink, corners))
        self.corners = []
        self.changed.emit()

    def picked(self, pointer: Pointer) -> bool:
        """Whether a press picks a zone, with Alt; then that is done."""
        if not pointer.alt or self.corners:
            return False
        with self.telling():
            pick_zone(self.workspace, pointer)
        return True

    def deactivate(self) -> None:
        """Fill to the end what was closed."""
        self.go_to_end()
        super().deactivate()

    def abort(self) -> None:
        """Forget the area."""
        self.corners = []
        super().abort()

    def veil(self) -> QColor:
        """The colour in which the area shows while it is drawn."""
        palette = self.workspace.palette
        if palette is None or self.erases:
            return QColor(128, 128, 128)
        return QColor(*palette.colour_table()[self.workspace.active_zone].tolist())

    def paint(self, painter: QPainter, view: View) -> None:
        """The area so far."""
        super().paint(painter, view)
        if self.corners:
            marks.draw_area(painter, view, self.outline(), self.veil())
