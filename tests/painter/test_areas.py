"""Polygons and fills against plain definitions of what they cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import fill
from painter.edits import LayerEdit
from painter.layers import BLOCK_PX, BlockLayer, uniform
from painter.shapes import checked_polygon, polygon_bounds, polygon_mask
from tests.painter.test_layers import no_file
from zones.errors import InputError
from zones.geometry import Rect

NEAR = st.floats(-60, 160)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NEAR, NEAR), min_size=3, max_size=9), st.integers(-20, 90))
def test_a_polygon_holds_the_pixels_whose_centres_are_inside(
    corners: list[tuple[float, float]], x: int
) -> None:
    points, rect = checked_polygon(corners), Rect(x, 10, 30, 40)
    mask = np.broadcast_to(polygon_mask(points, rect), rect.shape)
    for row, column in ((0, 0), (13, 7), (39, 29), (20, 20), (5, 28)):
        px, py = rect.x + column + 0.5, rect.y + row + 0.5
        assert mask[row, column] == inside(points.tolist(), px, py)


def inside(corners: list[list[float]], px: float, py: float) -> bool:
    """Even-odd rule, one edge at a time."""
    odd = False
    for edge in zip(corners, corners[1:] + corners[:1], strict=True):
        (x0, y0), (x1, y1) = sorted(edge, key=lambda end: (end[1], end[0]))
        if y0 <= py < y1 and x0 + (py - y0) * ((x1 - x0) / (y1 - y0)) <= px:
            odd = not odd
    return odd


def test_polygons_that_share_an_edge_neither_overlap_nor_leave_a_gap() -> None:
    rect = Rect(0, 0, 100, 100)
    a, b = (3.3, 90.1), (97.2, 4.4)
    left = polygon_mask(checked_polygon([a, b, (0, 0)]), rect)
    right = polygon_mask(checked_polygon([b, a, (99, 99)]), rect)
    whole = polygon_mask(checked_polygon([a, (0, 0), b, (99, 99)]), rect)
    assert not np.any(left & right)
    assert np.array_equal(left | right, whole)


def test_a_polygon_that_is_none_is_refused() -> None:
    for corners in ([], [(0, 0), (1, 1)], [(0, 0, 0)] * 3, [(math.inf, 0)] * 3, [(0, 0)] * 10_001):
        with pytest.raises(InputError):
            checked_polygon(corners)
    assert polygon_bounds(checked_polygon([(-1.5, 2), (3, 2), (0, 9.1)])) == Rect(-2, 2, 5, 8)


def layer_of(zones: np.ndarray) -> BlockLayer[np.uint8]:
    rect = Rect(0, 0, zones.shape[1], zones.shape[0])
    return BlockLayer(rect, 0, np.uint8, {}, no_file).written(rect, zones)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 699), st.integers(1, 549), st.booleans())
def test_a_flood_fills_exactly_what_hangs_together(seed: int, x: int, y: int, cut: bool) -> None:
    from scipy import ndimage

    coarse = np.random.default_rng(seed).integers(1, 3, (80, 100), dtype=np.uint8)
    zones = np.kron(coarse, np.ones((7, 7), np.uint8))[:550, :700]
    bounds = Rect(30, 20, 600, 500) if cut else Rect(0, 0, 700, 550)
    if not bounds.contains(Rect(x, y, 1, 1)):
        return
    edit = LayerEdit(layer_of(zones))
    for _ in fill.flood(edit, (x, y), 7, bounds, 10**9):
        pass
    inner = bounds.slices_in(Rect(0, 0, 700, 550))
    labels, _ = ndimage.label(zones[inner] == zones[y, x])
    expected = zones.copy()
    expected[inner][labels == labels[y - bounds.y, x - bounds.x]] = 7
    assert np.array_equal(edit.read(Rect(0, 0, 700, 550)), expected)


def test_a_flood_of_an_empty_map_goes_by_whole_blocks() -> None:
    rect = Rect(0, 0, 20 * BLOCK_PX, 20 * BLOCK_PX)
    edit = LayerEdit(BlockLayer(rect, 0, np.uint8, {}, no_file))
    assert sum(1 for _ in fill.flood(edit, (5, 5), 3, rect, rect.area)) == 400
    delta = edit.finish()
    assert len(delta) == 400
    assert all(after is not None and after.strides == (0, 0) for _, after in delta.values())


def test_a_flood_beyond_its_limit_is_refused() -> None:
    edit = LayerEdit(layer_of(np.ones((600, 600), np.uint8)))
    with pytest.raises(InputError, match="more than 1000 px"):
        list(fill.flood(edit, (0, 0), 2, Rect(0, 0, 600, 600), 1000))


def test_replacing_a_zone_leaves_the_others() -> None:
    zones = np.random.default_rng(0).integers(0, 4, (600, 700), dtype=np.uint8)
    for old in (0, 2):
        edit = LayerEdit(layer_of(zones))
        bounds = Rect(100, 50, 500, 500)
        list(fill.replace_zone(edit, old, 9, bounds))
        expected = zones.copy()
        part = expected[bounds.slices_in(Rect(0, 0, 700, 600))]
        part[part == old] = 9
        assert np.array_equal(edit.read(Rect(0, 0, 700, 600)), expected)


def test_a_uniform_block_cannot_be_written() -> None:
    block = uniform((4, 4), np.dtype(np.uint8), 3)
    with pytest.raises(ValueError, match="read-only"):
        block[0, 0] = 1
