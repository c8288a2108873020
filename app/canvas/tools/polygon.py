"""The polygon and lasso: corners by clicks, a free line by dragging, or both in one area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.canvas.tools import marks
from app.canvas.tools.area_tool import AreaTool, Corner
from app.canvas.tools.frame import View
from app.canvas.tools.tool import MenuEntry, Pointer, translate
from painter.shapes import MAX_CORNERS

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

LEAST_CORNERS = 3
_DRAG_PX = 6.0
_SPACING_PX = 2.0
_CLOSE_PX = 9.0


class PolygonTool(AreaTool):
    """Click corners, or drag a free line; Enter, a double click or the first corner closes it."""

    name = "tool.polygon"
    title = str(QT_TRANSLATE_NOOP("Tool", "Lasso"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Fill an area: drag around it, or click its corners and close it by Enter or a double "
            "click; Backspace takes back a corner, Shift keeps straight angles",
        )
    )
    icon = "lasso"
    shortcut = "L"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self._pressed: Pointer | None = None
        self._strokes: list[int] = []
        self._free = False

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """What can be done with the area so far, or zones to paint with."""
        if not self.corners:
            return super().menu(pointer)
        return [
            (translate("Tool", "Close the area"), self.close_area),
            (translate("Tool", "Take back the last corner"), self.step_back),
            (translate("Tool", "Cancel"), self.abort),
        ]

    def press(self, pointer: Pointer) -> None:
        """Set a corner, or close the area on its first one."""
        super().press(pointer)
        if self.slicing or self.picked(pointer):
            return
        if len(self.corners) >= LEAST_CORNERS and self._near_first(pointer):
            self.close_area()
            return
        self._strokes.append(len(self.corners))
        self._pressed, self._free = pointer, False
        self.corners.append(self._place(pointer))

    def double_press(self, pointer: Pointer) -> None:
        """Close the area."""
        if self.corners:
            self.close_area()
        else:
            self.press(pointer)

    def move(self, pointer: Pointer) -> None:
        """Draw a free line."""
        super().move(pointer)
        start = self._pressed
        if start is None or not self.corners:
            return
        apart = math.dist(pointer.place, start.place)
        if not self._free and apart < self.reach_px(_DRAG_PX):
            return
        self._free = True
        close = math.dist(pointer.place, self.corners[-1]) < self.reach_px(_SPACING_PX)
        if not close and len(self.corners) < MAX_CORNERS:
            self.corners.append(pointer.place)

    def release(self, pointer: Pointer) -> None:
        """Close an area that was drawn in one go."""
        super().release(pointer)
        drawn, self._pressed = self._pressed is not None and self._free, None
        if drawn and self._strokes == [0]:
            self.close_area()

    def key(self, event: QKeyEvent) -> bool:
        """Enter closes, Backspace takes back a corner, Escape forgets the area."""
        if self.corners and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.close_area()
            return True
        if self.corners and event.key() == Qt.Key.Key_Backspace:
            return self.step_back()
        return super().key(event)

    def step_back(self) -> bool:
        """Take back the last corner, or the last free line."""
        if not self.corners:
            return False
        del self.corners[self._strokes.pop() if self._strokes else -1 :]
        self.changed.emit()
        return True

    def close_area(self) -> None:
        """Fill the area; with fewer than three corners, forget it."""
        self._pressed = None
        self._strokes = []
        if len(set(self.corners)) >= LEAST_CORNERS:
            super().close_area()
        else:
            self.said.emit(translate("Tool", "An area needs at least three corners; click more."))
            self.abort()

    def abort(self) -> None:
        """Forget the area."""
        self._pressed = None
        self._strokes = []
        super().abort()

    def outline(self) -> list[Corner]:
        """The corners, and the pointer as the next one."""
        if self.pointer is None or self._pressed is not None:
            return self.corners
        return [*self.corners, self._place(self.pointer)]

    def paint(self, painter: QPainter, view: View) -> None:
        """The area so far, with its first corner to close it on."""
        super().paint(painter, view)
        if len(self.corners) >= LEAST_CORNERS and self._pressed is None:
            hot = self.pointer is not None and self._near_first(self.pointer)
            marks.draw_handle(painter, view.to_screen(*self.corners[0]), hot=hot)

    def _near_first(self, pointer: Pointer) -> bool:
        return math.dist(pointer.place, self.corners[0]) < self.reach_px(_CLOSE_PX)

    def _place(self, pointer: Pointer) -> Corner:
        """Where a corner goes: with Shift in one of eight directions from the last one."""
        if not (pointer.shift and self.corners):
            return pointer.place
        x0, y0 = self.corners[-1]
        length = math.dist(pointer.place, (x0, y0))
        turn = round(math.atan2(pointer.y - y0, pointer.x - x0) / (math.pi / 4)) * math.pi / 4
        return x0 + length * math.cos(turn), y0 + length * math.sin(turn)
