"""One picture of a model window in a panel: square, with a cross where somebody points."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.panels.fields import described

_LEAST_PX = 72
_DASH = [3.0, 3.0]
_KEY_STEP_PX = 8
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class WindowPicture(QWidget):
    """A captioned picture of a window.

    Signals:
        pointed: (x, y) in window px under the mouse, or None when it is gone.
    """

    pointed = Signal(object)

    def __init__(self, caption: str, tip: str) -> None:
        super().__init__()
        self._caption = caption
        self._image: QImage | None = None
        self._core = QRectF()
        self._cross: tuple[float, float] | None = None
        described(self, caption, tip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(_LEAST_PX, _LEAST_PX)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def image(self) -> QImage | None:
        """What is shown."""
        return self._image

    def show_image(self, image: QImage | None, core: QRectF) -> None:
        """Show a picture; `core` is the tile's own square in it, px of the picture."""
        self._image, self._core = image, core
        self.update()

    def show_cross(self, at: tuple[float, float] | None) -> None:
        """Mark a place in window px, or none."""
        if at != self._cross:
            self._cross = at
            self.update()

    def _caption_px(self) -> int:
        return self.fontMetrics().height() + 3

    def _area(self) -> QRectF:
        side = min(self.width(), self.height() - self._caption_px())
        return QRectF((self.width() - side) / 2, self._caption_px(), side, side)

    def sizeHint(self) -> QSize:
        """Square below the caption."""
        return QSize(150, 150 + self._caption_px())

    def hasHeightForWidth(self) -> bool:
        """The picture stays square."""
        return True

    def heightForWidth(self, width: int) -> int:
        """A square and the caption."""
        return width + self._caption_px()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw caption, picture, the tile's own part and the cross."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        area = self._area()
        caption = QRectF(area.x(), 0, area.width(), self._caption_px())
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(caption, flags, self._caption)
        if self._image is None:
            return
        scale = area.width() / self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(area, self._image)
        core = QRectF(area.topLeft() + self._core.topLeft() * scale, self._core.size() * scale)
        for colour, dash in ((QColor(0, 0, 0, 90), None), (QColor(255, 255, 255, 150), _DASH)):
            pen = QPen(colour, 1)
            if dash is not None:
                pen.setDashPattern(dash)
            painter.setPen(pen)
            painter.drawRect(core)
        if self._cross is not None:
            self._draw_cross(painter, area, scale)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.drawRect(area)

    def _draw_cross(self, painter: QPainter, area: QRectF, scale: float) -> None:
        x, y = self._cross or (0.0, 0.0)
        at = area.topLeft() + QPointF(x, y) * scale
        if not area.contains(at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
        painter.drawEllipse(at, 4.5, 4.5)
        painter.setPen(QPen(QColor(255, 255, 255), 1.4))
        painter.drawEllipse(at, 4.5, 4.5)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the mouse."""
        area, at = self._area(), event.position()
        if self._image is None or not area.contains(at):
            self.pointed.emit(None)
            return
        scale = self._image.width() / area.width()
        self.pointed.emit(((at.x() - area.x()) * scale, (at.y() - area.y()) * scale))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move the place that is read out, with Shift one px at a time."""
        way = _ARROWS.get(Qt.Key(event.key()))
        if self._image is None or way is None:
            super().keyPressEvent(event)
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        width, height = self._image.width(), self._image.height()
        x, y = self._cross or (width / 2, height / 2)
        step = 1 if fine else _KEY_STEP_PX
        x, y = x + step * way[0], y + step * way[1]
        self.pointed.emit((min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the mouse any more."""
        self.pointed.emit(None)
        super().leaveEvent(event)
