"""What a soft mask becomes over all steps, with a toy model."""

import json

import numpy as np
import pytest
import torch

from generation.engine.compositing.evaluation.opacity import (
    LEVELS,
    OpacityTrial,
    measure_opacity,
    ramp,
)
from generation.engine.figures.scenes import measured_windows
from generation.engine.folder import check_folder

WANTED = (np.arange(LEVELS) + 0.5) / LEVELS


@pytest.fixture(scope="module")
def found(toy_folder) -> dict[str, np.ndarray]:
    trial = OpacityTrial(check_folder(toy_folder), torch.device("cpu"))
    (window,) = measured_windows(trial.profile, 1, 3)
    return trial.opacities(window)


def test_a_ramp_falls_from_all_to_nothing_over_half_the_window() -> None:
    values = ramp(64)[7]
    assert (values[:16] == 1.0).all()
    assert (values[48:] == 0.0).all()
    assert (np.diff(values[16:49]) < 0).all()


def test_a_ramp_that_is_used_once_is_its_own_opacity(found) -> None:
    once = found["area, the ramp after the last step"]
    assert np.allclose(once[:-1], 0.0, atol=1e-4)
    assert np.allclose(once[-1], WANTED, atol=0.02)


def test_a_ramp_that_is_used_at_every_step_begins_as_its_own_opacity(found) -> None:
    assert np.allclose(found["area, the ramp at every step"][0], WANTED, atol=0.02)


def test_hard_masks_hold_a_level_for_its_share_of_the_steps(found) -> None:
    gated = found["gate of cells"]
    steps = len(gated)
    for level, opacity in zip(WANTED, gated.T, strict=True):
        held = int(level * steps)
        assert np.allclose(opacity[:held], 1.0, atol=1e-3)


def test_the_page_has_every_way_and_the_data_every_window(toy_folder, tmp_path) -> None:
    page = measure_opacity(check_folder(toy_folder), tmp_path, torch.device("cpu"), 1)
    facts = json.loads((tmp_path / "opacity.json").read_text())
    text = page.read_text()
    assert facts["windows"] == 1
    assert all(f"| {name} |" in text for name in facts["ways"])
    assert len(facts["ways"]) == 1 + 3 * 2
    assert np.isfinite(np.array([*facts["ways"].values()])).all()
