"""The run panel: what it shows is what the workspace will do, and the other way round."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from app.core.run_options import RUN_OPTIONS
from app.panels.fields import ChoiceBox
from app.panels.run import RunPanel
from generation.plan.settings import RunSettings
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord


@pytest.fixture
def panel(qtbot: Any, workspace: Any) -> RunPanel:
    made = RunPanel(workspace, lambda: Rect(0, 0, 100, 100))
    qtbot.addWidget(made)
    made.resize(320, 700)
    made.show()
    return made


def field(panel: RunPanel, name: str) -> Any:
    """The control of a setting."""
    return panel.fine.fields[name].widget


def choose(box: ChoiceBox, value: object) -> None:
    """Take a value as a user does."""
    box.show_value(value)
    assert box.value == value
    box.activated.emit(box.currentIndex())


def test_every_control_has_a_name_and_a_tip(panel: RunPanel) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox)
    for widget in panel.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parent(), (QComboBox, QAbstractSpinBox)
        )
        if isinstance(widget, kinds) or (isinstance(widget, QLineEdit) and not inner):
            if inner:
                continue
            assert widget.accessibleName(), widget
            assert widget.toolTip(), widget.accessibleName()


def test_draft_and_full_are_the_models_own_numbers(panel: RunPanel, workspace: Any) -> None:
    profile = workspace.profile
    choose(panel.steps.level, profile.draft_steps)
    assert workspace.settings.steps == profile.draft_steps
    choose(panel.steps.level, profile.steps)
    assert workspace.settings.steps == profile.steps
    assert not panel.steps.number.isVisible()


def test_any_number_of_steps_can_be_typed(panel: RunPanel, workspace: Any) -> None:
    choose(panel.steps.level, -1)
    assert panel.steps.number.isVisible()
    panel.steps.number.setValue(7)
    assert workspace.settings.steps == 7


def test_strengths_are_offered_as_free_steps_and_never_as_percent(
    panel: RunPanel, workspace: Any
) -> None:
    workspace.settings = replace(workspace.settings, steps=12)
    box = field(panel, "mu_soft")
    texts = [box.itemText(at) for at in range(box.count())]
    assert len(texts) == 13
    assert all("of 12 steps" in text and "%" not in text for text in texts)
    assert "(1 of 12 steps)" in box.currentText()


def test_a_level_sets_a_mu_with_that_many_free_steps(panel: RunPanel, workspace: Any) -> None:
    workspace.settings = replace(workspace.settings, steps=12)
    box = field(panel, "mu_feature")
    at = next(at for at in range(box.count()) if "(6 of 12 steps)" in box.itemText(at))
    box.setCurrentIndex(at)
    box.activated.emit(at)
    assert workspace.settings.mu_feature == pytest.approx(0.5)


def test_a_kept_mu_shows_fewer_free_steps_in_a_draft(panel: RunPanel, workspace: Any) -> None:
    workspace.settings = replace(workspace.settings, steps=12, mu_feature=0.35)
    assert "(4 of 12 steps)" in field(panel, "mu_feature").currentText()
    workspace.settings = replace(workspace.settings, steps=4)
    assert "(1 of 4 steps)" in field(panel, "mu_feature").currentText()
    assert workspace.settings.mu_feature == 0.35


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (option.field, value)
        for option in RUN_OPTIONS
        if option.kind == "choice"
        for value, _, _ in option.choices
    ],
)
def test_a_choice_becomes_a_setting(
    panel: RunPanel, workspace: Any, name: str, value: object
) -> None:
    choose(field(panel, name), value)
    assert getattr(workspace.settings, name) == value


@pytest.mark.parametrize("name", [option.field for option in RUN_OPTIONS if option.kind == "tick"])
def test_a_tick_becomes_a_setting(panel: RunPanel, workspace: Any, name: str) -> None:
    before = getattr(workspace.settings, name)
    field(panel, name).click()
    assert getattr(workspace.settings, name) is not before


def test_every_setting_of_a_run_can_be_chosen() -> None:
    shown = [option.field for option in RUN_OPTIONS]
    assert sorted([*shown, "steps"]) == sorted(one.name for one in fields(RunSettings))


def test_every_choice_and_tick_has_all_the_values_of_its_setting() -> None:
    hints = get_type_hints(RunSettings)
    for option in RUN_OPTIONS:
        if option.kind == "choice":
            named = [value for value, _, _ in option.choices]
            if get_origin(hints[option.field]) is Literal:
                assert named == list(get_args(hints[option.field]))
            assert getattr(RunSettings(steps=4), option.field) in named
        if option.kind == "tick":
            assert hints[option.field] is bool


def test_what_changes_nothing_beside_other_settings_cannot_be_chosen(
    panel: RunPanel, workspace: Any
) -> None:
    assert field(panel, "mu_soft").isEnabled()
    workspace.settings = replace(workspace.settings, plain=True)
    assert not field(panel, "mu_soft").isEnabled()
    assert not field(panel, "gate").isEnabled()


def test_steps_run_are_counted_in_steps(panel: RunPanel, workspace: Any) -> None:
    workspace.settings = replace(workspace.settings, steps=12)
    field(panel, "strength").setValue(9)
    assert workspace.settings.strength == pytest.approx(0.75)
    assert field(panel, "strength").value() == 9


def test_a_width_is_the_models_own_or_a_number_of_px(panel: RunPanel, workspace: Any) -> None:
    box = field(panel, "closing_anchor_px")
    assert box.text() == "As the model has it"
    box.setValue(16)
    assert workspace.settings.closing_anchor_px == 16
    assert box.text() == "16 px"
    box.setValue(box.minimum())
    assert workspace.settings.closing_anchor_px is None


def test_the_soft_band_takes_at_most_half_of_the_overlap(panel: RunPanel, workspace: Any) -> None:
    box = field(panel, "soft_px")
    assert box.text() == "As the model has it"
    box.setValue(1000)
    assert workspace.settings.soft_px == workspace.profile.overlap_px // 2
    box.setValue(box.minimum())
    assert workspace.settings.soft_px is None


def test_showing_settings_changes_none(panel: RunPanel, workspace: Any) -> None:
    odd = replace(
        workspace.settings, steps=50, strength=0.33, mu_feature=0.37, mu_soft=0.111, gate="sigma"
    )
    workspace.settings = odd
    panel.refresh()
    assert workspace.settings == odd


def test_the_models_own_settings_come_back(panel: RunPanel, workspace: Any) -> None:
    own = workspace.settings
    workspace.settings = replace(own, steps=3, noise="tile", carve_out=True)
    panel.fine.reset.click()
    assert workspace.settings == own


def test_the_seed_of_the_map_is_typed_or_rolled(panel: RunPanel, workspace: Any) -> None:
    panel.map_seed.edit.setText("77")
    panel.map_seed.edit.editingFinished.emit()
    assert workspace.document.project.seed == 77
    panel.map_seed.die.click()
    rolled = workspace.document.project.seed
    assert panel.map_seed.seed == rolled != 77
    workspace.undo()
    workspace.undo()
    assert panel.map_seed.edit.text() == "3"


def test_an_emptied_seed_of_the_map_comes_back(panel: RunPanel, workspace: Any) -> None:
    panel.map_seed.edit.setText("")
    panel.map_seed.edit.editingFinished.emit()
    assert panel.map_seed.edit.text() == "3"
    assert not workspace.has_changes


def test_words_for_the_map_are_one_undo_step(panel: RunPanel, workspace: Any) -> None:
    panel.map_prompt.setPlainText("ink on\nold paper")
    panel.map_prompt.take()
    assert workspace.document.project.map_prompt == "ink on old paper"
    workspace.undo()
    assert panel.map_prompt.toPlainText() == "a summer map"


def test_words_being_typed_are_taken_when_the_run_starts(panel: RunPanel, workspace: Any) -> None:
    panel.map_prompt.setPlainText("night")
    choose(panel.scope, "tile")
    panel.paint_now()
    assert workspace.document.project.map_prompt == "night"


def test_words_for_a_zone_go_into_the_palette(panel: RunPanel, workspace: Any) -> None:
    line = panel.zone_words.lines[2]
    line.setText("old firs")
    line.editingFinished.emit()
    assert workspace.palette.zone(2).prompt == "old firs"
    workspace.undo()
    assert panel.zone_words.lines[2].text() == workspace.palette.zone(2).prompt != "old firs"


def test_words_for_a_river_go_into_the_palette(panel: RunPanel, workspace: Any) -> None:
    line = panel.zone_words.lines["river"]
    line.setText("a shallow brook")
    line.editingFinished.emit()
    assert workspace.palette.stencil("river").prompt == "a shallow brook"


@pytest.mark.parametrize(
    ("what", "hint"), [("selection", "Select a region"), ("tile", "Select a tile")]
)
def test_nothing_selected_says_so_and_cannot_be_painted(
    panel: RunPanel, what: str, hint: str
) -> None:
    choose(panel.scope, what)
    assert not panel.paint_button.isEnabled()
    assert hint in panel.summary.text()


def test_the_count_follows_the_choice(panel: RunPanel, workspace: Any) -> None:
    choose(panel.scope, "all")
    assert panel.summary.text().startswith("6 tiles")
    choose(panel.scope, "tile")
    workspace.selected_tile = TileCoord(0, 1)
    wait_until(panel.paint_button.isEnabled)
    assert panel.summary.text().startswith("1 tile")
    choose(panel.scope, "view")
    assert panel.summary.text().startswith("1 tile")


def test_what_waits_already_is_not_counted_again(panel: RunPanel, workspace: Any) -> None:
    choose(panel.scope, "all")
    wait_until(panel.paint_button.isEnabled)
    workspace._desk.states.queue([TileCoord(0, 0), TileCoord(0, 1)], 1)
    panel._count_tiles()
    assert panel.summary.text().startswith("4 tiles")
    workspace._desk.states.queue(workspace.grid.tiles(), 1)
    panel._count_tiles()
    assert "already" in panel.summary.text()
    assert not panel.paint_button.isEnabled()


def test_variants_and_tile_seed_are_for_one_tile(panel: RunPanel, workspace: Any) -> None:
    choose(panel.scope, "all")
    assert not panel.candidates.isEnabled()
    choose(panel.scope, "tile")
    assert panel.candidates.isEnabled()
    assert panel.tile_seed.isEnabled()


def test_sections_fold(panel: RunPanel, qtbot: Any) -> None:
    section = panel.fine.parentWidget()
    assert not panel.fine.isVisible()
    qtbot.mouseClick(section.head, Qt.MouseButton.LeftButton)
    assert panel.fine.isVisible()


def test_without_a_map_everything_rests(qtbot: Any, new_workspace: Any) -> None:
    panel = RunPanel(new_workspace())
    qtbot.addWidget(panel)
    assert not panel.paint_button.isEnabled()
    panel.paint_now()
