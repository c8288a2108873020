"""The icons of all windows: Material Design glyphs, drawn in the colour of the text around them.

An icon asks for the application's palette each time it is drawn, so it follows a change of theme.
"""

from __future__ import annotations

from functools import lru_cache

import qtawesome
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

PREFIX = "mdi6"
"""The set that all icons come from: Material Design Icons 6, Apache-2.0."""

_FILL = 0.96
"""Share of an icon's square that its glyph takes."""


def icon(
    name: str,
    colour: str | None = None,
    role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
) -> QIcon:
    """An icon that follows the theme.

    Args:
        name: of the glyph, without prefix, such as `brush`.
        colour: fixed, as `#rrggbb`; None takes the palette's.
        role: of the palette's colour; `HighlightedText` on what stands out.

    Raises:
        ValueError: there is no glyph of that name.
    """
    return QIcon(_Glyph(_character(name), colour, role))


def pixmap(name: str, side_px: int, colour: str | None = None) -> QPixmap:
    """An icon as a picture of `side_px` logical px; arguments as `icon`."""
    return icon(name, colour).pixmap(QSize(side_px, side_px))


@lru_cache(maxsize=512)
def _character(name: str) -> str:
    """The glyph's character in the icon font."""
    bare = name.removeprefix(f"{PREFIX}.")
    try:
        return str(qtawesome.charmap(f"{PREFIX}.{bare}"))
    except Exception as error:  # the library raises bare exceptions
        raise ValueError(f"there is no icon {bare!r} in {PREFIX}") from error


class _Glyph(QIconEngine):
    """Draws one character of the icon font."""

    def __init__(self, character: str, colour: str | None, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._character = character
        self._colour = colour
        self._role = role

    def _pen(self, mode: QIcon.Mode) -> QColor:
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, self._role)
        if self._colour is not None:
            return QColor(self._colour)
        return palette.color(QPalette.ColorGroup.Active, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the glyph in the middle of a rectangle."""
        del state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        side = min(rect.width(), rect.height())
        painter.setFont(qtawesome.font(PREFIX, max(1, round(side * _FILL))))
        painter.setPen(self._pen(mode))
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The glyph on a transparent picture."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        """A copy, as Qt asks for one."""
        return _Glyph(self._character, self._colour, self._role)
