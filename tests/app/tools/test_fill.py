"""The fill goes on by itself in slices, can be stopped, and replaces zones everywhere."""

from __future__ import annotations

import pytest

from app.canvas.tools.tool import Tool
from app.workspace.workspace import Workspace
from tests.app.tools.hands import (
    CTRL,
    KEY,
    click,
    covers,
    document_of,
    entry,
    heard,
    key,
    labels,
    shown,
    zone_at,
)
from tests.support.qt import wait_until
from zones.geometry import Rect


@pytest.fixture
def fill(tools: dict[str, Tool], workspace: Workspace) -> Tool:
    workspace.active_zone = 6
    return tools["tool.fill"]


def test_a_fill_paints_connected_ground_as_one_step(fill: Tool) -> None:
    rects, said = shown(fill), heard(fill)
    click(fill, (10, 10))
    wait_until(lambda: not fill.busy)
    assert zone_at(fill, 169, 191) == 6
    assert zone_at(fill, 171, 191) == 1
    assert covers(rects, 100, 100)
    assert labels(fill) == ["Fill Snow"]
    assert said == ["Filled 32,640 px."]


def test_ctrl_replaces_a_zone_everywhere(fill: Tool, workspace: Workspace) -> None:
    workspace.active_zone = 2
    click(fill, (400, 300), modifiers=CTRL)
    wait_until(lambda: not fill.busy)
    assert zone_at(fill, 500, 380) == 2
    assert labels(fill) == ["Replace Water with Forest"]


def test_the_menu_replaces_a_zone_everywhere(fill: Tool) -> None:
    entry(fill, (400, 300), "Replace this zone everywhere")()
    wait_until(lambda: not fill.busy)
    assert labels(fill) == ["Replace Water with Snow"]


def test_escape_stops_a_fill_and_nothing_of_it_stays(fill: Tool) -> None:
    document = document_of(fill)
    job = document.flood_fill((300, 50), 6)
    fill._edit = job  # the job of a large map, caught before its first slice
    fill._walk = fill._walk_of(job)
    fill._timer.start()
    assert fill.slicing
    assert key(fill, KEY.Key_Escape)
    assert not fill.slicing
    assert not job.is_open
    assert zone_at(fill, 300, 50) == 1
    assert labels(fill) == []


def test_the_selection_bounds_a_fill(fill: Tool, workspace: Workspace) -> None:
    workspace.selection = Rect(0, 0, 50, 50)
    click(fill, (10, 10))
    wait_until(lambda: not fill.busy)
    assert zone_at(fill, 49, 49) == 6
    assert zone_at(fill, 60, 60) == 2


def test_a_fill_outside_of_the_selection_says_why_not(fill: Tool, workspace: Workspace) -> None:
    workspace.selection = Rect(0, 0, 50, 50)
    said = heard(fill)
    click(fill, (100, 100))
    assert said == [
        "That is outside of the selection; click inside of it, or do not fill only there."
    ]
    assert not fill.busy


def test_a_fill_beside_the_map_is_passed_over(fill: Tool) -> None:
    said = heard(fill)
    click(fill, (-5, 700))
    assert said == []
    assert not fill.busy


def test_ground_of_that_zone_already_is_said_to_be_so(fill: Tool, workspace: Workspace) -> None:
    workspace.active_zone = 2
    said = heard(fill)
    click(fill, (10, 10))
    wait_until(lambda: not fill.busy)
    assert said == ["There was nothing to fill here."]
    assert labels(fill) == []
