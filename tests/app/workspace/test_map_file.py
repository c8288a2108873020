from __future__ import annotations

import shutil
import time
from pathlib import Path
from threading import Thread

from app.core.queue_file import QUEUE_NAME
from app.workspace.map_file import copy_project
from app.workspace.workspace import Workspace
from painter.project import Project
from tests.app.workspace.conftest import Open, kinds
from tests.support.qt import small_project, wait_until
from zones.geometry import Rect
from zones.palette import default_palette

MARK = Rect(5, 6, 20, 10)


def paint(workspace: Workspace, zone: int = 3) -> None:
    assert workspace.document is not None
    with workspace.document.edit("Paint") as edit:
        edit.zones.fill(MARK, zone)


def idle(workspace: Workspace) -> None:
    wait_until(lambda: workspace.tasks.idle, what="the tasks")


def zone_on_disk(folder: Path) -> int:
    return int(Project.open(folder).content.zones.read(MARK)[0, 0])


def test_nothing_is_known_without_a_map(qapp: object) -> None:
    workspace = Workspace()
    assert workspace.document is None
    assert workspace.read_only
    assert workspace.world is None
    assert workspace.stitch() is None
    assert workspace.tiles_of("all") == ()
    assert workspace.shutdown()


def test_a_bad_folder_is_a_problem_and_the_map_stays(desk: Workspace, tmp_path: Path) -> None:
    before = desk.document
    desk.open(tmp_path / "nowhere")
    idle(desk)
    assert [problem.key for problem in desk.problems] == ["open"]
    assert desk.document is before
    assert desk.busy == ""


def test_another_map_takes_the_place_of_the_open_one(desk: Workspace, tmp_path: Path) -> None:
    opened = []
    desk.map_opened.connect(lambda: opened.append(desk.document))
    paint(desk)
    desk.open(small_project(tmp_path / "other"))
    wait_until(lambda: bool(opened))
    assert desk.document is opened[-1]
    assert desk.document is not None
    assert desk.document.project.folder.name == "other"
    assert not desk.has_changes


def test_the_last_of_two_wishes_is_opened(desk: Workspace, tmp_path: Path) -> None:
    first, second = small_project(tmp_path / "first"), small_project(tmp_path / "second")
    desk.open(first)
    desk.open(second)
    idle(desk)
    assert desk.document is not None
    assert desk.document.project.folder == second
    Project.open(first).claim()  # nobody holds it


def test_a_new_map_is_made_and_opened(qapp: object, tmp_path: Path) -> None:
    workspace = Workspace()
    workspace.create(tmp_path / "new", (300, 200), default_palette(), seed=5, model="klein-mini")
    wait_until(lambda: workspace.document is not None)
    assert workspace.document is not None
    assert workspace.document.project.size == (300, 200)
    assert workspace.grid is not None
    assert (workspace.grid.rows, workspace.grid.cols) == (2, 2)
    assert workspace.shutdown()


def test_save_writes_what_is_painted(desk: Workspace, project_folder: Path) -> None:
    paint(desk)
    assert desk.has_changes
    desk.save()
    assert desk.busy
    idle(desk)
    assert not desk.has_changes
    assert desk.busy == ""
    assert zone_on_disk(project_folder) == 3


def test_a_save_in_a_stroke_is_done_after_it(desk: Workspace, project_folder: Path) -> None:
    assert desk.document is not None
    edit = desk.document.edit("Paint")
    edit.zones.fill(MARK, 3)
    desk.save()
    idle(desk)
    assert desk.problems == []
    edit.commit()
    wait_until(lambda: not desk.has_changes)
    idle(desk)
    assert zone_on_disk(project_folder) == 3


def test_a_save_that_fails_is_a_problem_until_one_works(
    desk: Workspace, project_folder: Path
) -> None:
    paint(desk)
    zones = project_folder / "zones"
    moved = project_folder / "away"
    zones.rename(moved)
    zones.write_bytes(b"")
    desk.save()
    idle(desk)
    assert "save" in [problem.key for problem in desk.problems]
    zones.unlink()
    moved.rename(zones)
    desk.save()
    idle(desk)
    assert desk.problems == []
    assert zone_on_disk(project_folder) == 3


def test_unsaved_work_is_offered_and_recovered(
    desk: Workspace, project_folder: Path, open_map: Open
) -> None:
    paint(desk)
    assert desk.shutdown()
    again = open_map(project_folder)
    assert again.recovery is not None
    assert again.read_only
    assert [problem.key for problem in again.problems] == ["recovery"]
    again.run("all")
    assert not again.run_status.running
    again.recover()
    wait_until(lambda: again.recovery is None)
    assert again.document is not None
    assert again.document.pick(MARK.x, MARK.y) == 3
    assert again.has_changes
    assert not again.read_only


