"""Beyond the rim zones repeat or wrap, nothing is protected, and strokes go on or come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Grid
from zones.reader import (
    ArrayMap,
    read_extended_art,
    read_extended_protect,
    read_extended_zones,
    strokes_in_extended,
)
from zones.strokes import Stroke

SIDE = 64
ZONES = np.random.default_rng(0).integers(0, 9, (SIDE, SIDE), dtype=np.uint8)
ART = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
PROTECT = ZONES > 5

grids = st.builds(
    lambda wrap_x, wrap_y: Grid(SIDE, SIDE, 64, 64, wrap_x, wrap_y), st.booleans(), st.booleans()
)
rects = st.builds(
    Rect, st.integers(-150, 150), st.integers(-150, 150), st.integers(1, 160), st.integers(1, 160)
)


def positions(start: int, length: int, *, wrap: bool) -> np.ndarray:
    places = np.arange(start, start + length)
    return places % SIDE if wrap else places.clip(0, SIDE - 1)


@given(grids, rects)
def test_zones_and_art_repeat_the_rim_or_wrap(grid: Grid, rect: Rect) -> None:
    reader = ArrayMap(ZONES, protect=PROTECT, art=ART)
    rows = positions(rect.y, rect.height, wrap=grid.wrap_y)
    columns = positions(rect.x, rect.width, wrap=grid.wrap_x)
    place = np.ix_(rows, columns)
    assert (read_extended_zones(reader, grid, rect) == ZONES[place]).all()
    assert (read_extended_art(reader, grid, rect) == ART[place]).all()


@given(grids, rects)
def test_protection_ends_at_an_open_rim(grid: Grid, rect: Rect) -> None:
    reader = ArrayMap(ZONES, protect=PROTECT, art=ART)
    rows, columns = (np.arange(a, a + n) for a, n in ((rect.y, rect.height), (rect.x, rect.width)))
    on_rows = grid.wrap_y | ((rows >= 0) & (rows < SIDE))
    on_columns = grid.wrap_x | ((columns >= 0) & (columns < SIDE))
    expected = PROTECT[np.ix_(rows % SIDE, columns % SIDE)] & on_rows[:, None] & on_columns
    assert (read_extended_protect(reader, grid, rect) == expected).all()


def test_strokes_continue_beyond_an_open_rim() -> None:
    stroke = Stroke("river", [(60, 10, 4), (90, 10, 4)])
    reader = ArrayMap(ZONES, (stroke,))
    assert strokes_in_extended(reader, Grid(SIDE, SIDE, 64, 64), Rect(70, 0, 10, 20)) == (stroke,)


def test_a_stroke_over_a_wrapped_rim_comes_back_on_the_other_side() -> None:
    reader = ArrayMap(ZONES, (Stroke("river", [(60, 10, 4), (90, 10, 4)]),))
    grid = Grid(SIDE, SIDE, 64, 64, wrap_x=True)
    found = strokes_in_extended(reader, grid, Rect(10, 0, 10, 20))
    assert [stroke.points[:, 0].tolist() for stroke in found] == [[-4, 26]]


def test_a_window_wider_than_a_wrapped_map_sees_every_copy() -> None:
    reader = ArrayMap(ZONES, (Stroke("river", [(10, 10, 4)]),))
    grid = Grid(SIDE, SIDE, 64, 64, wrap_x=True)
    found = strokes_in_extended(reader, grid, Rect(-64, 0, 192, 64))
    assert sorted(stroke.points[0, 0] for stroke in found) == [-54, 10, 74]


def test_wrapped_copies_keep_the_paint_order() -> None:
    strokes = tuple(
        Stroke(kind, [(x, 5, 6), (x, 40, 6)])
        for kind, x in (("river", 2), ("road", 62), ("path", 3))
    )
    grid = Grid(SIDE, SIDE, 64, 64, wrap_x=True)
    found = strokes_in_extended(ArrayMap(ZONES, strokes), grid, Rect(-16, 0, 32, 32))
    assert [stroke.kind for stroke in found] == ["river", "road", "path"]


def test_pixels_outside_the_map_are_never_asked_of_a_reader() -> None:
    with pytest.raises(ValueError, match="not inside the map"):
        ArrayMap(ZONES).read_zones(Rect(-1, 0, 4, 4))


@pytest.mark.parametrize(
    "layers",
    [
        {"zones": ZONES.astype(np.int32)},
        {"zones": ART},
        {"zones": ZONES, "protect": PROTECT[1:], "art": ART},
        {"zones": ZONES, "protect": ZONES, "art": ART},
        {"zones": ZONES, "protect": PROTECT, "art": ZONES},
        {"zones": ZONES, "protect": PROTECT},
    ],
)
def test_layers_that_do_not_fit_are_refused(layers: dict[str, np.ndarray]) -> None:
    with pytest.raises(InputError):
        ArrayMap(**layers)  # type: ignore[arg-type]
