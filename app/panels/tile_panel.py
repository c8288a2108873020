"""What panels about the selected tile have in common: they read its results again, off the thread.

Only the newest reading is shown; one that was overtaken, or of a panel hidden meanwhile, is
dropped.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.workspace.workspace import Workspace
from painter.document import Document
from zones.grid import TileCoord

FoundT = TypeVar("FoundT")


class TilePanel(QWidget, Generic[FoundT]):
    """A panel that shows something kept of the selected tile; subclasses say what.

    Args:
        workspace: the open map.
        reading: name of the task that reads.
        parent: as of every widget.
    """

    def __init__(self, workspace: Workspace, reading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._reading = reading
        self._round = 0
        self._tile: TileCoord | None = None
        workspace.map_opened.connect(self.refresh)
        workspace.header_changed.connect(self.refresh)
        workspace.selection_changed.connect(self._on_workspace_selection_changed)
        workspace.tiles_changed.connect(self._on_workspace_tiles_changed)

    @property
    def tile(self) -> TileCoord | None:
        """The tile that it is about."""
        return self._tile

    def refresh(self) -> None:
        """Read again, unless nobody looks; another tile is shown empty until it is read."""
        document, tile = self._workspace.document, self._workspace.selected_tile
        self._round += 1
        if document is None or tile is None or tile != self._tile:
            self._take(None if document is None else tile, None)
        if document is None or tile is None or not self.isVisible():
            return
        started = self._round

        def done(found: FoundT) -> None:
            if started == self._round:
                self._take(tile, found)

        def failed(error: BaseException) -> None:
            if started == self._round:
                self._take(tile, None)
                self.say_failed(error)

        work = self._workspace.tasks
        work.submit(lambda: self.read(document, tile), done, failed=failed, name=self._reading)

    def read(self, document: Document, tile: TileCoord) -> FoundT:
        """What is to be shown of a tile; on the io thread."""
        raise NotImplementedError

    def show_found(self, found: FoundT | None, *, again: bool) -> None:
        """Show what was read of `tile`.

        Args:
            found: None for nothing: no tile, not read yet, or not to be read.
            again: whether the same tile was shown before.
        """
        raise NotImplementedError

    def say_failed(self, error: BaseException) -> None:
        """Say why nothing could be read."""
        raise NotImplementedError

    def _take(self, tile: TileCoord | None, found: FoundT | None) -> None:
        before, self._tile = self._tile, tile
        self.show_found(found, again=tile == before)

    @Slot()
    def _on_workspace_selection_changed(self) -> None:
        if self._workspace.selected_tile != self._tile:
            self.refresh()

    @Slot(object)
    def _on_workspace_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        if self._tile in tiles:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed meanwhile."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is on its way is no longer waited for."""
        super().hideEvent(event)
        self._round += 1
