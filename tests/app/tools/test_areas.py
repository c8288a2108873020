"""Lasso, polygon and rectangle: an area is drawn first, then filled as one step."""

from __future__ import annotations

import pytest

from app.canvas.tools import edit_tool
from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from tests.app.tools.hands import (
    ALT,
    KEY,
    SHIFT,
    at,
    click,
    drag,
    entry,
    heard,
    key,
    labels,
    marked,
    painted,
    zone_at,
)

CORNERS = ((200, 230), (300, 230), (300, 330), (200, 330))


@pytest.fixture
def polygon(tools: dict[str, Tool], workspace: Workspace) -> Tool:
    workspace.active_zone = 5
    return tools["tool.polygon"]


@pytest.fixture
def rectangle(tools: dict[str, Tool], workspace: Workspace) -> Tool:
    workspace.active_zone = 5
    return tools["tool.rectangle"]


@pytest.fixture
def one_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_tool, "FIRST_SLICE_S", 0.0)
    monkeypatch.setattr(edit_tool, "SLICE_S", 0.0)


def test_corners_are_clicked_and_enter_closes(polygon: Tool) -> None:
    click(polygon, *CORNERS)
    assert labels(polygon) == []
    assert key(polygon, KEY.Key_Return)
    assert zone_at(polygon, 200, 230) == 5
    assert zone_at(polygon, 300, 330) == 1
    assert labels(polygon) == ["Paint Rock"]
    assert not polygon.busy


def test_a_double_click_closes(polygon: Tool) -> None:
    click(polygon, *CORNERS)
    polygon.double_press(at(CORNERS[-1]))
    polygon.release(at(CORNERS[-1]))
    assert labels(polygon) == ["Paint Rock"]
    assert not polygon.busy


def test_a_click_on_the_first_corner_closes(polygon: Tool) -> None:
    click(polygon, *CORNERS, (202, 231))
    assert labels(polygon) == ["Paint Rock"]


def test_backspace_takes_back_the_last_corner(polygon: Tool) -> None:
    click(polygon, *CORNERS, (400, 100))
    assert key(polygon, KEY.Key_Backspace)
    key(polygon, KEY.Key_Return)
    assert zone_at(polygon, 290, 320) == 5
    assert zone_at(polygon, 330, 215) == 1


def test_escape_forgets_the_corners(polygon: Tool) -> None:
    click(polygon, *CORNERS)
    assert key(polygon, KEY.Key_Escape)
    assert not key(polygon, KEY.Key_Return)
    assert labels(polygon) == []


def test_a_free_line_is_a_lasso(polygon: Tool) -> None:
    drag(polygon, *CORNERS)
    assert zone_at(polygon, 250, 280) == 5
    assert labels(polygon) == ["Paint Rock"]


def test_clicks_and_free_lines_make_one_area(polygon: Tool) -> None:
    click(polygon, (200, 230), (300, 230))
    drag(polygon, (300, 280), (290, 300), (300, 330))
    assert labels(polygon) == []
    click(polygon, (200, 330))
    key(polygon, KEY.Key_Return)
    assert zone_at(polygon, 298, 300) == 1
    assert zone_at(polygon, 250, 300) == 5


def test_two_corners_are_no_area(polygon: Tool) -> None:
    said = heard(polygon)
    click(polygon, *CORNERS[:2])
    key(polygon, KEY.Key_Return)
    assert said == ["An area needs at least three corners; click more."]
    assert not polygon.busy


def test_shift_keeps_eighths_of_a_turn(polygon: Tool) -> None:
    click(polygon, (200, 230))
    click(polygon, (300, 238), modifiers=SHIFT)
    assert polygon.outline()[1][1] == pytest.approx(230)


def test_the_menu_of_an_open_area_closes_it(polygon: Tool) -> None:
    click(polygon, *CORNERS)
    entry(polygon, (250, 250), "Close the area")()
    assert labels(polygon) == ["Paint Rock"]


def test_the_open_area_shows(polygon: Tool, view: MapView) -> None:
    click(polygon, *CORNERS)
    assert marked(painted(polygon, view), view.to_screen(250, 270))


def test_a_rectangle_fills_whole_pixels(rectangle: Tool) -> None:
    drag(rectangle, (200.2, 230.3), (260, 300), (249.9, 260.1))
    assert [zone_at(rectangle, *at) for at in ((200, 230), (249, 259))] == [5, 5]
    assert [zone_at(rectangle, *at) for at in ((250, 240), (240, 260), (199, 240))] == [1, 1, 1]
    assert labels(rectangle) == ["Paint Rock"]


def test_shift_makes_a_square(rectangle: Tool) -> None:
    drag(rectangle, (200, 230), (240, 290), modifiers=SHIFT)
    assert zone_at(rectangle, 259, 289) == 5
    assert zone_at(rectangle, 261, 260) == 1


def test_escape_forgets_a_rectangle(rectangle: Tool) -> None:
    drag(rectangle, (200, 230), (240, 290), drop=False)
    assert key(rectangle, KEY.Key_Escape)
    rectangle.release(at((240, 290)))
    assert labels(rectangle) == []


def test_a_large_area_goes_on_in_slices_and_escape_stops_it(
    rectangle: Tool, one_block_at_a_time: None
) -> None:
    drag(rectangle, (-3000, -3000), (3000, 3000))
    assert rectangle.slicing
    assert key(rectangle, KEY.Key_Escape)
    assert not rectangle.busy
    assert zone_at(rectangle, 400, 50) == 1


def test_a_large_area_is_brought_to_its_end_for_another_tool(
    rectangle: Tool, one_block_at_a_time: None
) -> None:
    drag(rectangle, (-3000, -3000), (3000, 3000))
    rectangle.deactivate()
    assert zone_at(rectangle, 400, 50) == 5
    assert labels(rectangle) == ["Paint Rock"]


def test_undo_takes_an_area_back(rectangle: Tool, workspace: Workspace) -> None:
    drag(rectangle, (200, 230), (240, 290))
    workspace.undo()
    assert zone_at(rectangle, 220, 250) == 1


def test_an_area_can_erase(rectangle: Tool) -> None:
    {option.name: option for option in rectangle.options()}["erases"].set(True)
    drag(rectangle, (20, 20), (60, 60))
    assert zone_at(rectangle, 40, 40) == 0
    assert labels(rectangle) == ["Erase zones"]


def test_alt_picks_before_the_first_corner(polygon: Tool, workspace: Workspace) -> None:
    click(polygon, (20, 20), modifiers=ALT)
    assert workspace.active_zone == 2
    assert not polygon.busy
