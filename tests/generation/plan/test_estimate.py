"""What a map costs before it is painted."""

from __future__ import annotations

import pytest

from generation.engine.folder import check_folder, find_model, find_profile
from generation.engine.memory import needed_bytes
from generation.plan.estimate import estimate_map, window_bytes

FOLDER = check_folder(find_model("klein-mini"), "klein-mini")
PROFILE = find_profile(FOLDER)


def test_a_map_costs_its_windows_times_the_measured_one() -> None:
    stride_px = PROFILE.window_px - PROFILE.overlap_px
    cost = estimate_map((3 * stride_px, 2 * stride_px), PROFILE, 9, window_s=2.5)
    assert (cost.tiles, cost.seconds, cost.memory_bytes) == (6, 15.0, 9)


def test_nothing_is_promised_before_a_window_was_measured() -> None:
    assert estimate_map((512, 512), PROFILE, 9).seconds is None


def test_the_layout_and_the_wrap_count() -> None:
    stride_px = PROFILE.window_px - PROFILE.overlap_px
    size = (3 * stride_px, 3 * stride_px)
    assert estimate_map(size, PROFILE, 9, wrap="xy").tiles == 9
    overlap = estimate_map(size, PROFILE, 9, layout="overlap").tiles
    assert overlap >= 9


def test_memory_grows_with_the_window_and_halves_with_the_precision() -> None:
    assert (
        window_bytes(512, 32, 4) == 4 * window_bytes(256, 32, 4) == 2 * 2 * window_bytes(256, 32, 4)
    )
    assert window_bytes(512, 32, 2) * 2 == window_bytes(512, 32, 4)


def test_the_bundled_model_fits_a_small_machine() -> None:
    """Its process was measured at 0.58 GiB while it paints a window."""
    assert needed_bytes(FOLDER, PROFILE) == pytest.approx(0.58 * 2**30, rel=0.2)


def test_a_larger_window_needs_more() -> None:
    larger = PROFILE.model_copy(update={"window_px": 1024})
    assert needed_bytes(FOLDER, larger) > needed_bytes(FOLDER, PROFILE) + 500 * 2**20
