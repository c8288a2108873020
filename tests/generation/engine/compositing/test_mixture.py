"""Masks and pairs to train on."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.compositing.leaves import draw_leaves
from generation.engine.compositing.mask_mixture import (
    DRAWERS,
    SHARES,
    draw_mask,
    gradients,
    hairlines,
)
from generation.engine.compositing.pairs import draw_pairs
from generation.engine.compositing.pictures import PicturePool, cut, read_picture
from zones.errors import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two small pictures of smooth noise."""
    place = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(2)
    for name in ("a.png", "b.jpg"):
        coarse = rng.integers(0, 256, (9, 7, 3)).astype(np.uint8)
        cv2.imwrite(str(place / name), cv2.resize(coarse, (140, 100)))
    return place


@pytest.fixture(scope="module")
def pool(folder) -> PicturePool:
    return PicturePool(folder, folder, 1)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), height=st.sampled_from([32, 80]))
def test_a_drawn_mask_selects_some_of_both(seed: int, height: int) -> None:
    mask = draw_mask(np.random.default_rng(seed), height, 64)
    assert mask.shape == (height, 64)
    assert mask.dtype == np.float32
    assert 0.0 <= mask.min() < mask.max() <= 1.0


def test_the_shares_of_masks_are_whole() -> None:
    assert len(SHARES) == len(DRAWERS)
    assert abs(sum(SHARES) - 1.0) < 1e-9


def test_most_hairlines_vanish_when_worn_to_nine_px() -> None:
    whole, left = 0, 0
    for seed in range(20):
        mask = (hairlines(np.random.default_rng(seed), 256, 256) > 0.5).astype(np.uint8)
        whole, left = whole + mask.sum(), left + cv2.erode(mask, np.ones((9, 9), np.uint8)).sum()
    assert left < 0.05 * whole


def test_gradients_have_values_between() -> None:
    found = [gradients(np.random.default_rng(seed), 64, 64) for seed in range(20)]
    assert sum(((mask > 0.05) & (mask < 0.95)).mean() > 0.05 for mask in found) >= 15


def test_equal_keys_draw_equal_pairs(pool) -> None:
    one, same, other = (draw_pairs(pool, (1, key), 4, 32) for key in (5, 5, 6))
    assert torch.equal(one.pictures, same.pictures)
    assert torch.equal(one.mask, same.mask)
    assert one.pictures.shape != other.pictures.shape or not torch.equal(
        one.pictures, other.pictures
    )


def test_pairs_come_in_shapes_of_one_area(pool) -> None:
    drawn = [draw_pairs(pool, (1, key), 4, 32) for key in range(30)]
    assert {pairs.mask.numel() for pairs in drawn} == {4 * 32 * 32}
    assert {pairs.mask.shape[-2:] for pairs in drawn} >= {(32, 32), (64, 32), (32, 64), (64, 64)}


def test_a_composite_takes_the_second_where_the_mask_is_one(pool) -> None:
    pairs = draw_pairs(pool, (1, 0), 4, 32)
    second = pairs.pictures[pairs.second]
    ones = (pairs.mask == 1.0).expand_as(second)
    assert torch.equal(pairs.composite[ones], second[ones])


def test_two_pictures_make_two_pairs_one_each_way_around(pool) -> None:
    pairs = next(p for p in (draw_pairs(pool, (1, k), 4, 32) for k in range(30)) if len(p.mask) > 1)
    assert len(pairs.pictures) == len(pairs.mask)
    assert pairs.first[:2].tolist() == [0, 1]
    assert pairs.second[:2].tolist() == [1, 0]
    assert not torch.equal(pairs.mask[0], pairs.mask[1])


def test_a_place_is_cut_alike_from_all_pictures_of_a_group() -> None:
    ramp = np.linspace(0, 255, 96 * 96 * 3).reshape(96, 96, 3).astype(np.uint8)
    for seed in range(5):
        one, two = cut(np.random.default_rng(seed), [ramp, 255 - ramp], 32, 48)
        assert one.shape == (32, 48, 3)
        assert np.abs(one + two - 1.0).max() < 0.02


def test_made_pictures_are_drawn_beside_those_of_the_folder(folder) -> None:
    pool = PicturePool(folder, folder, 1, leaves=2)
    shapes = {pool.group(np.random.default_rng(seed))[0].shape for seed in range(40)}
    assert shapes == {(100, 140, 3), (512, 512, 3)}


def test_equal_numbers_make_equal_pictures_and_others_others() -> None:
    one, same, other = (draw_leaves(number, 96) for number in (3, 3, 4))
    assert np.array_equal(one, same)
    assert np.abs(one.astype(int) - other).mean() > 5.0


def test_made_pictures_lose_half_their_amplitude_where_the_frequency_doubles() -> None:
    slopes = []
    for number in range(6):
        grey = draw_leaves(number, 256).mean(axis=2)
        power = np.abs(np.fft.rfft2(grey - grey.mean()))[1:24, 1:24]
        far = np.hypot(*np.meshgrid(np.arange(1, 24), np.arange(1, 24)))
        slopes.append(np.polyfit(np.log(far.ravel()), np.log(power.ravel() + 1e-6), 1)[0])
    assert -1.5 < np.mean(slopes) < -0.7


def test_a_folder_without_pictures_or_worlds_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="no rendered worlds"):
        PicturePool(tmp_path, tmp_path, 1)


@pytest.mark.parametrize(
    "data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0"]
)
def test_a_file_that_is_no_picture_is_named(tmp_path, data: bytes) -> None:
    (tmp_path / "x.png").write_bytes(data)
    with pytest.raises(InputError, match=r"x\.png cannot be read"):
        read_picture(tmp_path / "x.png")
