"""What the soak's user does: each act is a name and a generator that takes one event at a time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QDialog

from app.core.actions import ACTIONS
from app.shell.main_window import MainWindow
from tests.bench.window import Hands, wait_for

NEVER = {"file.quit", "file.close", "view.full_screen"}
"""Actions that end the window, or that no window without a screen can do."""

_TOOLS = tuple(row.id for row in ACTIONS if row.id.startswith("tool."))
_RUNS = ("run.stale", "run.view", "run.tile", "run.reroll", "run.selection", "run.repair")
_PLAIN = tuple(
    row.id for row in ACTIONS if row.id not in NEVER and not row.id.startswith(("tool.", "run."))
)
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete)
_MOST_STEPS = 4

WEIGHTS = {
    "draw": 40,
    "pan": 8,
    "zoom": 10,
    "click": 8,
    "menu": 3,
    "key": 4,
    "choose": 8,
    "action": 14,
    "undo": 12,
    "run": 5,
    "cancel": 3,
    "pause": 2,
    "settings": 4,
    "tile": 5,
    "save": 2,
    "history": 3,
    "reopen": 1,
    "wait": 4,
}


class Acts:
    """A user who does anything.

    Args:
        window: to use.
        rng: decides.
    """

    def __init__(self, window: MainWindow, rng: random.Random) -> None:
        self._window, self._rng = window, rng
        self._hands = Hands(window.view)
        workspace = window.workspace
        workspace.settings = replace(workspace.settings, steps=2)

    def choose(self) -> str:
        """The next act, with its particular."""
        name = self._rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if name == "action":
            return f"action {self._rng.choice(_PLAIN)}"
        if name == "run":
            return f"action {self._rng.choice(_RUNS)}"
        if name == "draw":
            return f"draw {self._rng.choice(_TOOLS)}"
        return name

    def perform(self, name: str) -> Iterator[None]:
        """Do an act, one event at a time."""
        kind, _, what = name.partition(" ")
        act: Callable[..., Iterator[None]] = getattr(self, f"_{kind}")
        yield from act(what) if what else act()

    # --- on the map ---

    def _draw(self, tool: str) -> Iterator[None]:
        self._trigger(tool)
        yield from self._hands.drag(self._line(self._rng.randint(2, 30)))
        if self._rng.random() < 0.5:
            self._hands.key(self._rng.choice(_ENDS))

    def _pan(self) -> Iterator[None]:
        yield from self._hands.pan(self._line(12))

    def _zoom(self) -> Iterator[None]:
        at, way = self._place(), self._rng.choice((-1, 1))
        for _ in range(self._rng.randint(1, 6)):
            self._hands.wheel(at, way)
            yield

    def _click(self) -> Iterator[None]:
        at = self._place()
        self._hands.move(at, Qt.MouseButton.NoButton)
        yield
        if self._rng.random() < 0.2:
            self._hands.double(at)
        else:
            self._hands.press(at)
            yield
            self._hands.release(at)

    def _menu(self) -> Iterator[None]:
        at = self._place()
        self._hands.press(at, Qt.MouseButton.RightButton)
        yield
        self._hands.release(at, Qt.MouseButton.RightButton)
        menu = QApplication.activePopupWidget()
        actions = [] if menu is None else [one for one in menu.actions() if one.isEnabled()]
        if menu is not None and actions and self._rng.random() < 0.5:
            action = self._rng.choice(actions)
            menu.close()
            action.trigger()

    def _key(self) -> Iterator[None]:
        self._hands.key(self._rng.choice((*_ENDS, Qt.Key.Key_Space, Qt.Key.Key_Left)))
        yield

    # --- choices ---

    def _choose(self) -> Iterator[None]:
        workspace = self._window.workspace
        workspace.active_zone = self._rng.randint(0, 8)
        workspace.active_stencil = self._rng.choice(("river", "path", "road"))
        workspace.brush_radius_px = self._rng.choice((1.0, 8.0, 24.0, 90.0, 400.0))
        workspace.brush_softness = self._rng.choice((0.0, 0.5, 1.0))
        yield

    def _settings(self) -> Iterator[None]:
        workspace, rng = self._window.workspace, self._rng
        workspace.settings = replace(
            workspace.settings,
            steps=rng.randint(1, _MOST_STEPS),
            mu_feature=rng.choice((None, 0.0, 0.35, 1.0)),
            mu_soft=rng.choice((0.0, 0.15, 0.5)),
            gate=rng.choice(("index", "sigma")),
            layout=rng.choice(("anchored", "anchored", "anchored", "overlap")),
            noise=rng.choice(("map", "tile")),
            carve_out=rng.random() < 0.3,
            reference=rng.random() < 0.8,
        )
        yield

    def _tile(self) -> Iterator[None]:
        workspace = self._window.workspace
        if workspace.grid is not None:
            workspace.selected_tile = self._rng.choice(workspace.grid.tiles())
        yield

    # --- commands ---

    def _action(self, action_id: str) -> Iterator[None]:
        self._trigger(action_id)
        for _ in range(self._rng.randint(1, 10)):
            yield
        self._close_dialogs()
        yield

    def _undo(self) -> Iterator[None]:
        ids = ("edit.undo", "edit.undo", "edit.redo", "edit.undo_run", "edit.redo_run")
        self._trigger(self._rng.choice(ids))
        yield

    def _cancel(self) -> Iterator[None]:
        self._trigger(self._rng.choice(("run.cancel", "run.cancel_tile")))
        yield

    def _pause(self) -> Iterator[None]:
        self._trigger("run.pause")
        yield

    def _save(self) -> Iterator[None]:
        self._trigger("file.save")
        yield

    def _history(self) -> Iterator[None]:
        """Put an older result of a tile back, or keep the tile."""
        workspace = self._window.workspace
        tile, document = workspace.selected_tile, workspace.document
        if tile is None or document is None or workspace.read_only:
            return
        results = document.results(tile)
        if results and self._rng.random() < 0.6:
            workspace.put_back(tile, self._rng.choice(results).id)
        else:
            self._trigger("run.keep")
        yield

    def _reopen(self) -> Iterator[None]:
        """Save, close and open the map again."""
        workspace = self._window.workspace
        document = workspace.document
        if document is None:
            return
        folder = document.project.folder
        if self._rng.random() < 0.7:
            workspace.save()
            wait_for(lambda: not workspace.busy, 60, "the save")
            yield
        workspace.close(discard=True)
        wait_for(lambda: workspace.document is None, 30, "the map to close")
        yield
        workspace.open(folder)
        wait_for(lambda: workspace.document is not None, 30, "the map")
        if workspace.recovery is not None:
            self._rng.choice((workspace.recover, workspace.decline_recovery))()
        yield
        workspace.settings = replace(workspace.settings, steps=2)

    def _wait(self) -> Iterator[None]:
        for _ in range(self._rng.randint(20, 200)):
            yield

    # --- helpers ---

    def _trigger(self, action_id: str) -> None:
        self._window.actions_by_id.trigger(action_id)

    def _close_dialogs(self) -> None:
        for one in QApplication.topLevelWidgets():
            if isinstance(one, QDialog) and one.isVisible():
                one.reject()
        palette = self._window.palette_of_commands
        if palette.isVisible():
            palette.close()

    def _place(self) -> QPointF:
        size, pick = self._window.view.size(), self._rng.uniform
        return QPointF(pick(0, 1) * size.width(), pick(0, 1) * size.height())

    def _line(self, count: int) -> list[QPointF]:
        corners = [self._place() for _ in range(3)]
        found = []
        for number in range(count + 1):
            share = 2 * number / count
            leg = min(int(share), 1)
            start, end = corners[leg], corners[leg + 1]
            found.append(start + (end - start) * (share - leg))
        return found
