"""The hand: drags the map about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, Qt

from app.canvas.tools.tool import Pointer, Tool

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


class HandTool(Tool):
    """Moves the view, which asks `pans` and drags itself."""

    name = "tool.hand"
    title = str(QT_TRANSLATE_NOOP("Tool", "Hand"))
    help = str(QT_TRANSLATE_NOOP("Tool", "Drag the map about; Space does so with every tool"))
    icon = "hand-back-right-outline"
    shortcut = "H"
    pans = True

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.cursor = Qt.CursorShape.OpenHandCursor

    def press(self, pointer: Pointer) -> None:
        """Take hold."""
        self.cursor = Qt.CursorShape.ClosedHandCursor
        super().press(pointer)

    def release(self, pointer: Pointer) -> None:
        """Let go."""
        self.cursor = Qt.CursorShape.OpenHandCursor
        super().release(pointer)
