"""Choosing the model of a map: the bundled one, a folder, or one of the hub.

The network is touched only when the user presses Fetch, and by another process.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.core.models import RECOMMENDED, ModelFacts, model_facts, size_text
from app.panels.fields import described
from app.shell.dialogs.hub_fetch import HubFetch
from app.workspace.icons import icon
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from generation.engine.folder import BUNDLED

_SETTLED_MS = 300
_INDENT_PX = 26
_WIDTH_PX = 520
_PROMILLE = 1000
_DETAILS_PX = 130


class ModelChooser(QWidget):
    """Three kinds of models, and what is known of the chosen one.

    Args:
        workspace: lends its io thread.
        model: that is chosen at first.

    Signals:
        changed: `facts` is another value; None while the model is looked at.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.facts: ModelFacts | None = None
        self._found: dict[str, Any] | None = None
        self._round = 0
        self.fetching = HubFetch(self)
        self.bundled = QRadioButton(_tr("The one that comes along ({name})").format(name=BUNDLED))
        self.folder = QRadioButton(_tr("A folder on this computer"))
        self.hub = QRadioButton(_tr("A model of the Hugging Face hub"))
        self.path = QLineEdit()
        self.browse = QPushButton(icon("folder-open-outline"), _tr("Choose…"))
        self.hub_id = QComboBox()
        self.fetch_button = QPushButton(icon("download-outline"), _tr("Fetch…"))
        self.details = QLabel()
        self.consent = QCheckBox(_tr("I have read the licence and accept it"))
        self.bar = QProgressBar()
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._lay_out()
        self._choose(model)
        self._connect()
        self._look()

    @property
    def model(self) -> str:
        """The name of the chosen model, as a project keeps it; "" where none is given."""
        if self.bundled.isChecked():
            return BUNDLED
        if self.folder.isChecked():
            return self.path.text().strip()
        return self.hub_id.currentText().strip()

    def stop(self) -> None:
        """End a download; what has arrived is kept."""
        self.fetching.stop()
        self._show()

    # --- building ---

    def _lay_out(self) -> None:
        self.hub_id.setEditable(True)
        self.hub_id.addItem(RECOMMENDED)
        self.path.setPlaceholderText(_tr("The folder that holds model_index.json"))
        self.bar.setRange(0, _PROMILLE)
        self.bar.setTextVisible(False)
        self.details.setWordWrap(True)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.details.setOpenExternalLinks(True)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setTextFormat(Qt.TextFormat.RichText)
        for widget, name, tip in self._described():
            described(widget, name, tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.bundled)
        column.addWidget(self.folder)
        column.addLayout(_indented(self.path, self.browse))
        column.addWidget(self.hub)
        column.addLayout(_indented(self.hub_id, self.fetch_button))
        card = QFrame()
        card.setProperty("role", "card")
        card.setMinimumHeight(_DETAILS_PX)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.addWidget(self.details, 1)
        inside.addWidget(self.consent)
        inside.addWidget(self.bar)
        column.addWidget(card, 1)

    def _described(self) -> tuple[tuple[QWidget, str, str], ...]:
        return (
            (
                self.bundled,
                _tr("Bundled model"),
                _tr("Small and quick: paints on any computer, needs no download."),
            ),
            (
                self.folder,
                _tr("Model folder"),
                _tr("A FLUX.2 Klein model that lies on this computer in diffusers' format."),
            ),
            (
                self.hub,
                _tr("Hub model"),
                _tr("A model named OWNER/NAME; it is fetched once and then works off line."),
            ),
            (self.path, _tr("Path of the model folder"), _tr("Where the folder lies.")),
            (self.browse, _tr("Choose a folder"), _tr("Look for the folder on this computer.")),
            (self.hub_id, _tr("Hub id"), _tr("Owner and name of the model on the hub.")),
            (
                self.fetch_button,
                _tr("Fetch"),
                _tr("Ask the hub for size and licence; the only thing here that uses the network."),
            ),
            (
                self.consent,
                self.consent.text(),
                _tr("The licence of this model forbids some uses; read it before you go on."),
            ),
            (self.bar, _tr("Download"), _tr("How much of the model has arrived.")),
        )

    def _choose(self, model: str) -> None:
        if model in {"", BUNDLED}:
            self.bundled.setChecked(True)
        elif "/" in model and not Path(model).is_absolute() and not Path(model).exists():
            self.hub.setChecked(True)
            self.hub_id.setCurrentText(model)
        else:
            self.folder.setChecked(True)
            self.path.setText(model)

    def _connect(self) -> None:
        for button in (self.bundled, self.folder, self.hub):
            button.toggled.connect(self._on_choice_changed)
        self.path.textChanged.connect(self._on_choice_changed)
        self.path.textEdited.connect(lambda: self.folder.setChecked(True))
        self.hub_id.currentTextChanged.connect(self._on_choice_changed)
        self.hub_id.activated.connect(lambda: self.hub.setChecked(True))
        self.browse.clicked.connect(self._on_browse_clicked)
        self.fetch_button.clicked.connect(self._on_fetch_clicked)
        self.consent.toggled.connect(self._show)
        self._settled.timeout.connect(self._look)
        self.fetching.found.connect(self._on_fetching_found)
        self.fetching.progressed.connect(self._on_fetching_progressed)
        self.fetching.fetched.connect(self._look)
        self.fetching.failed.connect(self._on_fetching_failed)

    # --- what is chosen ---

    def _on_choice_changed(self) -> None:
        if self.fetching.busy:
            self.fetching.stop()
        self._found = None
        self.facts = None
        self._settled.start()
        self._show()
        self.changed.emit()

    def _look(self) -> None:
        """Look at the chosen model on this machine, off the GUI thread."""
        self._settled.stop()
        self._round += 1
        started, name = self._round, self.model

        def done(facts: ModelFacts) -> None:
            if started == self._round and name == self.model:
                self.facts = facts
                self._show()
                self.changed.emit()

        def failed(error: BaseException) -> None:
            done(ModelFacts(name, None, why=sentence_of(error)))

        tasks = self._workspace.tasks
        tasks.submit(lambda: model_facts(name), done, failed=failed, name="model", owner=self)

    def _on_browse_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _tr("Choose a model folder"))
        if folder:
            self.folder.setChecked(True)
            self.path.setText(folder)

    # --- the hub ---

    def _on_fetch_clicked(self) -> None:
        self.hub.setChecked(True)
        if self.fetching.busy:
            self.stop()
        elif self._found is None:
            self.fetching.look_up(self.model)
            self._say(_tr("Asking the hub…"))
        else:
            self.fetching.fetch(self._found["hub_id"], self._found["commit"])
            self._on_fetching_progressed(0, self._found["size_bytes"], "")
        self._show_buttons()

    def _on_fetching_found(self, facts: dict[str, Any]) -> None:
        self._found = facts
        self.consent.setChecked(False)
        self._show()

    def _on_fetching_progressed(self, done: int, total: int, file: str) -> None:
        self.bar.setValue(round(_PROMILLE * done / max(total, 1)))
        said = _tr("{done} of {total}").format(done=size_text(done), total=size_text(total))
        self._say(_tr("Fetching: {amount}").format(amount=said), file)
        self._show_buttons()

    def _on_fetching_failed(self, reason: str) -> None:
        self._say(_tr("That did not work"), reason)
        self._show_buttons()

    # --- showing ---

    def _show(self) -> None:
        """Show what is known of the chosen model."""
        facts, found = self.facts, self._found
        if self.fetching.busy:
            pass
        elif facts is not None and facts.path is not None:
            self._say(_tr("Ready to use"), *_facts_lines(facts))
        elif found is not None:
            size = size_text(found["size_bytes"])
            lines = [_tr("Download: {size}").format(size=size), _licence_line(found)]
            self._say(found["hub_id"], *lines)
        elif facts is None:
            self._say(_tr("Looking…"))
        elif facts.may_be_fetched:
            hint = _tr("Fetch asks the hub for its size and licence, then downloads it.")
            self._say(_tr("Not on this computer yet"), hint)
        else:
            self._say(_tr("This cannot be used"), facts.why)
        self._show_buttons()

    def _show_buttons(self) -> None:
        facts, found, busy = self.facts, self._found, self.fetching.busy
        here = facts is not None and facts.path is not None
        asks = found is not None and not found["is_free"] and not here
        self.consent.setVisible(asks and not busy)
        self.bar.setVisible(busy and found is not None)
        if busy:
            self.fetch_button.setText(_tr("Stop"))
            self.fetch_button.setIcon(icon("stop"))
        elif found is not None:
            self.fetch_button.setText(_tr("Download"))
            self.fetch_button.setIcon(icon("download-outline"))
        else:
            self.fetch_button.setText(_tr("Fetch…"))
            self.fetch_button.setIcon(icon("download-outline"))
        wanted = self.hub.isChecked() and facts is not None and facts.may_be_fetched
        self.fetch_button.setEnabled(
            busy or (wanted and not (asks and not self.consent.isChecked()))
        )

    def _say(self, title: str, *lines: str) -> None:
        body = "".join(f"<p style='margin:4px 0 0 0'>{_marked_up(line)}</p>" for line in lines)
        self.details.setText(f"<b>{escape(title)}</b>{body}")


