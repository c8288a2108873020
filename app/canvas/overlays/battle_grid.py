"""The grid that a game is played on: squares or hexagons over the finished map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QTransform

from app.canvas.overlays.drawing import faded, map_transform, on_screen, pen
from app.canvas.overlays.overlay import MapFrame, Overlay
from app.core.problems import Problem
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from zones.errors import TilewrightError
from zones.geometry import Rect

CellKind = Literal["square", "hex_flat", "hex_pointy"]
"""`hex_flat` has flat tops and columns that stand half a cell apart, `hex_pointy` rows that do."""

SETTING = "battle_grid"
"""Name of the grid among a map's settings."""

_FADE_FROM_PX, _FADE_TO_PX = 9.0, 20.0
"""Cells narrower than the first on screen are not drawn; from the second on in full strength."""

_CHUNK = 12
"""Hexagons are drawn in squares of so many cells, an even number."""

_HALF_ROOT_3 = math.sqrt(3) / 2


@dataclass(frozen=True, slots=True)
class BattleGrid:
    """A grid of cells.

    Attributes:
        kind: shape of the cells.
        cell_px: width of a square; distance between opposite sides of a hexagon; map px, 8 or more.
        colour: as `#rrggbb`.
        opacity: 0 to 1.
        offset_x_px: of the grid against the map's left border.
        offset_y_px: of the grid against the map's upper border.
        line_px: width of its lines on screen, 0.5 to 6.
    """

    kind: CellKind = "square"
    cell_px: float = 64.0
    colour: str = "#101418"
    opacity: float = 0.45
    offset_x_px: float = 0.0
    offset_y_px: float = 0.0
    line_px: float = 1.0

    @classmethod
    def read(cls, values: object) -> BattleGrid:
        """The grid of a map's settings; what is missing or senseless takes its default."""
        grid = cls()
        if not isinstance(values, Mapping):
            return grid
        known = {field.name for field in fields(cls)}
        for name, value in values.items():
            if name in known and _is_sensible(name, value):
                grid = replace(grid, **{name: value})
        return grid

    def to_json(self) -> dict[str, Any]:
        """Plain values for a map's settings."""
        return asdict(self)


class BattleGridOverlay(Overlay):
    """Draws a `BattleGrid` over the map."""

    name = "overlay.battle_grid"

    def __init__(self, workspace: Workspace, *, visible: bool = False) -> None:
        super().__init__(workspace, visible=visible)
        self._workspace = workspace
        self._grid = BattleGrid()
        workspace.map_opened.connect(self._on_header_changed)
        workspace.header_changed.connect(self._on_header_changed)

    @property
    def grid(self) -> BattleGrid:
        """What is drawn; the map keeps it with `keep`."""
        return self._grid

    @grid.setter
    def grid(self, grid: BattleGrid) -> None:
        if grid != self._grid:
            self._grid = grid
            self.changed.emit()

    def keep(self) -> bool:
        """Keep the grid with the map, as an undo step.

        Returns:
            False where an edit is open, so that it must be tried again later.
        """
        document = self._workspace.document
        if document is None or self._workspace.read_only:
            return True
        settings = dict(document.project.settings)
        if BattleGrid.read(settings.get(SETTING)) == self._grid:
            return True
        settings[SETTING] = self._grid.to_json()
        label = QCoreApplication.translate("BattleGrid", "Change the battle grid")
        try:
            document.configure(label, settings=settings)
        except RuntimeError:
            return False
        except TilewrightError as error:
            self._workspace.report(Problem(self.name, "warning", sentence_of(error)))
        return True

    def paint(self, painter: QPainter, view: MapFrame, exposed: Rect) -> None:
        """Draw the cells in the exposed part."""
        document, grid = self._workspace.document, self._grid
        side_px = grid.cell_px * view.scale
        if document is None or side_px < _FADE_FROM_PX:
            return
        whole = Rect(0, 0, *document.project.size)
        shown = exposed.intersect(whole)
        if not shown.area:
            return
        painter.setClipRect(on_screen(view, shown), Qt.ClipOperation.IntersectClip)
        strength = (side_px - _FADE_FROM_PX) / (_FADE_TO_PX - _FADE_FROM_PX)
        colour = QColor(grid.colour)
        colour.setAlphaF(grid.opacity)
        painter.setPen(pen(faded(colour, strength), grid.line_px))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if grid.kind == "square":
            _draw_squares(painter, view, grid, shown)
        else:
            _draw_hexagons(painter, view, grid, shown)

    def _on_header_changed(self) -> None:
        document = self._workspace.document
        kept = None if document is None else document.project.settings.get(SETTING)
        self.grid = BattleGrid.read(kept)


