"""The bridge of a token, and the noise levels that samples are trained at."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.training.bridges import Levels, bridge, draw_levels, release_levels
from zones.gates import klein_sigmas

TOKENS = 16


def drawn(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    return torch.randn(2, TOKENS, 3), torch.randn(2, TOKENS, 3), torch.randn(2, TOKENS, 3)


@given(st.integers(0, 99), st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_moving_a_free_state_along_its_velocity_reaches_the_truth(seed, sigma, release):
    truth, source, noise = drawn(seed)
    level = torch.tensor([min(sigma, release)] * 2)
    goal = bridge(truth, source, noise, torch.full((2, TOKENS), release), level)
    assert torch.equal(goal.weight, torch.ones(2, TOKENS))
    reached = goal.state - level[:, None, None] * goal.target
    torch.testing.assert_close(reached, truth, atol=1e-4, rtol=1e-4)


def test_a_bridge_starts_as_the_source_noised_to_its_release_level():
    truth, source, noise = drawn(1)
    goal = bridge(truth, source, noise, torch.full((2, TOKENS), 0.8), torch.tensor([0.8, 0.8]))
    torch.testing.assert_close(goal.state, 0.2 * source + 0.8 * noise)


def test_a_token_free_from_the_start_is_plain_flow_matching():
    truth, source, noise = drawn(2)
    goal = bridge(truth, source, noise, torch.ones(2, TOKENS), torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(goal.state, 0.5 * truth + 0.5 * noise)
    torch.testing.assert_close(goal.target, noise - truth)


def test_a_held_token_shows_the_noised_source_and_has_no_weight():
    truth, source, noise = drawn(3)
    release = torch.ones(2, TOKENS)
    release[:, :4] = 0.0
    goal = bridge(truth, source, noise, release, torch.tensor([0.25, 0.25]))
    torch.testing.assert_close(goal.state[:, :4], (0.75 * source + 0.25 * noise)[:, :4])
    assert goal.weight[:, :4].sum() == 0
    assert goal.weight[:, 4:].min() == 1


@pytest.mark.parametrize("tokens", [144, 256])
def test_levels_are_visited_by_a_real_schedule(tokens):
    visited = {level for steps in (4, 8, 12) for level in klein_sigmas(tokens, steps, 0.15)}
    for seed in range(50):
        levels = draw_levels(np.random.default_rng(seed), tokens, 0.15)
        assert {levels.sigma, levels.start, levels.stencil} <= visited
        assert levels.sigma <= levels.start
        assert levels.stencil <= levels.start


def test_finished_tokens_are_never_released_and_stencils_late():
    stencil = torch.tensor([False, True, False])
    finished = torch.tensor([False, False, True])
    release = release_levels(Levels(0.5, 1.0, 0.7, hold=True), stencil, finished)
    torch.testing.assert_close(release, torch.tensor([1.0, 0.7, 0.0]))
