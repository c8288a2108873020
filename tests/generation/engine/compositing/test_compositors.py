"""Every compositor keeps to one interface, in cells and through the tokens of a Klein model."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.compositing.compositors import (
    ExactCompositor,
    LinearCompositor,
    TokenSpace,
)
from generation.engine.compositing.decformer import DecFormerCompositor
from generation.engine.compositing.masks import area_cells
from generation.engine.compositing.solved import share_outside, solve
from tests.generation.engine.compositing.conftest import latents, soft_mask

LINEAR = [
    LinearCompositor(way, cell_px) for way in ("nearest", "bilinear", "area") for cell_px in (8, 16)
]


@pytest.fixture
def compositors(vae, moved):
    return [*LINEAR, ExactCompositor(vae), DecFormerCompositor(moved)]


def test_all_return_latents_of_the_same_size(compositors) -> None:
    for compositor in compositors:
        fused = compositor(latents(1, batch=2), latents(2, batch=2), soft_mask())
        assert fused.shape == (2, 4, 8, 8)
        assert bool(fused.isfinite().all())


def test_all_refuse_a_mask_of_another_size(compositors) -> None:
    for compositor in compositors:
        with pytest.raises(ValueError, match="do not fit the mask"):
            compositor(latents(1), latents(2), soft_mask(64, 56))


def test_a_mask_of_one_takes_the_second_and_of_zero_the_first(vae, moved) -> None:
    for compositor in (*LINEAR, DecFormerCompositor(moved)):
        ones = torch.ones(1, 1, 64, 64)
        assert torch.equal(compositor(latents(1), latents(2), ones), latents(2))
        assert torch.equal(compositor(latents(1), latents(2), 0.0 * ones), latents(1))
    exact = ExactCompositor(vae)(latents(1), latents(2), torch.ones(1, 1, 64, 64))
    assert torch.equal(exact, vae.encode(vae.decode(latents(2)).sample).latent_dist.mode())


def test_exact_without_drift_takes_either_side_as_it_is(vae) -> None:
    compositor = ExactCompositor(vae, drift_free=True)
    for mask, taken in ((torch.zeros(1, 1, 64, 64), 1), (torch.ones(1, 1, 64, 64), 2)):
        assert torch.allclose(compositor(latents(1), latents(2), mask), latents(taken), atol=1e-4)
    again = compositor(latents(1), latents(1), soft_mask())
    assert torch.allclose(again, latents(1), atol=1e-4)


def test_exact_notices_another_second_latent(vae) -> None:
    compositor = ExactCompositor(vae)
    for second in (2, 3, 2):
        fused = compositor(latents(1), latents(second), soft_mask())
        assert torch.equal(fused, ExactCompositor(vae)(latents(1), latents(second), soft_mask()))


def test_area_weights_see_a_line_that_nearest_and_bilinear_miss() -> None:
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 1] = 1.0
    assert not LinearCompositor("nearest").weights(mask).any()
    assert not LinearCompositor("bilinear").weights(mask).any()
    assert torch.all(LinearCompositor("area").weights(mask)[..., 0] == 1 / 8)


def test_16_px_weights_are_the_same_for_the_four_cells_of_a_token() -> None:
    weights = LinearCompositor("area", 16).weights(soft_mask())
    blocks = weights.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    assert torch.equal(blocks.amin(-1), blocks.amax(-1))


def test_tokens_and_cells_are_inverse(vae) -> None:
    space = TokenSpace.of(vae)
    assert torch.allclose(space.to_cells(space.to_tokens(latents(1))), latents(1), atol=1e-5)


def test_tokens_are_normalised_as_the_pipeline_does(vae, pipe) -> None:
    tokens = TokenSpace.of(vae).to_tokens(latents(1))
    std = torch.sqrt(vae.bn.running_var + vae.config.batch_norm_eps).view(1, -1, 1, 1)
    stock = (pipe._patchify_latents(latents(1)) - vae.bn.running_mean.view(1, -1, 1, 1)) / std
    assert torch.allclose(tokens, stock, atol=1e-5)


def test_composited_tokens_decode_as_composited_cells(vae, compositors) -> None:
    space = TokenSpace.of(vae)
    for compositor in compositors:
        direct = space.to_tokens(compositor(latents(1), latents(2), soft_mask()))
        sides = space.to_tokens(latents(1)), space.to_tokens(latents(2))
        assert torch.allclose(space.composite(compositor, *sides, soft_mask()), direct, atol=1e-4)


def test_cell_statistics_are_those_of_all_four_places(vae) -> None:
    space = TokenSpace.of(vae)
    random = torch.Generator().manual_seed(1)
    cells = space.to_cells(torch.randn((64, 16, 16, 16), generator=random))
    mean, std = space.cell_statistics()
    assert torch.allclose(cells.mean(dim=(0, 2, 3)), mean, atol=0.03)
    assert torch.allclose(cells.std(dim=(0, 2, 3)), std, rtol=0.03)


@given(weight=st.floats(0.0, 1.0))
def test_solved_weights_find_the_blend_that_made_a_target(weight: float) -> None:
    first, second = latents(1), latents(2)
    target = torch.lerp(first, second, weight)
    for per_channel in (True, False):
        found = solve(first, second, target, per_channel=per_channel)
        assert torch.allclose(found.fused, target, atol=1e-3)


def test_solved_weights_are_cut_but_told_uncut() -> None:
    first, second = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    found = solve(first, second, torch.full((1, 1, 1, 1), 1.5), per_channel=True)
    assert found.fused.item() == 1.0
    assert abs(found.raw.item() - 1.5) < 1e-4


def test_the_share_outside_counts_only_cells_that_differ() -> None:
    first = torch.zeros(1, 1, 2, 2)
    second = torch.tensor([[[[1.0, 1.0], [1.0, 0.01]]]])
    target = torch.tensor([[[[0.5, 1.5], [-0.5, 9.0]]]])
    assert abs(share_outside(first, second, target, torch.ones(1)) - 2 / 3) < 1e-6


def test_no_blend_is_closer_than_the_solved_one() -> None:
    first, second, target = latents(1), latents(2), latents(3)
    best = (solve(first, second, target, per_channel=True).fused - target).square().mean()
    shared = (solve(first, second, target, per_channel=False).fused - target).square().mean()
    area = torch.lerp(first, second, area_cells(soft_mask()))
    assert best <= shared <= (area - target).square().mean()
