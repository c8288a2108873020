"""The controls of the battle grid: shape, size, place and looks of its cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QPushButton,
    QSlider,
    QWidget,
)

from app.canvas.overlays.battle_grid import BattleGridOverlay

_KEEP_MS = 700
"""So long after the last change the grid is kept with the map, as one undo step."""

_SWATCH_PX = 14


class BattleGridOptions(QWidget):
    """Changes a battle grid while it is looked at.

    Args:
        overlay: draws the grid and keeps it with the map.
    """

    def __init__(self, overlay: BattleGridOverlay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._overlay = overlay
        self.kind = QComboBox()
        self.cell = _number(8.0, 8192.0, _tr(" px"))
        self.offset_x = _number(-8192.0, 8192.0, _tr(" px"))
        self.offset_y = _number(-8192.0, 8192.0, _tr(" px"))
        self.line = _number(0.5, 6.0, _tr(" px"), decimals=1)
        self.colour = QPushButton(_tr("Choose…"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self._later = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._later.timeout.connect(self._on_later)
        for value, name in (
            ("square", _tr("Squares")),
            ("hex_pointy", _tr("Hexagons, points up")),
            ("hex_flat", _tr("Hexagons, flat tops")),
        ):
            self.kind.addItem(name, value)
        self._lay_out()
        self.refresh()
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field, tip in (
            (_tr("Cells"), self.kind, _tr("The shape of the cells you play on.")),
            (_tr("Size"), self.cell, _tr("How many map pixels a cell is wide.")),
            (_tr("Shift right"), self.offset_x, _tr("Moves the grid to the right.")),
            (_tr("Shift down"), self.offset_y, _tr("Moves the grid down.")),
            (_tr("Line"), self.line, _tr("How thick the lines are on the screen.")),
            (_tr("Colour"), self.colour, _tr("The colour of the lines.")),
            (_tr("Opacity"), self.opacity, _tr("How strongly the lines cover the map.")),
        ):
            field.setAccessibleName(name)
            field.setToolTip(tip)
            form.addRow(name, field)

    def _connect(self) -> None:
        self.kind.activated.connect(lambda _: self._change("kind", self.kind.currentData()))
        for name, box in (
            ("cell_px", self.cell),
            ("offset_x_px", self.offset_x),
            ("offset_y_px", self.offset_y),
            ("line_px", self.line),
        ):
            box.valueChanged.connect(self._changer(name))
        self.opacity.valueChanged.connect(lambda value: self._change("opacity", value / 100))
        self.colour.clicked.connect(self._on_colour_clicked)
        self._overlay.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the grid as it is."""
        grid = self._overlay.grid
        self.kind.setCurrentIndex(self.kind.findData(grid.kind))
        for box, value in (
            (self.cell, grid.cell_px),
            (self.offset_x, grid.offset_x_px),
            (self.offset_y, grid.offset_y_px),
            (self.line, grid.line_px),
        ):
            if abs(box.value() - value) > 10 ** -box.decimals() / 2:
                _silently(box, box.setValue, value)
        _silently(self.opacity, self.opacity.setValue, round(100 * grid.opacity))
        swatch = QPixmap(_SWATCH_PX, _SWATCH_PX)
        swatch.fill(QColor(grid.colour))
        self.colour.setIcon(swatch)

    def _changer(self, name: str) -> Callable[[float], None]:
        return lambda value: self._change(name, value)

    def _change(self, name: str, value: object) -> None:
        self._overlay.grid = replace(self._overlay.grid, **{name: value})  # type: ignore[arg-type]
        self._later.start()

    def _on_colour_clicked(self) -> None:
        title = _tr("Colour of the battle grid")
        colour = QColorDialog.getColor(QColor(self._overlay.grid.colour), self, title)
        if colour.isValid():
            self._change("colour", colour.name())

    def _on_later(self) -> None:
        if not self._overlay.keep():
            self._later.start()


def _number(low: float, high: float, unit: str, *, decimals: int = 0) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(decimals)
    box.setSingleStep(1.0 if decimals == 0 else 0.5)
    box.setSuffix(unit)
    return box


def _silently(widget: QWidget, change: Callable[..., object], value: float) -> None:
    """Change a field without its telling anybody."""
    before = widget.blockSignals(True)
    change(value)
    widget.blockSignals(before)


def _tr(text: str) -> str:
    return QCoreApplication.translate("BattleGrid", text)
