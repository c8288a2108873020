"""A damaged map is offered for rescue in one dialog; its folder stays as it is."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.shell.dialogs.rescue import RescueDialog
from app.shell.main_window import MainWindow
from generation.plan.errors import Cancelled
from painter.document import Document
from painter.editing import ZoneInk
from painter.project import Project
from painter.rescue import rescue
from tests.app.shell.windows import drop, holds, open_map, problem_texts, settle
from tests.app.words import files_in
from tests.support.qt import wait_until
from zones.errors import WorkError
from zones.geometry import Rect


def first_file(folder: Path, start: str) -> Path:
    return next(path for path in sorted(folder.rglob("*")) if start in path.as_posix())


def damage(folder: Path) -> None:
    """Lose the strokes of a project, and with them the way to open it."""
    first_file(folder, "stencils/0_0-").unlink()


def dialog_of(window: MainWindow) -> RescueDialog:
    found = window.files._dialogs["rescue"]
    assert isinstance(found, RescueDialog)
    return found


def offered(window: MainWindow, folder: Path) -> RescueDialog:
    """Open a damaged map and wait until its dialog has looked at it."""
    window.files.open_map(folder)
    wait_until(lambda: "rescue" in window.files._dialogs, what="the dialog")
    settle(window)
    return dialog_of(window)


def test_a_damaged_map_is_offered_with_what_is_whole_and_what_is_lost(
    window: MainWindow, project_folder: Path
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    assert dialog.isVisible()
    assert dialog.whole.text() == "Painted zones: one piece of 512 × 512 px"
    assert [dialog.losses.item(row).text() for row in range(dialog.losses.count())] == [
        "Rivers, paths and other strokes"
    ]
    assert "stencils/0_0-" in dialog.losses.item(0).toolTip()
    assert window.docks.by_name["problems"].isHidden()


def test_saving_what_is_whole_opens_the_new_map_and_leaves_the_old_one(
    window: MainWindow, project_folder: Path
) -> None:
    damage(project_folder)
    before = files_in(project_folder)
    dialog = offered(window, project_folder)
    target = dialog.folder
    assert target.name == "small rescued.tilewright"
    dialog.save.click()
    wait_until(lambda: holds(window, target), what="the rescued map")
    settle(window)
    assert files_in(project_folder) == before
    assert window.workspace.document.pick(20, 20) == 2
    assert problem_texts(window) == []
    assert window.files._dialogs == {}


def test_a_map_whose_manifest_is_broken_is_rescued_from_its_autosave(
    window: MainWindow, project_folder: Path
) -> None:
    document = Document.open(project_folder)
    with document.edit("Paint") as edit:
        edit.paint(ZoneInk(6), Rect(10, 10, 50, 50))
    document.autosave(document.capture())
    document.close()
    (project_folder / "project.json").write_text("{")
    dialog = offered(window, project_folder)
    assert dialog.losses.count() == 1
    assert "the autosave stands in" in dialog.losses.item(0).text()
    target = dialog.folder
    dialog.save.click()
    wait_until(lambda: holds(window, target), what="the rescued map")
    assert window.workspace.document.pick(20, 20) == 6


def test_a_map_of_which_nothing_can_be_read_is_only_a_problem(
    window: MainWindow, project_folder: Path
) -> None:
    (project_folder / "project.json").write_text("{")
    window.files.open_map(project_folder)
    settle(window)
    assert "rescue" not in window.files._dialogs
    assert len(problem_texts(window)) == 1


def test_the_dialog_can_be_had_back_from_the_problems(
    window: MainWindow, project_folder: Path
) -> None:
    damage(project_folder)
    offered(window, project_folder).cancel.click()
    QApplication.processEvents()
    assert window.files._dialogs.get("rescue") is None
    row = window.panels.problems.rows[0]
    assert "tilewright rescue" not in row.problem.text
    row.buttons["rescue"].click()
    settle(window)
    assert dialog_of(window).save.isEnabled()


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "small"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(
    window: MainWindow, project_folder: Path, name: str
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    dialog.name.setText(name)
    assert not dialog.save.isEnabled()
    assert dialog.fault.isVisible()


def test_a_place_that_cannot_be_written_is_told_in_the_dialog(
    window: MainWindow, project_folder: Path, tmp_path: Path
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    (tmp_path / "file").write_text("")
    dialog.place.setText(str(tmp_path / "file"))
    dialog.save.click()
    wait_until(dialog.fault.isVisible, what="the complaint")
    assert dialog.isVisible()
    assert dialog.save.isEnabled()


def test_a_place_that_cannot_be_looked_at_is_told_when_it_is_wanted(
    window: MainWindow, project_folder: Path, tmp_path: Path
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    dialog.place.setText(str(tmp_path / ("long" * 80)))
    assert dialog.save.isEnabled()
    dialog.save.click()
    wait_until(dialog.fault.isVisible, what="the complaint")
    assert "too long" in dialog.fault.text()
    assert "unexpected" not in dialog.fault.text()
    assert dialog.isVisible()


def test_cancelling_a_rescue_in_its_middle_leaves_nothing_behind(
    window: MainWindow, project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    begun, go_on = threading.Event(), threading.Event()
    asked = dialog._check()
    before, files = set(tmp_path.iterdir()), files_in(project_folder)

    def check() -> None:
        if set(tmp_path.iterdir()) != before:
            begun.set()
            assert go_on.wait(10)
        asked()

    monkeypatch.setattr(dialog, "_check", lambda: check)
    dialog.save.click()
    assert begun.wait(10), "nothing was copied"
    dialog.cancel.click()
    go_on.set()
    settle(window)
    assert (set(tmp_path.iterdir()), files_in(project_folder)) == (before, files)
    assert "rescue" not in window.files._dialogs
    assert window.workspace.document is None


def test_a_copy_that_was_done_as_it_was_cancelled_is_not_opened(
    window: MainWindow, project_folder: Path
) -> None:
    damage(project_folder)
    dialog = offered(window, project_folder)
    rescued: list[object] = []
    dialog.rescued.connect(rescued.append)
    made = rescue(project_folder, dialog.folder)
    dialog.cancel.click()
    dialog._on_saved(made)
    assert rescued == []


def test_a_rescue_can_be_ended_until_the_copy_has_its_name(
    project_folder: Path, tmp_path: Path
) -> None:
    checks: list[set[str]] = []
    last = 0

    def check() -> None:
        checks.append({path.name for path in tmp_path.iterdir()})
        if len(checks) == last:
            raise Cancelled

    rescue(project_folder, tmp_path / "whole", check)
    drafts = checks[-1] - {path.name for path in tmp_path.iterdir()}
    assert len(drafts) == 1
    assert "whole" not in checks[-1]
    last = len(checks)
    checks.clear()
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(Cancelled):
        rescue(project_folder, tmp_path / "again", check)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_dropped_map_without_a_manifest_is_taken_for_a_map(
    window: MainWindow, project_folder: Path
) -> None:
    Document.open(project_folder).close()
    (project_folder / "project.json").unlink()
    drop(window, project_folder)
    assert "project.json" in problem_texts(window)[0]


def test_a_map_that_still_opens_can_be_rescued_too(
    opened: MainWindow, project_folder: Path
) -> None:
    opened.workspace.close()
    first_file(project_folder, "zones/0_0-").unlink()
    open_map(opened, project_folder)
    wait_until(lambda: bool(problem_texts(opened)), what="the problem")
    settle(opened)
    (row,) = opened.panels.problems.rows
    assert "zones/0_0-" in row.problem.text
    row.buttons["rescue"].click()
    settle(opened)
    dialog = dialog_of(opened)
    assert "Rivers, paths and other strokes: 2" in dialog.whole.text()
    target = dialog.folder
    dialog.save.click()
    wait_until(lambda: holds(opened, target), what="the rescued map")
    settle(opened)
    assert len(Project.open(target).content.strokes) == 2
    assert problem_texts(opened) == []


def paint(window: MainWindow) -> None:
    with window.workspace.document.edit("Paint") as edit:
        edit.paint(ZoneInk(6), Rect(10, 10, 50, 50))


def test_unsaved_work_of_the_open_map_is_saved_into_the_rescued_one(
    opened: MainWindow, project_folder: Path
) -> None:
    paint(opened)
    opened.files.rescue_map(project_folder)
    wait_until(lambda: "rescue" in opened.files._dialogs, what="the dialog")
    settle(opened)
    assert not opened.workspace.has_changes
    dialog = dialog_of(opened)
    assert "since the last save" not in dialog.intro.text()
    target = dialog.folder
    dialog.save.click()
    wait_until(lambda: holds(opened, target), what="the rescued map")
    assert opened.workspace.document.pick(20, 20) == 6


def test_where_the_open_map_cannot_be_saved_the_dialog_says_what_is_missing(
    opened: MainWindow, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise WorkError("the disk is full")

    monkeypatch.setattr(opened.workspace.document, "save", fail)
    paint(opened)
    opened.files.rescue_map(project_folder)
    wait_until(lambda: "rescue" in opened.files._dialogs, what="the dialog")
    settle(opened)
    expected = "What you did since the last save is not in the new one."
    assert dialog_of(opened).intro.text().endswith(expected)
    assert opened.workspace.has_changes
