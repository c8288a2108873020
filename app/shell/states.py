"""When actions can be used: the conditions of the action table, read off the workspace."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.actions import Condition
from app.workspace.workspace import Workspace

_FINISHED = ("done", "flagged", "stale")


def conditions(workspace: Workspace) -> frozenset[Condition]:
    """The conditions that hold now, "" among them; cheap."""
    return frozenset(_conditions(workspace))


def _conditions(workspace: Workspace) -> Iterator[Condition]:
    yield ""
    document = workspace.document
    if document is None:
        return
    yield "map"
    status = workspace.run_status
    if status.running:
        yield "running"
    if document.project.content.tiles:
        yield "finished"
    if workspace.read_only:
        return
    yield "editable"
    yield from _undoable(workspace)
    if workspace.has_changes:
        yield "unsaved"
    if workspace.selection is not None:
        yield "selection"
    if workspace.profile is None:
        return
    yield "can_run"
    yield from _mendable(workspace)


def _mendable(workspace: Workspace) -> Iterator[Condition]:
    """What there is to be painted again."""
    if workspace.seams is not None:
        yield "measured"
    tile = workspace.selected_tile
    if tile is not None:
        yield "tile"
        if workspace.state_of(tile).kind in _FINISHED:
            yield "finished_tile"


def _undoable(workspace: Workspace) -> Iterator[Condition]:
    """What of the history can be taken back or done again."""
    assert workspace.document is not None
    history = workspace.document.history
    user, runs = history.line("user"), history.line("runs")
    if user.next_back is not None:
        yield "undo"
    if user.next_on is not None:
        yield "redo"
    if runs.next_back is not None:
        yield "undo_run"
    if runs.next_on is not None:
        yield "redo_run"
