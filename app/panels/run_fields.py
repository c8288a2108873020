"""A field for each kind of run setting; each shows the settings and tells of a new value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QSpinBox, QWidget

from app.core.levels import Schedule
from app.core.run_options import OptionKind, RunOption
from app.panels.fields import ChoiceBox, LevelBox
from generation.plan.profile import ModelProfile
from generation.plan.settings import RunSettings
from zones.geometry import LATTICE_PX

Take = Callable[[Any], None]
"""Is told the new value of the setting."""


class RunField(Protocol):
    """A control of one setting."""

    @property
    def widget(self) -> QWidget:
        """The control."""
        ...

    def show(self, settings: RunSettings, profile: ModelProfile) -> None:
        """Show the setting without telling anybody."""


class TickField:
    """A setting that is on or off."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._field = option.field
        self.widget = self.box = QCheckBox(_tr(option.label))
        self.box.toggled.connect(take)

    def show(self, settings: RunSettings, _profile: ModelProfile) -> None:
        """Tick the box or not."""
        with QSignalBlocker(self.box):
            self.box.setChecked(getattr(settings, self._field))


class ChoiceField:
    """A setting that is one of some names."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._field = option.field
        named = [(value, _tr(name), _tr(tip)) for value, name, tip in option.choices]
        self.widget = self.box = ChoiceBox(named)
        self.box.chosen.connect(take)

    def show(self, settings: RunSettings, _profile: ModelProfile) -> None:
        """Choose the name."""
        self.box.show_value(getattr(settings, self._field))


class LevelField:
    """A change strength, as a number of free steps."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._field = option.field
        self.widget = self.box = LevelBox(_tr(option.own) if option.own else "")
        self.box.chosen.connect(take)

    def show(self, settings: RunSettings, profile: ModelProfile) -> None:
        """Offer the levels that there are at these steps, and choose one."""
        schedule = Schedule.of(profile, settings.steps, settings.gate)
        self.box.show_level(schedule, getattr(settings, self._field))


class PercentField:
    """A share that any model can take as finely as one likes."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._field = option.field
        self.widget = self.box = QDoubleSpinBox()
        self.box.setKeyboardTracking(False)
        self.box.setRange(0, 100)
        self.box.setDecimals(0)
        self.box.setSingleStep(5)
        self.box.setSuffix(" %")
        self.box.valueChanged.connect(lambda percent: take(percent / 100))

    def show(self, settings: RunSettings, _profile: ModelProfile) -> None:
        """Show the share in percent."""
        with QSignalBlocker(self.box):
            self.box.setValue(100 * getattr(settings, self._field))


class StepsRunField:
    """A share of the schedule, as a number of its steps."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._field = option.field
        self._steps = 1
        self.widget = self.box = QSpinBox()
        self.box.setKeyboardTracking(False)
        self.box.valueChanged.connect(lambda steps: take(steps / self._steps))

    def show(self, settings: RunSettings, _profile: ModelProfile) -> None:
        """Show how many of the steps are run."""
        self._steps = settings.steps
        with QSignalBlocker(self.box):
            self.box.setRange(1, settings.steps)
            self.box.setSuffix(_tr(" of {steps}").format(steps=settings.steps))
            share = getattr(settings, self._field)
            self.box.setValue(max(1, int(settings.steps * share)))


class WidthField:
    """The width of a strip, or the model's own."""

    def __init__(self, option: RunOption, take: Take) -> None:
        self._option = option
        self.widget = self.box = QSpinBox()
        self.box.setKeyboardTracking(False)
        self.box.setSingleStep(LATTICE_PX)
        self.box.setMinimum(option.least_px - LATTICE_PX)
        self.box.setSpecialValueText(_tr(option.own))
        self.box.setSuffix(_tr(" px"))
        self.box.valueChanged.connect(lambda px: take(None if px < option.least_px else px))

    def show(self, settings: RunSettings, profile: ModelProfile) -> None:
        """Show the width; the least value stands for the model's own."""
        px = getattr(settings, self._option.field)
        with QSignalBlocker(self.box):
            self.box.setMaximum(max(self._option.most_px(profile), px or 0))
            self.box.setValue(self.box.minimum() if px is None else px)


_KINDS: dict[OptionKind, Callable[[RunOption, Take], RunField]] = {
    "tick": TickField,
    "choice": ChoiceField,
    "level": LevelField,
    "percent": PercentField,
    "steps_run": StepsRunField,
    "width": WidthField,
}


def field_of(option: RunOption, take: Take) -> RunField:
    """The control of a setting; `take` gets what the user chooses."""
    return _KINDS[option.kind](option, take)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Run", text)
