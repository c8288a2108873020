"""The rectangle: an area that is dragged open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject

from app.canvas.tools.area_tool import AreaTool, Corner
from app.canvas.tools.tool import Pointer
from zones.geometry import Rect

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


class RectangleTool(AreaTool):
    """Fills a rectangle; Shift makes it a square."""

    name = "tool.rectangle"
    title = str(QT_TRANSLATE_NOOP("Tool", "Rectangle"))
    help = str(
        QT_TRANSLATE_NOOP("Tool", "Fill a rectangle with the chosen zone; Shift makes a square")
    )
    icon = "rectangle-outline"
    shortcut = "Shift+L"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self._start: Pointer | None = None

    def press(self, pointer: Pointer) -> None:
        """Begin at one corner."""
        super().press(pointer)
        if not self.slicing and not self.picked(pointer):
            self._start = pointer
            self._span(pointer)

    def move(self, pointer: Pointer) -> None:
        """Drag it open."""
        super().move(pointer)
        self._span(pointer)

    def release(self, pointer: Pointer) -> None:
        """Fill it."""
        super().release(pointer)
        self._span(pointer)
        if self._start is None:
            return
        rect, self._start = rect_between(self._start, pointer), None
        if rect.area:
            self.close_area()
        else:
            self.abort()

    def abort(self) -> None:
        """Forget it."""
        self._start = None
        super().abort()

    def _span(self, pointer: Pointer) -> None:
        if self._start is not None:
            rect = rect_between(self._start, pointer)
            corners: list[Corner] = [
                (rect.x, rect.y),
                (rect.right, rect.y),
                (rect.right, rect.bottom),
                (rect.x, rect.bottom),
            ]
            self.corners = corners


def rect_between(start: Pointer, end: Pointer) -> Rect:
    """The whole pixels between two places; with Shift a square from the first."""
    dx, dy = end.x - start.x, end.y - start.y
    if end.shift:
        side = max(abs(dx), abs(dy))
        dx, dy = (side if dx >= 0 else -side), (side if dy >= 0 else -side)
    left, right = sorted((round(start.x), round(start.x + dx)))
    top, bottom = sorted((round(start.y), round(start.y + dy)))
    return Rect(left, top, right - left, bottom - top)
