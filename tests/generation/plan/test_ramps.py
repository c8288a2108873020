"""The Gaussian ramp between two windows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generation.plan.ramps import anchored_weight, gaussian_ramp
from zones.geometry import Rect

SHARES = st.lists(st.floats(-0.5, 1.5, width=32), min_size=2, max_size=20)


def test_the_ramp_is_exactly_0_and_1_at_its_ends() -> None:
    weight = gaussian_ramp(np.array([-1.0, 0.0, 0.5, 1.0, 2.0], dtype=np.float32))
    assert weight.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


@given(SHARES)
def test_the_ramp_never_falls(shares: list[float]) -> None:
    weight = gaussian_ramp(np.sort(np.array(shares, dtype=np.float32)))
    assert (np.diff(weight) >= 0).all()


def test_nothing_of_a_new_window_shows_in_its_anchor() -> None:
    new, earlier = Rect(160, 0, 256, 256), Rect(0, 0, 256, 256)
    covered = earlier.intersect(new)
    weight, _ = anchored_weight(new, earlier, covered, covered, soft_px=24)
    assert (weight[:, : covered.width - 24] == 0).all()
    assert (weight[:, covered.width - 24 :] > 0).all()
