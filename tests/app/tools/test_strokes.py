"""Rivers and paths are drawn by clicks or a free line, and edited afterwards like any stroke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.splines import Spline, handles_of
from tests.app.tools.hands import (
    ALT,
    KEY,
    SHIFT,
    at,
    click,
    covers,
    document_of,
    drag,
    entry,
    heard,
    key,
    labels,
    marked,
    painted,
    shown,
)
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.strokes import Stroke, stroke_coverage

POINTS = ((60, 260), (140, 300), (220, 280))


@pytest.fixture
def river(tools: dict[str, Tool]) -> Tool:
    tools["tool.river"].activate()
    return tools["tool.river"]


@pytest.fixture
def drawn(river: Tool) -> Tool:
    """The river tool, with a river of three handles drawn."""
    click(river, *POINTS)
    key(river, KEY.Key_Return)
    return river


def _last(tool: Tool) -> Stroke:
    return document_of(tool).strokes[-1]


def _places(tool: Tool) -> list[tuple[float, float]]:
    return [(x, y) for x, y, _ in handles_of(_last(tool)).tolist()]


def _option(tool: Tool, name: str) -> Any:
    return {option.name: option for option in tool.options()}[name]


def test_clicks_set_handles_and_enter_draws(river: Tool) -> None:
    click(river, *POINTS)
    assert labels(river) == []
    rects = shown(river)
    assert key(river, KEY.Key_Return)
    assert labels(river) == ["Draw River"]
    assert isinstance(_last(river), Spline)
    assert _places(river) == [*POINTS]
    assert covers(rects, 140, 300)


def test_a_double_click_ends_the_river_at_its_last_point(river: Tool) -> None:
    click(river, *POINTS)
    river.double_press(at(POINTS[-1]))
    river.release(at(POINTS[-1]))
    assert _places(river) == [*POINTS]
    assert not river.busy


def test_a_dragged_line_is_a_river_of_few_handles(river: Tool) -> None:
    line = [(60 + 3 * step, 260 + 40 * np.sin(step / 9)) for step in range(60)]
    drag(river, *line)
    assert labels(river) == ["Draw River"]
    assert 3 <= len(_places(river)) <= 20
    band = stroke_coverage(_last(river), Rect(0, 0, 512, 384))
    assert min(band[int(y), int(x)] for x, y in line[2:-2]) > 0.9


def test_pen_pressure_decides_the_width_of_a_handle(river: Tool) -> None:
    click(river, POINTS[0], pressure=0.5)
    click(river, POINTS[1])
    key(river, KEY.Key_Return)
    widths = handles_of(_last(river))[:, 2]
    assert widths[0] == pytest.approx(widths[1] / 2)


def test_backspace_takes_back_a_point_and_escape_all(river: Tool) -> None:
    click(river, *POINTS)
    assert key(river, KEY.Key_Backspace)
    assert len(river.draft) == 2
    assert key(river, KEY.Key_Escape)
    assert not river.busy
    assert labels(river) == []
    assert len(document_of(river).strokes) == 2


def test_one_point_is_no_river(river: Tool) -> None:
    said = heard(river)
    click(river, POINTS[0])
    key(river, KEY.Key_Return)
    assert said == ["A stroke needs at least two points; click more."]
    assert not river.busy


def test_the_preview_has_the_true_width(river: Tool, view: MapView) -> None:
    river.change_size(2)
    click(river, (60, 260))
    river.hover(at((220, 260)))
    picture = painted(river, view)
    inside, outside = view.to_screen(140, 260 + 20), view.to_screen(140, 260 + 30)
    assert picture.pixelColor(inside.toPoint()).blue() > 150
    assert not marked(picture, outside, reach=1)


def test_the_path_tool_draws_the_kind_that_is_chosen(
    tools: dict[str, Tool], workspace: Workspace
) -> None:
    path = tools["tool.path"]
    path.activate()
    assert workspace.active_stencil == "path"
    _option(path, "kind").set("road")
    click(path, *POINTS)
    key(path, KEY.Key_Return)
    assert _last(path).kind == "road"
    assert labels(path) == ["Draw Road"]
    path.deactivate()
    tools["tool.river"].activate()
    assert workspace.active_stencil == "river"
    path.activate()
    assert workspace.active_stencil == "road"


def test_a_handle_is_dragged_as_one_step_and_shown_on_the_way(drawn: Tool) -> None:
    rects = shown(drawn)
    drag(drawn, POINTS[1], (150, 320), (160, 340), drop=False)
    assert _places(drawn)[1] == (160, 340)
    assert covers(rects, 160, 340)
    drawn.release(at((160, 340)))
    assert labels(drawn) == ["Draw River", "Bend River"]


def test_undo_gives_a_dragged_handle_back(drawn: Tool, workspace: Workspace) -> None:
    drag(drawn, POINTS[1], (160, 340))
    workspace.undo()
    assert _places(drawn) == [*POINTS]
    drag(drawn, POINTS[1], (150, 330))
    assert _places(drawn)[1] == (150, 330)


def test_escape_gives_a_dragged_handle_back(drawn: Tool) -> None:
    drag(drawn, POINTS[1], (160, 340), drop=False)
    assert key(drawn, KEY.Key_Escape)
    drawn.move(at((200, 340)))
    drawn.release(at((200, 340)))
    assert _places(drawn) == [*POINTS]
    assert labels(drawn) == ["Draw River"]


def test_alt_drag_changes_the_width_at_a_handle(drawn: Tool) -> None:
    before = handles_of(_last(drawn))[:, 2].tolist()
    drag(drawn, POINTS[1], (150, 300), modifiers=ALT)
    after = handles_of(_last(drawn))[:, 2].tolist()
    assert after == [before[0], before[1] + 20, before[2]]
    assert labels(drawn)[-1] == "Widen River"


def test_the_wheel_with_alt_widens_in_one_step(drawn: Tool) -> None:
    before = handles_of(_last(drawn))[:, 2].tolist()
    for _ in range(3):
        assert drawn.wheel(at(POINTS[1], modifiers=ALT), 1)
    assert drawn.busy
    wait_until(lambda: not drawn.busy)
    after = handles_of(_last(drawn))[:, 2].tolist()
    assert after[1] == pytest.approx(before[1] * 1.1**3)
    assert after[::2] == before[::2]
    assert labels(drawn) == ["Draw River", "Widen River"]


def test_the_wheel_alone_is_left_to_the_view(drawn: Tool) -> None:
    assert not drawn.wheel(at(POINTS[1]), 1)
    assert not drawn.busy


def test_what_the_wheel_changed_is_kept_when_another_tool_is_taken(drawn: Tool) -> None:
    drawn.wheel(at(POINTS[1], modifiers=ALT), 1)
    drawn.deactivate()
    assert labels(drawn) == ["Draw River", "Widen River"]


def test_delete_removes_the_handle_under_the_pointer(drawn: Tool) -> None:
    drawn.hover(at(POINTS[1]))
    assert key(drawn, KEY.Key_Delete)
    assert _places(drawn) == [POINTS[0], POINTS[2]]
    assert labels(drawn)[-1] == "Remove point of River"


def test_delete_after_an_undo_takes_no_other_stroke(drawn: Tool, workspace: Workspace) -> None:
    lower = [(x, y + 90) for x, y in POINTS]
    click(drawn, *lower)
    key(drawn, KEY.Key_Return)
    drawn.hover(at(lower[1]))
    workspace.undo()
    assert not key(drawn, KEY.Key_Delete)
    assert _places(drawn) == [*POINTS]


def test_a_click_on_a_stroke_that_was_undone_meanwhile_does_nothing(
    drawn: Tool, workspace: Workspace
) -> None:
    middle = _last(drawn).points[len(_last(drawn).points) // 4, :2].tolist()
    drawn.press(at((middle[0], middle[1])))
    workspace.undo()
    drawn.release(at((middle[0], middle[1])))
    assert labels(drawn) == []


def test_delete_on_the_line_removes_the_stroke(drawn: Tool) -> None:
    middle = _last(drawn).points[len(_last(drawn).points) // 4, :2].tolist()
    drawn.hover(at((middle[0], middle[1])))
    rects = shown(drawn)
    assert key(drawn, KEY.Key_Delete)
    assert len(document_of(drawn).strokes) == 2
    assert covers(rects, round(middle[0]), round(middle[1]))
    assert labels(drawn)[-1] == "Delete River"


def test_a_click_on_the_line_inserts_a_handle_where_the_line_is(drawn: Tool) -> None:
    before = _last(drawn)
    place = before.points[len(before.points) // 4, :2].tolist()
    click(drawn, (place[0], place[1] + 3))
    assert len(_places(drawn)) == 4
    assert _places(drawn)[1] == pytest.approx(place, abs=1.5)
    assert labels(drawn)[-1] == "Add point to River"


def test_a_drag_on_the_line_moves_the_whole_stroke(drawn: Tool) -> None:
    place = _last(drawn).points[len(_last(drawn).points) // 4, :2].tolist()
    drag(drawn, (place[0], place[1]), (place[0] + 30, place[1] - 20))
    assert _places(drawn) == [(x + 30, y - 20) for x, y in POINTS]
    assert labels(drawn)[-1] == "Move River"


def test_a_plain_stroke_of_an_import_is_edited_too(river: Tool) -> None:
    drag(river, (250, 180), (250, 230))
    assert handles_of(document_of(river).strokes[0])[1, :2].tolist() == [250, 230]
    assert labels(river) == ["Bend River"]


def test_shift_begins_a_river_on_top_of_another(river: Tool) -> None:
    click(river, (150, 188), modifiers=SHIFT)
    click(river, (150, 260))
    key(river, KEY.Key_Return)
    assert len(document_of(river).strokes) == 3


def test_hovering_shows_the_handles(river: Tool, view: MapView) -> None:
    river.hover(at((100, 192)))
    assert marked(painted(river, view), view.to_screen(250, 180))
    river.hover(at((100, 340)))
    assert not marked(painted(river, view), view.to_screen(250, 180))


def test_the_menu_changes_kind_taper_and_width(drawn: Tool) -> None:
    entry(drawn, POINTS[1], "Make it a Road")()
    assert _last(drawn).kind == "road"
    entry(drawn, POINTS[1], "Taper the end")()
    assert _last(drawn).points[-1, 2] < _last(drawn).points[0, 2] / 2
    before = handles_of(_last(drawn))[:, 2].tolist()
    entry(drawn, POINTS[1], "Wider")()
    assert handles_of(_last(drawn))[:, 2].tolist() == [before[0], before[1] * 1.25, before[2]]
    assert labels(drawn)[-3:] == ["Change River", "Change Road", "Change Road"]


def test_the_menu_deletes_a_point_and_the_stroke(drawn: Tool) -> None:
    entry(drawn, POINTS[1], "Remove this point")()
    assert len(_places(drawn)) == 2
    entry(drawn, POINTS[0], "Delete River")()
    assert len(document_of(drawn).strokes) == 2


def test_the_menu_sets_how_freely_the_model_may_repaint(drawn: Tool) -> None:
    texts = [text for text, _ in drawn.menu(at(POINTS[1])) if text.startswith("Freedom")]
    assert "as the palette says" in texts[0]
    entry(drawn, POINTS[1], texts[1])()
    assert _last(drawn).mu == 0.0
    entry(drawn, POINTS[1], texts[-1])()
    assert _last(drawn).mu == 1.0
    entry(drawn, POINTS[1], texts[0])()
    assert _last(drawn).mu is None


def test_options_apply_to_the_chosen_stroke(drawn: Tool) -> None:
    _option(drawn, "width").set(40)
    _option(drawn, "taper_start").set(50)
    assert handles_of(_last(drawn))[:, 2].tolist() == [40, 40, 40]
    assert _last(drawn).points[0, 2] < 10
    assert _option(drawn, "taper_start").get() == 50


def test_a_slider_that_is_dragged_is_one_step(drawn: Tool, workspace: Workspace) -> None:
    for width in range(25, 41):
        _option(drawn, "width").set(width)
    assert not drawn.step_back()
    assert labels(drawn) == ["Draw River", "Change River"]
    workspace.undo()
    assert handles_of(_last(drawn))[0, 2] == 24


def test_options_without_a_chosen_stroke_are_for_the_next_one(river: Tool) -> None:
    _option(river, "width").set(40)
    _option(river, "taper_end").set(60)
    assert labels(river) == []
    click(river, *POINTS)
    key(river, KEY.Key_Return)
    assert _last(river).taper_px == (0, 60)
    assert handles_of(_last(river))[0, 2] == 40


def test_a_stroke_that_is_gone_by_undo_is_no_longer_chosen(
    drawn: Tool, workspace: Workspace
) -> None:
    workspace.undo()
    assert drawn.number_of_chosen() is None
    assert not key(drawn, KEY.Key_Delete)
    _option(drawn, "width").set(30)
    assert labels(drawn) == []


def test_another_tool_forgets_an_unfinished_river(river: Tool) -> None:
    click(river, *POINTS)
    river.deactivate()
    assert not river.busy
    assert labels(river) == []


def test_a_drag_along_a_river_says_which_way_it_flows(tools: dict[str, Tool]) -> None:
    flow = tools["tool.flow"]
    drag(flow, (200, 184), (140, 190), (80, 194))
    stroke = document_of(flow).strokes[0]
    assert stroke.flow is not None
    assert stroke.flow.angle_deg == 180
    assert stroke.flow.strength == 1.0
    assert stroke.mu is None
    assert labels(flow) == ["Flow of River"]


def test_a_short_drag_is_a_weak_flow_of_any_angle_with_shift(tools: dict[str, Tool]) -> None:
    flow = tools["tool.flow"]
    drag(flow, (200, 184), (200, 214), modifiers=SHIFT)
    found = document_of(flow).strokes[0].flow
    assert found is not None
    assert found.strength == 0.25
    assert 90 < found.angle_deg < 100


def test_escape_forgets_a_flow(tools: dict[str, Tool]) -> None:
    flow = tools["tool.flow"]
    drag(flow, (200, 184), (80, 194), drop=False)
    assert document_of(flow).strokes[0].flow is not None
    assert key(flow, KEY.Key_Escape)
    flow.release(at((80, 194)))
    assert document_of(flow).strokes[0].flow is None
    assert labels(flow) == []


def test_the_menu_turns_a_flow_round_and_takes_it_away(
    tools: dict[str, Tool], view: MapView
) -> None:
    flow = tools["tool.flow"]
    entry(flow, (200, 184), "Flow from end to start")()
    entry(flow, (200, 184), "Turn the flow round")()
    found = document_of(flow).strokes[0].flow
    assert found is not None
    assert found.angle_deg == 0
    flow.hover(at((200, 184)))
    assert marked(painted(flow, view), view.to_screen(125, 190))
    entry(flow, (200, 184), "No flow")()
    assert document_of(flow).strokes[0].flow is None


def test_flow_beside_every_stroke_says_so(tools: dict[str, Tool]) -> None:
    said = heard(tools["tool.flow"])
    drag(tools["tool.flow"], (60, 340), (90, 340))
    assert said == ["There is no stroke here; drag along a river."]
