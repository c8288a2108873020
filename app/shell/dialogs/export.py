"""Writing the finished map: what it will look like, how large it is, where it goes."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.core.map_export import MapPicture
from app.core.models import size_text
from app.panels.fields import ChoiceBox, add_row, described, tool_button
from app.shell.theme import set_role
from app.shell.welcome import map_name
from app.workspace.tasks import sentence_of
from app.workspace.workspace import Workspace
from generation.plan.errors import Cancelled
from painter.export import MAX_PNG_PX, check_target
from zones.errors import TilewrightError

PREVIEW_PX = 420
LARGEST_PREVIEW_PX = 64 * 2**20
"""Maps of more pixels are not looked at before they are written."""

_SETTLED_MS = 120
_FORMATS = (("png", ".png"), ("tiff", ".tif"))
_PNG_SHARE, _TIFF_SHARE = 0.62, 0.66
"""Shares of the raw size that painted maps took."""


class ExportDialog(QDialog):
    """Asks for a file and writes the map on the io thread.

    Signals:
        written: the file's path, once it is whole.

    Args:
        workspace: has the map.
        parent: as of every dialog.
    """

    written = Signal(object)
    _advanced = Signal(int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_tr("Export the map"))
        self.setAccessibleName(_tr("Export the map"))
        self._workspace = workspace
        self._stop: threading.Event | None = None
        self._round = 0
        self.picture_label = QLabel()
        self.format = ChoiceBox(_formats())
        self.file = QLineEdit(str(self._first_file()))
        self.beside = QCheckBox(_tr("Put the painted zones beside it"))
        self.facts, self.fault = QLabel(), QLabel()
        self.bar = QProgressBar()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.write_button = self._buttons.addButton(
            _tr("Export"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.cancel_button = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self.format.show_value("png")
        self._lay_out()
        self._connect()
        self.refresh()
        self._settled.start()

    @property
    def out(self) -> Path:
        """The file that would be written."""
        return Path(self.file.text().strip())

    @property
    def busy(self) -> bool:
        """Whether it is writing."""
        return self._stop is not None

    def picture(self) -> MapPicture | None:
        """What would be written; None without finished tiles."""
        world, stitch = self._workspace.world, self._workspace.stitch()
        if world is None or stitch is None:
            return None
        opacity = self._workspace.settings.stencil_opacity
        return MapPicture(world, stitch, opacity, self.beside.isChecked())

    def refresh(self) -> None:
        """Show size and limits, and whether it can be written."""
        picture = self.picture()
        fault = _tr("No tile is finished yet; generate some first.") if picture is None else ""
        if picture is not None:
            self.facts.setText(self._facts_text(picture))
            try:
                check_target(self.out, *picture.size)
            except TilewrightError as error:
                fault = str(error)[:1].upper() + str(error)[1:]
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.write_button.setEnabled(not fault and not self.busy)

    def write(self) -> None:
        """Write the file on the io thread."""
        picture, out = self.picture(), self.out
        if picture is None or self.busy:
            return
        stop = threading.Event()
        self._stop = stop

        def progress(row: int) -> None:
            if stop.is_set() or self._workspace.tasks.closing.is_set():
                raise Cancelled
            self._advanced.emit(row)

        self.bar.setRange(0, picture.size[1])
        self.bar.setValue(0)
        self._show_busy()
        self._workspace.tasks.submit(
            lambda: picture.write(out, None, progress),
            lambda _: self._on_written(out),
            failed=self._on_failed,
            name="export",
            owner=self,
        )

    def reject(self) -> None:
        """Stop writing, or close."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            self.fault.setText(_tr("Stopped; no file was written."))
            self._show_busy()
            self.fault.setVisible(True)
            return
        super().reject()

    # --- inside ---

    def _first_file(self) -> Path:
        document = self._workspace.document
        if document is None:
            return Path.home() / "map.png"
        folder = document.project.folder
        return folder.parent / f"{map_name(folder)}.png"

    def _facts_text(self, picture: MapPicture) -> str:
        """Size, room on disk, missing tiles and limits in a few short lines."""
        width, height = picture.size
        share = _PNG_SHARE if self.format.value == "png" else _TIFF_SHARE
        lines = [
            _tr("{width} × {height} px, about {size} on disk").format(
                width=width, height=height, size=size_text(round(width * height * 3 * share))
            )
        ]
        grid = picture.stitch.grid
        missing = grid.rows * grid.cols - len({raw.tile for raw in picture.stitch.windows})
        if missing:
            text = _tr("{missing} of {all} tiles are missing and stay black")
            lines.append(text.format(missing=missing, all=grid.rows * grid.cols))
        if self.format.value == "png":
            lines.append(_tr("PNG goes up to {limit} million px").format(limit=MAX_PNG_PX // 10**6))
        else:
            lines.append(_tr("TIFF has no limit: a tiled BigTIFF, written as it comes"))
        return "\n".join(lines)

    def _look(self) -> None:
        """Draw the preview on the io thread."""
        picture = self.picture()
        self._round += 1
        mine = self._round
        if picture is None:
            return
        if picture.size[0] * picture.size[1] > LARGEST_PREVIEW_PX:
            self.picture_label.setText(_tr("Too large to look at beforehand."))
            return

        def show(rgb: npt.NDArray[np.uint8]) -> None:
            if mine == self._round:
                self._show_preview(rgb)

        self._workspace.tasks.submit(
            lambda: picture.preview(2 * PREVIEW_PX),
            show,
            failed=lambda _: None,
            name="preview",
            owner=self,
        )

    def _show_preview(self, rgb: npt.NDArray[np.uint8]) -> None:
        height, width = rgb.shape[:2]
        image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        ratio = self.devicePixelRatioF()
        fitted = QPixmap.fromImage(image).scaled(
            self.picture_label.size() * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(ratio)
        self.picture_label.setPixmap(fitted)

    def _show_busy(self) -> None:
        busy = self.busy
        for widget in (self.file, self.format, self.beside):
            widget.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.cancel_button.setText(_tr("Stop") if busy else _tr("Close"))
        tip = _tr("Stop; no file is left.") if busy else _tr("Put this away.")
        described(self.cancel_button, self.cancel_button.text(), tip)
        if busy:
            self.write_button.setEnabled(False)
        else:
            self.write_button.setEnabled(True)

    def _on_written(self, out: Path) -> None:
        self._stop = None
        self._show_busy()
        self.facts.setText(_tr("Written: {file}").format(file=out))
        self.written.emit(out)

    def _on_failed(self, error: BaseException) -> None:
        self._stop = None
        self._show_busy()
        self.fault.setText(sentence_of(error))
        self.fault.setVisible(True)

    def _on_format_chosen(self, name: object) -> None:
        self.file.setText(str(self.out.with_suffix(dict(_FORMATS).get(str(name), ".png"))))
        self.refresh()

    def _on_file_changed(self) -> None:
        suffix = self.out.suffix.lower()
        self.format.show_value("tiff" if suffix in (".tif", ".tiff") else "png")
        self.refresh()

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, _tr("Export to"), str(self.out.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_tr("Pictures (*.png *.tif *.tiff)"))
        dialog.selectFile(self.out.name)
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    def _connect(self) -> None:
        self.format.chosen.connect(self._on_format_chosen)
        self.file.textChanged.connect(lambda _: self._on_file_changed())
        self.beside.toggled.connect(lambda _: self.refresh())
        self.beside.toggled.connect(lambda _: self._settled.start())
        self._settled.timeout.connect(self._look)
        self._advanced.connect(self.bar.setValue)
        self.write_button.clicked.connect(self.write)
        self._buttons.rejected.connect(self.reject)
        self._workspace.tiles_changed.connect(self._on_tiles_changed)

    def _on_tiles_changed(self, _tiles: object) -> None:
        if not self.busy:
            self.refresh()
            self._settled.start()

    def _lay_out(self) -> None:
        self.picture_label.setFixedSize(QSize(PREVIEW_PX, PREVIEW_PX))
        self.picture_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        described(self.picture_label, _tr("Preview"), _tr("What the file will look like."))
        frame = QFrame()
        set_role(frame, "well")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.picture_label)
        ask = tool_button("folder-open-outline", _tr("Choose"), _tr("Choose where it goes."))
        ask.clicked.connect(self._ask_file)
        described(self.file, _tr("File"), _tr("Where the picture goes; its ending says its kind."))
        self.file.setMinimumWidth(260)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.file, 1)
        row.addWidget(ask)
        form.addRow(_tr("File"), row)
        add_row(form, _tr("Kind"), self.format, _tr("PNG for most, TIFF for very large maps."))
        tip = _tr("The flat zones and rivers to the left, the finished map to the right.")
        described(self.beside, self.beside.text(), tip)
        form.addRow(self.beside)
        for label, role in ((self.facts, "muted"), (self.fault, "warn")):
            label.setWordWrap(True)
            set_role(label, role)
        described(self.bar, _tr("Progress"), _tr("How much of the file is written."))
        self.bar.setVisible(False)
        self.write_button.setDefault(True)
        set_role(self.write_button, "primary")
        described(self.write_button, _tr("Export"), _tr("Write the file."))
        right = QVBoxLayout()
        right.setSpacing(12)
        for part in (form,):
            right.addLayout(part)
        for widget in (self.facts, self.fault, self.bar):
            right.addWidget(widget)
        right.addStretch(1)
        right.addWidget(self._buttons)
        across = QHBoxLayout(self)
        across.setContentsMargins(16, 16, 16, 12)
        across.setSpacing(20)
        across.addWidget(frame)
        across.addLayout(right, 1)
        self._show_busy()


def _formats() -> tuple[tuple[object, str, str], ...]:
    return (
        ("png", "PNG", _tr("One picture that everything opens.")),
        ("tiff", "TIFF", _tr("Tiled BigTIFF: for maps of any size.")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)
