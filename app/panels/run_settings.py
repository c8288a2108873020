"""The settings of a run as fields: quality in front, everything finer in a folded part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.core.levels import Schedule
from app.core.run_setup import default_settings
from app.panels.fields import ChoiceBox, LevelBox, add_row, described
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
    """Everything of a run's settings that most maps leave as it is."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.order = ChoiceBox(_orders())
        self.start = ChoiceBox(_starts())
        self.feature = LevelBox(_tr("As each stroke says"))
        self.soft = LevelBox()
        self.gate = ChoiceBox(_gates())
        self.layout_box = ChoiceBox(_layouts())
        self.noise = ChoiceBox(_noises())
        self.compositor = ChoiceBox([("linear", _tr("Linear"), "")])
        self.run_steps = QSpinBox()
        self.opacity = QDoubleSpinBox()
        self.carve_out = QCheckBox(_tr("Blend rivers across tiles"))
        self.reference = QCheckBox(_tr("Show the model the plan"))
        self.plain = QCheckBox(_tr("Plain inpainting"))
        self.reset = QPushButton(_tr("Back to the model's own"))
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Show the workspace's settings."""
        settings, profile = self._workspace.settings, self._workspace.profile
        if profile is None:
            return
        schedule = Schedule.of(profile, settings.steps, settings.gate)
        self.feature.show_level(schedule, settings.mu_feature)
        self.soft.show_level(schedule, settings.mu_soft)
        self.gate.show_value(settings.gate)
        self.layout_box.show_value(settings.layout)
        self.noise.show_value(settings.noise)
        self.soft.setEnabled(settings.layout == "anchored" and not settings.plain)
        self.feature.setEnabled(not settings.plain)
        self.gate.setEnabled(not settings.plain)
        with QSignalBlocker(self.run_steps):
            self.run_steps.setRange(1, settings.steps)
            self.run_steps.setSuffix(_tr(" of {steps}").format(steps=settings.steps))
            self.run_steps.setValue(max(1, int(settings.steps * settings.strength)))
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(100 * settings.stencil_opacity)
        for box, on in (
            (self.carve_out, settings.carve_out),
            (self.reference, settings.reference),
            (self.plain, settings.plain),
        ):
            with QSignalBlocker(box):
                box.setChecked(on)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for name, field, tip in self._rows():
            add_row(form, name, field, tip)
        self._set_up_numbers()
        for box, tip in (
            (
                self.carve_out,
                _tr("Rivers and paths inside a neighbour's strip are blended, not kept exactly."),
            ),
            (
                self.reference,
                _tr("The model also sees the painted zones as a reference picture beside it."),
            ),
            (
                self.plain,
                _tr("Leave the change map out: a yes-or-no mask, as stock inpainting has it."),
            ),
        ):
            described(box, box.text(), tip)
            form.addRow(box)
        described(self.reset, self.reset.text(), _tr("Forget the changes made to the settings."))
        form.addRow(self.reset)

    def _rows(self) -> tuple[tuple[str, QWidget, str], ...]:
        return (
            (_tr("Order"), self.order, _tr("Which tile follows which.")),
            (_tr("Begin at"), self.start, _tr("The tile the order starts from.")),
            (
                _tr("Rivers and paths"),
                self.feature,
                _tr(
                    "At how many steps the model may change the drawn strokes: few keep them "
                    "as drawn, many give them more texture."
                ),
            ),
            (
                _tr("Beside finished tiles"),
                self.soft,
                _tr("At how many steps the strip beside a finished neighbour may still change."),
            ),
            (_tr("Let go by"), self.gate, _tr("What frees a held pixel.")),
            (
                _tr("Overlap"),
                self.layout_box,
                _tr(
                    "How neighbouring tiles share their border. "
                    "Changing it moves the tiles of the map."
                ),
            ),
            (_tr("Noise"), self.noise, _tr("What every tile starts from.")),
            (
                _tr("Steps run"),
                self.run_steps,
                _tr(
                    "How many of the steps are run: fewer stay "
                    "closer to the flat colours of the zones."
                ),
            ),
            (
                _tr("Stroke colour"),
                self.opacity,
                _tr("How strongly a river's or path's colour covers the zone below it."),
            ),
            (_tr("Compositor"), self.compositor, _tr("How held and new pixels are joined.")),
        )

    def _set_up_numbers(self) -> None:
        self.run_steps.setKeyboardTracking(False)
        self.opacity.setKeyboardTracking(False)
        self.opacity.setRange(0, 100)
        self.opacity.setDecimals(0)
        self.opacity.setSingleStep(5)
        self.opacity.setSuffix(" %")
        self.compositor.show_value("linear")
        self.compositor.setEnabled(False)

    def _connect(self) -> None:
        for name, box in (
            ("mu_feature", self.feature),
            ("mu_soft", self.soft),
            ("gate", self.gate),
            ("layout", self.layout_box),
            ("noise", self.noise),
        ):
            box.chosen.connect(lambda value, field=name: self._set(**{field: value}))
        for name, check in (
            ("carve_out", self.carve_out),
            ("reference", self.reference),
            ("plain", self.plain),
        ):
            check.toggled.connect(lambda on, field=name: self._set(**{field: on}))
        self.run_steps.valueChanged.connect(self._on_run_steps_changed)
        self.opacity.valueChanged.connect(self._on_opacity_changed)
        self.reset.clicked.connect(self._on_reset_clicked)

    def _set(self, **values: Any) -> None:
        self._workspace.settings = replace(self._workspace.settings, **values)

    def _on_run_steps_changed(self, steps: int) -> None:
        self._set(strength=steps / self._workspace.settings.steps)

    def _on_opacity_changed(self, percent: float) -> None:
        self._set(stencil_opacity=percent / 100)

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


def _gates() -> list[tuple[object, str, str]]:
    return [
        ("index", _tr("Step number"), _tr("After a share of the steps.")),
        (
            "sigma",
            _tr("Noise level"),
            _tr("At a noise level: alike at any number of steps and any window size."),
        ),
    ]


def _layouts() -> list[tuple[object, str, str]]:
    return [
        ("anchored", _tr("Anchored"), _tr("A strip of each finished neighbour is kept exactly.")),
        ("overlap", _tr("Blended"), _tr("Both tiles paint the shared strip; it is blended.")),
    ]


def _noises() -> list[tuple[object, str, str]]:
    return [
        ("map", _tr("One for the map"), _tr("Neighbours begin alike, so they join better.")),
        ("tile", _tr("Each tile its own"), _tr("More variety, harder joins.")),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Run", text)
