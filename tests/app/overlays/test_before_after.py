"""Before and after: two results of a tile on either side of a line that can be dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

from app.canvas.overlays.before_after import BeforeAfter
from app.canvas.view import MapView
from app.core.run_setup import open_for_reading
from app.panels.compare import ComparePanel
from app.workspace.comparison import Comparison
from app.workspace.workspace import Workspace
from painter.results import TileResult
from tests.app.overlays.conftest import drawn, painted, raw_of, record_of
from tests.support.qt import wait_until
from zones.grid import TileCoord

TILE = TileCoord(0, 0)


def repaint(workspace: Workspace, brighter: int = 60) -> TileResult:
    """Give the tile a brighter result; the one from before."""
    document = workspace.document
    run = open_for_reading(document.project.folder, next_run=True)
    painting = document.begin_run("Again")
    facts = record_of(run, TILE, 20, seed=77).to_json()
    painting.put_tile(TILE, raw_of(run, TILE, brighter), facts)
    wait_until(lambda: workspace.stitch().pixels(TILE).mean() > raw_of(run, TILE).mean() + 20)
    return next(one for one in document.results(TILE) if not one.on_map)


@pytest.fixture
def comparison(view: MapView) -> Comparison:
    found = Comparison.of(view.workspace)
    found.start(repaint(view.workspace))
    wait_until(lambda: found.pictures is not None, what="the pictures")
    return found


def press(at: tuple[float, float], kind: QEvent.Type) -> QMouseEvent:
    button = Qt.MouseButton.LeftButton
    point = QPointF(*at)
    return QMouseEvent(kind, point, point, button, button, Qt.KeyboardModifier.NoModifier)


def test_the_earlier_result_is_left_of_the_line_and_the_present_one_right(
    view: MapView, comparison: Comparison
) -> None:
    pixels = painted(BeforeAfter(view.workspace), view).astype(int)
    now = np.asarray(view.workspace.stitch().region(comparison.pictures.rect).rgb).astype(int)
    assert np.abs(pixels[150, 200] - now[150, 200]).max() <= 2
    assert (now[150, 60] - pixels[150, 60]).min() > 40


def test_the_line_moves_what_is_shown(view: MapView, comparison: Comparison) -> None:
    overlay = BeforeAfter(view.workspace)
    before = painted(overlay, view)
    comparison.position = 1.0
    after = painted(overlay, view)
    assert (before[150, 200] > after[150, 200]).all()


def test_the_line_is_dragged_with_the_mouse(view: MapView, comparison: Comparison) -> None:
    overlay = BeforeAfter(view.workspace)
    width = comparison.pictures.rect.width
    assert overlay.grab(press((width / 2 + 4, 50), QEvent.Type.MouseButtonPress), view)
    overlay.drag(press((width / 4 + 4, 50), QEvent.Type.MouseMove), view)
    assert comparison.position == pytest.approx(0.25)
    overlay.drop(press((-900, 50), QEvent.Type.MouseButtonRelease), view)
    assert comparison.position == 0.0


def test_presses_beside_the_line_are_left_to_the_tool(
    view: MapView, comparison: Comparison
) -> None:
    overlay = BeforeAfter(view.workspace)
    assert not overlay.grab(press((30, 50), QEvent.Type.MouseButtonPress), view)
    comparison.stop()
    width = 224
    assert not overlay.grab(press((width / 2, 50), QEvent.Type.MouseButtonPress), view)


def test_nothing_is_drawn_once_it_is_over(view: MapView, comparison: Comparison) -> None:
    overlay = BeforeAfter(view.workspace)
    comparison.stop()
    assert not drawn(painted(overlay, view)).any()


def test_closing_the_map_ends_it(view: MapView, comparison: Comparison) -> None:
    view.workspace.close()
    assert comparison.result is None


def test_the_slider_and_the_line_move_each_other(
    view: MapView, comparison: Comparison, qtbot: Any
) -> None:
    panel = ComparePanel(view.workspace)
    qtbot.addWidget(panel)
    panel.slider.setValue(750)
    assert comparison.position == 0.75
    comparison.position = 0.2
    assert panel.slider.value() == 200


def test_the_sides_of_the_slider_are_named_as_those_of_the_line_on_the_map(
    view: MapView, comparison: Comparison, qtbot: Any
) -> None:
    panel = ComparePanel(view.workspace)
    qtbot.addWidget(panel)
    assert comparison.result is not None
    panel.show()
    at = {label.text(): label.x() for label in panel.findChildren(QLabel)}
    assert at["Earlier"] < panel.slider.x() < at["Now"]


def test_the_panel_compares_the_selected_tile_with_the_one_before(
    view: MapView, qtbot: Any
) -> None:
    workspace = view.workspace
    earlier = repaint(workspace)
    panel = ComparePanel(workspace)
    qtbot.addWidget(panel)
    assert not panel.start.isEnabled()
    workspace.selected_tile = TILE
    panel.start.click()
    found = Comparison.of(workspace)
    wait_until(lambda: found.result is not None, what="the comparison")
    assert found.result.id == earlier.id
    assert panel.pages.currentWidget() is panel.pages.body


def test_putting_back_shows_the_earlier_result_on_the_map(
    view: MapView, comparison: Comparison, qtbot: Any
) -> None:
    workspace = view.workspace
    panel = ComparePanel(workspace)
    qtbot.addWidget(panel)
    wanted = comparison.result.id
    panel.put_back.click()
    assert comparison.result is None
    wait_until(
        lambda: any(one.id == wanted and one.on_map for one in workspace.document.results(TILE)),
        what="the earlier result on the map",
    )


def test_a_tile_with_one_result_says_so(view: MapView, qtbot: Any) -> None:
    panel = ComparePanel(view.workspace)
    qtbot.addWidget(panel)
    view.workspace.selected_tile = TileCoord(1, 1)
    panel.start.click()
    wait_until(lambda: "no earlier result" in panel.pages.empty.hint.text())
