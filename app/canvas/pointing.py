"""From mouse, pen, touchpad, wheel and keys to moves of the map and to the tool in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu

from app.canvas.overlays.overlay import Overlay
from app.canvas.pen import PressureCurve, felt
from app.canvas.tile_menu import tile_entries
from app.canvas.tools.tool import Pointer

if TYPE_CHECKING:
    from app.canvas.view import MapView

Wheel = Literal["zoom", "pan"]

_NOTCH = 120
_ZOOM_PER_NOTCH = 2 ** (1 / 3)
_KEY_STEP_PX = 96.0
_ACTUAL = 1.0
_NEAR_ACTUAL = 1.08

_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Pointing(QObject):
    """Takes the events of one view.

    Attributes:
        pressure_curve: how a pen's pressure is felt.
        wheel: what the mouse wheel does without Ctrl.

    Args:
        view: whose events they are.
    """

    def __init__(self, view: MapView) -> None:
        super().__init__(view)
        self._view = view
        self._space = False
        self._grip: QPointF | None = None
        self._drawing = False
        self._last: Pointer | None = None
        self._grabbed: Overlay | None = None
        self.pressure_curve: PressureCurve = "linear"
        self.wheel: Wheel = "zoom"

    @property
    def drawing(self) -> bool:
        """Whether the tool's button or pen is down."""
        return self._drawing

    def cursor(self) -> Qt.CursorShape:
        """The shape of the mouse pointer now."""
        if self._grip is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._space:
            return Qt.CursorShape.OpenHandCursor
        tool = self._view.tool
        return Qt.CursorShape.ArrowCursor if tool is None else tool.cursor

    # --- mouse ---

    def press(self, event: QMouseEvent, *, double: bool = False) -> None:
        """A mouse button goes down."""
        button, at = event.button(), event.position()
        if button == Qt.MouseButton.MiddleButton or (self._pans and _is_left(button)):
            self._grip = at
        elif button == Qt.MouseButton.RightButton and not self._drawing:
            self._show_menu(event)
        elif _is_left(button) and self._view.tool is not None:
            self._grabbed = next(
                (one for one in self._shown() if one.grab(event, self._view)), None
            )
            if self._grabbed is None:
                self._begin(self._pointer(event), double=double)
        self._view.refresh_cursor()

    def move(self, event: QMouseEvent) -> None:
        """The mouse moves."""
        at = event.position()
        self._tell(at)
        if self._grip is not None:
            self._drag_to(at)
        elif self._grabbed is not None:
            self._grabbed.drag(event, self._view)
        else:
            self._go_on(self._pointer(event))

    def release(self, event: QMouseEvent) -> None:
        """A mouse button goes up."""
        if self._grip is not None and event.button() != Qt.MouseButton.RightButton:
            self._grip = None
        elif self._grabbed is not None and _is_left(event.button()):
            self._grabbed.drop(event, self._view)
            self._grabbed = None
        elif _is_left(event.button()):
            self._end(self._pointer(event))
        self._view.refresh_cursor()

    def leave(self) -> None:
        """The pointer leaves the view."""
        self._view.workspace.pointer_moved.emit(None)
        if self._view.tool is not None and not self._drawing:
            self._view.tool.leave()

    def let_go(self) -> None:
        """The view loses the keyboard: what is held counts as released."""
        self._space = False
        self._grip = None
        if self._drawing and self._last is not None:
            self._end(self._last)
        self._view.refresh_cursor()

    # --- pen ---

    def tablet(self, event: QTabletEvent) -> None:
        """A pen touches, moves or lifts; what the view pans with is left to the mouse."""
        if self._pans or event.button() not in (
            Qt.MouseButton.NoButton,
            Qt.MouseButton.LeftButton,
        ):
            event.ignore()
            return
        event.accept()
        at = event.position()
        self._tell(at)
        x, y = self._view.to_map(at)
        pressure = felt(event.pressure(), self.pressure_curve)
        pointer = Pointer(x, y, pressure, event.buttons(), event.modifiers(), at)
        if event.type() == QEvent.Type.TabletPress:
            self._begin(pointer)
        elif event.type() == QEvent.Type.TabletRelease:
            self._end(pointer)
        else:
            self._go_on(pointer)

    # --- wheel and gestures ---

    def turn(self, event: QWheelEvent) -> None:
        """The wheel turns, or two fingers move over a touchpad."""
        event.accept()
        at, modifiers = event.position(), event.modifiers()
        zooms = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if not zooms and self._scrolls(event):
            shift = event.pixelDelta()
            shift = event.angleDelta() / 2 if shift.isNull() else shift
            if modifiers & Qt.KeyboardModifier.ShiftModifier and not shift.x():
                shift = QPoint(shift.y(), 0)
            self._view.pan(shift.x(), shift.y())
            return
        turned = event.angleDelta()
        steps = (turned.y() or turned.x()) / _NOTCH  # with Alt, a wheel counts as turned sideways
        tool = self._view.tool
        if not steps or (tool is not None and tool.wheel(self._pointer(event), steps)):
            return
        self._view.set_scale(_near_actual(self._view.scale, steps), at)

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Whether a gesture of the touchpad is one of the view's."""
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            self._view.set_scale(self._view.scale * max(0.2, 1 + event.value()), event.position())
        elif kind == Qt.NativeGestureType.SmartZoomNativeGesture:
            self._view.fit()
        elif kind == Qt.NativeGestureType.PanNativeGesture:
            self._view.pan(event.delta().x(), event.delta().y())
        else:
            return False
        return True

    # --- keys ---

    def key_down(self, event: QKeyEvent) -> bool:
        """Whether a key is one of the tool's or the view's."""
        tool, key = self._view.tool, Qt.Key(event.key())
        if tool is not None and tool.key(event):
            return True
        if key == Qt.Key.Key_Space:
            self._space = True
            self._view.refresh_cursor()
        elif key in _ARROWS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            dx, dy = _ARROWS[key]
            self._view.pan(dx * _KEY_STEP_PX, dy * _KEY_STEP_PX)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._view.set_scale(_near_actual(self._view.scale, 1))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._view.set_scale(_near_actual(self._view.scale, -1))
        elif key == Qt.Key.Key_Home:
            self._view.fit()
        else:
            return False
        return True

    def key_up(self, event: QKeyEvent) -> bool:
        """Whether a key that goes up is one of the view's."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self._space = False
        self._view.refresh_cursor()
        return True

    # --- what they have in common ---

    @property
    def _pans(self) -> bool:
        return self._space or bool(getattr(self._view.tool, "pans", False))

    def _shown(self) -> list[Overlay]:
        return [overlay for overlay in reversed(self._view.overlays) if overlay.visible]

    def _pointer(self, event: QMouseEvent | QWheelEvent) -> Pointer:
        at = event.position()
        x, y = self._view.to_map(at)
        return Pointer(x, y, 1.0, event.buttons(), event.modifiers(), at)

    def _tell(self, at: QPointF) -> None:
        self._view.workspace.pointer_moved.emit(self._view.to_map(at))

    def _begin(self, pointer: Pointer, *, double: bool = False) -> None:
        tool = self._view.tool
        if tool is None:
            return
        self._drawing, self._last = True, pointer
        if double:
            tool.double_press(pointer)
        else:
            tool.press(pointer)

    def _go_on(self, pointer: Pointer) -> None:
        tool = self._view.tool
        self._last = pointer
        if tool is None:
            return
        if self._drawing:
            tool.move(pointer)
        else:
            tool.hover(pointer)

    def _end(self, pointer: Pointer) -> None:
        if self._drawing:
            self._drawing = False
            if self._view.tool is not None:
                self._view.tool.release(pointer)

    def _drag_to(self, at: QPointF) -> None:
        assert self._grip is not None
        shift = at - self._grip
        self._grip = at
        self._view.pan(shift.x(), shift.y())

    def _scrolls(self, event: QWheelEvent) -> bool:
        """Whether a turn moves the map: always that of a touchpad, that of a wheel as chosen."""
        phased = event.phase() != Qt.ScrollPhase.NoScrollPhase
        device = event.device()
        touchpad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
        return touchpad or (phased and not event.pixelDelta().isNull()) or self.wheel == "pan"

    def _show_menu(self, event: QMouseEvent) -> None:
        tool, pointer = self._view.tool, self._pointer(event)
        entries = [] if tool is None else tool.menu(pointer)
        of_tile = tile_entries(self._view.workspace, (pointer.x, pointer.y))
        if not (entries or of_tile):
            return
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in entries:
            menu.addAction(text).triggered.connect(lambda _=False, act=act: act())
        menu.addSeparator()
        for text, act in of_tile:
            menu.addAction(text).triggered.connect(lambda _=False, act=act: act())
        menu.popup(event.globalPosition().toPoint())


def _is_left(button: Qt.MouseButton) -> bool:
    return button == Qt.MouseButton.LeftButton


def _near_actual(scale: float, steps: float) -> float:
    """The scale some notches on, which stops at 1:1 when it comes past."""
    wanted = scale * _ZOOM_PER_NOTCH**steps
    passes = min(scale, wanted) < _ACTUAL < max(scale, wanted)
    near = 1 / _NEAR_ACTUAL < wanted < _NEAR_ACTUAL
    return _ACTUAL if (passes and scale != _ACTUAL) or near else wanted
