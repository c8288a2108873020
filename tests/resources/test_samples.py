"""The sample worlds are whole, paintable and what their makers make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

import resources
from resources.samples.make.__main__ import PAINTED
from resources.samples.make.files import SampleWorld, file_contents
from zones.palette import default_palette

NAMES = ("archipelago", "mountain-pass", "real-place", "river-delta")
STRIDE_PX = 192


def _about(name: str) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(resources.path(f"samples/{name}/world.json").read_text())
    return about


def _strokes(name: str) -> list[dict[str, Any]]:
    found = json.loads(resources.path(f"samples/{name}/strokes.json").read_text())
    strokes: list[dict[str, Any]] = found["strokes"]
    return strokes


def test_the_folder_holds_exactly_the_four_samples() -> None:
    folders = {found.parent.name for found in resources.path("samples").glob("*/world.json")}
    assert folders == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_says_what_it_is(name: str) -> None:
    about = _about(name)
    assert set(about) == {"title", "width_px", "height_px", "map_prompt", "seed", "credits"}
    assert about["title"]
    assert about["map_prompt"]
    assert about["credits"]
    assert isinstance(about["seed"], int)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_at_least_5_by_4_whole_windows(name: str) -> None:
    about = _about(name)
    assert about["width_px"] % STRIDE_PX == about["height_px"] % STRIDE_PX == 0
    assert about["width_px"] >= 5 * STRIDE_PX
    assert about["height_px"] >= 4 * STRIDE_PX


@pytest.mark.parametrize("name", NAMES)
def test_zones_are_an_indexed_picture_of_known_ids_in_palette_colours(name: str) -> None:
    about = _about(name)
    palette = default_palette()
    with Image.open(resources.path(f"samples/{name}/zones.png")) as picture:
        assert picture.mode == "P"
        assert picture.size == (about["width_px"], about["height_px"])
        ids = np.asarray(picture)
        seen = np.asarray(picture.convert("RGB"))
    assert set(np.unique(ids)) <= set(palette.valid_ids) - {0}
    assert np.array_equal(seen, palette.colour_table()[ids])


@pytest.mark.parametrize("name", NAMES)
def test_strokes_are_finite_wide_enough_and_inside_the_map(name: str) -> None:
    about = _about(name)
    kinds = {kind.name for kind in default_palette().stencils}
    for stroke in _strokes(name):
        points = np.array(stroke["points"], np.float64)
        assert stroke["kind"] in kinds
        assert stroke["mu"] == 0.35
        assert points.shape[1] == 3
        assert 2 <= len(points) <= 400
        assert np.isfinite(points).all()
        assert (points[:, :2] >= 0).all()
        assert (points[:, :2] <= [about["width_px"], about["height_px"]]).all()
        assert ((points[:, 2] >= 8) & (points[:, 2] <= 40)).all()


@pytest.mark.parametrize("name", NAMES)
def test_strokes_are_smooth(name: str) -> None:
    for stroke in _strokes(name):
        steps = np.diff(np.array(stroke["points"])[:, :2], axis=0)
        assert np.hypot(*steps.T).max() < 24
        headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        assert np.quantile(np.abs(np.diff(headings)), 0.95) < np.deg2rad(50)


@pytest.mark.parametrize("name", NAMES)
def test_rivers_end_in_water_in_another_river_or_off_the_map(name: str) -> None:
    about = _about(name)
    with Image.open(resources.path(f"samples/{name}/zones.png")) as picture:
        water = np.asarray(picture) == 3
    rivers = [np.array(s["points"]) for s in _strokes(name) if s["kind"] == "river"]
    for index, river in enumerate(rivers):
        x, y, width = river[-1]
        to_rim = min(x, y, about["width_px"] - x, about["height_px"] - y)
        others = [p for at, p in enumerate(rivers) if at != index]
        joins = any((np.hypot(*(p[:, :2] - (x, y)).T) <= p[:, 2]).any() for p in others)
        assert to_rim <= width / 2 or joins or water[int(y), int(x)], (index, x, y)


def test_all_samples_together_stay_small() -> None:
    files = [found for found in resources.path("samples").rglob("*") if found.is_file()]
    assert sum(found.stat().st_size for found in files if found.suffix != ".pyc") < 1_000_000


@pytest.mark.parametrize("make_world", PAINTED)
def test_a_maker_gives_the_files_that_are_kept(make_world: Callable[[], SampleWorld]) -> None:
    world = make_world()
    for name, content in file_contents(world).items():
        assert resources.path(f"samples/{world.name}/{name}").read_bytes() == content, name
