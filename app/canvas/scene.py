"""How the map's pictures lie over each other: painted, finished, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter, QPalette

from app.canvas.mosaic import Frame, Mosaic
from app.canvas.picture import MapPicture
from app.canvas.pieces import Source

Mode = Literal["zones", "art", "blend"]
"""`zones`: what is painted; `art`: what is finished; `blend`: finished over painted."""

_UNDER_ART = 0.35
"""Opacity of zones where nothing is finished yet, in the mode `art`."""

_LIGHT = 0.5
_EDGE = QColor(0, 0, 0, 90)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn of the map.

    Attributes:
        mode: which pictures.
        sketch: source of what is painted.
        opacity: of finished art in the mode `blend`.
        smooth: whether pieces are smoothed.
    """

    mode: Mode
    sketch: Source
    opacity: float
    smooth: bool


def draw_map(
    painter: QPainter,
    frame: Frame,
    level: int,
    picture: MapPicture,
    shown: Shown,
    palette: QPalette,
) -> None:
    """Draw all that is exposed: the surround, then the map, which just ends at its rim.

    Args:
        painter: in device px.
        frame: what is drawn.
        level: mip level of the pieces.
        picture: the pieces.
        shown: which of them.
        palette: of the widget, for the surround.
    """
    painter.fillRect(frame.exposed, surround(palette))
    on_map = _inside(frame)
    if on_map.isEmpty() or not picture.is_open:
        return
    painter.setClipRect(on_map)
    mosaic = Mosaic(painter, frame, picture.cache, smooth=shown.smooth)
    if shown.mode == "art":
        painter.setOpacity(_UNDER_ART)
        mosaic.draw(shown.sketch, level, without="art")
    else:
        mosaic.draw(shown.sketch, level)
    if shown.mode != "zones":
        painter.setOpacity(shown.opacity if shown.mode == "blend" else 1.0)
        mosaic.draw("art", level)
    painter.setOpacity(1.0)


def draw_edge(painter: QPainter, edge: QRectF) -> None:
    """Draw a thin line around the map, in logical px."""
    painter.setPen(_EDGE)
    painter.drawRect(edge.adjusted(-1, -1, 0, 0))


def surround(palette: QPalette) -> QColor:
    """The colour beyond the map: a little darker than the window."""
    window = palette.color(QPalette.ColorRole.Window)
    return window.darker(112 if window.lightnessF() > _LIGHT else 125)


def _inside(frame: Frame) -> QRect:
    return frame.spot(0, frame.pyramid.map_rect).intersected(frame.exposed)