class ModelDialog(QDialog):
    """Asks for the model of the open map.

    Args:
        workspace: the open map; it gets the model when the dialog is accepted.
        parent: as of every dialog.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        document = workspace.document
        self.setWindowTitle(_tr("Model"))
        self.setMinimumWidth(_WIDTH_PX)
        self.chooser = ModelChooser(workspace, document.project.model if document else "")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.use = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.use.setText(_tr("Use this model"))
        described(self.use, self.use.text(), _tr("Paint this map with the chosen model from now."))
        self.note = QLabel(_tr("Finished tiles become out of date when the model changes."))
        self.note.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.chooser, 1)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.chooser.changed.connect(self._on_chooser_changed)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._on_chooser_changed()

    def _on_chooser_changed(self) -> None:
        facts = self.chooser.facts
        usable = facts is not None and facts.path is not None
        self.use.setEnabled(usable and not self._workspace.read_only)

    def accept(self) -> None:
        """Give the map the chosen model."""
        facts = self.chooser.facts
        if facts is None or facts.path is None:
            return
        self.chooser.stop()
        self._workspace.set_model(facts.name)
        super().accept()

    def reject(self) -> None:
        """Leave the map as it is; a download ends, what has arrived is kept."""
        self.chooser.stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End a download."""
        self.chooser.stop()
        super().closeEvent(event)


def _indented(field: QWidget, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(_INDENT_PX, 0, 0, 0)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row


def _facts_lines(facts: ModelFacts) -> list[str]:
    profile = facts.profile
    lines = [_tr("Size: {size}").format(size=size_text(facts.size_bytes))]
    if profile is not None:
        said = _tr("Tiles of {px} px, {steps} steps each")
        lines.append(said.format(px=profile.window_px, steps=profile.steps))
    if facts.licence:
        lines.append(_tr("Licence: {name}").format(name=facts.licence))
    lines.append(str(facts.path))
    return lines


def _licence_line(found: dict[str, Any]) -> str:
    line = _tr("Licence: {name}").format(name=found["licence"])
    return f"{line} {found['page']}"


def _marked_up(line: str) -> str:
    """A line as rich text; an address at its end can be clicked."""
    head, _, last = line.rpartition(" ")
    if last.startswith(("https://", "http://")):
        return f"{escape(head)}, <a href='{escape(last)}'>{escape(last)}</a>"
    return escape(line)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Model", text)
