"""Depth, soft band and corners: which pixels of a window are anchor, soft or free."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zones.cases import ANCHOR, GRID, MIDDLE, SOFT, WINDOW, compiled, neighbours, plain_map
from zones.coverage import closes_gap
from zones.geometry import Rect
from zones.grid import TileCoord

AROUND = [offset for offset in itertools.product((-1, 0, 1), repeat=2) if offset != (0, 0)]
OVERLAP = ANCHOR + SOFT


def depth_rule(window: Rect, covering: list[Rect]) -> npt.NDArray[np.float32]:
    """mu by the depth of each pixel's centre, worked out one predecessor at a time."""
    x = np.arange(window.x, window.right) + 0.5
    y = np.arange(window.y, window.bottom)[:, None] + 0.5
    mu = np.ones(window.shape, np.float32)
    for rect in covering:
        depth = np.minimum(
            np.minimum(x - rect.x, rect.right - x), np.minimum(y - rect.y, rect.bottom - y)
        )
        mu = np.minimum(mu, np.where(depth > SOFT, 0, np.where(depth > 0, np.float32(0.15), 1)))
    return mu.astype(np.float32)


@given(st.sets(st.sampled_from(AROUND)))
def test_mu_follows_the_depth_rule_for_any_predecessors(offsets: set[tuple[int, int]]) -> None:
    found = neighbours(*sorted(offsets))
    window = compiled(plain_map(), found, closing=False)
    expected = depth_rule(window.rect, [near.window for near in found])
    assert (window.change_map == expected).all()


def test_a_side_has_exactly_anchor_then_exactly_soft_columns() -> None:
    row = compiled(plain_map(), neighbours((0, -1))).change_map[WINDOW // 2]
    assert (row[:ANCHOR] == 0).all()
    assert (row[ANCHOR:OVERLAP] == np.float32(0.15)).all()
    assert (row[OVERLAP:] == 1).all()


def test_the_ends_of_a_lone_side_are_soft() -> None:
    column = compiled(plain_map(), neighbours((0, -1))).change_map[:, 4]
    assert (column[:SOFT] == np.float32(0.15)).all()
    assert (column[SOFT:-SOFT] == 0).all()
    assert (column[-SOFT:] == np.float32(0.15)).all()


def test_three_windows_at_a_corner_leave_no_gap_in_the_anchor() -> None:
    mu = compiled(plain_map(), neighbours((0, -1), (-1, -1), (-1, 0))).change_map
    assert (mu[:ANCHOR, : WINDOW - SOFT] == 0).all()
    assert (mu[: WINDOW - SOFT, :ANCHOR] == 0).all()
    assert (mu[ANCHOR:OVERLAP, OVERLAP:-SOFT] == np.float32(0.15)).all()
    assert (mu[OVERLAP:, OVERLAP:] == 1).all()


def test_a_lone_diagonal_holds_its_corner_only() -> None:
    mu = compiled(plain_map(), neighbours((1, 1))).change_map
    assert (mu[-ANCHOR:, -ANCHOR:] == 0).all()
    assert (mu < 1).sum() == OVERLAP**2


@pytest.mark.parametrize(
    ("offsets", "closes"),
    [
        ([(0, -1)], False),
        ([(0, -1), (-1, 0), (-1, -1)], False),
        ([(-1, -1), (1, 1)], False),
        ([(0, -1), (0, 1)], True),
        ([(-1, 0), (1, 0)], True),
        ([(0, -1), (-1, 0), (1, 0)], True),
    ],
)
def test_opposite_or_three_sides_close_a_gap(
    offsets: list[tuple[int, int]], *, closes: bool
) -> None:
    assert closes_gap(GRID.window(MIDDLE), neighbours(*offsets)) is closes


def test_a_closing_window_keeps_a_thin_anchor_on_every_side() -> None:
    thin = 16
    mu = compiled(plain_map(), neighbours(*AROUND), closing_anchor_px=thin).change_map
    for side in (mu[128], mu[:, 128]):
        for row in (side, side[::-1]):
            assert (row[:thin] == 0).all()
            assert (row[thin : thin + SOFT] == np.float32(0.15)).all()
            assert (row[thin + SOFT : 128] == 1).all()
    assert (mu == 1).sum() == (WINDOW - 2 * (thin + SOFT)) ** 2


def test_a_late_reroll_is_closing_whatever_its_sides() -> None:
    late = compiled(plain_map(), neighbours((0, -1)), closing=True).change_map[128]
    assert (late == 0).sum() == 16
    assert (late == np.float32(0.15)).sum() == SOFT


def test_a_closing_anchor_is_never_wider_than_the_anchor() -> None:
    row = compiled(plain_map(), neighbours((0, -1), (0, 1)), closing_anchor_px=999).change_map[128]
    assert (row == 0).sum() == 2 * ANCHOR


def test_the_coverage_of_a_closing_window_is_what_it_was_held_to() -> None:
    window = compiled(plain_map(), neighbours((0, -1), (0, 1)))
    expected = depth_rule(window.rect, list(window.coverage))
    assert (window.change_map == expected).all()
    assert [rect.intersect(window.rect).width for rect in window.coverage] == [32, 32]


def test_nothing_is_anchored_beyond_the_rim() -> None:
    corner = TileCoord(0, 0)
    window = compiled(plain_map(), neighbours((0, 1), (1, 0), tile=corner), tile=corner)
    assert (window.rect.x, window.rect.y) == (-32, -32)
    assert (window.change_map[:32] == 1).all()
    assert (window.change_map[:, :32] == 1).all()
    assert (window.change_map[32 : 32 + 160, -ANCHOR:] == 0).all()
