"""Strokes are followed on rendered truth: found where they are, missed where they are not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from generation.plan.routing import Fault, Routing, measure_routing
from generation.plan.seams import SeamReport, measure_seams
from generation.worlds.layout import Layout
from generation.worlds.painting import paint_world
from painter.presets import load_preset
from tests.generation.plan.seam_cases import (
    extended,
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

GRID = measure_grid(2, 3)
WIDTH, HEIGHT = GRID.map_width_px, GRID.map_height_px
CORNERS = {
    "river-delta": (350, 350),
    "mountain-pass": (300, 300),
    "archipelago": (420, 330),
    "real-place": (160, 380),
}
"""Where a crop of each sample has strokes of several kinds."""


@cache
def sample(name: str) -> ArrayMap:
    x, y = CORNERS[name]
    whole = load_preset(name, default_palette())
    zones = np.maximum(whole.zones[y : y + HEIGHT, x : x + WIDTH], 1)
    corner = np.array([x, y, 0.0])
    strokes = tuple(Stroke(each.kind, each.points - corner) for each in whole.strokes)
    kept = tuple(each for each in strokes if each.touches(GRID.map_rect))
    return ArrayMap(np.ascontiguousarray(zones), kept)


def routing(picture: np.ndarray, reader: ArrayMap, grid: Grid = GRID) -> tuple[Routing, ...]:
    stitch = stitched(grid, measure_run(grid), extended(grid, picture))
    return measure_routing(stitch, reader, default_palette())


def plain_map(*strokes: Stroke) -> ArrayMap:
    return ArrayMap(np.ones((HEIGHT, WIDTH), np.uint8), strokes)


def river(y: float = 150.0, begin: float = -20.0, end: float = WIDTH + 20.0) -> Stroke:
    x = np.linspace(begin, end, 60)
    return Stroke("river", np.stack([x, y + 25 * np.sin(x / 70), np.full_like(x, 22.0)], axis=1))


def truth(*strokes: Stroke, seed: int = 1) -> np.ndarray:
    """Rendered grass with these strokes."""
    return paint_world(Layout(np.ones((HEIGHT, WIDTH), np.uint8), strokes), "summer", seed)


def height_at(stroke: Stroke, x: float) -> float:
    return float(np.interp(x, stroke.points[:, 0], stroke.points[:, 1]))


def kinds(faults: tuple[Fault, ...]) -> set[str]:
    return {fault.kind for fault in faults}


@pytest.mark.parametrize("look", ["summer", "ink"])
@pytest.mark.parametrize("name", sorted(CORNERS))
def test_the_truth_of_a_sample_has_no_fault(name: str, look: str) -> None:
    reader = sample(name)
    picture = paint_world(Layout(reader.zones, reader.strokes), look, 3)
    found = routing(picture, reader)
    assert len({stroke.kind for stroke in found}) >= 2
    assert all(stroke.faults == () for stroke in found)
    lengths = np.array([stroke.length_px for stroke in found])
    assert np.average([stroke.found for stroke in found], weights=lengths) > 0.99
    assert np.average([stroke.distance_px for stroke in found], weights=lengths) < 1.5
    assert np.average([stroke.iou for stroke in found], weights=lengths) > 0.8


def test_a_river_moved_aside_is_displaced_all_along() -> None:
    (found,) = routing(truth(river(160.0)), plain_map(river(150.0)))
    assert kinds(found.faults) == {"displaced"}
    assert sum(fault.length_px for fault in found.faults) > 0.7 * found.length_px
    assert found.distance_px == pytest.approx(9.5, abs=1.5)
    assert found.iou < 0.55
    assert found.found > 0.98


def test_a_gap_is_broken_at_its_place_and_nowhere_else() -> None:
    whole = river()
    painted = truth(river(end=250.0), river(begin=310.0))
    (found,) = routing(painted, plain_map(whole))
    (fault,) = found.faults
    assert fault.kind == "broken"
    assert fault.at == pytest.approx((280.0, height_at(whole, 280.0)), abs=12.0)
    assert 25.0 < fault.length_px < 62.0
    assert fault.tile == GRID.tile_at(280, 150)


def test_a_fault_names_the_tile_that_shows_and_the_one_whose_core_it_is() -> None:
    painted = truth(river(end=170.0), river(begin=222.0))
    (found,) = routing(painted, plain_map(river()))
    (fault,) = found.faults
    core = GRID.tile_at(round(fault.at[0]), round(fault.at[1]))
    assert {fault.tile, *fault.others} >= {core}
    assert fault.tile not in fault.others


def test_a_river_that_ends_too_soon_is_missing_from_there() -> None:
    (found,) = routing(truth(river(end=400.0)), plain_map(river()))
    assert kinds(found.faults) == {"missing"}
    assert min(fault.at[0] for fault in found.faults) > 410.0
    assert found.found == pytest.approx(0.7, abs=0.06)


def test_a_river_that_is_not_there_is_missing_from_end_to_end() -> None:
    (found,) = routing(truth(), plain_map(river()))
    assert found.found < 0.05
    assert kinds(found.faults) == {"missing"}
    assert sum(fault.length_px for fault in found.faults) > 0.9 * found.length_px
    assert {fault.tile.col for fault in found.faults} == {0, 1, 2}
    assert found.distance_px == pytest.approx(3.5 * 11, rel=0.1)


def test_a_lost_river_is_told_on_finished_tiles_alone() -> None:
    reader, rgb = plain_map(river()), extended(GRID, truth())
    there = tuple(raw for raw in measure_run(GRID) if raw.tile.col != 1)
    (found,) = measure_routing(stitched(GRID, there, rgb), reader, default_palette())
    assert {fault.tile.col for fault in found.faults} == {0, 2}
    assert sum(fault.length_px for fault in found.faults) <= found.length_px + 1


def test_one_lost_river_is_told_by_the_look_of_the_other() -> None:
    there, lost = river(60.0), river(260.0)
    first, second = routing(truth(there), plain_map(there, lost))
    assert first.faults == ()
    assert kinds(second.faults) == {"missing"}
    assert (first.stroke, second.stroke) == (0, 1)


def test_a_brown_river_is_found_too() -> None:
    ground = texture((HEIGHT, WIDTH))
    brown = with_stroke(ground, river(), colour=(140, 100, 60))
    (found,) = routing(brown, plain_map(river()))
    assert found.faults == ()
    assert found.distance_px < 1.5


def test_what_cannot_be_judged_is_left_out() -> None:
    lake = ArrayMap(np.full((HEIGHT, WIDTH), 3, np.uint8), (river(),))
    assert routing(truth(river()), lake) == ()
    thin = Stroke("river", river().points * np.array([1, 1, 0.1]))
    away = Stroke("river", river().points + np.array([0, 2 * HEIGHT, 0]))
    assert routing(truth(), plain_map(thin, away)) == ()
    protect = np.ones((HEIGHT, WIDTH), np.bool_)
    art = truth()
    assert routing(art, ArrayMap(np.ones_like(lake.zones), (river(),), protect, art)) == ()


def test_a_river_across_a_wrapped_rim_is_followed_to_the_other_side() -> None:
    grid = measure_grid(2, 3, wrap_x=True)
    over = river(begin=300.0, end=WIDTH + 200.0)
    picture = truth(over, Stroke("river", over.points - np.array([WIDTH, 0.0, 0.0])))
    cut = picture.copy()
    cut[:, 60:120] = truth()[:, 60:120]
    padded = np.pad(cut, ((256, 256), (256, 256), (0, 0)), mode="wrap")
    windows = {}
    for tile in grid.tiles():
        at = grid.window(tile)
        windows[tile] = padded[at.y + 256 : at.bottom + 256, at.x + 256 : at.right + 256]
    stitch = stitched(grid, measure_run(grid), windows)
    (found,) = measure_routing(stitch, plain_map(over), default_palette())
    (fault,) = found.faults
    assert fault.kind == "broken"
    assert fault.at[0] == pytest.approx(90.0, abs=12.0)


def report(picture: np.ndarray, reader: ArrayMap) -> SeamReport:
    stitch = stitched(GRID, measure_run(GRID), extended(GRID, picture))
    return measure_seams(stitch, reader, default_palette())


def test_the_summary_tells_continuity_and_routing() -> None:
    whole, lost = report(truth(river()), plain_map(river())), report(truth(), plain_map(river()))
    assert whole.summary()["continuous"] == 1.0
    assert lost.summary()["continuous"] == 0.0
    assert whole.summary()["routing_px"] == pytest.approx(whole.routing[0].distance_px, abs=1e-4)
    assert whole.summary()["faults"] == 0
    assert lost.summary()["faults"] == len(lost.faults) > 0
    assert lost.faults[0][1].length_px == max(fault.length_px for _, fault in lost.faults)


def test_a_crossing_with_a_gap_aside_or_of_two_widths_is_not_continuous() -> None:
    whole = report(truth(river()), plain_map(river()))
    assert len(whole.crossings) == 2
    assert all(crossing.width_ratio > 0.8 for crossing in whole.crossings)
    at = round(whole.crossings[0].at[0])
    gap = truth(river(end=at - 14.0), river(begin=at + 14.0))
    narrow = river()
    thinner = Stroke("river", narrow.points * np.where(narrow.points[:, :1] > at, [1, 1, 0.6], 1))
    for picture in (gap, truth(river(164.0)), truth(thinner)):
        first = report(picture, plain_map(river())).crossings[0]
        assert not first.is_continuous
