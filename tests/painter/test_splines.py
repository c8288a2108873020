"""Strokes drawn through handles, edited, copied and moved with their region."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import regions, stroke_editing
from painter.document import Document
from painter.editing import ZoneInk
from painter.splines import Spline, spline
from painter.stroke_files import dump_strokes, parse_strokes
from tests.painter.builders import PALETTE, SIZE
from tests.painter.documents import small_document
from zones.canvas import draw_stencils
from zones.errors import InputError
from zones.flow import Flow, flow_directions
from zones.geometry import Rect
from zones.strokes import Stroke

PLACES = st.tuples(st.floats(0, 600), st.floats(0, 400), st.floats(1, 60))


@settings(max_examples=50, deadline=None)
@given(st.lists(PLACES, min_size=1, max_size=8))
def test_a_spline_passes_through_its_handles(handles: list[tuple[float, float, float]]) -> None:
    drawn = spline("river", handles)
    assert np.isfinite(drawn.points).all()
    assert (drawn.points[:, 2] > 0).all()
    for handle in handles:
        assert np.abs(drawn.points - handle).max(axis=1).min() <= 1 / 64


def test_neighbouring_samples_are_close_and_the_curve_is_smooth() -> None:
    drawn = spline("river", [(0, 0, 9), (100, 80, 9), (200, 0, 9), (300, 90, 9)])
    steps = np.diff(drawn.points[:, :2], axis=0)
    assert np.hypot(*steps.T).max() < 6
    turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    assert np.abs(turns).max() < 0.2


def test_a_taper_narrows_the_ends() -> None:
    drawn = spline("river", [(0, 0, 20), (400, 0, 20)], taper_px=(100, 50))
    widths = np.interp([0, 50, 100, 200, 375, 400], drawn.points[:, 0], drawn.points[:, 2])
    assert widths.tolist() == pytest.approx([1, 10, 20, 20, 10, 1], abs=0.1)


@pytest.mark.parametrize(
    ("handles", "taper"),
    [([], (0, 0)), ([(math.nan, 0, 1)], (0, 0)), ([(0, 0, 1)], (-1, 0)), ([(1, 2)], (0, 0))],
)
def test_a_spline_of_bad_numbers_is_refused(handles: list[object], taper: tuple[int, int]) -> None:
    with pytest.raises(InputError):
        spline("river", handles, taper_px=taper)  # type: ignore[arg-type]


@given(st.lists(PLACES, min_size=1, max_size=5), st.none() | st.floats(-360, 360))
def test_splines_with_taper_and_flow_survive_a_round_trip(
    handles: list[tuple[float, float, float]], angle: float | None
) -> None:
    flow = None if angle is None else Flow(angle, 0.25)
    drawn = spline("road", handles, taper_px=(3.5, 0), mu=0.5, flow=flow)
    (read,) = parse_strokes(dump_strokes([drawn]), "it", PALETTE, SIZE)
    assert isinstance(read, Spline)
    assert (read.kind, read.mu, read.flow, read.taper_px) == ("road", 0.5, flow, (3.5, 0))
    assert np.array_equal(read.handles, drawn.handles)
    assert np.array_equal(read.points, drawn.points)


def test_an_edited_stroke_keeps_taper_mu_and_flow() -> None:
    strokes = (spline("river", [(0, 0, 9), (90, 9, 9)], taper_px=(5, 5), mu=0.4, flow=Flow(180)),)
    strokes = stroke_editing.with_new_handle(strokes, 0, 2, (200, 50, 12))
    strokes = stroke_editing.moved(strokes, 0, 10, 20)
    (edited,) = strokes
    assert isinstance(edited, Spline)
    assert edited.handles.tolist() == [[10, 20, 9], [100, 29, 9], [210, 70, 12]]
    assert (edited.taper_px, edited.mu, edited.flow) == ((5, 5), 0.4, Flow(180))


def test_a_stroke_is_found_by_place_and_the_topmost_wins() -> None:
    low, high = Stroke("river", np.array([[0, 0, 10], [100, 0, 10.0]])), None
    high = Stroke("road", np.array([[50, -50, 10], [50, 50, 10.0]]))
    strokes = (low, high)
    assert stroke_editing.nearest(strokes, 5, 4) == (0, 0)
    assert stroke_editing.nearest(strokes, 97, 4) == (0, 1)
    assert stroke_editing.nearest(strokes, 50, 2) == (1, 1)
    assert stroke_editing.nearest(strokes, 20, 9) is None
    assert stroke_editing.nearest(strokes, 20, 9, reach_px=5) == (0, 0)


def test_a_wrong_number_is_one_clear_line() -> None:
    with pytest.raises(InputError, match="no stroke 3"):
        stroke_editing.removed((), 3)
    with pytest.raises(InputError, match="no point 2"):
        stroke_editing.without_handle((spline("river", [(0, 0, 1)]),), 0, 2)


def test_look_changes_turn_a_plain_stroke_into_a_spline_only_for_a_taper() -> None:
    plain = (Stroke("river", np.array([[0, 0, 9], [100, 0, 9.0]])),)
    (flowing,) = stroke_editing.with_look(plain, 0, flow=Flow(0))
    assert not isinstance(flowing, Spline)
    assert flowing.flow == Flow(0)
    (tapered,) = stroke_editing.with_look(plain, 0, kind="path", taper_px=(20, 0))
    assert isinstance(tapered, Spline)
    assert tapered.points[0, 2] < 1


def test_flow_directions_follow_the_line_and_turn_by_the_angle() -> None:
    points = np.array([[0, 0, 1], [10, 0, 1], [20, 0, 1.0]])
    assert flow_directions(points, Flow(0)) == pytest.approx(np.array([[1, 0]] * 3), abs=1e-9)
    assert flow_directions(points, Flow(90)) == pytest.approx(np.array([[0, 1]] * 3), abs=1e-9)
    assert not flow_directions(points[:1], Flow(0)).any()


def test_a_flow_stencil_fades_from_the_centre_line_to_the_banks() -> None:
    canvas = np.full((60, 100, 3), 200, np.uint8)
    rect = Rect(0, 0, 100, 60)
    line = np.array([[-20, 30, 40], [120, 30, 40.0]])
    drawn = [
        draw_stencils(canvas, [Stroke("river", line, None, flow)], rect, PALETTE, 1.0)
        for flow in (Flow(0, 1.0), Flow(0, 0.5), Flow(0, 0.0), None)
    ]
    strong, half, even, none = ([int(v) for v in picture[:, 50, 0]] for picture in drawn)
    assert even == none
    assert strong[30] == half[30] == even[30] == PALETTE.stencil("river").rgb[0]
    assert strong[30] < strong[36] < strong[42] < strong[48] <= 200
    assert strong[46] > half[46] > even[46]
    assert strong[5] == strong[55] == 200


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def test_a_pasted_region_brings_zones_and_the_parts_of_strokes_inside(document: Document) -> None:
    with document.edit("Draw") as edit:
        edit.paint_rectangle(ZoneInk(5), Rect(100, 100, 50, 40))
        handles = [(90.0, 120.0, 6.0), (110, 120, 7), (130, 125, 8), (170, 130, 9)]
        edit.strokes = (spline("river", handles),)
    region = document.copy_region(Rect(100, 100, 50, 40))
    with document.edit("Paste") as edit:
        regions.paste(edit, region, 400, 300)
    assert (document.read_zones(Rect(400, 300, 50, 40)) == 5).all()
    pasted = document.strokes[1]
    assert isinstance(pasted, Spline)
    assert pasted.handles.tolist() == [[410, 320, 7], [430, 325, 8]]
    assert document.undo() == "Paste"
    assert len(document.strokes) == 1


def test_a_moved_region_drags_the_points_inside_and_leaves_bare_ground(document: Document) -> None:
    with document.edit("Draw") as edit:
        edit.paint_rectangle(ZoneInk(5), Rect(100, 100, 50, 40))
        edit.strokes = (Stroke("river", np.array([[90, 120, 6], [120, 120, 7.0]])),)
    with document.edit("Move") as edit:
        regions.move(edit, Rect(100, 100, 50, 40), 20, 10)
    shown = document.read_zones(Rect(100, 100, 70, 50))
    assert (shown[10:, 20:] == 5).all()
    assert not shown[:10, :50].any()
    assert not shown[:40, :20].any()
    (stroke,) = document.strokes
    assert stroke.points.tolist() == [[90, 120, 6], [140, 130, 7]]


def test_a_region_at_the_rim_is_cut_and_one_beyond_is_refused(document: Document) -> None:
    region = document.copy_region(Rect(-50, -50, 100, 100))
    assert region.zones.shape == (50, 50)
    with document.edit("Paste") as edit:
        assert regions.paste(edit, region, SIZE[0] - 10, -45) == Rect(SIZE[0] - 10, 0, 10, 5)
    with pytest.raises(InputError, match="beyond the map"):
        document.copy_region(Rect(5000, 0, 10, 10))


def test_a_masked_region_leaves_the_rest_alone(document: Document) -> None:
    before = document.read_zones(Rect(300, 300, 40, 40))
    mask = np.tri(40, dtype=np.bool_)
    region = document.copy_region(Rect(0, 0, 40, 40), mask)
    with document.edit("Paste") as edit:
        regions.paste(edit, region, 300, 300)
    after = document.read_zones(Rect(300, 300, 40, 40))
    assert np.array_equal(after[~mask], before[~mask])
    assert np.array_equal(after[mask], region.zones[mask])
