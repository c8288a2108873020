"""The outlines of the selected region and of the selected tile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.overlays.drawing import ACCENT, SHADE, faded, on_screen, pen
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.workspace.workspace import Workspace
from zones.geometry import Rect

_WHITE = QColor(255, 255, 255, 225)
_DASH = [4.0, 4.0]
_WINDOW_FROM_PX = 90.0
"""Side of a tile on screen from which its whole window is outlined too."""


class SelectionOutline(Overlay):
    """Outlines what is selected; on from the start."""

    name = "overlay.selection"

    def __init__(self, workspace: Workspace, *, visible: bool = True) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        workspace.selection_changed.connect(self.changed)

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw the outlines."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._draw_tile(painter, view, exposed)
        rect = self._workspace.selection
        if rect is not None and rect.area and rect.grown(4).intersect(exposed).area:
            box = on_screen(view, rect).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(pen(SHADE))
            painter.drawRect(box)
            dashed = QPen(pen(_WHITE))
            dashed.setDashPattern(_DASH)
            painter.setPen(dashed)
            painter.drawRect(box)

    def _draw_tile(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        tile = self._workspace.selected_tile
        grid = self._workspace.grid if self._workspace.document is not None else None
        if tile is None or grid is None or not grid.has(tile):
            return
        if not grid.window(tile).intersect(exposed).area:
            return
        core = on_screen(view, grid.core(tile).intersect(grid.map_rect))
        if core.width() >= _WINDOW_FROM_PX and grid.margin_px:
            dotted = QPen(pen(faded(ACCENT, 0.7)))
            dotted.setDashPattern([1.0, 4.0])
            painter.setPen(dotted)
            painter.drawRect(on_screen(view, grid.window(tile)).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(pen(SHADE, 4.0))
        painter.drawRect(core.adjusted(1, 1, -1, -1))
        painter.setPen(pen(ACCENT, 2.0))
        painter.drawRect(core.adjusted(1, 1, -1, -1))
