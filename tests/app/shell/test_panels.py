"""The panels of the shell: zones, tool options, history and problems."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QStyle, QStyleOptionComboBox

from app.core.problems import Problem, tile_key
from app.panels.problems import details, sentence
from app.panels.tool_options import NumberField
from app.panels.zone_editor import ZoneEditor
from app.shell.main_window import MainWindow
from tests.app.shell.windows import paint, settle
from zones.geometry import Rect
from zones.grid import TileCoord


def zone_names(window: MainWindow) -> list[str]:
    return [zone.name for zone in window.workspace.palette.zones]


def editor(window: MainWindow) -> ZoneEditor:
    found = window.panels.zones.findChildren(ZoneEditor)
    assert len(found) == 1
    return found[0]


def test_a_click_on_a_zone_takes_it_up(opened: MainWindow) -> None:
    view = opened.panels.zones.list
    at = view.visualRect(view.model().index(3, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.workspace.active_zone == 4
    assert view.currentIndex().row() == 3


def test_a_new_zone_is_one_undo_step_and_is_taken_up(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("edit.add_zone")
    form = editor(opened)
    form.name.setText("lava")
    form.prompt.setText("glowing lava")
    form.accept()
    assert zone_names(opened)[-1] == "lava"
    assert opened.workspace.active_zone == 9
    settle(opened)
    opened.actions_by_id.trigger("edit.undo")
    settle(opened)
    assert "lava" not in zone_names(opened)


@pytest.mark.parametrize(
    ("name", "colour", "said"),
    [
        ("", "#102030", "Give the zone a name."),
        ("forest", "#102030", "Another zone has this name."),
        ("lava", "red-ish", "Write the colour as #rrggbb."),
        ("lava", "#345c30", "Forest has this colour already."),
    ],
)
def test_the_form_says_what_is_wrong_with_a_zone(
    opened: MainWindow, name: str, colour: str, said: str
) -> None:
    opened.panels.zones.add_zone()
    form = editor(opened)
    form.name.setText(name)
    form.colour.setText(colour)
    assert form.fault.text() == said
    form.accept()
    assert len(zone_names(opened)) == 8
    form.reject()


def test_the_base_zone_is_changed_by_its_button(opened: MainWindow) -> None:
    opened.workspace.active_zone = 4
    opened.panels.zones.base_button.click()
    assert opened.workspace.palette.base_zone == 4


def test_a_zone_that_the_map_has_is_not_removed_and_a_problem_says_why(opened: MainWindow) -> None:
    opened.workspace.active_zone = 2
    opened.panels.zones.remove_button.click()
    assert "forest" in zone_names(opened)
    assert len(opened.panels.problems.rows) == 1


def test_a_zone_that_nothing_has_can_be_removed(opened: MainWindow) -> None:
    opened.workspace.active_zone = 6
    opened.panels.zones.remove_button.click()
    assert "snow" not in zone_names(opened)


def test_history_shows_the_newest_step_when_it_comes_up(opened: MainWindow) -> None:
    panel = opened.panels.by_name["history"]
    panel.parentWidget().hide()
    settle(opened)
    assert not panel.isVisible()
    for number in range(60):
        with opened.workspace.document.edit(f"Step {number}") as edit:
            edit.zones.fill(Rect(0, 0, 9, 9), 1 + number % 2)
    opened.docks.show_panel("history")
    settle(opened)
    assert panel.isVisible()
    here = panel.list.visualRect(panel.list.currentIndex())
    assert panel.list.currentIndex().row() == 60
    assert panel.list.viewport().rect().contains(here)


def test_history_lists_the_steps_and_a_click_travels(opened: MainWindow) -> None:
    paint(opened, 3, "First")
    paint(opened, 4, "Second")
    panel = opened.panels.by_name["history"]
    assert panel.labels() == ["As it was opened", "First", "Second"]
    panel.travel(0)
    settle(opened)
    assert opened.workspace.document.pick(20, 20) == 2
    panel.travel(2)
    assert opened.workspace.document.pick(20, 20) == 4
    assert panel.list.currentIndex().row() == 2


def test_a_new_step_after_travelling_back_takes_the_place_of_the_others(opened: MainWindow) -> None:
    paint(opened, 3, "First")
    panel = opened.panels.by_name["history"]
    panel.travel(0)
    paint(opened, 5, "Other")
    assert panel.labels() == ["As it was opened", "Other"]


def test_options_of_the_tool_in_hand_are_shown_and_changed(opened: MainWindow) -> None:
    fields = opened.panels.tool.fields
    assert "size" in fields or "radius" in fields
    number = next(field for field in fields.values() if isinstance(field, NumberField))
    number.field.setValue(100)
    assert opened.workspace.brush_radius_px == pytest.approx(50)
    opened.workspace.brush_radius_px = 20
    settle(opened)
    assert number.field.value() == pytest.approx(40)


@pytest.mark.parametrize("tool", ["tool.brush", "tool.river", "tool.path", "tool.protect"])
def test_no_option_of_a_tool_is_cut_at_the_side(opened: MainWindow, tool: str) -> None:
    opened.actions_by_id.trigger(tool)
    settle(opened)
    panel = opened.panels.tool
    assert panel.fields
    for field in panel.fields.values():
        assert field.width() >= field.minimumSizeHint().width()
        right = field.mapTo(panel.viewport(), field.rect().topRight()).x()
        assert right < panel.viewport().width()


def test_the_words_of_a_rivers_freedom_are_shown_whole(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("tool.river")
    settle(opened)
    box = opened.panels.tool.fields["mu"]
    style = QStyleOptionComboBox()
    box.initStyleOption(style)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, style, part, box)
    assert box.currentText() == "as the palette says"
    assert box.fontMetrics().horizontalAdvance(box.currentText()) <= room.width()


def test_zones_have_the_same_names_in_all_panels(opened: MainWindow) -> None:
    rows = opened.panels.zones.list.model()
    names = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    words = opened.panels.run.zone_words
    labels = [label.text() for label in words.findChildren(QLabel) if label.text()]
    assert names[:2] == ["Grass", "Forest"]
    assert labels[: len(names)] == names
    opened.workspace.pointer_moved.emit((1.0, 1.0))
    assert opened.status.ground.text() in names


@pytest.mark.parametrize("tool", ["tool.river", "tool.path", "tool.protect", "tool.fill"])
def test_every_tool_has_options_that_say_what_they_do(opened: MainWindow, tool: str) -> None:
    opened.actions_by_id.trigger(tool)
    assert opened.view.tool.name == tool
    assert opened.panels.tool.fields
    assert all(
        field.toolTip() or field.focusProxy() for field in opened.panels.tool.fields.values()
    )


def test_a_problem_on_a_tile_can_be_gone_to_copied_and_dismissed(opened: MainWindow) -> None:
    tile, went = TileCoord(1, 1), []
    opened.workspace.go_to.connect(went.append)
    problem = Problem(tile_key(tile), "error", "the tile failed", tile, "retry")
    opened.workspace.report(problem)
    (row,) = opened.panels.problems.rows
    assert set(row.buttons) == {"go", "retry"}
    row.buttons["go"].click()
    assert opened.workspace.selected_tile == tile
    assert went == [opened.workspace.grid.window(tile)]
    row.copy_button.click()
    assert QGuiApplication.clipboard().text() == details(problem)
    row.dismiss_button.click()
    assert opened.panels.problems.rows == []


def test_a_choice_that_a_bar_offers_is_not_listed_twice(opened: MainWindow) -> None:
    opened.workspace.report(Problem("queue", "notice", "tiles wait", advice="resume"))
    assert opened.panels.problems.rows == []
    opened.workspace.report(Problem("queue", "warning", "the queue is damaged"))
    assert len(opened.panels.problems.rows) == 1


def test_a_sentence_begins_large_and_ends_with_a_stop() -> None:
    assert sentence("it failed") == "It failed."
    assert sentence("Why?") == "Why?"


def test_a_read_only_map_can_be_looked_at_only(
    opened: MainWindow, new_window: object, project_folder: Path
) -> None:
    assert opened.panels.zones.add_button.isEnabled()
    opened.workspace.close()
    settle(opened)
    assert not opened.panels.zones.add_button.isEnabled()
