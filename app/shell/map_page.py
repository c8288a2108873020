"""The middle of the window: bars above the map, or the start page while no map is open."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.canvas.view import MapView
from app.shell.bars import Bars
from app.shell.welcome import Welcome


class MapPage(QWidget):
    """Bars over the map view or the start page."""

    def __init__(self, view: MapView, welcome: Welcome) -> None:
        super().__init__()
        self.bars = Bars()
        self._pages = QStackedWidget()
        self._view, self._welcome = view, welcome
        self._pages.addWidget(welcome)
        self._pages.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bars)
        column.addWidget(self._pages, 1)

    def show_map(self, shown: bool) -> None:
        """Show the map, or the start page."""
        self._pages.setCurrentWidget(self._view if shown else self._welcome)
