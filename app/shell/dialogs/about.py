"""What the program is: version, licence, libraries."""

from __future__ import annotations

import platform

from PySide6.QtCore import QCoreApplication, QSize, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from app.core.report import LIBRARIES, installed_version
from app.panels.fields import described
from app.shell.theme import set_role
from app.workspace.icons import icon


class AboutDialog(QDialog):
    """A short page about the program, with facts to copy for a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("About Tilewright"))
        self.setAccessibleName(_tr("About Tilewright"))
        picture = QLabel()
        picture.setPixmap(icon("map-legend").pixmap(QSize(40, 40)))
        title = QLabel("Tilewright")
        set_role(title, "title")
        words = QLabel(
            _tr(
                "Paint a world of zones and rivers; a FLUX.2 Klein model paints the seamless map. "
                "The program and its bundled model are free under Apache-2.0."
            )
        )
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        for widget in (picture, title, words):
            column.addWidget(widget)
        column.addLayout(_facts())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(_tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        described(copy, _tr("Copy"), _tr("Copy these facts for a report."))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(facts_text()))
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        described(close, _tr("Close"), _tr("Put this page away."))
        close.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        column.addSpacing(6)
        column.addWidget(buttons)
        self.setMinimumWidth(430)


def facts() -> list[tuple[str, str]]:
    """(name, version) of the program, Python, Qt and the libraries that matter."""
    rows = [(name, installed_version(name) or "-") for name in LIBRARIES]
    return [*rows, ("Qt", qVersion()), ("Python", platform.python_version())]


def facts_text() -> str:
    """The facts as lines."""
    return "\n".join(f"{name} {version}" for name, version in facts())


def _facts() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(3)
    for name, version in facts():
        label, value = QLabel(name), QLabel(version)
        set_role(label, "muted")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(label, value)
    return form


def _tr(text: str) -> str:
    return QCoreApplication.translate("About", text)
