from __future__ import annotations

import numpy as np
import pytest

from generation.plan.intervals import Interval, change_interval, mean_interval


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


def test_an_interval_is_shown_in_a_unit_with_a_sign_or_as_unknown() -> None:
    found = Interval(0.5, -0.25, 1.0)
    assert found.shown() == "0.50 (-0.25 to 1.00)"
    assert found.scaled(10.0).shown(1, "+") == "+5.0 (-2.5 to +10.0)"
    assert mean_interval(np.array([np.nan])).shown() == "-"
