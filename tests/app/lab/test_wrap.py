"""The wrap experiment: a wrapped map painted by the bundled model tiles without a seam."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.run_setup import default_settings
from app.lab.wrap import COUNT, paint, rim_of, round_world, seams_over_the_rim
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED
from generation.plan.seams import measure_seams
from generation.plan.stitch import Stitch
from generation.run.world import World
from tests.app.words import Call


@pytest.fixture(scope="module")
def painted() -> tuple[World, Stitch]:
    """A round world, wrapped both ways, as klein-mini paints it."""
    engine = load_engine(BUNDLED, "cpu")
    world = round_world(engine, 1, "xy")
    return world, paint(world, engine, default_settings(engine.profile))


def noise(height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(2).integers(60, 200, (height, width, 3), dtype=np.uint8)


def test_the_copies_of_a_wrapped_map_meet_without_a_step(painted: tuple[World, Stitch]) -> None:
    world, stitch = painted
    picture = stitch.region(stitch.grid.map_rect).rgb
    zones = world.reader.read_zones(stitch.grid.map_rect)
    for rgb, ids in ((picture, zones), (picture.swapaxes(0, 1), zones.T)):
        rim = rim_of(rgb, ids)
        assert rim.step < 1.25
        assert not rim.is_seen
        assert rim_of(rgb[:, :-24], ids[:, :-24]).is_seen


def test_no_hand_over_line_across_the_rim_is_flagged(painted: tuple[World, Stitch]) -> None:
    world, stitch = painted
    report = measure_seams(stitch, world.reader, world.palette)
    over = seams_over_the_rim(report, stitch.grid)
    assert len(over) >= 2 * COUNT
    assert not any(seam.flagged for seam in over)
    steps = [seam.step for seam in over if seam.step is not None]
    assert np.mean(steps) < 1.25


def test_a_wrapped_map_rolled_by_half_is_the_map_half_way_on(
    painted: tuple[World, Stitch],
) -> None:
    _, stitch = painted
    whole = stitch.grid.map_rect
    half = whole.width // 2
    moved = stitch.region(whole.shifted(half, half)).rgb
    assert np.array_equal(moved, np.roll(stitch.region(whole).rgb, (-half, -half), axis=(0, 1)))


def test_a_picture_that_ends_elsewhere_than_it_began_shows_its_rim() -> None:
    zones = np.ones((64, 64), dtype=np.uint8)
    level = noise(64, 64)
    assert not rim_of(level, zones).is_seen
    ramp = np.linspace(-50, 50, 64)[None, :, None]
    risen = np.clip(level * 0.1 + 120 + ramp, 0, 255).astype(np.uint8)
    assert rim_of(risen, zones).is_seen
    assert not rim_of(risen.swapaxes(0, 1), zones).is_seen


def test_a_border_of_zones_at_the_rim_is_no_step() -> None:
    zones = np.ones((64, 64), dtype=np.uint8)
    zones[:, 32:] = 2
    zones[:16] = 3
    picture = noise(64, 64) // 8
    picture[zones == 2] += 150
    assert rim_of(picture, zones).step == pytest.approx(1.0, abs=0.2)


def test_the_lab_measures_the_rim(tilewright: Call, toy: Path, tmp_path: Path) -> None:
    words = ["lab", "wrap", "--seeds", "3", "--model", toy, "--out", tmp_path / "lab"]
    ended = tilewright(*words)
    assert (ended.code, ended.err) == (0, "")
    rows = json.loads((tmp_path / "lab" / "wrap.json").read_text())["rows"]
    assert [(row["way"], row["seed"]) for row in rows] == [("wrapped", 3), ("not wrapped", 3)]
    assert rows[0]["over"] > rows[1]["over"] == 0
    assert (tmp_path / "lab" / "wrap-wrapped.png").is_file()
