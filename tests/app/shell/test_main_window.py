"""The window as a whole: what can be done when, and what the bars and menus show."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QTabBar, QWidget

from app.core.actions import ACTIONS, GROUPS
from app.shell.main_window import MainWindow
from tests.app.shell.windows import NewWindow, end, open_map, paint, problem_texts, settle
from tests.support.qt import wait_until

WITHOUT_MAP = {"file.new", "file.open", "file.sample", "file.settings", "help.commands"}


def test_every_action_of_the_table_does_something(opened: MainWindow) -> None:
    assert [row.id for row in ACTIONS if not opened.actions_by_id.is_bound(row.id)] == []


def test_without_a_map_only_what_makes_sense_can_be_used(window: MainWindow) -> None:
    able = {row.id for row in ACTIONS if window.actions_by_id[row.id].isEnabled()}
    assert able >= WITHOUT_MAP
    assert not {key for key in able if key.startswith(("edit.", "tool.", "run.s", "overlay."))}


def test_every_action_is_in_its_menu(window: MainWindow) -> None:
    menus = {menu.title(): menu for menu in window.menuBar().findChildren(QMenu)}
    names = {group: [action.objectName() for action in menus[group].actions()] for group in GROUPS}
    assert all(row.id in names[row.group] for row in ACTIONS)


def test_opening_a_map_shows_it_in_title_palette_and_recent_maps(
    opened: MainWindow, project_folder: Path
) -> None:
    assert opened.windowTitle().startswith("small[*]")
    assert opened.panels.zones.list.model().rowCount() == 8
    assert opened.view.isVisible()
    assert opened.files.recent.folders() == (project_folder,)


def test_painting_marks_the_window_as_changed_and_undo_takes_that_back(opened: MainWindow) -> None:
    paint(opened)
    assert opened.isWindowModified()
    assert opened.actions_by_id["file.save"].isEnabled()
    opened.actions_by_id.trigger("edit.undo")
    settle(opened)
    assert not opened.isWindowModified()
    assert not opened.actions_by_id["edit.undo"].isEnabled()
    assert opened.actions_by_id["edit.redo"].isEnabled()


def test_save_keeps_the_work_for_the_next_time(
    opened: MainWindow, project_folder: Path, new_window: NewWindow
) -> None:
    paint(opened, zone=5)
    opened.actions_by_id.trigger("file.save")
    wait_until(lambda: not opened.workspace.has_changes, what="the save")
    end(opened)
    again = new_window()
    open_map(again, project_folder)
    assert again.workspace.document.pick(20, 20) == 5


@pytest.mark.parametrize(
    ("key", "tool"), [("e", "tool.eraser"), ("r", "tool.river"), ("s", "tool.select")]
)
def test_one_key_takes_up_a_tool(opened: MainWindow, key: str, tool: str) -> None:
    opened.view.setFocus()
    QTest.keyClick(opened.view, key)
    assert opened.view.tool.name == tool
    assert opened.actions_by_id[tool].isChecked()


def test_a_number_chooses_a_zone_and_takes_the_brush(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("tool.hand")
    opened.view.setFocus()
    QTest.keyClick(opened.view, "3")
    assert opened.workspace.active_zone == 3
    assert opened.view.tool.name == "tool.brush"


def test_brackets_change_the_size_of_the_brush(opened: MainWindow) -> None:
    before = opened.workspace.brush_radius_px
    opened.actions_by_id.trigger("edit.larger")
    assert opened.workspace.brush_radius_px > before
    opened.actions_by_id.trigger("edit.smaller")
    assert opened.workspace.brush_radius_px == pytest.approx(before, abs=1)


def test_letters_typed_into_a_field_take_up_no_tool(opened: MainWindow) -> None:
    field = opened.panels.run.map_prompt
    opened.docks.show_panel("run")
    field.setFocus()
    QTest.keyClicks(field, "berg")
    assert opened.view.tool.name == "tool.brush"
    assert field.toPlainText().endswith("berg") or field.toPlainText().startswith("berg")


@pytest.mark.parametrize("mode", ["zones", "art", "blend"])
def test_view_modes_exclude_each_other(opened: MainWindow, mode: str) -> None:
    opened.actions_by_id.trigger(f"view.{mode}")
    assert opened.view.mode == mode
    checked = [
        m for m in ("zones", "art", "blend") if opened.actions_by_id[f"view.{m}"].isChecked()
    ]
    assert checked == [mode]
    assert opened.top_bar.opacity.isEnabled() == (mode == "blend")


def test_an_overlay_is_switched_by_its_action(opened: MainWindow) -> None:
    before = opened.overlays["overlay.seams"].visible
    opened.actions_by_id.trigger("overlay.seams")
    assert opened.overlays["overlay.seams"].visible is not before
    assert opened.actions_by_id["overlay.seams"].isChecked() is not before


def test_overlays_names_are_actions_of_the_table(opened: MainWindow) -> None:
    ids = {row.id for row in ACTIONS}
    assert {name for name in opened.overlays if name not in ids} == {"overlay.selection"}
    assert set(opened.tools) <= ids


def test_select_all_takes_the_whole_map_and_generate_selection_can_be_used(
    opened: MainWindow,
) -> None:
    opened.actions_by_id.trigger("edit.select_all")
    settle(opened)
    assert opened.workspace.selection is not None
    assert opened.actions_by_id["run.selection"].isEnabled()
    opened.actions_by_id.trigger("edit.select_none")
    assert opened.workspace.selection is None


def test_only_the_map_hides_all_panels_and_shows_the_same_ones_again(opened: MainWindow) -> None:
    def shown() -> set[str]:
        return {name for name, dock in opened.docks.by_name.items() if not dock.isHidden()}

    before = shown()
    opened.actions_by_id.trigger("view.canvas_only")
    assert shown() == set()
    opened.actions_by_id.trigger("view.canvas_only")
    assert shown() == before


def test_docks_stand_where_they_were_after_a_restart(
    opened: MainWindow, new_window: NewWindow
) -> None:
    opened.docks.by_name["zones"].setFloating(True)
    opened.actions_by_id.trigger("panel.problems")
    opened.actions_by_id.trigger("view.blend")
    end(opened)
    again = new_window()
    assert again.docks.by_name["zones"].isFloating()
    assert not again.docks.by_name["problems"].isHidden()
    assert again.view.mode == "blend"
    again.actions_by_id.trigger("panels.reset")
    assert not again.docks.by_name["zones"].isFloating()


def test_a_broken_window_file_is_passed_over(own_settings: Path, new_window: NewWindow) -> None:
    own_settings.mkdir(parents=True)
    (own_settings / "window.json").write_text(
        '{"layout_version": 1, "docks": "%%%", "geometry": 3}'
    )
    assert not new_window().docks.by_name["zones"].isHidden()


def test_the_theme_changes_at_once_when_it_is_chosen(
    opened: MainWindow, qapp: QApplication
) -> None:
    opened.settings.set("look.theme", "dark")
    dark = qapp.palette().window().color().lightness()
    opened.settings.set("look.theme", "light")
    light = qapp.palette().window().color().lightness()
    assert dark < 60
    assert light > 200


def controls(window: QWidget) -> list[QWidget]:
    """Everything of a window that takes the focus or can be pressed."""
    found = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QAbstractButton)
    ]
    return [widget for widget in found if not widget.objectName().startswith("qt_")]


def test_every_control_has_a_name_and_says_what_it_does(opened: MainWindow) -> None:
    inner = {"QScrollBar", "QHeaderView", "QComboBoxPrivateScroller", "QComboBoxListView"}
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in controls(opened)
        if widget.metaObject().className() not in inner
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []


def test_every_button_has_a_tooltip(opened: MainWindow) -> None:
    silent = [
        f"{button.text() or button.objectName()} in {type(button.parent()).__name__}"
        for button in opened.findChildren(QAbstractButton)
        if not button.toolTip()
        and not button.objectName().startswith("qt_")
        and not isinstance(button.parent(), QTabBar)
    ]
    assert silent == []


def test_no_two_actions_of_the_window_share_a_key(opened: MainWindow) -> None:
    keys = [
        action.shortcut().toString()
        for action in opened.findChildren(QAction)
        if action.shortcut() != QKeySequence()
    ]
    assert len(keys) == len(set(keys))


def test_what_a_tool_says_passes_over_the_map_and_is_no_problem(opened: MainWindow) -> None:
    opened.view.tool.said.emit("Filled 12 px.")
    assert opened.toast.isVisible()
    assert opened.toast.text() == "Filled 12 px."
    assert problem_texts(opened) == []
    opened.toast._timer.timeout.emit()
    assert not opened.toast.isVisible()


def test_a_long_sentence_stays_inside_the_map(opened: MainWindow) -> None:
    opened.toast.say("This map has unsaved work of an earlier time; recover or drop it. " * 3)
    assert opened.page.rect().contains(opened.toast.geometry())
    opened.resize(900, 600)
    settle(opened)
    assert opened.page.rect().contains(opened.toast.geometry())


def test_menus_show_which_actions_are_on_by_a_mark(window: MainWindow) -> None:
    for row in ACTIONS:
        action = window.actions_by_id[row.id]
        assert not (row.checkable and action.isIconVisibleInMenu())


def test_before_and_after_is_on_only_while_something_is_compared(opened: MainWindow) -> None:
    action = opened.actions_by_id["overlay.compare"]
    assert not action.isChecked()
    opened.workspace.selected_tile = opened.workspace.grid.tiles()[0]
    opened.actions_by_id.trigger("overlay.compare")
    assert not opened.docks.by_name["compare"].isHidden()
    hint = opened.panels.compare.pages.empty.hint
    wait_until(lambda: "no earlier result" in hint.text(), what="the words")
    assert not action.isChecked()


def test_measuring_the_seams_shows_their_panel(opened: MainWindow) -> None:
    assert opened.docks.by_name["seams"].isHidden()
    opened.actions_by_id["run.seams"].setEnabled(True)
    opened.actions_by_id.trigger("run.seams")
    assert not opened.docks.by_name["seams"].isHidden()


def test_the_line_at_the_bottom_is_as_high_with_a_run_as_without(opened: MainWindow) -> None:
    strip, before = opened.status.strip, opened.statusBar().height()
    for part in (strip.bar, strip.pause_button, strip.stop_button):
        part.show()
    QApplication.processEvents()
    assert strip.stop_button.isVisible()
    assert opened.statusBar().height() == before


def test_words_on_progress_never_widen_the_panel(opened: MainWindow) -> None:
    panel = opened.panels.by_name["progress"]
    for part in (panel.strip.bar, panel.strip.pause_button, panel.strip.stop_button):
        part.show()
    before = panel.minimumSizeHint().width()
    panel.strip.text.setText("17 of 30, 2 failed, about an hour and a half left")
    panel.strip.layout().activate()
    assert panel.minimumSizeHint().width() == before


def test_at_first_zones_and_finished_tiles_are_shown_both(opened: MainWindow) -> None:
    assert opened.view.mode == "blend"
    assert opened.actions_by_id["view.blend"].isChecked()
    assert opened.top_bar.opacity.isEnabled()


def test_without_a_map_the_panel_that_generates_asks_for_one(window: MainWindow) -> None:
    wait_until(lambda: window.panels.run.summary.text() == "Open a map first.", what="the words")


def test_legends_of_heats_lie_above_the_marks_of_tiles(opened: MainWindow) -> None:
    order = list(opened.overlays)
    assert order.index("overlay.grid") < order.index("overlay.change_map")
    assert order.index("overlay.grid") < order.index("overlay.seams")


def test_the_seams_appear_with_room_for_several_rows(opened: MainWindow) -> None:
    opened.docks.show_panel("seams")
    rows = opened.panels.by_name["seams"]
    wait_until(lambda: rows.height() > 180, what="the room")
