"""What the actions on the map and its runs do: undo, selection, generating."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import get_args

from PySide6.QtCore import QObject

from app.canvas.view import MapView
from app.shell.menus import Actions
from app.workspace.workspace import What, Workspace
from zones.geometry import Rect
from zones.grid import TileCoord


class MapCommands(QObject):
    """Binds the actions of the Edit and Generate menus.

    Args:
        workspace: has the map.
        view: shows it.
        actions: made from the table.
        paint: starts a run with the choices of the panel.
    """

    def __init__(
        self,
        workspace: Workspace,
        view: MapView,
        actions: Actions,
        paint: Callable[[What], object],
    ) -> None:
        super().__init__(view)
        self._workspace, self._view, self._actions = workspace, view, actions
        self._paint = paint
        self._bind_edit()
        self._bind_runs()
        workspace.run_changed.connect(self._on_workspace_run_changed)

    def _bind_edit(self) -> None:
        workspace, bind = self._workspace, self._actions.bind
        bind("edit.undo", lambda _: self._undo())
        bind("edit.redo", lambda _: workspace.redo())
        bind("edit.undo_run", lambda _: workspace.undo_run())
        bind("edit.redo_run", lambda _: workspace.redo_run())
        bind("edit.select_all", lambda _: self._select(whole=True))
        bind("edit.select_none", lambda _: self._select(whole=False))

    def _bind_runs(self) -> None:
        workspace, bind = self._workspace, self._actions.bind
        for what in get_args(What):
            bind(f"run.{what}", partial(self._run, what))
        bind("run.reroll", lambda _: self._with_tile(workspace.reroll))
        bind("run.repair", lambda _: workspace.repairs.mend_all())
        bind("run.keep", lambda _: self._with_tile(workspace.keep))
        bind("run.cancel_tile", lambda _: self._with_tile(workspace.cancel_tile))
        bind("run.cancel", lambda _: workspace.cancel_all())
        bind("run.pause", lambda on: workspace.pause() if on else workspace.resume())

    def _run(self, what: What, _on: bool) -> None:
        self._paint(what)

    def _undo(self) -> None:
        """Take back the last point of what is being drawn, else the last step."""
        tool = self._view.tool
        if tool is None or not tool.step_back():
            self._workspace.undo()

    def _select(self, *, whole: bool) -> None:
        document = self._workspace.document
        if document is not None:
            self._workspace.selection = Rect(0, 0, *document.project.size) if whole else None

    def _with_tile(self, act: Callable[[TileCoord], object]) -> None:
        tile = self._workspace.selected_tile
        if tile is not None:
            act(tile)

    def _on_workspace_run_changed(self) -> None:
        self._actions.show_checked("run.pause", self._workspace.run_status.paused)
