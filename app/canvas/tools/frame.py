"""The view as tools know it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF

from zones.geometry import Rect


class View(Protocol):
    """What a tool needs of the view it draws on."""

    @property
    def scale(self) -> float:
        """Screen px per map px."""

    def to_screen(self, x: float, y: float, /) -> QPointF:
        """Where a place of the map is in the view."""

    def visible_rect(self) -> Rect:
        """The part of the map that shows, in map px."""
