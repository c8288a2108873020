"""What all overlays draw with: the map's transform, quiet plates of text, marks, colour scales."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPen,
    QPixmap,
    QTransform,
)

from app.canvas.overlays.overlay import MapFrame
from app.workspace.icons import icon
from zones.geometry import Rect
from zones.grid import Grid

ACCENT = QColor(74, 163, 255)
"""Colour of what is chosen or in work."""

PLATE = QColor(22, 26, 33, 208)
INK = QColor(240, 243, 247)
SHADE = QColor(14, 18, 24, 120)

_PAD_PX = 7.0
_RADIUS_PX = 5.0


def map_transform(view: MapFrame) -> QTransform:
    """From map px to widget px."""
    origin, scale = view.to_screen(0, 0), view.scale
    return QTransform(scale, 0, 0, scale, origin.x(), origin.y())


def on_screen(view: MapFrame, rect: Rect) -> QRectF:
    """A map rectangle in widget px."""
    return QRectF(
        view.to_screen(rect.x, rect.y), QSizeF(rect.width * view.scale, rect.height * view.scale)
    )


def visible_tiles(grid: Grid, exposed: Rect) -> tuple[range, range]:
    """Rows and columns whose cores are in a rectangle of the map's frame."""
    shown = exposed.intersect(grid.map_rect)
    if not shown.area:
        return range(0), range(0)
    stride = grid.stride_px
    return (
        range(shown.y // stride, -(-shown.bottom // stride)),
        range(shown.x // stride, -(-shown.right // stride)),
    )


def pen(colour: QColor, width_px: float = 1.0, style: Qt.PenStyle | None = None) -> QPen:
    """A pen whose width is in widget px whatever the painter's transform."""
    found = QPen(colour, width_px)
    found.setCosmetic(True)
    if style is not None:
        found.setStyle(style)
    return found


def faded(colour: QColor, share: float) -> QColor:
    """The colour with a share of its opacity, 0 to 1."""
    found = QColor(colour)
    found.setAlphaF(colour.alphaF() * max(0.0, min(1.0, share)))
    return found


def small_font(painter: QPainter, scale: float = 0.9) -> QFont:
    """The painter's font, a little smaller."""
    font = QFont(painter.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(7.0, font.pointSizeF() * scale))
    return font


def plate_size(painter: QPainter, lines: Sequence[str]) -> QSizeF:
    """Size of the plate that `draw_plate` draws, px."""
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines)
    return QSizeF(width + 2 * _PAD_PX, metrics.lineSpacing() * len(lines) + _PAD_PX)


def draw_plate(painter: QPainter, corner: QPointF, lines: Sequence[str]) -> QRectF:
    """Lines of text on a dark rounded plate; returns where it is."""
    box = QRectF(corner, plate_size(painter, lines))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
    painter.setPen(INK)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    text = box.adjusted(_PAD_PX, _PAD_PX / 2, -_PAD_PX, -_PAD_PX / 2)
    painter.drawText(text, int(Qt.AlignmentFlag.AlignLeft), "\n".join(lines))
    return box


def draw_scale(
    painter: QPainter, corner: QPointF, title: str, ends: tuple[str, str], colours: Sequence[QColor]
) -> QRectF:
    """A legend: a title over a colour ramp with words at its ends; returns where it is."""
    painter.setFont(small_font(painter))
    metrics = QFontMetricsF(painter.font())
    ramp_px = 92.0
    row = metrics.height()
    words_px = metrics.horizontalAdvance(ends[0]) + metrics.horizontalAdvance(ends[1]) + 12
    width = max(metrics.horizontalAdvance(title), ramp_px + words_px) + 2 * _PAD_PX
    box = QRectF(corner, QSizeF(width, 2 * row + 2 * _PAD_PX))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
    left, below = box.x() + _PAD_PX, box.y() + _PAD_PX + row
    start = left + metrics.horizontalAdvance(ends[0]) + 6
    ramp = QRectF(start, below + row / 2 - 3, ramp_px, 6)
    painter.setBrush(_ramp_brush(ramp, colours))
    painter.drawRoundedRect(ramp, 3, 3)
    painter.setPen(INK)
    baseline = metrics.ascent()
    painter.drawText(QPointF(left, box.y() + _PAD_PX * 0.7 + baseline), title)
    painter.drawText(QPointF(left, below + baseline), ends[0])
    painter.drawText(QPointF(ramp.right() + 6, below + baseline), ends[1])
    return box


def _ramp_brush(ramp: QRectF, colours: Sequence[QColor]) -> QBrush:
    gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
    for index, colour in enumerate(colours):
        gradient.setColorAt(index / max(1, len(colours) - 1), colour)
    return QBrush(gradient)


@lru_cache(maxsize=64)
def badge(icon_name: str, rgb: int, side_px: int, ratio: float) -> QPixmap:
    """A round mark with an icon, `side_px` wide in logical px; GUI thread only."""
    pixmap = QPixmap(round(side_px * ratio), round(side_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(PLATE)
    painter.drawEllipse(QRectF(0.5, 0.5, side_px - 1, side_px - 1))
    inner = round(side_px * 0.68)
    at = (side_px - inner) // 2
    glyph = icon(icon_name, QColor.fromRgb(rgb).name())
    glyph.paint(painter, QRect(at, at, side_px - 2 * at, side_px - 2 * at))
    painter.end()
    return pixmap
