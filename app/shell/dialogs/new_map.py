"""A new map: what it starts from, how large it is, who paints it, and what that will cost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.durations import duration_text
from app.core.models import size_text
from app.core.new_map import ENDING, MapForecast, NewMap, forecast, nearest_wrapped_size
from app.panels.fields import ChoiceBox, Section, add_row, described, tool_button
from app.shell.dialogs.model import ModelChooser
from app.shell.dialogs.preset_list import BLANK, PICTURE_PX, PresetList
from app.shell.dialogs.size_field import SizeField
from app.shell.theme import set_role
from app.workspace.workspace import Workspace
from generation.engine.folder import BUNDLED
from painter.files import read_bounded
from painter.manifest import Wrap
from zones.errors import InputError, TilewrightError
from zones.palette import Palette, default_palette, palette_from_json

MAX_NAME_CHARS = 80
_MAX_PALETTE_BYTES = 1_000_000
_WRAPS: tuple[Wrap, ...] = ("", "x", "y", "xy")
_FORBIDDEN = set('/\\:*?"<>|\0')


class NewMapDialog(QDialog):
    """Asks for a new map without blocking the window.

    Signals:
        wanted: the `NewMap` that the user asked for.

    Args:
        workspace: lends its io thread and its measured times.
        folder: where maps are made.
        parent: as of every dialog.
    """

    wanted = Signal(object)

    def __init__(self, workspace: Workspace, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("New map"))
        self.setAccessibleName(_tr("New map"))
        self._workspace = workspace
        self._palette: Palette = default_palette()
        self.presets = PresetList(workspace.tasks)
        self.name, self.place = QLineEdit(), QLineEdit(str(folder))
        self.size_field = SizeField()
        self.wrap = ChoiceBox(_wraps())
        self.palette_name = QLabel(_tr("The usual one"))
        self.chooser = ModelChooser(workspace, BUNDLED)
        self.cost, self.fault = QLabel(), QLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.make_button = buttons.addButton(
            _tr("Make the map"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._buttons = buttons
        self.name.setText(free_name(folder, _tr("New world")))
        self.wrap.show_value("")
        self._lay_out()
        self._connect()
        self.refresh()

    # --- what it would make ---

    @property
    def folder(self) -> Path:
        """The new map's folder."""
        return Path(self.place.text().strip()) / f"{self.name.text().strip()}{ENDING}"

    def plan(self) -> NewMap:
        """The map as the dialog has it."""
        return NewMap(
            folder=self.folder,
            size=self.size_field.size_px,
            palette=self._palette,
            model=self.chooser.model or BUNDLED,
            wrap=self._wrap,
            preset=self.presets.presets.get(self.presets.chosen),
        )

    def forecast(self) -> MapForecast | None:
        """What it would cost; None while the model is looked at.

        Raises:
            InputError: the size does not do, or the model is not on this machine.
        """
        facts = self.chooser.facts
        if facts is None:
            return None
        same = self._workspace.profile is not None and self._workspace.profile == facts.profile
        measured = self._workspace.seconds_for if same else lambda _: None
        return forecast(self.size_field.size_px, facts, self._wrap, measured)

    def refresh(self) -> None:
        """Show the costs, what is wrong, and whether the map can be made."""
        found, text = None, self._complaint()
        try:
            found = self.forecast()
        except InputError as error:
            text = text or str(error)
        self._offer_wrap()
        self.cost.setText(_cost_text(found))
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self.make_button.setEnabled(found is not None and not text)

    def accept(self) -> None:
        """Hand the plan on and close."""
        if self.make_button.isEnabled():
            self.chooser.stop()
            plan = self.plan()
            super().accept()
            self.wanted.emit(plan)

    def reject(self) -> None:
        """Make nothing; a download ends, what has arrived is kept."""
        self.chooser.stop()
        super().reject()

    def take_palette(self, path: Path) -> None:
        """Give the map the palette of a file."""
        try:
            text = read_bounded(path, _MAX_PALETTE_BYTES, "the palette").decode("utf-8")
            self._palette = palette_from_json(text)
        except (TilewrightError, UnicodeDecodeError) as error:
            self.fault.setText(str(error))
            self.fault.setVisible(True)
            return
        self.palette_name.setText(path.name)
        self.refresh()

    # --- inside ---

    @property
    def _wrap(self) -> Wrap:
        return next((wrap for wrap in _WRAPS if wrap == self.wrap.value), "")

    def _complaint(self) -> str:
        """What is wrong with name and place, one sentence, or ""."""
        complaint = complaint_about_name(self.name.text())
        if complaint:
            return complaint
        if is_taken(self.folder):
            return _tr("There is a map of this name already; choose another name.")
        waiting = self.presets.chosen not in {BLANK, *self.presets.presets}
        return _tr("The sample world is being read…") if waiting else ""

    def _offer_wrap(self) -> None:
        facts, size = self.chooser.facts, self.size_field.size_px
        nearest = None
        if facts is not None and facts.profile is not None and self._wrap:
            nearest = nearest_wrapped_size(size, facts.profile, self._wrap)
        self.size_field.offer_nearest(None if nearest == size else nearest)

    def _on_presets_chosen(self) -> None:
        preset = self.presets.presets.get(self.presets.chosen)
        self.size_field.setEnabled(preset is None)
        if preset is not None:
            self.size_field.set_size(preset.info.size)
            self.name.setText(free_name(Path(self.place.text()), preset.info.title))
        self.refresh()

    def _ask_place(self) -> None:
        dialog = QFileDialog(self, _tr("Where the map is kept"), self.place.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def _ask_palette(self) -> None:
        dialog = QFileDialog(self, _tr("A palette"), self.place.text(), _tr("Palettes (*.json)"))
        dialog.fileSelected.connect(lambda name: self.take_palette(Path(name)))
        dialog.open()

    def _connect(self) -> None:
        self.presets.currentRowChanged.connect(lambda _: self._on_presets_chosen())
        for line in (self.name, self.place):
            line.textChanged.connect(lambda _: self.refresh())
        self.size_field.changed.connect(self.refresh)
        self.wrap.chosen.connect(lambda _: self.refresh())
        self.chooser.changed.connect(self.refresh)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        self.name.setMaxLength(MAX_NAME_CHARS)
        described(self.make_button, _tr("Make the map"), _tr("Make the folder and open the map."))
        described(self._cancel, self._cancel.text(), _tr("Make nothing."))
        self.make_button.setDefault(True)
        set_role(self.make_button, "primary")
        self.presets.setFixedWidth(2 * (PICTURE_PX[0] + 18) + 16)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(self._form())
        model = Section(
            _tr("Model"), _tr("Choose who paints the map."), self.chooser, unfolded=False
        )
        right.addWidget(model)
        right.addStretch(1)
        right.addWidget(self._cost_card())
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addWidget(self.presets)
        across.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(14)
        column.addLayout(across, 1)
        column.addWidget(self._buttons)
        self.resize(860, 560)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        add_row(form, _tr("Name"), self.name, _tr("What the map and its folder are called."))
        ask = tool_button("folder-open-outline", _tr("Choose"), _tr("Choose another folder."))
        ask.clicked.connect(self._ask_place)
        described(self.place, _tr("Folder"), _tr("The folder that the map's own folder is in."))
        form.addRow(_tr("Folder"), beside(self.place, ask))
        form.addRow(_tr("Size"), self.size_field)
        add_row(form, _tr("Rims"), self.wrap, _tr("Whether the map goes on at the other side."))
        ask = tool_button("palette-outline", _tr("Choose"), _tr("Take a palette from a file."))
        ask.clicked.connect(self._ask_palette)
        described(self.palette_name, _tr("Palette"), _tr("The kinds of ground the map has."))
        form.addRow(_tr("Palette"), beside(self.palette_name, ask))
        return form

    def _cost_card(self) -> QFrame:
        card = QFrame()
        set_role(card, "card")
        described(self.cost, _tr("Costs"), _tr("Tiles, time and room that the map will take."))
        self.cost.setWordWrap(True)
        self.fault.setWordWrap(True)
        set_role(self.fault, "warn")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self.cost)
        inside.addWidget(self.fault)
        return card


