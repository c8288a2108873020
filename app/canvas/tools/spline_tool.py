"""Drawing rivers, paths and roads: by clicks or a free line, then edited like any stroke."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from app.canvas.tools import marks
from app.canvas.tools.curves import rects_of, thinned
from app.canvas.tools.frame import View
from app.canvas.tools.stroke_menu import stroke_menu, stroke_options
from app.canvas.tools.stroke_tool import LEAST_WIDTH_PX, MOST_WIDTH_PX, StrokeTool
from app.canvas.tools.tool import MenuEntry, Pointer, ToolOption, translate
from app.workspace.looks import capital
from painter.splines import MAX_HANDLES, Spline, spline
from painter.stroke_editing import Handle, added
from zones.flow import Flow

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

_FREE_PX = 12.0
_SPACING_PX = 2.0
_THINNING_PX = 2.0
_LEAST_PRESSURE = 0.15


class SplineTool(StrokeTool):
    """Draws splines of the active stencil; subclasses say which kinds they are for.

    Attributes:
        width_px: full width of the next handles.
        taper_px: over which the next stroke's ends grow and shrink.
        mu: of the next stroke; None takes the palette's.
        flow: of the next stroke.
    """

    def __init__(self, workspace: Workspace, width_px: float, parent: QObject | None) -> None:
        super().__init__(workspace, parent)
        self.width_px = width_px
        self.taper_px = (0.0, 0.0)
        self.mu: float | None = None
        self.flow: Flow | None = None
        self.draft: list[Handle] = []
        self._pressed: Pointer | None = None
        self._free = False
        self._kind = ""

    @property
    def busy(self) -> bool:
        """Whether a stroke is being drawn or changed."""
        return bool(self.draft) or super().busy

    def kinds(self) -> tuple[str, ...]:
        """Stencils of the palette, those this tool is for first."""
        palette = self.workspace.palette
        names = () if palette is None else tuple(kind.name for kind in palette.stencils)
        return tuple(sorted(names, key=lambda name: not self.suits(name)))

    @property
    def kind(self) -> str:
        """Stencil of the next stroke; "" where the palette has none."""
        kinds = self.kinds()
        active = self.workspace.active_stencil
        return active if active in kinds else next(iter(kinds), "")

    def suits(self, kind: str) -> bool:
        """Whether the tool is meant for a kind of stroke."""
        raise NotImplementedError

    def activate(self) -> None:
        """Draw the kind it drew last, else the first that it is meant for."""
        super().activate()
        kinds = self.kinds()
        if self._kind in kinds:
            self.workspace.active_stencil = self._kind
        elif kinds and not self.suits(self.workspace.active_stencil):
            self.workspace.active_stencil = kinds[0]

    def deactivate(self) -> None:
        """Remember the kind."""
        self._kind = self.workspace.active_stencil
        super().deactivate()

    def options(self) -> tuple[ToolOption, ...]:
        """Kind, width, taper, freedom and flow, of the chosen stroke or of the next one."""
        return stroke_options(self)

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """What can be done with the stroke being drawn, or with the one here."""
        if self.draft:
            return [
                (translate("Tool", "Finish"), self.close_stroke),
                (translate("Tool", "Take back the last point"), self.step_back),
                (translate("Tool", "Cancel"), self.abort),
            ]
        return stroke_menu(self, pointer)

    def press(self, pointer: Pointer) -> None:
        """Set a handle, or take hold of a stroke; Shift begins a new stroke on top of another."""
        super().press(pointer)
        if not self.draft and not pointer.shift and self.grab(pointer):
            return
        self.finish()
        if not self.kind:
            self.said.emit(translate("Tool", "The map's palette has no strokes; choose another."))
        elif len(self.draft) < MAX_HANDLES:
            self._pressed, self._free = pointer, False
            self.draft.append((pointer.x, pointer.y, self._width(pointer)))
            self.changed.emit()

    def double_press(self, pointer: Pointer) -> None:
        """Finish the stroke."""
        if self.draft:
            self.close_stroke()
        else:
            self.press(pointer)

    def move(self, pointer: Pointer) -> None:
        """Drag what is held, or shape the handle just set, or draw a free line."""
        start = self._pressed
        if start is None:
            self.drag(pointer)
        elif self._free:
            apart = math.dist(pointer.place, self.draft[-1][:2])
            if apart >= self.reach_px(_SPACING_PX) and len(self.draft) < MAX_HANDLES:
                self.draft.append((*pointer.place, self._width(pointer)))
        elif pointer.alt:
            width = 2 * math.dist(pointer.place, self.draft[-1][:2])
            self._set_last(*self.draft[-1][:2], width)
        elif len(self.draft) == 1 and self._far(start, pointer):
            self._free = True
        elif len(self.draft) > 1:
            self._set_last(*pointer.place, self.draft[-1][2])
        super().move(pointer)

    def release(self, pointer: Pointer) -> None:
        """Let go; a free line is finished."""
        drawn, self._pressed = self._pressed is not None and self._free, None
        self._free = False
        if drawn:
            self.draft = thinned(self.draft, self.reach_px(_THINNING_PX))
            self.close_stroke()
        else:
            self.drop(pointer)
        super().release(pointer)

    def close_stroke(self) -> None:
        """Put the drawn stroke on the map as one undo step."""
        draft, self._pressed = self.draft, None
        if len({handle[:2] for handle in draft}) < 2:  # noqa: PLR2004 - a line has two ends
            self.said.emit(translate("Tool", "A stroke needs at least two points; click more."))
            self.abort()
            return
        with self.telling():
            stroke = self._drawn(draft)
            text = translate("Tool", "Draw {stroke}").format(stroke=capital(stroke.kind))
            edit = self.begin(lambda document: document.edit(text))
            if edit is not None:
                edit.strokes = added(edit.strokes, stroke)
                self.show(rects_of(stroke.points))
                if self.commit():
                    self.chosen, self.chosen_handle = stroke, None
        self.draft = []
        self.options_changed.emit()
        self.changed.emit()

    def key(self, event: QKeyEvent) -> bool:
        """Enter finishes, Backspace takes back a point, Escape forgets the stroke."""
        if self.draft and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.close_stroke()
            return True
        if self.draft and event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}:
            return self.step_back()
        if event.key() == Qt.Key.Key_Escape and not self.busy and self.chosen is not None:
            self.choose(None)
            return True
        return super().key(event)

    def step_back(self) -> bool:
        """Take back the last point."""
        if not self.draft:
            return super().step_back()
        self.draft.pop()
        self._pressed = None
        self.changed.emit()
        return True

    def change_size(self, factor: float) -> None:
        """Make the next handles wider or narrower, and the last one of a stroke being drawn."""
        width = min(max(self.width_px * factor, LEAST_WIDTH_PX), MOST_WIDTH_PX)
        if abs(width - self.width_px) < 1:
            width = max(self.width_px + math.copysign(1, factor - 1), LEAST_WIDTH_PX)
        self.width_px = round(width, 1)
        if self.draft:
            self._set_last(*self.draft[-1][:2], self.width_px)
        self.options_changed.emit()
        self.changed.emit()

    def abort(self) -> None:
        """Forget the stroke being drawn, or the change being made."""
        self.draft = []
        self._pressed, self._free = None, False
        super().abort()

    def paint(self, painter: QPainter, view: View) -> None:
        """The stroke being drawn at its true width, and the handles."""
        super().paint(painter, view)
        palette, pointer = self.workspace.palette, self.pointer
        if palette is None or not self.kind:
            return
        if self.draft:
            handles = list(self.draft)
            if pointer is not None and self._pressed is None:
                handles.append((*pointer.place, self.width_px))
            stroke = self._drawn(handles)
            marks.draw_stroke(painter, view, stroke, palette.stencil(stroke.kind).rgb)
            if not self._free:
                marks.draw_handles(painter, view, np.array(self.draft))
        elif pointer is not None and self.hit is None and self._grab is None:
            centre = view.to_screen(*pointer.place)
            marks.draw_circle(painter, centre, self.width_px / 2 * view.scale)

    def _drawn(self, handles: list[Handle]) -> Spline:
        return spline(self.kind, handles, taper_px=self.taper_px, mu=self.mu, flow=self.flow)

    def _width(self, pointer: Pointer) -> float:
        return self.width_px * max(pointer.pressure, _LEAST_PRESSURE)

    def _set_last(self, x: float, y: float, width: float) -> None:
        self.draft[-1] = (x, y, min(max(width, LEAST_WIDTH_PX), MOST_WIDTH_PX))

    def _far(self, start: Pointer, pointer: Pointer) -> bool:
        return math.dist(pointer.place, start.place) > self.reach_px(_FREE_PX)
