"""The tile grid: lines, tints, marks, previews."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.canvas.overlays.tile_raster import TileRaster
from app.canvas.overlays.tiles import TileGrid
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.editing import ZoneInk
from tests.app.overlays.conftest import drawn, look, painted, view_of
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

STRIDE = 192


def make_stale(workspace: Workspace) -> None:
    with workspace.document.edit("Snow in the corner") as edit:
        edit.paint(ZoneInk(6), Rect(0, 0, 16, 16))
    wait_until(lambda: workspace.state_of(TileCoord(0, 0)).kind == "stale", what="a stale tile")


def test_lines_stand_at_the_borders_of_tiles_only(view: MapView) -> None:
    marks = drawn(painted(TileGrid(view.workspace), view))
    assert marks[100, STRIDE]
    assert marks[STRIDE, 100]
    assert not marks[100, 60:STRIDE].any()


def test_nothing_is_drawn_beyond_the_map(view: MapView) -> None:
    marks = drawn(painted(TileGrid(view.workspace), view))
    assert not marks[384:].any()
    assert not marks[:, 512:].any()


def test_a_stale_tile_is_tinted_and_marked_and_others_are_not(view: MapView) -> None:
    overlay = TileGrid(view.workspace)
    painted(overlay, view)
    make_stale(view.workspace)
    marks = drawn(painted(overlay, view))
    assert marks[150, 100]
    assert not marks[150, 300]


def test_the_overlay_asks_for_a_new_frame_when_a_state_changes(view: MapView, qtbot: Any) -> None:
    overlay = TileGrid(view.workspace)
    painted(overlay, view)
    with qtbot.waitSignal(overlay.changed):
        make_stale(view.workspace)


def test_a_tile_in_work_shows_the_picture_it_is_becoming(view: MapView) -> None:
    workspace, tile = view.workspace, TileCoord(1, 1)
    preview = np.full((32, 32, 3), (200, 40, 60), dtype=np.uint8)
    workspace._desk.states.queue([tile], 1)
    workspace._desk.states.paint(tile, 3, 12, preview)
    pixels = painted(TileGrid(workspace), view)
    assert tuple(pixels[STRIDE + 100, STRIDE + 100]) == (200, 40, 60)
    assert not drawn(pixels)[100, 300]


def test_the_progress_bar_is_as_long_as_the_share_of_steps(view: MapView) -> None:
    workspace, tile = view.workspace, TileCoord(0, 0)
    overlay = TileGrid(workspace)
    accent = np.array([74, 163, 255])
    lengths = []
    for step in (3, 6):
        workspace._desk.states.queue([tile], 1)
        workspace._desk.states.paint(tile, step, 12, None)
        workspace.tiles_changed.emit(frozenset({tile}))
        row = painted(overlay, view)[STRIDE - 8, 6 : STRIDE - 6].astype(int)
        lengths.append(int((np.abs(row - accent).max(axis=1) < 30).sum()))
    assert 40 <= lengths[0] <= 50
    assert 85 <= lengths[1] <= 95


def test_from_afar_only_every_few_lines_are_drawn_and_no_marks(view: MapView) -> None:
    look(view, 1 / 32)
    marks = drawn(painted(TileGrid(view.workspace), view))
    assert marks[8, :16].sum() == 1


def test_the_tile_under_the_pointer_is_outlined(view: MapView) -> None:
    overlay = TileGrid(view.workspace)
    before = painted(overlay, view)
    view.workspace.pointer_moved.emit((300.0, 100.0))
    changed = (painted(overlay, view) != before).any(axis=2)
    assert changed[:STRIDE, STRIDE:384].any()
    assert not changed[:, :STRIDE].any()


def test_nothing_is_drawn_without_a_map(new_workspace: Any, qtbot: Any) -> None:
    workspace = new_workspace()
    assert not drawn(painted(TileGrid(workspace), view_of(qtbot, workspace))).any()


def test_the_raster_tells_the_tiles_of_a_part_that_are_not_empty() -> None:
    grid = Grid(960, 960, 256, 192)
    states = {TileCoord(1, 2): "done", TileCoord(4, 4): "failed"}
    raster = TileRaster(grid, lambda tile: states.get(tile, "empty"))
    assert raster.marked(range(1, 5), range(1, 4)) == [(TileCoord(1, 2), "done")]
