"""Choosing a tile on the map: a click of the select tool, and the menu of the right button."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.canvas.tile_menu import tile_entries
from app.canvas.tools.select import SelectTool
from app.canvas.tools.tool import Pointer
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord


def names(workspace: Any, at: tuple[float, float]) -> list[str]:
    return [text for text, _ in tile_entries(workspace, at)]


def test_a_click_of_the_select_tool_chooses_the_tile(workspace: Any) -> None:
    tool = SelectTool(workspace)
    tool.activate()
    workspace.selection = Rect(0, 0, 10, 10)
    tool.press(Pointer(300.0, 250.0))
    tool.release(Pointer(300.0, 250.0))
    assert workspace.selected_tile == TileCoord(1, 1)
    assert workspace.selection is None
    tool.deactivate()


def test_a_drag_of_the_select_tool_leaves_the_tile(workspace: Any) -> None:
    tool = SelectTool(workspace)
    tool.activate()
    tool.press(Pointer(300.0, 250.0))
    tool.release(Pointer(350.0, 290.0))
    assert workspace.selection == Rect(300, 250, 50, 40)
    assert workspace.selected_tile is None
    tool.deactivate()


def test_the_menu_names_what_the_tiles_state_allows(workspace: Any) -> None:
    assert names(workspace, (-5.0, 10.0)) == []
    assert names(workspace, (10.0, 10.0)) == ["Generate this tile"]
    assert workspace.selected_tile == TileCoord(0, 0)
    workspace.settings = replace(workspace.settings, steps=1)
    dict(tile_entries(workspace, (10.0, 10.0)))["Generate this tile"]()
    state = lambda: workspace.state_of(TileCoord(0, 0)).kind  # noqa: E731
    wait_until(lambda: state() in {"queued", "generating"}, what="the queue")
    assert names(workspace, (10.0, 10.0)) == ["Cancel this tile"]
    wait_until(lambda: state() == "done", 60, "the tile")
    assert names(workspace, (10.0, 10.0)) == ["Generate this tile", "Another try", "Keep this tile"]
