"""The size of a map: in px, or in cells of so many px, with the nearest size that wraps."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from app.core.new_map import MAX_SIDE_PX
from app.panels.fields import ChoiceBox, described
from app.shell.theme import set_role

PX, CELLS = "px", "cells"
FIRST_PX = (1152, 960)
FIRST_CELL_PX = 64


class SizeField(QWidget):
    """Width and height.

    Signals:
        changed: the size is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.unit = ChoiceBox(
            (
                (PX, _tr("in px"), _tr("Give the size in map px.")),
                (CELLS, _tr("in cells"), _tr("Give the size in cells of a battle grid.")),
            )
        )
        self.width_box, self.height_box, self.cell_box = QSpinBox(), QSpinBox(), QSpinBox()
        self.total = QLabel()
        self.nearest_button = QPushButton()
        self._nearest: tuple[int, int] | None = None
        self._lay_out()
        self.unit.show_value(PX)
        self.set_size(FIRST_PX)
        self.unit.chosen.connect(self._on_unit_chosen)
        for box in (self.width_box, self.height_box, self.cell_box):
            box.valueChanged.connect(self._on_box_changed)
        self.nearest_button.clicked.connect(self._on_nearest_clicked)

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) in px."""
        scale = self.cell_box.value() if self._in_cells else 1
        return self.width_box.value() * scale, self.height_box.value() * scale

    def set_size(self, size_px: tuple[int, int]) -> None:
        """Show a size, in px where cells do not divide it."""
        cell = self.cell_box.value()
        if self._in_cells and any(side % cell for side in size_px):
            self.unit.show_value(PX)
        scale = cell if self._in_cells else 1
        with QSignalBlocker(self.width_box), QSignalBlocker(self.height_box):
            self._set_ranges()
            self.width_box.setValue(size_px[0] // scale)
            self.height_box.setValue(size_px[1] // scale)
        self._show_total()
        self.changed.emit()

    def offer_nearest(self, size_px: tuple[int, int] | None) -> None:
        """Offer a size that would wrap, or none."""
        self._nearest = size_px
        self.nearest_button.setVisible(size_px is not None)
        if size_px is not None:
            text = _tr("Take {width} × {height} px, which closes without a break")
            self.nearest_button.setText(text.format(width=size_px[0], height=size_px[1]))

    @property
    def _in_cells(self) -> bool:
        return self.unit.value == CELLS

    def _set_ranges(self) -> None:
        most = MAX_SIDE_PX // self.cell_box.value() if self._in_cells else MAX_SIDE_PX
        for box in (self.width_box, self.height_box):
            box.setRange(1, max(1, most))
            box.setSingleStep(1 if self._in_cells else 64)
        self.cell_box.setVisible(self._in_cells)

    def _on_unit_chosen(self, unit: object) -> None:
        """Go over to cells or px and keep the size, as far as whole cells allow."""
        before = (self.width_box.value(), self.height_box.value())
        cell = self.cell_box.value()
        with QSignalBlocker(self.width_box), QSignalBlocker(self.height_box):
            self._set_ranges()
            for box, value in zip((self.width_box, self.height_box), before, strict=True):
                box.setValue(max(1, round(value / cell)) if unit == CELLS else value * cell)
        self._on_box_changed()

    def _on_box_changed(self) -> None:
        self._set_ranges()
        self._show_total()
        self.changed.emit()

    def _on_nearest_clicked(self) -> None:
        if self._nearest is not None:
            self.set_size(self._nearest)

    def _show_total(self) -> None:
        width, height = self.size_px
        text = _tr("of px each: {width} × {height} px") if self._in_cells else ""
        self.total.setText(text.format(width=width, height=height))

    def _lay_out(self) -> None:
        described(self.unit, _tr("Unit"), _tr("Whether the size is in px or in cells."))
        described(self.width_box, _tr("Width"), _tr("Width of the map."))
        described(self.height_box, _tr("Height"), _tr("Height of the map."))
        described(self.cell_box, _tr("Cell"), _tr("Width of one cell in map px."))
        tip = _tr("Take the nearest size at which opposite rims meet.")
        described(self.nearest_button, _tr("Nearest size"), tip)
        self.cell_box.setRange(8, 1024)
        self.cell_box.setValue(FIRST_CELL_PX)
        for box in (self.width_box, self.height_box, self.cell_box):
            box.setKeyboardTracking(False)
            box.setMinimumWidth(84)
        self.nearest_button.setVisible(False)
        set_role(self.total, "muted")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        for widget in (self.width_box, QLabel("×"), self.height_box, self.unit):
            first.addWidget(widget)
        first.addStretch(1)
        second.addWidget(self.cell_box)
        second.addWidget(self.total)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.nearest_button)


def _tr(text: str) -> str:
    return QCoreApplication.translate("NewMap", text)
