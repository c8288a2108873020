"""Calls of the differential pipeline: size, reference stream, cancelling, refusals."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

from generation.plan.errors import Cancelled
from tests.support.klein_calls import call, canvas, normal_noise, steps_of, white
from tests.support.toy_models import toy_scheduler

FREE = np.ones((32, 48), np.float32)


@pytest.fixture
def token_counts(pipe):
    """Image tokens of every call of the transformer."""
    counts = []
    handle = pipe.transformer.register_forward_pre_hook(
        lambda _module, _args, keywords: counts.append(keywords["hidden_states"].shape[1]),
        with_kwargs=True,
    )
    yield counts
    handle.remove()


def test_the_seed_canvas_enters_as_reference_tokens(pipe, token_counts):
    call(pipe, change_map=FREE, num_inference_steps=1)
    assert token_counts == [2 * 6]


def test_reference_off_leaves_only_the_canvas_tokens(pipe, token_counts):
    call(pipe, change_map=FREE, num_inference_steps=1, reference=False)
    assert token_counts == [6]


def test_one_step_works_where_the_scheduler_stretches_its_schedule(pipe, monkeypatch):
    expected = call(pipe, change_map=FREE, num_inference_steps=1)
    stretching = toy_scheduler(0.15)
    monkeypatch.setattr(pipe, "scheduler", stretching)
    assert torch.equal(call(pipe, change_map=FREE, num_inference_steps=1), expected)
    assert pipe.scheduler is stretching


def test_reference_off_keeps_a_style_reference(pipe, token_counts):
    style = canvas(16, 16, seed=9)
    keywords = {"num_inference_steps": 1, "reference": False, "image_reference": style}
    call(pipe, change_map=FREE, **keywords)
    assert token_counts == [6 + 1]


def test_reference_off_works_in_a_batch(pipe):
    latents = call(pipe, change_map=FREE, prompt=["grass", "sand"], reference=False)
    assert latents.shape == (2, 4, 4, 6)


@pytest.mark.parametrize("keyword", ["change_map", "mask_image"])
def test_a_window_over_the_stock_area_is_painted_at_its_own_size(pipe, token_counts, keyword):
    height, width = 1024, 1040
    free = {"change_map": np.ones((height, width), np.float32), "mask_image": white(height, width)}
    latents = call(
        pipe,
        image=canvas(height, width),
        num_inference_steps=1,
        reference=False,
        **{keyword: free[keyword]},
    )
    assert latents.shape == (1, 4, 128, 130)
    assert token_counts == [64 * 65]


def test_a_held_window_over_the_stock_area_keeps_its_source(pipe):
    height, width = 1040, 1040
    pixels = canvas(height, width)
    final = call(
        pipe,
        image=pixels,
        change_map=np.zeros((height, width), np.float32),
        num_inference_steps=1,
        reference=False,
    )
    expected = pipe._unpatchify_latents(pipe.encode_canvas(pixels * 2 - 1))
    torch.testing.assert_close(final, expected, rtol=1e-4, atol=1e-5)


def cancel_at(last_step):
    def hook(_pipe, step, _timestep, _tensors):
        if step == last_step:
            raise Cancelled
        return {}

    return hook


@pytest.mark.parametrize("maps", [{"change_map": FREE * 0.5}, {"mask_image": white()}])
@pytest.mark.parametrize("last_step", [0, 2])
def test_a_cancelled_call_leaves_the_pipeline_as_a_fresh_one(pipe, maps, last_step):
    keywords = {**maps, "noise": normal_noise()}
    expected = call(pipe, **keywords)
    with pytest.raises(Cancelled):
        call(pipe, **keywords, strength=0.7, callback_on_step_end=cancel_at(last_step))
    assert pipe._run is None
    assert pipe.current_timestep is None
    assert pipe.scheduler.step_index is None
    assert pipe.scheduler.begin_index is None
    assert torch.equal(expected, call(pipe, **keywords))


def test_a_cancelled_call_runs_no_further_step(pipe, token_counts):
    with pytest.raises(Cancelled):
        call(pipe, change_map=FREE, callback_on_step_end=cancel_at(1))
    assert len(token_counts) == 2


def test_nothing_of_a_call_outlives_it(pipe):
    kept = []

    def hook(_pipe, _step, _timestep, tensors):
        kept.append(weakref.ref(tensors["latents"]))
        return {}

    call(pipe, change_map=FREE * 0.5, callback_on_step_end=hook)
    gc.collect()
    assert [reference() for reference in kept] == [None] * 4


def test_strength_below_one_starts_from_the_source_noised_with_own_noise(pipe):
    starts = []
    handle = pipe.transformer.register_forward_pre_hook(
        lambda _module, _args, keywords: starts.append(keywords["hidden_states"][:, :6]),
        with_kwargs=True,
    )
    seen = steps_of(pipe, change_map=FREE, noise=normal_noise(), strength=0.5)
    handle.remove()
    sigma = pipe.scheduler.sigmas[2]
    expected = sigma * seen[0]["noise"] + (1 - sigma) * seen[0]["image_latents"]
    assert len(seen) == 2
    assert torch.equal(starts[0], expected)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"change_map": FREE, "mask_image": white()}, "not both"),
        ({"change_map": FREE[:16]}, "does not fit"),
        ({"change_map": np.stack([FREE] * 3)}, "does not fit"),
        ({"change_map": FREE, "noise": normal_noise(32, 32)}, "does not fit"),
        ({"change_map": FREE, "noise": normal_noise()[0]}, "noise must be"),
        ({"change_map": FREE, "gate": "soft"}, "no such gate"),
        ({"change_map": FREE, "cell_px": 4}, "no such gate"),
        ({"change_map": FREE, "padding_mask_crop": 8}, "padding_mask_crop"),
        ({"change_map": FREE, "noise": normal_noise(), "latents": torch.zeros(1)}, "not both"),
    ],
)
def test_keywords_that_do_not_fit_are_refused(pipe, keywords, message):
    with pytest.raises(ValueError, match=message):
        call(pipe, **keywords)
