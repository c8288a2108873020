"""`tilewright new`: projects from nothing, pictures, strokes, palettes and samples."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from painter.presets import list_presets
from painter.project import Project
from tests.app.words import Call
from tests.support.toy_worlds import toy_strokes, toy_zones, write_strokes, write_zones
from zones.geometry import Rect
from zones.palette import default_palette, palette_to_json

MAP = Rect(0, 0, 96, 96)


def test_a_size_alone_makes_an_unpainted_map(tilewright: Call, tmp_path: Path) -> None:
    ended = tilewright("new", tmp_path / "map", "--size", "150x120")
    assert (ended.code, ended.err) == (0, "")
    project = Project.open(tmp_path / "map")
    assert project.size == (150, 120)
    assert not project.reader().read_zones(Rect(0, 0, 150, 120)).any()
    assert (project.model, project.seed, project.wrap) == ("klein-mini", 0, "")


def test_zones_and_strokes_come_from_files(tilewright: Call, tmp_path: Path) -> None:
    zones = write_zones(tmp_path / "zones.png", toy_zones())
    strokes = write_strokes(tmp_path / "strokes.json", toy_strokes())
    words = ["--size", "96x96", "--zones", zones, "--stencils", strokes, "--seed", "7"]
    assert tilewright("new", tmp_path / "map", *words, "--prompt", "autumn").code == 0
    project = Project.open(tmp_path / "map")
    assert np.array_equal(project.reader().read_zones(MAP), toy_zones())
    assert [stroke.kind for stroke in project.strokes] == ["river", "path"]
    assert np.array_equal(project.strokes[0].points, toy_strokes()[0].points)
    assert (project.seed, project.map_prompt) == (7, "autumn")


def test_a_picture_in_the_palettes_colours_gives_the_same_zones(
    tilewright: Call, tmp_path: Path
) -> None:
    colours = default_palette().colour_table()[toy_zones()]
    Image.fromarray(colours).save(tmp_path / "colours.png")
    words = ["--size", "96x96", "--zones", tmp_path / "colours.png"]
    assert tilewright("new", tmp_path / "map", *words).code == 0
    reader = Project.open(tmp_path / "map").reader()
    assert np.array_equal(reader.read_zones(MAP), toy_zones())


def test_a_map_can_have_a_palette_of_its_own(tilewright: Call, tmp_path: Path) -> None:
    document = json.loads(palette_to_json(default_palette()))
    document["zones"][0]["name"] = "meadow"
    (tmp_path / "palette.json").write_text(json.dumps(document))
    words = ["--size", "96x96", "--palette", tmp_path / "palette.json"]
    assert tilewright("new", tmp_path / "map", *words).code == 0
    palette = Project.open(tmp_path / "map").palette
    assert palette.zones[0].name == "meadow"


@pytest.mark.parametrize("name", sorted(list_presets()))
def test_every_sample_world_becomes_a_project(tilewright: Call, tmp_path: Path, name: str) -> None:
    assert tilewright("new", tmp_path / "map", "--preset", name).code == 0
    project = Project.open(tmp_path / "map")
    info = list_presets()[name]
    assert project.size == info.size
    assert (project.seed, project.map_prompt) == (info.seed, info.map_prompt)
    assert project.strokes


def test_choices_win_over_the_samples_own(tilewright: Call, tmp_path: Path) -> None:
    words = ["--preset", "archipelago", "--seed", "5", "--prompt", "ink on parchment"]
    assert tilewright("new", tmp_path / "map", *words).code == 0
    project = Project.open(tmp_path / "map")
    assert (project.seed, project.map_prompt) == (5, "ink on parchment")


@pytest.mark.parametrize("wrap", ["x", "y", "xy"])
def test_a_wrapped_map_is_made(tilewright: Call, tmp_path: Path, toy: Path, wrap: str) -> None:
    words = ["--size", "64x96", "--wrap", wrap, "--model", toy]
    assert tilewright("new", tmp_path / "map", *words).code == 0
    assert Project.open(tmp_path / "map").wrap == wrap


def test_a_wrapped_size_off_the_stride_is_refused_with_the_nearest(
    tilewright: Call, tmp_path: Path, toy: Path
) -> None:
    words = ["--size", "100x96", "--wrap", "x", "--model", toy]
    ended = tilewright("new", tmp_path / "map", *words)
    assert ended.code == 2
    assert "96 px" in ended.complaint()
    assert not (tmp_path / "map").exists()


def test_a_model_folder_is_remembered_wherever_one_stands(
    tilewright: Call, tmp_path: Path, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(toy.parent)
    words = ["--size", "40x40", "--model", os.path.relpath(toy)]
    assert tilewright("new", tmp_path / "map", *words).code == 0
    assert Project.open(tmp_path / "map").model == str(toy)


def test_an_empty_folder_may_become_a_project(tilewright: Call, tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    assert tilewright("new", tmp_path / "map", "--size", "40x40").code == 0


def test_a_folder_in_use_is_left_alone(tilewright: Call, rendered: Path) -> None:
    ended = tilewright("new", rendered, "--size", "40x40")
    assert ended.code == 2
    assert "not empty" in ended.complaint()
    assert Project.open(rendered).size == (96, 96)
