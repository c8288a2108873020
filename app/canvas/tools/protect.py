"""The protect tool: what no run may change, by brush or rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject
from PySide6.QtGui import QPainter

from app.canvas.tools import marks
from app.canvas.tools.finished_art import FinishedArt
from app.canvas.tools.frame import View
from app.canvas.tools.rectangle import rect_between
from app.canvas.tools.round_tool import RoundTool
from app.canvas.tools.tool import MenuEntry, Pointer, Tool, ToolOption, Value, translate
from painter.editing import Edit, Ink, ProtectInk
from zones.geometry import Rect
from zones.palette import Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


class ProtectTool(RoundTool):
    """Protects what the map looks like now, or gives it free again; Ctrl does the other."""

    name = "tool.protect"
    title = str(QT_TRANSLATE_NOOP("Tool", "Protect"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Keep what is there: no run changes protected ground; Ctrl gives it free again",
        )
    )
    icon = "shield-outline"
    shortcut = "P"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.frees = False
        self.shape = "brush"
        self._corner: Pointer | None = None

    @property
    def busy(self) -> bool:
        """Whether it is drawing."""
        return self._corner is not None or super().busy

    def ink(self, pointer: Pointer) -> Ink:
        """Protection, or none; Ctrl turns it round."""
        if self.frees != pointer.ctrl:
            return ProtectInk(on=False)
        if self.document is None:
            return ProtectInk()
        return ProtectInk(art=FinishedArt(self.workspace, self.workspace.settings.stencil_opacity))

    def step_label(self, ink: Ink, palette: Palette) -> str:
        """Protect or free."""
        del palette
        on = isinstance(ink, ProtectInk) and ink.on
        return translate("Tool", "Protect") if on else translate("Tool", "Unprotect")

    def options(self) -> tuple[ToolOption, ...]:
        """Shape, what it does, and the brush."""

        def set_shape(value: Value) -> None:
            self.shape = str(value)
            self.options_changed.emit()

        def set_frees(value: Value) -> None:
            self.frees = bool(value)
            self.options_changed.emit()

        return (
            ToolOption(
                name="shape",
                label=translate("Tool", "Shape"),
                kind="choice",
                get=lambda: self.shape,
                set=set_shape,
                choices=(
                    ("brush", translate("Tool", "Brush")),
                    ("rectangle", translate("Tool", "Rectangle")),
                ),
                tip=translate("Tool", "Draw with the brush or drag a rectangle"),
            ),
            ToolOption(
                name="frees",
                label=translate("Tool", "Unprotect"),
                kind="bool",
                get=lambda: self.frees,
                set=set_frees,
                tip=translate("Tool", "Give protected ground free again"),
            ),
            *super().options(),
        )

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Protect or free the selected region."""
        del pointer
        selection = self.workspace.selection
        if selection is None:
            return []
        free = ProtectInk(on=False)
        return [
            (
                translate("Tool", "Protect the selection"),
                lambda: self._paint_rectangle(selection, self._protecting()),
            ),
            (
                translate("Tool", "Unprotect the selection"),
                lambda: self._paint_rectangle(selection, free),
            ),
        ]

    def press(self, pointer: Pointer) -> None:
        """Begin to draw, or a rectangle."""
        if self.slicing:
            return
        if self.shape == "brush":
            super().press(pointer)
        else:
            self._corner = pointer
            self.hover(pointer)

    def release(self, pointer: Pointer) -> None:
        """Keep what was drawn as one undo step."""
        super().release(pointer)
        corner, self._corner = self._corner, None
        if corner is not None:
            with self.telling():
                self._paint_rectangle(rect_between(corner, pointer), self.ink(pointer))

    def deactivate(self) -> None:
        """Bring a rectangle to its end."""
        self.go_to_end()
        super().deactivate()

    def abort(self) -> None:
        """Forget it."""
        self._corner = None
        super().abort()

    def paint(self, painter: QPainter, view: View) -> None:
        """The brush, or the rectangle so far."""
        if self.shape == "brush":
            super().paint(painter, view)
            return
        Tool.paint(self, painter, view)
        if self._corner is not None and self.pointer is not None:
            marks.draw_frame(painter, view, rect_between(self._corner, self.pointer))

    def _protecting(self) -> Ink:
        return ProtectInk(art=FinishedArt(self.workspace, self.workspace.settings.stencil_opacity))

    def _paint_rectangle(self, rect: Rect, ink: Ink) -> None:
        if not rect.area:
            return
        edit: Edit | None = self.begin(
            lambda document: document.edit(self.step_label(ink, document.project.palette))
        )
        if edit is not None:
            corners = ((rect.x, rect.y), (rect.right, rect.y))
            below = ((rect.right, rect.bottom), (rect.x, rect.bottom))
            self.go_on(edit.walk_polygon(ink, corners + below))
