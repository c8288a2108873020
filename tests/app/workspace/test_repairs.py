"""Repairs keep a tile only where it looks better; they can be held and undone as any run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

import resources
from app.core.mending import ATTEMPTS, tiles_to_mend
from app.core.queue_file import read_queue
from app.core.seam_rows import faults_of
from app.panels.progress import status_text
from app.workspace.workspace import Workspace
from generation.plan.ports import StepHook
from generation.plan.profile import load_profile
from generation.plan.request import PaintedWindow, PaintRequest
from generation.plan.testing import NumpyEngine, StepGate
from tests.app.workspace.conftest import Open, paint_zone, quiet
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord

LOST = TileCoord(1, 1)
"""The tile in which the path is not there."""

GROUND = (96, 128, 70)
NIGHT = (20, 24, 60)
STEPS = 12


class BlotchyEngine(NumpyEngine):
    """Paints the canvas in soft blotches that go on from window to window.

    Attributes:
        is_blind: whether it sees nothing and paints the night, which fits nowhere.
    """

    def __init__(self, gate: StepGate) -> None:
        super().__init__(load_profile(resources.path("models/klein-mini")), gate=gate)
        self.is_blind = False

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        found = super().paint(request, on_step)
        shape = request.seed_canvas.shape
        noise = request.noise.mean(axis=0)
        blotches = cv2.resize(noise, shape[1::-1], interpolation=cv2.INTER_CUBIC)[:, :, None]
        canvas = np.full(shape, NIGHT) if self.is_blind else request.seed_canvas
        free = np.ones(shape[:2]) if request.change_map is None else request.change_map > 0
        moved = np.where(free[:, :, None], canvas + 12 * blotches, request.seed_canvas)
        return replace(found, rgb=np.clip(moved, 0, 255).astype(np.uint8))


@pytest.fixture
def engine(gate: StepGate) -> BlotchyEngine:
    return BlotchyEngine(gate)


@pytest.fixture
def make_engine(engine: BlotchyEngine) -> Callable[[], NumpyEngine]:
    """Every workspace paints with the same engine."""
    return lambda: engine


@pytest.fixture
def broken(desk: Workspace) -> Workspace:
    """A finished map, measured, whose path is lost in one tile."""
    desk.run("all")
    quiet(desk)
    lose_path(desk)
    return desk


def lose_path(workspace: Workspace) -> None:
    """Put plain ground in the place of a tile and wait for the next measure."""
    document = workspace.document
    assert document is not None
    record = workspace._desk.states.entries[LOST].record
    facts = {**record.to_json(), "sequence": 20}
    noise = np.random.default_rng(3).standard_normal((256, 256))
    blotches = 60 * cv2.GaussianBlur(noise, (0, 0), 3)[..., None]
    ground = np.clip(np.array(GROUND) + blotches, 0, 255).astype(np.uint8)
    document.begin_run("Lose the path").put_tile(LOST, ground, facts)
    wait_until(lambda: bool(faults(workspace)), what="the fault")
    quiet(workspace)


def faults(workspace: Workspace) -> list[TileCoord]:
    report = workspace.seams
    return [] if report is None else [place.fault.tile for place in faults_of(report)]


def sequence_of(workspace: Workspace) -> int:
    return workspace._desk.states.entries[LOST].record.sequence


def steps_of_history(workspace: Workspace) -> list[str]:
    assert workspace.document is not None
    return [step.label for step in workspace.document.history.line("runs").steps]


def test_a_lost_path_is_brought_back_as_one_undo_step(broken: Workspace) -> None:
    said: list[str] = []
    broken.repairs.said.connect(said.append)
    before = steps_of_history(broken)
    assert any(problem.advice == "repair" for problem in broken.problems)
    broken.repairs.mend_tile(LOST)
    quiet(broken)
    wait_until(lambda: not faults(broken), what="the measure after it")
    assert steps_of_history(broken) == [*before, "Repair tile 1,1"]
    assert len(said) == 1
    assert broken.problems == []
    record = broken._desk.states.entries[LOST].record
    assert record.deliberate
    assert record.settings.mu_feature is not None
    broken.undo_run()
    wait_until(lambda: faults(broken) == [LOST], what="the fault to be back")


def test_where_nothing_better_is_found_the_map_stays_as_it_was(
    broken: Workspace, engine: BlotchyEngine
) -> None:
    said: list[str] = []
    broken.repairs.said.connect(said.append)
    before, steps = sequence_of(broken), steps_of_history(broken)
    engine.is_blind = True
    broken.repairs.mend_tile(LOST)
    quiet(broken)
    assert said == ["Nothing better was found; the map stays as it was."]
    assert (sequence_of(broken), steps_of_history(broken)) == (before, steps)
    status = broken.run_status
    assert (status.done, status.unchanged, status.superseded) == (1, 1, 0)
    assert status.repaired[0].attempts == ATTEMPTS
    assert status_text(status) == "1 as before"
    assert faults(broken) == [LOST]


def test_repairing_twice_tries_other_seeds(broken: Workspace, engine: BlotchyEngine) -> None:
    engine.is_blind = True
    count = len(engine.requests)
    for _ in range(2):
        broken.repairs.mend_tile(LOST)
        quiet(broken)
    noises = [request.noise.tobytes() for request in engine.requests[count:]]
    assert len(set(noises)) == 2 * ATTEMPTS


def test_a_repair_can_be_held_and_cancelled_and_leaves_the_tile(
    broken: Workspace, gate: StepGate
) -> None:
    before, steps = sequence_of(broken), steps_of_history(broken)
    gate.shut()
    broken.repairs.mend_tile(LOST)
    gate.let(2)
    wait_until(lambda: broken.state_of(LOST).step > 0, what="the first attempt")
    state = broken.state_of(LOST)
    assert (state.kind, state.steps) == ("generating", ATTEMPTS * STEPS)
    assert broken.run_status.label == "Repair tile 1,1"
    broken.pause()
    assert broken.run_status.paused
    broken.cancel_all()
    gate.open()
    quiet(broken)
    assert (sequence_of(broken), steps_of_history(broken)) == (before, steps)


def test_the_rest_of_a_repair_is_still_one_after_a_restart(
    broken: Workspace, gate: StepGate, open_map: Open, engine: BlotchyEngine
) -> None:
    assert broken.document is not None
    folder = broken.document.project.folder
    gate.shut()
    broken.repairs.mend_all()
    wait_until(lambda: broken.state_of(LOST).kind == "generating", what="the repair")
    broken.save()
    wait_until(lambda: not broken.has_changes, what="the save")
    gate.let(1)
    broken.close()
    wait_until(lambda: broken.tasks.idle, what="the io thread")
    gate.open()
    (rest,) = read_queue(folder)
    assert (rest.coords[0], rest.repair) == (LOST, ATTEMPTS)
    engine._closed.clear()
    again = open_map(folder)
    again.resume_queue()
    quiet(again)
    assert len(again.run_status.repaired) == len(rest.coords)
    assert again.run_status.repaired[0].is_better


def test_repairing_all_paints_only_tiles_beside_what_is_wrong(
    broken: Workspace, engine: BlotchyEngine
) -> None:
    assert broken.document is not None
    assert broken.seams is not None
    count = len(engine.requests)
    wanted = tiles_to_mend(broken.seams, broken.document.project)
    broken.repairs.mend_all()
    quiet(broken)
    wait_until(lambda: not faults(broken), what="the measure after it")
    assert wanted[0] == LOST
    assert broken.run_status.total == len(wanted) < 6
    assert 1 <= len(engine.requests) - count <= ATTEMPTS * len(wanted)
    last = {tile: entry.record.sequence for tile, entry in broken._desk.states.entries.items()}
    assert all(last[tile] < 20 for tile in last.keys() - set(wanted))


def test_a_refused_repair_says_nothing_of_the_next_run(
    broken: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    broken.repairs.said.connect(said.append)
    with monkeypatch.context() as without_model:
        without_model.setattr(broken._desk, "model", None)
        broken.repairs.mend_tile(LOST)
    assert [problem.key for problem in broken.problems if problem.severity == "error"] == ["model"]
    assert not broken.repairs._waits
    broken.reroll(LOST)
    quiet(broken)
    assert said == []


def test_a_repair_of_what_was_changed_meanwhile_is_not_said_to_be_one(
    broken: Workspace, gate: StepGate
) -> None:
    said: list[str] = []
    broken.repairs.said.connect(said.append)
    before = sequence_of(broken)
    gate.shut()
    broken.repairs.mend_tile(LOST)
    gate.let(2)
    wait_until(lambda: broken.state_of(LOST).step > 0, what="the first attempt")
    paint_zone(broken, Rect(200, 300, 20, 20))
    gate.open()
    quiet(broken)
    status = broken.run_status
    assert status.repaired[0].is_better
    assert (status.superseded, status.repairs_superseded) == (1, 1)
    assert sequence_of(broken) == before
    assert said == ["The map was changed meanwhile, so it was not repaired; try again."]
