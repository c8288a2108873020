"""The line at the bottom: where the pointer is, what is there, how far runs are, what is saved."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from app.canvas.view import MapView
from app.panels.fields import described
from app.panels.progress import ProgressStrip
from app.workspace.looks import capital
from app.workspace.workspace import Workspace
from zones.errors import InputError

_STRIP_PX = 380


class StatusLine(QObject):
    """Fills a status bar.

    Args:
        bar: of the window.
        workspace: has the map.
        view: shows it.
    """

    def __init__(self, bar: QStatusBar, workspace: Workspace, view: MapView) -> None:
        super().__init__(bar)
        self._workspace, self._view = workspace, view
        self.place, self.ground, self.zoom, self.saved = QLabel(), QLabel(), QLabel(), QLabel()
        self.strip = ProgressStrip(workspace)
        self.strip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        bar.setMinimumHeight(_bar_px(self.strip))
        described(self.place, self.tr("Place"), self.tr("Where the pointer is, in map px."))
        described(self.ground, self.tr("Ground"), self.tr("The zone under the pointer."))
        described(self.zoom, self.tr("Zoom"), self.tr("Screen px for each map px."))
        described(self.saved, self.tr("Saved"), self.tr("Whether your work is kept."))
        bar.setSizeGripEnabled(False)
        self.place.setMinimumWidth(90)
        for label in (self.place, self.ground):
            bar.addWidget(label)
        bar.addPermanentWidget(self.strip)
        for label in (self.saved, self.zoom):
            bar.addPermanentWidget(label)
        workspace.pointer_moved.connect(self._on_workspace_pointer)
        workspace.saved_changed.connect(self.refresh)
        workspace.map_opened.connect(self.refresh)
        workspace.run_changed.connect(self._give_room)
        workspace.history_changed.connect(self.refresh)
        view.view_changed.connect(self._show_zoom)
        self.refresh()

    def refresh(self) -> None:
        """Show what is saved."""
        document, busy = self._workspace.document, self._workspace.busy
        self._on_workspace_pointer(None)
        self._show_zoom()
        if document is None or busy:
            self.saved.setText(busy)
        elif document.read_only:
            self.saved.setText(self.tr("Only to look at"))
        elif self._workspace.has_changes:
            self.saved.setText(self.tr("Not saved"))
        else:
            self.saved.setText(self.tr("Saved"))

    def _give_room(self) -> None:
        """The strip keeps one width while tiles are painted, and takes what it needs after."""
        self.strip.setMinimumWidth(_STRIP_PX if self._workspace.run_status.running else 0)

    def _show_zoom(self) -> None:
        shown = self._workspace.document is not None
        self.zoom.setText(f"{self._view.scale * 100:.0f} %" if shown else "")

    def _on_workspace_pointer(self, at: tuple[float, float] | None) -> None:
        document, palette = self._workspace.document, self._workspace.palette
        place = ground = ""
        if document is not None and palette is not None and at is not None:
            x, y = int(at[0] // 1), int(at[1] // 1)
            try:
                ground = capital(palette.zone(document.pick(x, y)).name)
                place = f"{x}, {y}"
            except InputError:
                ground = ""
        self.place.setText(place)
        self.ground.setText(ground)


def _bar_px(strip: ProgressStrip) -> int:
    """The line's height with all of the strip shown, so that the map never moves with a run."""
    strip.stop_button.ensurePolished()
    return strip.stop_button.sizeHint().height() + 4
