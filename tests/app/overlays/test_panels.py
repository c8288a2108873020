"""The panels about tiles: what the model sees, results, seams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QListWidget,
    QPushButton,
    QSlider,
    QTableView,
    QToolButton,
    QWidget,
)

from app.canvas.overlays.battle_grid import BattleGridOverlay
from app.canvas.overlays.battle_options import BattleGridOptions
from app.canvas.view import MapView
from app.core.good_seams import SETTING, is_good, tiles_of
from app.core.seam_rows import rows_of
from app.panels.compare import ComparePanel
from app.panels.model_view import ModelView
from app.panels.results import ResultsPanel
from app.panels.seam_model import explained
from app.panels.seams import SeamsPanel
from app.panels.window_picture import WindowPicture
from app.workspace.comparison import Comparison
from app.workspace.looks import free_table
from app.workspace.workspace import Workspace
from painter.editing import ZoneInk
from tests.app.overlays.test_before_after import TILE, repaint
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord

Show = Callable[[QWidget], None]


@pytest.fixture
def show(qtbot: Any) -> Show:
    """Shows a panel until the test is over."""

    def shown(panel: QWidget) -> None:
        qtbot.addWidget(panel)
        panel.resize(320, 640)
        panel.show()

    return shown


@pytest.fixture
def model_view(finished: Workspace, show: Show) -> ModelView:
    panel = ModelView(finished)
    show(panel)
    return panel


def sees(panel: ModelView, tile: TileCoord) -> None:
    wait_until(lambda: panel.shown is not None and panel.shown.tile == tile, what="the window")


# --- what the model will see ---


def test_it_follows_the_pointer(model_view: ModelView, finished: Workspace) -> None:
    finished.pointer_moved.emit((10.0, 10.0))
    sees(model_view, TileCoord(0, 0))
    finished.pointer_moved.emit((400.0, 300.0))
    sees(model_view, TileCoord(1, 2))


def test_its_pictures_are_the_arrays_of_the_compiled_window(
    model_view: ModelView, finished: Workspace
) -> None:
    finished.selected_tile = TileCoord(1, 1)
    sees(model_view, TileCoord(1, 1))
    compiled = finished.compiled(TileCoord(1, 1))
    table = free_table(finished.settings.steps)
    for x, y in ((5, 5), (128, 128), (250, 130)):
        free = model_view.pictures["free_steps"].image.pixelColor(x, y)
        canvas = model_view.pictures["seed_canvas"].image.pixelColor(x, y)
        mask = model_view.pictures["inpaint_mask"].image.pixelColor(x, y)
        assert free.getRgb()[:3] == tuple(table[compiled.free_steps[y, x]])
        assert canvas.getRgb()[:3] == tuple(compiled.seed_canvas[y, x])
        assert mask.red() == compiled.inpaint_mask[y, x]
    assert model_view.prompt.text() == compiled.prompt
    assert model_view.seed.text() == "3"


def test_the_legend_names_every_level_that_occurs_and_no_other(
    model_view: ModelView, finished: Workspace
) -> None:
    finished.selected_tile = TileCoord(1, 1)
    sees(model_view, TileCoord(1, 1))
    levels = np.unique(finished.compiled(TileCoord(1, 1)).free_steps)
    assert len(model_view.legend.rows) == len(levels)
    assert model_view.legend.rows[-1].startswith("Kept exactly (0 of")


def test_pinned_it_stays_while_the_pointer_moves_on(
    model_view: ModelView, finished: Workspace
) -> None:
    finished.selected_tile = TileCoord(0, 1)
    model_view.pin.click()
    sees(model_view, TileCoord(0, 1))
    finished.pointer_moved.emit((400.0, 300.0))
    assert model_view.tile == TileCoord(0, 1)


def test_the_place_under_the_pointer_is_read_out(
    model_view: ModelView, finished: Workspace
) -> None:
    finished.pointer_moved.emit((252.0, 100.0))
    sees(model_view, TileCoord(0, 1))
    assert "Grass, river or path · " in model_view.readout.text()
    assert "mu 0.35" in model_view.readout.text()


def test_hidden_it_compiles_nothing(finished: Workspace, qtbot: Any) -> None:
    panel = ModelView(finished)
    qtbot.addWidget(panel)
    finished.pointer_moved.emit((10.0, 10.0))
    qtbot.wait(150)
    assert panel.shown is None


def test_after_an_edit_it_shows_the_new_window(model_view: ModelView, finished: Workspace) -> None:
    finished.selected_tile = TileCoord(0, 0)
    sees(model_view, TileCoord(0, 0))
    before = model_view.shown.inputs_hash
    with finished.document.edit("Snow") as edit:
        edit.paint(ZoneInk(6), Rect(60, 60, 60, 60))
    wait_until(lambda: model_view.shown.inputs_hash != before, what="the new window")


def test_without_a_map_it_says_what_to_do(new_workspace: Any, show: Show) -> None:
    panel = ModelView(new_workspace())
    show(panel)
    assert panel.pages.currentWidget() is panel.pages.empty
    assert "Open or make a map" in panel.pages.empty.hint.text()


# --- results ---


@pytest.fixture
def results(finished: Workspace, show: Show) -> ResultsPanel:
    panel = ResultsPanel(finished)
    show(panel)
    return panel


def lists(panel: ResultsPanel, count: int) -> None:
    wait_until(lambda: len(panel.results) == count, what=f"{count} results")


def test_the_selected_tiles_results_are_listed_newest_first(
    results: ResultsPanel, finished: Workspace
) -> None:
    finished.selected_tile = TILE
    lists(results, 1)
    repaint(finished)
    lists(results, 2)
    assert results.results[0].on_map
    assert results.list.item(0).text().startswith("On the map")
    assert "seed 77" in results.list.item(0).text()
    assert results.list.item(1).text().startswith("Earlier")
    assert not results.list.item(0).icon().isNull()


def test_only_a_result_that_is_not_on_the_map_can_be_put_back(
    results: ResultsPanel, finished: Workspace
) -> None:
    repaint(finished)
    finished.selected_tile = TILE
    lists(results, 2)
    assert not results.put_back.isEnabled()
    results.list.setCurrentRow(1)
    assert results.put_back.isEnabled()
    wanted = results.results[1].id
    results.put_back.click()
    wait_until(lambda: any(one.on_map and one.id == wanted for one in results.results))


def test_enter_compares_and_goes_there(
    results: ResultsPanel, finished: Workspace, qtbot: Any
) -> None:
    earlier = repaint(finished)
    finished.selected_tile = TILE
    lists(results, 2)
    results.list.setCurrentRow(1)
    with qtbot.waitSignal(finished.go_to):
        qtbot.keyClick(results.list, Qt.Key.Key_Return)
    assert Comparison.of(finished).result.id == earlier.id


def test_a_tile_without_results_says_how_to_get_one(workspace: Workspace, show: Show) -> None:
    panel = ResultsPanel(workspace)
    show(panel)
    workspace.selected_tile = TileCoord(0, 0)
    wait_until(lambda: "Generate this tile" in panel.pages.empty.hint.text())


# --- seams ---


@pytest.fixture
def seams(finished: Workspace, show: Show) -> SeamsPanel:
    panel = SeamsPanel(finished)
    show(panel)
    panel.measure_first.click()
    wait_until(lambda: bool(panel.model.rows), what="the seams")
    return panel


def test_seams_are_listed_worst_first(seams: SeamsPanel) -> None:
    badness = [row.badness for row in seams.model.rows]
    assert badness == sorted(badness, reverse=True)
    assert seams.model.rows[0].badness > 0.2


def test_going_there_selects_the_worse_tile_and_shows_the_line(
    seams: SeamsPanel, finished: Workspace, qtbot: Any
) -> None:
    row = seams.model.rows[0]
    with qtbot.waitSignal(finished.go_to) as shown:
        seams.visit.click()
    x0, y0, x1, y1 = row.place.line
    assert shown.args[0].x < min(x0, x1)
    assert shown.args[0].bottom > max(y0, y1)
    assert finished.selected_tile == row.worse


def test_the_odd_tile_out_is_the_one_to_paint_again(seams: SeamsPanel) -> None:
    touching = [row for row in seams.model.rows if TileCoord(0, 1) in tiles_of(row.place)]
    assert touching
    assert touching[0].worse == TileCoord(0, 1)


def test_repainting_asks_for_the_worse_tile(
    seams: SeamsPanel, finished: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TileCoord] = []
    monkeypatch.setattr(finished, "reroll", asked.append)
    seams.reroll.click()
    assert asked == [seams.model.rows[0].worse]


def test_a_mark_is_kept_with_the_map_and_can_be_hidden_and_undone(
    seams: SeamsPanel, finished: Workspace
) -> None:
    place = seams.model.rows[0].place
    count = len(seams.model.rows)
    seams.good.click()
    assert is_good(finished.document.project, place)
    seams.hide_good.setChecked(True)
    assert len(seams.model.rows) == count - 1
    finished.undo()
    wait_until(lambda: len(seams.model.rows) == count, what="the mark to go")
    assert SETTING not in finished.document.project.settings


def test_a_mark_is_void_once_a_tile_is_painted_again(
    seams: SeamsPanel, finished: Workspace
) -> None:
    at = next(n for n, row in enumerate(seams.model.rows) if TILE in tiles_of(row.place))
    seams.table.selectRow(at)
    place = seams.model.rows[at].place
    seams.good.click()
    repaint(finished)
    assert not is_good(finished.document.project, place)
    wait_until(lambda: "measure again" in seams.summary.text() or finished.seams is not None)


def test_every_number_is_explained_in_words(finished: Workspace, seams: SeamsPanel) -> None:
    for row in rows_of(finished.seams):
        assert len(explained(row)) > 40
    for column in range(3):
        tip = seams.model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert len(tip) > 30


def test_before_there_are_tiles_it_says_what_to_do(workspace: Workspace, show: Show) -> None:
    panel = SeamsPanel(workspace)
    show(panel)
    assert not panel.measure_first.isVisible()
    assert "two tiles" in panel.pages.empty.hint.text()


# --- all of them ---


def test_every_control_has_a_name_a_tip_and_the_keyboard(view: MapView, qtbot: Any) -> None:
    workspace = view.workspace
    panels: list[QWidget] = [
        make(workspace) for make in (ModelView, ResultsPanel, SeamsPanel, ComparePanel)
    ]
    panels.append(BattleGridOptions(BattleGridOverlay(workspace)))
    for panel in panels:
        qtbot.addWidget(panel)
    nameless = [
        control
        for panel in panels
        for kind in (QPushButton, QToolButton, QCheckBox, QSlider, QListWidget, QTableView,
                     QComboBox, QDoubleSpinBox, WindowPicture)
        for control in panel.findChildren(kind)
        if not (control.accessibleName() and control.toolTip())
        or not control.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]  # fmt: skip
    assert nameless == []


def test_arrow_keys_move_the_place_that_is_read_out(
    model_view: ModelView, finished: Workspace, qtbot: Any
) -> None:
    finished.selected_tile = TileCoord(1, 1)
    sees(model_view, TileCoord(1, 1))
    picture = model_view.pictures["free_steps"]
    before = model_view.readout.text()
    for _ in range(14):
        qtbot.keyClick(picture, Qt.Key.Key_Up)
    assert model_view.readout.text() != before
    assert "Kept exactly" in model_view.readout.text()
