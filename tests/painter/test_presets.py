"""The sample worlds load, and a damaged one is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import resources
from painter.presets import list_presets, load_preset
from painter.project import Project
from tests.support.disk import one_line
from zones.errors import InputError
from zones.geometry import Rect
from zones.palette import default_palette

PALETTE = default_palette()
NAMES = ["archipelago", "mountain-pass", "real-place", "river-delta"]


def test_the_four_samples_are_listed_with_their_titles() -> None:
    presets = list_presets()
    assert list(presets) == NAMES
    assert all(info.title and info.credits for info in presets.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_becomes_a_project(tmp_path: Path, name: str) -> None:
    preset = load_preset(name, PALETTE)
    project = Project.create(
        tmp_path / "map", preset.info.size, PALETTE, zones=preset.zones, strokes=preset.strokes
    )
    whole = Rect(0, 0, *preset.info.size)
    assert np.array_equal(project.reader().read_zones(whole), preset.zones)
    assert len(project.strokes) == len(preset.strokes) > 0


@pytest.mark.parametrize("name", ["none", "../samples/river-delta", "", "/etc"])
def test_an_unknown_sample_is_refused_and_the_known_ones_named(name: str) -> None:
    with pytest.raises(InputError, match="river-delta") as caught:
        load_preset(name, PALETTE)
    one_line(caught.value)


def test_a_damaged_sample_is_refused(tmp_path: Path) -> None:
    shutil.copytree(resources.path("samples/river-delta"), tmp_path / "mine")
    path = tmp_path / "mine" / "world.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "width_px": -3}))
    with pytest.raises(InputError, match="width_px") as caught:
        load_preset("mine", PALETTE, tmp_path)
    one_line(caught.value)
