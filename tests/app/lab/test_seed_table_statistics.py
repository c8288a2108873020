"""Bootstrapped intervals and verdicts of the seed table, against cases that are known."""

from __future__ import annotations

import numpy as np
import pytest

from app.lab.seed_table.statistics import Place, compare, interval_of

SEEDS = range(6)


def maps(*values: float) -> dict[Place, float]:
    return {("seed", number): value for number, value in enumerate(values)}


def test_equal_maps_have_an_interval_without_width() -> None:
    found = interval_of([3.0] * 5)
    assert found is not None
    assert (found.value, found.low, found.high) == (3.0, 3.0, 3.0)


def test_no_maps_have_no_interval() -> None:
    assert interval_of([]) is None


def test_the_interval_of_many_maps_is_the_textbook_s() -> None:
    values = np.random.default_rng(5).normal(10.0, 2.0, 400)
    found = interval_of(values.tolist())
    half = 1.96 * values.std() / np.sqrt(values.size)
    assert found is not None
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_intervals_cover_the_true_mean_about_as_often_as_they_say() -> None:
    draws = np.random.default_rng(6).normal(1.0, 1.0, (300, 30))
    found = [interval_of(draw.tolist()) for draw in draws]
    covered = [each is not None and each.low <= 1.0 <= each.high for each in found]
    assert 0.90 <= np.mean(covered) <= 0.98


def test_the_same_maps_give_the_same_interval() -> None:
    assert interval_of([1.0, 2.0, 5.0]) == interval_of([1.0, 2.0, 5.0])


@pytest.mark.parametrize(
    ("ours", "low_is_good", "verdict"),
    [
        ((1.0, 1.1, 0.9, 1.0), True, "better"),
        ((1.0, 1.1, 0.9, 1.0), False, "worse"),
        ((9.0, 9.1, 8.9, 9.0), True, "worse"),
        ((9.0, 9.1, 8.9, 9.0), False, "better"),
        ((5.0, 5.3, 4.6, 5.0), True, "equal"),
    ],
)
def test_rows_are_told_apart_where_intervals_do_not_overlap(
    ours: tuple[float, ...], low_is_good: bool, verdict: str
) -> None:
    found = compare(maps(*ours), maps(5.0, 5.2, 4.8, 5.0), low_is_good=low_is_good)
    assert found is not None
    assert found.verdict == verdict


def test_two_maps_are_too_few_for_a_verdict() -> None:
    found = compare(maps(1.0, 1.0), maps(9.0, 9.0), low_is_good=True)
    assert found is not None
    assert found.verdict is None


def test_only_maps_that_both_rows_have_are_compared() -> None:
    ours, theirs = maps(1.0, 2.0, 3.0), maps(2.0, 3.0, 4.0, 100.0)
    found = compare(ours, theirs, low_is_good=True)
    assert found is not None
    assert (found.theirs.value, found.maps) == (3.0, 3)
    assert (found.difference.low, found.difference.high) == (-1.0, -1.0)


def test_a_paired_difference_is_narrower_than_the_rows_are_wide() -> None:
    spread = [1.0, 5.0, 9.0, 13.0]
    found = compare(maps(*spread), maps(*[v + 0.5 for v in spread]), low_is_good=True)
    assert found is not None
    assert found.verdict == "equal"
    assert (found.difference.low, found.difference.high) == (-0.5, -0.5)
