"""Tools in the map view, moved by real mouse, wheel and key events."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.tools.tool import Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.splines import handles_of
from tests.app.tools.hands import ALT, KEY, SHIFT, document_of, labels, zone_at
from tests.support.qt import wait_until

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Tools = dict[str, Tool]


def _spot(view: MapView, x: float, y: float) -> QPoint:
    return view.to_screen(x, y).toPoint()


def _drag(view: MapView, *places: tuple[float, float], drop: bool = True) -> None:
    spots = [_spot(view, *place) for place in places]
    QTest.mousePress(view, LEFT, NONE, spots[0])
    for spot in spots[1:]:
        QTest.mouseMove(view, spot)
    if drop:
        QTest.mouseRelease(view, LEFT, NONE, spots[-1])


def test_the_brush_paints_where_the_mouse_goes(
    view: MapView, tools: Tools, workspace: Workspace
) -> None:
    workspace.active_zone = 4
    view.set_tool(tools["tool.brush"])
    _drag(view, (100, 300), (200, 320))
    assert zone_at(tools["tool.brush"], 150, 310) == 4
    assert labels(tools["tool.brush"]) == ["Paint Sand"]
    wait_until(lambda: view.settled, what="the picture")
    colour = view.grab().toImage().pixelColor(_spot(view, 150, 310))
    assert workspace.palette is not None
    sand = workspace.palette.zone(4).rgb
    assert max(abs(a - b) for a, b in zip(colour.getRgb()[:3], sand, strict=True)) < 8


def test_escape_in_the_view_forgets_the_stroke(
    view: MapView, tools: Tools, workspace: Workspace
) -> None:
    workspace.active_zone = 4
    view.set_tool(tools["tool.brush"])
    _drag(view, (100, 300), (200, 320), drop=False)
    QTest.keyClick(view, KEY.Key_Escape)
    QTest.mouseRelease(view, LEFT, NONE, _spot(view, 200, 320))
    assert zone_at(tools["tool.brush"], 150, 310) == 1
    assert labels(tools["tool.brush"]) == []


def test_a_river_by_clicks_and_a_double_click(view: MapView, tools: Tools) -> None:
    river = tools["tool.river"]
    view.set_tool(river)
    for place in ((60, 260), (140, 320)):
        QTest.mouseClick(view, LEFT, NONE, _spot(view, *place))
    QTest.mouseClick(view, LEFT, NONE, _spot(view, 220, 280))
    QTest.mouseDClick(view, LEFT, NONE, _spot(view, 220, 280))
    assert labels(river) == ["Draw River"]
    assert len(handles_of(document_of(river).strokes[-1])) == 3


def test_a_handle_is_dragged_in_the_view(view: MapView, tools: Tools) -> None:
    river = tools["tool.river"]
    view.set_tool(river)
    _drag(view, (250, 180), (250, 200), (250, 230))
    place = handles_of(document_of(river).strokes[0])[1, :2].tolist()
    assert abs(place[0] - 250) < 1.5
    assert abs(place[1] - 230) < 1.5
    assert labels(river) == ["Bend River"]


def test_the_wheel_with_alt_widens_and_without_zooms(view: MapView, tools: Tools) -> None:
    river = tools["tool.river"]
    view.set_tool(river)
    spot = QPointF(_spot(view, 250, 180))
    before = view.scale
    for modifiers, turn in ((ALT, QPoint(120, 0)), (SHIFT, QPoint(0, 120)), (NONE, QPoint(0, 120))):
        event = QWheelEvent(
            spot,
            view.mapToGlobal(spot),
            QPoint(),
            turn,
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view, event)
    assert view.scale > before
    wait_until(lambda: not river.busy)
    assert abs(handles_of(document_of(river).strokes[0])[1, 2] - 22 * 1.1**2) < 1e-6
    assert labels(river) == ["Widen River"]


def test_a_right_click_offers_the_menu_of_the_tool(view: MapView, tools: Tools) -> None:
    river = tools["tool.river"]
    view.set_tool(river)
    QTest.mouseClick(view, Qt.MouseButton.RightButton, NONE, _spot(view, 100, 192))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    actions["Delete River"].trigger()
    menu.close()
    assert [stroke.kind for stroke in document_of(river).strokes] == ["path"]


def test_another_tool_in_hand_leaves_nothing_open(view: MapView, tools: Tools) -> None:
    view.set_tool(tools["tool.brush"])
    _drag(view, (100, 300), (200, 320), drop=False)
    view.set_tool(tools["tool.hand"])
    assert not tools["tool.brush"].busy
    QTest.mouseRelease(view, LEFT, NONE, _spot(view, 200, 320))
    document_of(tools["tool.brush"]).edit("free").abort()


def test_the_hand_drags_the_map(view: MapView, tools: Tools) -> None:
    view.set_tool(tools["tool.hand"])
    view.set_scale(3.0)
    before = view.to_screen(0, 0)
    spot = QPoint(300, 200)
    QTest.mousePress(view, LEFT, NONE, spot)
    QTest.mouseMove(view, spot + QPoint(40, 30))
    QTest.mouseRelease(view, LEFT, NONE, spot + QPoint(40, 30))
    moved = view.to_screen(0, 0) - before
    assert (round(moved.x()), round(moved.y())) == (40, 30)


def test_the_map_can_be_closed_in_mid_stroke(
    view: MapView, tools: Tools, workspace: Workspace
) -> None:
    brush = tools["tool.brush"]
    view.set_tool(brush)
    _drag(view, (100, 300), (200, 320), drop=False)
    workspace.close()
    wait_until(lambda: workspace.document is None)
    QTest.mouseMove(view, _spot(view, 10, 10))
    assert not brush.busy
