"""The program as a user starts it, which also says where things are on the screen when asked.

Run as `python -m tests.e2e.probe [PROJECT]`: reads questions and writes answers, a JSON line each.
It only looks; every click and key comes from outside.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from app.cli.main import run
from app.shell.main_window import MainWindow
from app.shell.start import make_app

_ASKED = "asked"


class Probe(QObject):
    """Answers questions about the window on the GUI thread."""

    _came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._came.connect(self._on_came)
        threading.Thread(target=self._listen, name=_ASKED, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._came.emit(json.loads(line))

    def _on_came(self, question: dict[str, Any]) -> None:
        answer = getattr(self, "_" + question.pop("ask"))(**question)
        sys.__stdout__.write(json.dumps(answer) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]

    def _where(self, name: str, *, part: bool = False) -> list[int] | None:
        """x, y, width, height on the screen of the visible widget of a name, or part of it."""
        for widget in _widgets():
            names = _names(widget)
            fits = name in names or (part and any(name in one for one in names))
            if fits and widget.isVisible() and not widget.visibleRegion().isEmpty():
                at = widget.mapToGlobal(QPoint(0, 0))
                return [at.x(), at.y(), widget.width(), widget.height()]
        return None

    def _map(self, x: float, y: float) -> list[int] | None:
        """The screen position of a place in map px."""
        window = _window()
        if window is None:
            return None
        at = window.view.mapToGlobal(QPointF(window.view.to_screen(x, y)))
        return [round(at.x()), round(at.y())]

    def _facts(self) -> dict[str, Any]:
        window = _window()
        if window is None:
            return {"map": None}
        workspace = window.workspace
        document, grid, status = workspace.document, workspace.grid, workspace.run_status
        tile = workspace.selected_tile
        found: dict[str, Any] = {
            "map": None if document is None else str(document.project.folder),
            "torch": "torch" in sys.modules,
            "problems": [problem.text for problem in workspace.problems],
            "running": status.running,
            "done": status.done,
            "total": status.total,
            "changes": workspace.has_changes,
            "busy": workspace.busy,
            "tile": None if tile is None else [tile.row, tile.col],
            "tool": getattr(window.view.tool, "name", None),
            "hints": window.hints is not None,
            "dialogs": [
                one.windowTitle()
                for one in QApplication.topLevelWidgets()
                if one.isVisible() and one is not window and one.isWindow()
            ],
        }
        if document is not None and grid is not None:
            states = {str(one): workspace.state_of(one) for one in grid.tiles()}
            zones = document.read_zones(grid.map_rect)
            found |= {
                "size": list(document.project.size),
                "tiles": {name: state.kind for name, state in states.items()},
                "steps": {name: [state.step, state.steps] for name, state in states.items()},
                "zones": [int(one) for one in np.unique(zones)],
                "strokes": [[one.kind, one.points.tolist()] for one in document.strokes],
                "seeds": {
                    str(tile): facts["seed"]
                    for tile, facts in document.project.tile_records().items()
                },
            }
        return found


def _window() -> MainWindow | None:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)]
    return found[0] if found else None


def _widgets() -> list[QWidget]:
    """Every widget, those of dialogs first and labels last."""
    window = _window()

    def rank(widget: QWidget) -> tuple[bool, bool]:
        return isinstance(widget, QLabel), widget.window() is window

    return sorted(QApplication.allWidgets(), key=rank)


def _names(widget: QWidget) -> set[str]:
    names = {widget.accessibleName(), widget.objectName()}
    if isinstance(widget, QAbstractButton | QLabel):
        names.add(widget.text().replace("&", ""))
    return names - {""}


if __name__ == "__main__":
    make_app()
    probe = Probe()
    sys.exit(run(sys.argv[1:]))
