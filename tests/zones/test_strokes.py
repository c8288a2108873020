"""Strokes are drawn as wide as they are, without holes, and alike in every window."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zones.geometry import Rect
from zones.strokes import Stroke, points_near, prepare, shapes_in, stroke_coverage

AREA = Rect(-16, -16, 96, 96)


def wander(seed: int, points: int, step: float, width: float) -> Stroke:
    """A random walk of changing width around the middle of the area."""
    rng = np.random.default_rng(seed)
    places = np.cumsum(rng.normal(0, step, (points, 2)), axis=0) + 32
    return Stroke("river", np.column_stack([places, width * np.linspace(0.7, 1.3, points)]))


strokes = st.builds(
    wander, st.integers(0, 10**6), st.integers(1, 25), st.floats(1, 30), st.floats(2, 40)
)


def exact_coverage(stroke: Stroke, rect: Rect, scale: int = 4) -> npt.NDArray[np.float64]:
    """Coverage by sampling each pixel: near enough to a point or to a stretch of the line."""
    y, x = (np.mgrid[: rect.height * scale, : rect.width * scale] + 0.5) / scale
    x, y = x + rect.x, y + rect.y
    inside = np.zeros(x.shape, np.bool_)
    points = stroke.points if len(stroke.points) > 1 else stroke.points[[0, 0]]
    for (x0, y0, w0), (x1, y1, w1) in itertools.pairwise(points):
        length2 = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-12)
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length2, 0, 1)
        away = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))
        inside |= away <= (w0 + (w1 - w0) * along) / 2
        inside |= np.hypot(x - x0, y - y0) <= w0 / 2
        inside |= np.hypot(x - x1, y - y1) <= w1 / 2
    return inside.reshape(rect.height, scale, rect.width, scale).mean(axis=(1, 3))


@pytest.mark.parametrize("width", [2, 3, 6, 12, 31])
@pytest.mark.parametrize("angle", [0, 0.3, 0.785, 1.2, 1.571])
def test_a_line_covers_its_width(width: float, angle: float) -> None:
    reach = 200 * np.array([np.cos(angle), np.sin(angle)])
    stroke = Stroke("road", [(*(32.3 - reach), width), (*(31.9 + reach), width)])
    exact = exact_coverage(stroke, AREA).sum()
    length = exact / width
    assert abs(stroke_coverage(stroke, AREA).sum() - exact) / length < 0.6


@given(strokes)
def test_coverage_is_that_of_the_swept_discs(stroke: Stroke) -> None:
    drawn, exact = stroke_coverage(stroke, AREA), exact_coverage(stroke, AREA)
    edge = (exact > 0) & (exact < 1)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    inner = _eroded(exact == 1)
    assert (drawn[inner] < 0.5).sum() <= 2 + 0.002 * inner.sum()
    assert (drawn[inner] < 0.9).sum() <= 6 + 0.01 * inner.sum()
    assert ((drawn >= 0.5) != (exact >= 0.5)).sum() <= 10 + 0.35 * edge.sum()


def _eroded(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    padded = np.pad(mask, 1)
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


@given(strokes, st.integers(-20, 20), st.integers(-20, 20))
def test_two_windows_draw_a_stroke_alike_where_they_overlap(stroke: Stroke, x: int, y: int) -> None:
    part = Rect(x, y, 64, 64)
    rim = 8
    whole = stroke_coverage(stroke, AREA)[part.grown(-rim).slices_in(AREA)]
    alone = stroke_coverage(stroke, part)[rim:-rim, rim:-rim]
    # OpenCV rounds the soft rim of a polygon that is cut by the picture's edge a little otherwise
    assert np.abs(whole - alone).max() < 0.05


@given(strokes, st.integers(-50, 50), st.integers(-50, 50))
def test_a_moved_stroke_is_drawn_alike(stroke: Stroke, dx: int, dy: int) -> None:
    moved = Stroke(stroke.kind, stroke.points + np.array([dx, dy, 0]))
    drawn = stroke_coverage(moved, AREA.shifted(dx, dy))
    assert np.abs(drawn - stroke_coverage(stroke, AREA)).max() < 0.15


def test_a_spiral_tighter_than_its_width_has_no_holes() -> None:
    turn = np.linspace(0, 12, 80)
    spiral = Stroke(
        "river",
        np.column_stack([32 + turn * np.cos(turn), 32 + turn * np.sin(turn), np.full(80, 14.0)]),
    )
    inner = _eroded(exact_coverage(spiral, AREA) == 1)
    assert stroke_coverage(spiral, AREA)[inner].min() > 0.95


def test_a_single_point_is_a_disc_and_repeated_points_change_nothing() -> None:
    disc = stroke_coverage(Stroke("river", [(32, 32, 20)]), AREA)
    assert disc.sum() == pytest.approx(np.pi * 100, rel=0.06)
    once = Stroke("river", [(0, 0, 6), (50, 20, 9)])
    again = Stroke("river", [(0, 0, 6), (0, 0, 6), (50, 20, 9), (50, 20, 9)])
    assert (stroke_coverage(once, AREA) == stroke_coverage(again, AREA)).all()


@given(st.lists(strokes, min_size=1, max_size=5))
def test_outlines_worked_out_together_equal_those_worked_out_alone(found: list[Stroke]) -> None:
    together = [Stroke(stroke.kind, stroke.points) for stroke in found]
    prepare(together)
    for alone, joined in zip(found, together, strict=True):
        assert (alone.outline.corners == joined.outline.corners).all()
        assert (alone.outline.offsets == joined.outline.offsets).all()
        assert (alone.outline.boxes == joined.outline.boxes).all()
        assert (alone.outline.discs == joined.outline.discs).all()


@given(strokes, st.integers(-40, 60), st.integers(-40, 60))
def test_what_is_not_near_does_not_show(stroke: Stroke, x: int, y: int) -> None:
    rect = Rect(x, y, 24, 24)
    near = points_near([stroke], rect)[0]
    coverage = stroke_coverage(stroke, rect)
    if not len(near):
        assert not coverage.any()
    else:
        runs = np.split(near, _breaks(near, stroke))
        alone = np.max([stroke_coverage(Stroke("river", run), rect) for run in runs], axis=0)
        assert np.abs(alone - coverage).max() < 0.5


def _breaks(near: npt.NDArray[np.float64], stroke: Stroke) -> npt.NDArray[np.int_]:
    """Where points that are near do not follow each other in the stroke."""
    places = {tuple(point): number for number, point in enumerate(stroke.points)}
    numbers = np.array([places[tuple(point)] for point in near])
    return np.flatnonzero(np.diff(numbers) != 1) + 1


def test_only_the_points_around_the_window_are_near() -> None:
    places = np.column_stack([np.arange(0, 1000, 10), np.full(100, 5), np.full(100, 4)])
    near = points_near([Stroke("path", places)], Rect(300, 0, 20, 20))[0]
    assert near[:, 0].min() >= 270
    assert near[:, 0].max() <= 350
    assert not len(points_near([Stroke("path", places)], Rect(300, 9, 20, 20))[0])


def test_a_far_stroke_draws_nothing() -> None:
    shapes = shapes_in(Stroke("river", [(500, 500, 9), (900, 500, 9)]), AREA)
    assert (shapes.polygons, shapes.discs) == ((), ())


def test_points_are_copied_and_read_only() -> None:
    given_points = np.array([[1.0, 2.0, 3.0]])
    stroke = Stroke("river", given_points)
    given_points[:] = 0
    assert stroke.points.tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="read-only"):
        stroke.points[0, 0] = 5
