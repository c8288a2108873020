"""Erasing a region unpaints it and cuts strokes; a polygon can be filled block by block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from painter import regions
from painter.document import Document
from painter.editing import ZoneInk
from painter.stroke_editing import added
from tests.painter.documents import picture, small_document
from zones.errors import InputError
from zones.geometry import Rect
from zones.strokes import Stroke


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def _path(*places: tuple[float, float]) -> Stroke:
    return Stroke("path", np.array([(x, y, 6.0) for x, y in places]))


def test_erasing_leaves_the_pieces_of_a_stroke_on_both_sides(document: Document) -> None:
    line = _path((10, 450), (110, 450), (210, 450), (310, 450), (410, 450))
    with document.edit("Path") as edit:
        edit.strokes = added(edit.strokes, line)
    with document.edit("Erase") as edit:
        assert regions.erase(edit, Rect(180, 430, 60, 200)) == Rect(180, 430, 60, 70)
    pieces = [stroke.points[:, 0].tolist() for stroke in document.strokes[1:]]
    assert pieces == [[10, 110], [310, 410]]
    assert not document.read_zones(Rect(180, 430, 60, 70)).any()
    assert document.undo() == "Erase"
    assert document.strokes[1] is line


def test_erasing_drops_a_lone_point_that_is_left(document: Document) -> None:
    with document.edit("Path") as edit:
        edit.strokes = (_path((10, 450), (110, 450), (210, 450)),)
        regions.erase(edit, Rect(100, 430, 20, 40))
    assert document.strokes == ()


def test_erasing_by_a_mask_spares_the_rest(document: Document) -> None:
    before = document.read_zones(Rect(0, 0, 100, 100))
    mask = np.zeros((100, 100), np.bool_)
    mask[:50] = True
    with document.edit("Erase") as edit:
        regions.erase(edit, Rect(0, 0, 100, 100), mask)
    after = document.read_zones(Rect(0, 0, 100, 100))
    assert not after[:50].any()
    assert np.array_equal(after[50:], before[50:])


def test_erasing_beyond_the_map_is_refused(document: Document) -> None:
    with document.edit("Erase") as edit, pytest.raises(InputError, match="beyond the map"):
        regions.erase(edit, Rect(-50, -50, 20, 20))


def test_a_polygon_walked_block_by_block_is_the_polygon(document: Document, tmp_path: Path) -> None:
    corners = [(-30, 20), (690, 60), (350, 700)]
    other = small_document(tmp_path / "other")
    with document.edit("Polygon") as edit:
        walked = list(edit.walk_polygon(ZoneInk(7), corners))
    with other.edit("Polygon") as edit:
        edit.paint_polygon(ZoneInk(7), corners)
    assert len(walked) == 2
    assert picture(document.snapshot()) == picture(other.snapshot())
