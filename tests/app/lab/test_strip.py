"""The strip experiment: what it measures, and that the bundled model does not drift."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.core.run_setup import default_settings
from app.lab.strip import BAR, StripDrift, measure_strip, paint_strip, strip_world, zone_ids
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED
from generation.plan.colour import delta_e, lab_of
from generation.plan.ports import Engine
from generation.plan.stitch import RawWindow, Stitch
from tests.app.words import Call
from zones.errors import InputError
from zones.grid import Grid, TileCoord

SIDE_PX = 32
GREEN, BLUE = (126, 165, 80), (60, 110, 160)


@pytest.fixture(scope="module")
def mini() -> Engine:
    return load_engine(BUNDLED, "cpu")


def flat(rgb: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    return np.full((SIDE_PX, SIDE_PX, 3), rgb, dtype=np.uint8)


def strip_of(*windows: npt.NDArray[np.uint8]) -> Stitch:
    grid = Grid(SIDE_PX * len(windows), SIDE_PX, SIDE_PX, SIDE_PX)
    raws = [RawWindow(tile, grid.window(tile)) for tile in grid.tiles()]
    return Stitch(grid, raws, lambda tile: windows[tile.col])


def test_every_core_is_compared_with_the_first() -> None:
    drift = measure_strip(strip_of(flat(GREEN), flat(BLUE), flat(GREEN)))
    apart = float(delta_e(lab_of(np.array(GREEN, np.uint8)), lab_of(np.array(BLUE, np.uint8))))
    assert drift.mean == pytest.approx((0.0, apart, 0.0), abs=1e-3)
    assert drift.cells == pytest.approx((0.0, apart, 0.0), abs=1e-3)
    assert drift.last == drift.mean[-1]


def test_cells_see_contrast_that_the_mean_does_not() -> None:
    halves = flat((100, 100, 100))
    halves[:16], halves[16:] = 90, 110
    drift = measure_strip(strip_of(flat((100, 100, 100)), halves))
    assert drift.mean[1] < 0.1
    assert drift.cells[1] > 3.0


def test_the_order_of_cells_in_a_tile_does_not_count() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 256, (SIDE_PX, SIDE_PX, 3), dtype=np.uint8)
    drift = measure_strip(strip_of(first, np.ascontiguousarray(np.roll(first, 16, axis=1))))
    assert drift.cells[1] == pytest.approx(0.0, abs=1e-3)


def test_chance_is_no_trend() -> None:
    assert StripDrift((0.0, *[0.5] * 12), (0.0,) * 13).trend == 0.0
    assert StripDrift(tuple(np.linspace(0, 3, 13)), (0.0,) * 13).trend > 1.5


@pytest.mark.parametrize("zone", ["grass", "water"])
def test_the_bundled_model_keeps_its_colours_along_a_strip(mini: Engine, zone: str) -> None:
    settings = replace(default_settings(mini.profile), steps=mini.profile.draft_steps)
    world = strip_world(mini, zone_ids([zone])[zone], tiles=5)
    stitch = paint_strip(world, mini, settings)
    assert all(raw.anchors for raw in stitch.windows[1:])
    drift = measure_strip(stitch)
    assert drift.last < BAR
    assert max(drift.mean) < BAR
    assert drift.mean[1] > 0.0


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="lava"):
        zone_ids(["grass", "lava"])


def test_the_lab_measures_strips(tilewright: Call, toy: Path, tmp_path: Path) -> None:
    words = ["lab", "strip", "--tiles", "3", "--zone", "sand", "--zone", "rock", "--model", toy]
    ended = tilewright(*words, "--out", tmp_path / "lab")
    assert (ended.code, ended.err) == (0, "")
    rows = json.loads((tmp_path / "lab" / "strip.json").read_text())["rows"]
    assert [(row["zone"], row["condition"]) for row in rows] == [
        (zone, condition) for zone in ("sand", "rock") for condition in ("guided", "drifting")
    ]
    assert all(len(row["mean"]) == 3 and row["last"] == row["mean"][-1] for row in rows)
    assert "| sand | guided |" in (tmp_path / "lab" / "strip.md").read_text()
    with Image.open(tmp_path / "lab" / "strip-rock-drifting.png") as picture:
        assert picture.width >= 3 * 32


def test_a_strip_of_an_unknown_zone_makes_no_folder(tilewright: Call, tmp_path: Path) -> None:
    ended = tilewright("lab", "strip", "--zone", "lava", "--out", tmp_path / "lab")
    assert ended.code == 2
    assert "lava" in ended.complaint()
    assert not (tmp_path / "lab").exists()


def test_the_strip_is_as_long_as_its_tiles(mini: Engine) -> None:
    grid = strip_world(mini, 1, tiles=7).grid(default_settings(mini.profile))
    assert (grid.rows, grid.cols) == (1, 7)
    assert grid.core(TileCoord(0, 6)).right == grid.map_width_px
