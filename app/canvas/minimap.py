"""The whole map small, with a frame around what the map view shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.mosaic import CRISP_SCALE
from app.canvas.pieces import Key, Source
from app.canvas.scene import surround
from app.canvas.view import MapView

REFRESH_MS = 100
"""It is drawn anew at most every so often while the map changes."""

_FRAME = QColor(255, 255, 255)
_HALO = QColor(0, 0, 0, 160)
_LEAST_FRAME_PX = 7.0
_ZOOM_PER_NOTCH = 2 ** (1 / 3)
_NOTCH = 120


class Minimap(QWidget):
    """A small map to look at and to move by; it costs one or two pieces of the view's own.

    Args:
        view: whose map it shows and whose place it moves.
    """

    def __init__(self, view: MapView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self.update)
        view.view_changed.connect(self.update)
        view.picture_changed.connect(self._on_view_picture_changed)
        view.workspace.map_opened.connect(self.update)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Small map"))
        self.setToolTip(self.tr("The whole map: click or drag to look at another place"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def map_area(self) -> QRectF:
        """Where the map is drawn, px of the widget."""
        width, height = self._view.camera.map_size
        scale = min(self.width() / width, self.height() / height)
        size = width * scale, height * scale
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def view_frame(self) -> QRectF:
        """The frame around what the view shows, px of the widget."""
        area, shown = self.map_area(), self._view.visible_rect()
        scale = area.width() / self._view.camera.map_size[0]
        frame = QRectF(
            area.x() + shown.x * scale,
            area.y() + shown.y * scale,
            shown.width * scale,
            shown.height * scale,
        )
        wider = max(0.0, _LEAST_FRAME_PX - frame.width()) / 2
        higher = max(0.0, _LEAST_FRAME_PX - frame.height()) / 2
        return frame.adjusted(-wider, -higher, wider, higher)

    def _on_view_picture_changed(self) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

    def _go_to(self, at: QPointF) -> None:
        if self._view.workspace.document is None:
            return
        area = self.map_area()
        scale = self._view.camera.map_size[0] / max(1.0, area.width())
        self._view.centre_on((at.x() - area.x()) * scale, (at.y() - area.y()) * scale)

    def _draw(self, painter: QPainter, source: Source) -> None:
        picture = self._view.picture
        piece = picture.cache.peek(Key(source, picture.pyramid.levels - 1, 0, 0))
        if piece is None:
            return
        area = self.map_area()
        if piece.image is None:
            blue, green, red, alpha = piece.colour
            painter.fillRect(area, QColor(red, green, blue, alpha))
            return
        smooth = area.width() < CRISP_SCALE * piece.image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(area, piece.image)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(200, 200)

    def hasHeightForWidth(self) -> bool:
        """It has the map's proportions."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the map is at this width, within reason."""
        map_width, map_height = self._view.camera.map_size
        return min(max(round(width * map_height / map_width), width // 3), 2 * width)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the map and the frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), surround(self.palette()))
        if self._view.workspace.document is not None:
            for source in self._view.sources:
                opacity = self._view.blend_opacity if self._view.mode == "blend" else 1.0
                painter.setOpacity(opacity if source == "art" else 1.0)
                self._draw(painter, source)
            painter.setOpacity(1.0)
            frame = self.view_frame().intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            for colour, width in ((_HALO, 3.0), (_FRAME, 1.0)):
                painter.setPen(QPen(colour, width))
                painter.drawRect(frame)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the place."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look at the place that is dragged to."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the view, its middle staying where it is."""
        event.accept()
        self._view.set_scale(
            self._view.scale * _ZOOM_PER_NOTCH ** (event.angleDelta().y() / _NOTCH)
        )
