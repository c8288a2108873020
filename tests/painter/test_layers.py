"""A sparse layer reads like one plain array, whatever was written where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter.layers import BLOCK_PX, BlockLayer
from zones.geometry import Rect

MAP = Rect(0, 0, 1100, 700)


def no_file(name: str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    raise AssertionError(name, shape)


def empty(bands: int = 0) -> BlockLayer[np.uint8]:
    return BlockLayer(MAP, bands, np.uint8, {}, no_file)


@st.composite
def rects(draw: st.DrawFn) -> Rect:
    x, y = draw(st.integers(0, MAP.width)), draw(st.integers(0, MAP.height))
    return Rect(x, y, draw(st.integers(0, MAP.width - x)), draw(st.integers(0, MAP.height - y)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(rects(), st.integers(0, 3)), max_size=6), rects())
def test_any_writes_read_like_a_plain_array(writes: list[tuple[Rect, int]], asked: Rect) -> None:
    layer, plain = empty(), np.zeros(MAP.shape, np.uint8)
    for rect, value in writes:
        layer = layer.written(rect, np.full(rect.shape, value, np.uint8))
        plain[rect.slices_in(MAP)] = value
    assert np.array_equal(layer.read(asked), plain[asked.slices_in(MAP)])
    for position in layer.blocks:
        assert plain[layer.block_rect(position).slices_in(MAP)].any()


@settings(max_examples=20, deadline=None)
@given(rects(), rects())
def test_an_edit_never_shows_in_an_older_layer(first: Rect, second: Rect) -> None:
    older = empty().written(first, np.ones(first.shape, np.uint8))
    before = older.read(MAP)
    older.written(second, np.full(second.shape, 2, np.uint8))
    assert np.array_equal(older.read(MAP), before)


def test_erasing_a_block_frees_it() -> None:
    layer = empty().written(Rect(10, 10, 5, 5), np.ones((5, 5), np.uint8))
    assert set(layer.blocks) == {(0, 0)}
    erased = layer.written(Rect(0, 0, BLOCK_PX, BLOCK_PX), np.zeros((BLOCK_PX, BLOCK_PX), np.uint8))
    assert not erased.blocks


def test_untouched_blocks_are_shared() -> None:
    one = empty().written(Rect(0, 0, 600, 10), np.ones((10, 600), np.uint8))
    two = one.written(Rect(0, 0, 5, 5), np.full((5, 5), 2, np.uint8))
    assert two.blocks[1, 0] is one.blocks[1, 0]


def test_colour_layers_keep_three_bands() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    layer = empty(3).written(Rect(500, 500, 30, 20), rgb)
    assert np.array_equal(layer.read(Rect(500, 500, 30, 20)), rgb)


@pytest.mark.parametrize("rect", [Rect(-1, 0, 5, 5), Rect(1096, 0, 5, 5), Rect(0, 696, 5, 5)])
def test_a_rectangle_beyond_the_map_is_an_error(rect: Rect) -> None:
    with pytest.raises(ValueError, match="beyond the map"):
        empty().read(rect)
