"""`tilewright inspect`: the pictures are what the next run of that tile is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from generation.engine.factory import load_engine
from painter.project import Project
from tests.app.words import Call, files_in
from tests.generation.run.cases import Listening
from tests.support.toy_worlds import SAND
from zones.geometry import Rect

NAMES = ("seed_canvas", "inpaint_mask", "change_map", "free_steps")


def pictures(folder: Path) -> dict[str, npt.NDArray[np.uint8]]:
    found = {}
    for name in NAMES:
        with Image.open(folder / f"{name}.png") as picture:
            found[name] = np.asarray(picture)
    return found


@pytest.fixture
def listening(toy: Path, monkeypatch: pytest.MonkeyPatch) -> Listening:
    """The engine that the next `render` in this process uses."""
    found = Listening(load_engine(toy, "cpu"))
    monkeypatch.setattr("app.core.run_setup.load_engine", lambda *_words: found)
    return found


@pytest.mark.parametrize("tile", ["0,0", "1,1", "2,1"])
@pytest.mark.parametrize("words", [[], ["--carve-out"], ["--layout", "overlap"]], ids=str)
def test_the_pictures_are_what_the_run_is_given(
    tilewright: Call,
    rendered: Path,
    listening: Listening,
    tmp_path: Path,
    tile: str,
    words: list[str],
) -> None:
    if words:
        assert tilewright("render", rendered, "--steps", "1", *words).code == 0
        listening.requests.clear()
    ended = tilewright("inspect", rendered, "--tile", tile, "--out", tmp_path / "out", "--json")
    assert tilewright("render", rendered, "--tiles", tile).code == 0
    (request,) = listening.requests
    seen = pictures(tmp_path / "out")
    assert np.array_equal(seen["seed_canvas"], request.seed_canvas)
    assert np.array_equal(seen["inpaint_mask"], request.inpaint_mask)
    assert request.change_map is not None
    assert np.array_equal(seen["change_map"], np.rint(request.change_map * 255))
    facts = ended.document
    assert facts["prompt"] == request.prompt
    assert facts["steps"] == request.steps
    assert facts["predecessors"] > 0


def test_free_steps_are_step_counts(tilewright: Call, rendered: Path, tmp_path: Path) -> None:
    tilewright("inspect", rendered, "--tile", "1,1", "--out", tmp_path / "out")
    seen = pictures(tmp_path / "out")
    assert (seen["free_steps"][seen["change_map"] == 255] == 2).all()
    assert (seen["free_steps"][seen["change_map"] == 0] == 0).all()
    assert set(np.unique(seen["inpaint_mask"])) <= {0, 128, 255}
    assert np.array_equal(seen["inpaint_mask"] == 0, seen["change_map"] == 0)


def test_inspecting_changes_nothing_in_the_project(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    before = files_in(rendered)
    ended = tilewright("inspect", rendered, "--tile", "1,1", "--out", tmp_path / "a" / "b")
    assert (ended.code, ended.err) == (0, "")
    assert files_in(rendered) == before


def test_a_project_that_was_never_rendered_can_be_inspected(
    tilewright: Call, fresh: Path, tmp_path: Path
) -> None:
    ended = tilewright("inspect", fresh, "--tile", "0,1", "--out", tmp_path / "out", "--json")
    assert ended.document["predecessors"] == 0
    assert ended.document["steps"] == 12
    assert ended.document["window"] == [16, -16, 64, 64]


def test_stale_neighbours_are_no_predecessors(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    project = Project.open(rendered)
    project.set_zones(Rect(0, 0, 2, 2), np.full((2, 2), SAND, np.uint8))
    project.save()
    ended = tilewright("inspect", rendered, "--tile", "1,1", "--out", tmp_path / "out", "--json")
    assert ended.document["predecessors"] == 7


def test_without_the_model_the_last_runs_numbers_are_used(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    words = ["inspect", rendered, "--tile", "1,1", "--json", "--out"]
    before = tilewright(*words, tmp_path / "before")
    project = Project.open(rendered)
    project.configure(model=str(tmp_path / "gone"))
    project.save()
    after = tilewright(*words, tmp_path / "after")
    assert after.document["predecessors"] == before.document["predecessors"] == 8
    assert files_in(tmp_path / "before") == files_in(tmp_path / "after")
