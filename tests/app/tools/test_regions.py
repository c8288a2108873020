"""Select, pick, protect and hand: the rest of what hands do to a map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt

from app.canvas.tools.select import SelectTool
from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from tests.app.tools.hands import (
    CTRL,
    KEY,
    at,
    click,
    document_of,
    drag,
    entry,
    heard,
    key,
    labels,
    marked,
    painted,
    zone_at,
)
from tests.support.qt import wait_until
from tests.support.records import finished_record
from zones.geometry import Rect
from zones.grid import TileCoord

Tools = dict[str, Tool]


@pytest.fixture
def select(tools: Tools) -> SelectTool:
    tool = tools["tool.select"]
    assert isinstance(tool, SelectTool)
    return tool


def test_a_drag_selects_a_region_inside_the_map(select: SelectTool, workspace: Workspace) -> None:
    drag(select, (400, 300), (600, 420))
    assert workspace.selection == Rect(400, 300, 112, 84)
    assert labels(select) == []


def test_escape_in_mid_drag_gives_the_old_selection_back(
    select: SelectTool, workspace: Workspace
) -> None:
    workspace.selection = Rect(0, 0, 20, 20)
    drag(select, (100, 100), (200, 200), drop=False)
    assert key(select, KEY.Key_Escape)
    assert workspace.selection == Rect(0, 0, 20, 20)
    assert key(select, KEY.Key_Escape)
    assert workspace.selection is None


def test_a_drag_inside_moves_zones_and_strokes(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(100, 100, 200, 100)
    drag(select, (150, 150), (180, 200), (250, 250))
    assert zone_at(select, 150, 120) == 0
    assert zone_at(select, 250, 220) == 2
    assert document_of(select).strokes[0].points[1, :2].tolist() == [350, 280]
    assert workspace.selection == Rect(200, 200, 200, 100)
    assert labels(select) == ["Move region"]


def test_escape_lets_a_moved_region_fall_back(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(100, 100, 200, 100)
    drag(select, (150, 150), (250, 250), drop=False)
    assert key(select, KEY.Key_Escape)
    select.release(at((250, 250)))
    assert zone_at(select, 150, 120) == 2
    assert labels(select) == []


def test_ctrl_drag_moves_a_copy(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(100, 100, 60, 60)
    drag(select, (110, 110), (310, 210), modifiers=CTRL)
    assert [zone_at(select, 120, 120), zone_at(select, 320, 220)] == [2, 2]
    assert labels(select) == ["Paste region"]


def test_what_is_pasted_hovers_until_a_click(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    assert select.copy()
    assert select.paste()
    select.hover(at((300, 300)))
    assert labels(select) == []
    click(select, (300, 300))
    assert zone_at(select, 281, 281) == 2
    assert zone_at(select, 279, 279) == 1
    assert workspace.selection == Rect(280, 280, 40, 40)
    assert labels(select) == ["Paste region"]


def test_enter_puts_down_and_escape_forgets_what_hovers(
    select: SelectTool, workspace: Workspace
) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    select.copy()
    select.paste()
    select.hover(at((300, 300)))
    assert key(select, KEY.Key_Escape)
    assert not select.busy
    select.paste()
    select.hover(at((300, 300)))
    assert key(select, KEY.Key_Return)
    assert zone_at(select, 300, 300) == 2


def test_what_hovers_shows(select: SelectTool, workspace: Workspace, view: MapView) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    select.copy()
    select.paste()
    select.hover(at((300, 300)))
    green = painted(select, view).pixelColor(view.to_screen(300, 300).toPoint())
    assert green.green() > green.red()


def test_cut_takes_the_region_with_its_part_of_a_river(
    select: SelectTool, workspace: Workspace
) -> None:
    workspace.selection = Rect(200, 100, 100, 150)
    assert select.cut()
    assert zone_at(select, 250, 120) == 0
    assert [stroke.kind for stroke in document_of(select).strokes] == ["path"]
    assert labels(select) == ["Cut region"]
    workspace.undo()
    assert len(document_of(select).strokes) == 2


def test_delete_erases_the_region(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    assert key(select, KEY.Key_Delete)
    assert [zone_at(select, 20, 20), zone_at(select, 60, 20)] == [0, 2]
    assert labels(select) == ["Erase region"]


def test_the_usual_keys_cut_and_paste(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    assert key(select, KEY.Key_X, CTRL)
    assert key(select, KEY.Key_V, CTRL)
    click(select, (300, 300))
    assert [zone_at(select, 20, 20), zone_at(select, 300, 300)] == [0, 2]
    assert labels(select) == ["Cut region", "Paste region"]


def test_erasing_while_another_tool_draws_is_refused_in_words(
    select: SelectTool, tools: Tools, workspace: Workspace
) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    drag(tools["tool.brush"], (100, 300), (140, 300), drop=False)
    said = heard(select)
    assert not select.erase()
    assert said == ["Something else is being drawn; finish that first."]
    tools["tool.brush"].release(at((140, 300)))
    assert select.erase()


def test_nothing_selected_or_copied_is_said(select: SelectTool) -> None:
    said = heard(select)
    assert not select.copy()
    assert not select.paste()
    assert said == [
        "Nothing is selected; drag a frame first.",
        "There is nothing to paste; copy a region first.",
    ]


def test_the_menu_pastes_here(select: SelectTool, workspace: Workspace) -> None:
    workspace.selection = Rect(10, 10, 40, 40)
    entry(select, (20, 20), "Copy")()
    entry(select, (400, 100), "Paste here")()
    assert zone_at(select, 400, 100) == 2


def test_the_picker_takes_zone_and_kind(tools: Tools, workspace: Workspace) -> None:
    said = heard(tools["tool.pick"])
    workspace.active_stencil = "river"
    click(tools["tool.pick"], (255, 60))
    assert workspace.active_stencil == "path"
    click(tools["tool.pick"], (480, 350))
    assert workspace.active_zone == 3
    assert said == ["Grass and Path", "Water"]


def test_protect_by_brush_and_ctrl_frees_again(tools: Tools, workspace: Workspace) -> None:
    protect = tools["tool.protect"]
    workspace.brush_radius_px = 10
    spot = Rect(100, 300, 1, 1)
    drag(protect, (100, 300), (140, 300))
    assert document_of(protect).read_protect(spot)[0, 0]
    drag(protect, (100, 300), (140, 300), modifiers=CTRL)
    assert not document_of(protect).read_protect(spot)[0, 0]
    assert labels(protect) == ["Protect", "Unprotect"]


def test_protect_by_rectangle(tools: Tools, view: MapView) -> None:
    protect = tools["tool.protect"]
    {option.name: option for option in protect.options()}["shape"].set("rectangle")
    drag(protect, (20, 20), (60, 60), drop=False)
    assert marked(painted(protect, view), view.to_screen(20, 40))
    protect.release(at((60, 60)))
    assert document_of(protect).read_protect(Rect(20, 20, 40, 40)).all()
    assert not document_of(protect).read_protect(Rect(61, 20, 1, 40)).any()
    assert labels(protect) == ["Protect"]


def test_escape_forgets_a_protecting_drag(tools: Tools) -> None:
    protect = tools["tool.protect"]
    drag(protect, (100, 300), (140, 300), drop=False)
    assert key(protect, KEY.Key_Escape)
    assert not document_of(protect).read_protect(Rect(100, 300, 1, 1))[0, 0]


def test_ground_without_art_is_kept_as_it_is_painted(tools: Tools, workspace: Workspace) -> None:
    protect = tools["tool.protect"]
    click(protect, (60, 60))
    art = document_of(protect).snapshot().read_art(Rect(60, 60, 1, 1))
    assert workspace.palette is not None
    assert art[0, 0].tolist() == list(workspace.palette.zone(2).rgb)


def test_finished_ground_is_kept_as_it_was_finished(tools: Tools, workspace: Workspace) -> None:
    protect = tools["tool.protect"]
    wait_until(lambda: workspace.grid is not None and workspace.world is not None)
    _finish_tile(workspace, np.array([200, 30, 90], np.uint8))
    wait_until(lambda: workspace.stitch() is not None)
    click(protect, (20, 20))
    art = document_of(protect).snapshot().read_art(Rect(20, 20, 1, 1))
    assert art[0, 0].tolist() == [200, 30, 90]


def _finish_tile(workspace: Workspace, rgb: npt.NDArray[np.uint8]) -> None:
    """Keep a tile of one colour, as a run would."""
    grid, document = workspace.grid, workspace.document
    assert grid is not None
    assert document is not None
    tile = TileCoord(0, 0)
    assert workspace.world is not None
    record = finished_record(workspace.world, tile, workspace.settings)
    raw = np.broadcast_to(rgb, (*grid.window(tile).shape, 3)).copy()
    document.begin_run("Run").put_tile(tile, raw, record.to_json())


def test_the_menu_protects_the_selection(tools: Tools, workspace: Workspace) -> None:
    protect = tools["tool.protect"]
    workspace.selection = Rect(30, 30, 50, 50)
    entry(protect, (40, 40), "Protect the selection")()
    assert document_of(protect).read_protect(Rect(30, 30, 50, 50)).all()


def test_the_hand_asks_the_view_to_pan(tools: Tools) -> None:
    hand = tools["tool.hand"]
    assert hand.pans
    hand.press(at((10, 10)))
    assert hand.cursor == Qt.CursorShape.ClosedHandCursor
    hand.release(at((10, 10)))
    assert hand.cursor == Qt.CursorShape.OpenHandCursor


def test_every_tool_has_a_name_of_its_own_and_words_for_it(tools: Tools) -> None:
    assert len({tool.shortcut for tool in tools.values()}) == len(tools)
    for name, tool in tools.items():
        assert name.startswith("tool.")
        assert tool.label
        assert tool.tip
        for option in tool.options():
            assert option.label
            assert option.tip
            option.get()
