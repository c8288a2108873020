"""The settings of a run as fields: quality in front, everything finer in a folded part."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.core.run_options import RUN_OPTIONS
from app.core.run_setup import default_settings
from app.panels.fields import ChoiceBox, add_row, described
from app.panels.run_fields import field_of
from app.workspace.workspace import Workspace
from generation.plan.profile import ModelProfile
from zones.gates import MAX_STEPS

_CUSTOM = -1


class StepsField(QWidget):
    """How many steps a tile takes: the model's draft, its full length, or another number.

    Signals:
        changed: the number, when the user chose one.
    """

    changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.level = ChoiceBox()
        self.number = QSpinBox()
        self.number.setRange(1, MAX_STEPS)
        self.number.setKeyboardTracking(False)
        described(
            self.number,
            _tr("Number of steps"),
            _tr("How many steps the model takes for each tile."),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.level, 1)
        row.addWidget(self.number)
        self.setFocusProxy(self.level)
        self._named: tuple[int, int] | None = None
        self._custom = False
        self.level.chosen.connect(self._on_level_chosen)
        self.number.valueChanged.connect(self._on_number_changed)

    def show_steps(self, steps: int, profile: ModelProfile) -> None:
        """Show a number of steps against a model's own numbers."""
        draft, full = profile.draft_steps, profile.steps
        if self._named != (draft, full):
            self._named = (draft, full)
            self.level.offer(self._choices(draft, full))
        self._custom = self._custom or steps not in {draft, full}
        self.level.show_value(_CUSTOM if self._custom else steps)
        self.number.setVisible(self._custom)
        with QSignalBlocker(self.number):
            self.number.setValue(steps)

    def _choices(self, draft: int, full: int) -> list[tuple[object, str, str]]:
        found: list[tuple[object, str, str]] = [
            (
                full,
                _tr("Full ({n} steps)").format(n=full),
                _tr("The quality the model was made for."),
            ),
            (_CUSTOM, _tr("Custom"), _tr("Any other number of steps.")),
        ]
        if draft != full:
            tip = _tr("Rough and quick: to see whether zones and rivers work.")
            found.insert(0, (draft, _tr("Draft ({n} steps)").format(n=draft), tip))
        return found

    def _on_level_chosen(self, steps: object) -> None:
        self._custom = steps == _CUSTOM
        self.number.setVisible(self._custom)
        if isinstance(steps, int) and not self._custom:
            self.changed.emit(steps)

    def _on_number_changed(self, steps: int) -> None:
        self.changed.emit(steps)


class FineSettings(QWidget):
    """Everything of a run's settings that most maps leave as it is.

    Attributes:
        order: which tile follows which.
        start: the tile that the order starts from.
        fields: the controls of `RUN_OPTIONS`, by field.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.order = ChoiceBox(_orders())
        self.start = ChoiceBox(_starts())
        self.fields = {
            option.field: field_of(option, partial(self._take, option.field))
            for option in RUN_OPTIONS
        }
        self.reset = QPushButton(_tr("Back to the model's own"))
        self._lay_out()
        self.reset.clicked.connect(self._on_reset_clicked)

    def refresh(self) -> None:
        """Show the workspace's settings."""
        settings, profile = self._workspace.settings, self._workspace.profile
        if profile is None:
            return
        for option in RUN_OPTIONS:
            field = self.fields[option.field]
            field.show(settings, profile)
            field.widget.setEnabled(option.matters(settings))

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        add_row(form, _tr("Order"), self.order, _tr("Which tile follows which."))
        add_row(form, _tr("Begin at"), self.start, _tr("The tile the order starts from."))
        ticks = [option for option in RUN_OPTIONS if option.kind == "tick"]
        for option in RUN_OPTIONS:
            if option not in ticks:
                field = self.fields[option.field].widget
                add_row(form, _tr(option.label), field, _tr(option.help))
        for option in ticks:
            field = self.fields[option.field].widget
            described(field, _tr(option.label), _tr(option.help))
            form.addRow(field)
        described(self.reset, self.reset.text(), _tr("Forget the changes made to the settings."))
        form.addRow(self.reset)

    def _take(self, field: str, value: Any) -> None:
        self._workspace.settings = replace(self._workspace.settings, **{field: value})

    def _on_reset_clicked(self) -> None:
        profile = self._workspace.profile
        if profile is not None:
            self._workspace.settings = default_settings(profile)


def _orders() -> list[tuple[object, str, str]]:
    return [
        ("spiral", _tr("Spiral"), _tr("Rings around the first tile; no gap has to be closed.")),
        ("rows", _tr("Row by row"), _tr("From the top left, as one reads.")),
        (
            "anchors-first",
            _tr("Every second first"),
            _tr("Tiles that do not touch first, then those between them."),
        ),
    ]


def _starts() -> list[tuple[object, str, str]]:
    return [
        ("auto", _tr("The hardest tile"), _tr("The one with the most river and path in it.")),
        ("selected", _tr("The selected tile"), _tr("The tile chosen on the map.")),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Run", text)
