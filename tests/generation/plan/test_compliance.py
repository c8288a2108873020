"""Stroke crossings: each way a painted river can fail lowers its own score."""

from __future__ import annotations

import numpy as np
import pytest

from generation.plan.compliance import Crossing, measure_crossings
from generation.plan.handover import hand_over_lines
from tests.generation.plan.seam_cases import (
    BLUE,
    extended,
    map_of,
    measure_grid,
    measure_run,
    stitched,
    texture,
    with_stroke,
)
from zones.grid import Grid
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

GRID = measure_grid(1, 2)
SHAPE = (GRID.map_height_px, GRID.map_width_px)
LINE = next(iter(hand_over_lines(stitched(GRID, measure_run(GRID), {}))))
AT = float(LINE.at)


def river(width: float = 20.0, y: float = 96.0, slope: float = 0.0, kind: str = "river") -> Stroke:
    x = np.linspace(0, SHAPE[1], 25)
    return Stroke(kind, np.stack([x, y + slope * (x - AT), np.full_like(x, width)], axis=1))


def crossings(
    picture: np.ndarray, *strokes: Stroke, reader: ArrayMap | None = None, grid: Grid = GRID
) -> tuple[Crossing, ...]:
    stitch = stitched(grid, measure_run(grid), extended(grid, picture))
    lines = list(hand_over_lines(stitch))
    return measure_crossings(stitch, reader or map_of(grid, strokes), default_palette(), lines)


