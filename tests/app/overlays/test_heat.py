"""Seams and freedom as colours over the map."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.canvas.overlays.change_heat import ChangeHeat
from app.canvas.overlays.seam_heat import SeamHeat
from app.canvas.view import MapView
from app.core.seam_rows import badness_of
from app.workspace.looks import SEAM_BEST, free_label, free_table, seam_colour
from app.workspace.workspace import Workspace
from tests.app.overlays.conftest import drawn, painted
from tests.support.qt import wait_until
from zones.grid import TileCoord


def measured(workspace: Workspace) -> None:
    workspace.measure_seams()
    wait_until(lambda: workspace.seams is not None, what="the seams")


def test_switching_seams_on_measures_them(view: MapView, qtbot: Any) -> None:
    overlay = SeamHeat(view.workspace)
    with qtbot.waitSignal(view.workspace.seams_changed):
        overlay.visible = True
    assert drawn(painted(overlay, view)).any()


def test_a_line_is_drawn_where_windows_hand_over_in_the_colour_of_its_step(view: MapView) -> None:
    overlay = SeamHeat(view.workspace, visible=True)
    measured(view.workspace)
    pixels = painted(overlay, view).astype(int)
    known = [seam for seam in view.workspace.seams.seams if seam.step is not None]
    assert known
    worst = max(known, key=badness_of)
    x, y = (worst.line[0] + worst.line[2]) // 2, (worst.line[1] + worst.line[3]) // 2
    wanted = np.array(seam_colour(SEAM_BEST + badness_of(worst)).getRgb()[:3])
    around = pixels[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].reshape(-1, 3)
    assert np.abs(around - wanted).max(axis=1).min() < 60


def test_before_a_measure_no_seam_is_drawn(view: MapView) -> None:
    assert not drawn(painted(SeamHeat(view.workspace), view)).any()


def test_better_seams_are_greener_and_worse_ones_redder() -> None:
    good, bad = seam_colour(1.0), seam_colour(2.5)
    assert good.green() > good.red()
    assert bad.red() > bad.green()
    assert seam_colour(2.0) == bad


def test_freedom_under_the_pointer_is_that_of_the_compiled_window(view: MapView) -> None:
    workspace = view.workspace
    overlay = ChangeHeat(workspace, visible=True)
    workspace.pointer_moved.emit((100.0, 193.0))
    wait_until(lambda: overlay.tile == TileCoord(1, 0), what="the change map")
    compiled = workspace.compiled(TileCoord(1, 0))
    free = int(compiled.free_steps[193 - compiled.rect.y, 100 - compiled.rect.x])
    assert overlay.words() == free_label(free, workspace.settings.steps)


def test_freedom_is_drawn_over_the_window_in_the_colours_of_its_levels(view: MapView) -> None:
    workspace, tile = view.workspace, TileCoord(0, 0)
    overlay = ChangeHeat(workspace, visible=True)
    workspace.pointer_moved.emit((20.0, 20.0))
    wait_until(lambda: overlay.tile == tile, what="the change map")
    pixels, compiled = painted(overlay, view), workspace.compiled(tile)
    table = free_table(workspace.settings.steps)
    kept, free = compiled.free_steps == 0, compiled.free_steps == workspace.settings.steps
    assert kept.any()
    assert free.any()
    for mask, share in ((kept, 0.78), (free, 0.3)):
        places = np.argwhere(mask[110:200, 40:250]) + np.array([110, 40])
        y, x = (int(at) for at in places[len(places) // 2])
        colour = table[compiled.free_steps[y, x]].astype(float)
        wanted = share * colour + (1 - share) * 120
        there = pixels[y + compiled.rect.y, x + compiled.rect.x]
        assert np.abs(there - wanted).max() < 4


def test_beyond_the_map_nothing_is_said_about_freedom(view: MapView) -> None:
    overlay = ChangeHeat(view.workspace, visible=True)
    view.workspace.pointer_moved.emit((20.0, 20.0))
    wait_until(lambda: overlay.tile is not None, what="the change map")
    view.workspace.pointer_moved.emit((-500.0, 20.0))
    assert overlay.words() == ""


def test_while_it_is_off_nothing_is_compiled(view: MapView, qtbot: Any) -> None:
    overlay = ChangeHeat(view.workspace)
    view.workspace.pointer_moved.emit((20.0, 20.0))
    qtbot.wait(150)
    assert overlay.tile is None


def test_levels_have_names_not_percentages() -> None:
    assert free_label(0, 4) == "Kept exactly (0 of 4 steps)"
    assert free_label(4, 4) == "Painted freely (4 of 4 steps)"
    assert free_label(1, 4) == "Barely changed (1 of 4 steps)"
    assert free_label(2, 4) == "Closely guided (2 of 4 steps)"
    assert free_label(3, 4) == "Loosely guided (3 of 4 steps)"