def test_declined_work_is_gone(desk: Workspace, project_folder: Path, open_map: Open) -> None:
    paint(desk)
    assert desk.shutdown()
    again = open_map(project_folder)
    again.decline_recovery()
    wait_until(lambda: again.recovery is None)
    assert again.document is not None
    assert again.document.pick(MARK.x, MARK.y) == 2
    assert again.shutdown()
    assert open_map(project_folder).recovery is None


def test_discarded_work_is_not_offered(
    desk: Workspace, project_folder: Path, open_map: Open
) -> None:
    paint(desk)
    wait_until((project_folder / "autosave.json").exists, what="the autosave")
    desk.close(discard=True)
    idle(desk)
    assert open_map(project_folder).recovery is None


def test_undone_work_is_not_offered(desk: Workspace, project_folder: Path, open_map: Open) -> None:
    paint(desk)
    wait_until((project_folder / "autosave.json").exists, what="the autosave")
    desk.undo()
    assert desk.shutdown()
    assert open_map(project_folder).recovery is None


def test_a_copy_has_the_work_and_the_tiles(
    painted: Workspace, project_folder: Path, tmp_path: Path
) -> None:
    paint(painted)
    painted.save_as(tmp_path / "copy")
    wait_until(
        lambda: painted.document is not None and painted.document.project.folder.name == "copy"
    )
    wait_until(lambda: painted._desk.is_judged)
    idle(painted)
    assert kinds(painted) == ["stale"] + ["done"] * 5
    assert not painted.has_changes
    assert zone_on_disk(tmp_path / "copy") == 3
    assert zone_on_disk(project_folder) == 2
    assert Project.open(project_folder).recovery is None
    assert Project.open(project_folder).claim() is None


def test_a_copy_leaves_out_links_and_takes_what_was_being_written(
    project_folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("private")
    (project_folder / "folder").symlink_to(secret)
    (project_folder / "zones" / "file").symlink_to(secret / "key")
    project = Project.open(project_folder)
    with project.store.transaction():
        copying = Thread(target=copy_project, args=(project_folder, tmp_path / "copy"))
        copying.start()
        copying.join(0.2)
        assert not (tmp_path / "copy").exists()
        (project_folder / "late").write_text("in time")
    copying.join(20)
    assert (tmp_path / "copy" / "late").exists()
    assert not (tmp_path / "copy" / "folder").exists()
    assert not (tmp_path / "copy" / "zones" / "file").exists()
    assert zone_on_disk(tmp_path / "copy") == zone_on_disk(project_folder)


def test_a_copy_does_not_go_over_another_folder(desk: Workspace, tmp_path: Path) -> None:
    taken = small_project(tmp_path / "taken")
    desk.save_as(taken)
    idle(desk)
    assert [problem.key for problem in desk.problems] == ["open"]
    assert desk.document is not None
    assert desk.document.project.folder != taken


def test_a_damaged_queue_is_a_problem(project_folder: Path, open_map: Open) -> None:
    (project_folder / QUEUE_NAME).write_text('{"schema_version": 1, "runs": [{}]}')
    workspace = open_map(project_folder)
    (problem,) = workspace.problems
    assert problem.key == "queue"
    assert workspace.left_over == ()


def test_a_missing_model_can_be_looked_past(tmp_path: Path, qapp: object) -> None:
    folder = small_project(tmp_path / "map", model="someone/nothing-here")
    workspace = Workspace()
    workspace.open(folder)
    wait_until(lambda: workspace.document is not None)
    assert [problem.key for problem in workspace.problems] == ["model"]
    assert workspace.profile is None
    assert workspace.grid is None
    workspace.run("all")
    assert not workspace.run_status.running
    workspace.set_model("klein-mini")
    wait_until(lambda: workspace.grid is not None)
    assert workspace.problems == []
    assert workspace.shutdown()


def test_damage_to_a_tile_is_a_problem_of_that_tile(
    painted: Workspace, project_folder: Path, open_map: Open
) -> None:
    painted.save()
    idle(painted)
    assert painted.shutdown()
    sidecar = next((project_folder / "tiles").glob("r0_c1-*.json"))
    sidecar.write_bytes(b"{}")
    again = open_map(project_folder)
    assert [problem.key for problem in again.problems] == ["tile:0,1:file"]
    assert kinds(again) == ["done", "empty", "done", "done", "done", "done"]


def test_closing_leaves_the_folder_to_others(desk: Workspace, project_folder: Path) -> None:
    desk.close()
    idle(desk)
    assert desk.document is None
    assert Project.open(project_folder).claim() is None
    shutil.rmtree(project_folder)


def test_work_is_autosaved_without_being_asked(desk: Workspace, project_folder: Path) -> None:
    paint(desk)
    began = time.monotonic()
    wait_until((project_folder / "autosave.json").exists, what="the autosave")
    assert time.monotonic() - began < 10
    assert desk.has_changes