def halves(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """One picture left of the hand-over line, another right of it."""
    picture = before.copy()
    picture[:, LINE.at :] = after[:, LINE.at :]
    return picture


GROUND = texture(SHAPE)
WHOLE = with_stroke(GROUND, river())


@pytest.mark.parametrize("width", [6.0, 12.0, 30.0])
@pytest.mark.parametrize("slope", [0.0, 0.7])
def test_a_river_painted_where_it_should_be_complies(width: float, slope: float) -> None:
    stroke = river(width, slope=slope)
    (found,) = crossings(with_stroke(GROUND, stroke), stroke)
    assert found.compliance > 0.9
    assert found.at == pytest.approx((AT, 96.0), abs=1.0)
    assert found.width_px == pytest.approx(width)


def test_a_river_that_was_never_painted_is_not_present() -> None:
    (found,) = crossings(GROUND, river())
    assert found.present < 0.3


def test_a_river_that_ends_at_the_line_is_not_present() -> None:
    (found,) = crossings(halves(WHOLE, GROUND), river())
    assert found.present < 0.3
    assert found.compliance < 0.3


def test_a_gap_breaks_continuity_only() -> None:
    picture = WHOLE.copy()
    gap = slice(LINE.at - 9, LINE.at + 9)
    picture[:, gap] = GROUND[:, gap]
    (found,) = crossings(picture, river())
    assert found.continuous < 0.6
    assert found.same_width > 0.8


def test_a_river_that_jumps_aside_at_the_line_is_out_of_place() -> None:
    (found,) = crossings(halves(WHOLE, with_stroke(GROUND, river(y=105.0))), river())
    assert found.in_place < 0.3
    (slightly,) = crossings(halves(WHOLE, with_stroke(GROUND, river(y=98.0))), river())
    assert slightly.in_place > 0.8


def test_a_river_that_narrows_at_the_line_has_not_one_width() -> None:
    (found,) = crossings(halves(WHOLE, with_stroke(GROUND, river(width=9.0))), river())
    assert found.same_width < 0.4
    assert found.in_place > 0.8


def test_how_the_model_paints_a_river_does_not_matter() -> None:
    brown = with_stroke(GROUND, river(), colour=(140, 100, 60))
    (found,) = crossings(brown, river())
    assert found.compliance > 0.9


def test_different_ground_on_the_two_banks_does_not_matter() -> None:
    ground = GROUND.copy()
    ground[96:] = texture(SHAPE, 4, (210, 190, 130))[96:]
    (found,) = crossings(with_stroke(ground, river()), river())
    assert found.compliance > 0.85


def test_crossings_that_cannot_be_judged_are_left_out() -> None:
    along = Stroke("river", np.array([[AT - 1, 0.0, 12.0], [AT + 1, 190.0, 12.0]]))
    ends = Stroke("river", np.array([[0.0, 50.0, 12.0], [AT + 5, 50.0, 12.0]]))
    thin = river(width=2.0)
    assert crossings(GROUND, along, ends, thin) == ()
    at_the_rim = river(y=3.0)
    assert crossings(with_stroke(GROUND, at_the_rim), at_the_rim) == ()


def test_a_river_through_water_cannot_be_told_apart() -> None:
    reader = ArrayMap(np.full(SHAPE, 3, np.uint8), (river(),))
    water = texture(SHAPE, colour=BLUE)
    assert crossings(with_stroke(water, river()), reader=reader) == ()


def test_protected_crossings_are_not_judged() -> None:
    protect = np.zeros(SHAPE, np.bool_)
    protect[90:100, LINE.at - 3 : LINE.at + 3] = True
    reader = ArrayMap(np.ones(SHAPE, np.uint8), (river(),), protect, WHOLE)
    assert crossings(WHOLE, reader=reader) == ()


def test_two_strokes_side_by_side_are_each_judged() -> None:
    strokes = (river(14.0, y=70.0), river(14.0, y=92.0, kind="path"))
    picture = with_stroke(with_stroke(GROUND, strokes[0]), strokes[1], (200, 160, 100))
    found = crossings(picture, *strokes)
    assert [crossing.kind for crossing in found] == ["river", "path"]
    assert min(crossing.compliance for crossing in found) > 0.8


def bridge(width: float, slope: float = 0.0) -> Stroke:
    """A path that runs along the hand-over line, or aslant over it, where the river crosses it."""
    y = np.linspace(0, SHAPE[0], 25)
    return Stroke("path", np.stack([AT + slope * (y - 96), y, np.full_like(y, width)], axis=1))


def under(ground: np.ndarray, stroke: Stroke, over: Stroke) -> np.ndarray:
    """The ground with a stroke and another one over it."""
    return with_stroke(with_stroke(ground, stroke), over, (200, 160, 100))


@pytest.mark.parametrize("slope", [0.0, 1.0])
@pytest.mark.parametrize(("width", "over"), [(20.0, 12.0), (20.0, 20.0), (12.0, 6.0), (30.0, 20.0)])
def test_a_river_that_passes_under_a_bridge_is_continuous(
    width: float, over: float, slope: float
) -> None:
    strokes = (river(width), bridge(over, slope))
    found = crossings(under(GROUND, *strokes), *strokes)
    assert "river" in {crossing.kind for crossing in found}
    assert min(crossing.compliance for crossing in found) > 0.9
    assert all(crossing.is_continuous for crossing in found)


def test_a_bridge_hides_no_fault_beside_it() -> None:
    strokes = (river(), bridge(12.0))
    aside = under(GROUND, river(y=105.0), strokes[1])
    (found,) = crossings(halves(under(GROUND, *strokes), aside), *strokes)
    assert found.in_place < 0.3
    (found,) = crossings(
        halves(under(GROUND, *strokes), with_stroke(GROUND, strokes[1], (200, 160, 100))), *strokes
    )
    assert found.present < 0.3
    assert not found.is_continuous


def test_a_river_hidden_under_a_wide_bridge_is_not_judged() -> None:
    strokes = (river(12.0), bridge(60.0))
    assert crossings(under(GROUND, *strokes), *strokes) == ()


def test_a_gap_in_a_path_over_a_river_is_no_bridge() -> None:
    path, below = river(kind="path"), Stroke("river", bridge(12.0).points)
    picture = with_stroke(GROUND, path, (200, 160, 100))
    gap = slice(LINE.at - 6, LINE.at + 6)
    picture[:, gap] = GROUND[:, gap]
    (found,) = crossings(picture, below, path)
    assert found.continuous < 0.6
    (found,) = crossings(picture, path, below)
    assert found.compliance > 0.9


def test_a_bend_through_the_line_and_back_crosses_twice() -> None:
    bend = np.array([[AT - 90, 40, 14], [AT + 60, 60, 14], [AT + 60, 130, 14], [AT - 90, 150, 14]])
    stroke = Stroke("river", bend.astype(float))
    found = crossings(with_stroke(GROUND, stroke), stroke)
    assert len(found) == 2
    assert min(crossing.compliance for crossing in found) > 0.8
