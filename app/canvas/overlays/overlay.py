"""What every overlay of the map view is: a named layer that can be switched on and off."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QMouseEvent, QPainter

from zones.geometry import Rect


class MapFrame(Protocol):
    """What an overlay needs to know of the map view.

    Attributes:
        scale: screen px per map px.
    """

    @property
    def scale(self) -> float:
        """Screen px per map px."""
        ...

    def to_map(self, point: QPointF, /) -> tuple[float, float]:
        """Map px under a point of the widget."""
        ...

    def to_screen(self, x: float, y: float, /) -> QPointF:
        """Point of the widget at which a map position is shown."""
        ...

    def visible_rect(self) -> Rect:
        """The part of the map's frame that is shown, in map px."""
        ...


class Overlay(QObject):
    """A layer over the map that is drawn on every frame while it is visible.

    `paint` is called with a painter in widget px and must cost no more than what is on screen.
    Words, icon and key come from the table of actions where it has a row of the overlay's name.

    Attributes:
        name: id of its action, such as `overlay.grid`.
        changed: the overlay looks different now; the view repaints.
        visible_changed: it was switched on or off.
    """

    name: str = ""

    changed = Signal()
    visible_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, *, visible: bool = False) -> None:
        super().__init__(parent)
        self._visible = visible

    @property
    def visible(self) -> bool:
        """Whether it is drawn."""
        return self._visible

    @visible.setter
    def visible(self, on: bool) -> None:
        if on != self._visible:
            self._visible = on
            self._on_visible_changed()
            self.visible_changed.emit(on)
            self.changed.emit()

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw.

        Args:
            painter: in px of the view's widget; its state is restored by the caller.
            view: converts between map and widget px.
            exposed: the part of the map's frame to be drawn, map px; it may reach beyond the map.
        """
        raise NotImplementedError

    def grab(self, event: QMouseEvent, view: MapFrame) -> bool:  # noqa: ARG002 - for subclasses
        """Whether this overlay, not the tool, takes a left press; then it also gets the drag."""
        return False

    def drag(self, event: QMouseEvent, view: MapFrame) -> None:
        """The mouse moved after a press that was grabbed."""

    def drop(self, event: QMouseEvent, view: MapFrame) -> None:
        """The button that was grabbed is up."""

    def _on_visible_changed(self) -> None:
        """Start or stop whatever costs something."""
