"""Pictures of what is painted, at every mip level."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.canvas.overview import CELL_PX, FIRST_LEVEL, Overview, cells_of
from app.canvas.pieces import Pyramid
from app.canvas.sampling import Sampler, positions_of
from app.canvas.sketch import SketchMaker
from app.canvas.thinning import StrokeSet, thinned
from painter.layers import BLOCK_PX, BlockLayer
from tests.app.canvas.conftest import STROKES, WIDE_PX, painted_at_once, patchy
from zones.geometry import Rect
from zones.palette import default_palette

PALETTE = default_palette()
ZONES = patchy(*WIDE_PX)
WHOLE = Rect(0, 0, *WIDE_PX)
PYRAMID = Pyramid(*WIDE_PX)


def layer_of(zones: np.ndarray) -> BlockLayer[np.uint8]:
    whole = Rect(0, 0, zones.shape[1], zones.shape[0])
    empty = BlockLayer(whole, 0, np.uint8, {}, lambda *_: np.zeros((1, 1), np.uint8))
    return empty.written(whole, zones)


LAYER = layer_of(ZONES)
SAMPLER = Sampler(*WIDE_PX, LAYER.block)
MAKER = SketchMaker(SAMPLER, PALETTE, StrokeSet(STROKES))


def overview_of(layer: BlockLayer[np.uint8]) -> Overview:
    overview = Overview(layer.map_rect)
    for position in layer.blocks:
        overview.learn(position, cells_of(layer.block(position)))
    return overview


def taps(zones: np.ndarray, level: int) -> np.ndarray:
    """The ids that a whole level is drawn from, by their definition."""
    step = 1 << (level - 1)
    width, height = Pyramid(zones.shape[1], zones.shape[0]).size(level)
    rows = np.minimum(np.arange(2 * height) * step + step // 2, zones.shape[0] - 1)
    columns = np.minimum(np.arange(2 * width) * step + step // 2, zones.shape[1] - 1)
    return zones[rows[:, None], columns]


def level_rect(level: int) -> Rect:
    return Rect(0, 0, *PYRAMID.size(level))


@pytest.mark.parametrize("level", range(1, PYRAMID.levels))
def test_coarse_levels_take_four_ids_for_each_px(level: int) -> None:
    assert (SAMPLER.ids(level, level_rect(level)) == taps(ZONES, level)).all()


def test_the_finest_level_is_the_painting_itself() -> None:
    rgb = painted_at_once(ZONES, STROKES, PALETTE)
    assert (MAKER.picture(0, WHOLE)[..., 2::-1] == rgb).all()


@given(st.integers(0, PYRAMID.levels - 1), st.data())
@settings(max_examples=40, deadline=None)
def test_a_part_is_the_same_however_a_level_is_cut(level: int, data: st.DataObject) -> None:
    whole = level_rect(level)
    x = data.draw(st.integers(0, whole.width - 1))
    y = data.draw(st.integers(0, whole.height - 1))
    size = data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300))
    part = Rect(x, y, *size).intersect(whole)
    assert (MAKER.picture(level, part) == PICTURES[level][part.slices_in(whole)]).all()


PICTURES = [np.array(MAKER.picture(level, level_rect(level))) for level in range(PYRAMID.levels)]


def test_a_coarse_picture_looks_like_the_fine_one_from_afar() -> None:
    fine = PICTURES[0][: 1696 // 8 * 8, : 2296 // 8 * 8]
    small = cv2.resize(fine, (2296 // 8, 1696 // 8), interpolation=cv2.INTER_AREA)
    coarse = PICTURES[3][: small.shape[0], : small.shape[1]]
    assert np.abs(small.astype(int) - coarse).mean() < 8


@pytest.mark.parametrize("level", range(FIRST_LEVEL, 8))
def test_far_levels_come_from_the_overview(level: int) -> None:
    zones = np.kron(patchy(700, 560), np.ones((16, 16), np.uint8))[:-9, :-7]
    layer = layer_of(zones)
    height, width = zones.shape
    sampler = Sampler(width, height, lambda _: pytest.fail("a block was read"), overview_of(layer))
    area = Rect(0, 0, *Pyramid(width, height).size(level))
    assert (sampler.ids(level, area) == taps(zones, level)).all()


def test_the_overview_keeps_the_middle_of_each_cell() -> None:
    overview = overview_of(LAYER)
    middles = ZONES[CELL_PX // 2 :: CELL_PX, CELL_PX // 2 :: CELL_PX]
    assert (overview.ids[: middles.shape[0], : middles.shape[1]] == middles).all()


def test_blocks_of_one_zone_give_one_colour_without_pixels() -> None:
    zones = np.full((1100, 1100), 5, dtype=np.uint8)
    maker = SketchMaker(Sampler(1100, 1100, layer_of(zones).block), PALETTE, StrokeSet(()))
    for level in range(4):
        area = Rect(0, 0, *Pyramid(1100, 1100).size(level)).intersect(Rect(0, 0, 256, 256))
        picture = maker.picture(level, area)
        assert not any(picture.strides[:2])
        assert tuple(picture[0, 0, 2::-1]) == PALETTE.zone(5).rgb


@given(st.integers(0, 4), st.integers(0, 9), st.integers(0, 7))
def test_the_blocks_that_are_read_are_known_before(level: int, x: int, y: int) -> None:
    area = Rect(x * 128, y * 128, 200, 150).intersect(level_rect(level))
    if not area.area:
        return
    read: set[tuple[int, int]] = set()

    def block(position: tuple[int, int]) -> np.ndarray | None:
        read.add(position)
        return LAYER.block(position)

    Sampler(*WIDE_PX, block).ids(level, area)
    assert read == set(positions_of(level, area, WIDE_PX))
    assert all(
        column * BLOCK_PX < WIDE_PX[0] and row * BLOCK_PX < WIDE_PX[1] for column, row in read
    )


@given(st.integers(1, 9))
def test_thinned_strokes_keep_their_ends_and_their_way(level: int) -> None:
    points = STROKES[0].points
    small = thinned(points, level)
    assert (small[[0, -1], :2] == points[[0, -1], :2] / 2**level).all()
    assert (small[:, 2] >= 1).all()
    apart = points[:, None, :2] / 2**level - small[None, :, :2]
    gaps = np.abs(apart).sum(axis=2).min(axis=1)
    assert gaps.max() < 2 + 40 / 2**level


def test_an_edited_list_of_strokes_takes_over_what_is_the_same() -> None:
    first = StrokeSet(STROKES)
    area = level_rect(2)
    before = first.near(2, area)
    after = StrokeSet(STROKES[1:], first).near(2, area)
    assert all(one is other for one, other in zip(before[1:], after, strict=True))
