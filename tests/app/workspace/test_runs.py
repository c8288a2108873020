from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import resources
from app.core.queue_file import QUEUE_NAME, read_queue
from app.workspace.workspace import Workspace
from generation.plan.testing import StepGate
from generation.run.jobs import StepDone
from painter.project import Project
from tests.app.workspace.conftest import Open, kinds, paint_zone, quiet
from tests.support.qt import wait_until
from zones.errors import WorkError
from zones.geometry import Rect
from zones.grid import TileCoord

STEPS = 12


def tiles_done(workspace: Workspace, count: int) -> None:
    wait_until(lambda: workspace.run_status.done >= count, what=f"{count} tiles")


def keys(workspace: Workspace) -> list[str]:
    return [problem.key for problem in workspace.problems]


def test_a_run_is_one_undo_step(painted: Workspace) -> None:
    assert painted.document is not None
    assert len(painted.document.history.line("runs").steps) == 1
    painted.undo_run()
    wait_until(lambda: kinds(painted) == ["empty"] * 6)
    assert painted.stitch() is None
    painted.redo_run()
    wait_until(lambda: kinds(painted) == ["done"] * 6)


def test_a_run_tells_states_steps_and_previews(desk: Workspace, gate: StepGate) -> None:
    steps: list[StepDone] = []
    desk.step_done.connect(steps.append)
    gate.shut()
    desk.run("all")
    assert kinds(desk) == ["queued"] * 6
    gate.let(2)
    wait_until(lambda: any(kind == "generating" for kind in kinds(desk)))
    wait_until(lambda: bool(steps))
    state = desk.state_of(steps[0].tile)
    assert (state.kind, state.steps) == ("generating", STEPS)
    assert state.preview is not None
    assert state.preview.shape == (32, 32, 3)
    assert desk.run_status.running
    assert desk.run_status.total == 6
    gate.open()
    quiet(desk)
    assert (desk.run_status.done, desk.run_status.failed) == (6, 0)


