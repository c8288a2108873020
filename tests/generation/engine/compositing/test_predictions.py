"""Pictures that a toy model predicts while it paints, to train a compositor on."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.predictions import STEPS_OF_A_WINDOW, predicted_pictures
from generation.engine.compositing.training import CompositorOptions, train_compositor
from generation.engine.figures.scenes import EVALUATION_SEED, training_windows
from generation.engine.folder import check_folder, find_profile
from generation.engine.training.options import HELD_OUT_SEED, RunOptions
from tests.generation.engine.compositing.conftest import TOY
from zones.errors import InputError


@pytest.fixture(scope="module")
def groups(toy_folder) -> list[list[np.ndarray]]:
    return predicted_pictures(check_folder(toy_folder), torch.device("cpu"), 2)


def options(work: Path, vae: Path) -> CompositorOptions:
    run = RunOptions(work=work, steps=1, threads=1, progress=False)
    return CompositorOptions(run=run, vae=vae, config=TOY, crop_px=32, trials=1, trial_px=32)


def test_a_group_is_a_windows_truth_and_what_some_steps_predict(groups, toy_folder) -> None:
    side_px = find_profile(check_folder(toy_folder)).window_px
    assert [len(group) for group in groups] == 2 * [1 + STEPS_OF_A_WINDOW]
    for group in groups:
        assert all(one.shape == (side_px, side_px, 3) for one in group)
        assert len({one.tobytes() for one in group}) == len(group)


def test_equal_models_predict_equal_pictures(groups, toy_folder) -> None:
    again = predicted_pictures(check_folder(toy_folder), torch.device("cpu"), 1)
    assert all(np.array_equal(one, other) for one, other in zip(groups[0], again[0], strict=True))


def test_predictions_are_of_layouts_that_nothing_is_measured_on(toy_folder) -> None:
    profile = find_profile(check_folder(toy_folder))
    seeds = [window.noise_seed // 4 for window in training_windows(profile, 8)]
    assert max(seeds) < min(HELD_OUT_SEED, EVALUATION_SEED)


def test_a_pool_draws_from_painted_groups(groups, tmp_path) -> None:
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((64, 64, 3), np.uint8))
    pool = PicturePool(tmp_path, tmp_path, 1, painted=groups)
    rng = np.random.default_rng(1)
    drawn = [pool.group(rng) for _ in range(60)]
    assert all(any(one is group for one in drawn) for group in groups)


def test_predictions_of_a_folder_that_is_no_model_are_refused(vae_folder, tmp_path) -> None:
    wanted = options(tmp_path, vae_folder)
    with pytest.raises(InputError, match="model_index"):
        train_compositor(CompositorOptions(**{**vars(wanted), "predictions": 1}))
