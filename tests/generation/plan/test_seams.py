"""Seam measures: 1 where nothing shows, more where something does, anchors never counted."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from generation.plan.colour import mean_delta_e
from generation.plan.handover import hand_over_lines
from generation.plan.seams import SeamReport, measure_seams
from generation.plan.stitch import RawWindow
from tests.generation.plan.seam_cases import (
    GREEN,
    SOFT,
    STRIDE,
    WINDOW,
    extended,
    map_of,
    measure_grid,
    measure_run,
    measure_settings,
    stitched,
    texture,
)
from zones.grid import Grid, TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

OVERLAP = WINDOW - STRIDE


def report_of(
    grid: Grid, windows: tuple[RawWindow, ...], rgb: dict, reader: ArrayMap | None = None
) -> SeamReport:
    return measure_seams(
        stitched(grid, windows, rgb), reader or map_of(grid), default_palette(), floor=1.5
    )


def test_lines_lie_in_the_middle_of_the_soft_band() -> None:
    grid = measure_grid(1, 2)
    (line,) = hand_over_lines(stitched(grid, measure_run(grid), {}))
    right_of_left = grid.window(TileCoord(0, 0)).right
    assert (line.vertical, line.at, line.band_px) == (True, right_of_left - SOFT // 2, SOFT)
    assert (line.start, line.stop) == (0, grid.map_height_px)


def test_without_anchors_lines_lie_in_the_middle_of_the_overlap() -> None:
    grid = measure_grid(2, 1)
    (line,) = hand_over_lines(stitched(grid, measure_run(grid, measure_settings("overlap")), {}))
    assert (line.vertical, line.at, line.band_px) == (False, STRIDE, OVERLAP)


def test_a_seamless_texture_has_steps_of_one() -> None:
    grid = measure_grid(2, 3)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    report = report_of(grid, measure_run(grid), rgb)
    steps = [seam.step for seam in report.seams if seam.step is not None]
    assert len(steps) >= 7
    assert np.mean(steps) == pytest.approx(1.0, abs=0.1)
    assert max(abs(step - 1) for step in steps) < 0.25
    assert all(seam.delta_e is None and seam.delta_e_soft == 0 for seam in report.seams)


def test_the_share_of_high_steps_is_given_for_interior_lines_too() -> None:
    grid = measure_grid(2, 3)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    report = report_of(grid, measure_run(grid), rgb)
    assert report.summary()["over"] == 0
    assert report.summary()["interior_over"] < 0.01
    even = tuple(step for step in report.interior_steps if step <= 1.5)
    rough = replace(report, interior_steps=even + len(even) * (1.51,))
    assert rough.summary()["interior_over"] == 0.5
    assert rough.to_json()["summary"]["interior_over"] == 0.5


def test_few_interior_lines_are_called_seams() -> None:
    grid = measure_grid(3, 4)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px), seed=5))
    report = report_of(grid, measure_run(grid), rgb)
    assert report.summary()["flagged"] <= 1


@pytest.mark.parametrize("layout", ["anchored", "overlap"])
def test_an_edge_on_the_hand_over_line_is_a_step_and_flagged(layout: str) -> None:
    grid = measure_grid(1, 3)
    windows = measure_run(grid, measure_settings(layout))
    line = next(iter(hand_over_lines(stitched(grid, windows, {}))))
    picture = texture((grid.map_height_px, grid.map_width_px)).astype(int)
    picture[:, line.at :] += 14
    rgb = extended(grid, picture.clip(0, 255).astype(np.uint8))
    seams = {seam.tiles: seam for seam in report_of(grid, windows, rgb).seams}
    broken = seams.pop(line.tiles)
    assert broken.step is not None
    assert broken.step > 1.5
    assert broken.flagged
    assert [seam.flagged for seam in seams.values()] == [False]


def test_a_shift_of_colour_between_windows_is_drift_though_its_ramp_hides_the_step() -> None:
    grid = measure_grid(1, 2)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px), size=1.0))
    brighter = rgb[TileCoord(0, 1)].astype(int) + 20
    rgb[TileCoord(0, 1)] = brighter.clip(0, 255).astype(np.uint8)
    (seam,) = report_of(grid, measure_run(grid), rgb).seams
    assert seam.step == pytest.approx(1.0, abs=0.3)
    assert seam.drift is not None
    assert seam.drift > 2
    assert seam.delta_e_soft is not None
    assert seam.delta_e_soft > 4


def test_zone_borders_along_the_line_are_not_counted_as_seams() -> None:
    grid = measure_grid(1, 2)
    windows = measure_run(grid)
    (line,) = hand_over_lines(stitched(grid, windows, {}))
    shape = (grid.map_height_px, grid.map_width_px)
    picture, zones = texture(shape), np.ones(shape, np.uint8)
    picture[: 2 * STRIDE // 3, line.at :] = texture(shape, 1, (60, 110, 160))[0, 0]
    zones[: 2 * STRIDE // 3, line.at :] = 3
    (seam,) = report_of(grid, windows, extended(grid, picture), ArrayMap(zones)).seams
    assert seam.step == pytest.approx(1.0, abs=0.25)
    zones[:, line.at :] = 3
    (seam,) = report_of(grid, windows, extended(grid, picture), ArrayMap(zones)).seams
    assert seam.step is None
    assert not seam.flagged
    assert seam.zones == (1, 3)


def test_a_shore_drawn_beside_its_painted_place_is_no_seam() -> None:
    grid = measure_grid(1, 2)
    windows = measure_run(grid)
    (line,) = hand_over_lines(stitched(grid, windows, {}))
    shape = (grid.map_height_px, grid.map_width_px)
    picture, zones = texture(shape), np.ones(shape, np.uint8)
    upper = slice(0, 2 * STRIDE // 3)
    zones[upper, line.at + 5 :] = 3
    picture[upper, line.at :] = texture(shape, 1, (60, 110, 160))[upper, line.at :]
    (seam,) = report_of(grid, windows, extended(grid, picture), ArrayMap(zones)).seams
    assert seam.step == pytest.approx(1.0, abs=0.25)


def test_a_rough_zone_is_measured_against_itself() -> None:
    grid = measure_grid(1, 2)
    shape = (grid.map_height_px, grid.map_width_px)
    zones = np.ones(shape, np.uint8)
    zones[: STRIDE // 2] = 2
    picture = texture(shape, size=6.0)
    picture[: STRIDE // 2] = texture(shape, 3, (60, 90, 50), size=0.8)[: STRIDE // 2]
    (seam,) = report_of(grid, measure_run(grid), extended(grid, picture), ArrayMap(zones)).seams
    assert seam.step == pytest.approx(1.0, abs=0.15)


def test_protected_pixels_and_strokes_do_not_count() -> None:
    grid = measure_grid(1, 2)
    windows = measure_run(grid)
    (line,) = hand_over_lines(stitched(grid, windows, {}))
    shape = (grid.map_height_px, grid.map_width_px)
    picture = texture(shape).astype(int)
    picture[:90, line.at :] += 60
    rgb = extended(grid, picture.clip(0, 255).astype(np.uint8))
    protect = np.zeros(shape, np.bool_)
    protect[:40] = True
    wide = Stroke("river", np.array([[0.0, 65.0, 60.0], [384.0, 65.0, 60.0]]))
    reader = ArrayMap(np.ones(shape, np.uint8), (wide,), protect, np.zeros((*shape, 3), np.uint8))
    (seam,) = report_of(grid, windows, rgb, reader).seams
    assert seam.step == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize("closing", [None, 16])
def test_what_stands_in_an_anchor_never_enters_delta_e(closing: int | None) -> None:
    grid = measure_grid(3, 3)
    windows = measure_run(grid, measure_settings(closing=closing), order="anchors-first")
    shape = (grid.map_height_px, grid.map_width_px)
    rng = np.random.default_rng(2)
    rgb = extended(grid, texture(shape))
    for tile, window in rgb.items():
        rgb[tile] = (window.astype(int) + rng.integers(0, 9)).clip(0, 255).astype(np.uint8)
    clean = report_of(grid, windows, rgb)
    for raw in windows:
        poisoned = rgb[raw.tile].copy()
        for anchor in raw.anchors:
            core = anchor.covered.grown(-SOFT).intersect(raw.window)
            here = core.slices_in(raw.window)
            poisoned[here] = rng.integers(0, 256, poisoned[here].shape, dtype=np.uint8)
        rgb[raw.tile] = poisoned
    dirty = report_of(grid, windows, rgb)
    for before, after in zip(clean.seams, dirty.seams, strict=True):
        assert (before.delta_e, before.delta_e_soft) == (after.delta_e, after.delta_e_soft)
    values = [seam.delta_e for seam in clean.seams if seam.delta_e is not None]
    assert bool(values) == (closing is not None)


def test_carved_out_pixels_were_free_so_they_are_compared() -> None:
    grid = measure_grid(1, 2)
    first, second = measure_run(grid)
    carved = np.zeros((WINDOW, WINDOW), np.bool_)
    carved[100:120, :OVERLAP] = True
    second = replace(second, carved=carved)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    rgb[second.tile][carved] //= 2
    (seam,) = report_of(grid, (first, second), rgb).seams
    assert seam.delta_e is not None
    assert seam.delta_e > 10
    assert seam.delta_e_soft == 0


def test_independent_windows_are_compared_over_their_whole_overlap() -> None:
    grid = measure_grid(1, 2)
    left, right = grid.tiles()
    first, second = np.array(GREEN), np.array(GREEN) + 15
    rgb = {
        left: np.broadcast_to(first.astype(np.uint8), (WINDOW, WINDOW, 3)),
        right: np.broadcast_to(second.astype(np.uint8), (WINDOW, WINDOW, 3)),
    }
    windows = measure_run(grid, measure_settings("overlap"))
    (seam,) = report_of(grid, windows, rgb).seams
    assert seam.delta_e == pytest.approx(mean_delta_e(rgb[left], rgb[right]), abs=1e-4)
    assert seam.delta_e_soft is None


def test_a_wrapped_map_is_measured_across_its_rim_too() -> None:
    grid = measure_grid(1, 3, wrap_x=True)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    windows = measure_run(grid)
    seams = report_of(grid, windows, rgb).seams
    assert len([seam for seam in seams if seam.line[0] == seam.line[2]]) == 3
    assert {frozenset(seam.tiles) for seam in seams} == {
        frozenset(pair)
        for pair in [
            (TileCoord(0, 0), TileCoord(0, 1)),
            (TileCoord(0, 1), TileCoord(0, 2)),
            (TileCoord(0, 0), TileCoord(0, 2)),
        ]
    }


def test_each_pair_of_zones_has_a_limit_of_its_own() -> None:
    grid = measure_grid(2, 2)
    shape = (grid.map_height_px, grid.map_width_px)
    picture, zones = texture(shape), np.ones(shape, np.uint8)
    zones[STRIDE:] = 2
    patches = np.kron(np.random.default_rng(2).integers(0, 60, (32, 64)), np.ones((6, 6), int))[
        : shape[0] - STRIDE, : shape[1]
    ]
    picture[STRIDE:] = np.clip(picture[STRIDE:].astype(int) + patches[..., None], 0, 255)
    seams = report_of(grid, measure_run(grid), extended(grid, picture), ArrayMap(zones)).seams
    limits = {seam.zones: seam.limit for seam in seams if seam.zones[0] == seam.zones[1]}
    assert limits.keys() == {(1, 1), (2, 2)}
    assert limits[1, 1] != limits[2, 2]
    assert all(limit is not None and limit > 1 for limit in limits.values())


def test_a_map_of_one_flat_colour_divides_nothing_by_zero() -> None:
    grid = measure_grid(1, 2)
    flat = {t: np.full((WINDOW, WINDOW, 3), 90, np.uint8) for t in grid.tiles()}
    (seam,) = report_of(grid, measure_run(grid), flat).seams
    assert (seam.step, seam.flagged) == (pytest.approx(1.0), False)


def test_the_report_is_json_with_the_agreed_names() -> None:
    grid = measure_grid(1, 2)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    document = json.loads(json.dumps(report_of(grid, measure_run(grid), rgb).to_json()))
    assert {"seams", "crossings", "floor"} <= set(document)
    assert document["floor"] == 1.5
    assert {"tiles", "delta_e", "delta_e_soft", "step", "flagged"} <= set(document["seams"][0])
    assert document["seams"][0]["tiles"] == [[0, 0], [0, 1]]


def test_a_line_too_short_to_judge_is_null() -> None:
    grid = Grid(2 * STRIDE, 8, WINDOW, STRIDE)
    rgb = extended(grid, texture((WINDOW * 2, WINDOW * 2))[:300, : 2 * STRIDE])
    (seam,) = report_of(grid, measure_run(grid), rgb).seams
    assert seam.step is None
    assert seam.line[3] - seam.line[1] == 8
