"""Compiled windows off the GUI thread: the run's own function, the latest wish, kept up to date."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.workspace.compiled_tiles import CompiledTiles, tile_under
from app.workspace.workspace import Workspace
from painter.editing import ZoneInk
from tests.support.qt import wait_until
from zones.compiler import CompiledWindow
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

FIRST, LAST = TileCoord(0, 0), TileCoord(1, 2)


@pytest.fixture
def tiles(finished: Workspace) -> CompiledTiles:
    return CompiledTiles.of(finished)


def got(tiles: CompiledTiles, tile: TileCoord) -> CompiledWindow:
    wait_until(lambda: tiles.get(tile) is not None, what="a compiled window")
    found = tiles.get(tile)
    assert found is not None
    return found


def test_it_is_what_the_workspace_compiles_for_a_run(
    tiles: CompiledTiles, finished: Workspace
) -> None:
    tiles.want("me", FIRST)
    found, expected = got(tiles, FIRST), finished.compiled(FIRST)
    assert np.array_equal(found.free_steps, expected.free_steps)
    assert np.array_equal(found.seed_canvas, expected.seed_canvas)
    assert found.prompt == expected.prompt


def test_it_is_compiled_on_another_thread(
    tiles: CompiledTiles, finished: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    make = finished.compile_job

    def noted(tile: TileCoord) -> Any:
        job = make(tile)
        return lambda: (threads.append(threading.current_thread()), job())[1]

    monkeypatch.setattr(finished, "compile_job", noted)
    tiles.want("me", FIRST)
    got(tiles, FIRST)
    assert threads
    assert threading.main_thread() not in threads


def test_of_quick_wishes_only_the_last_is_compiled(
    tiles: CompiledTiles, finished: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TileCoord] = []
    make = finished.compile_job
    monkeypatch.setattr(finished, "compile_job", lambda tile: (asked.append(tile), make(tile))[1])
    for tile in finished.grid.tiles():
        tiles.want("me", tile)
    got(tiles, LAST)
    assert asked == [LAST]


def test_a_committed_edit_makes_it_anew(tiles: CompiledTiles, finished: Workspace) -> None:
    tiles.want("me", FIRST)
    before = got(tiles, FIRST)
    with finished.document.edit("Snow") as edit:
        edit.paint(ZoneInk(6), Rect(100, 100, 30, 30))
    wait_until(lambda: (tiles.get(FIRST) or before).inputs_hash != before.inputs_hash)


def test_an_edit_elsewhere_leaves_it(tiles: CompiledTiles, finished: Workspace, qtbot: Any) -> None:
    tiles.want("me", FIRST)
    before = got(tiles, FIRST)
    with finished.document.edit("Snow") as edit:
        edit.paint(ZoneInk(6), Rect(480, 340, 20, 20))
    qtbot.wait(200)
    assert tiles.get(FIRST) is before


def test_other_settings_make_it_anew(tiles: CompiledTiles, finished: Workspace) -> None:
    tiles.want("me", FIRST)
    got(tiles, FIRST)
    finished.settings = replace(finished.settings, steps=5)
    wait_until(lambda: tiles.get(FIRST) is not None and tiles.get(FIRST).free_steps.max() == 5)


def test_a_workspace_has_one_of_them(finished: Workspace, tiles: CompiledTiles) -> None:
    assert CompiledTiles.of(finished) is tiles


def test_the_tile_under_a_place_is_the_one_whose_core_holds_it() -> None:
    grid = Grid(512, 384, 256, 192)
    assert tile_under(grid, (192.0, 191.9)) == TileCoord(0, 1)
    assert tile_under(grid, (-0.1, 10.0)) is None
    assert tile_under(grid, (512.0, 10.0)) is None
    assert tile_under(None, (1.0, 1.0)) is None
