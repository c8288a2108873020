"""The bundled model in its child process, as a person would use it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.workspace.workspace import Workspace
from tests.app.workspace.conftest import Open, is_quiet, kinds
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord

LONG_S = 120.0
MODEL_LIBRARIES = frozenset({"torch", "diffusers", "transformers", "generation.engine.klein"})


def test_paint_run_supersede_cancel_close_and_go_on(
    new_workspace: Callable[[], Any], project_folder: Path, open_map: Open
) -> None:
    before = MODEL_LIBRARIES & sys.modules.keys()
    workspace: Workspace = new_workspace()
    workspace.open(project_folder)
    wait_until(lambda: workspace.document is not None)
    workspace.settings = replace(workspace.settings, steps=2)
    assert workspace.document is not None
    with workspace.document.edit("Paint") as edit:
        edit.zones.fill(Rect(20, 20, 60, 60), 3)

    workspace.run("tile", tiles=(TileCoord(0, 0),))
    wait_until(lambda: is_quiet(workspace), LONG_S, "a tile")
    assert kinds(workspace)[:2] == ["done", "empty"]
    assert workspace.problems == []
    assert workspace.run_status.model_state == "ready"
    assert MODEL_LIBRARIES & sys.modules.keys() == before

    workspace.undo_run()
    wait_until(lambda: set(kinds(workspace)) == {"empty"})

    workspace.run("all", order="rows")
    wait_until(lambda: workspace.state_of(TileCoord(0, 0)).step > 0, LONG_S, "a step")
    assert workspace.state_of(TileCoord(0, 0)).preview is not None
    with workspace.document.edit("Paint") as edit:
        edit.zones.fill(Rect(0, 0, 20, 20), 3)
    wait_until(lambda: workspace.run_status.done >= 1, LONG_S, "a tile")
    (result, *_) = workspace.document.results(TileCoord(0, 0))
    assert result.status == "superseded"

    workspace.cancel_tile(TileCoord(1, 2))
    wait_until(lambda: workspace.run_status.done >= 2, LONG_S, "another tile")
    workspace.save()
    wait_until(lambda: not workspace.has_changes)
    assert workspace.shutdown(3.0)

    again = open_map(project_folder)
    assert again.state_of(TileCoord(0, 1)).kind == "done"
    assert TileCoord(1, 1) in again.left_over
    assert TileCoord(1, 2) not in again.left_over
    assert [problem.advice for problem in again.problems] == ["resume"]
