"""The view under mouse, wheel, keys and pen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.minimap import Minimap
from app.canvas.pen import felt
from app.canvas.tools.tool import Pointer, Tool
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from tests.app.canvas.conftest import WIDE_PX, settle, shot, shown
from zones.geometry import Rect

AT = QPointF(210, 333)
NONE = Qt.KeyboardModifier.NoModifier
MIDDLE, LEFT = Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: Any, wide: Workspace) -> MapView:
    made = shown(qtbot, wide)
    made.set_scale(0.8)
    settle(made)
    return made


class Listener(Tool):
    """Remembers what it is told."""

    name = "tool.listener"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.heard: list[tuple[str, Pointer]] = []

    def press(self, pointer: Pointer) -> None:
        self.heard.append(("press", pointer))

    def move(self, pointer: Pointer) -> None:
        self.heard.append(("move", pointer))

    def release(self, pointer: Pointer) -> None:
        self.heard.append(("release", pointer))


@pytest.fixture
def listener(view: MapView, wide: Workspace) -> Listener:
    made = Listener(wide)
    view.set_tool(made)
    return made


def turn(
    view: MapView,
    notches: float = 0,
    pixels: tuple[int, int] = (0, 0),
    phase: Qt.ScrollPhase = Qt.ScrollPhase.NoScrollPhase,
) -> None:
    turned = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        AT, view.mapToGlobal(AT), QPoint(*pixels), turned, Qt.MouseButton.NoButton, NONE, phase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def pen(view: MapView, kind: QEvent.Type, at: QPointF, pressure: float) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else LEFT
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
    event = QTabletEvent(
        kind, QPointingDevice.primaryPointingDevice(), at, view.mapToGlobal(at), pressure,
        0, 0, 0, 0, 0, NONE, button, held,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_at_the_cursor(view: MapView) -> None:
    place = view.to_map(AT)
    for notches in (1, 1, 0.5, -2, -1):
        turn(view, notches)
        now = view.to_screen(*place)
        assert (now - AT).manhattanLength() < 4
    assert view.scale < 0.8


def test_the_wheel_stops_at_one_to_one(view: MapView) -> None:
    turn(view, 1)
    assert view.scale == 1.0
    turn(view, 1)
    assert view.scale > 1.2


def test_two_fingers_on_a_touchpad_move_the_map(view: MapView) -> None:
    before = view.to_screen(1000, 800)
    turn(view, 0.1, (13, -7), Qt.ScrollPhase.ScrollUpdate)
    assert (view.to_screen(1000, 800) - before) == QPointF(13, -7)
    assert view.scale == 0.8


def test_the_middle_button_drags_the_map(view: MapView, listener: Listener) -> None:
    before = view.to_screen(1000, 800)
    QTest.mousePress(view, MIDDLE, NONE, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(140, 75))
    QTest.mouseRelease(view, MIDDLE, NONE, QPoint(140, 75))
    assert (view.to_screen(1000, 800) - before) == QPointF(40, -25)
    assert not listener.heard


def test_space_drags_the_map_whatever_the_tool(view: MapView, listener: Listener) -> None:
    before = view.to_screen(1000, 800)
    QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.mousePress(view, LEFT, NONE, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(140, 75))
    QTest.mouseRelease(view, LEFT, NONE, QPoint(140, 75))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert (view.to_screen(1000, 800) - before) == QPointF(40, -25)
    assert not listener.heard
    QTest.mouseClick(view, LEFT, NONE, QPoint(100, 100))
    assert [name for name, _ in listener.heard] == ["press", "release"]


def test_arrows_move_and_home_fits(view: MapView) -> None:
    before = view.to_screen(1000, 800)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.to_screen(1000, 800).x() < before.x()
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.visible_rect() == Rect(0, 0, *WIDE_PX)


def test_a_fitted_map_stays_fitted_in_a_view_of_another_size(view: MapView) -> None:
    view.fit()
    view.resize(600, 500)
    assert view.camera.fitted
    assert view.visible_rect() == Rect(0, 0, *WIDE_PX)


def test_a_map_moved_at_the_fitted_scale_stays_where_it_is_when_the_view_shrinks(
    view: MapView,
) -> None:
    view.fit()
    view.pan(150, -60)
    scale, place = view.scale, view.to_map(QPointF(view.rect().toRectF().center()))
    view.resize(700, 600)
    assert view.scale == scale
    found = view.to_map(QPointF(view.rect().toRectF().center()))
    assert found == pytest.approx(place, abs=2 / scale)


def test_the_tool_hears_map_px(view: MapView, listener: Listener) -> None:
    QTest.mouseClick(view, LEFT, NONE, QPoint(120, 90))
    pointer = listener.heard[0][1]
    assert pointer.place == view.to_map(QPointF(120, 90))
    assert pointer.pressure == 1.0


def test_the_pen_gives_its_pressure_as_the_curve_says(view: MapView, listener: Listener) -> None:
    view.pointing.pressure_curve = "soft"
    pen(view, QEvent.Type.TabletPress, AT, 0.25)
    pen(view, QEvent.Type.TabletMove, AT + QPointF(5, 0), 0.5)
    pen(view, QEvent.Type.TabletRelease, AT + QPointF(5, 0), 0.0)
    names, pointers = zip(*listener.heard, strict=True)
    assert names == ("press", "move", "release")
    assert [p.pressure for p in pointers] == pytest.approx([0.25**0.6, 0.5**0.6, 0.0])


def test_pressure_curves_meet_at_their_ends() -> None:
    for curve in ("soft", "linear", "hard"):
        assert (felt(0.0, curve), felt(1.0, curve), felt(7.0, curve)) == (0.0, 1.0, 1.0)
    assert felt(0.5, "soft") > felt(0.5, "linear") > felt(0.5, "hard")


def test_a_lost_window_ends_the_stroke(view: MapView, listener: Listener) -> None:
    QTest.mousePress(view, LEFT, NONE, QPoint(100, 100))
    view.hide()
    assert listener.heard[-1][0] == "release"


def test_the_pointer_is_told_in_map_px(view: MapView, wide: Workspace, qtbot: Any) -> None:
    with qtbot.waitSignal(wide.pointer_moved) as told:
        QTest.mouseMove(view, QPoint(33, 44))
    assert told.args == [view.to_map(QPointF(33, 44))]


def test_no_frame_is_blank_while_zooming(view: MapView) -> None:
    grey = shot_colour(view, outside=True)
    for notches in [-1] * 8 + [1] * 14:
        turn(view, notches)
        picture = shot(view)
        area = view.visible_rect().intersect(Rect(600, 600, 900, 600))
        centre = view.to_screen(area.x + area.width / 2, area.y + area.height / 2).toPoint()
        colour = picture[min(centre.y(), 599), min(centre.x(), 799)]
        assert (colour != grey).any()


def shot_colour(view: MapView, *, outside: bool) -> np.ndarray:
    del outside
    view.fit()
    return shot(view)[1, 1]


def test_px_are_sharp_squares_when_large(view: MapView) -> None:
    view.set_scale(8.0)
    view.centre_on(300, 300)
    settle(view)
    x, y = (round(value) for value in view.to_screen(300, 300).toTuple())
    square = shot(view)[y : y + 8, x : x + 8].reshape(-1, 3)
    assert (square == square[0]).all()


@pytest.mark.parametrize("scale", [2.3, 5.7, 17.3, 61.0])
def test_px_stay_where_they_are_while_the_map_moves(view: MapView, scale: float) -> None:
    view.set_scale(scale)
    view.centre_on(500, 400)
    settle(view)
    for _ in range(5):
        view.pan(-17, 11)
        settle(view)
        view.grab()
    moved = shot(view)
    view._backdrop.spoil()
    assert (shot(view) == moved).all()


def test_stencils_can_be_hidden(view: MapView) -> None:
    with_stencils = shot(view)
    view.show_stencils = False
    settle(view)
    assert (shot(view) != with_stencils).any()
    view.show_stencils = True
    settle(view)
    assert (shot(view) == with_stencils).all()


def test_go_to_shows_the_place(view: MapView, wide: Workspace) -> None:
    wide.go_to.emit(Rect(100, 200, 300, 200))
    shows = view.visible_rect()
    assert shows.contains(Rect(100, 200, 300, 200))
    assert shows.width < 600


def test_a_click_on_the_minimap_moves_the_view(view: MapView, qtbot: Any) -> None:
    small = Minimap(view)
    qtbot.addWidget(small)
    small.resize(230, 170)
    small.show()
    view.set_scale(2.0)
    QTest.mouseClick(small, LEFT, NONE, QPoint(115, 85))
    rect = view.visible_rect()
    assert abs(rect.x + rect.width / 2 - 1150) < 8
    assert abs(rect.y + rect.height / 2 - 850) < 8
    assert small.view_frame().contains(QPointF(115, 85))


def test_the_minimap_shows_the_map(view: MapView, qtbot: Any) -> None:
    small = Minimap(view)
    qtbot.addWidget(small)
    small.resize(230, 170)
    view.fit()
    settle(view)
    image = small.grab().toImage()
    colours = {image.pixel(x, y) for x in range(20, 200, 20) for y in range(20, 150, 20)}
    assert len(colours) > 3


def test_no_map_is_drawn_without_a_map(qtbot: Any, new_workspace: Any) -> None:
    view = MapView(new_workspace())
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()
    picture = shot(view).reshape(-1, 3)
    assert (picture == picture[0]).all()
    turn(view, 1)
    QTest.mouseClick(view, LEFT, NONE, QPoint(20, 20))
