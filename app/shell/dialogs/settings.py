"""The user's settings, made from the table of options; a change is in force at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.options import OPTIONS, Option, Value, options_by_key, pages
from app.core.user_settings import UserSettings
from app.panels.fields import ChoiceBox, described, tool_button
from app.shell.theme import set_role
from zones.errors import TilewrightError

_PAGE_PX, _FIELD_PX, _ROW_PX = 150, 220, 32


class SettingsDialog(QDialog):
    """Pages of options at the left, the options of one page at the right.

    Args:
        settings: the user's; changed as soon as a control is.
        parent: as of every dialog.
    """

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("Settings"))
        self.setAccessibleName(_tr("Settings"))
        self._settings = settings
        self._shows: dict[str, Callable[[Value], None]] = {}
        self.fields: dict[str, QWidget] = {}
        self.pages = QListWidget()
        self.fault = QLabel()
        self._stack = QStackedWidget()
        for page in pages():
            self.pages.addItem(_tr(page))
            self.pages.item(self.pages.count() - 1).setSizeHint(QSize(0, _ROW_PX))
            self._stack.addWidget(self._page(page))
        self._lay_out()
        self.refresh()
        stop = settings.listen(lambda _: self.refresh())
        self.destroyed.connect(stop)

    def refresh(self) -> None:
        """Show the values as they are now."""
        for key, show in self._shows.items():
            show(self._settings.get(key))

    def _take(self, key: str, value: Value) -> None:
        option = options_by_key()[key]
        try:
            self._settings.set(key, int(value) if option.kind == "int" else value)
        except TilewrightError as error:
            self.fault.setText(str(error))
            return
        self.fault.setText(_tr("In force after a restart.") if option.restart else "")

    def _page(self, name: str) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 4, 4, 4)
        column.setSpacing(14)
        for option in OPTIONS:
            if option.page == name and not option.hidden:
                column.addLayout(self._row(option))
        column.addStretch(1)
        return page

    def _row(self, option: Option) -> QVBoxLayout:
        """An option's control with its sentence below."""
        column = QVBoxLayout()
        column.setSpacing(3)
        label, tip = _tr(option.label), _tr(option.help)
        field = self._field(option)
        self.fields[option.key] = field
        described(field, label, tip)
        if option.kind == "bool":
            column.addWidget(field)
        else:
            form = QFormLayout()
            form.setHorizontalSpacing(12)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
            name = QLabel(label)
            name.setMinimumWidth(_PAGE_PX)
            name.setBuddy(field)
            field.setMinimumWidth(_FIELD_PX)
            form.addRow(name, self._with_button(option, field))
            column.addLayout(form)
        words = QLabel(tip)
        words.setWordWrap(True)
        set_role(words, "muted")
        column.addWidget(words)
        return column

    def _field(self, option: Option) -> QWidget:
        key = option.key
        if option.kind == "bool":
            box = QCheckBox(_tr(option.label))
            box.toggled.connect(lambda on: self._take(key, on))
            self._shows[key] = _quietly(box, lambda value: box.setChecked(bool(value)))
            return box
        if option.kind == "choice":
            choice = ChoiceBox([(value, _tr(label), "") for value, label in option.choices])
            choice.chosen.connect(lambda value: self._take(key, str(value)))
            self._shows[key] = choice.show_value
            return choice
        if option.kind in ("int", "float"):
            number = QDoubleSpinBox()
            number.setDecimals(0 if option.kind == "int" else 2)
            number.setRange(option.low, option.high)
            number.setKeyboardTracking(False)
            number.setSuffix(f" {option.unit}" if option.unit else "")
            number.valueChanged.connect(lambda value: self._take(key, value))
            self._shows[key] = _quietly(number, lambda value: number.setValue(float(value)))
            return number
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._take(key, line.text().strip()))
        self._shows[key] = _quietly(line, lambda value: line.setText(str(value)))
        return line

    def _with_button(self, option: Option, field: QWidget) -> QWidget:
        """A folder's field with a button that asks for it."""
        if option.kind != "folder":
            return field
        button = tool_button("folder-open-outline", _tr("Choose"), _tr("Choose a folder."))
        button.clicked.connect(lambda: self._ask_folder(option.key))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(field, 1)
        row.addWidget(button)
        return both

    def _ask_folder(self, key: str) -> None:
        start = self._settings.text(key) or str(Path.home())
        dialog = QFileDialog(self, _tr("Choose a folder"), start)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._take(key, name))
        dialog.open()

    def _lay_out(self) -> None:
        described(self.pages, _tr("Pages"), _tr("What the settings are about."))
        self.pages.setFixedWidth(_PAGE_PX)
        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.pages.setCurrentRow(0)
        set_role(self.fault, "warn")
        self.fault.setWordWrap(True)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addWidget(self.pages)
        across.addWidget(self._stack, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        described(close, _tr("Close"), _tr("Put the settings away; they are kept."))
        close.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(self.fault, 1)
        foot.addWidget(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(across, 1)
        column.addLayout(foot)
        self.resize(640, 380)


def _quietly(widget: QWidget, show: Callable[[Value], None]) -> Callable[[Value], None]:
    """A function that shows a value without a signal."""

    def shown(value: Value) -> None:
        with QSignalBlocker(widget):
            show(value)

    return shown


def _tr(text: str) -> str:
    return QCoreApplication.translate("Settings", text)
