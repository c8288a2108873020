"""The options of the tool in hand, made from what the tool says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.panels.fields import ChoiceBox, add_row, described

_NOTCHES = 1000
_FIELD_PX, _SLIDER_PX = 84, 40
_CHOICE_CHARS = 14
"""Choices with longer names stand below their label and have all of the panel's width."""
_WIDE = 50.0
"""Ranges whose ends differ by more than this factor get a slider with equal ratios per notch."""


class Option(Protocol):
    """An option as a tool describes it; see `ToolOption` of the tools."""

    name: str
    label: str
    kind: str
    get: Callable[[], Any]
    set: Callable[[Any], None]
    low: float
    high: float
    step: float
    unit: str
    choices: Sequence[tuple[str, str]]
    tip: str


class OptionSource(Protocol):
    """A tool, as far as its options go."""

    @property
    def label(self) -> str:
        """Its name for people."""

    @property
    def tip(self) -> str:
        """What it does."""

    @property
    def options_changed(self) -> SignalInstance:
        """Emitted when the options have other values, or there are others."""

    def options(self) -> Sequence[Any]:
        """Its options as they are now."""


class NumberField(QWidget):
    """A slider with a field for the exact number.

    Args:
        option: a float or an int.
        changed: takes a value that the user chose.
    """

    def __init__(self, option: Option, changed: Callable[[float], None]) -> None:
        super().__init__()
        self._low, self._high = option.low, option.high
        self._log = option.low > 0 and option.high / option.low > _WIDE
        self._whole = option.kind == "int"
        self._changed = changed
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _NOTCHES)
        self.field = QDoubleSpinBox()
        self.field.setDecimals(0 if self._whole or option.step >= 1 else 2)
        self.field.setRange(option.low, option.high)
        self.field.setSingleStep(option.step)
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(_FIELD_PX)
        self.slider.setMinimumWidth(_SLIDER_PX)
        if option.unit:
            self.field.setSuffix(f" {option.unit}")
        described(self.slider, option.label, option.tip)
        described(self.field, option.label, option.tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        self.setFocusProxy(self.field)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.field.valueChanged.connect(self._on_field_changed)

    def show_value(self, value: float) -> None:
        """Show a value without telling anybody."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.field):
            self.slider.setValue(self._notch(value))
            self.field.setValue(value)

    def _notch(self, value: float) -> int:
        value = min(max(value, self._low), self._high)
        if self._log:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / ((self._high - self._low) or 1.0)
        return round(share * _NOTCHES)

    def _on_slider_moved(self, notch: int) -> None:
        share = notch / _NOTCHES
        if self._log:
            value = self._low * (self._high / self._low) ** share
        else:
            value = self._low + (self._high - self._low) * share
        value = round(value) if self._whole else round(value, 2)
        with QSignalBlocker(self.field):
            self.field.setValue(value)
        self._changed(self.field.value())

    def _on_field_changed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._notch(value))
        self._changed(value)


class ToolOptionsPanel(QScrollArea):
    """Controls for the options of one tool at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tool: OptionSource | None = None
        self._shape: list[tuple[Any, ...]] = []
        self._shows: dict[str, Callable[[Any], None]] = {}
        self.fields: dict[str, QWidget] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_tr("Tool options"))
        self._setting = False
        self.refresh()

    def set_tool(self, tool: OptionSource | None) -> None:
        """Show the options of another tool, or none."""
        if tool is self._tool:
            return
        if self._tool is not None:
            self._tool.options_changed.disconnect(self.refresh)
        self._tool = tool
        self._shape = []
        if tool is not None:
            tool.options_changed.connect(self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """Wide enough for every control: nothing is cut at the side."""
        hint, body = super().minimumSizeHint(), self.widget()
        if body is None:
            return hint
        width = body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return hint.expandedTo(QSize(width, 0))

    def refresh(self) -> None:
        """Show the options as they are now; controls are made anew only for other options."""
        if self._setting:
            return
        options = [] if self._tool is None else list(self._tool.options())
        shape: list[tuple[Any, ...]] = [
            (id(self._tool), each.name, each.kind, each.low, each.high, tuple(each.choices))
            for each in options
        ] or [(id(self._tool),)]
        if shape != self._shape:
            self._shape = shape
            self._rebuild(options)
        for option in options:
            self._shows[option.name](option.get())

    def _rebuild(self, options: Sequence[Option]) -> None:
        self._shows, self.fields = {}, {}
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        tip = _tr("Choose a tool on the left.") if self._tool is None else self._tool.tip
        words = QLabel(tip)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        column.addWidget(words)
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(6)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for option in options:
            self._add(form, option)
        column.addLayout(form)
        column.addStretch(1)
        self.setWidget(body)
        self.updateGeometry()

    def _add(self, form: QFormLayout, option: Option) -> None:
        name = option.name
        if option.kind == "bool":
            box = QCheckBox(option.label)
            described(box, option.label, option.tip)
            box.toggled.connect(lambda on: self._take(name, on))
            self._shows[name], self.fields[name] = _quietly(box, box.setChecked), box
            form.addRow(box)
        elif option.kind == "choice":
            choice = ChoiceBox([(value, label, option.tip) for value, label in option.choices])
            longest = max((len(label) for _, label in option.choices), default=0)
            choice.setMinimumContentsLength(min(longest, _CHOICE_CHARS))
            choice.chosen.connect(lambda value: self._take(name, value))
            self._shows[name], self.fields[name] = choice.show_value, choice
            add_row(form, option.label, choice, option.tip)
        else:
            number = NumberField(option, lambda value: self._take(name, value))
            self._shows[name], self.fields[name] = number.show_value, number
            add_row(form, option.label, number, option.tip)

    def _take(self, name: str, value: Any) -> None:
        """Give the tool a value; its option is asked for anew, so that it is never a stale one."""
        if self._tool is None:
            return
        option = next((each for each in self._tool.options() if each.name == name), None)
        if option is None:
            return
        self._setting = True
        try:
            option.set(int(value) if option.kind == "int" else value)
        finally:
            self._setting = False


def _quietly(widget: QWidget, show: Callable[[Any], None]) -> Callable[[Any], None]:
    """A function that shows a value without a signal."""

    def shown(value: Any) -> None:
        with QSignalBlocker(widget):
            show(value)

    return shown


def _tr(text: str) -> str:
    return QCoreApplication.translate("ToolOptions", text)
