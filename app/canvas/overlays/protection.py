"""Hatching over what no run may change."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from app.canvas.overlays.drawing import on_screen, pen
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.canvas.overlays.protect_masks import ProtectMasks
from app.workspace.workspace import Workspace
from zones.geometry import Rect

_HATCH_PX = 9
"""Distance of the hatching's lines along an axis."""

_LINE = QColor(245, 248, 252, 165)
_SHADOW = QColor(14, 18, 24, 90)
_TINT = QColor(20, 26, 36, 46)


class Protection(Overlay):
    """Hatches protected pixels; the lines keep their distance at every zoom."""

    name = "overlay.protect"

    def __init__(self, workspace: Workspace, *, visible: bool = True) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        self._masks = ProtectMasks(workspace)
        self._masks.changed.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._brush: QBrush | None = None
        workspace.map_opened.connect(self._on_map_opened)
        workspace.painted.connect(self._on_painted)

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Hatch the protected pixels of the exposed part."""
        document = self._workspace.document
        if document is None:
            return
        shown = exposed.intersect(Rect(0, 0, *document.project.size))
        if not shown.area:
            return
        level = max(0, math.floor(math.log2(1 / view.scale)))
        pieces = [
            (on_screen(view, rect), image) for rect, image in self._masks.pieces(level, shown)
        ]
        if pieces:
            self._hatch(painter, view, pieces)

    def _hatch(
        self, painter: QPainter, view: MapFrame, pieces: list[tuple[QRectF, QImage]]
    ) -> None:
        """Draw the masks beside the screen, let hatching take their place, and lay that over."""
        area = QRectF()
        for place, _ in pieces:
            area = area.united(place)
        box = area.toAlignedRect().intersected(painter.viewport())
        if box.isEmpty():
            return
        ratio = painter.device().devicePixelRatioF()
        layer = QImage(
            round(box.width() * ratio),
            round(box.height() * ratio),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        inner = QPainter(layer)
        inner.translate(-box.topLeft())
        for place, image in pieces:
            inner.drawImage(place, image)
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        inner.setBrushOrigin(_stable(view.to_screen(0, 0)))
        inner.fillRect(QRect(box), self._hatching())
        inner.end()
        painter.drawImage(box.topLeft(), layer)

    def _hatching(self) -> QBrush:
        if self._brush is None:
            tile = QPixmap(_HATCH_PX, _HATCH_PX)
            tile.fill(_TINT)
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for shift in (-_HATCH_PX, 0, _HATCH_PX):
                start, end = QPointF(shift, _HATCH_PX), QPointF(shift + _HATCH_PX, 0)
                painter.setPen(pen(_SHADOW, 1.0))
                painter.drawLine(start + QPointF(1, 0.5), end + QPointF(1, 0.5))
                painter.setPen(pen(_LINE, 1.2))
                painter.drawLine(start, end)
            painter.end()
            self._brush = QBrush(tile)
        return self._brush

    def _on_visible_changed(self) -> None:
        self._masks.clear()

    def _on_map_opened(self) -> None:
        self._masks.clear()
        self.changed.emit()

    def _on_painted(self, rect: Rect) -> None:
        if self.visible:
            self._masks.patch(rect)


def _stable(origin: QPointF) -> QPointF:
    """Keeps the hatching fixed to the map while it is moved."""
    return QPointF(round(origin.x()) % _HATCH_PX, round(origin.y()) % _HATCH_PX)
