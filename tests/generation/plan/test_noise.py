"""The noise field: the same at the same place of the map, whoever asks."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generation.plan.noise import grid_noise, noise_window, tile_noise
from zones.geometry import Rect
from zones.grid import Grid, TileCoord

positions = st.integers(-200, 200)
sides = st.integers(1, 70)
rects = st.builds(Rect, positions, positions, sides, sides)


@given(rects, rects, st.integers(0, 2**63))
def test_two_windows_have_equal_noise_in_their_overlap(a: Rect, b: Rect, seed: int) -> None:
    shared = a.intersect(b)
    rows_a, columns_a = shared.slices_in(a)
    rows_b, columns_b = shared.slices_in(b)
    in_a = noise_window(seed, a, 3)[:, rows_a, columns_a]
    in_b = noise_window(seed, b, 3)[:, rows_b, columns_b]
    np.testing.assert_array_equal(in_a, in_b)


@given(rects, st.integers(3, 90), st.integers(3, 90), st.integers(-2, 2), st.integers(-2, 2))
def test_on_a_wrapped_map_noise_repeats_with_the_map(
    rect: Rect, width: int, height: int, across: int, down: int
) -> None:
    moved = rect.shifted(across * width, down * height)
    here = noise_window(7, rect, 2, (width, height))
    there = noise_window(7, moved, 2, (width, height))
    np.testing.assert_array_equal(here, there)


def test_inside_the_map_wrapped_noise_is_the_plain_field() -> None:
    rect = Rect(5, 40, 50, 30)
    np.testing.assert_array_equal(noise_window(1, rect, 4, (96, 80)), noise_window(1, rect, 4))


def test_an_axis_that_does_not_wrap_goes_on_beyond_the_rim() -> None:
    beyond = noise_window(1, Rect(96, -8, 8, 8), 4, (96, None))
    np.testing.assert_array_equal(beyond, noise_window(1, Rect(0, -8, 8, 8), 4))


def test_noise_is_standard_normal() -> None:
    noise = noise_window(3, Rect(-64, -64, 256, 256), 4).astype(np.float64)
    assert abs(noise.mean()) < 0.01
    assert abs(noise.std() - 1) < 0.01
    assert abs((noise**4).mean() - 3) < 0.1
    assert 4 < np.abs(noise).max() < 7


def test_neighbouring_cells_and_channels_are_uncorrelated() -> None:
    noise = noise_window(3, Rect(0, 0, 256, 256), 2).astype(np.float64)
    pairs = [
        (noise[0, :, 1:], noise[0, :, :-1]),
        (noise[0, 1:], noise[0, :-1]),
        (noise[0], noise[1]),
        (noise[:, :, 32:], noise[:, :, :-32]),
    ]
    for a, b in pairs:
        assert abs((a * b).mean()) < 0.02


def test_other_seeds_and_mirrored_places_give_other_noise() -> None:
    rect = Rect(0, 0, 32, 32)
    base = noise_window(1, rect, 2)
    for other in (
        noise_window(2, rect, 2),
        noise_window(1 + 2**32, rect, 2),
        noise_window(1, Rect(-32, 0, 32, 32), 2),
        noise_window(1, Rect(0, -32, 32, 32), 2),
    ):
        assert abs((base * other).mean()) < 0.1


def test_more_channels_extend_fewer() -> None:
    rect = Rect(-10, 3, 40, 20)
    np.testing.assert_array_equal(noise_window(9, rect, 5)[:3], noise_window(9, rect, 3))


def test_the_field_is_fixed_for_all_time_and_every_process() -> None:
    code = (
        "from generation.plan.noise import noise_window; from zones.geometry import Rect;"
        "print(noise_window(42, Rect(-1, 31, 2, 2), 1).ravel().tolist())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    there = np.array(eval(printed), dtype=np.float32)
    np.testing.assert_array_equal(noise_window(42, Rect(-1, 31, 2, 2), 1).ravel(), there)
    np.testing.assert_allclose(there, FIXED, rtol=1e-6)


FIXED = [-0.2932296, -1.0167576, 0.2167806, 0.9574992]


def test_every_tile_can_have_noise_of_its_own() -> None:
    shape = (4, 16, 16)
    first = tile_noise(1, TileCoord(0, 0), shape)
    np.testing.assert_array_equal(first, tile_noise(1, TileCoord(0, 0), shape))
    for other in (
        tile_noise(1, TileCoord(0, 1), shape),
        tile_noise(1, TileCoord(1, 0), shape),
        tile_noise(2, TileCoord(0, 0), shape),
        noise_window(1, Rect(0, 0, 16, 16), 4),
    ):
        assert abs((first * other).mean()) < 0.15


def test_neighbouring_windows_of_a_wrapped_grid_share_noise_across_the_rim() -> None:
    grid = Grid(3 * 96, 2 * 96, 128, 96, wrap_x=True)
    first = grid_noise(grid, TileCoord(0, 0), 5, 4)
    last = grid_noise(grid, TileCoord(0, 2), 5, 4)
    assert first.shape == (4, 16, 16)
    np.testing.assert_array_equal(first[:, :, :4], last[:, :, -4:])
