"""The drawn map behind overlays and tools, kept so that only what is new must be drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion

_MANY_RECTS = 8


class Backdrop:
    """A picture as large as the view, in device px, that is moved along with the map."""

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._spoilt = QRegion()
        self._origin = (0, 0)
        self._scale = 0.0

    @property
    def picture(self) -> QPixmap:
        """The map as it was drawn last."""
        return self._picture

    @property
    def whole(self) -> QRect:
        """All of it."""
        return self._picture.rect()

    def follow(self, size: QSize, scale: float, origin: tuple[int, int]) -> None:
        """Go where the view looks; what comes into view by that is to be drawn.

        Args:
            size: of the view, device px.
            scale: device px per map px.
            origin: the view's top left corner, device px of the scaled map.
        """
        if size != self._picture.size():
            self._picture = QPixmap(size)
            self.spoil()
        dx, dy = self._origin[0] - origin[0], self._origin[1] - origin[1]
        moved_away = abs(dx) >= size.width() or abs(dy) >= size.height()
        if scale != self._scale or moved_away:
            self.spoil()
        elif dx or dy:
            exposed = QRegion()
            self._picture.scroll(dx, dy, self.whole, exposed)
            self._spoilt = self._spoilt.translated(dx, dy).united(exposed).intersected(self.whole)
        self._scale, self._origin = scale, origin

    def spoil(self, rect: QRect | None = None) -> None:
        """What is drawn there, or everywhere, is out of date."""
        self._spoilt = QRegion(self.whole) if rect is None else self._spoilt.united(rect)

    def mend(self, draw: Callable[[QPainter, QRect], None]) -> None:
        """Draw what is out of date.

        Args:
            draw: draws all of a rectangle, device px, to which the painter is clipped.
        """
        spoilt = self._spoilt.intersected(self.whole)
        self._spoilt = QRegion()
        if spoilt.isEmpty():
            return
        rects = [spoilt.boundingRect()] if spoilt.rectCount() > _MANY_RECTS else [*spoilt]  # type: ignore[misc] # the stubs do not know that regions iterate
        painter = QPainter(self._picture)
        try:
            for rect in rects:
                painter.setClipRect(rect)
                draw(painter, rect)
        finally:
            painter.end()

    def show(self, painter: QPainter, exposed: QRect, ratio: float) -> None:
        """Draw what is exposed of the view.

        Args:
            painter: in logical px.
            exposed: logical px.
            ratio: device px per logical px.
        """
        left, top = exposed.x() * ratio, exposed.y() * ratio
        size = exposed.width() * ratio, exposed.height() * ratio
        painter.drawPixmap(QRectF(exposed), self._picture, QRectF(left, top, *size))


def _rects_of(region: QRegion) -> list[QRect]:
    return [*region]  # type: ignore[misc] # the stubs do not know that regions iterate
