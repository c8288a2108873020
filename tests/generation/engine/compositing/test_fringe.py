"""What shows along the edge of protected art, with a toy model."""

import json
from dataclasses import replace

import numpy as np
import pytest

from generation.engine.compositing.evaluation.fringe import (
    art_mask,
    measure,
    measure_fringe,
    touched,
)
from generation.engine.factory import load_engine
from generation.engine.figures.scenes import MeasuredWindow, measured_windows
from generation.engine.folder import check_folder, find_profile


@pytest.fixture(scope="module")
def window(toy_folder) -> MeasuredWindow:
    """Of one zone, without strokes, so that all is free."""
    (found,) = measured_windows(find_profile(check_folder(toy_folder)), 1, 4)
    free = np.ones_like(found.compiled.change_map)
    zones = np.ones_like(found.compiled.zones)
    return replace(found, compiled=replace(found.compiled, change_map=free, zones=zones))


def test_a_window_that_is_its_truth_has_no_step_and_keeps_its_art(window) -> None:
    found = measure(window, art_mask(0, len(window.truth)), window.truth, 1.0)
    assert (found.step, found.held, found.seconds) == (1.0, 0.0, 1.0)


def test_a_flat_fringe_is_off_in_colour_and_a_shift_of_the_art_is_seen(window) -> None:
    art = np.zeros(window.truth.shape[:2], np.bool_)
    art[4:20, 4:20] = True
    grey = np.full_like(window.truth, 120)
    assert measure(window, art, grey, 0.0).colour == pytest.approx(0.0, abs=0.01)
    fringed = np.where((touched(art) & ~art)[..., None], 160, grey).astype(np.uint8)
    assert measure(window, art, fringed, 0.0).colour > 10.0
    assert measure(window, art, fringed, 0.0).held > 1.0


def test_the_report_has_every_compositor_that_the_model_has(toy_folder, tmp_path) -> None:
    page = measure_fringe(load_engine(toy_folder, "cpu"), tmp_path, 1)
    facts = json.loads((tmp_path / "fringe.json").read_text())
    assert list(facts) == ["the truth itself", "linear", "exact"]
    assert "| exact less linear |" in page.read_text()
