"""Brush and eraser paint while they move, and a stroke is one undo step or nothing."""

from __future__ import annotations

import pytest

from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from tests.app.tools.hands import (
    ALT,
    KEY,
    SHIFT,
    at,
    click,
    covers,
    document_of,
    drag,
    key,
    labels,
    marked,
    painted,
    shown,
    zone_at,
)

Tools = dict[str, Tool]


@pytest.fixture
def brush(tools: Tools, workspace: Workspace) -> Tool:
    workspace.active_zone = 4
    workspace.brush_radius_px = 20
    return tools["tool.brush"]


def test_a_stroke_shows_while_it_is_drawn_and_is_one_step(brush: Tool) -> None:
    rects = shown(brush)
    drag(brush, (100, 300), (150, 300), drop=False)
    assert zone_at(brush, 150, 300) == 4
    assert covers(rects, 125, 300)
    assert labels(brush) == []
    brush.release(at((150, 300)))
    assert labels(brush) == ["Paint Sand"]
    assert not brush.busy


def test_undo_takes_a_whole_stroke_back(brush: Tool, workspace: Workspace) -> None:
    drag(brush, (100, 300), (150, 300), (200, 320))
    workspace.undo()
    assert [zone_at(brush, x, 300) for x in (100, 150)] == [1, 1]


def test_escape_forgets_the_stroke_and_shows_what_was_there(brush: Tool) -> None:
    drag(brush, (100, 300), (150, 300), drop=False)
    rects = shown(brush)
    assert key(brush, KEY.Key_Escape)
    assert zone_at(brush, 150, 300) == 1
    assert covers(rects, 100, 300)
    assert covers(rects, 150, 300)
    brush.move(at((200, 300)))
    brush.release(at((200, 300)))
    assert labels(brush) == []


def test_shift_draws_a_straight_line_from_the_last_point(brush: Tool) -> None:
    click(brush, (60, 300))
    click(brush, (300, 300), modifiers=SHIFT)
    assert [zone_at(brush, x, 300) for x in (60, 180, 300)] == [4, 4, 4]
    assert labels(brush) == ["Paint Sand", "Paint Sand"]


def test_without_shift_two_dabs_are_not_joined(brush: Tool) -> None:
    click(brush, (60, 300), (300, 300))
    assert zone_at(brush, 180, 300) == 1


def test_alt_picks_the_zone_under_the_pointer(brush: Tool, workspace: Workspace) -> None:
    drag(brush, (400, 300), (20, 20), modifiers=ALT)
    assert workspace.active_zone == 2
    assert labels(brush) == []


def test_pressure_decides_the_width(brush: Tool) -> None:
    click(brush, (100, 300), pressure=0.25)
    assert zone_at(brush, 104, 300) == 4
    assert zone_at(brush, 110, 300) == 1


def test_without_pressure_size_a_light_pen_draws_at_full_width(brush: Tool) -> None:
    {option.name: option for option in brush.options()}["pressure"].set(0)
    click(brush, (100, 300), pressure=0.1)
    assert zone_at(brush, 118, 300) == 4


def test_a_soft_brush_scatters_its_rim(brush: Tool, workspace: Workspace) -> None:
    workspace.brush_softness = 1.0
    click(brush, (100, 300))
    rim = [zone_at(brush, x, y) for x in range(108, 116) for y in range(296, 304)]
    assert 0 < rim.count(4) < len(rim)


def test_the_options_follow_a_change_of_the_brush(brush: Tool, workspace: Workspace) -> None:
    told: list[None] = []
    brush.options_changed.connect(lambda: told.append(None))
    workspace.brush_radius_px = 31
    assert told
    assert {option.name: option for option in brush.options()}["size"].get() == 62


def test_a_large_brush_ends_exactly_where_the_pointer_ends(
    brush: Tool, workspace: Workspace
) -> None:
    workspace.brush_radius_px = 64
    drag(brush, (100, 300), (101, 300))
    assert zone_at(brush, 164, 300) == 4
    assert zone_at(brush, 165, 300) == 1


def test_size_keys_change_a_small_brush_by_whole_pixels(brush: Tool, workspace: Workspace) -> None:
    workspace.brush_radius_px = 1
    brush.change_size(1.1)
    assert workspace.brush_radius_px == 1.5
    brush.change_size(1 / 1.1)
    assert workspace.brush_radius_px == 1


def test_the_cursor_shows_the_true_size_and_the_softness(
    brush: Tool, workspace: Workspace, view: MapView
) -> None:
    workspace.brush_radius_px, workspace.brush_softness = 40, 0.5
    brush.hover(at((250, 200)))
    picture = painted(brush, view)
    assert marked(picture, view.to_screen(290, 200))
    assert marked(picture, view.to_screen(250, 180))
    assert not marked(picture, view.to_screen(262, 200))


def test_a_stroke_that_is_open_ends_when_another_tool_is_taken(brush: Tool) -> None:
    drag(brush, (100, 300), (150, 300), drop=False)
    brush.deactivate()
    assert zone_at(brush, 150, 300) == 1
    with document_of(brush).edit("free") as edit:
        assert edit.is_open


def test_the_eraser_makes_ground_unpainted(tools: Tools) -> None:
    eraser = tools["tool.eraser"]
    drag(eraser, (50, 50), (80, 50))
    assert zone_at(eraser, 60, 50) == 0
    assert labels(eraser) == ["Erase zones"]
