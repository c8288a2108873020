"""Where the view looks."""

from __future__ import annotations

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from app.canvas.camera import KEEP_PX, MAX_SCALE, Camera
from zones.geometry import Rect

SIDES = st.integers(1, 131_072)
RATIOS = st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0])


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    camera = Camera((draw(SIDES), draw(SIDES)))
    camera.resize(draw(st.integers(80, 4000)), draw(st.integers(80, 3000)), draw(RATIOS))
    camera.zoom(math.exp(draw(st.floats(-9, 4.5))), 40, 40)
    camera.place(
        draw(st.floats(0, 1)) * camera.map_size[0], draw(st.floats(0, 1)) * camera.map_size[1]
    )
    return camera


@given(cameras(), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_a_point_comes_back_from_the_map(camera: Camera, x: float, y: float) -> None:
    there = camera.to_screen(*camera.to_map(x, y))
    assert math.isclose(there[0], x, abs_tol=1e-3)
    assert math.isclose(there[1], y, abs_tol=1e-3)


@given(cameras(), st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 100))
def test_zoom_keeps_the_place_under_the_cursor(
    camera: Camera, across: float, down: float, factor: float
) -> None:
    x = KEEP_PX + across * (camera.view_size[0] - 2 * KEEP_PX)
    y = KEEP_PX + down * (camera.view_size[1] - 2 * KEEP_PX)
    place = camera.to_map(x, y)
    assume(0 <= place[0] <= camera.map_size[0] and 0 <= place[1] <= camera.map_size[1])
    camera.zoom(camera.scale * factor, x, y)
    now = camera.to_screen(*place)
    assert abs(now[0] - x) <= 0.51 / camera.ratio
    assert abs(now[1] - y) <= 0.51 / camera.ratio


@given(cameras(), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_map_never_leaves_the_view(camera: Camera, dx: float, dy: float) -> None:
    camera.pan(dx, dy)
    for start, map_px, view_px in zip(
        (camera.x, camera.y), camera.map_size, camera.view_size, strict=True
    ):
        left, right = -start * camera.scale, (map_px - start) * camera.scale
        shown = min(right, view_px) - max(left, 0)
        assert shown >= min(KEEP_PX, map_px * camera.scale) - 1


@given(cameras(), st.floats(-3000, 3000))
def test_the_origin_lies_on_a_device_px(camera: Camera, dx: float) -> None:
    camera.pan(dx, dx / 3)
    device = camera.x * camera.device_scale
    assert abs(device - round(device)) < 1e-3
    assert camera.device_origin[0] == round(device)


@given(cameras())
def test_the_level_has_px_of_about_a_device_px(camera: Camera) -> None:
    level = camera.level(30)
    enlarged = camera.device_scale * 2**level
    assert level == 0 or 0.59 < enlarged < 1.2


@given(cameras())
def test_fit_shows_the_whole_map(camera: Camera) -> None:
    camera.show(Rect(0, 0, *camera.map_size))
    assume(camera.scale < MAX_SCALE)
    assert camera.visible() == Rect(0, 0, *camera.map_size)


@given(cameras(), st.integers(80, 4000), st.integers(80, 3000))
def test_a_new_size_keeps_the_middle(camera: Camera, width: int, height: int) -> None:
    camera.zoom(1.0, 0, 0)
    camera.centre(camera.map_size[0] / 2, camera.map_size[1] / 2)
    camera.resize(width, height, camera.ratio)
    middle = camera.to_map(width / 2, height / 2)
    assert abs(middle[0] - camera.map_size[0] / 2) <= 1.1
    assert abs(middle[1] - camera.map_size[1] / 2) <= 1.1