def _draw_squares(painter: QPainter, view: MapFrame, grid: BattleGrid, shown: Rect) -> None:
    """Lines as filled bars, many times faster than as strokes."""
    area, wide = on_screen(view, shown), grid.line_px
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, wide % 1 > 0)
    upright = [
        QRectF(
            math.floor(view.to_screen(x, 0).x() - wide / 2 + 0.5), area.top(), wide, area.height()
        )
        for x in _positions(shown.x, shown.right, grid.offset_x_px, grid.cell_px)
    ]
    level = [
        QRectF(
            area.left(), math.floor(view.to_screen(0, y).y() - wide / 2 + 0.5), area.width(), wide
        )
        for y in _positions(shown.y, shown.bottom, grid.offset_y_px, grid.cell_px)
    ]
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRects([*upright, *level])


def _draw_hexagons(painter: QPainter, view: MapFrame, grid: BattleGrid, shown: Rect) -> None:
    """Lay chunks of hexagons side by side; a chunk is made once for a shape, in units of cells."""
    turned = grid.kind == "hex_flat"
    chunk, (width, height) = _CHUNKS[turned]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    placed = QTransform.fromTranslate(grid.offset_x_px, grid.offset_y_px)
    placed.scale(grid.cell_px, grid.cell_px)
    painter.setTransform(placed * map_transform(view), combine=True)
    left = (shown.x - grid.offset_x_px) / grid.cell_px
    right = (shown.right - grid.offset_x_px) / grid.cell_px
    top = (shown.y - grid.offset_y_px) / grid.cell_px
    bottom = (shown.bottom - grid.offset_y_px) / grid.cell_px
    for row in range(math.floor(top / height) - 1, math.ceil(bottom / height) + 1):
        for col in range(math.floor(left / width) - 1, math.ceil(right / width) + 1):
            painter.drawPath(chunk.translated(col * width, row * height))


def _positions(start: int, stop: int, offset: float, every: float) -> list[float]:
    first = math.ceil((start - offset) / every)
    last = math.floor((stop - offset) / every)
    return [offset + index * every for index in range(first, last + 1)]


def _chunk(*, turned: bool) -> tuple[QPainterPath, tuple[float, float]]:
    """Lines of 12 x 12 hexagons one unit wide, and how far the next such chunk is.

    Each hexagon draws three of its sides; the others are its neighbours'. `turned` has flat tops.
    """
    radius = 1 / (2 * _HALF_ROOT_3)
    corners = [
        QPointF(0.0, radius), QPointF(0.5, radius / 2),
        QPointF(0.5, -radius / 2), QPointF(0.0, -radius),
    ]  # fmt: skip
    path = QPainterPath()
    for row in range(_CHUNK):
        for col in range(_CHUNK):
            middle = QPointF(col + 0.5 * (row % 2), row * 1.5 * radius)
            sides = [middle + corner for corner in corners]
            points = [QPointF(one.y(), one.x()) for one in sides] if turned else sides
            path.moveTo(points[0])
            for point in points[1:]:
                path.lineTo(point)
    along, across = float(_CHUNK), _CHUNK * 1.5 * radius
    return path, ((across, along) if turned else (along, across))


_CHUNKS = {turned: _chunk(turned=turned) for turned in (False, True)}


def _is_sensible(name: str, value: Any) -> bool:
    if name == "kind":
        return value in get_args(CellKind)
    if name == "colour":
        return isinstance(value, str) and QColor.isValidColorName(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    low, high = {"cell_px": (8, 8192), "opacity": (0, 1), "line_px": (0.5, 6)}.get(
        name, (-8192, 8192)
    )
    return low <= value <= high
