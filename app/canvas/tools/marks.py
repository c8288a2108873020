"""Marks that tools draw over the map, each in two tones so that it is seen on any ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas.tools.frame import View
from zones.geometry import Rect
from zones.palette import RGB
from zones.strokes import Stroke

DARK = QColor(0, 0, 0, 150)
LIGHT = QColor(255, 255, 255, 235)
WARM = QColor(255, 176, 59)
"""What is hovered or chosen."""

HANDLE_PX = 4.5
"""Half the side of a handle on the screen."""

_LEAST_CIRCLE_PX = 2.5


def two_tone(painter: QPainter, path: QPainterPath, *, dashed: bool = False) -> None:
    """Draw a line in a light tone over a wider dark one."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((DARK, 3.0), (LIGHT, 1.2)):
        pen = QPen(colour, width)
        pen.setCosmetic(True)
        if dashed:
            pen.setDashPattern([4 * 1.2 / width, 3 * 1.2 / width])
        painter.setPen(pen)
        painter.drawPath(path)


def draw_circle(
    painter: QPainter, centre: QPointF, radius_px: float, *, dashed: bool = False
) -> None:
    """A circle in screen px; a small cross where it would be too small to see."""
    path = QPainterPath()
    if radius_px < _LEAST_CIRCLE_PX:
        for dx, dy in ((5.0, 0.0), (0.0, 5.0)):
            path.moveTo(centre.x() - dx, centre.y() - dy)
            path.lineTo(centre.x() + dx, centre.y() + dy)
    else:
        path.addEllipse(centre, radius_px, radius_px)
    two_tone(painter, path, dashed=dashed)


def draw_line(
    painter: QPainter, view: View, places: Sequence[tuple[float, float]], *, dashed: bool = False
) -> None:
    """A line through places of the map."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([view.to_screen(x, y) for x, y in places]))
    two_tone(painter, path, dashed=dashed)


def draw_area(
    painter: QPainter, view: View, corners: Sequence[tuple[float, float]], colour: QColor
) -> None:
    """A closed area of the map, filled with a veil of a colour."""
    if not corners:
        return
    polygon = QPolygonF([view.to_screen(x, y) for x, y in corners])
    veil = QColor(colour)
    veil.setAlpha(110)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(veil)
    painter.drawPolygon(polygon, Qt.FillRule.OddEvenFill)
    path = QPainterPath()
    path.addPolygon(polygon)
    path.closeSubpath()
    two_tone(painter, path)


def draw_frame(painter: QPainter, view: View, rect: Rect) -> None:
    """A dashed frame around a rectangle of the map."""
    path = QPainterPath()
    path.addRect(screen_rect(view, rect))
    two_tone(painter, path, dashed=True)


def screen_rect(view: View, rect: Rect) -> QRectF:
    """A rectangle of the map on the screen."""
    return QRectF(view.to_screen(rect.x, rect.y), view.to_screen(rect.right, rect.bottom))


def draw_handle(painter: QPainter, centre: QPointF, *, hot: bool = False) -> None:
    """A round handle; `hot` where the pointer would take it."""
    painter.setPen(QPen(QColor(20, 20, 20), 1.2))
    painter.setBrush(WARM if hot else QColor(255, 255, 255))
    side = HANDLE_PX + (1.5 if hot else 0)
    painter.drawEllipse(centre, side, side)


def draw_handles(
    painter: QPainter, view: View, handles: npt.NDArray[np.float64], hot: int | None = None
) -> None:
    """Handles (n, 3) of a stroke, thinned out where they would hide each other."""
    last: QPointF | None = None
    for number, (x, y, _) in enumerate(handles.tolist()):
        centre = view.to_screen(x, y)
        ends = number in {0, len(handles) - 1, hot}
        if last is not None and not ends:
            apart = centre - last
            if abs(apart.x()) + abs(apart.y()) < 4 * HANDLE_PX:
                continue
        draw_handle(painter, centre, hot=number == hot)
        last = centre


def draw_caption(painter: QPainter, near: QPointF, text: str) -> None:
    """A short text beside the pointer."""
    place = near + QPointF(16, 24)
    box = QRectF(painter.fontMetrics().boundingRect(text)).translated(place)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 20, 20, 190))
    painter.drawRoundedRect(box.adjusted(-6, -3, 6, 3), 4, 4)
    painter.setPen(LIGHT)
    painter.drawText(place, text)


def stroke_path(stroke: Stroke) -> QPainterPath:
    """The true outline of a stroke, in map px."""
    outline = stroke.outline
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    offsets = outline.offsets.tolist()
    for begin, end in pairwise(offsets):
        corners: Iterable[list[float]] = outline.corners[begin:end].tolist()
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        path.closeSubpath()
    for x, y, radius in outline.discs.tolist():
        disc = QPainterPath()
        disc.addEllipse(QPointF(x, y), radius, radius)
        path.addPath(disc.toReversed())  # turns as the polygons do, so that overlaps stay filled
    return path


def draw_stroke(painter: QPainter, view: View, stroke: Stroke, rgb: RGB) -> None:
    """A stroke at its true width, in its colour."""
    painter.save()
    painter.translate(view.to_screen(0.0, 0.0))
    painter.scale(view.scale, view.scale)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*rgb))
    painter.drawPath(stroke_path(stroke))
    painter.restore()
    draw_line(painter, view, [(x, y) for x, y, _ in stroke.points.tolist()])
