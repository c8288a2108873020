"""The map view."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from app.canvas.camera import Camera
from app.canvas.overlays.overlay import Overlay
from app.canvas.tools.tool import Tool
from app.workspace.workspace import Workspace
from zones.geometry import Rect

Mode = Literal["zones", "art", "blend"]


class MapView(QWidget):
    """The map, painted and finished, under tools and overlays.

    Signals:
        tool_changed: another tool is in use.
        view_changed: scale, origin, size or what is shown is another.
    """

    tool_changed = Signal()
    view_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.camera = Camera()
        self.tool: Tool | None = None
        self.overlays: list[Overlay] = []
        self.mode: Mode = "zones"
        self.blend_opacity = 0.6
        self.show_stencils = True

    @property
    def scale(self) -> float:
        """Logical screen px per map px."""
        return self.camera.scale

    @property
    def origin(self) -> tuple[float, float]:
        """Map px at the top left corner."""
        return self.camera.x, self.camera.y

    def to_map(self, point: QPointF) -> tuple[float, float]:
        """Map px under a point of the widget."""
        return self.camera.to_map(point.x(), point.y())

    def to_screen(self, x: float, y: float) -> QPointF:
        """Point of the widget at which a place of the map is shown."""
        return QPointF(*self.camera.to_screen(x, y))

    def visible_rect(self) -> Rect:
        """The part of the map that shows, map px; of no area where none does."""
        return self.camera.visible()

    def show_rect(self, rect: Rect) -> None:
        """Show a rectangle of the map as large as it fits."""
        self.camera.show(rect)
        self.update()
        self.view_changed.emit()

    def fit(self) -> None:
        """Show the whole map."""
        self.show_rect(Rect(0, 0, *self.camera.map_size))

    def set_scale(self, scale: float, around: QPointF | None = None) -> None:
        """Zoom; the place under `around` (else the middle) stays where it is."""
        at = QPointF(self.rect().center()) if around is None else around
        self.camera.zoom(scale, at.x(), at.y())
        self.update()
        self.view_changed.emit()

    def set_tool(self, tool: Tool | None) -> None:
        """Take up another tool."""
        self.tool = tool
        self.tool_changed.emit()

    def add_overlay(self, overlay: Overlay) -> None:
        """Lay an overlay over those there are."""
        self.overlays.append(overlay)
        overlay.changed.connect(self.update)
