"""The seed table: maps are painted once, figures are what they say, reports are repeatable."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.lab.seed_table.held import measure_held
from app.lab.seed_table.looks import measure_blends, measure_colours, measure_detail, places_of
from app.lab.seed_table.maps import Case, painted_map
from app.lab.seed_table.measures import measure_map
from app.lab.seed_table.meetings import measure_meetings
from app.lab.seed_table.worlds import WORLDS, load_worlds, seed_world, truth_of
from generation.plan.seams import measure_seams
from generation.plan.stitch import RawWindow, Stitch
from generation.run.records import TileRecord
from tests.app.lab.seed_table_cases import (
    FOREST,
    PROFILE,
    SIDE_PX,
    WIDE,
    WINDOWS,
    WORLD,
    engine,
    painted,
    row,
    table,
)
from zones.errors import InputError, WorkError
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap

KEPT = "stencil-only", "anchored 0.35 carved"


def timeless(values: Any) -> Any:
    """A document without the figures that no two runs share."""
    if isinstance(values, dict):
        return {k: timeless(v) for k, v in values.items() if not k.endswith("seconds")}
    return [timeless(v) for v in values] if isinstance(values, list) else values


def test_a_second_run_paints_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, second = engine(), engine()
    pages = [table(tmp_path, *KEPT, engine=each).run().read_text() for each in (first, second)]
    assert len(first.requests) == 2 * WINDOWS
    assert second.requests == []
    assert pages[0] == pages[1]


def test_two_folders_get_the_same_figures(tmp_path: Path) -> None:
    documents = []
    for name in ("one", "two"):
        table(tmp_path / name, *KEPT, seeds=(1, 2)).run()
        text = (tmp_path / name / "seed-table.json").read_text()
        documents.append(timeless(json.loads(text)))
    assert documents[0] == documents[1]


def test_a_stopped_run_goes_on_with_the_map_it_was_at(tmp_path: Path) -> None:
    stopping = engine(failures={(WINDOWS + 3, 1): WorkError("no more")})
    with pytest.raises(WorkError, match="no more"):
        table(tmp_path, *KEPT, engine=stopping).run()
    rest = engine()
    table(tmp_path, *KEPT, engine=rest).run()
    assert len(rest.requests) == WINDOWS


def test_figures_are_taken_again_from_kept_maps(tmp_path: Path) -> None:
    table(tmp_path, "stencil-only").run()
    (case,) = (tmp_path / "cases").iterdir()
    before = case.read_bytes()
    case.unlink()
    again = engine()
    table(tmp_path, "stencil-only", engine=again).run()
    assert (case.read_bytes(), again.requests) == (before, [])


def test_without_painting_only_finished_maps_are_told(tmp_path: Path) -> None:
    table(tmp_path, "stencil-only").run()
    idle = engine()
    table(tmp_path, *KEPT, engine=idle, paint=False).run()
    (section,) = json.loads((tmp_path / "seed-table.json").read_text())["sections"]
    assert [found["row"] for found in section["rows"]] == ["stencil-only"]
    assert idle.requests == []


def test_a_damaged_map_is_named(tmp_path: Path) -> None:
    painted("stencil-only", tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(InputError, match=file.name):
        painted("stencil-only", tmp_path)


def test_a_kept_map_is_the_painted_one(tmp_path: Path) -> None:
    first, second = (painted("anchored 0.35 carved", tmp_path) for _ in range(2))
    assert [each.to_json() for each in first.records] == [each.to_json() for each in second.records]
    np.testing.assert_array_equal(first.picture(), second.picture())


@pytest.mark.parametrize("change", ["seed", "row", "world", "base"])
def test_everything_that_decides_a_map_is_in_its_name(change: str) -> None:
    other = {
        "seed": Case(WORLD, 43, row("anchored 0.35")),
        "row": Case(WORLD, 42, row("mu_soft 0")),
        "world": Case(load_worlds(["seed"], PROFILE, (2, 3))[0], 42, row("anchored 0.35")),
        "base": Case(WORLD, 42, row("anchored 0.35", "drifting")),
    }[change]
    assert other.key(engine()) != Case(WORLD, 42, row("anchored 0.35")).key(engine())


def test_variants_of_the_first_tile_are_painted_and_counted(tmp_path: Path) -> None:
    tool = engine()
    painted_map(Case(WORLD, 42, row("8 candidates")), tool, tmp_path)
    assert len(tool.requests) == WINDOWS + 7


def test_windows_that_agree_on_land_differ_on_stencils_only(tmp_path: Path) -> None:
    found = painted("stencil-only", tmp_path)
    stencils, last = places_of(WORLD).stencils, found.records[-1]
    lands = {record.tile: np.full((64, 64, 3), 90, np.uint8) for record in found.records}
    inside = last.window.intersect(found.grid.map_rect)
    view = lands[last.tile][inside.slices_in(last.window)]
    view[stencils[inside.slices_in(found.grid.map_rect)]] = 200
    ours = measure_meetings(replace(found.stitch, pixels=lands.__getitem__), stencils)
    assert ours.free is not None
    assert ours.free_feature is not None
    assert ours.free_feature > ours.free > 0
    assert (
        measure_meetings(replace(found.stitch, pixels=lands.__getitem__), ~stencils).free_feature
        == 0
    )


def test_where_windows_meet_agrees_with_the_seam_report(tmp_path: Path) -> None:
    found = painted("noise tile, stencil-only", tmp_path)
    ours = measure_meetings(found.stitch, places_of(WORLD).stencils)
    theirs = measure_seams(found.stitch, found.world.reader, found.world.palette)
    assert ours.free == pytest.approx(theirs.summary()["delta_e"], rel=0.1)


def test_anchored_windows_meet_in_the_soft_band_only(tmp_path: Path) -> None:
    stencils = places_of(WORLD).stencils
    anchored = measure_meetings(painted("anchored 0.35", tmp_path).stitch, stencils)
    carved = measure_meetings(painted("anchored 0.35 carved", tmp_path).stitch, stencils)
    assert anchored.free is None
    assert anchored.met is not None
    assert carved.free_feature is not None


def test_held_pixels_are_compared_with_the_neighbours_they_are_held_on(tmp_path: Path) -> None:
    found, zones = painted("anchored 0.35", tmp_path), places_of(WORLD).zones
    greys = {record.tile: np.full((64, 64, 3), 90, np.uint8) for record in found.records}
    assert measure_held(replace(found.stitch, pixels=greys.__getitem__), zones) == {
        "held": 0.0,
        "held_shift": 0.0,
    }
    lighter = {
        record.tile: np.full((64, 64, 3), 90 + 10 * number, np.uint8)
        for number, record in enumerate(found.records)
    }
    shifted = measure_held(replace(found.stitch, pixels=lighter.__getitem__), zones)
    assert shifted["held"] is not None
    assert shifted["held_shift"] is not None
    assert shifted["held_shift"] > shifted["held"] > 2.0
    assert measure_held(painted("stencil-only", tmp_path).stitch, zones)["held"] is None


def test_the_truth_has_all_of_its_own_detail_and_colours(tmp_path: Path) -> None:
    world = seed_world(256, 256, 256)
    truth = truth_of(world)
    found = measure_detail(world, truth)
    assert found["detail"] == found["detail_stencils"] == 1.0
    colours = measure_colours(world, painted("stencil-only", tmp_path, world), truth)
    assert colours["colour"] == colours["colour_stencils"] == 0.0


def test_a_flat_map_lacks_detail_and_a_tinted_one_has_shifted(tmp_path: Path) -> None:
    world = seed_world(256, 256, 256)
    truth = truth_of(world)
    tinted = np.clip(truth + np.array([0, 0, 40]), 0, 255).astype(np.uint8)
    flat = np.full_like(truth, 128)
    assert measure_detail(world, flat)["detail"] < 0.01
    colours = measure_colours(world, painted("stencil-only", tmp_path, world), tinted)
    assert colours["colour"] > 5


def test_windows_side_by_side_are_told_without_lines(tmp_path: Path) -> None:
    case = Case(WORLD, 42, row("overlap 0, anchored"))
    found = measure_map(case, painted_map(case, engine(), tmp_path), 0.0)
    assert (found["lines"], found["step"], found["met"]) == (0, None, None)
    assert found["detail"] is not None


def test_windows_that_disagree_blur_each_other(tmp_path: Path) -> None:
    found = painted("stencil-only", tmp_path, FOREST, profile=WIDE)
    draws, shape = np.random.default_rng(2), (WIDE.window_px, WIDE.window_px, 3)
    noise = {r.tile: draws.integers(0, 255, shape, dtype=np.uint8) for r in found.records}
    found.stitch = replace(found.stitch, pixels=noise.__getitem__)
    share = measure_blends(FOREST, found, found.picture())
    assert share is not None
    assert 0.4 < share < 0.8


def test_the_sheet_shows_zones_and_truth_before_the_rows(tmp_path: Path) -> None:
    table(tmp_path, *KEPT).run()
    with Image.open(tmp_path / "seed-table-guided-seed.png") as sheet:
        assert sheet.width >= 4 * SIDE_PX
        canvas = np.asarray(sheet)
    assert tuple(canvas[24, 90]) != tuple(canvas[24, 190])


def test_every_world_fits_the_bundled_model() -> None:
    profile = PROFILE.model_copy(update={"window_px": 256, "anchor_px": 48})
    for world in load_worlds(WORLDS, profile):
        size = (576, 576) if world.name == "seed" else (768, 960)
        assert world.zones.shape == size
        assert any(stroke.kind == "river" for stroke in world.strokes)


def test_the_rendered_river_of_the_seed_runs_through_six_hand_over_lines() -> None:
    world, margin_px = seed_world(576, 576, 256), 32
    grid = Grid(576, 576, 256, 192)
    truth = np.pad(truth_of(world), ((margin_px,) * 2, (margin_px,) * 2, (0, 0)), mode="edge")

    def pixels(tile: TileCoord) -> npt.NDArray[np.uint8]:
        return truth[grid.window(tile).shifted(margin_px, margin_px).slices_in(frame)]

    frame = Rect(0, 0, truth.shape[1], truth.shape[0])
    windows = tuple(RawWindow(tile, grid.window(tile)) for tile in grid.tiles())
    reader = ArrayMap(world.zones, world.strokes)
    report = measure_seams(Stitch(grid, windows, pixels, reader), reader, default_palette())
    assert len({crossing.tiles for crossing in report.crossings}) == 6
    assert all(crossing.is_continuous for crossing in report.crossings)


def test_records_keep_the_row_s_own_overlap(tmp_path: Path) -> None:
    found: tuple[TileRecord, ...] = painted("overlap 0, stencil-only", tmp_path).records
    assert {record.window.x % PROFILE.window_px for record in found} == {0}


def test_an_unknown_world_is_refused() -> None:
    with pytest.raises(InputError, match="atlantis"):
        load_worlds(["atlantis"], PROFILE)


def test_a_sample_smaller_than_the_size_is_refused() -> None:
    with pytest.raises(InputError, match="smaller --size"):
        load_worlds(["river-delta"], PROFILE, (99, 4))
