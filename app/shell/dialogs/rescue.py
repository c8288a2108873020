"""A damaged map: what of it is whole, what is lost, and where a mended copy goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.core.new_map import ENDING
from app.panels.fields import add_row, described, tool_button
from app.shell.dialogs.new_map import (
    MAX_NAME_CHARS,
    beside,
    complaint_about_name,
    free_name,
    is_taken,
)
from app.shell.theme import set_role
from app.shell.welcome import map_name
from app.workspace.tasks import Tasks, sentence_of
from generation.plan.errors import Cancelled
from painter.manifest import Kind
from painter.rescue import rescue
from painter.salvage import Loss, Salvage, salvage

MOST_LOSSES = 200
"""Losses that are listed; of more, the rest is a number."""

MOST_LINES = 6
"""Of them, so many show at once."""

_PIECES = ("zones", "protect", "art")


class RescueDialog(QDialog):
    """Says what of a damaged map is whole, and saves that as a new map without blocking anything.

    Signals:
        rescued: the folder of the new map.

    Args:
        tasks: read and write on a thread of their own.
        folder: of the damaged map; it stays as it is.
        reason: why it cannot be opened, one sentence; "" where it can.
        parent: as of every dialog.
        unsaved: the map is open and has work that is not saved; the new map is without it.
    """

    rescued = Signal(object)

    def __init__(
        self,
        tasks: Tasks,
        folder: Path,
        reason: str = "",
        parent: QWidget | None = None,
        *,
        unsaved: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("Rescue a damaged map"))
        self.setAccessibleName(_tr("Rescue a damaged map"))
        self._tasks, self._source = tasks, folder
        self._stop = threading.Event()
        self._found: Salvage | None = None
        self.intro, self.whole, self.fault = QLabel(), QLabel(), QLabel()
        self.lost_title, self.whole_title = QLabel(), QLabel(_tr("What can be saved"))
        self.losses = QListWidget()
        self.name = QLineEdit(free_name(folder.parent, _new_name(folder)))
        self.place = QLineEdit(str(folder.parent))
        self.busy = QProgressBar()
        self.target = QWidget()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton(_tr("Save as a new map"), _ACCEPT)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._buttons = buttons
        self._say_intro(reason, unsaved=unsaved)
        self._describe()
        self._lay_out()
        for line in (self.name, self.place):
            line.textChanged.connect(lambda _: self._refresh())
        buttons.accepted.connect(self._on_buttons_accepted)
        buttons.rejected.connect(self.reject)
        self._look()

    @property
    def folder(self) -> Path:
        """Where the new map goes."""
        return Path(self.place.text()) / f"{self.name.text().strip()}{ENDING}"

    # --- looking ---

    def _look(self) -> None:
        source, check = self._source, self._check()
        self._be_busy(_tr("Looking at what is whole…"))
        self._tasks.apart(
            lambda: salvage(source, check), self._on_looked, failed=self._on_failed,
            name="salvage", owner=self,
        )  # fmt: skip

    def _check(self) -> Callable[[], None]:
        """A function that ends the work once the dialog or the program is closed."""
        stops = (self._stop, self._tasks.closing)

        def check() -> None:
            if any(stop.is_set() for stop in stops):
                raise Cancelled

        return check

    def _on_looked(self, found: Salvage) -> None:
        self._found = found
        self._be_busy("")
        self.whole.setText("\n".join(whole_lines(found.kept)))
        count = len(found.losses)
        self.lost_title.setText(_tr("What is lost") if count else _tr("Nothing is lost"))
        for loss in found.losses[:MOST_LOSSES]:
            item = QListWidgetItem(loss_text(loss))
            item.setToolTip(f"{loss.file}\n{loss.why}")
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.losses.addItem(item)
        if count > MOST_LOSSES:
            more = _tr("and {count} more").format(count=count - MOST_LOSSES)
            self.losses.addItem(QListWidgetItem(more))
        for widget in (self.whole_title, self.whole, self.lost_title, self.target):
            widget.show()
        self._fit_losses()
        self._refresh()
        self.save.setFocus()
        self.adjustSize()

    def _fit_losses(self) -> None:
        """Make the list as high as its lines, up to a few."""
        lines = min(self.losses.count(), MOST_LINES)
        height = sum(self.losses.sizeHintForRow(row) for row in range(lines))
        self.losses.setFixedHeight(height + 2 * self.losses.frameWidth())
        self.losses.setVisible(bool(lines))

    def _on_failed(self, error: BaseException) -> None:
        self._be_busy("")
        self._say_fault(sentence_of(error))

    # --- saving ---

    def _on_buttons_accepted(self) -> None:
        if self._found is None or not self.save.isEnabled():
            return
        source, target, check = self._source, self.folder, self._check()
        self._be_busy(_tr("Saving what is whole…"))
        self._tasks.apart(
            lambda: rescue(source, target, check), self._on_saved, failed=self._on_failed,
            name="rescue", owner=self,
        )  # fmt: skip

    def _on_saved(self, made: Salvage) -> None:
        if self._stop.is_set():
            return
        folder = made.project.folder
        self.accept()
        self.rescued.emit(folder)

    # --- what it shows ---

    def _refresh(self) -> None:
        complaint = complaint_about_name(self.name.text())
        if not complaint and is_taken(self.folder):
            complaint = _tr("There is something of this name already; choose another name.")
        self._say_fault(complaint)
        self.save.setEnabled(self._found is not None and not complaint)

    def _say_fault(self, text: str) -> None:
        self.fault.setText(text[:1].upper() + text[1:])
        self.fault.setVisible(bool(text))

    def _be_busy(self, what: str) -> None:
        """Show that something goes on; "" is that it is over."""
        self.busy.setVisible(bool(what))
        self.busy.setFormat(what)
        self.busy.setAccessibleName(what or _tr("Work"))
        self.target.setEnabled(not what)
        self.save.setEnabled(not what and self._found is not None)
        if what:
            self.fault.hide()

    def _say_intro(self, reason: str, *, unsaved: bool) -> None:
        words = _tr("What is whole of “{name}” can be saved as a new map.")
        if reason:
            words = _tr("“{name}” cannot be opened, but not all of it is lost.")
        kept = _tr("The damaged map stays as it is.")
        if unsaved:
            kept += " " + _tr("What you did since the last save is not in the new one.")
        self.intro.setText(f"{words.format(name=map_name(self._source))} {kept}")
        self.intro.setToolTip(reason)

    def _describe(self) -> None:
        described(self.losses, _tr("What is lost"), _tr("Point at a line to read why."))
        described(self.save, self.save.text(), _tr("Make the new map and open it."))
        described(self.cancel, self.cancel.text(), _tr("Make nothing; the map stays as it is."))
        self.name.setMaxLength(MAX_NAME_CHARS)
        self.save.setDefault(True)
        self.cancel.setAutoDefault(False)
        set_role(self.save, "primary")
        set_role(self.whole_title, "heading")
        set_role(self.lost_title, "heading")
        set_role(self.fault, "warn")

    def _lay_out(self) -> None:
        for label in (self.intro, self.whole, self.fault):
            label.setWordWrap(True)
        self.losses.setWordWrap(True)
        self.losses.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.busy.setRange(0, 0)
        form = QFormLayout(self.target)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        add_row(form, _tr("Name"), self.name, _tr("What the new map and its folder are called."))
        ask = tool_button("folder-open-outline", _tr("Choose"), _tr("Choose another folder."))
        ask.clicked.connect(self._ask_place)
        described(self.place, _tr("Folder"), _tr("The folder that the new map's own folder is in."))
        form.addRow(_tr("Folder"), beside(self.place, ask))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(8)
        column.addWidget(self.intro)
        for title, body in ((self.whole_title, self.whole), (self.lost_title, self.losses)):
            column.addSpacing(4)
            column.addWidget(title)
            column.addWidget(body)
        column.addSpacing(6)
        for widget in (self.target, self.busy, self.fault, self._buttons):
            column.addWidget(widget)
        for widget in (self.whole_title, self.whole, self.lost_title, self.losses, self.target):
            widget.hide()
        self.fault.hide()
        self.setMinimumWidth(520)

    def _ask_place(self) -> None:
        dialog = QFileDialog(self, _tr("Where the new map is kept"), self.place.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        dialog.fileSelected.connect(self.place.setText)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # --- Qt ---

    def done(self, result: int) -> None:
        """End what is still read or written; nothing is left behind of it."""
        self._stop.set()
        super().done(result)


_ACCEPT = QDialogButtonBox.ButtonRole.AcceptRole


def whole_lines(kept: Mapping[Kind, int]) -> list[str]:
    """What can be saved, a line for each kind that there is something of."""
    names: dict[Kind, str] = {
        "zones": _tr("Painted zones: {count}"),
        "strokes": _tr("Rivers, paths and other strokes: {count}"),
        "tiles": _tr("Finished tiles: {count}"),
        "protect": _tr("Protected places: {count}"),
        "art": _tr("Kept pixels: {count}"),
    }
    piece, pieces = _tr("one piece of 512 × 512 px"), _tr("{count} pieces of 512 × 512 px")
    lines = []
    for kind, text in names.items():
        count = kept.get(kind, 0)
        number = str(count)
        if kind in _PIECES:
            number = piece if count == 1 else pieces.format(count=count)
        if count:
            lines.append(text.format(count=number))
    return lines or [_tr("Only the map's size, palette and settings.")]


def loss_text(loss: Loss) -> str:
    """What is lost, as a line begins."""
    return loss.what[:1].upper() + loss.what[1:]


def _new_name(folder: Path) -> str:
    return _tr("{name} rescued").format(name=map_name(folder))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Rescue", text)
