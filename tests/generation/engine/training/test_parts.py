"""Muon, averages, figures, losses and the pace of a stage."""

import numpy as np
import pytest
import torch

from generation.engine.training.attention import plain_attention
from generation.engine.training.averages import AveragedWeights
from generation.engine.training.figures import detail_by_zone, fine_detail, psnr_db
from generation.engine.training.losses import PatchCritic, chroma_l1, critic_hinge, gradient_l1
from generation.engine.training.muon import Muon, orthogonalised
from generation.engine.training.networks import (
    build_scheduler,
    build_transformer,
    build_vae,
    normalise,
    patchify,
    restore,
    unpatchify,
)
from generation.engine.training.pace import rate_share
from generation.engine.training.sampler import Condition, pack, sample, unpack, velocity
from tests.generation.engine.training.conftest import TOY
from zones.gates import klein_sigmas


def lively_transformer():
    model = build_transformer(TOY, 3)
    torch.nn.init.normal_(model.proj_out.weight, std=0.1)
    return model


@pytest.mark.parametrize("shape", [(8, 32), (32, 8)])
def test_an_orthogonalised_matrix_has_singular_values_near_one(shape):
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)))
    assert values.min() > 0.5
    assert values.max() < 1.5


def test_muon_solves_a_least_squares_problem():
    torch.manual_seed(0)
    wanted, inputs = torch.randn(4, 6), torch.randn(64, 6)
    layer = torch.nn.Linear(6, 4)
    optimizer = Muon(layer.parameters(), 0.3)
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.3 * (1 - step / 200)
        optimizer.zero_grad()
        (layer(inputs) - inputs @ wanted.T).square().mean().backward()
        optimizer.step()
    assert (layer.weight - wanted).abs().max() < 0.05


def test_averages_are_put_back_after_use():
    layer = torch.nn.Linear(2, 2, bias=False)
    average = AveragedWeights({"layer": layer}, 0.5)
    first = layer.weight.detach().clone()
    with torch.no_grad():
        layer.weight.add_(1.0)
    average.update(1000)
    with average.applied():
        torch.testing.assert_close(layer.weight, first + 0.5)
    torch.testing.assert_close(layer.weight, first + 1.0)


def test_fine_detail_leaves_out_coarse_waves():
    columns = np.arange(64)
    coarse = np.broadcast_to(128 + 80 * np.sin(columns * 2 * np.pi / 32), (64, 64))
    fine = np.broadcast_to(128 + 80 * np.sin(columns * 2 * np.pi / 4), (64, 64))
    pictures = [np.rint(wave)[..., None].repeat(3, 2).astype(np.uint8) for wave in (coarse, fine)]
    assert np.mean(fine_detail(pictures[0]) ** 2) < 1.0
    assert np.mean(fine_detail(pictures[1]) ** 2) > 3000.0


def test_half_the_contrast_keeps_a_quarter_of_the_detail():
    truth = np.random.default_rng(0).integers(0, 256, (64, 64, 1), np.uint8).repeat(3, 2)
    half = (truth // 2 + 64).astype(np.uint8)
    shares = detail_by_zone(half, truth, np.full((64, 64), 2, np.uint8))
    assert shares.keys() == {"forest"}
    assert abs(shares["forest"] - 0.25) < 0.01
    assert psnr_db(truth, truth) > 100


def test_losses_of_equal_pictures_are_zero_and_hue_alone_is_seen():
    picture = torch.zeros(1, 3, 8, 8)
    tinted = picture.clone()
    tinted[:, 0] = 0.5
    assert gradient_l1(picture, picture) == 0
    assert gradient_l1(picture, tinted) == 0
    assert chroma_l1(picture, picture) == 0
    assert chroma_l1(picture, tinted) == 0.5


def test_the_critic_scores_patches_and_wants_real_above_decoded():
    torch.manual_seed(0)
    assert PatchCritic(8)(torch.zeros(2, 3, 64, 64)).shape == (2, 1, 8, 8)
    high, low = torch.full((1,), 2.0), torch.full((1,), -2.0)
    assert critic_hinge(high, low) == 0
    assert critic_hinge(low, high) == 6


def test_the_rate_rises_then_falls_to_its_floor():
    assert rate_share(0, 0.0) < rate_share(50, 0.1) < rate_share(99, 0.1)
    assert rate_share(500, 0.2) > rate_share(500, 0.9) > rate_share(500, 1.0)
    assert rate_share(500, 1.0) == pytest.approx(0.02)


def test_patches_tokens_and_statistics_come_back():
    latents = torch.randn(2, 4, 8, 8)
    patches = patchify(latents)
    assert patches.shape == (2, 16, 4, 4)
    torch.testing.assert_close(unpatchify(patches), latents)
    torch.testing.assert_close(unpack(pack(patches)), patches)
    vae = build_vae(TOY, 1)
    vae.bn.running_mean.fill_(3.0)
    vae.bn.running_var.fill_(4.0)
    torch.testing.assert_close(restore(vae, normalise(vae, patches)), patches)


def test_the_scheduler_visits_the_levels_that_were_trained():
    scheduler = build_scheduler(TOY)
    from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import compute_empirical_mu

    shares = np.linspace(1.0, 1 / 12, 12)
    scheduler.set_timesteps(sigmas=shares, mu=compute_empirical_mu(256, 12))
    assert scheduler.sigmas[:-1].tolist() == pytest.approx(
        klein_sigmas(256, 12, TOY.terminal_sigma), abs=1e-6
    )


def test_plain_attention_gives_the_same_velocity_as_the_fused_one():
    torch.manual_seed(0)
    model = lively_transformer()
    state, prompt = torch.randn(2, 16, 16), torch.randn(2, 5, 96)
    for extract in (False, True):
        condition = Condition(prompt, torch.randn(2, 16, 16), extract)
        with torch.no_grad():
            fused = velocity(model, state, torch.tensor([0.3, 0.9]), condition)
            with plain_attention("cpu"):
                plain = velocity(model, state, torch.tensor([0.3, 0.9]), condition)
        torch.testing.assert_close(fused, plain, atol=1e-5, rtol=1e-4)


def test_extracted_reference_tokens_do_not_see_the_image():
    torch.manual_seed(0)
    model = lively_transformer()
    prompt, reference = torch.randn(1, 5, 96), torch.randn(1, 16, 16)
    seen = []
    for state in (torch.zeros(1, 16, 16), torch.ones(1, 16, 16)):
        cache = model(
            hidden_states=torch.cat([reference, state], dim=1),
            encoder_hidden_states=prompt,
            timestep=torch.tensor([0.5]),
            img_ids=torch.zeros(32, 4),
            txt_ids=torch.zeros(5, 4),
            kv_cache_mode="extract",
            num_ref_tokens=16,
        ).kv_cache
        seen.append(cache.get_double(0).k_ref.detach())
    torch.testing.assert_close(seen[0], seen[1])


def test_sampling_returns_held_tokens_as_the_source():
    torch.manual_seed(0)
    source, noise = torch.randn(1, 16, 16), torch.randn(1, 16, 16)
    change = torch.ones(1, 16)
    change[:, :4] = 0.0
    condition = Condition(torch.randn(1, 5, 96), source)
    tokens = sample(lively_transformer(), source, change, noise, condition, 0.15, steps=4)
    assert torch.equal(tokens[:, :4], source[:, :4])
    assert not torch.isclose(tokens[:, 4:], source[:, 4:]).all()
