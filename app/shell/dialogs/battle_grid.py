"""The grid for play: its cells, and how strongly it shows; the map shows every change at once."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from app.canvas.overlays.battle_grid import BattleGridOverlay, CellKind
from app.panels.fields import ChoiceBox, add_row, described
from app.shell.theme import set_role

COLOURS = ("#101418", "#f4f1e8", "#7a2f22", "#1f4e79")
_LONGEST_PX = 4096.0


class BattleGridDialog(QDialog):
    """Asks for the battle grid of a map.

    Args:
        overlay: draws it; shown while the dialog is open.
        parent: as of every dialog.
    """

    def __init__(self, overlay: BattleGridOverlay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("Battle grid"))
        self.setAccessibleName(_tr("Battle grid"))
        self._overlay = overlay
        self._before, self._was_visible = overlay.grid, overlay.visible
        overlay.visible = True
        self.kind = ChoiceBox(_kinds())
        self.colour = ChoiceBox(_colours())
        self.cell, self.line = _number(8, _LONGEST_PX, 1), _number(0.5, 6, 0.5)
        self.left, self.top = _number(0, _LONGEST_PX, 1), _number(0, _LONGEST_PX, 1)
        self.opacity = _number(5, 100, 5, " %")
        self._show()
        self._lay_out()
        self.kind.chosen.connect(lambda _: self._take())
        self.colour.chosen.connect(lambda _: self._take())
        for box in (self.cell, self.line, self.left, self.top, self.opacity):
            box.valueChanged.connect(lambda _: self._take())

    def accept(self) -> None:
        """Keep the grid with the map, as an undo step."""
        self._overlay.keep()
        super().accept()

    def reject(self) -> None:
        """Leave the grid as it was."""
        self._overlay.grid = self._before
        self._overlay.visible = self._was_visible
        super().reject()

    def _show(self) -> None:
        grid = self._before
        self.kind.show_value(grid.kind)
        self.colour.show_value(grid.colour)
        self.cell.setValue(grid.cell_px)
        self.line.setValue(grid.line_px)
        self.left.setValue(grid.offset_x_px)
        self.top.setValue(grid.offset_y_px)
        self.opacity.setValue(grid.opacity * 100)

    def _take(self) -> None:
        """Show the grid as the form has it."""
        grid = self._overlay.grid
        self._overlay.grid = replace(
            grid,
            kind=next((kind for kind in get_args(CellKind) if kind == self.kind.value), grid.kind),
            colour=grid.colour if self.colour.value is None else str(self.colour.value),
            cell_px=self.cell.value(),
            line_px=self.line.value(),
            offset_x_px=self.left.value(),
            offset_y_px=self.top.value(),
            opacity=self.opacity.value() / 100,
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        add_row(form, _tr("Cells"), self.kind, _tr("The shape of the cells."))
        width = _tr("Width of a square, or distance between opposite sides of a hexagon.")
        add_row(form, _tr("Width"), self.cell, width)
        add_row(form, _tr("From the left"), self.left, _tr("Where the first column begins."))
        add_row(form, _tr("From the top"), self.top, _tr("Where the first row begins."))
        add_row(form, _tr("Colour"), self.colour, _tr("Colour of the lines."))
        add_row(form, _tr("Strength"), self.opacity, _tr("How strongly the lines show."))
        add_row(form, _tr("Line"), self.line, _tr("Width of the lines on the screen."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        keep = buttons.addButton(_tr("Keep"), QDialogButtonBox.ButtonRole.AcceptRole)
        described(keep, _tr("Keep"), _tr("Keep this grid with the map."))
        set_role(keep, "primary")
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        described(cancel, cancel.text(), _tr("Leave the grid as it was."))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(320)


def _number(low: float, high: float, step: float, unit: str = " px") -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setDecimals(1 if step < 1 else 0)
    box.setSuffix(unit)
    return box


def _kinds() -> tuple[tuple[object, str, str], ...]:
    return (
        ("square", _tr("Squares"), ""),
        ("hex_flat", _tr("Hexagons, flat tops"), ""),
        ("hex_pointy", _tr("Hexagons, pointed tops"), ""),
    )


def _colours() -> tuple[tuple[object, str, str], ...]:
    names = (_tr("Ink"), _tr("Paper"), _tr("Rust"), _tr("Sea"))
    return tuple((colour, name, "") for colour, name in zip(COLOURS, names, strict=True))


def _tr(text: str) -> str:
    return QCoreApplication.translate("BattleGrid", text)
