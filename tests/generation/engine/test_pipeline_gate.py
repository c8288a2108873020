"""What the change map does to the latents, step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generation.engine.latents import pack, patchify
from tests.support.klein_calls import call, canvas, normal_noise, steps_of, white
from zones.gates import held_steps, min_reduce


def patchwork() -> np.ndarray:
    """A change map of the four published levels, in cells of 8 px, with one free token."""
    levels = np.array([0.0, 0.15, 0.35, 1.0], np.float32)
    cells = np.random.default_rng(3).choice(levels, (4, 6))
    cells[:2, :2] = 1.0
    return np.kron(cells, np.ones((8, 8), np.float32)).astype(np.float32)


def packed_source(pipe) -> torch.Tensor:
    """The canvas encoded and batch-normalised as packed latents, by an independent path."""
    tokens = pipe.encode_canvas(canvas() * 2 - 1)
    mean = pipe.vae.bn.running_mean.view(1, -1, 1, 1)
    std = torch.sqrt(pipe.vae.bn.running_var.view(1, -1, 1, 1) + pipe.vae.config.batch_norm_eps)
    return pack((tokens - mean) / std)


def held_tokens(mu: np.ndarray, steps: int, gate: str, sigmas: list[float], cell_px: int):
    """Held steps laid out like packed latents, through a pixel-by-pixel detour."""
    held = held_steps(min_reduce(mu, cell_px), steps, gate, sigmas)
    fine = np.kron(held, np.ones((cell_px // 8, cell_px // 8), np.uint8))
    cells = torch.from_numpy(fine)[None, None].expand(1, 4, -1, -1)
    return pack(patchify(cells))


@pytest.mark.parametrize("cell_px", [8, 16])
@pytest.mark.parametrize("gate", ["index", "sigma"])
@pytest.mark.parametrize(("steps", "strength"), [(12, 1.0), (12, 0.5), (4, 1.0), (1, 1.0)])
def test_every_held_latent_is_the_source_noised_to_the_next_timestep(
    pipe, steps, strength, gate, cell_px
):
    mu = patchwork()
    seen = steps_of(
        pipe,
        change_map=mu,
        gate=gate,
        cell_px=cell_px,
        noise=normal_noise(),
        num_inference_steps=steps,
        strength=strength,
    )
    sigmas = pipe.scheduler.sigmas
    held = held_tokens(mu, steps, gate, sigmas[:-1].tolist(), cell_px)
    noise = pack(patchify(torch.from_numpy(normal_noise())[None]))
    source = packed_source(pipe)
    first = steps - len(seen)
    for step, tensors in enumerate(seen, start=first):
        expected = sigmas[step + 1] * noise + (1 - sigmas[step + 1]) * source
        pinned = held > step
        assert torch.equal(tensors["latents"][pinned], expected[pinned])
        assert torch.equal(tensors["noise"], noise)


@pytest.mark.parametrize("cell_px", [8, 16])
def test_free_latents_keep_what_the_model_made(pipe, stock, cell_px):
    mu = patchwork()
    gated = steps_of(pipe, change_map=mu, cell_px=cell_px)[0]["latents"]
    ungated = steps_of(pipe, mask_image=white())[0]["latents"]
    free = held_tokens(mu, 4, "index", pipe.scheduler.sigmas[:-1].tolist(), cell_px) == 0
    assert free.any()
    assert torch.equal(gated[free], ungated[free])
    assert not torch.equal(gated[~free], ungated[~free])


@pytest.mark.parametrize("strength", [1.0, 0.5])
@pytest.mark.parametrize("gate", ["index", "sigma"])
def test_mu_zero_everywhere_ends_on_the_packed_source_latents(pipe, gate, strength):
    locked = np.zeros((32, 48), np.float32)
    last = steps_of(pipe, change_map=locked, gate=gate, strength=strength)[-1]
    assert torch.equal(last["latents"], packed_source(pipe))


def test_strength_below_one_gates_by_the_full_schedule(pipe):
    mu = np.full((32, 48), 0.35, np.float32)
    seen = steps_of(pipe, change_map=mu, num_inference_steps=12, strength=0.5)
    source, sigmas = packed_source(pipe), pipe.scheduler.sigmas
    held = [
        torch.equal(
            tensors["latents"],
            sigmas[step + 1] * tensors["noise"] + (1 - sigmas[step + 1]) * source,
        )
        for step, tensors in enumerate(seen, start=6)
    ]
    assert held == [True, True, False, False, False, False]


def test_each_image_of_a_batch_follows_its_own_change_map_and_noise(pipe):
    maps = np.stack([np.zeros((32, 48), np.float32), patchwork()])
    noises = np.stack([normal_noise(seed=5), normal_noise(seed=6)])
    pictures = [canvas(seed=1), canvas(seed=2)]
    together = call(
        pipe,
        prompt=["grass", "sand"],
        image=torch.cat(pictures),
        change_map=maps,
        noise=noises,
    )
    for index, prompt in enumerate(["grass", "sand"]):
        alone = call(
            pipe,
            prompt=prompt,
            image=pictures[index],
            change_map=maps[index],
            noise=noises[index],
        )
        torch.testing.assert_close(together[index : index + 1], alone, rtol=1e-4, atol=1e-5)


def test_one_change_map_serves_every_image_of_a_batch(pipe):
    both = call(
        pipe,
        prompt=["grass", "sand"],
        image=canvas(),
        change_map=np.zeros((32, 48), np.float32),
    )
    assert both.shape[0] == 2
    assert torch.equal(both[0], both[1])


def test_a_two_pixel_line_is_held_along_its_whole_length(pipe):
    mu = np.ones((32, 48), np.float32)
    mu[15:17, :] = 0.0
    last = steps_of(pipe, change_map=mu)[-1]["latents"]
    cells = pipe._unpatchify_latents(last.transpose(1, 2).reshape(1, 16, 2, 3))
    source = packed_source(pipe).transpose(1, 2).reshape(1, 16, 2, 3)
    on_source = (cells == pipe._unpatchify_latents(source)).all(dim=1)[0]
    assert on_source[1:3].all()
    assert not on_source[[0, 3]].any()


def test_the_callers_step_callback_sees_and_may_change_the_gated_latents(pipe):
    seen = []

    def hook(_pipe, step, _timestep, tensors):
        seen.append((step, set(tensors)))
        return {"latents": torch.zeros_like(tensors["latents"])} if step == 3 else {}

    final = call(
        pipe,
        change_map=patchwork(),
        callback_on_step_end=hook,
        callback_on_step_end_tensor_inputs=["latents", "noise"],
    )
    assert seen == [(step, {"latents", "noise"}) for step in range(4)]
    zeros = call(
        pipe,
        change_map=np.zeros((32, 48), np.float32),
        callback_on_step_end=hook,
    )
    assert torch.equal(final, zeros)
