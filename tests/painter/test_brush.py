"""What a brush covers, against plain definitions; and that it is painted but once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter.brush import Brush, PenPoint
from painter.coverage import covered
from painter.document import Document
from painter.editing import ZoneInk
from painter.project import Project
from zones.errors import InputError
from zones.geometry import Rect
from zones.palette import default_palette

MAP = Rect(0, 0, 1100, 700)
NEAR = st.floats(-60, 160)


def drawn(brush: Brush, start: PenPoint, end: PenPoint, rect: Rect = MAP) -> np.ndarray:
    plain = np.zeros(rect.shape, np.bool_)
    for cells in covered(brush, start, end, rect):
        for part, mask in cells:
            plain[part.slices_in(rect)] |= True if mask is None else mask
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


PENS = st.builds(PenPoint, st.floats(-300, 1400), st.floats(-300, 1000), st.floats(0, 1))
BRUSHES = st.builds(
    Brush, st.floats(1, 1500), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.7])
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    folder: Path = tmp_path_factory.mktemp("brush") / "map"
    size = (MAP.width, MAP.height)
    made = Document.open(Project.create(folder, size, default_palette(), wrap="x").folder)
    yield made
    made.close()


@settings(max_examples=40, deadline=None)
@given(BRUSHES, st.lists(PENS, min_size=1, max_size=5), st.floats(0.01, 1))
def test_a_stroke_paints_what_its_lines_paint_one_by_one(
    document: Document, brush: Brush, pens: list[PenPoint], closeness: float
) -> None:
    near = [pens[0]]
    for pen in pens[1:]:
        x, y = (a + (b - a) * closeness for a, b in ((near[-1].x, pen.x), (near[-1].y, pen.y)))
        near.append(PenPoint(x, y, pen.pressure))
    stroke = document.brush_stroke("stroke", ZoneInk(3), brush)
    told = np.zeros(MAP.shape, np.bool_)
    for pen in near:
        for rect in stroke.extend(pen):
            told[rect.slices_in(MAP)] = True
    found = stroke.zones.read(MAP)
    stroke.abort()
    lines = document.edit("lines")
    for start, end in zip([near[0], *near], near, strict=False):
        lines.paint_line(ZoneInk(3), brush, start, end)
    expected = lines.zones.read(MAP)
    lines.abort()
    assert np.array_equal(found, expected)
    assert told[found != 0].all()


@settings(max_examples=40, deadline=None)
@given(BRUSHES, PENS, PENS)
def test_cells_of_a_line_lie_apart_on_the_map(brush: Brush, start: PenPoint, end: PenPoint) -> None:
    for cells in covered(brush, start, end, MAP):
        seen = np.zeros(MAP.shape, np.int32)
        for rect, mask in cells:
            assert MAP.contains(rect)
            assert mask is None or (mask.shape == rect.shape and mask.any())
            seen[rect.slices_in(MAP)] += 1
        assert seen.max() == 1


@settings(max_examples=60, deadline=None)
@given(BRUSHES, PENS, PENS)
def test_a_line_of_any_brush_covers_its_core_and_nothing_beyond_its_rim(
    brush: Brush, start: PenPoint, end: PenPoint
) -> None:
    found = drawn(brush, start, end)
    rows, columns = np.mgrid[: MAP.height, : MAP.width] + 0.5
    dx, dy = end.x - start.x, end.y - start.y
    along = ((columns - start.x) * dx + (rows - start.y) * dy) / max(dx * dx + dy * dy, 1e-9)
    along = np.clip(along, 0, 1)
    distance = np.hypot(columns - start.x - along * dx, rows - start.y - along * dy)
    radii = brush.radius_px(start.pressure), brush.radius_px(end.pressure)
    least = radii[0] + (radii[1] - radii[0]) * along
    assert found[distance < least * (1 - brush.softness) - 0.01].all()
    steps = np.linspace(0, 1, 33)[:, None, None]
    at = np.hypot(
        columns[None, ::16, ::16] - start.x - steps * dx,
        rows[None, ::16, ::16] - start.y - steps * dy,
    )
    reach = (
        radii[0]
        + (radii[1] - radii[0]) * steps
        + math.hypot(dx, dy) / 32
        + abs(radii[1] - radii[0]) / 32
    )
    beyond = (at > reach + 0.01).all(axis=0)
    assert not found[::16, ::16][beyond].any()


def test_a_brush_that_stays_in_its_own_core_looks_at_few_pixels() -> None:
    start, end = PenPoint(3000, 3000), PenPoint(3064, 3000)
    world = Rect(0, 0, 6000, 6000)
    for softness, most in ((0.0, 0.1), (1.0, 0.6)):
        brush = Brush(4000, softness)
        first, on = (
            sum(
                rect.area
                for cells in covered(brush, start, end, world, goes_on=again)
                for rect, _ in cells
            )
            for again in (False, True)
        )
        assert on < most * first
