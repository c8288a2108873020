"""Closing, opening, dropping and recovering: nothing is lost unasked, nothing blocks."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QMessageBox

from app.core.queue_file import QueuedRun
from app.shell.main_window import MainWindow
from painter.document import Document
from painter.editing import ZoneInk
from tests.app.shell.windows import (
    NewWindow,
    answer,
    bar_texts,
    drop,
    end,
    holds,
    open_map,
    paint,
    problem_texts,
    settle,
)
from tests.support.qt import MAP_PX, small_project, wait_until
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import default_palette

CLOSES_WITHIN_S = 3.0


def zone_at(folder: Path, x: int = 20, y: int = 20) -> int:
    """The zone that a project has on disk."""
    document = Document.open(folder)
    try:
        return document.pick(x, y)
    finally:
        document.close()


def test_a_window_without_changes_closes_unasked_and_soon(opened: MainWindow) -> None:
    begin = time.monotonic()
    assert opened.close()
    assert time.monotonic() - begin < CLOSES_WITHIN_S
    assert not opened.isVisible()


def test_closing_with_changes_asks_in_a_bar_and_blocks_nothing(opened: MainWindow) -> None:
    paint(opened)
    assert not opened.close()
    assert opened.isVisible()
    assert any("not saved" in text for text in bar_texts(opened))
    assert not opened.findChildren(QMessageBox)
    answer(opened, "leaving", "Cancel")
    assert opened.isVisible()
    assert bar_texts(opened) == []


def test_save_in_the_bar_saves_and_closes(opened: MainWindow, project_folder: Path) -> None:
    paint(opened, zone=6)
    opened.close()
    answer(opened, "leaving", "Save")
    wait_until(lambda: not opened.isVisible(), what="the window to close")
    assert zone_at(project_folder) == 6


def test_discard_in_the_bar_drops_the_work_and_offers_no_recovery(
    opened: MainWindow, project_folder: Path
) -> None:
    before = opened.workspace.document.pick(20, 20)
    paint(opened, zone=6)
    opened.close()
    answer(opened, "leaving", "Discard")
    wait_until(lambda: not opened.isVisible(), what="the window to close")
    document = Document.open(project_folder)
    assert document.recovery is None
    assert document.pick(20, 20) == before
    document.close()


def test_opening_another_map_asks_first_and_goes_on_after_the_answer(
    opened: MainWindow, tmp_path: Path
) -> None:
    other = small_project(tmp_path / "other.tilewright")
    paint(opened)
    opened.files.open_map(other)
    assert not holds(opened, other)
    answer(opened, "leaving", "Discard")
    wait_until(lambda: holds(opened, other), what="the other map")


def test_closing_the_map_shows_the_start_page_with_recent_maps(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("file.close")
    settle(opened)
    assert opened.welcome.isVisible()
    assert [button.text() for button in opened.welcome.recent_buttons] == ["small"]
    opened.welcome.recent_buttons[0].click()
    wait_until(lambda: opened.workspace.document is not None, what="the map")


def crashed(folder: Path, zone: int) -> None:
    """Leave unsaved work behind as a program that was killed does."""
    document = Document.open(folder)
    with document.edit("Paint") as edit:
        edit.paint(ZoneInk(zone), Rect(10, 10, 50, 50))
    document.autosave(document.capture())
    document.close()


@pytest.mark.parametrize(("said", "zone"), [("Recover", 7), ("Decline", 2)])
def test_unsaved_work_of_a_crash_is_offered_in_a_bar(
    window: MainWindow, project_folder: Path, said: str, zone: int
) -> None:
    crashed(project_folder, zone=7)
    open_map(window, project_folder)
    assert any("was not saved" in text for text in bar_texts(window))
    assert window.workspace.read_only
    answer(window, "recovery", said)
    wait_until(lambda: not window.workspace.read_only, what="the decision")
    assert window.workspace.document.pick(20, 20) == zone
    assert bar_texts(window) == []
    assert window.panels.run.steps.isEnabled()
    assert window.panels.zones.add_button.isEnabled()
    assert window.panels.by_name["history"].list.isEnabled()


def test_what_is_left_to_be_painted_is_offered_in_the_words_of_its_problem(
    opened: MainWindow,
) -> None:
    workspace = opened.workspace
    rest = QueuedRun(label="run", settings=workspace.settings.to_json(), tiles=((0, 0), (0, 1)))
    workspace._runs.left_over.put([rest])
    (said,) = bar_texts(opened)
    assert said.startswith("2 tiles")
    assert [one.text for one in workspace.problems if one.key == "queue"] == [said]
    assert "(2)" in opened.panels.by_name["progress"].resume_button.text()
    workspace._runs.left_over.less([TileCoord(0, 0)])
    (said,) = bar_texts(opened)
    assert said.startswith("One tile")
    answer(opened, "queue", "Forget them")
    assert bar_texts(opened) == []
    assert workspace.left_over == ()


def test_a_dropped_map_opens(window: MainWindow, project_folder: Path) -> None:
    drop(window, project_folder)
    wait_until(lambda: holds(window, project_folder), what="the map")


def test_a_dropped_manifest_opens_its_map(window: MainWindow, project_folder: Path) -> None:
    drop(window, project_folder / "project.json")
    wait_until(lambda: holds(window, project_folder), what="the map")


def test_a_dropped_zone_picture_paints_the_zones_as_one_undo_step(
    opened: MainWindow, tmp_path: Path
) -> None:
    ids = np.full((MAP_PX[1], MAP_PX[0]), 4, dtype=np.uint8)
    Image.fromarray(ids).save(tmp_path / "zones.png")
    drop(opened, tmp_path / "zones.png")
    wait_until(lambda: opened.workspace.document.pick(20, 20) == 4, what="the zones")
    opened.actions_by_id.trigger("edit.undo")
    assert opened.workspace.document.pick(20, 20) == 2


def bad_files(folder: Path) -> dict[str, Path]:
    """Files that nothing can be done with."""
    files = {name: folder / name for name in ("text.txt", "torn.png", "small.png", "colours.png")}
    files["text.txt"].write_text("hello")
    files["torn.png"].write_bytes(b"\x89PNG\r\n\x1a\n torn")
    Image.new("L", (16, 16), 1).save(files["small.png"])
    Image.new("RGB", MAP_PX, (1, 2, 3)).save(files["colours.png"])
    return files


@pytest.mark.parametrize("name", ["text.txt", "torn.png", "small.png", "colours.png"])
def test_a_bad_file_gives_one_plain_sentence_in_the_problems_panel(
    opened: MainWindow, tmp_path: Path, name: str
) -> None:
    drop(opened, bad_files(tmp_path)[name])
    wait_until(lambda: problem_texts(opened), what="the problem")
    (text,) = problem_texts(opened)
    assert name in text
    assert "Traceback" not in text
    assert "\n" not in text
    assert not opened.docks.by_name["problems"].isHidden()


def test_a_picture_without_a_map_says_what_to_do(window: MainWindow, tmp_path: Path) -> None:
    Image.new("L", (16, 16), 1).save(tmp_path / "zones.png")
    drop(window, tmp_path / "zones.png")
    assert "open or make a map" in problem_texts(window)[0]


def test_a_damaged_map_is_a_problem_and_the_window_stays(
    window: MainWindow, project_folder: Path
) -> None:
    (project_folder / "project.json").write_text("{")
    window.files.open_map(project_folder)
    wait_until(lambda: problem_texts(window), what="the problem")
    assert window.welcome.isVisible()


def test_the_first_start_opens_the_sample_with_three_hints(
    window: MainWindow, own_settings: Path
) -> None:
    window.begin(None)
    wait_until(lambda: window.hints is not None, what="the hints")
    assert window.workspace.document.project.size == (1152, 960)
    for _ in range(3):
        window.hints.next_button.click()
    assert window.hints is None
    assert json.loads((own_settings / "settings.json").read_text())["values"]["hints.seen"]
    settle(window)


def test_the_hint_on_export_leaves_the_button_that_generates_in_sight(
    opened: MainWindow,
) -> None:
    opened.show_hints()
    for _ in range(2):
        opened.hints.next_button.click()
    button = opened.top_bar.generate_button
    covered = QRect(button.mapTo(opened, QPoint(0, 0)), button.size())
    assert not opened.hints.geometry().intersects(covered)
    opened.hints.next_button.click()


def test_hints_can_be_sent_away_at_once(opened: MainWindow) -> None:
    opened.show_hints()
    opened.hints.leave_button.click()
    assert opened.hints is None
    assert opened.settings.flag("hints.seen")


def test_the_second_start_opens_the_last_map(
    opened: MainWindow, project_folder: Path, new_window: NewWindow
) -> None:
    end(opened)
    again = new_window()
    again.begin(None)
    wait_until(lambda: holds(again, project_folder), what="the map")


def test_a_zone_picture_of_palette_colours_is_understood(
    opened: MainWindow, tmp_path: Path
) -> None:
    Image.new("RGB", MAP_PX, default_palette().zone(5).rgb).save(tmp_path / "rock.png")
    drop(opened, tmp_path / "rock.png")
    wait_until(lambda: opened.workspace.document.pick(20, 20) == 5, what="the zones")
