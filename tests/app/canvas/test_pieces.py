"""Pieces and their cache."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.canvas.pieces import PIECE_PX, Key, Piece, PieceCache, Pyramid, map_rect_of
from zones.geometry import Rect

SHAPE = (64, 64)
NBYTES = 64 * 64 * 4


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*SHAPE, 4), dtype=np.uint8)


def solid(value: int = 7) -> np.ndarray:
    return np.broadcast_to(np.array([value, 2, 3, 255], np.uint8), (*SHAPE, 4))


@given(
    st.integers(1, 9),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["show", "solid", "patch", "use"]))),
)
def test_the_cache_stays_in_its_budget(budget: int, steps: list[tuple[int, str]]) -> None:
    cache = PieceCache(budget * NBYTES)
    for place, what in steps:
        key = Key("sketch", 0, place, 0)
        if what == "use":
            cache.use(key)
        elif what == "patch" and key in cache:
            cache.patch(key, Rect(3, 4, 5, 6), noise()[:6, :5])
        else:
            piece = cache.peek(key) or Piece(SHAPE)
            cache.show(key, piece, noise() if what == "show" else solid())
        held = sum(piece.nbytes for _, piece in cache.items(("sketch",)))
        assert cache.nbytes == held <= cache.budget_bytes


def test_the_piece_used_longest_ago_goes_first() -> None:
    cache = PieceCache(2 * NBYTES)
    first, second, third = (Key("art", 0, place, 0) for place in range(3))
    for key in (first, second):
        cache.show(key, Piece(SHAPE), noise())
    cache.use(first)
    cache.show(third, Piece(SHAPE), noise())
    assert first in cache
    assert third in cache
    assert second not in cache


def test_one_colour_costs_nothing() -> None:
    piece = Piece(SHAPE)
    piece.show(solid())
    assert piece.nbytes == 0
    assert (piece.pixels == solid()).all()


def test_a_patch_changes_its_part_alone() -> None:
    piece, part = Piece(SHAPE), Rect(10, 20, 6, 5)
    piece.show(solid())
    piece.patch(part, noise()[:5, :6])
    inside = part.slices_in(Rect(0, 0, 64, 64))
    assert (piece.pixels[inside] == noise()[:5, :6]).all()
    outside = np.ones(SHAPE, dtype=bool)
    outside[inside] = False
    assert (piece.pixels[outside] == solid()[0, 0]).all()


def test_a_patch_of_the_same_colour_keeps_a_piece_small() -> None:
    piece = Piece(SHAPE)
    piece.show(solid())
    piece.patch(Rect(0, 0, 64, 32), solid()[:32])
    assert piece.nbytes == 0


@given(
    st.integers(1, 9000),
    st.integers(1, 9000),
    st.tuples(st.integers(0, 9000), st.integers(0, 9000), st.integers(1, 4000)),
)
def test_the_pieces_of_a_level_cover_the_map_once(
    width: int, height: int, at: tuple[int, int, int]
) -> None:
    pyramid = Pyramid(width, height)
    assert max(pyramid.size(pyramid.levels - 1)) <= PIECE_PX
    rect = Rect(at[0] % width, at[1] % height, at[2], at[2]).intersect(pyramid.map_rect)
    for level in range(pyramid.levels):
        columns, rows = pyramid.places(level, pyramid.map_rect)
        areas = [pyramid.area(level, column, row) for column in columns for row in rows]
        assert sum(area.area for area in areas) == np.prod(pyramid.size(level))
        columns, rows = pyramid.places(level, rect)
        touched = {(column, row) for column in columns for row in rows}
        for area in areas:
            place = area.x // PIECE_PX, area.y // PIECE_PX
            meets = bool(map_rect_of(level, area).intersect(rect).area)
            assert (place in touched) == meets


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 40))))
def test_touched_pieces_are_found(places: list[tuple[int, int, int]]) -> None:
    pyramid, rect = Pyramid(9000, 9000), Rect(700, 300, 900, 2500)
    cache = PieceCache(10**9)
    for place in places:
        cache.show(Key("zones", *place), Piece(SHAPE), solid())
    found = set(cache.touching(pyramid, rect, ("zones",)))
    for key, _ in cache.items(("zones",)):
        area = Rect(key.column * PIECE_PX, key.row * PIECE_PX, PIECE_PX, PIECE_PX)
        meets = bool(map_rect_of(key.level, area).intersect(rect).area)
        assert (key in found) == (meets and key.level < pyramid.levels)
