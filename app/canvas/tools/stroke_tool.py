"""Editing strokes that are there: handles that show under the pointer, dragged and deleted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter

from app.canvas.tools import marks
from app.canvas.tools.curves import changed_rects, place_on
from app.canvas.tools.edit_tool import EditTool
from app.canvas.tools.frame import View
from app.canvas.tools.tool import Pointer, translate
from app.workspace.looks import capital
from painter import stroke_editing
from painter.editing import Edit
from painter.splines import handles_of, with_handles
from zones.strokes import Stroke

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

Strokes = tuple[Stroke, ...]

HANDLE_REACH_PX = 9.0
"""How near on the screen the pointer must be to take a handle."""

CURVE_REACH_PX = 4.0
CLICK_PX = 4.0
LEAST_WIDTH_PX = 1.0
MOST_WIDTH_PX = 4096.0

_WHEEL_PAUSE_MS = 500
_WHEEL_FACTOR = 1.1


@dataclass(frozen=True, slots=True)
class Hit:
    """What of the strokes is under the pointer.

    Attributes:
        number: of the stroke, in paint order.
        handle: its handle there, or None on the line between.
    """

    number: int
    handle: int | None


@dataclass(slots=True)
class Grab:
    """What is being dragged.

    Attributes:
        hit: what was taken.
        what: the handle's place, the handle's width, or the whole stroke.
        start: where.
        stroke: as it was.
        moved: whether it is a drag by now, not a click.
    """

    hit: Hit
    what: Literal["place", "width", "stroke"]
    start: Pointer
    stroke: Stroke
    moved: bool = False


class StrokeTool(EditTool):
    """Shows and edits the handles of the stroke under the pointer, and of the chosen one."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.chosen: Stroke | None = None
        self.chosen_handle: int | None = None
        self._hit: Hit | None = None
        self._hit_stroke: Stroke | None = None
        self._grab: Grab | None = None
        self._adjusted = ("", -1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_WHEEL_PAUSE_MS)
        self._pause.timeout.connect(self._on_pause_timeout)

    @property
    def strokes(self) -> Strokes:
        """All strokes in paint order, as they show."""
        return () if self.document is None else self.document.strokes

    @property
    def hit(self) -> Hit | None:
        """What was found under the pointer; None once that stroke was changed or is gone."""
        found = self._hit
        return found if found is not None and self._is(found.number, self._hit_stroke) else None

    @hit.setter
    def hit(self, found: Hit | None) -> None:
        self._hit = found
        self._hit_stroke = None if found is None else self.strokes[found.number]

    def _is(self, number: int, stroke: Stroke | None) -> bool:
        """Whether this very stroke still stands at that place of the paint order."""
        return number < len(self.strokes) and self.strokes[number] is stroke

    def number_of_chosen(self) -> int | None:
        """The chosen stroke's place in paint order; None where there is none any more."""
        for number, stroke in enumerate(self.strokes):
            if stroke is self.chosen:
                return number
        return None

    def hit_at(self, pointer: Pointer) -> Hit | None:
        """What of the strokes is at a place: handles first, the chosen stroke's before others."""
        strokes, reach = self.strokes, self.reach_px(HANDLE_REACH_PX)
        chosen, here = self.number_of_chosen(), self._numbers_at(pointer)
        for number in here if chosen is None else [chosen, *here]:
            handles = handles_of(strokes[number])
            apart = np.hypot(handles[:, 0] - pointer.x, handles[:, 1] - pointer.y)
            nearest = int(np.argmin(apart))
            if apart[nearest] <= reach:
                return Hit(number, nearest)
        return Hit(here[0], None) if here else None

    def hover(self, pointer: Pointer) -> None:
        """Find what is under the pointer."""
        if self._grab is None:
            self.hit = self.hit_at(pointer)
            self.cursor = self._cursor_for(self.hit)
        super().hover(pointer)

    def leave(self) -> None:
        """Nothing is under the pointer any more."""
        self.hit = None
        super().leave()

    def grab(self, pointer: Pointer) -> bool:
        """Take hold of the handle or stroke at a place; returns whether there is one."""
        self.finish()
        self.hit = hit = self.hit_at(pointer)
        if hit is None:
            self.choose(None)
            return False
        what: Literal["place", "width", "stroke"] = "stroke"
        if hit.handle is not None:
            what = "width" if pointer.alt else "place"
        self._grab = Grab(hit, what, pointer, self.strokes[hit.number])
        self.choose(hit.number, hit.handle)
        return True

    def choose(self, number: int | None, handle: int | None = None) -> None:
        """Make a stroke the chosen one, to which options and keys apply."""
        self.chosen = None if number is None else self.strokes[number]
        self.chosen_handle = handle
        self.options_changed.emit()
        self.changed.emit()

    def drag(self, pointer: Pointer) -> None:
        """Bend, widen or move what is held."""
        grab = self._grab
        if grab is None:
            return
        if not grab.moved:
            if math.dist(pointer.place, grab.start.place) < self.reach_px(CLICK_PX):
                return
            if not self._is(grab.hit.number, grab.stroke):
                self._grab = None  # undone or changed since it was taken
                return
            if self.begin_change(*self._drag_label(grab)) is None:
                return
            grab.moved = True
        with self.telling():
            self.put(grab.hit.number, self._dragged(grab, pointer))

    def drop(self, pointer: Pointer) -> None:
        """Let go: keep the drag as one undo step, or insert a handle where it was a click."""
        grab, self._grab = self._grab, None
        if grab is None:
            return
        if grab.moved:
            self.commit()
        elif grab.what == "stroke" and self._is(grab.hit.number, grab.stroke):
            self.insert_handle(grab.hit.number, pointer)

    def insert_handle(self, number: int, pointer: Pointer) -> None:
        """Add a handle to a stroke, on its line nearest to a place."""
        before, handle = place_on(self.strokes[number], *pointer.place)
        self.change(
            translate("Tool", "Add point to {stroke}"),
            number,
            lambda strokes: stroke_editing.with_new_handle(strokes, number, before, handle),
        )
        self.chosen_handle = before
        self.hit = self.hit_at(pointer)

    def delete(self) -> bool:
        """Delete the handle under the pointer or chosen, else the stroke; whether any was."""
        number = self.number_of_chosen()
        hit = self.hit or (None if number is None else Hit(number, self.chosen_handle))
        if hit is None:
            return False
        last = len(handles_of(self.strokes[hit.number])) == 1
        if hit.handle is None or last:
            self.delete_stroke(hit.number)
        else:
            handle = hit.handle
            self.change(
                translate("Tool", "Remove point of {stroke}"),
                hit.number,
                lambda strokes: stroke_editing.without_handle(strokes, hit.number, handle),
            )
        self.chosen_handle = None
        if self.pointer is not None:
            self.hit = self.hit_at(self.pointer)
        return True

    def delete_stroke(self, number: int) -> None:
        """Delete a whole stroke as one undo step."""
        self.change(
            translate("Tool", "Delete {stroke}"),
            number,
            lambda strokes: stroke_editing.removed(strokes, number),
        )
        self.hit = None

    def change(self, label: str, number: int, how: Callable[[Strokes], Strokes]) -> None:
        """Change one stroke as one undo step; it is chosen afterwards, if it is still there.

        Args:
            label: of the step, with {stroke} for the stroke's kind.
            number: of the stroke.
            how: from all strokes to all strokes.
        """
        edit = self.begin_change(label, self.strokes[number])
        if edit is None:
            return
        with self.telling():
            before = edit.strokes
            edit.strokes = how(before)
            kept = len(edit.strokes) == len(before)
            after = edit.strokes[number] if kept else None
            self.show(changed_rects(before[number], after))
            self.chosen = after
            self.commit()
        self.options_changed.emit()

    def begin_change(self, label: str, stroke: Stroke) -> Edit | None:
        """Open an edit of one stroke."""
        text = label.format(stroke=capital(stroke.kind))
        return self.begin(lambda document: document.edit(text))

    def put(self, number: int, stroke: Stroke) -> None:
        """Put a stroke in another's place in the open edit, and show it."""
        assert self._edit is not None
        before = self._edit.strokes
        self._edit.strokes = stroke_editing.exchanged(before, number, stroke)
        self.chosen = stroke
        if self._hit is not None and self._hit.number == number:
            self._hit_stroke = stroke
        self.show(changed_rects(before[number], stroke))

    def wheel(self, pointer: Pointer, steps: float) -> bool:
        """With Alt or Shift, make the handle or the whole stroke under the pointer wider."""
        hit = self.hit_at(pointer)
        if hit is None or not (pointer.alt or pointer.shift) or self._grab is not None:
            return False
        wide = widened(self.strokes[hit.number], _WHEEL_FACTOR**steps, hit.handle)
        self.adjust(translate("Tool", "Widen {stroke}"), hit.number, wide)
        return True

    def adjust(self, label: str, number: int, stroke: Stroke) -> None:
        """Change a stroke little by little: what comes without a pause is one undo step.

        Args:
            label: of the step, with {stroke} for the stroke's kind.
            number: of the stroke.
            stroke: in its place.
        """
        what = (label, number)
        if not self._pause.isActive() or self._adjusted != what:
            if self.begin_change(label, self.strokes[number]) is None:
                return
            self._adjusted = what
        with self.telling():
            self.put(number, stroke)
            self._pause.start()
        self.options_changed.emit()

    def step_back(self) -> bool:
        """Bring what is adjusted to its end, so that undo takes it back."""
        if self._pause.isActive():
            self.finish()
        return False

    def key(self, event: QKeyEvent) -> bool:
        """Delete removes the handle or the stroke."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and not self.busy:
            return self.delete()
        return super().key(event)

    def finish(self) -> None:
        """Keep what was adjusted; forget anything else that is open."""
        if self._pause.isActive():
            self._pause.stop()
            self.commit()
        else:
            super().finish()

    def abort(self) -> None:
        """Forget the drag."""
        self._pause.stop()
        number = self.number_of_chosen()
        self._grab = None
        super().abort()
        if number is not None and number < len(self.strokes):
            self.chosen = self.strokes[number]
        else:
            self.chosen = self.chosen_handle = None

    def deactivate(self) -> None:
        """Nothing is chosen any more, and nothing open."""
        if self._pause.isActive():
            self.finish()
        super().deactivate()
        self.chosen = self.chosen_handle = self.hit = None

    def paint(self, painter: QPainter, view: View) -> None:
        """Centre line and handles of the chosen stroke and of the one under the pointer."""
        super().paint(painter, view)
        strokes, hit = self.strokes, self.hit
        numbers = {self.number_of_chosen(), hit.number if hit else None} - {None}
        for number in numbers:
            assert number is not None
            stroke = strokes[number]
            marks.draw_line(painter, view, [(x, y) for x, y, _ in stroke.points.tolist()])
            hot = hit.handle if hit is not None and hit.number == number else None
            marks.draw_handles(painter, view, handles_of(stroke), hot)

    def _numbers_at(self, pointer: Pointer) -> list[int]:
        """Strokes at a place, topmost first."""
        strokes, numbers = self.strokes, list[int]()
        reach = self.reach_px(CURVE_REACH_PX)
        while (found := stroke_editing.nearest(strokes, *pointer.place, reach)) is not None:
            numbers.append(found[0])
            strokes = strokes[: found[0]]
        return numbers

    def _dragged(self, grab: Grab, pointer: Pointer) -> Stroke:
        dx, dy = pointer.x - grab.start.x, pointer.y - grab.start.y
        handles = handles_of(grab.stroke).copy()
        handle = grab.hit.handle
        if grab.what == "stroke" or handle is None:
            handles[:, :2] += (dx, dy)
        elif grab.what == "place":
            handles[handle, :2] += (dx, dy)
        else:
            sign = 1 if dx - dy >= 0 else -1
            width = handles[handle, 2] + 2 * sign * math.hypot(dx, dy)
            handles[handle, 2] = min(max(width, LEAST_WIDTH_PX), MOST_WIDTH_PX)
        return with_handles(grab.stroke, handles)

    @staticmethod
    def _drag_label(grab: Grab) -> tuple[str, Stroke]:
        labels = {
            "place": translate("Tool", "Bend {stroke}"),
            "width": translate("Tool", "Widen {stroke}"),
            "stroke": translate("Tool", "Move {stroke}"),
        }
        return labels[grab.what], grab.stroke

    @staticmethod
    def _cursor_for(hit: Hit | None) -> Qt.CursorShape:
        if hit is None:
            return Qt.CursorShape.CrossCursor
        on_line = hit.handle is None
        return Qt.CursorShape.SizeAllCursor if on_line else Qt.CursorShape.PointingHandCursor

    def _on_pause_timeout(self) -> None:
        self.commit()


def widened(stroke: Stroke, factor: float, handle: int | None = None) -> Stroke:
    """A stroke with the width at one handle, or everywhere, multiplied."""
    handles = handles_of(stroke).copy()
    chosen = slice(None) if handle is None else slice(handle, handle + 1)
    handles[chosen, 2] = np.clip(handles[chosen, 2] * factor, LEAST_WIDTH_PX, MOST_WIDTH_PX)
    return with_handles(stroke, handles)
