"""Subscribers are told of every change, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from painter import stroke_editing
from painter.change import Change
from painter.document import Document
from painter.editing import ProtectInk, ZoneInk
from painter.project import Project
from tests.painter.builders import MAP, PALETTE, raw, river
from tests.painter.documents import dab, grey_art, small_document
from zones.geometry import Rect
from zones.grid import TileCoord


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


@pytest.fixture
def told(document: Document) -> list[Change]:
    changes: list[Change] = []
    document.subscribe(changes.append)
    return changes


def differing(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.argwhere(before != after)


def test_a_stroke_tells_a_rectangle_around_each_changed_part(
    document: Document, told: list[Change]
) -> None:
    before = document.snapshot().read_zones(MAP)
    assert dab(document, 505, 250)
    (change,) = told
    after = document.snapshot().read_zones(MAP)
    changed = np.zeros(MAP.shape, np.bool_)
    for rect in change.zones:
        changed[rect.slices_in(MAP)] = True
    assert (changed | (before == after)).all()
    assert changed.sum() < 140 * 100
    assert (change.label, change.header, change.strokes, change.tiles) == (
        "Brush",
        False,
        (),
        frozenset(),
    )


def test_undo_and_redo_tell_the_same_places_as_the_edit(
    document: Document, told: list[Change]
) -> None:
    dab(document)
    document.undo()
    document.redo()
    assert told[0].zones == told[1].zones == told[2].zones != ()


def test_undo_of_a_stored_step_tells_the_same_places(
    document: Document, told: list[Change]
) -> None:
    dab(document)
    document.save()
    document.undo()
    assert told[1].zones == told[0].zones


def test_an_edit_of_many_blocks_tells_whole_blocks(tmp_path: Path) -> None:
    Project.create(tmp_path / "wide", (512 * 20, 512), PALETTE)
    document, told = Document.open(tmp_path / "wide"), list[Change]()
    document.subscribe(told.append)
    with document.edit("Strip") as edit:
        edit.paint_rectangle(ZoneInk(4), Rect(0, 100, 512 * 20, 10))
    assert set(told[0].zones) == {Rect(512 * column, 0, 512, 512) for column in range(20)}


def test_protection_and_its_art_are_told_apart_from_zones(
    document: Document, told: list[Change]
) -> None:
    with document.edit("Protect") as edit:
        edit.paint_rectangle(ProtectInk(art=grey_art), Rect(10, 20, 30, 40))
    assert set(told[0].protect) == {Rect(10, 20, 30, 40)}
    assert told[0].zones == ()


def test_a_moved_stroke_tells_where_it_was_and_where_it_is(
    document: Document, told: list[Change]
) -> None:
    with document.edit("Move") as edit:
        edit.strokes = stroke_editing.moved(edit.strokes, 0, 200, 0)
    old, new = told[0].strokes
    assert (old.x, new.x) == (5, 205)
    assert old.right >= river().bounds[2]
    assert told[0].painted == (old, new)


def test_a_configuration_is_a_change_of_the_header(document: Document, told: list[Change]) -> None:
    document.configure("Words", map_prompt="winter")
    document.configure("Words", map_prompt="winter")
    assert [(change.header, change.painted) for change in told] == [(True, ())]


def test_a_run_tells_each_tile_and_its_undo_all_of_them(
    document: Document, told: list[Change]
) -> None:
    run = document.begin_run("Render")
    for col in (1, 2):
        run.put_tile(TileCoord(0, col), raw(col), {"n": col})
    document.undo("runs")
    pair = frozenset({TileCoord(0, 1), TileCoord(0, 2)})
    assert [change.tiles for change in told] == [
        frozenset({TileCoord(0, 1)}),
        frozenset({TileCoord(0, 2)}),
        pair,
    ]


def test_recovery_tells_that_everything_may_be_different(tmp_path: Path) -> None:
    document = small_document(tmp_path / "map")
    dab(document)
    document.autosave(document.capture())
    document.close()
    opened, told = Document.open(tmp_path / "map"), list[Change]()
    opened.subscribe(told.append)
    opened.recover()
    (change,) = told
    assert (change.zones, change.header, change.tiles) == ((MAP,), True, frozenset())


def test_what_changes_nothing_and_what_is_aborted_is_not_told(
    document: Document, told: list[Change]
) -> None:
    with document.edit("Nothing") as edit:
        edit.paint_rectangle(ZoneInk(document.pick(5, 5)), Rect(0, 0, 10, 10))
    edit = document.edit("Aborted")
    edit.paint_rectangle(ZoneInk(4), Rect(0, 0, 300, 300))
    edit.abort()
    document.save()
    document.undo()
    assert told == []


def test_a_subscription_can_be_ended(document: Document) -> None:
    told: list[Change] = []
    document.subscribe(told.append)()
    dab(document)
    assert told == []
