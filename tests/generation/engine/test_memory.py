"""How much memory a model will need, told from its files."""

from __future__ import annotations

import pytest

from generation.engine.folder import check_folder, find_model, find_profile
from generation.engine.memory import needed_bytes

FOLDER = check_folder(find_model("klein-mini"), "klein-mini")
PROFILE = find_profile(FOLDER)


def test_the_bundled_model_fits_a_small_machine() -> None:
    """Its process was measured at 0.58 GiB while it paints a window."""
    assert needed_bytes(FOLDER, PROFILE) == pytest.approx(0.58 * 2**30, rel=0.2)


def test_a_larger_window_needs_more() -> None:
    larger = PROFILE.model_copy(update={"window_px": 1024})
    assert needed_bytes(FOLDER, larger) > needed_bytes(FOLDER, PROFILE) + 500 * 2**20


def test_half_the_precision_needs_less() -> None:
    assert needed_bytes(FOLDER, PROFILE, "cuda:0") < needed_bytes(FOLDER, PROFILE)
