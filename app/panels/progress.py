"""How far the runs are: a strip with total and time left, and the tiles one by one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.durations import duration_text
from app.core.run_status import RunStatus
from app.panels.fields import described, tool_button
from app.panels.tile_list import TileList, TileRow
from app.workspace.icons import icon, pixmap
from app.workspace.workspace import Workspace

_ICON_PX = 16
_BAR_PX = 8
_BAR_LEAST_PX = 40
_MODEL_ICONS = {
    "none": "chip",
    "loading": "timer-sand",
    "ready": "check-circle-outline",
    "failed": "alert-circle-outline",
}


class ProgressStrip(QWidget):
    """Model state, total with time left, pause and stop; one line, for the status bar too.

    Args:
        workspace: the open map.
        parent: as of every widget.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.model_icon = QLabel()
        self.bar = QProgressBar()
        self.text = QLabel()
        self.pause_button = tool_button("pause", _tr("Pause"), "")
        self.stop_button = tool_button(
            "stop",
            _tr("Stop everything"),
            _tr("Stop painting within a step; tiles that are finished stay."),
        )
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_PX)
        self.bar.setMinimumWidth(_BAR_LEAST_PX)
        described(self.bar, _tr("Progress"), _tr("Tiles painted of all that were asked for."))
        self.model_icon.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.text.setMinimumWidth(1)  # a longer text is cut; it never widens the panel
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model_icon)
        row.addWidget(self.bar, 1)
        row.addWidget(self.text)
        row.addWidget(self.pause_button)
        row.addWidget(self.stop_button)
        row.addStretch(0)
        self.pause_button.clicked.connect(self._on_pause_clicked)
        self.stop_button.clicked.connect(workspace.cancel_all)
        workspace.run_changed.connect(self.refresh)
        workspace.map_opened.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now."""
        status = self._workspace.run_status
        model = _model_text(status)
        self.model_icon.setPixmap(pixmap(_MODEL_ICONS[status.model_state], _ICON_PX))
        described(self.model_icon, _tr("Model"), model)
        self.model_icon.setVisible(status.running or status.model_state != "none")
        self.bar.setRange(0, max(status.total, 1))
        self.bar.setValue(status.done)
        self.bar.setVisible(status.running)
        self.text.setText(status_text(status))
        self.text.setToolTip(status.label)
        self.pause_button.setVisible(status.running)
        self.stop_button.setVisible(status.running)
        if status.paused:
            self.pause_button.setIcon(icon("play"))
            described(self.pause_button, _tr("Go on"), _tr("Go on painting."))
        else:
            tip = _tr("Stop painting until you go on.")
            self.pause_button.setIcon(icon("pause"))
            described(self.pause_button, _tr("Pause"), tip)

    def _on_pause_clicked(self) -> None:
        if self._workspace.run_status.paused:
            self._workspace.resume()
        else:
            self._workspace.pause()


class ProgressPanel(QWidget):
    """The strip above a list of all tiles in work, failed and waiting.

    Args:
        workspace: the open map.
        parent: as of every widget.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.strip = ProgressStrip(workspace)
        self.model_text = QLabel()
        self.tiles = TileList(workspace, self)
        self.list = QListView()
        self.go_button = QPushButton(_tr("Go to"))
        self.cancel_button = QPushButton(_tr("Cancel"))
        self.retry_button = QPushButton(_tr("Try again"))
        self.resume_button = QPushButton()
        self.drop_button = QPushButton(_tr("Forget"))
        self._lay_out()
        self._connect()
        self._on_workspace_run_changed()

    @property
    def row(self) -> TileRow | None:
        """The line that is chosen."""
        return self.tiles.row_at(self.list.currentIndex())

    def _lay_out(self) -> None:
        self.list.setModel(self.tiles)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        described(self.list, _tr("Tiles"), _tr("Tiles in work, tiles that failed, then the rest."))
        self.model_text.setProperty("role", "muted")
        self.model_text.setWordWrap(True)
        self._describe_buttons()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.strip)
        column.addWidget(self.model_text)
        left_over = QHBoxLayout()
        left_over.addWidget(self.resume_button, 1)
        left_over.addWidget(self.drop_button)
        column.addLayout(left_over)
        column.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        for button in (self.go_button, self.cancel_button, self.retry_button):
            buttons.addWidget(button)
        column.addLayout(buttons)

    def _describe_buttons(self) -> None:
        for button, tip in (
            (self.go_button, _tr("Show the tile on the map.")),
            (self.cancel_button, _tr("Take the tile out of the run, or stop it at its next step.")),
            (self.retry_button, _tr("Paint the failed tile once more, as it was asked for.")),
            (self.drop_button, _tr("Forget what was still to be painted last time.")),
        ):
            described(button, button.text(), tip)

    def _connect(self) -> None:
        workspace = self._workspace
        workspace.run_changed.connect(self._on_workspace_run_changed)
        workspace.map_opened.connect(self._on_workspace_run_changed)
        self.tiles.modelReset.connect(self._on_row_changed)
        self.tiles.dataChanged.connect(self._on_row_changed)
        self.list.selectionModel().currentChanged.connect(self._on_row_changed)
        self.list.doubleClicked.connect(self._on_go_clicked)
        self.list.customContextMenuRequested.connect(self._on_list_menu_requested)
        self.go_button.clicked.connect(self._on_go_clicked)
        self.cancel_button.clicked.connect(self._on_cancel_clicked)
        self.retry_button.clicked.connect(self._on_retry_clicked)
        self.resume_button.clicked.connect(workspace.resume_queue)
        self.drop_button.clicked.connect(workspace.drop_queue)

    def _on_workspace_run_changed(self) -> None:
        self.model_text.setText(_model_text(self._workspace.run_status))
        left = len(self._workspace.left_over)
        self.resume_button.setVisible(left > 0)
        self.drop_button.setVisible(left > 0)
        said = _tr("Go on where it stopped ({n})").format(n=left)
        self.resume_button.setText(said)
        tip = _tr("Paint what was still waiting when the program was closed.")
        described(self.resume_button, said, tip)
        self._on_row_changed()

    def _on_row_changed(self) -> None:
        row = self.row
        self.go_button.setEnabled(row is not None)
        self.cancel_button.setEnabled(row is not None and row.kind != "failed")
        self.retry_button.setEnabled(row is not None and row.kind == "failed")

    def _on_go_clicked(self) -> None:
        grid, row = self._workspace.grid, self.row
        if row is not None and grid is not None and grid.has(row.tile):
            self._workspace.selected_tile = row.tile
            self._workspace.go_to.emit(grid.window(row.tile))

    def _on_cancel_clicked(self) -> None:
        if self.row is not None:
            self._workspace.cancel_tile(self.row.tile)

    def _on_retry_clicked(self) -> None:
        if self.row is not None:
            self._workspace.retry(self.row.tile)

    def _on_list_menu_requested(self, at: QPoint) -> None:
        if self.row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in (self.go_button, self.cancel_button, self.retry_button):
            action = menu.addAction(button.text(), button.click)
            action.setEnabled(button.isEnabled())
        menu.popup(self.list.viewport().mapToGlobal(at))


def status_text(status: RunStatus) -> str:
    """The runs in a few words: tiles done, time left, failures."""
    if not status.running:
        if status.failed:
            return _tr("{n} failed").format(n=status.failed)
        landed = status.done - status.superseded - status.unchanged
        parts = [_tr("{n} painted").format(n=landed)] if landed else []
        if status.superseded:
            parts.append(_tr("{n} out of date by now").format(n=status.superseded))
        if status.unchanged:
            parts.append(_tr("{n} as before").format(n=status.unchanged))
        return ", ".join(parts)
    parts = [_tr("{done} of {total}").format(done=status.done, total=status.total)]
    if status.failed:
        parts.append(_tr("{n} failed").format(n=status.failed))
    if status.paused:
        parts.append(_tr("paused"))
    elif status.seconds_left is not None:
        parts.append(_tr("about {time} left").format(time=duration_text(status.seconds_left)))
    return ", ".join(parts)


def _model_text(status: RunStatus) -> str:
    return {
        "none": _tr("The model is loaded with the first tile."),
        "loading": _tr("The model is being loaded."),
        "ready": _tr("The model is ready."),
        "failed": _tr("The model could not be loaded; see the problems."),
    }[status.model_state]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Progress", text)
