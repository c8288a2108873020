"""What is left to be painted: counted once, wherever it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.problems import Problem, Problems
from app.core.queue_file import QueuedRun, read_queue
from app.panels.problems import ProblemsPanel
from app.workspace.left_over import KEY, LeftOver
from app.workspace.workspace import Workspace
from generation.plan.settings import RunSettings
from generation.plan.testing import NumpyEngine, StepGate
from tests.app.workspace.conftest import kinds, numpy_engine, quiet
from tests.support.qt import wait_until
from zones.errors import WorkError
from zones.grid import TileCoord

A, B, C = TileCoord(0, 0), TileCoord(0, 1), TileCoord(1, 2)


def run_of(*tiles: TileCoord, label: str = "run") -> QueuedRun:
    places = tuple((tile.row, tile.col) for tile in tiles)
    return QueuedRun(label=label, settings=RunSettings(steps=12).to_json(), tiles=places)


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def left(problems: Problems, told: list[int]) -> LeftOver:
    return LeftOver(problems, lambda: told.append(1))


def offer(problems: Problems) -> str:
    return "".join(problem.text for problem in problems.all() if problem.key == KEY)


def test_a_tile_is_left_once_in_the_newest_run_that_has_it(
    left: LeftOver, problems: Problems
) -> None:
    left.put([run_of(A, B, label="old"), run_of(C), run_of(B, label="new")])
    assert left.tiles == (A, C, B)
    assert [run.label for run in left.runs] == ["old", "run", "new"]
    assert offer(problems).startswith("3 tiles")
    left.add([run_of(A, C)])
    assert [run.coords for run in left.runs] == [(B,), (A, C)]


def test_what_is_asked_for_anew_is_not_left(left: LeftOver, problems: Problems) -> None:
    left.put([run_of(A, B), run_of(C)])
    left.less([B, C])
    assert left.tiles == (A,)
    assert offer(problems) == "One tile was still to be painted when painting ended."
    left.less([A])
    assert left.runs == ()
    assert offer(problems) == ""


def test_nothing_left_leaves_another_fault_of_the_queue_alone(
    left: LeftOver, problems: Problems, told: list[int]
) -> None:
    problems.add(Problem(KEY, "warning", "the queue is damaged"))
    left.put([])
    left.less([A])
    assert offer(problems) == "the queue is damaged"
    assert told == []


def test_a_run_of_what_is_left_takes_it_over(
    stopped: Workspace, gate: StepGate, project_folder: Path
) -> None:
    gate.shut()
    stopped.run("stale")
    wait_until(lambda: stopped.run_status.running)
    assert stopped.left_over == ()
    assert stopped.run_status.total == 6
    gate.let(1)
    wait_until(lambda: "generating" in kinds(stopped))
    gate.open()
    stopped.close()
    wait_until(lambda: stopped.tasks.idle)
    assert sum(len(run.tiles) for run in read_queue(project_folder)) == 6


def test_going_on_asks_for_as_many_tiles_as_were_offered(stopped: Workspace) -> None:
    offered = len(stopped.left_over)
    stopped.resume_queue()
    assert stopped.run_status.total == offered
    assert stopped.left_over == ()
    quiet(stopped)
    assert kinds(stopped) == ["done"] * 6


def test_going_on_without_the_model_leaves_everything(
    stopped: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopped._desk, "model", None)
    stopped.resume_queue()
    assert len(stopped.left_over) == 6
    assert not stopped.run_status.running


def test_going_on_from_the_problem_paints_what_a_lost_model_gave_up(
    qapp: object, project_folder: Path, qtbot: QtBot
) -> None:
    del qapp
    tries: list[str] = []

    def load(model: str) -> NumpyEngine:
        tries.append(model)
        if len(tries) == 1:
            raise WorkError("the model's process can't be started; close other programs")
        return numpy_engine()

    workspace = Workspace(load_engine=load)
    workspace.open(project_folder)
    wait_until(lambda: workspace.document is not None)
    workspace.run("all")
    quiet(workspace)
    panel = ProblemsPanel(workspace)
    qtbot.addWidget(panel)
    (row,) = (row for row in panel.rows if row.problem.key == "engine")
    row.buttons["resume"].click()
    quiet(workspace)
    assert kinds(workspace) == ["done"] * 6
    assert workspace.left_over == ()
    assert workspace.shutdown()


def test_tiles_that_wait_are_no_longer_free(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("tile", tiles=(A,))
    assert set(desk.free_of([A, B])) == {B}
    gate.open()
    quiet(desk)
    assert desk.free_of([A, B]) == (A, B)
