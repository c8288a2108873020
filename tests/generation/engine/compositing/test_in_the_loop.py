"""Compositing clean predictions in the denoising loop instead of gating cells."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.compositors import ExactCompositor, LinearCompositor
from generation.engine.compositing.decformer import DecFormerCompositor
from generation.engine.compositing.storage import new_network
from tests.generation.engine.compositing.conftest import TOY
from tests.support.klein_calls import call, normal_noise, steps_of, white


def cells_of_8_px() -> np.ndarray:
    """A change map whose levels change only between cells."""
    levels = np.array([0.0, 0.15, 0.35, 1.0], np.float32)
    cells = np.random.default_rng(3).choice(levels, (4, 6))
    return np.kron(cells, np.ones((8, 8), np.float32)).astype(np.float32)


@pytest.mark.parametrize("gate", ["index", "sigma"])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_whole_cells_blended_linearly_are_the_gate_to_rounding(pipe, gate, strength) -> None:
    options = {
        "change_map": cells_of_8_px(),
        "gate": gate,
        "noise": normal_noise(),
        "num_inference_steps": 12,
        "strength": strength,
    }
    gated = steps_of(pipe, **options)
    fused = steps_of(pipe, **options, compositor=LinearCompositor())
    for one, other in zip(gated, fused, strict=True):
        assert torch.allclose(one["latents"], other["latents"], atol=2e-4)


def test_guides_of_any_shape_are_held_as_the_gate_holds_them(pipe) -> None:
    random = np.random.default_rng(6)
    change_map = random.choice(np.array([0.15, 0.35, 1.0], np.float32), (32, 48))
    options = {"change_map": change_map, "noise": normal_noise(), "num_inference_steps": 12}
    fused = call(pipe, **options, compositor=LinearCompositor())
    assert torch.allclose(call(pipe, **options), fused, atol=2e-4)


def test_an_untrained_network_is_the_linear_blend_in_the_loop(pipe) -> None:
    change_map = np.linspace(0.0, 1.0, 32 * 48, dtype=np.float32).reshape(32, 48)
    options = {"change_map": change_map, "noise": normal_noise()}
    learnt = DecFormerCompositor(new_network(pipe.vae, TOY))
    linear = call(pipe, **options, compositor=LinearCompositor())
    assert torch.allclose(call(pipe, **options, compositor=learnt), linear, atol=1e-3)


def test_a_line_finer_than_a_cell_is_held_by_its_share(pipe) -> None:
    change_map = np.ones((32, 48), np.float32)
    change_map[:, 17:19] = 0.0
    options = {"change_map": change_map, "noise": normal_noise()}
    held = call(pipe, **{**options, "change_map": np.zeros((32, 48), np.float32)})
    free = call(pipe, **{**options, "change_map": np.ones((32, 48), np.float32)})
    gated = call(pipe, **options)
    fused = call(pipe, **options, compositor=LinearCompositor())
    assert torch.allclose(gated[..., 2], held[..., 2], atol=1e-5)
    assert not torch.allclose(fused[..., 2], held[..., 2], atol=1e-2)
    assert not torch.allclose(fused[..., 2], free[..., 2], atol=1e-3)


def test_what_is_held_to_the_end_is_the_source_with_every_compositor(pipe) -> None:
    options = {"change_map": np.zeros((32, 48), np.float32), "noise": normal_noise()}
    source = call(pipe, **options)
    for compositor in (LinearCompositor(), DecFormerCompositor(new_network(pipe.vae, TOY))):
        assert torch.allclose(call(pipe, **options, compositor=compositor), source, atol=1e-5)
    exact = call(pipe, **options, compositor=ExactCompositor(pipe.vae))
    assert bool(exact.isfinite().all())


def test_a_compositor_without_a_change_map_is_refused(pipe) -> None:
    with pytest.raises(ValueError, match="needs a change_map"):
        call(pipe, mask_image=white(), compositor=LinearCompositor())
