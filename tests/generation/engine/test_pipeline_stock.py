"""Where the differential pipeline must be the stock pipeline, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.support.klein_calls import call, canvas, normal_noise, white

HALF = torch.cat([torch.zeros((1, 1, 32, 16)), torch.ones((1, 1, 32, 32))], dim=-1)

VARIANTS = {
    "white mask": {"mask_image": white()},
    "half mask": {"mask_image": HALF},
    "strength 0.6": {"mask_image": HALF, "strength": 0.6},
    "style reference": {"mask_image": white(), "image_reference": canvas(seed=9)},
    "batch": {
        "mask_image": white(),
        "prompt": ["grass", "sand"],
        "image": torch.cat([canvas(seed=1), canvas(seed=2)]),
    },
    "decoded": {"mask_image": HALF, "output_type": "pt"},
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_without_change_map_it_equals_the_stock_pipeline(pipe, stock, variant):
    assert torch.equal(call(stock, **variant), call(pipe, **variant))


@pytest.mark.parametrize("gate", ["index", "sigma"])
@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_mu_one_everywhere_equals_the_stock_pipeline(pipe, stock, gate, strength):
    expected = call(stock, mask_image=white(), strength=strength)
    open_map = np.ones((32, 48), np.float32)
    assert torch.equal(expected, call(pipe, change_map=open_map, gate=gate, strength=strength))


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_own_noise_equals_the_same_noise_drawn_by_the_stock_pipeline(pipe, stock, strength):
    drawn = torch.randn((1, 16, 2, 3), generator=torch.Generator().manual_seed(7))
    cells = pipe._unpatchify_latents(drawn)
    expected = call(stock, mask_image=white(), strength=strength)
    actual = call(pipe, mask_image=white(), strength=strength, noise=cells, generator=None)
    assert torch.equal(expected, actual)


def test_a_pre_encoded_canvas_equals_the_same_canvas_in_pixels(pipe, stock):
    expected = call(stock, mask_image=HALF)
    latents = pipe.encode_canvas(canvas() * 2 - 1)
    assert torch.equal(expected, call(pipe, mask_image=HALF, image=latents))


def test_equal_calls_give_equal_latents(pipe):
    maps = {"change_map": np.full((32, 48), 0.5, np.float32), "noise": normal_noise()}
    assert torch.equal(call(pipe, **maps), call(pipe, **maps))
