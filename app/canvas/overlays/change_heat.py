"""The change map of the tile under the pointer, with the number of free steps at its tip."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.overlays.drawing import (
    draw_plate,
    draw_scale,
    on_screen,
    pen,
    plate_size,
    small_font,
)
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.workspace.compiled_tiles import CompiledTiles, tile_under
from app.workspace.looks import free_colour, free_label, free_table
from app.workspace.pixels import rgba_image
from app.workspace.workspace import Workspace
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import TileCoord

_KEPT_OPACITY, _FREE_OPACITY = 0.78, 0.3
"""What is kept is covered the most: what is free stays visible."""

_BESIDE_POINTER = QPointF(18, 20)
_LEGEND_FROM_BOTTOM_PX = 64


class ChangeHeat(Overlay):
    """Shows where the model may paint freely, tile by tile as the pointer moves."""

    name = "overlay.change_map"

    def __init__(self, workspace: Workspace, *, visible: bool = False) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        self._tiles = CompiledTiles.of(workspace)
        self._tiles.ready.connect(self._on_tiles_ready)
        self._pointer: tuple[float, float] | None = None
        self._shown: CompiledWindow | None = None
        self._steps = 0
        self._image: QImage | None = None
        workspace.pointer_moved.connect(self._on_pointer_moved)
        workspace.map_opened.connect(self._on_map_opened)

    @property
    def tile(self) -> TileCoord | None:
        """The tile whose change map is shown."""
        return None if self._shown is None else self._shown.tile

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw the change map of the tile under the pointer, a legend, and words at the pointer."""
        del exposed
        grid = self._workspace.grid if self._workspace.document is not None else None
        if grid is None:
            return
        compiled = self._shown
        if compiled is not None and self._image is not None:
            area = on_screen(view, compiled.rect)
            painter.save()
            painter.setClipRect(on_screen(view, grid.map_rect), Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, view.scale < 1)
            painter.drawImage(area, self._image)
            painter.restore()
            painter.setPen(pen(QColor(255, 255, 255, 120)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)
        self._draw_legend(painter)
        self._draw_words(painter, view)

    def words(self) -> str:
        """What is true under the pointer, or "" where nothing is known."""
        compiled, at = self._shown, self._pointer
        if compiled is None or at is None or self._steps < 1:
            return ""
        x, y = int(at[0] // 1) - compiled.rect.x, int(at[1] // 1) - compiled.rect.y
        if not (0 <= x < compiled.rect.width and 0 <= y < compiled.rect.height):
            return ""
        return free_label(int(compiled.free_steps[y, x]), self._steps)

    def _draw_words(self, painter: QPainter, view: MapFrame) -> None:
        words = self.words()
        if not words or self._pointer is None:
            return
        painter.setFont(small_font(painter))
        size = plate_size(painter, [words])
        corner = view.to_screen(*self._pointer) + _BESIDE_POINTER
        room = painter.viewport()
        corner.setX(min(corner.x(), room.width() - size.width() - 4))
        if corner.y() + size.height() > room.height():
            corner.setY(corner.y() - size.height() - 2 * _BESIDE_POINTER.y())
        draw_plate(painter, corner, [words])

    def _draw_legend(self, painter: QPainter) -> None:
        ends = (
            QCoreApplication.translate("ChangeHeat", "kept"),
            QCoreApplication.translate("ChangeHeat", "free"),
        )
        title = QCoreApplication.translate("ChangeHeat", "What the model may change")
        corner = QPointF(12, painter.viewport().height() - _LEGEND_FROM_BOTTOM_PX)
        painter.save()
        draw_scale(painter, corner, title, ends, [free_colour(step, 4) for step in range(5)])
        painter.restore()

    def _on_visible_changed(self) -> None:
        if self.visible:
            self._want()
        else:
            self._tiles.want(self.name, None)

    def _want(self) -> None:
        tile = tile_under(self._workspace.grid, self._pointer)
        if tile is None:
            return
        self._tiles.want(self.name, tile)
        made = self._tiles.get(tile)
        if made is not None and made is not self._shown:
            self._on_tiles_ready(tile, made)

    def _on_pointer_moved(self, at: tuple[float, float] | None) -> None:
        self._pointer = at
        if self.visible:
            if at is not None and self._workspace.document is not None:
                self._want()
            self.changed.emit()

    def _on_tiles_ready(self, tile: TileCoord, compiled: CompiledWindow) -> None:
        if not self.visible or tile_under(self._workspace.grid, self._pointer) != tile:
            return
        self._shown, self._steps = compiled, self._workspace.settings.steps
        self._image = rgba_image(_heat_table(self._steps)[compiled.free_steps])
        self.changed.emit()

    def _on_map_opened(self) -> None:
        self._shown, self._image, self._pointer = None, None, None
        self._tiles.want(self.name, None)
        self.changed.emit()


def _heat_table(steps: int) -> npt.NDArray[np.uint8]:
    """RGBA by number of free steps, uint8 (steps + 1, 4)."""
    share = np.arange(steps + 1) / steps
    alpha = _KEPT_OPACITY + share * (_FREE_OPACITY - _KEPT_OPACITY)
    opaque = np.rint(alpha[:, None] * 255).astype(np.uint8)
    return np.concatenate([free_table(steps), opaque], axis=1)
