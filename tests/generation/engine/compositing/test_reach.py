"""How far a toy VAE's halves see and reach, against plain derivatives and known shapes."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.evaluation.cases import crops
from generation.engine.compositing.evaluation.reach import (
    Probe,
    Reach,
    _norms,
    decoder_energy,
    encoder_energy,
    measure_reach,
    radial_profile,
    radius_holding,
)
from generation.engine.compositing.storage import load_vae
from generation.engine.folder import BUNDLED, find_model
from tests.generation.engine.compositing.conftest import latents


def probe(row: int = 3, column: int = 4) -> Probe:
    return Probe(row, column, torch.tensor([1.0, -1.0, -1.0, 1.0]), torch.tensor([1, 2, 3, 0.5]))


def test_half_of_an_even_disc_lies_within_its_radius_by_the_root_of_two() -> None:
    rows, columns = np.mgrid[:128, :128]
    disc = (np.hypot(rows - 67.5, columns - 59.5) < 40.0).astype(np.float64)
    profile = radial_profile(disc, 8, 7)
    assert profile.sum() == disc.sum()
    assert radius_holding(profile, 0.5) == pytest.approx(40.0 / np.sqrt(2.0), abs=0.4)
    assert radius_holding(profile, 0.9) == pytest.approx(40.0 * np.sqrt(0.9), abs=0.4)


def test_the_decoders_energy_is_that_of_a_small_change(vae) -> None:
    cells, step = latents(1), torch.zeros(1, 4, 8, 8)
    step[0, :, 3, 4] = 1e-2 * probe().signs * probe().spread
    moved = (vae.decode(cells + step).sample - vae.decode(cells - step).sample) / 2e-2
    energy = decoder_energy(vae, cells, probe())
    assert energy.shape == (64, 64)
    assert energy.sum() == pytest.approx(float(moved.square().sum()), rel=0.01)


def test_the_encoders_energy_foretells_what_a_small_change_of_pixels_does(vae) -> None:
    pixels = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(2)) * 2 - 1
    energy = encoder_energy(vae, pixels, probe())
    row, column = np.unravel_index(int(energy.argmax()), energy.shape)
    slopes = []
    for channel in range(3):
        step = torch.zeros_like(pixels)
        step[0, channel, row, column] = 1e-2
        ends = [vae.encode(pixels + sign * step).latent_dist.mode() for sign in (1, -1)]
        change = (ends[0] - ends[1])[0, :, 3, 4] / 2e-2
        slopes.append(float((change * probe().signs / probe().spread).sum()))
    assert energy[row, column] == pytest.approx(np.square(slopes).sum(), rel=0.02)


def test_held_norms_change_nothing_but_derivatives(vae) -> None:
    live = vae.decode(latents(1)).sample
    with _norms(vae, "held"):
        assert torch.allclose(vae.decode(latents(1)).sample, live, atol=1e-5)
    assert not any("forward" in vars(layer) for layer in vae.modules())


def test_only_live_norms_carry_a_change_over_the_whole_picture() -> None:
    own = load_vae(find_model(BUNDLED)).requires_grad_(requires_grad=False)
    found = measure_reach(own, list(crops("natural", 2, 192)), places=1)
    assert [(one.part, one.norms) for one in found] == [
        ("encoder", "live"), ("encoder", "held"), ("decoder", "live"), ("decoder", "held"),
    ]  # fmt: skip
    for live, held in (found[:2], found[2:]):
        assert len(live.profiles) == 2
        assert held.beyond(120)[100] < 1e-6 < live.beyond(120)[100] < 0.01
        assert 3.0 < live.radius_px(0.5).value < live.radius_px(0.9).value < 30.0
        assert live.radius_px(0.9).low <= live.radius_px(0.9).value <= live.radius_px(0.9).high


def test_the_energy_beyond_a_distance_falls_from_one() -> None:
    reach = Reach("encoder", "live", np.array([[1.0, 1.0, 2.0, 0.0], [2.0, 0.0, 0.0, 2.0]]))
    assert reach.beyond(3).tolist() == pytest.approx([1.0, 0.5, 0.0])
