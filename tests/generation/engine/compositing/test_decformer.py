"""DecFormer starts as the linear blend, takes pictures of any size and reads each mask once."""

import math
from itertools import pairwise

import pytest
import torch

from generation.engine.compositing.compositors import LinearCompositor
from generation.engine.compositing.decformer import FLUX2, DecFormer, DecFormerCompositor
from generation.engine.compositing.storage import (
    config_for,
    load_network,
    new_network,
    save_network,
)
from tests.generation.engine.compositing.conftest import TOY, latents, soft_mask
from zones.errors import InputError


def test_a_fresh_network_is_the_blend_with_cell_means(vae) -> None:
    network = new_network(vae, TOY)
    fused = DecFormerCompositor(network)(latents(1), latents(2), soft_mask())
    assert torch.allclose(fused, LinearCompositor()(latents(1), latents(2), soft_mask()), atol=1e-5)


def test_a_fresh_network_has_the_cell_means_as_weights_even_at_0_and_1(vae) -> None:
    fusion = DecFormerCompositor(new_network(vae, TOY)).fuse(latents(1), latents(2), soft_mask())
    means = LinearCompositor().weights(soft_mask())
    assert means.min() == 0.0
    assert means.max() == 1.0
    assert torch.allclose(fusion.alpha, means.expand_as(fusion.alpha), atol=1e-6)


def test_the_fused_latent_is_made_of_its_weights_and_residual(moved) -> None:
    fusion = DecFormerCompositor(moved).fuse(latents(1), latents(2), soft_mask())
    blend = torch.lerp(latents(1), latents(2), fusion.alpha)
    assert torch.allclose(fusion.fused, blend + fusion.residual, atol=1e-5)
    assert fusion.alpha.min() >= 0.0
    assert fusion.alpha.max() <= 1.0
    assert (fusion.alpha[:, :1] - fusion.alpha[:, 1:]).abs().max() > 0.01


def test_without_a_share_there_is_no_residual(moved) -> None:
    fusion = moved(latents(1), latents(2), moved.read_mask(soft_mask()), 0.0)
    assert not fusion.residual.any()


@pytest.mark.parametrize(("height", "width"), [(2, 2), (6, 10), (14, 4), (34, 18)])
def test_any_multiple_of_16_px_can_be_fused(moved, height: int, width: int) -> None:
    mask = soft_mask(8 * height, 8 * width)
    fused = DecFormerCompositor(moved)(latents(1, height, width), latents(2, height, width), mask)
    assert fused.shape == (1, 4, height, width)
    assert bool(fused.isfinite().all())


def test_every_scale_sees_the_composite_of_the_one_before(moved) -> None:
    seen = []
    for scale in moved.scales:
        scale.enter.register_forward_pre_hook(lambda _, args: seen.append(args[0].numel()))
    stacks = []
    state_stack = "generation.engine.compositing.decformer._State.stack"
    with pytest.MonkeyPatch.context() as patch:
        from generation.engine.compositing import decformer

        own = decformer._State.stack

        def kept(self, share):
            stacks.append(own(self, share))
            return stacks[-1]

        patch.setattr(state_stack, kept)
        moved(latents(1), latents(2), moved.read_mask(soft_mask()))
    composites = [stack[..., 16:20] for stack in stacks]
    assert len(composites) == len(seen) == 4
    assert all((before - after).abs().max() > 1e-3 for before, after in pairwise(composites))


def test_only_patches_of_one_cell_attend_to_the_mask(moved) -> None:
    for patch, scale in zip(TOY.patches, moved.scales, strict=True):
        assert all((block.to_mask is not None) == (patch == 1) for block in scale.blocks)


def test_a_mask_is_read_once_for_all_steps(moved) -> None:
    read = []
    moved.mask_net.register_forward_hook(lambda *_: read.append(1))
    compositor = DecFormerCompositor(moved)
    for step in range(3):
        compositor(latents(step), latents(9), soft_mask())
    assert len(read) == 1
    compositor(latents(1), latents(9), 1.0 - soft_mask())
    assert len(read) == 2


def test_every_weight_gets_a_gradient(moved) -> None:
    fusion = moved(latents(1), latents(2), moved.read_mask(soft_mask()))
    (fusion.fused - latents(3)).square().mean().backward()
    assert [name for name, value in moved.named_parameters() if value.grad is None] == []


def test_flux2_has_the_size_of_the_paper() -> None:
    with torch.device("meta"):
        network = DecFormer(FLUX2, torch.zeros(32), torch.ones(32))
    assert math.isclose(sum(p.numel() for p in network.parameters()), 7.7e6, rel_tol=0.03)


def test_the_sizes_follow_from_the_channels() -> None:
    assert config_for(32) == FLUX2
    assert config_for(16).latent_channels == 16


def test_a_saved_network_fuses_as_before(moved, vae, tmp_path) -> None:
    save_network(moved, tmp_path / "a.safetensors", torch.float32)
    loaded = load_network(tmp_path / "a.safetensors", vae)
    both = [
        DecFormerCompositor(net)(latents(1), latents(2), soft_mask()) for net in (moved, loaded)
    ]
    assert torch.allclose(*both, atol=1e-5)


def test_a_network_of_another_vae_is_refused(moved, vae, tmp_path) -> None:
    moved.mean += 1.0
    save_network(moved, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="trained for another VAE"):
        load_network(tmp_path / "a.safetensors", vae)


def test_a_file_that_is_no_compositor_is_refused(vae, vae_folder) -> None:
    weights = next(vae_folder.glob("*.safetensors"))
    with pytest.raises(InputError, match="no compositor for this VAE"):
        load_network(weights, vae)
