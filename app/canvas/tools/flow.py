"""The flow tool: which way a river flows, and how strongly, by dragging along it."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, QPointF
from PySide6.QtGui import QPainter, QPainterPath

from app.canvas.tools import marks
from app.canvas.tools.curves import direction_at
from app.canvas.tools.frame import View
from app.canvas.tools.stroke_menu import look
from app.canvas.tools.stroke_tool import CLICK_PX, CURVE_REACH_PX, StrokeTool
from app.canvas.tools.tool import MenuEntry, Pointer, translate
from painter.stroke_editing import nearest
from zones.flow import Flow, flow_directions
from zones.strokes import Stroke

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

FULL_STRENGTH_PX = 120.0
"""Length of a drag on the screen that means full strength."""

_SNAP_DEG = 20.0
_STRENGTH_STEP = 0.05
_ARROW_PX = 44.0
_HALF_TURN = 180.0


class FlowTool(StrokeTool):
    """Drag along a stroke: direction and length of the drag become the flow's."""

    name = "tool.flow"
    title = str(QT_TRANSLATE_NOOP("Tool", "Flow"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Drag along a river to say which way it flows; a longer drag makes it stronger, Shift "
            "allows any angle",
        )
    )
    icon = "waves-arrow-right"
    shortcut = "W"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self._start: Pointer | None = None
        self._held: tuple[int, Stroke] | None = None

    def press(self, pointer: Pointer) -> None:
        """Take the stroke here."""
        super().press(pointer)
        self.finish()
        found = self._stroke_at(pointer)
        self._start, self._held = pointer, found
        if found is None:
            self.said.emit(translate("Tool", "There is no stroke here; drag along a river."))
        elif direction_at(found[1], *pointer.place) is None:
            self._held = None
            self.said.emit(translate("Tool", "This stroke is a single point; it has no flow."))
        else:
            self.choose(found[0])

    def move(self, pointer: Pointer) -> None:
        """Turn the flow after the drag."""
        start, held = self._start, self._held
        if start is not None and held is not None:
            self._turn(start, held, pointer)
        self.pointer = pointer
        self.changed.emit()

    def release(self, pointer: Pointer) -> None:
        """Keep the flow as one undo step."""
        self._start = self._held = None
        self.commit()
        super().release(pointer)

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Turn the flow round, or take it away."""
        found = self._stroke_at(pointer)
        if found is None:
            return []
        number, stroke = found
        flow = Flow() if stroke.flow is None else stroke.flow
        turned = (flow.angle_deg + _HALF_TURN) % (2 * _HALF_TURN)
        choices = [
            (translate("Tool", "Flow from start to end"), Flow(0, flow.strength)),
            (translate("Tool", "Flow from end to start"), Flow(_HALF_TURN, flow.strength)),
            (translate("Tool", "Turn the flow round"), Flow(turned, flow.strength)),
        ]
        flows: list[tuple[str, Flow | None]] = [*choices]
        if stroke.flow is not None:
            flows.append((translate("Tool", "No flow"), None))
        label = translate("Tool", "Flow of {stroke}")
        return [
            (text, partial(self.change, label, number, look(stroke, number, flow=value)))
            for text, value in flows
        ]

    def abort(self) -> None:
        """Forget the drag."""
        self._start = self._held = None
        super().abort()

    def paint(self, painter: QPainter, view: View) -> None:
        """Arrows along the stroke under the pointer or held."""
        super(StrokeTool, self).paint(painter, view)
        number = self.hit.number if self.hit is not None else self.number_of_chosen()
        if number is None or number >= len(self.strokes):
            return
        stroke = self.strokes[number]
        marks.draw_line(painter, view, [(x, y) for x, y, _ in stroke.points.tolist()])
        if stroke.flow is not None:
            _draw_arrows(painter, view, stroke, stroke.flow)
            if self._held is not None and self.pointer is not None:
                text = translate("Tool", "{angle}°, strength {strength} %").format(
                    angle=round(stroke.flow.angle_deg), strength=round(100 * stroke.flow.strength)
                )
                marks.draw_caption(painter, view.to_screen(*self.pointer.place), text)

    def _turn(self, start: Pointer, held: tuple[int, Stroke], pointer: Pointer) -> None:
        length = math.dist(pointer.place, start.place)
        if length < self.reach_px(CLICK_PX):
            return
        number, stroke = held
        label = translate("Tool", "Flow of {stroke}")
        if self._edit is None and self.begin_change(label, stroke) is None:
            return
        flow = self._flow(stroke, start, pointer)
        with self.telling():
            self.put(number, look(stroke, 0, flow=flow)((stroke,))[0])

    def _flow(self, stroke: Stroke, start: Pointer, pointer: Pointer) -> Flow:
        along = direction_at(stroke, *start.place)
        assert along is not None
        dragged = math.degrees(math.atan2(pointer.y - start.y, pointer.x - start.x))
        angle = (dragged - along + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN
        if not pointer.shift:
            if abs(angle) <= _SNAP_DEG:
                angle = 0.0
            elif abs(abs(angle) - _HALF_TURN) <= _SNAP_DEG:
                angle = _HALF_TURN
        share = math.dist(pointer.place, start.place) / self.reach_px(FULL_STRENGTH_PX)
        strength = min(round(share / _STRENGTH_STEP) * _STRENGTH_STEP, 1.0)
        return Flow(float(round(angle)), round(strength, 2))

    def _stroke_at(self, pointer: Pointer) -> tuple[int, Stroke] | None:
        found = nearest(self.strokes, *pointer.place, self.reach_px(2 * CURVE_REACH_PX))
        return None if found is None else (found[0], self.strokes[found[0]])


def _draw_arrows(painter: QPainter, view: View, stroke: Stroke, flow: Flow) -> None:
    """Arrows at even distances on the screen along a stroke."""
    places = [view.to_screen(x, y) for x, y, _ in stroke.points.tolist()]
    directions = flow_directions(stroke.points, flow).tolist()
    steps = [math.hypot(b.x() - a.x(), b.y() - a.y()) for a, b in pairwise(places)]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(1, int(along[-1] / _ARROW_PX))
    size = 6 + 6 * flow.strength
    path = QPainterPath()
    for number in range(count):
        at = (number + 0.5) / count * along[-1]
        after = min(int(np.searchsorted(along, at)), len(places) - 1)
        before = max(after - 1, 0)
        share = 0.0 if after == before else (at - along[before]) / max(steps[before], 1e-9)
        centre = places[before] * (1 - share) + places[after] * share
        dx, dy = directions[after]
        _add_arrow(path, centre, QPointF(dx, dy), size)
    marks.two_tone(painter, path)


def _add_arrow(path: QPainterPath, centre: QPointF, way: QPointF, size: float) -> None:
    tip, side = centre + way * size, QPointF(-way.y(), way.x()) * (size / 2)
    path.moveTo(centre - way * size)
    path.lineTo(tip)
    path.moveTo(tip - way * (size * 0.7) + side)
    path.lineTo(tip)
    path.lineTo(tip - way * (size * 0.7) - side)
