"""The battle grid: where its lines are, how the map keeps it, its controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.canvas.overlays.battle_grid import SETTING, BattleGrid, BattleGridOverlay
from app.canvas.overlays.battle_options import BattleGridOptions
from app.canvas.view import MapView
from tests.app.overlays.conftest import drawn, look, painted
from tests.support.qt import wait_until


def overlay_of(view: MapView, **values: Any) -> BattleGridOverlay:
    overlay = BattleGridOverlay(view.workspace, visible=True)
    overlay.grid = BattleGrid(**{"colour": "#ff0000", "opacity": 1.0, **values})
    return overlay


def test_squares_stand_at_their_size_and_offset(view: MapView) -> None:
    marks = drawn(painted(overlay_of(view, cell_px=50.0, offset_x_px=7.0, offset_y_px=3.0), view))
    columns = np.flatnonzero(marks[30, :512])
    rows = np.flatnonzero(marks[:384, 30])
    assert [*columns] == [*range(7, 512, 50)]
    assert [*rows] == [*range(3, 384, 50)]


def test_the_grid_ends_with_the_map(view: MapView) -> None:
    for kind in ("square", "hex_flat", "hex_pointy"):
        marks = drawn(painted(overlay_of(view, kind=kind), view))
        assert not marks[:, 512:].any()
        assert not marks[384:].any()


def test_pointy_hexagons_are_as_wide_as_told_in_rows_half_a_cell_apart(view: MapView) -> None:
    marks = drawn(painted(overlay_of(view, kind="hex_pointy", cell_px=64.0), view))
    first = [at for at in range(512) if marks[0:10, at].all()]
    next_row = [at for at in range(512) if marks[50:60, at].all()]
    assert np.ptp(np.diff(_middles(first))) <= 1
    assert np.median(np.diff(_middles(first))) == pytest.approx(64, abs=1)
    assert (_middles(next_row)[0] - _middles(first)[0]) % 64 == pytest.approx(32, abs=1)


def test_flat_hexagons_are_as_high_as_told(view: MapView) -> None:
    marks = drawn(painted(overlay_of(view, kind="hex_flat", cell_px=64.0), view))
    rows = [at for at in range(384) if marks[at, 0:10].all()]
    assert np.median(np.diff(_middles(rows))) == pytest.approx(64, abs=1)


def test_cells_too_small_to_see_are_not_drawn(view: MapView) -> None:
    overlay = overlay_of(view, cell_px=50.0)
    look(view, 0.1)
    assert not drawn(painted(overlay, view)).any()


def test_colour_and_opacity_are_those_chosen(view: MapView) -> None:
    pixels = painted(overlay_of(view, cell_px=50.0, opacity=0.5), view)
    assert np.abs(pixels[30, 50].astype(int) - (187, 60, 60)).max() <= 2


def test_the_map_keeps_the_grid_as_one_undo_step(view: MapView) -> None:
    workspace = view.workspace
    overlay = overlay_of(view, kind="hex_flat", cell_px=70.0)
    assert overlay.keep()
    assert workspace.document.project.settings[SETTING]["kind"] == "hex_flat"
    assert BattleGridOverlay(workspace).grid == BattleGrid()
    workspace.undo()
    wait_until(lambda: overlay.grid == BattleGrid(), what="the grid of before")


def test_keeping_waits_while_an_edit_is_open(view: MapView) -> None:
    overlay = overlay_of(view, cell_px=70.0)
    edit = view.workspace.document.edit("Paint")
    assert not overlay.keep()
    edit.abort()
    assert overlay.keep()


@pytest.mark.parametrize(
    "values",
    [None, 3, {"kind": "octagon"}, {"cell_px": float("nan")}, {"cell_px": True}, {"opacity": 7},
     {"colour": "no colour"}, {"unknown": 1}],
)  # fmt: skip
def test_senseless_settings_give_the_default_grid(values: object) -> None:
    assert BattleGrid.read(values) == BattleGrid()


def test_a_kept_grid_reads_back_the_same() -> None:
    grid = BattleGrid("hex_flat", 72.5, "#00ff00", 0.7, -5.0, 9.0, 2.0)
    assert BattleGrid.read(grid.to_json()) == grid


def test_controls_change_the_grid_at_once_and_keep_it_later(view: MapView, qtbot: Any) -> None:
    overlay = overlay_of(view)
    options = BattleGridOptions(overlay)
    qtbot.addWidget(options)
    options.cell.setValue(96)
    options.opacity.setValue(30)
    options.kind.setCurrentIndex(2)
    options.kind.activated.emit(2)
    assert (overlay.grid.cell_px, overlay.grid.opacity, overlay.grid.kind) == (96, 0.3, "hex_flat")
    kept = view.workspace.document.project
    wait_until(lambda: SETTING in kept.settings, what="the map to keep the grid")
    assert BattleGrid.read(kept.settings[SETTING]) == overlay.grid


def test_controls_show_the_grid_of_the_map(view: MapView, qtbot: Any) -> None:
    overlay = overlay_of(view)
    options = BattleGridOptions(overlay)
    qtbot.addWidget(options)
    overlay.grid = BattleGrid("hex_pointy", 33.0, offset_x_px=-4.0)
    assert (options.cell.value(), options.offset_x.value()) == (33, -4)
    assert options.kind.currentData() == "hex_pointy"


def _middles(positions: list[int]) -> list[float]:
    """Middles of runs of neighbouring positions."""
    runs: list[list[int]] = []
    for at in positions:
        if runs and at - runs[-1][-1] == 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [sum(run) / len(run) for run in runs]
