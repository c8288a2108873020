"""`tilewright render --compositor`: what is refused, remembered and painted."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import resources
from painter.project import Project
from tests.app.words import Call, files_in, stitched
from zones.geometry import Rect

PAIR = ["--tiles", "1,0", "1,1", "--steps", "5", "--order", "rows"]


def test_a_compositor_that_the_model_lacks_is_refused_before_anything_is_kept(
    tilewright: Call, fresh: Path
) -> None:
    ended = tilewright("render", fresh, *PAIR, "--compositor", "decformer")
    assert ended.code == 2
    assert "has no trained compositor" in ended.err
    assert "use linear or train one with `tilewright train compositor`" in ended.err
    again = tilewright("render", fresh, *PAIR, "--json")
    assert {tile["settings"]["compositor"] for tile in again.document["tiles"]} == {"linear"}


@pytest.mark.parametrize("share", [0.0, 0.5, 1.5])
def test_a_damaged_compositor_is_refused_before_any_work_without_protected_art(
    tilewright: Call, fresh: Path, toy: Path, tmp_path: Path, share: float
) -> None:
    model = Path(shutil.copytree(toy, tmp_path / "model"))
    weights = resources.path("models/klein-mini/compositor/decformer.safetensors").read_bytes()
    file = model / "compositor" / "decformer.safetensors"
    file.parent.mkdir()
    file.write_bytes((2 * weights)[: round(share * len(weights))])
    before = files_in(fresh)
    words = ["--model", model, "--compositor", "decformer"]
    ended = tilewright("render", fresh, *PAIR, *words)
    assert (ended.code, ended.out, files_in(fresh)) == (2, "", before)
    assert f"{file} is truncated or corrupt" in ended.complaint()
    assert ended.complaint().endswith("or choose the compositor linear")


def test_another_model_brings_its_own_compositor(
    tilewright: Call, fresh: Path, toy: Path, tmp_path: Path
) -> None:
    words = ["--compositor", "exact", "--steps", "1", "--json"]
    kept = tilewright("render", fresh, *words).document["tiles"]
    assert {tile["settings"]["compositor"] for tile in kept} == {"exact"}
    other = Path(shutil.copytree(toy, tmp_path / "other"))
    ended = tilewright("render", fresh, "--all", "--model", other, "--json")
    assert {tile["settings"]["compositor"] for tile in ended.document["tiles"]} == {"linear"}


def test_a_compositor_changes_what_is_painted_around_protected_art(
    tilewright: Call, fresh: Path
) -> None:
    assert tilewright("render", fresh, *PAIR).code == 0
    usual_pair = stitched(fresh)
    words = [*PAIR, "--compositor", "exact", "--json"]
    tiles = tilewright("render", fresh, *words).document["tiles"]
    assert {tile["settings"]["compositor"] for tile in tiles} == {"exact"}
    assert np.array_equal(stitched(fresh), usual_pair)
    project = Project.open(fresh)
    place = Rect(20, 30, 27, 25)
    project.set_art(place, np.full((25, 27, 3), 90, np.uint8))
    project.set_protect(place, np.ones((25, 27), np.bool_))
    project.save()
    found = []
    for compositor in ("exact", "linear"):
        assert tilewright("render", fresh, *PAIR, "--compositor", compositor).code == 0
        found.append(stitched(fresh))
    assert not np.array_equal(*found)
    assert all((one[place.slices_in(Rect(0, 0, 96, 96))] == 90).all() for one in found)
