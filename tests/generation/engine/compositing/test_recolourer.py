"""What a learnt colour correction leaves alone, and what colour changes do to pixels."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.compositing.recolour.change import (
    MOST_GAIN,
    MOST_GAMMA,
    MOST_LEVEL,
    ColourChange,
    changed,
    draw_change,
    recoloured,
)
from generation.engine.compositing.recolour.network import (
    Recolourer,
    RecolourerConfig,
    RecolourOperator,
)
from generation.engine.compositing.recolour.storage import (
    FILE_NAME,
    load_recolourer,
    new_recolourer,
)
from generation.engine.compositing.storage import FILE_NAME as COMPOSITOR
from generation.engine.compositing.storage import new_network, save_network
from tests.generation.engine.compositing.conftest import TOY, latents, soft_mask, stirred
from zones.errors import InputError

TOY_RECOLOUR = RecolourerConfig(TOY, guess_width=8)
CHANGE = ColourChange(0.2, (0.1, -0.2, 0.3), (0.05, 0.0, -0.1))


@pytest.fixture
def trained(vae) -> Recolourer:
    """A network away from its start: every weight that was zero is small and random."""
    return stirred(new_recolourer(vae, TOY_RECOLOUR))


def test_a_fresh_operator_changes_nothing(vae) -> None:
    operator = RecolourOperator(new_recolourer(vae, TOY_RECOLOUR))
    for mask in (soft_mask(), torch.ones(1, 1, 64, 64)):
        assert torch.equal(operator(latents(1, batch=2), CHANGE, mask), latents(1, batch=2))


def test_no_change_and_no_region_give_the_latent_itself(trained) -> None:
    operator = RecolourOperator(trained)
    assert torch.equal(operator(latents(1), ColourChange(), soft_mask()), latents(1))
    assert torch.equal(operator(latents(1), CHANGE, torch.zeros(1, 1, 64, 64)), latents(1))


def test_a_change_moves_the_region_and_a_whole_picture_beyond_the_guess(trained) -> None:
    operator, whole = RecolourOperator(trained), torch.ones(1, 1, 64, 64)
    assert (operator(latents(1), CHANGE, soft_mask()) - latents(1)).abs().max() > 0.01
    fusion = trained(latents(1), CHANGE.numbers[None], trained.read_mask(whole))
    assert fusion.residual.any()
    assert (fusion.alpha < 1.0).any()


def test_samples_of_a_batch_do_not_mix(trained) -> None:
    numbers = torch.stack([CHANGE.numbers, torch.zeros(7), -CHANGE.numbers])
    masks = torch.cat([soft_mask(), soft_mask(), torch.ones(1, 1, 64, 64)])
    cells = latents(1, batch=3)
    joined = trained(cells, numbers, trained.read_mask(masks)).fused
    assert torch.equal(joined[1], cells[1])
    for i in (0, 2):
        alone = trained(cells[i : i + 1], numbers[i : i + 1], trained.read_mask(masks[i : i + 1]))
        assert torch.allclose(alone.fused[0], joined[i], atol=1e-4)


def test_a_smaller_change_moves_latents_less(trained) -> None:
    features = trained.read_mask(torch.ones(1, 1, 64, 64))
    moved = [
        (trained(latents(1), size * CHANGE.numbers[None], features).fused - latents(1)).abs().mean()
        for size in (1.0, 0.1, 0.001)
    ]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.01 * moved[0]


def test_a_latent_of_another_size_than_its_mask_is_refused(trained) -> None:
    with pytest.raises(ValueError, match="do not fit the mask"):
        RecolourOperator(trained)(latents(1), CHANGE, torch.ones(1, 1, 64, 72))


def test_a_saved_network_is_read_back(vae, trained, tmp_path) -> None:
    save_network(trained, tmp_path / FILE_NAME, torch.float32)
    again = load_recolourer(tmp_path / FILE_NAME, vae)
    assert again.config == TOY_RECOLOUR
    made = [RecolourOperator(one)(latents(1), CHANGE, soft_mask()) for one in (trained, again)]
    assert torch.equal(*made)


def test_a_network_for_another_vae_is_refused(vae, trained, tmp_path) -> None:
    trained.fusion.mean.add_(1.0)
    save_network(trained, tmp_path / FILE_NAME)
    with pytest.raises(InputError, match=r"^[^\n]*another VAE[^\n]*tilewright train recolour`$"):
        load_recolourer(tmp_path / FILE_NAME, vae)


def test_a_file_of_something_else_is_refused_in_one_sentence(vae, tmp_path) -> None:
    save_network(new_network(vae, TOY), tmp_path / COMPOSITOR)
    with pytest.raises(InputError, match=r"^[^\n]*no recolourer for this VAE[^\n]*$"):
        load_recolourer(tmp_path / COMPOSITOR, vae)
    (tmp_path / FILE_NAME).write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"^[^\n]*recolourer\.safetensors[^\n]*$"):
        load_recolourer(tmp_path / FILE_NAME, vae)


@given(seed=st.integers(0, 999), strength=st.floats(0.0, 2.0))
def test_drawn_changes_keep_to_their_bounds(seed: int, strength: float) -> None:
    change = draw_change(np.random.default_rng(seed), strength)
    assert abs(change.log_gamma) <= MOST_GAMMA * strength
    assert max(map(abs, change.log_gain)) <= MOST_GAIN * strength
    assert max(map(abs, change.level)) <= MOST_LEVEL * strength


def test_gamma_gain_and_level_act_in_that_order() -> None:
    change = ColourChange(np.log(2.0), (np.log(2.0), 0.0, 0.0), (0.0, 0.25, 1.0))
    found = changed(torch.full((1, 3, 1, 1), 0.5), change.numbers[None])
    assert torch.allclose(found.flatten(), torch.tensor([0.0, 0.5, 1.0]))


def test_pixels_change_where_the_mask_says(vae) -> None:
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    assert torch.equal(recoloured(pixels, CHANGE.numbers[None], torch.zeros(1, 1, 64, 64)), pixels)
    whole = recoloured(pixels, CHANGE.numbers[None], torch.ones(1, 1, 64, 64))
    half = recoloured(pixels, CHANGE.numbers[None], torch.full((1, 1, 64, 64), 0.5))
    assert torch.allclose(half, 0.5 * (pixels + whole), atol=1e-6)


@given(seed=st.integers(0, 999))
def test_a_matching_change_brings_mean_and_deviation_where_they_should_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.uniform(0.4, 0.6, (3, 400)) * rng.uniform(0.9, 1.1, (3, 1))
    mean, std = rng.uniform(0.45, 0.55, 3), rng.uniform(0.02, 0.1, 3)
    change = ColourChange.matching(picture.mean(axis=1), picture.std(axis=1), mean, std)
    pixels = torch.from_numpy(picture).reshape(1, 3, 20, 20)
    found = changed(pixels, change.numbers[None]).flatten(2)[0].numpy()
    assert np.allclose(found.mean(axis=1), mean, atol=1e-4)
    assert np.allclose(found.std(axis=1), std, atol=1e-4)
