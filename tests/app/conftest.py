"""One toy model and one rendered project for all tests of the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.cli.main import run
from tests.app.words import Call, Ended
from tests.support.toy_models import save_toy_folder
from tests.support.toy_worlds import toy_strokes, toy_zones, write_strokes, write_zones


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder; not to be written to."""
    return save_toy_folder(tmp_path_factory.mktemp("model") / "toy")


@pytest.fixture(scope="session")
def _empty(tmp_path_factory: pytest.TempPathFactory, toy: Path) -> Path:
    folder = tmp_path_factory.mktemp("painted")
    zones = write_zones(folder / "zones.png", toy_zones())
    strokes = write_strokes(folder / "strokes.json", toy_strokes())
    words = ["new", folder / "map", "--size", "96x96", "--zones", zones, "--stencils", strokes]
    words += ["--model", toy, "--seed", "3", "--prompt", "summer"]
    assert run([str(word) for word in words]) == 0
    return folder / "map"


@pytest.fixture(scope="session")
def _whole(tmp_path_factory: pytest.TempPathFactory, _empty: Path) -> Path:
    project = tmp_path_factory.mktemp("rendered") / "map"
    shutil.copytree(_empty, project)
    assert run(["render", str(project), "--steps", "2"]) == 0
    return project


@pytest.fixture
def fresh(tmp_path: Path, _empty: Path) -> Path:
    """A painted project of nine tiles, none of them rendered."""
    return Path(shutil.copytree(_empty, tmp_path / "fresh"))


@pytest.fixture
def rendered(tmp_path: Path, _whole: Path) -> Path:
    """A painted project of nine tiles, all of them rendered with two steps."""
    return Path(shutil.copytree(_whole, tmp_path / "rendered"))


@pytest.fixture
def tilewright(capfd: pytest.CaptureFixture[str]) -> Call:
    """Runs a command line in this process; catches what any library writes, too."""

    def call(*words: object) -> Ended:
        capfd.readouterr()
        code = run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ended(code, out, err)

    return call