def test_cancelling_keeps_finished_tiles(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all", order="rows")
    gate.let(STEPS + 1)
    tiles_done(desk, 1)
    desk.cancel_all()
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["done"] + ["empty"] * 5
    assert desk.run_status.total == 1
    assert desk.document is not None
    wait_until(lambda: desk.tasks.idle)
    assert not (desk.document.project.folder / QUEUE_NAME).exists()


def test_one_tile_is_cancelled_alone(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all", order="rows")
    gate.let(1)
    wait_until(lambda: desk.state_of(TileCoord(0, 0)).kind == "generating")
    desk.cancel_tile(TileCoord(0, 0))
    desk.cancel_tile(TileCoord(1, 2))
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["empty", "done", "done", "done", "done", "empty"]


def test_a_pause_holds_the_run(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all")
    gate.let(STEPS + 1)
    tiles_done(desk, 1)
    desk.pause()
    gate.open()
    wait_until(lambda: desk.tasks.idle)
    assert desk.run_status.paused
    assert desk.run_status.done == 1
    desk.resume()
    quiet(desk)
    assert not desk.run_status.paused
    assert kinds(desk) == ["done"] * 6


def test_a_failed_tile_is_local(
    desk: Workspace, failures: dict[tuple[int, int], BaseException]
) -> None:
    failures[(0, 2)] = WorkError("the picture was not finite; paint it again")
    desk.run("all", order="rows")
    quiet(desk)
    assert kinds(desk) == ["failed"] + ["done"] * 5
    assert desk.state_of(TileCoord(0, 0)).reason == "the picture was not finite; paint it again"
    (problem,) = desk.problems
    assert (problem.key, problem.tile, problem.advice) == ("tile:0,0", TileCoord(0, 0), "retry")
    assert desk.run_status.failed == 1
    failures.clear()
    desk.retry(TileCoord(0, 0))
    quiet(desk)
    assert kinds(desk) == ["done"] * 6
    assert desk.problems == []


def test_a_model_that_cannot_load_leaves_its_tiles_to_resume(
    qapp: object, project_folder: Path
) -> None:
    def refuse(_model: str) -> None:
        raise WorkError("the model's process can't be started; close other programs")

    workspace = Workspace(load_engine=refuse)
    workspace.open(project_folder)
    wait_until(lambda: workspace.document is not None)
    workspace.run("all")
    quiet(workspace)
    assert workspace.run_status.model_state == "failed"
    assert {"engine", "queue"} <= set(keys(workspace))
    assert len(workspace.left_over) == 6
    assert kinds(workspace) == ["empty"] * 6
    assert workspace.shutdown()
    assert sum(len(run.tiles) for run in read_queue(project_folder)) == 6


def test_closing_in_mid_run_keeps_tiles_and_queue(
    desk: Workspace, gate: StepGate, project_folder: Path
) -> None:
    gate.shut()
    desk.run("all", order="rows")
    gate.let(2 * STEPS + 1)
    tiles_done(desk, 2)
    gate.open()
    assert desk.shutdown()
    (rest,) = read_queue(project_folder)
    assert len(rest.tiles) >= 3
    assert (0, 0) not in rest.tiles


def test_the_queue_goes_on_after_a_restart(
    desk: Workspace, gate: StepGate, open_map: Open, project_folder: Path
) -> None:
    gate.shut()
    desk.run("all", order="rows")
    gate.let(STEPS + 1)
    tiles_done(desk, 1)
    gate.open()
    desk.close()
    wait_until(lambda: desk.tasks.idle)
    again = open_map(project_folder)
    assert keys(again) == ["queue"]
    assert again.problems[0].advice == "resume"
    assert len(again.left_over) in (4, 5)
    again.resume_queue()
    quiet(again)
    assert kinds(again) == ["done"] * 6
    assert again.problems == []
    wait_until(lambda: again.tasks.idle)
    assert not (project_folder / QUEUE_NAME).exists()


def test_what_another_run_painted_is_not_offered_again(stopped: Workspace) -> None:
    stopped.run("tile", tiles=(TileCoord(1, 2),))
    quiet(stopped)
    assert TileCoord(1, 2) not in stopped.left_over
    assert len(stopped.left_over) == 5
    stopped.run("all")
    quiet(stopped)
    assert stopped.left_over == ()
    assert stopped.problems == []


def test_a_dropped_queue_is_gone(stopped: Workspace, project_folder: Path) -> None:
    stopped.drop_queue()
    wait_until(lambda: stopped.tasks.idle)
    assert stopped.problems == []
    assert read_queue(project_folder) == ()


def test_view_paints_what_is_missing_there(desk: Workspace) -> None:
    desk.run("tile", tiles=(TileCoord(0, 0),))
    quiet(desk)
    desk.run("view", view=Rect(0, 0, 300, 100))
    quiet(desk)
    assert kinds(desk) == ["done", "done", "empty", "empty", "empty", "empty"]
    assert desk.run_status.total == 1


def test_stale_waits_for_the_judgement(painted: Workspace) -> None:
    paint_zone(painted, Rect(0, 0, 40, 40))
    painted.run("stale")
    assert painted.run_status.running or painted._wishes
    wait_until(lambda: painted.run_status.running)
    quiet(painted)
    assert painted.run_status.total == 1
    assert kinds(painted) == ["done"] * 6


def test_a_reroll_lands_with_another_seed(painted: Workspace) -> None:
    tile = TileCoord(0, 1)
    before = painted._desk.states.entries[tile].record
    painted.reroll(tile)
    quiet(painted)
    after = painted._desk.states.entries[tile].record
    assert after.seed != before.seed
    assert after.deliberate
    assert painted.state_of(tile).kind == "done"


def test_the_best_candidate_lands_and_all_are_kept(painted: Workspace) -> None:
    assert painted.document is not None
    tile = TileCoord(1, 1)
    painted.reroll(tile, candidates=3)
    quiet(painted)
    results = painted.document.results(tile)
    assert [one.status for one in results].count("candidate") == 2
    assert len(results) == 4


def test_an_earlier_result_is_put_back(painted: Workspace) -> None:
    assert painted.document is not None
    tile = TileCoord(0, 0)
    (first,) = painted.document.results(tile)
    painted.reroll(tile)
    quiet(painted)
    painted.put_back(tile, first.id)
    wait_until(lambda: painted._desk.states.entries[tile].record.seed == first.facts["seed"])


def test_time_left_comes_from_painted_tiles(desk: Workspace, gate: StepGate) -> None:
    assert desk.seconds_for(6) is None
    gate.shut()
    desk.run("all")
    gate.let(STEPS + 1)
    tiles_done(desk, 1)
    left_s = desk.run_status.seconds_left
    each_s = desk.seconds_for(1)
    assert left_s is not None
    assert each_s is not None
    assert 0 <= left_s <= 5 * each_s


def test_two_runs_paint_a_tile_once(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all")
    desk.run("all")
    gate.open()
    quiet(desk)
    assert desk.run_status.done == 6


def test_seams_are_measured_after_a_run(painted: Workspace) -> None:
    wait_until(lambda: painted.seams is not None, what="the seams")
    assert painted.seams is not None
    assert painted.seams.summary()["lines"] == 8
    later = {seam.tiles[1] for seam in painted.seams.seams if seam.flagged}
    assert later  # the quick engine roughens each window by itself
    assert painted.grid is not None
    flagged = {tile for tile in painted.grid.tiles() if painted.state_of(tile).kind == "flagged"}
    assert flagged == later
    painted.undo_run()
    wait_until(lambda: painted.seams is None, what="no seams")
    painted.redo_run()
    wait_until(lambda: painted.seams is not None, what="the seams")


def test_a_whole_run_keeps_its_settings(
    painted: Workspace, open_map: Open, project_folder: Path
) -> None:
    assert painted.document is not None
    assert painted.document.project.settings["run"]["steps"] == STEPS
    assert not painted.document.has_changes
    painted.close()
    wait_until(lambda: painted.tasks.idle)
    assert open_map(project_folder).settings == painted.settings


def test_undoing_a_run_in_its_middle_ends_it_first(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all", order="rows")
    gate.let(STEPS + 1)
    tiles_done(desk, 1)
    desk.undo_run()
    gate.open()
    quiet(desk)
    wait_until(lambda: kinds(desk) == ["empty"] * 6)


@pytest.fixture
def held_folder(project_folder: Path) -> object:
    """The small map, open in another process."""
    code = (
        "import sys; from pathlib import Path; from painter.document import Document; "
        "d = Document.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(project_folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    yield project_folder
    process.communicate()


def test_a_map_that_another_process_holds_is_only_shown(held_folder: Path, open_map: Open) -> None:
    workspace = open_map(held_folder)
    assert workspace.read_only
    workspace.run("all")
    assert keys(workspace) == ["run"]
    assert kinds(workspace) == ["empty"] * 6
    workspace.undo()
    assert "edit" in keys(workspace)


@pytest.fixture
def bare_model(tmp_path: Path) -> str:
    """The bundled model without its compositor."""
    bundled = resources.path("models/klein-mini")
    ignored = shutil.ignore_patterns("compositor")
    return str(shutil.copytree(bundled, tmp_path / "model", ignore=ignored))


def test_a_run_with_a_compositor_that_the_model_lacks_is_refused_in_one_sentence(
    open_map: Open, project_folder: Path, bare_model: str
) -> None:
    project = Project.open(project_folder)
    project.configure(model=bare_model)
    project.save()
    desk = open_map(project_folder)
    assert desk.settings.compositor == "linear"
    desk.settings = replace(desk.settings, compositor="decformer")
    desk.run("all")
    wait_until(lambda: keys(desk) == ["run"], what="the refusal")
    assert "has no trained compositor" in desk.problems[0].text
    assert kinds(desk) == ["empty"] * 6
    desk.settings = replace(desk.settings, compositor="linear")
    desk.run("all")
    quiet(desk)
    assert kinds(desk) == ["done"] * 6


def test_a_run_with_a_damaged_compositor_is_refused_in_one_sentence_before_any_tile(
    desk: Workspace, bare_model: str
) -> None:
    file = Path(bare_model) / "compositor" / "decformer.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"no weights")
    desk.set_model(bare_model)
    quiet(desk)
    desk.run("all")
    wait_until(lambda: keys(desk) == ["run"], what="the refusal")
    assert "decformer.safetensors is truncated or corrupt" in desk.problems[0].text
    assert kinds(desk) == ["empty"] * 6


def test_a_run_whose_soft_band_does_not_fit_the_model_is_refused_with_the_most(
    desk: Workspace,
) -> None:
    desk.settings = replace(desk.settings, soft_px=40)
    desk.run("all")
    wait_until(lambda: keys(desk) == ["run"], what="the refusal")
    assert desk.problems[0].text.endswith("give at most 32 px")
    assert kinds(desk) == ["empty"] * 6


def test_another_model_without_the_chosen_compositor_brings_its_own(
    desk: Workspace, bare_model: str
) -> None:
    assert desk.settings.compositor == "decformer"
    desk.set_model(bare_model)
    wait_until(lambda: desk.settings.compositor == "linear", what="the model's compositor")
    desk.run("all")
    quiet(desk)
    assert kinds(desk) == ["done"] * 6
