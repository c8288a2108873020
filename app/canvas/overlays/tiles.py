"""The tile grid with the state of each tile: thin lines, a faint tint, a small mark in a corner."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap

from app.canvas.overlays.drawing import (
    ACCENT,
    INK,
    badge,
    draw_plate,
    faded,
    on_screen,
    pen,
    small_font,
    visible_tiles,
)
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.canvas.overlays.tile_raster import TileRaster
from app.core.run_status import TileState
from app.workspace.compiled_tiles import tile_under
from app.workspace.looks import STATE_ICONS, state_colour, state_label
from app.workspace.pixels import rgb_image
from app.workspace.workspace import Workspace
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

_LINE = QColor(16, 20, 26, 92)
_LIGHT = QColor(255, 255, 255, 40)

_SPACING_PX = 14.0
"""Lines nearer than this are thinned out to every second, fourth, ... one."""

_MARK_FROM_PX = 56.0
_LABEL_FROM_PX = 150.0
"""Side of a tile on screen from which it has a mark, and words beside it."""

_BADGE_PX = 18
_REASON_CHARS = 60


class TileGrid(Overlay):
    """Shows where tiles stand and how far each is."""

    name = "overlay.grid"

    def __init__(self, workspace: Workspace, *, visible: bool = True) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        self._raster: TileRaster | None = None
        self._working: set[TileCoord] = set()
        self._hovered: TileCoord | None = None
        workspace.map_opened.connect(self._on_map_opened)
        workspace.settings_changed.connect(self._on_settings_changed)
        workspace.tiles_changed.connect(self._on_tiles_changed)
        workspace.step_done.connect(self._on_step_done)
        workspace.pointer_moved.connect(self._on_pointer_moved)

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw the tiles in the exposed part."""
        raster = self._current_raster()
        if raster is None:
            return
        grid = raster.grid
        rows, cols = visible_tiles(grid, exposed)
        if not rows or not cols:
            return
        painter.setClipRect(on_screen(view, grid.map_rect), Qt.ClipOperation.IntersectClip)
        stride = grid.stride_px
        part = Rect(
            cols.start * stride, rows.start * stride, len(cols) * stride, len(rows) * stride
        )
        raster.draw_tints(painter, on_screen(view, part), rows, cols)
        self._draw_lines(painter, view, rows, cols, stride)
        side_px = stride * view.scale
        if side_px >= _LABEL_FROM_PX:
            self._draw_hover(painter, view, grid)
            for tile, kind in raster.marked(rows, cols):
                self._draw_tile(painter, view, grid, tile, kind)
            return
        for tile in self._working:
            if tile.row in rows and tile.col in cols:
                state = self._workspace.state_of(tile)
                self._draw_preview(painter, view, grid, tile, state)
        if side_px >= _MARK_FROM_PX:
            self._draw_hover(painter, view, grid)
            self._draw_marks(painter, view, raster, rows, cols)

    def _draw_lines(
        self, painter: QPainter, view: MapFrame, rows: range, cols: range, stride_px: int
    ) -> None:
        side_px = stride_px * view.scale
        every = 1
        while every * side_px < _SPACING_PX:
            every *= 2
        first = view.to_screen(cols.start * stride_px, rows.start * stride_px)
        last = view.to_screen(cols.stop * stride_px, rows.stop * stride_px)
        lines = []
        for col in range(-(-cols.start // every) * every, cols.stop + 1, every):
            x = round(view.to_screen(col * stride_px, 0).x()) + 0.5
            lines.append(QLineF(x, first.y(), x, last.y()))
        for row in range(-(-rows.start // every) * every, rows.stop + 1, every):
            y = round(view.to_screen(0, row * stride_px).y()) + 0.5
            lines.append(QLineF(first.x(), y, last.x(), y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        strength = min(1.0, 0.35 + every * side_px / 160)
        painter.setPen(pen(faded(_LINE, strength)))
        painter.drawLines(lines)
        if side_px >= _MARK_FROM_PX:
            painter.setPen(pen(_LIGHT))
            painter.drawLines(
                [
                    line.translated(1, 0) if line.dx() == 0 else line.translated(0, 1)
                    for line in lines
                ]
            )

    def _draw_hover(self, painter: QPainter, view: MapFrame, grid: Grid) -> None:
        if self._hovered is not None and grid.has(self._hovered):
            painter.setPen(pen(QColor(255, 255, 255, 90)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            core = on_screen(view, grid.core(self._hovered).intersect(grid.map_rect))
            painter.drawRect(core.adjusted(1.5, 1.5, -1.5, -1.5))

    def _draw_marks(
        self, painter: QPainter, view: MapFrame, raster: TileRaster, rows: range, cols: range
    ) -> None:
        """The marks of tiles that are too small for words; there may be hundreds."""
        ratio = painter.device().devicePixelRatioF()
        origin, side = view.to_screen(0, 0), raster.grid.stride_px * view.scale
        marks = {kind: _mark_of(kind, ratio) for kind in STATE_ICONS}
        for tile, kind in raster.marked(rows, cols):
            if kind != "done":
                x, y = origin.x() + tile.col * side + 5, origin.y() + tile.row * side + 5
                painter.drawPixmap(round(x), round(y), marks[kind])

    def _draw_tile(
        self, painter: QPainter, view: MapFrame, grid: Grid, tile: TileCoord, kind: str
    ) -> None:
        core = on_screen(view, grid.core(tile).intersect(grid.map_rect))
        state = self._workspace.state_of(tile) if kind in {"generating", "failed"} else None
        if kind == "generating" and state is not None:
            self._draw_preview(painter, view, grid, tile, state)
        corner = core.topLeft() + QPointF(6, 6)
        painter.setOpacity(0.6 if kind == "done" else 1.0)
        painter.drawPixmap(corner, _mark_of(kind, painter.device().devicePixelRatioF()))
        painter.setOpacity(1.0)
        if kind != "done":
            _draw_label(painter, core, corner, kind, state)

    def _draw_preview(
        self, painter: QPainter, view: MapFrame, grid: Grid, tile: TileCoord, state: TileState
    ) -> None:
        """The picture that is being made, where the tile will be."""
        core = on_screen(view, grid.core(tile).intersect(grid.map_rect))
        if state.preview is not None:
            painter.save()
            painter.setClipRect(core, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(on_screen(view, grid.window(tile)), rgb_image(state.preview))
            painter.restore()
        painter.setPen(pen(ACCENT, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(core.adjusted(0.5, 0.5, -0.5, -0.5))
        if core.width() >= _MARK_FROM_PX:
            _draw_progress(painter, core, state)

    def _current_raster(self) -> TileRaster | None:
        grid = self._workspace.grid if self._workspace.document is not None else None
        if grid is None:
            self._raster = None
        elif self._raster is None or self._raster.grid != grid:
            self._raster = TileRaster(grid, lambda tile: self._workspace.state_of(tile).kind)
            self._working = {
                tile
                for tile, kind in self._raster.marked(range(grid.rows), range(grid.cols))
                if kind == "generating"
            }
        return self._raster

    def _on_map_opened(self) -> None:
        self._raster, self._hovered = None, None
        self._working.clear()
        self.changed.emit()

    def _on_settings_changed(self) -> None:
        if self._raster is not None and self._workspace.grid != self._raster.grid:
            self._on_map_opened()

    def _on_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        if self._raster is None:
            return
        self._raster.update(tiles)
        for tile in tiles:
            working = self._workspace.state_of(tile).kind == "generating"
            (self._working.add if working else self._working.discard)(tile)
        if self.visible:
            self.changed.emit()

    def _on_step_done(self, _step: object) -> None:
        if self.visible:
            self.changed.emit()

    def _on_pointer_moved(self, at: tuple[float, float] | None) -> None:
        before, self._hovered = (
            self._hovered,
            tile_under(self._raster.grid if self._raster else None, at),
        )
        if self.visible and before != self._hovered:
            self.changed.emit()


def _mark_of(kind: str, ratio: float) -> QPixmap:
    return badge(STATE_ICONS[kind], state_colour(kind).rgb(), _BADGE_PX, ratio)


def _draw_progress(painter: QPainter, core: QRectF, state: TileState) -> None:
    """A thin bar along the tile's lower border."""
    share = state.step / state.steps if state.steps else 0.0
    track = QRectF(core.left() + 6, core.bottom() - 9, core.width() - 12, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(14, 18, 24, 150))
    painter.drawRoundedRect(track, 1.5, 1.5)
    painter.setBrush(ACCENT)
    painter.drawRoundedRect(
        QRectF(track.topLeft(), track.bottomLeft() + QPointF(track.width() * share, 0)), 1.5, 1.5
    )


def _draw_label(
    painter: QPainter, core: QRectF, corner: QPointF, kind: str, state: TileState | None
) -> None:
    text = state_label(kind)
    if state is not None and kind == "generating" and state.steps:
        text = QCoreApplication.translate("TileGrid", "Step {step} of {steps}").format(
            step=state.step, steps=state.steps
        )
    elif state is not None and state.reason:
        text = state.reason[:_REASON_CHARS]
    painter.save()
    painter.setFont(small_font(painter))
    room = core.right() - corner.x() - _BADGE_PX - 24
    text = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room)
    draw_plate(painter, corner + QPointF(_BADGE_PX + 4, -1), [text])
    painter.setPen(INK)
    painter.restore()
