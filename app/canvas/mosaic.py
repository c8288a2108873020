"""Draws pieces side by side; where one is missing, what other pieces show of the place."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QPainter

from app.canvas.pieces import Key, Piece, PieceCache, Pyramid, Source
from zones.geometry import Rect

CRISP_SCALE = 2.0
"""Single px of the map show as squares from this scale on, device px per map px."""

_CHILDREN = 4

_WHOLE_SCALE = 16.0
_PART_PX = 32

_OTHER: dict[Source, Source] = {"zones": "sketch", "sketch": "zones"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One drawing of the map in device px.

    Attributes:
        pyramid: of the map.
        scale: device px per map px.
        origin: the view's top left corner in device px of the scaled map.
        exposed: what is to be drawn, device px of the view.
    """

    pyramid: Pyramid
    scale: float
    origin: tuple[int, int]
    exposed: QRect

    def spot(self, level: int, area: Rect) -> QRect:
        """Where a part of a level is drawn; neighbours meet without a gap."""
        scale = self.scale * (1 << level)
        left, top = self._along(area.x * scale, 0), self._along(area.y * scale, 1)
        right, bottom = self._along(area.right * scale, 0), self._along(area.bottom * scale, 1)
        return QRect(left, top, right - left, bottom - top)

    def map_rect(self) -> Rect:
        """The part of the map that is exposed, map px."""
        x = (self.exposed.x() + self.origin[0]) / self.scale
        y = (self.exposed.y() + self.origin[1]) / self.scale
        right = x + self.exposed.width() / self.scale
        bottom = y + self.exposed.height() / self.scale
        left, top = int(x // 1), int(y // 1)
        found = Rect(
            left, top, max(0, int(-(-right // 1)) - left), max(0, int(-(-bottom // 1)) - top)
        )
        return found.intersect(self.pyramid.map_rect)

    def _along(self, place: float, axis: int) -> int:
        return round(place) - self.origin[axis]


class Mosaic:
    """Draws one source at one level.

    Args:
        painter: in device px.
        frame: what is drawn.
        cache: gives the pieces.
        smooth: whether pieces that are drawn smaller or a little larger are smoothed.
    """

    def __init__(
        self, painter: QPainter, frame: Frame, cache: PieceCache, *, smooth: bool = True
    ) -> None:
        self._painter = painter
        self._frame = frame
        self._cache = cache
        self._smooth = smooth

    def draw(self, source: Source, level: int, *, without: Source | None = None) -> None:
        """Draw what is exposed.

        Args:
            source: of the pieces.
            level: of the pieces, if they are there.
            without: places at which this source's pieces hide everything are left out.
        """
        columns, rows = self._frame.pyramid.places(level, self._frame.map_rect())
        for row in rows:
            for column in columns:
                if without is not None and self._hidden(Key(without, level, column, row)):
                    continue
                self._draw_place(Key(source, level, column, row))

    def _hidden(self, key: Key) -> bool:
        piece = self._cache.peek(key)
        return piece is not None and piece.full

    def _draw_place(self, key: Key) -> None:
        piece = self._cache.use(key)
        area = self._frame.pyramid.area(key.level, key.column, key.row)
        if piece is not None:
            self._draw(piece, area, key.level)
            return
        other = _OTHER.get(key.source)
        twin = None if other is None else self._cache.peek(key._replace(source=other))
        if twin is not None:
            self._draw(twin, area, key.level)
            return
        finer = self._finer(key)
        if len(finer) < _CHILDREN:
            self._draw_coarser(key, area)
        for below, finer_piece in finer:
            inner = self._frame.pyramid.area(below.level, below.column, below.row)
            self._draw(finer_piece, inner, below.level)

    def _finer(self, key: Key) -> list[tuple[Key, Piece]]:
        """The pieces of the next finer level in the place of a missing one."""
        if not key.level:
            return []
        columns, rows = 2 * key.column, 2 * key.row
        keys = [
            Key(key.source, key.level - 1, column, row)
            for row in (rows, rows + 1)
            for column in (columns, columns + 1)
        ]
        pieces = ((below, self._cache.peek(below)) for below in keys)
        return [(below, piece) for below, piece in pieces if piece is not None]

    def _draw_coarser(self, key: Key, area: Rect) -> None:
        """Stretch the part of the nearest coarser piece over the place of a missing one."""
        for level in range(key.level + 1, self._frame.pyramid.levels):
            up = level - key.level
            at = Key(key.source, level, key.column >> up, key.row >> up)
            piece = self._cache.use(at)
            if piece is None:
                continue
            whole = self._frame.pyramid.area(level, at.column, at.row)
            side = 1 << up
            part = QRectF(
                area.x / side - whole.x,
                area.y / side - whole.y,
                area.width / side,
                area.height / side,
            )
            self._paint(piece, self._frame.spot(key.level, area), part, smooth=True)
            return

    def _draw(self, piece: Piece, area: Rect, level: int) -> None:
        """Draw a piece: in fixed parts where it is much enlarged, to keep px exact."""
        scale = self._frame.scale * (1 << level)
        smooth = scale != 1 and scale < CRISP_SCALE
        if scale <= _WHOLE_SCALE or piece.image is None:
            part = QRectF(0, 0, area.width, area.height)
            self._paint(piece, self._frame.spot(level, area), part, smooth=smooth)
            return
        for y in range(area.y, area.bottom, _PART_PX):
            for x in range(area.x, area.right, _PART_PX):
                inner = Rect(x, y, _PART_PX, _PART_PX).intersect(area)
                spot = self._frame.spot(level, inner)
                if spot.intersects(self._frame.exposed):
                    part = QRectF(x - area.x, y - area.y, inner.width, inner.height)
                    self._paint(piece, spot, part, smooth=smooth)

    def _paint(self, piece: Piece, spot: QRect, part: QRectF, *, smooth: bool) -> None:
        image = piece.image
        if image is None:
            blue, green, red, alpha = piece.colour
            if alpha:
                self._painter.fillRect(spot, QColor(red, green, blue, alpha))
            return
        self._painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, smooth and self._smooth
        )
        self._painter.drawImage(QRectF(spot), image, part)
