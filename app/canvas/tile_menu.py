"""What can be done with the tile under the pointer, for the menu of the right mouse button."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.canvas.tools.tool import MenuEntry
from app.workspace.compiled_tiles import tile_under
from app.workspace.workspace import Workspace


def tile_entries(workspace: Workspace, at: tuple[float, float]) -> list[MenuEntry]:
    """Select the tile at a place in map px and name what its state allows.

    Args:
        workspace: the open map.
        at: x and y.

    Returns:
        Texts and what they do; empty beyond the map.
    """
    tile = tile_under(workspace.grid, at)
    if tile is None:
        return []
    workspace.selected_tile = tile
    if workspace.read_only:
        return []
    kind = workspace.state_of(tile).kind
    if kind in {"queued", "generating"}:
        return [(_tr("Cancel this tile"), lambda: workspace.cancel_tile(tile))]
    entries: list[MenuEntry] = [(_tr("Generate this tile"), lambda: workspace.run("tile"))]
    if kind == "failed":
        entries = [(_tr("Try again"), lambda: workspace.retry(tile))]
    if kind in {"done", "flagged", "stale"}:
        entries.append((_tr("Another try"), lambda: workspace.reroll(tile)))
    if kind in {"done", "flagged"}:
        entries.append((_tr("Keep this tile"), lambda: workspace.keep(tile)))
    return entries


def _tr(text: str) -> str:
    return QCoreApplication.translate("Tile", text)
