"""A small form for one zone: its name, its colour, and the words the model is told."""

from __future__ import annotations

import re
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.panels.fields import add_row, described
from app.workspace.looks import capital
from zones.palette import Palette, Zone

MAX_NAME_CHARS, MAX_PROMPT_CHARS = 64, 500
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_SWATCH_PX = 18


class ZoneEditor(QDialog):
    """Asks for a zone without blocking anything else.

    Signals:
        finished_zone: the zone as the user wants it.

    Args:
        zone: what it is now.
        palette: whose names and colours it may not take.
        is_new: whether it is not in the palette yet.
        parent: as of every dialog.
    """

    finished_zone = Signal(object)

    def __init__(
        self, zone: Zone, palette: Palette, *, is_new: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._zone = zone
        self._others = [each for each in palette.zones if each.id != zone.id]
        self._stencils = palette.stencils
        title = _tr("New zone") if is_new else _tr("Change a zone")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.name = QLineEdit(zone.name)
        self.colour = QLineEdit(QColor(*zone.rgb).name())
        self.colour_button = QPushButton()
        self.prompt = QLineEdit(zone.prompt)
        self.fault = QLabel()
        self._lay_out(_tr("Add") if is_new else _tr("Change"))
        self.name.textChanged.connect(self._check)
        self.colour.textChanged.connect(self._check)
        self._check()

    def zone(self) -> Zone:
        """The zone as the form has it."""
        return replace(
            self._zone,
            name=self.name.text().strip(),
            rgb=self._rgb() or self._zone.rgb,
            prompt=self.prompt.text().strip(),
        )

    def accept(self) -> None:
        """Hand the zone on and close."""
        if not self._complaint():
            self.finished_zone.emit(self.zone())
            super().accept()

    def _rgb(self) -> tuple[int, int, int] | None:
        match = _HEX.fullmatch(self.colour.text().strip())
        if match is None:
            return None
        colour = QColor(f"#{match[1]}")
        return colour.red(), colour.green(), colour.blue()

    def _complaint(self) -> str:
        """What is wrong with the form, one sentence, or ""."""
        name, rgb = self.name.text().strip(), self._rgb()
        if not name:
            return _tr("Give the zone a name.")
        if any(each.name == name for each in self._others):
            return _tr("Another zone has this name.")
        if rgb is None:
            return _tr("Write the colour as #rrggbb.")
        twins = [each.name for each in self._others if each.rgb == rgb]
        if twins:
            return _tr("{name} has this colour already.").format(name=capital(twins[0]))
        return ""

    def _check(self) -> None:
        complaint, rgb = self._complaint(), self._rgb()
        self.fault.setText(complaint)
        self._accept.setEnabled(not complaint)
        if rgb is not None:
            picture = QPixmap(_SWATCH_PX, _SWATCH_PX)
            picture.fill(QColor(*rgb))
            self.colour_button.setIcon(QIcon(picture))

    def _on_colour_button_clicked(self) -> None:
        chooser = QColorDialog(QColor(*(self._rgb() or self._zone.rgb)), self)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.colorSelected.connect(lambda colour: self.colour.setText(colour.name()))
        chooser.open()

    def _lay_out(self, accept_text: str) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        self.name.setMaxLength(MAX_NAME_CHARS)
        self.prompt.setMaxLength(MAX_PROMPT_CHARS)
        self.prompt.setMinimumWidth(260)
        add_row(form, _tr("Name"), self.name, _tr("What you call this kind of ground."))
        colours = QHBoxLayout()
        colours.setSpacing(6)
        described(self.colour_button, _tr("Choose a colour"), _tr("Choose from a wheel."))
        self.colour_button.clicked.connect(self._on_colour_button_clicked)
        described(self.colour, _tr("Colour"), _tr("Its flat colour on the map, as #rrggbb."))
        colours.addWidget(self.colour, 1)
        colours.addWidget(self.colour_button)
        form.addRow(_tr("Colour"), colours)
        add_row(form, _tr("Words"), self.prompt, _tr("What the model is told to paint there."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._accept = buttons.addButton(accept_text, QDialogButtonBox.ButtonRole.AcceptRole)
        self._accept.setDefault(True)
        for button in buttons.buttons():
            described(button, button.text(), button.text())
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.fault.setProperty("role", "warn")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.fault)
        column.addWidget(buttons)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ZoneEditor", text)
