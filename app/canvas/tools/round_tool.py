"""What brush, eraser and protect brush have in common: a round brush that draws while it moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPainter

from app.canvas.tools import marks
from app.canvas.tools.edit_tool import EditTool
from app.canvas.tools.frame import View
from app.canvas.tools.tool import Pointer, ToolOption, translate
from painter.brush import MAX_DIAMETER_PX, Brush, PenPoint
from painter.editing import BrushStroke, Ink
from zones.palette import Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


_SPACING = 1 / 32
"""Share of the radius that the pointer moves between two points of a stroke."""


class RoundTool(EditTool):
    """Draws with the workspace's brush; subclasses say with which ink."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.pressure_size = 1.0
        self._stroke: BrushStroke | None = None
        self._last: PenPoint | None = None
        self._end: PenPoint | None = None
        workspace.map_opened.connect(self._forget_last)

    def ink(self, pointer: Pointer) -> Ink:
        """What it draws with from here on."""
        raise NotImplementedError

    def step_label(self, ink: Ink, palette: Palette) -> str:
        """What the undo step is called."""
        raise NotImplementedError

    @property
    def brush(self) -> Brush:
        """The round brush as it is set."""
        workspace = self.workspace
        diameter = min(max(2 * workspace.brush_radius_px, 1.0), float(MAX_DIAMETER_PX))
        return Brush(diameter, workspace.brush_softness, self.pressure_size)

    def options(self) -> tuple[ToolOption, ...]:
        """Size, softness and pressure."""
        workspace = self.workspace

        def set_size(value: object) -> None:
            workspace.brush_radius_px = float(str(value)) / 2

        def set_softness(value: object) -> None:
            workspace.brush_softness = float(str(value))

        def set_pressure(value: object) -> None:
            self.pressure_size = float(str(value))
            self.options_changed.emit()

        return (
            ToolOption(
                name="size",
                label=translate("Tool", "Size"),
                kind="float",
                get=lambda: 2 * workspace.brush_radius_px,
                set=set_size,
                low=1,
                high=MAX_DIAMETER_PX,
                step=1,
                unit="px",
                tip=translate("Tool", "How wide the brush is, in pixels of the map"),
            ),
            ToolOption(
                name="softness",
                label=translate("Tool", "Softness"),
                kind="float",
                get=lambda: workspace.brush_softness,
                set=set_softness,
                tip=translate("Tool", "How much of the brush scatters out towards its rim"),
            ),
            ToolOption(
                name="pressure",
                label=translate("Tool", "Pressure"),
                kind="float",
                get=lambda: self.pressure_size,
                set=set_pressure,
                tip=translate("Tool", "How much the pen's pressure decides the size"),
            ),
        )

    def press(self, pointer: Pointer) -> None:
        """Begin a stroke; with Shift, a straight line from where the last one ended."""
        super().press(pointer)
        with self.telling():
            ink = self.ink(pointer)
            at = PenPoint(pointer.x, pointer.y, pointer.pressure)
            stroke = self.begin(
                lambda document: document.brush_stroke(
                    self.step_label(ink, document.project.palette), ink, self.brush
                )
            )
            if stroke is None:
                return
            self._stroke = stroke
            if pointer.shift and self._last is not None:
                self.show(stroke.extend(self._last))
            self._extend(at)

    def move(self, pointer: Pointer) -> None:
        """Draw on."""
        super().move(pointer)
        if self._stroke is not None and self._far_enough(pointer):
            with self.telling():
                self._extend(PenPoint(pointer.x, pointer.y, pointer.pressure))

    def release(self, pointer: Pointer) -> None:
        """Keep the stroke as one undo step."""
        super().release(pointer)
        if self._stroke is not None and self._end is not None:
            if pointer.place != (self._end.x, self._end.y):
                with self.telling():
                    self._extend(PenPoint(*pointer.place, self._end.pressure))
            self._stroke = None
            self._last = self._end
            self.commit()

    def change_size(self, factor: float) -> None:
        """Make the brush larger or smaller, by at least one pixel."""
        before = 2 * self.workspace.brush_radius_px
        wanted = before * factor
        wanted = max(wanted, before + 1) if factor > 1 else min(wanted, before - 1)
        self.workspace.brush_radius_px = min(max(wanted, 1.0), float(MAX_DIAMETER_PX)) / 2
        self.changed.emit()

    def finish(self) -> None:
        """Keep what is drawn so far."""
        if self._stroke is not None:
            self._stroke = None
            self._last = self._end
            self.commit()

    def abort(self) -> None:
        """Forget the stroke."""
        self._stroke = None
        super().abort()

    def paint(self, painter: QPainter, view: View) -> None:
        """The brush at its true size, the ring of its softness, and the line Shift would draw."""
        super().paint(painter, view)
        pointer = self.pointer
        if pointer is None:
            return
        centre = view.to_screen(pointer.x, pointer.y)
        pressure = pointer.pressure if self._stroke is not None else 1.0
        radius = self.brush.radius_px(pressure) * view.scale
        softness = self.brush.softness
        if self._last is not None and self._stroke is None and pointer.shift:
            places = [(self._last.x, self._last.y), pointer.place]
            marks.draw_line(painter, view, places, dashed=True)
        marks.draw_circle(painter, centre, radius)
        inner = radius * (1 - softness)
        if softness and inner > marks.HANDLE_PX:
            marks.draw_circle(painter, centre, inner, dashed=True)

    def _far_enough(self, pointer: Pointer) -> bool:
        """Whether a move is worth drawing: large brushes need no point every pixel."""
        if self._end is None:
            return True
        apart = math.dist(pointer.place, (self._end.x, self._end.y))
        return apart >= self.workspace.brush_radius_px * _SPACING

    def _extend(self, at: PenPoint) -> None:
        assert self._stroke is not None
        self.show(self._stroke.extend(at))
        self._end = at

    def _forget_last(self) -> None:
        self._last = None
