"""Held steps on latent cells, and Klein's schedule without torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import (
    compute_empirical_mu,
    retrieve_timesteps,
)

from generation.engine.gate import (
    change_map_array,
    gate_cells,
    held_reach,
    pack_cells,
    splits_cells,
)
from generation.engine.latents import pack, patchify
from tests.support.toy_models import toy_scheduler
from zones.gates import klein_sigmas, release_sigma

SIZES = [256, 1024, 2048]
STEPS = [4, 8, 12]


def scheduler_sigmas(side_px: int, steps: int, terminal_sigma: float | None = None) -> list[float]:
    """The real scheduler's noise levels, set as the stock pipeline sets them."""
    scheduler = toy_scheduler(terminal_sigma)
    shift = compute_empirical_mu((side_px // 16) ** 2, steps)
    retrieve_timesteps(scheduler, steps, sigmas=np.linspace(1.0, 1 / steps, steps), mu=shift)
    return scheduler.sigmas[:-1].tolist()


@pytest.mark.parametrize("side_px", SIZES)
@pytest.mark.parametrize("steps", [1, *STEPS, 50])
def test_klein_sigmas_are_the_real_schedulers(side_px, steps):
    expected = scheduler_sigmas(side_px, steps)
    np.testing.assert_allclose(klein_sigmas((side_px // 16) ** 2, steps), expected, atol=1e-6)


@pytest.mark.parametrize("steps", [2, *STEPS, 50])
def test_stretched_klein_sigmas_are_the_real_schedulers(steps):
    expected = scheduler_sigmas(256, steps, 0.15)
    np.testing.assert_allclose(klein_sigmas(256, steps, 0.15), expected, atol=1e-6)
    assert expected[-1] == pytest.approx(0.15)


def test_the_index_gate_holds_twelve_eleven_eight_and_no_steps_of_twelve():
    mu = np.kron(np.array([[0.0, 0.15, 0.35, 1.0]], np.float32), np.ones((16, 16), np.float32))
    held = gate_cells(mu[None], gate="index", sigmas=scheduler_sigmas(1024, 12), cell_px=16)
    assert held.tolist() == [[[12, 11, 8, 0]]]


@pytest.mark.parametrize("side_px", SIZES)
@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("mu", [0.0, 0.15, 0.35, 0.65, 1.0])
def test_the_sigma_gate_frees_a_pixel_at_the_same_noise_level(side_px, steps, mu):
    sigmas = scheduler_sigmas(side_px, steps)
    flat = np.full((1, 16, 16), mu, np.float32)
    held = int(gate_cells(flat, gate="sigma", sigmas=sigmas, cell_px=16)[0, 0, 0])
    release = float(release_sigma(mu))
    assert all(sigma > release for sigma in sigmas[:held])
    assert all(sigma <= release + 1e-6 for sigma in sigmas[held:])


def test_the_published_feature_level_is_freed_at_0_836_by_the_sigma_gate():
    assert float(release_sigma(0.35)) == pytest.approx(0.836, abs=5e-4)


@pytest.mark.parametrize("cell_px", [8, 16])
@pytest.mark.parametrize("offset", range(0, 31, 3))
def test_a_two_pixel_line_survives_the_reduction_wherever_it_runs(cell_px, offset):
    mu = np.ones((1, 32, 32), np.float32)
    mu[0, offset : offset + 2] = 0.0
    held = gate_cells(mu, gate="index", sigmas=scheduler_sigmas(256, 4), cell_px=cell_px)
    rows = np.unique(np.arange(offset, min(offset + 2, 32)) // cell_px)
    assert (held[0, rows] == 4).all()
    assert held.sum() == 4 * len(rows) * (32 // cell_px)


def test_cells_of_eight_pixels_gate_the_four_patches_of_a_token_apart():
    held = np.array([[[1, 2], [3, 4]]], np.uint8)
    packed = pack_cells(held, channels=3, cell_px=8)
    assert packed.tolist() == [[[1, 2, 3, 4] * 3]]


def test_packed_cells_lie_where_the_pipeline_puts_their_latents():
    held = np.arange(24, dtype=np.uint8).reshape(1, 4, 6)
    latents = torch.from_numpy(held)[:, None].expand(-1, 5, -1, -1)
    assert torch.equal(pack_cells(held, 5, 8), pack(patchify(latents)))


@pytest.mark.parametrize(
    "bad",
    [np.float32([[0.5, np.nan]]), np.float32([[1.5]]), np.float32([[-0.1]]), np.float32([0.5])],
    ids=["nan", "above one", "below zero", "a row"],
)
def test_a_change_map_outside_its_range_is_refused(bad):
    with pytest.raises(ValueError, match="change_map"):
        change_map_array(bad)


@pytest.mark.parametrize("cell_px", [8, 16])
def test_a_source_is_held_to_the_pixel_and_a_guide_by_its_cell(cell_px):
    mu = np.ones((1, 32, 32), np.float32)
    mu[0, 3, 5] = 0.35
    mu[0, 4, 4:7] = 0.0
    reach = held_reach(mu, cell_px)
    assert ((reach == 0) == (mu == 0)).all()
    assert (reach[0, :cell_px, :cell_px][mu[0, :cell_px, :cell_px] > 0] == np.float32(0.35)).all()
    assert (reach[0, cell_px:] == 1.0).all()
    assert (reach[0, :, cell_px:] == 1.0).all()


def test_only_a_source_that_keeps_to_no_grid_splits_cells():
    mu = np.full((1, 32, 32), 0.35, np.float32)
    mu[0, 3, 5] = 1.0
    assert not splits_cells(mu)
    mu[0, :8, :16] = 0.0
    assert not splits_cells(mu)
    assert not splits_cells(np.zeros_like(mu))
    mu[0, 8, 0] = 0.0
    assert splits_cells(mu)
