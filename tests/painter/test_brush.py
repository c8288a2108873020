"""Brush, polygons and fills against plain definitions of what they cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import fill
from painter.brush import Brush, PenPoint, covered
from painter.edits import LayerEdit
from painter.layers import BLOCK_PX, BlockLayer, uniform
from painter.shapes import checked_polygon, polygon_bounds, polygon_mask
from tests.painter.test_layers import no_file
from zones.errors import InputError
from zones.geometry import Rect

MAP = Rect(0, 0, 1100, 700)
NEAR = st.floats(-60, 160)


def drawn(brush: Brush, start: PenPoint, end: PenPoint, rect: Rect = MAP) -> np.ndarray:
    plain = np.zeros(rect.shape, np.bool_)
    for part, mask in covered(brush, start, end, rect):
        plain[part.slices_in(rect)] |= mask
    return plain


@settings(max_examples=40, deadline=None)
@given(NEAR, NEAR, NEAR, NEAR, st.floats(1, 60))
def test_a_line_covers_what_is_within_its_radius(
    x0: float, y0: float, x1: float, y1: float, width: float
) -> None:
    rect = Rect(0, 0, 110, 90)
    found = drawn(Brush(width), PenPoint(x0, y0), PenPoint(x1, y1), rect)
    rows, columns = np.mgrid[: rect.height, : rect.width] + 0.5
    dx, dy = x1 - x0, y1 - y0
    along = ((columns - x0) * dx + (rows - y0) * dy) / max(dx * dx + dy * dy, 1e-12)
    along = np.clip(along, 0, 1)
    distance = np.hypot(columns - x0 - along * dx, rows - y0 - along * dy)
    clear = np.abs(distance - width / 2) > 0.01
    assert np.array_equal(found[clear], (distance <= width / 2)[clear])


def test_pressure_decides_the_size() -> None:
    brush = Brush(100, pressure_size=0.8)
    light, full = (drawn(brush, PenPoint(200, 200, p), PenPoint(200, 200, p)) for p in (0, 1))
    assert full.sum() == pytest.approx(math.pi * 50**2, rel=0.01)
    assert light.sum() == pytest.approx(math.pi * 10**2, rel=0.03)
    wedge = drawn(brush, PenPoint(100, 200, 0), PenPoint(400, 200, 1))
    assert wedge[:, 110].sum() < wedge[:, 250].sum() < wedge[:, 390].sum()


def test_a_soft_rim_thins_out_and_painting_twice_changes_nothing() -> None:
    at = PenPoint(300, 300)
    soft, hard = drawn(Brush(200, 0.5), at, at), drawn(Brush(200), at, at)
    assert not (soft & ~hard).any()
    rows, columns = np.mgrid[: MAP.height, : MAP.width] + 0.5
    distance = np.hypot(columns - 300, rows - 300)
    assert soft[distance < 50].all()
    for share in (0.25, 0.5, 0.75):
        ring = np.abs(distance - (100 - 50 * share)) < 3
        assert soft[ring].mean() == pytest.approx(share, abs=0.1)
    assert np.array_equal(soft, drawn(Brush(200, 0.5), at, at))


@pytest.mark.parametrize("values", [(0, 0, 0), (math.nan, 0, 0), (5000, 0, 0), (9, 2, 0)])
def test_a_brush_out_of_range_is_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(InputError):
        Brush(*values)
    with pytest.raises(InputError):
        PenPoint(math.nan, 0)


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
