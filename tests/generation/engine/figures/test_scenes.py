"""Held-out windows come from the painter's compiler and from seeds of their own."""

import numpy as np
import pytest

from generation.engine.figures.scenes import (
    CLASSIFIER_SEED,
    EVALUATION_SEED,
    FIRST_STENCIL,
    MeasuredWindow,
    class_labels,
    measured_windows,
)
from generation.engine.training.options import HELD_OUT_SEED
from generation.engine.training.wording import HELD_OUT_LOOKS, LOOK_WORDS
from generation.plan.profile import ModelProfile
from generation.worlds import LOOKS, Layout
from zones.geometry import Rect
from zones.strokes import Stroke

PROFILE = ModelProfile(
    name="test",
    window_px=64,
    anchor_px=16,
    soft_px=16,
    overlap_layout_px=32,
    closing_anchor_px=16,
    steps=12,
    draft_steps=4,
    text_layers=(1, 2, 3),
    text_tokens=48,
    prompt_template="[{map_prompt}, ]{zones}[, crossed by {stencils}]",
)


@pytest.fixture(scope="module")
def windows() -> list[MeasuredWindow]:
    return measured_windows(PROFILE, 14, seed=0)


def test_no_seed_of_the_measurement_is_one_of_training() -> None:
    assert HELD_OUT_SEED + 100_000 < CLASSIFIER_SEED
    assert CLASSIFIER_SEED + 1_000_000 < EVALUATION_SEED


def test_looks_come_in_turn_and_the_prompts_name_them(windows: list[MeasuredWindow]) -> None:
    assert len(windows) == 14
    assert {window.look for window in windows} == set(LOOKS)
    for window in windows:
        assert LOOK_WORDS[window.look][0] in window.compiled.prompt
        assert HELD_OUT_LOOKS[window.look] in window.held_out_prompt


def test_labels_are_the_painted_zones_where_no_stencil_lies(windows: list[MeasuredWindow]) -> None:
    for window in windows:
        opened = window.labels < FIRST_STENCIL
        assert np.array_equal(window.labels[opened] + 1, window.compiled.zones[opened])
        assert not (~opened & ~(window.wide | window.narrow)).any()
        assert not (window.wide & (opened | window.narrow)).any()


def test_the_second_truth_has_the_same_places_and_other_details(
    windows: list[MeasuredWindow],
) -> None:
    for window in windows:
        assert window.truth.shape == window.second_truth.shape == (64, 64, 3)
        assert not np.array_equal(window.truth, window.second_truth)


def test_a_road_lies_over_a_river_whatever_was_painted_first() -> None:
    across, down = np.array([[0.0, 32, 14], [64, 32, 14]]), np.array([[32.0, 0, 14], [32, 64, 14]])
    strokes = (Stroke("road", across), Stroke("river", down))
    labels = class_labels(Layout(np.full((64, 64), 3, np.uint8), strokes), Rect(0, 0, 64, 64))
    assert labels[32, 32] == FIRST_STENCIL + 2
    assert labels[5, 32] == FIRST_STENCIL
    assert labels[5, 5] == 2
