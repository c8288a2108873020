"""The painted canvas: flat zone colours and one stencil layer over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zones.cases import PALETTE, line
from zones.canvas import draw_stencils, flat_canvas
from zones.errors import InputError
from zones.geometry import Rect

RECT = Rect(0, 0, 64, 64)
GRASS = flat_canvas(np.ones((64, 64), np.uint8), PALETTE)


@given(st.integers(0, 10**6))
def test_flat_canvas_is_the_palette_looked_up(seed: int) -> None:
    zones = np.random.default_rng(seed).integers(0, 9, (5, 7), dtype=np.uint8)
    assert (flat_canvas(zones, PALETTE) == PALETTE.colour_table()[zones]).all()


def test_a_stencil_lies_over_its_zone_with_its_opacity() -> None:
    canvas = draw_stencils(GRASS, [line((0, 32), (64, 32))], RECT, PALETTE, 0.85)
    river, grass = np.array([64, 120, 190]), np.array([126, 165, 80])
    assert np.abs(canvas[32, 32] - (0.85 * river + 0.15 * grass)).max() <= 0.5
    assert (canvas[:20] == GRASS[:20]).all()


def test_a_crossing_is_the_upper_stencil_over_the_zone() -> None:
    river, road = line((0, 32), (64, 32)), line((32, 0), (32, 64), kind="road")
    crossing = draw_stencils(GRASS, [river, road], RECT, PALETTE)[32, 32]
    assert (crossing == draw_stencils(GRASS, [road], RECT, PALETTE)[32, 32]).all()


def test_two_joined_rivers_are_no_darker_where_they_meet() -> None:
    rivers = [line((0, 32), (40, 32)), line((30, 32), (64, 32))]
    canvas = draw_stencils(GRASS, rivers, RECT, PALETTE)
    assert (canvas[32, 8:56] == canvas[32, 8]).all()


@pytest.mark.parametrize("opacity", [0.0, 1.0])
def test_opacity_reaches_from_nothing_to_all(opacity: float) -> None:
    canvas = draw_stencils(GRASS, [line((0, 32), (64, 32))], RECT, PALETTE, opacity)
    assert tuple(canvas[32, 32]) == ((64, 120, 190) if opacity else (126, 165, 80))


def test_the_canvas_given_stays_as_it_was() -> None:
    before = GRASS.copy()
    draw_stencils(GRASS, [line((0, 0), (64, 64))], RECT, PALETTE)
    assert (before == GRASS).all()


def test_a_stroke_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="canal"):
        draw_stencils(GRASS, [line((0, 0), kind="canal")], RECT, PALETTE)
