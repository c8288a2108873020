"""The tiles a run is about: what is painted now, what failed and why, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.core.run_status import TileState
from app.workspace.icons import icon
from app.workspace.looks import STATE_ICONS, state_colour, state_label
from app.workspace.workspace import Workspace
from zones.grid import TileCoord

_RANK = {"generating": 0, "failed": 1, "queued": 2}
"""The states that are listed, first to last."""

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class TileRow:
    """One line of the list.

    Attributes:
        tile: which.
        kind: `generating`, `failed` or `queued`.
        text: what the line says.
        reason: of a failure, one sentence, or "".
    """

    tile: TileCoord
    kind: str
    text: str
    reason: str = ""


class TileList(QAbstractListModel):
    """Tiles in work, failed and waiting, kept up with the workspace.

    Args:
        workspace: the open map.
        parent: as of every QObject.
    """

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rows: list[TileRow] = []
        workspace.map_opened.connect(self.reload)
        workspace.tiles_changed.connect(self._on_workspace_tiles_changed)
        workspace.step_done.connect(self._on_workspace_step_done)
        self.reload()

    @property
    def rows(self) -> tuple[TileRow, ...]:
        """All lines, first to last."""
        return tuple(self._rows)

    def row_at(self, index: _Index) -> TileRow | None:
        """The line of an index, or None."""
        return self._rows[index.row()] if 0 <= index.row() < len(self._rows) else None

    def reload(self) -> None:
        """Look at every tile of the map."""
        grid = self._workspace.grid
        tiles = () if grid is None else grid.tiles()
        self._show(row for tile in tiles if (row := self._row_of(tile)) is not None)

    def _on_workspace_tiles_changed(self, tiles: frozenset[TileCoord]) -> None:
        stay = [row for row in self._rows if row.tile not in tiles]
        found = [row for tile in tiles if (row := self._row_of(tile)) is not None]
        if found or len(stay) < len(self._rows):
            self._show([*stay, *found])

    def _on_workspace_step_done(self, event: Any) -> None:
        for at, row in enumerate(self._rows):
            if row.kind != "generating":
                return
            if row.tile == event.tile and (fresh := self._row_of(row.tile)) is not None:
                if fresh.kind == "generating":
                    self._rows[at] = fresh
                    self.dataChanged.emit(self.index(at), self.index(at))
                return

    def _row_of(self, tile: TileCoord) -> TileRow | None:
        grid = self._workspace.grid
        if grid is None or not grid.has(tile):
            return None
        state = self._workspace.state_of(tile)
        if state.kind not in _RANK:
            return None
        return TileRow(tile, state.kind, _said(tile, state), state.reason)

    def _show(self, rows: Iterable[TileRow]) -> None:
        ordered = sorted(rows, key=lambda row: (_RANK[row.kind], row.tile))
        if ordered == self._rows:
            return
        if [row.tile for row in ordered] == [row.tile for row in self._rows]:
            self._rows = ordered
            self.dataChanged.emit(self.index(0), self.index(len(ordered) - 1))
            return
        self.beginResetModel()
        self._rows = ordered
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Number of lines."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, icon or tooltip of a line."""
        row = self.row_at(index)
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.text
        if role == Qt.ItemDataRole.DecorationRole:
            return icon(STATE_ICONS[row.kind], state_colour(row.kind).name())
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.reason or row.text
        return None


def tile_name(tile: TileCoord) -> str:
    """What a tile is called: its row and column from 0, as everywhere."""
    return _tr("Tile {row}, {column}").format(row=tile.row, column=tile.col)


def _said(tile: TileCoord, state: TileState) -> str:
    name = tile_name(tile)
    if state.kind == "generating" and state.steps:
        said = _tr("{tile}: step {step} of {steps}")
        return said.format(tile=name, step=state.step, steps=state.steps)
    if state.kind == "failed" and state.reason:
        return _tr("{tile}: {reason}").format(tile=name, reason=state.reason)
    return _tr("{tile}: {state}").format(tile=name, state=state_label(state.kind).lower())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Progress", text)
