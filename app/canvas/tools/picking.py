"""Taking the zone under the pointer: what Alt does in every tool that paints zones."""

from __future__ import annotations

from app.canvas.tools.edit_tool import on_map, pixel_at
from app.canvas.tools.tool import Pointer
from app.workspace.workspace import Workspace


def pick_zone(workspace: Workspace, pointer: Pointer) -> int | None:
    """Make the zone under the pointer the active one.

    Returns:
        Its id (unpainted ground counts as the palette's base zone), or None beyond the map.

    Raises:
        InputError: a file of the map is missing or damaged.
    """
    document = workspace.document
    if document is None or not on_map(document, pointer):
        return None
    zone = document.project.palette.zone(document.pick(*pixel_at(pointer))).id
    workspace.active_zone = zone
    return zone
