from __future__ import annotations

import numpy as np
import pytest

from generation.plan.intervals import change_interval, mean_interval


def test_intervals_hold_the_mean_and_leave_out_what_is_not_known() -> None:
    samples = np.append(np.random.default_rng(2).normal(3.0, 1.0, 400), np.nan)
    found = mean_interval(samples)
    assert found.low < found.value < found.high
    assert abs(found.value - 3.0) < 0.2
    assert 0.15 < found.high - found.low < 0.25


def test_changes_are_paired() -> None:
    theirs = np.random.default_rng(2).uniform(1.0, 100.0, 60)
    found = change_interval(0.4 * theirs, theirs, relative=True)
    assert [found.value, found.low, found.high] == pytest.approx([-0.6] * 3)
    found = change_interval(theirs + 7.0, theirs, relative=False)
    assert [found.value, found.low, found.high] == pytest.approx([7.0] * 3)
