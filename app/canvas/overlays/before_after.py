"""An earlier result of a tile left of a line that can be dragged, the present one right of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPolygonF

from app.canvas.overlays.drawing import (
    PLATE,
    SHADE,
    draw_plate,
    on_screen,
    pen,
    plate_size,
    small_font,
)
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.workspace.comparison import Comparison
from app.workspace.workspace import Workspace
from zones.geometry import Rect

_GRIP_PX = 13.0
_REACH_PX = 10.0
_LINE = QColor(255, 255, 255, 235)


class BeforeAfter(Overlay):
    """Draws the comparison that is open, if any; its line takes the mouse from the tool."""

    name = "overlay.compare"

    def __init__(self, workspace: Workspace, *, visible: bool = True) -> None:
        super().__init__(workspace, visible=visible)
        self._comparison = Comparison.of(workspace)
        self._comparison.changed.connect(self.changed)
        self._held_at: float | None = None

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw both pictures, the line between them, and which is which."""
        found = self._comparison.pictures
        if found is None or not found.rect.intersect(exposed).area:
            return
        area, line = on_screen(view, found.rect), self._line(view)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, view.scale < 1)
        for image, part in (
            (found.before, QRectF(area.topLeft(), QPointF(line, area.bottom()))),
            (found.now, QRectF(QPointF(line, area.top()), area.bottomRight())),
        ):
            painter.save()
            painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
            painter.drawImage(area, image)
            painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(QColor(255, 255, 255, 150)))
        painter.drawRect(area)
        self._draw_names(painter, area, line)
        self._draw_line(painter, area, line)

    def _draw_names(self, painter: QPainter, area: QRectF, line: float) -> None:
        before = QCoreApplication.translate("BeforeAfter", "Earlier")
        now = QCoreApplication.translate("BeforeAfter", "Now")
        painter.setFont(small_font(painter))
        top = area.top() + 8
        width = plate_size(painter, [before]).width()
        if line - area.left() > width + 16:
            draw_plate(painter, QPointF(line - width - 8, top), [before])
        if area.right() - line > plate_size(painter, [now]).width() + 16:
            draw_plate(painter, QPointF(line + 8, top), [now])

    def _draw_line(self, painter: QPainter, area: QRectF, line: float) -> None:
        top, bottom = QPointF(line, area.top()), QPointF(line, area.bottom())
        painter.setPen(pen(SHADE, 4))
        painter.drawLine(top, bottom)
        painter.setPen(pen(_LINE, 2))
        painter.drawLine(top, bottom)
        middle = QPointF(line, area.center().y())
        painter.setBrush(PLATE)
        painter.drawEllipse(middle, _GRIP_PX, _GRIP_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_LINE)
        for side in (-1, 1):
            tip = middle + QPointF(side * 9, 0)
            base = QPointF(-side * 4.5, 4.5)
            painter.drawPolygon(QPolygonF([tip, tip + base, tip + QPointF(base.x(), -base.y())]))

    def _line(self, view: MapFrame) -> float:
        """Where the line is, px of the widget."""
        found = self._comparison.pictures
        assert found is not None
        area = on_screen(view, found.rect)
        return area.left() + self._comparison.position * area.width()

    def grab(self, event: QMouseEvent, view: MapFrame) -> bool:
        """Take a press on the line or its grip."""
        found = self._comparison.pictures
        if found is None:
            return False
        area, at = on_screen(view, found.rect), event.position()
        near = abs(at.x() - self._line(view)) <= _REACH_PX and area.top() <= at.y() <= area.bottom()
        self._held_at = at.x() - self._line(view) if near else None
        return near

    def drag(self, event: QMouseEvent, view: MapFrame) -> None:
        """Move the line."""
        found = self._comparison.pictures
        if found is None or self._held_at is None:
            return
        area = on_screen(view, found.rect)
        self._comparison.position = (
            event.position().x() - self._held_at - area.left()
        ) / area.width()

    def drop(self, event: QMouseEvent, view: MapFrame) -> None:
        """Leave the line where it is."""
        self.drag(event, view)
        self._held_at = None
