"""On a wrapped map, what is painted over an edge goes on at the opposite edge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import wrapping
from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import Edit, ProtectInk, ZoneInk
from painter.project import Project
from tests.painter.builders import PALETTE
from zones.geometry import Rect

WIDTH, HEIGHT = 640, 576
MAP = Rect(0, 0, WIDTH, HEIGHT)
INK = ZoneInk(4)


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    root = tmp_path_factory.mktemp("maps")
    for wrap in ("", "x", "y", "xy"):
        Project.create(root / f"map{wrap}", (WIDTH, HEIGHT), PALETTE, wrap=wrap)  # type: ignore[arg-type]
    return {wrap: Document.open(root / f"map{wrap}") for wrap in ("", "x", "y", "xy")}


def painted(document: Document, act: Any) -> npt.NDArray[np.bool_]:
    """Which pixels an action paints."""
    with document.edit("Try") as edit:
        act(edit)
        found = edit.zones.read(MAP) != 0
        edit.abort()
    return np.asarray(found)


def on_a_large_map(act: Any, wrap: str, root: Path) -> npt.NDArray[np.bool_]:
    """What the action paints on 3 x 3 unwrapped maps, folded onto the one in the middle."""
    Project.create(root, (3 * WIDTH, 3 * HEIGHT), PALETTE)
    with Document.open(root).edit("Try") as edit:
        act(_Moved(edit))
        large = edit.zones.read(Rect(0, 0, 3 * WIDTH, 3 * HEIGHT)) != 0
        edit.abort()
    cells = large.reshape(3, HEIGHT, 3, WIDTH)
    rows = cells.any(axis=0) if "y" in wrap else cells[1]
    return np.asarray(rows.any(axis=1) if "x" in wrap else rows[:, 1])


class _Moved:
    """An edit whose origin is the corner of the map in the middle."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit

    def paint_line(self, ink: ZoneInk, brush: Brush, start: PenPoint, end: PenPoint) -> None:
        self.edit.paint_line(ink, brush, start.shifted(WIDTH, HEIGHT), end.shifted(WIDTH, HEIGHT))

    def paint_polygon(self, ink: ZoneInk, corners: Any) -> None:
        self.edit.paint_polygon(ink, np.add(corners, (WIDTH, HEIGHT)))

    def paint_rectangle(self, ink: ZoneInk, rect: Rect) -> None:
        self.edit.paint_rectangle(ink, rect.shifted(WIDTH, HEIGHT))


ACTIONS = {
    "line": lambda edit: edit.paint_line(
        INK, Brush(50, pressure_size=0.5), PenPoint(600, 300, 0.5), PenPoint(700, 620)
    ),
    "dab": lambda edit: edit.paint_line(INK, Brush(80), PenPoint(10, 4), PenPoint(10, 4)),
    "far away": lambda edit: edit.paint_line(
        INK, Brush(80), PenPoint(-400, -30), PenPoint(-380, 40)
    ),
    "polygon": lambda edit: edit.paint_polygon(INK, [(500, -40), (720, 200), (560, 640)]),
    "rectangle": lambda edit: edit.paint_rectangle(INK, Rect(-30, 500, 70, 200)),
}


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("wrap", ["", "x", "y", "xy"])
def test_a_shape_over_an_edge_goes_on_at_the_opposite_edge(
    maps: dict[str, Document], tmp_path: Path, name: str, wrap: str
) -> None:
    act = ACTIONS[name]
    found = painted(maps[wrap], act)
    assert np.array_equal(found, on_a_large_map(act, wrap, tmp_path / "large"))


@pytest.mark.parametrize("name", ACTIONS)
def test_a_wrapped_shape_is_no_smaller_on_the_map_than_off_it(
    maps: dict[str, Document], name: str
) -> None:
    inside, wrapped = painted(maps[""], ACTIONS[name]), painted(maps["xy"], ACTIONS[name])
    assert (inside <= wrapped).all()
    assert wrapped.sum() > inside.sum()


def test_a_brush_stroke_tells_the_rectangles_on_both_sides(maps: dict[str, Document]) -> None:
    stroke = maps["x"].brush_stroke("Brush", INK, Brush(40))
    changed = stroke.extend(PenPoint(635, 100))
    assert sorted(changed) == [Rect(0, 80, 15, 40), Rect(615, 80, 25, 40)]
    assert stroke.commit()
    assert maps["x"].pick(5, 100) == INK.zone
    assert maps["x"].undo() == "Brush"
    assert maps["x"].pick(5, 100) == 0


def test_protection_goes_on_at_the_opposite_edge(maps: dict[str, Document]) -> None:
    with maps["xy"].edit("Protect") as edit:
        edit.paint_rectangle(ProtectInk(), Rect(-4, -4, 8, 8))
        assert int(edit.protect.read(MAP).sum()) == 64
        assert edit.protect.read(Rect(WIDTH - 4, HEIGHT - 4, 4, 4)).all()
        edit.abort()


def test_a_shape_of_many_maps_covers_all_of_it_once(maps: dict[str, Document]) -> None:
    act = lambda edit: edit.paint_rectangle(INK, Rect(-(10**6), -(10**6), 10**7, 10**7))  # noqa: E731
    assert painted(maps["xy"], act).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(-3000, 3000), st.integers(-3000, 3000), st.integers(1, 900), st.integers(1, 900))
def test_the_parts_of_a_rectangle_are_its_pixels_folded_onto_the_map(
    x: int, y: int, width: int, height: int
) -> None:
    counted = np.zeros(MAP.shape, np.int64)
    for part in wrapping.parts(Rect(x, y, width, height), MAP, "xy"):
        counted[part.slices_in(MAP)] += 1
    columns = np.bincount(np.arange(x, x + width) % WIDTH, minlength=WIDTH)
    rows = np.bincount(np.arange(y, y + height) % HEIGHT, minlength=HEIGHT)
    assert np.array_equal(counted, rows[:, None] * columns[None, :])


def test_the_number_of_copies_has_a_bound() -> None:
    wide = Rect(-(2**24), 0, 2**25, 1)
    assert len(list(wrapping.shifts(wide, Rect(0, 0, 1, 1), "x"))) == wrapping.MAX_COPIES
