"""The eraser: makes ground unpainted."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.canvas.tools.round_tool import RoundTool
from app.canvas.tools.tool import Pointer, translate
from painter.editing import ERASER, Ink
from zones.palette import Palette


class EraserTool(RoundTool):
    """Erases zones with the brush's size; Shift draws straight lines."""

    name = "tool.eraser"
    title = str(QT_TRANSLATE_NOOP("Tool", "Eraser"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool", "Erase zones, so that the palette's base zone shows; Shift draws straight lines"
        )
    )
    icon = "eraser"
    shortcut = "E"

    def ink(self, pointer: Pointer) -> Ink:
        """Unpainted ground."""
        del pointer
        return ERASER

    def step_label(self, ink: Ink, palette: Palette) -> str:
        """The same for every stroke."""
        del ink, palette
        return translate("Tool", "Erase zones")
