"""Workspaces whose engine paints at once, and can be held between steps or made to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

import resources
from app.workspace.workspace import Workspace
from generation.plan.profile import load_profile
from generation.plan.testing import NumpyEngine, StepGate
from tests.support.qt import *  # noqa: F403 - fixtures are found by name
from tests.support.qt import wait_until
from zones.geometry import Rect

Open = Callable[..., Workspace]


def numpy_engine(
    gate: StepGate | None = None, failures: dict[tuple[int, int], BaseException] | None = None
) -> NumpyEngine:
    """An engine with the bundled model's numbers."""
    profile = load_profile(resources.path("models/klein-mini"))
    return NumpyEngine(profile, gate=gate, failures=failures)


def is_quiet(workspace: Workspace) -> bool:
    """Whether every tile is judged and nothing is painted."""
    desk = workspace._desk
    return desk.is_judged and not desk.states.painting and not workspace.run_status.running


def quiet(workspace: Workspace, timeout_s: float = 20.0) -> Workspace:
    """Wait until nothing goes on any more."""
    wait_until(lambda: is_quiet(workspace), timeout_s, "the runs")
    return workspace


def kinds(workspace: Workspace) -> list[str]:
    """The states of all tiles, row by row; ones with a visible seam are done, too."""
    assert workspace.grid is not None
    found = [workspace.state_of(tile).kind for tile in workspace.grid.tiles()]
    return ["done" if kind == "flagged" else kind for kind in found]


def paint_zone(workspace: Workspace, rect: Rect, zone: int = 3) -> None:
    """Paint a rectangle, as one step."""
    assert workspace.document is not None
    with workspace.document.edit("Paint") as edit:
        edit.zones.fill(rect, zone)


@pytest.fixture
def gate() -> Iterator[StepGate]:
    """Holds the engine of `desk`; open to begin with."""
    made = StepGate()
    yield made
    made.open()


@pytest.fixture
def failures() -> dict[tuple[int, int], BaseException]:
    """What the engine of `desk` raises, by (window, step)."""
    return {}


@pytest.fixture
def make_engine(
    gate: StepGate, failures: dict[tuple[int, int], BaseException]
) -> Callable[[], NumpyEngine]:
    """Gives the engine of a workspace; test modules may paint otherwise."""
    return lambda: numpy_engine(gate, failures)


@pytest.fixture
def open_map(
    qapp: QApplication, gate: StepGate, make_engine: Callable[[], NumpyEngine]
) -> Iterator[Open]:
    """Opens a folder in a workspace of its own; all are shut down at the end."""
    del qapp
    made: list[Workspace] = []

    def opened(folder: Path) -> Workspace:
        workspace = Workspace(load_engine=lambda _: make_engine())
        made.append(workspace)
        workspace.open(folder)
        wait_until(lambda: workspace.document is not None, what="the map")
        wait_until(lambda: workspace._desk.is_judged, what="the tiles")
        return workspace

    yield opened
    gate.open()
    for one in made:
        assert one.shutdown(), "the workspace did not end in time"
        one.deleteLater()


@pytest.fixture
def desk(open_map: Open, project_folder: Path) -> Workspace:
    """The small map, nothing painted yet."""
    return open_map(project_folder)


@pytest.fixture
def painted(desk: Workspace) -> Workspace:
    """The small map with all six tiles finished."""
    desk.run("all")
    quiet(desk)
    assert kinds(desk) == ["done"] * 6
    return desk


@pytest.fixture
def stopped(desk: Workspace, gate: StepGate, open_map: Open, project_folder: Path) -> Workspace:
    """The small map opened again after a run, row by row, was cut off at its first tile."""
    gate.shut()
    desk.run("all", order="rows")
    gate.let(1)
    wait_until(lambda: "generating" in kinds(desk))
    desk.close()
    gate.open()
    wait_until(lambda: desk.tasks.idle)
    again = open_map(project_folder)
    assert len(again.left_over) == 6
    return again
