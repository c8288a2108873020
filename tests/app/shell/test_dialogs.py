"""The dialogs: what they show before anything is done, and what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel

from app.core.actions import ACTIONS
from app.core.models import model_facts
from app.core.new_map import forecast, nearest_wrapped_size
from app.shell.dialogs.about import facts_text
from app.shell.dialogs.new_map import NewMapDialog, free_name
from app.shell.dialogs.settings import SettingsDialog
from app.shell.main_window import MainWindow
from app.shell.shortcut_sheet import native, sections
from tests.app.shell.windows import holds, settle
from tests.support.qt import wait_until
from zones.errors import InputError


def shown(window: MainWindow, action_id: str, name: str) -> QDialog:
    """Open a dialog by its action."""
    window.actions_by_id.trigger(action_id)
    settle(window)
    return window.files._dialogs[name]


@pytest.fixture
def new_map(window: MainWindow, tmp_path: Path) -> NewMapDialog:
    """The dialog for a new map, with everything known."""
    dialog = shown(window, "file.new", "new")
    assert isinstance(dialog, NewMapDialog)
    dialog.place.setText(str(tmp_path))
    dialog.name.setText("mine")
    wait_until(lambda: dialog.chooser.facts is not None, what="the model")
    wait_until(lambda: len(dialog.presets.presets) == 4, what="the pictures")
    return dialog


def test_a_new_map_says_tiles_time_and_memory_before_it_is_made(new_map: NewMapDialog) -> None:
    text = new_map.cost.text()
    assert text.startswith("30 tiles (6 × 5)")
    assert "to paint" in text
    assert "of memory" in text


def test_a_place_that_cannot_be_looked_at_is_not_taken(new_map: NewMapDialog) -> None:
    new_map.place.setText("long" * 80)
    assert new_map.make_button.isEnabled()
    assert free_name(new_map.folder.parent, "mine") == "mine"


def test_a_size_in_cells_is_the_size_in_px(new_map: NewMapDialog) -> None:
    field = new_map.size_field
    field.unit.chosen.emit("cells")
    field.unit.show_value("cells")
    field.cell_box.setValue(70)
    field.width_box.setValue(24)
    field.height_box.setValue(18)
    assert field.size_px == (1680, 1260)
    assert "1680 × 1260 px" in field.total.text()
    assert new_map.plan().size == (1680, 1260)


def test_a_wrapped_map_is_offered_the_nearest_size_that_closes(new_map: NewMapDialog) -> None:
    new_map.size_field.set_size((1000, 960))
    new_map.wrap.show_value("x")
    new_map.refresh()
    assert not new_map.make_button.isEnabled()
    assert "960" in new_map.size_field.nearest_button.text()
    new_map.size_field.nearest_button.click()
    assert new_map.size_field.size_px == (960, 960)
    assert new_map.make_button.isEnabled()


def test_making_a_map_opens_it(new_map: NewMapDialog, window: MainWindow, tmp_path: Path) -> None:
    new_map.size_field.set_size((400, 300))
    new_map.accept()
    folder = tmp_path / "mine.tilewright"
    wait_until(lambda: holds(window, folder), what="the new map")
    assert window.workspace.document.project.size == (400, 300)


def test_a_preset_brings_its_size_zones_and_rivers(
    new_map: NewMapDialog, window: MainWindow, tmp_path: Path
) -> None:
    new_map.presets.choose("archipelago")
    new_map.name.setText("isles")
    assert not new_map.size_field.isEnabled()
    new_map.accept()
    wait_until(lambda: holds(window, tmp_path / "isles.tilewright"), what="the new map")
    assert window.workspace.document.strokes


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "what?"])
def test_a_name_that_no_folder_can_have_is_refused(new_map: NewMapDialog, name: str) -> None:
    new_map.name.setText(name)
    assert not new_map.make_button.isEnabled()
    assert new_map.fault.text()


def test_a_bad_palette_is_one_sentence_and_a_good_one_is_taken(
    new_map: NewMapDialog, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    new_map.take_palette(bad)
    assert "not valid JSON" in new_map.fault.text()


def test_a_forecast_grows_with_the_map_and_uses_measured_times() -> None:
    facts = model_facts("klein-mini")
    small, large = forecast((384, 384), facts), forecast((3840, 3840), facts)
    assert large.tiles == 100 * small.tiles
    assert large.disk_bytes == pytest.approx(100 * small.disk_bytes, rel=0.01)
    assert forecast((384, 384), facts, "", lambda tiles: 2.0 * tiles).seconds == 2.0 * small.tiles


def test_a_size_that_does_not_close_is_refused_and_the_nearest_does() -> None:
    facts = model_facts("klein-mini")
    with pytest.raises(InputError, match="nearest"):
        forecast((1000, 500), facts, "x")
    nearest = nearest_wrapped_size((1000, 500), facts.profile, "x")
    assert nearest[1] == 500
    assert forecast(nearest, facts, "x").tiles > 0


def test_every_option_has_a_control_and_a_change_is_in_force_at_once(window: MainWindow) -> None:
    dialog = shown(window, "file.settings", "settings")
    assert isinstance(dialog, SettingsDialog)
    dialog.fields["look.text_size"].setValue(3)
    assert window.settings.number("look.text_size") == 3
    window.settings.set("look.text_size", 0)
    assert dialog.fields["look.text_size"].value() == 0


def test_a_dialog_is_shown_once_and_made_anew_after_closing(window: MainWindow) -> None:
    first = shown(window, "file.settings", "settings")
    assert shown(window, "file.settings", "settings") is first
    first.close()
    wait_until(lambda: "settings" not in window.files._dialogs, what="the end of the dialog")


def test_the_sheet_has_every_key_of_the_table(window: MainWindow) -> None:
    listed = {keys for _, entries in sections() for keys, _ in entries}
    assert {native(row.shortcut) for row in ACTIONS if row.shortcut} <= listed
    sheet = shown(window, "help.shortcuts", "keys")
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert listed <= texts


def test_about_names_the_version_of_the_program_and_of_qt(window: MainWindow) -> None:
    shown(window, "help.about", "about")
    assert "tilewright" in facts_text()
    assert "Qt 6" in facts_text()


def test_typing_finds_a_command_and_return_does_it(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("help.commands")
    palette = opened.palette_of_commands
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "eraser")
    assert palette.found()[0] == "tool.eraser"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert opened.view.tool.name == "tool.eraser"
    assert not palette.isVisible()


def test_escape_leaves_the_command_palette(opened: MainWindow) -> None:
    opened.actions_by_id.trigger("help.commands")
    QTest.keyClick(opened.palette_of_commands.field, Qt.Key.Key_Escape)
    assert not opened.palette_of_commands.isVisible()


def test_a_command_that_cannot_be_done_now_is_not_done(window: MainWindow) -> None:
    window.actions_by_id.trigger("help.commands")
    palette = window.palette_of_commands
    QTest.keyClicks(palette.field, "generate the whole")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.leave()


def test_export_without_tiles_says_what_to_do(opened: MainWindow) -> None:
    assert not opened.actions_by_id["file.export"].isEnabled()


def test_the_battle_grid_follows_the_form_and_cancel_puts_it_back(opened: MainWindow) -> None:
    before = opened.battle_grid.grid
    dialog = shown(opened, "view.battle_grid", "battle_grid")
    dialog.cell.setValue(120)
    assert opened.battle_grid.grid.cell_px == 120
    assert opened.battle_grid.visible
    dialog.reject()
    assert opened.battle_grid.grid == before


def test_a_kept_battle_grid_is_one_undo_step(opened: MainWindow) -> None:
    dialog = shown(opened, "view.battle_grid", "battle_grid")
    dialog.cell.setValue(120)
    dialog.accept()
    settle(opened)
    assert opened.actions_by_id["edit.undo"].isEnabled()
    assert opened.battle_grid.grid.cell_px == 120


def test_pen_and_wheel_work_as_the_settings_say(window: MainWindow) -> None:
    window.settings.set("paint.wheel", "pan")
    window.settings.set("paint.pressure_curve", "hard")
    assert (window.view.pointing.wheel, window.view.pointing.pressure_curve) == ("pan", "hard")


def test_what_commands_do_is_searched_only_where_no_name_fits(window: MainWindow) -> None:
    window.actions_by_id.trigger("help.commands")
    palette = window.palette_of_commands
    QTest.keyClicks(palette.field, "what")
    assert sorted(palette.found()) == ["panel.model_view", "run.stale", "run.view"]
    palette.leave()


def test_a_word_of_what_a_command_does_finds_it_too(window: MainWindow) -> None:
    window.actions_by_id.trigger("help.commands")
    QTest.keyClicks(window.palette_of_commands.field, "hexagons")
    assert window.palette_of_commands.found() == ["overlay.battle_grid"]
    window.palette_of_commands.leave()
