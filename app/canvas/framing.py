"""A widget that looks at a part of the map."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Camera
from zones.geometry import Rect


class FramedWidget(QWidget):
    """Where it looks, and what moves it.

    Signals:
        view_changed: scale, origin or size of the view, or what it shows.

    Attributes:
        camera: converts between map and screen px.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()

    @property
    def scale(self) -> float:
        """Logical screen px per map px."""
        return self.camera.scale

    @property
    def origin(self) -> tuple[float, float]:
        """Map px at the top left corner."""
        return self.camera.x, self.camera.y

    def to_map(self, point: QPointF) -> tuple[float, float]:
        """Map px under a point of the widget."""
        return self.camera.to_map(point.x(), point.y())

    def to_screen(self, x: float, y: float) -> QPointF:
        """Point of the widget at which a place of the map is shown."""
        return QPointF(*self.camera.to_screen(x, y))

    def visible_rect(self) -> Rect:
        """The part of the map that shows, map px; of no area where none does."""
        return self.camera.visible()

    def show_rect(self, rect: Rect) -> None:
        """Show a rectangle of the map as large as it fits."""
        self.camera.show(rect)
        self._moved()

    def fit(self) -> None:
        """Show the whole map."""
        self.show_rect(Rect(0, 0, *self.camera.map_size))

    def set_scale(self, scale: float, around: QPointF | None = None) -> None:
        """Zoom; the place under `around` (else the middle) stays where it is."""
        at = QPointF(self.width() / 2, self.height() / 2) if around is None else around
        self.camera.zoom(scale, at.x(), at.y())
        self._moved()

    def pan(self, dx: float, dy: float) -> None:
        """Move the map by (dx, dy) logical px."""
        self.camera.pan(dx, dy)
        self._moved()

    def centre_on(self, x: float, y: float) -> None:
        """Put a place of the map into the middle."""
        self.camera.centre(x, y)
        self._moved()

    def _moved(self) -> None:
        self.update()
        self.view_changed.emit()
