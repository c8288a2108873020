"""The map view: draws the map at any size and place, under overlays and the tool in hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.canvas.backdrop import Backdrop
from app.canvas.framing import FramedWidget
from app.canvas.mosaic import Frame
from app.canvas.overlays.overlay import Overlay
from app.canvas.picture import MapPicture
from app.canvas.pieces import Source
from app.canvas.pointing import Pointing
from app.canvas.scene import Mode, Shown, draw_edge, draw_map
from app.canvas.tools.tool import Tool
from app.workspace.workspace import Workspace
from zones.geometry import Rect

FRAME_BUDGET_S = 0.002
"""Piece making in one frame."""

PAUSE_BUDGET_S = 0.003
"""Piece making between two frames."""

REST_MS = 150
"""After so long without a change there is time for what may show soon."""

MANY_PX = 3_000_000
"""Views of more device px are drawn without smoothing while they are zoomed."""

_GO_TO_SHARE = 0.8


class MapView(FramedWidget):
    """The map, painted and finished, under overlays and a tool; made from pieces of mip levels.

    Signals:
        tool_changed: another tool is in use.
        view_changed: scale, origin or size of the view, or what it shows.
        picture_changed: the map looks different somewhere.

    Args:
        workspace: whose map it shows.
    """

    tool_changed = Signal()
    picture_changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.picture = MapPicture(workspace, self)
        self.pointing = Pointing(self)
        self.installEventFilter(self)
        self.tool: Tool | None = None
        self.overlays: list[Overlay] = []
        self._mode: Mode = "zones"
        self._blend_opacity = 0.6
        self._show_stencils = True
        self._backdrop = Backdrop()
        self._in_frame = False
        self._frame_due = False
        self._idle = False
        self._rough = False
        self._repairs = _timer(self, 0, self._on_repairs_timeout)
        self._rest = _timer(self, REST_MS, self._on_rest_timeout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Map"))
        self._connect()
        self._on_map_opened()

    def _connect(self) -> None:
        workspace = self.workspace
        workspace.map_opened.connect(self._on_map_opened)
        workspace.painted.connect(self._on_painted)
        workspace.strokes_changed.connect(self._on_strokes_changed)
        workspace.header_changed.connect(self._on_header_changed)
        workspace.tiles_changed.connect(self._on_tiles_changed)
        workspace.go_to.connect(self._on_go_to)
        self.picture.changed.connect(self._on_picture_changed)

    def set_scale(self, scale: float, around: QPointF | None = None) -> None:
        """Zoom; the place under `around` (else the middle) stays where it is."""
        size = self._device_size()
        self._rough = size.width() * size.height() > MANY_PX
        super().set_scale(scale, around)

    # --- what it shows ---

    @property
    def mode(self) -> Mode:
        """`zones`: what is painted; `art`: what is finished; `blend`: finished over painted."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        self._relook()

    @property
    def blend_opacity(self) -> float:
        """Opacity of finished art over zones in the mode `blend`, 0 to 1."""
        return self._blend_opacity

    @blend_opacity.setter
    def blend_opacity(self, opacity: float) -> None:
        self._blend_opacity = min(max(opacity, 0.0), 1.0)
        self._relook()

    @property
    def show_stencils(self) -> bool:
        """Whether rivers, paths and the like are drawn over the zones."""
        return self._show_stencils

    @show_stencils.setter
    def show_stencils(self, on: bool) -> None:
        self._show_stencils = on
        self._relook()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The pictures that are drawn, lowest first."""
        sketch: Source = "sketch" if self._show_stencils else "zones"
        return (sketch,) if self._mode == "zones" else (sketch, "art")

    @property
    def settled(self) -> bool:
        """Whether everything that shows, or may show soon, is made as it is now."""
        self._look()
        return not self.picture.waiting and not self._rough

    def set_tool(self, tool: Tool | None) -> None:
        """Take up another tool."""
        if tool is self.tool:
            return
        if self.tool is not None:
            self.pointing.let_go()
            self.tool.deactivate()
            self.tool.changed.disconnect(self._on_tool_looks_changed)
        self.tool = tool
        if tool is not None:
            tool.changed.connect(self._on_tool_looks_changed)
            tool.activate()
        self.refresh_cursor()
        self.update()
        self.tool_changed.emit()

    def add_overlay(self, overlay: Overlay) -> None:
        """Lay an overlay over those there are."""
        self.overlays.append(overlay)
        overlay.changed.connect(self.update)
        self.update()

    def refresh_cursor(self) -> None:
        """Show the mouse pointer that fits what the mouse would do now."""
        shape = self.pointing.cursor()
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    # --- changes ---

    def _moved(self) -> None:
        self._idle = False
        self._frame_due = True
        super()._moved()

    def _relook(self) -> None:
        self._backdrop.spoil()
        self._moved()

    def _on_map_opened(self) -> None:
        self.picture.open(self.workspace.document)
        rect = self.picture.pyramid.map_rect
        self.camera.map_size = (rect.width, rect.height)
        self._backdrop.spoil()
        self.fit()

    def _on_painted(self, rect: Rect) -> None:
        self.picture.dirty(rect)
        self._idle = False
        self._on_picture_changed(rect)
        if not self.isVisible():
            self._repairs.start()

    def _on_strokes_changed(self) -> None:
        self.update()

    def _on_header_changed(self) -> None:
        self.picture.renew()
        self._relook()

    def _on_tiles_changed(self, _tiles: object) -> None:
        self.picture.note_tiles()
        self.update()

    def _on_go_to(self, rect: Rect) -> None:
        self.camera.show(rect, _GO_TO_SHARE)
        self._moved()

    def _on_tool_looks_changed(self) -> None:
        self.refresh_cursor()
        self.update()

    def _on_picture_changed(self, rect: Rect) -> None:
        spot = self._frame(QRect()).spot(0, rect).adjusted(-2, -2, 2, 2)
        shown = spot.intersected(self._backdrop.whole)
        if shown.isEmpty():
            if not self._in_frame:
                self._repairs.start()
            return
        self._backdrop.spoil(shown)
        if not self._in_frame:
            self._frame_due = self.isVisible()
            ratio = self.devicePixelRatioF()
            area = QRectF(
                shown.x() / ratio, shown.y() / ratio, shown.width() / ratio, shown.height() / ratio
            )
            self.update(area.toAlignedRect())

    def _on_repairs_timeout(self) -> None:
        if self._frame_due and self.isVisible():
            return  # the frame goes on with the repairs
        self._look()
        if self.picture.repair(PAUSE_BUDGET_S, idle=self._idle):
            self._repairs.start()
        self.picture_changed.emit()

    def _on_rest_timeout(self) -> None:
        self._idle = True
        self._repairs.start()
        if self._rough:
            self._rough = False
            self._backdrop.spoil()
            self.update()

    # --- drawing ---

    def _device_size(self) -> QRect:
        ratio = self.devicePixelRatioF()
        return QRect(0, 0, round(self.width() * ratio), round(self.height() * ratio))

    def _level(self) -> int:
        return self.camera.level(self.picture.pyramid.levels)

    def _look(self) -> None:
        self.picture.look(self._level(), self.camera.visible(), self.sources)

    def _frame(self, exposed: QRect) -> Frame:
        camera = self.camera
        return Frame(self.picture.pyramid, camera.device_scale, camera.device_origin, exposed)

    def _draw_map(self, painter: QPainter, exposed: QRect) -> None:
        shown = Shown(self._mode, self.sources[0], self._blend_opacity, smooth=not self._rough)
        draw_map(painter, self._frame(exposed), self._level(), self.picture, shown, self.palette())

    def _draw_over(self, painter: QPainter, exposed: QRect) -> None:
        """Draw overlays and the tool's aids, in logical px."""
        if self.workspace.document is None:
            return
        draw_edge(painter, QRectF(self.to_screen(0, 0), self.to_screen(*self.camera.map_size)))
        rect = self.camera.rect_of(exposed.x(), exposed.y(), exposed.width(), exposed.height())
        for overlay in self.overlays:
            if overlay.visible:
                painter.save()
                overlay.paint(painter, self, rect)
                painter.restore()
        if self.tool is not None:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.tool.paint(painter, self)
            painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Make a few pieces, mend the backdrop, draw what lies over it."""
        camera = self.camera
        self._backdrop.follow(self._device_size().size(), camera.device_scale, camera.device_origin)
        self._look()
        self._frame_due = False
        self._in_frame = True
        more = self.picture.repair(FRAME_BUDGET_S)
        self._in_frame = False
        self._backdrop.mend(self._draw_map)
        painter = QPainter(self)
        try:
            self._backdrop.show(painter, event.rect(), self.devicePixelRatioF())
            self._draw_over(painter, event.rect())
        finally:
            painter.end()
        if more or self._idle:
            self._repairs.start()
        if not self._idle:
            self._rest.start()

    # --- events ---

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take gestures of the touchpad, too.

        An override of `event` would do so as well, but then a fault in any other override, which
        it calls from within Python, ends the process instead of becoming a problem.
        """
        if isinstance(event, QNativeGestureEvent) and self.pointing.gesture(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the surround anew in another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._backdrop.spoil()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there; a map that was fitted stays fitted."""
        fitted = self.camera.fitted
        self.camera.resize(self.width(), self.height(), self.devicePixelRatioF())
        device = self._device_size()
        self.picture.make_room(device.width() * device.height())
        if fitted:
            self.fit()
        else:
            self._moved()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pan, open the menu, or use the tool."""
        self.pointing.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell the tool, which may take it for a second press."""
        self.pointing.press(event, double=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or tell the tool."""
        self.pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop panning, or tell the tool."""
        self.pointing.release(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Tell the tool, with the pen's pressure."""
        self.pointing.tablet(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom or move the map."""
        self.pointing.turn(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell the tool, or move the map."""
        if not self.pointing.key_down(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of the map."""
        if not self.pointing.key_up(event):
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the tool's cursor."""
        self.pointing.leave()
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of what is held."""
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.pointing.let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of what is held."""
        self.pointing.let_go()
        super().hideEvent(event)


def _timer(view: MapView, interval_ms: int, done: Callable[[], None]) -> QTimer:
    timer = QTimer(view)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(done)
    return timer
