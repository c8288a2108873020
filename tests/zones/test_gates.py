"""The gates hold for the agreed numbers of steps, at any size and step count."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zones.gates import held_steps, klein_sigmas, min_reduce, release_sigma

MUS = st.floats(0, 1)
STEPS = st.integers(1, 60)


def test_index_gate_holds_12_11_8_0_of_12_steps() -> None:
    assert held_steps([0, 0.15, 0.35, 1], 12).tolist() == [12, 11, 8, 0]


def test_index_gate_is_the_same_in_single_precision() -> None:
    mu = np.array([0, 0.15, 0.35, 1], np.float32)
    assert held_steps(mu, 12).tolist() == [12, 11, 8, 0]


@given(st.integers(1, 60), st.data())
def test_index_gate_is_exact_at_fractions_of_the_schedule(steps: int, data: st.DataObject) -> None:
    free = data.draw(st.integers(0, steps))
    keep = 1 - Fraction(free, steps)
    exact = sum(keep > Fraction(i, steps) for i in range(steps))
    assert held_steps(np.float32(free / steps), steps) == exact
    assert held_steps(free / steps, steps) == exact


@given(MUS, STEPS)
def test_index_gate_counts_the_steps_that_hold(mu: float, steps: int) -> None:
    held = int(held_steps(mu, steps))
    borders = [(1 - mu) - i / steps for i in range(steps)]
    clear = [border for border in borders if abs(border) > 1e-5]
    assert sum(border > 0 for border in clear) <= held <= sum(border > -1e-5 for border in borders)


@given(
    st.lists(MUS, min_size=2, max_size=8).map(sorted), STEPS, st.sampled_from(["index", "sigma"])
)
def test_a_higher_mu_is_never_held_longer(mus: list[float], steps: int, gate: str) -> None:
    held = held_steps(mus, steps, gate).tolist()  # type: ignore[arg-type]
    assert held == sorted(held, reverse=True)


@given(STEPS, st.sampled_from(["index", "sigma"]))
def test_mu_zero_is_always_held_and_mu_one_never(steps: int, gate: str) -> None:
    assert held_steps([0, 1], steps, gate).tolist() == [steps, 0]  # type: ignore[arg-type]


def test_sigma_gate_frees_the_default_stencil_at_0_836() -> None:
    assert release_sigma(0.35) == pytest.approx(0.836, abs=5e-4)
    assert release_sigma([0, 1]).tolist() == [0, 1]


def test_both_gates_agree_on_the_schedule_that_defines_the_sigma_gate() -> None:
    mu = np.linspace(0, 1, 97)
    assert (held_steps(mu, 12, "sigma") == held_steps(mu, 12, "index")).all()


@pytest.mark.parametrize("side_px", [256, 1024, 2048])
@pytest.mark.parametrize("steps", [4, 12, 28])
def test_sigma_gate_frees_at_the_same_noise_level_at_any_size(side_px: int, steps: int) -> None:
    sigmas = klein_sigmas((side_px // 16) ** 2, steps)
    held = int(held_steps(0.35, steps, "sigma", sigmas))
    assert all(sigma > release_sigma(0.35) for sigma in sigmas[:held])
    assert all(sigma <= release_sigma(0.35) + 1e-6 for sigma in sigmas[held:])


def test_schedule_of_1024_px_and_12_steps_is_strongly_shifted() -> None:
    expected = [1.0, 0.99, 0.979, 0.966, 0.95, 0.93, 0.904, 0.871, 0.825, 0.759, 0.654, 0.462]
    assert klein_sigmas(4096, 12) == pytest.approx(expected, abs=6e-4)


def test_schedule_above_4300_tokens_ignores_the_step_count() -> None:
    assert klein_sigmas(16384, 12)[6] == pytest.approx(klein_sigmas(16384, 24)[12], abs=1e-12)


@given(st.integers(1, 10000), STEPS)
def test_schedule_falls_from_one(tokens: int, steps: int) -> None:
    sigmas = klein_sigmas(tokens, steps)
    assert sigmas[0] == 1
    assert list(sigmas) == sorted(sigmas, reverse=True)
    assert 0 < sigmas[-1] <= 1


@pytest.mark.parametrize("mu", [-0.1, 1.1, float("nan")])
def test_mu_outside_its_range_is_refused(mu: float) -> None:
    with pytest.raises(ValueError, match="mu"):
        held_steps(mu, 12)


def test_wrong_numbers_of_steps_or_sigmas_are_refused() -> None:
    for steps in (0, 256):
        with pytest.raises(ValueError, match="steps"):
            held_steps(0.5, steps)
    with pytest.raises(ValueError, match="12 sigmas"):
        held_steps(0.5, 12, "sigma", [1.0, 0.5])


@pytest.mark.parametrize("cell_px", [8, 16])
@pytest.mark.parametrize("at", range(0, 62, 5))
def test_a_two_pixel_line_survives_the_reduction(cell_px: int, at: int) -> None:
    mu = np.ones((64, 64), np.float32)
    mu[:, at : at + 2] = 0.35
    reduced = min_reduce(mu, cell_px)
    assert (reduced == np.float32(0.35)).any(axis=1).all()
    assert (reduced[:, at // cell_px] == np.float32(0.35)).all()


@given(st.integers(0, 10_000))
def test_reduction_takes_the_lowest_mu_of_each_cell(seed: int) -> None:
    mu = np.random.default_rng(seed).random((16, 32), np.float32)
    reduced = min_reduce(mu, 8)
    assert reduced.shape == (2, 4)
    assert reduced[1, 2] == mu[8:16, 16:24].min()


def test_reduction_refuses_sides_that_do_not_divide() -> None:
    with pytest.raises(ValueError, match="cells of 16"):
        min_reduce(np.ones((24, 16), np.float32), 16)