def complaint_about_name(text: str) -> str:
    """What is wrong with the name of a new map, one sentence, or ""."""
    name = text.strip()
    if not name or name.startswith(".") or _FORBIDDEN & set(name):
        return _tr("Give the map a name that a folder can have.")
    return ""


def beside(field: QWidget, button: QWidget) -> QWidget:
    """A field with a small button at its end."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(field, 1)
    row.addWidget(button)
    return both


def _cost_text(found: MapForecast | None) -> str:
    """Tiles, time and memory in one or two sentences."""
    if found is None:
        return _tr("Looking at the model…")
    tiles = _tr("{tiles} tiles ({cols} × {rows})").format(
        tiles=found.tiles, cols=found.cols, rows=found.rows
    )
    time = _tr("time not known")
    if found.seconds is not None:
        time = _tr("about {time} to paint").format(time=duration_text(found.seconds))
    if not found.measured:
        time += " " + _tr("on this processor, less on a GPU")
    memory = _tr("about {memory} of memory").format(memory=size_text(found.memory_bytes))
    disk = _tr("{disk} on disk").format(disk=size_text(found.disk_bytes))
    return f"{tiles}, {time}; {memory}, {disk}."


def free_name(folder: Path, wanted: str) -> str:
    """A name that no map in a folder has."""
    name, number = wanted, 1
    while is_taken(folder / f"{name}{ENDING}"):
        number += 1
        name = f"{wanted} {number}"
    return name


def is_taken(folder: Path) -> bool:
    """Whether something is there; where that cannot be told, making a map there says why."""
    try:
        return folder.exists()
    except OSError:
        return False


def _wraps() -> tuple[tuple[object, str, str], ...]:
    return (
        ("", _tr("Open: the map ends there"), _tr("The map has four rims.")),
        ("x", _tr("Left and right meet"), _tr("As on a globe's map.")),
        ("y", _tr("Top and bottom meet"), _tr("As a scroll.")),
        ("xy", _tr("Both: tiles without end"), _tr("For repeating ground.")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("NewMap", text)
