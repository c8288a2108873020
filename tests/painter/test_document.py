"""Edits of a document can all be taken back, and nothing that was looked at ever changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import stroke_editing
from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ERASER, ProtectInk, ZoneInk
from painter.layers import held_bytes
from painter.project import Project
from tests.painter.builders import MAP, PALETTE, raw, river, small_project, state
from tests.painter.documents import EDITS, EditAction, dab, grey_art, picture, small_document
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import Palette


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_project(tmp_path_factory.mktemp("shared") / "map").folder


@settings(max_examples=25, deadline=None)
@given(st.lists(EDITS, max_size=8))
def test_undoing_all_edits_gives_the_start_and_redoing_the_end(
    shared: Path, edits: list[EditAction]
) -> None:
    document = Document.open(shared)
    states = [picture(document.snapshot())]
    prompts = [document.project.map_prompt]
    for edit in edits:
        steps = document.history.line("user").position
        edit(document)
        if document.history.line("user").position > steps:
            states.append(picture(document.snapshot()))
            prompts.append(document.project.map_prompt)
    for before, prompt in zip(states[-2::-1], prompts[-2::-1], strict=True):
        assert document.undo()
        assert (picture(document.snapshot()), document.project.map_prompt) == (before, prompt)
    assert document.undo() is None
    for after, prompt in zip(states[1:], prompts[1:], strict=True):
        assert document.redo()
        assert (picture(document.snapshot()), document.project.map_prompt) == (after, prompt)
    assert document.redo() is None


@settings(max_examples=20, deadline=None)
@given(st.lists(EDITS | st.sampled_from(["undo", "redo", "look"]), max_size=10))
def test_no_edit_changes_a_snapshot(shared: Path, events: list[EditAction | str]) -> None:
    document = Document.open(shared)
    snapshots = [document.snapshot()]
    looks = [picture(snapshots[0])]
    for event in events:
        if event == "look":
            snapshots.append(document.snapshot())
            looks.append(picture(snapshots[-1]))
        elif isinstance(event, str):
            getattr(document, event)()
        else:
            event(document)
    assert [picture(snapshot) for snapshot in snapshots] == looks


def test_a_stroke_shows_while_drawn_and_in_snapshots_once_committed(document: Document) -> None:
    before = picture(document.snapshot())
    stroke = document.brush_stroke("Brush", ZoneInk(5), Brush(40))
    (changed,) = stroke.extend(PenPoint(350, 250))
    assert changed == Rect(330, 230, 40, 40)
    assert document.pick(350, 250) == 5
    assert picture(document.snapshot()) == before
    assert stroke.commit()
    assert document.snapshot().read_zones(Rect(350, 250, 1, 1))[0, 0] == 5
    assert document.history.line("user").position == 1


def test_an_aborted_stroke_leaves_nothing(document: Document) -> None:
    before = picture(document.snapshot())
    stroke = document.brush_stroke("Brush", ZoneInk(5), Brush(40))
    stroke.extend(PenPoint(350, 250))
    stroke.abort()
    assert picture(document.snapshot()) == before
    assert document.undo() is None
    assert not document.has_changes


def test_a_stroke_that_changes_no_pixel_is_no_step(document: Document) -> None:
    zone = document.pick(50, 50)
    stroke = document.brush_stroke("Brush", ZoneInk(zone), Brush(10))
    stroke.extend(PenPoint(50, 50))
    assert not stroke.commit()
    assert document.undo() is None


def test_only_one_edit_is_open_at_a_time(document: Document) -> None:
    edit = document.edit("One")
    for other in (document.undo, document.save, lambda: document.edit("Two")):
        with pytest.raises(RuntimeError, match="open edit"):
            other()
    edit.abort()
    with pytest.raises(RuntimeError, match="over"):
        edit.commit()


def test_an_exception_inside_an_edit_aborts_it(document: Document) -> None:
    before = picture(document.snapshot())

    def paint() -> None:
        with document.edit("Bad") as edit:
            edit.paint_rectangle(ZoneInk(3), Rect(0, 0, 99, 99))
            edit.paint(ZoneInk(200), Rect(0, 0, 9, 9))

    with pytest.raises(InputError, match="no zone 200"):
        paint()
    assert picture(document.snapshot()) == before
    assert dab(document)


def test_a_bad_stroke_is_refused_and_changes_nothing(document: Document) -> None:
    edit = document.edit("Bad")
    edit.paint_rectangle(ZoneInk(3), Rect(0, 0, 99, 99))
    edit.strokes = stroke_editing.moved(edit.strokes, 0, 1e9, 0)
    with pytest.raises(InputError, match="map sides away"):
        edit.commit()
    assert not document.has_changes


def test_a_new_edit_drops_what_could_be_redone(document: Document) -> None:
    dab(document)
    document.undo()
    dab(document, 100, 100)
    assert document.redo() is None
    assert len(document.history.line("user").steps) == 1


def test_the_eraser_gives_unpainted_ground(document: Document) -> None:
    with document.edit("Erase") as edit:
        edit.paint_rectangle(ERASER, MAP)
    assert not document.project.content.zones.blocks


def test_a_block_of_one_zone_takes_no_memory(document: Document) -> None:
    with document.edit("Fill") as edit:
        edit.paint_rectangle(ZoneInk(4), MAP)
    held = document.project.content.zones.blocks.values()
    assert [held_bytes(block) for block in held if not isinstance(block, str)] == [1, 1]
    assert document.history.memory_bytes < 5000


def test_protecting_keeps_what_the_map_shows_and_only_where_it_is_new(document: Document) -> None:
    with document.edit("Protect") as edit:
        edit.paint_rectangle(ProtectInk(True, grey_art), Rect(10, 10, 20, 20))
    with document.edit("More") as edit:
        edit.paint_rectangle(
            ProtectInk(True, lambda rect: np.zeros((*rect.shape, 3), np.uint8)),
            Rect(20, 10, 20, 20),
        )
    art = document.snapshot().read_art(Rect(10, 10, 30, 20))
    assert np.array_equal(art[:, :20], grey_art(Rect(10, 10, 20, 20)))
    assert not art[:, 20:].any()
    assert document.snapshot().read_protect(Rect(10, 10, 30, 20)).all()
    with document.edit("Free") as edit:
        edit.paint_polygon(ProtectInk(False), [(0, 0), (100, 0), (100, 100), (0, 100)])
    assert not document.snapshot().read_protect(MAP).any()


def test_a_palette_change_is_one_step_and_refuses_a_zone_in_use(document: Document) -> None:
    smaller = Palette(PALETTE.zones, PALETTE.stencils[:2], PALETTE.base_zone)
    document.configure("Palette", palette=smaller)
    assert document.project.palette == smaller
    dab(document)
    document.undo()
    document.undo()
    assert document.project.palette == PALETTE
    fewer = Palette(PALETTE.zones[:2], PALETTE.stencils, PALETTE.base_zone)
    with pytest.raises(InputError):
        document.configure("Palette", palette=fewer)


def test_a_saved_document_has_no_changes_until_it_is_edited_or_undone(document: Document) -> None:
    assert not document.has_changes
    dab(document)
    assert document.has_changes
    document.save()
    assert not document.has_changes
    document.undo()
    assert document.has_changes
    document.redo()
    assert not document.has_changes


def test_a_save_holds_what_was_painted(document: Document) -> None:
    dab(document)
    shown = picture(document.snapshot())
    document.save()
    assert picture(Project.open(document.project.folder).reader()) == shown


def test_a_run_is_one_step_and_never_before_the_users_own(document: Document) -> None:
    project = document.project
    before = state(project)
    dab(document)
    shown = picture(document.snapshot())
    run = document.begin_run("Render")
    for number in range(3):
        run.put_tile(TileCoord(0, number), raw(number + 5), {"number": number})
    after = state(project)
    assert document.undo() == "Brush"
    assert len(project.tile_records()) == 3
    document.redo()
    assert document.undo("runs") == "Render"
    assert document.undo("runs") is None
    assert state(project)[-1] == before[-1]
    assert picture(document.snapshot()) == shown
    assert document.redo("runs") == "Render"
    assert state(project) == after


def test_taking_back_a_run_leaves_tiles_that_were_made_again_since(document: Document) -> None:
    run = document.begin_run("Render")
    run.put_tile(TileCoord(0, 0), raw(5), {"number": 1})
    run.put_tile(TileCoord(0, 1), raw(6), {"number": 2})
    document.project.put_tile(TileCoord(0, 1), raw(9), {"number": 9})
    document.undo("runs")
    records = document.project.tile_records()
    assert records[TileCoord(0, 0)] == {"inputs_hash": "first"}
    assert records[TileCoord(0, 1)] == {"number": 9}


def test_the_settings_of_a_run_are_in_the_save_with_its_first_result(document: Document) -> None:
    folder = document.project.folder
    before = Project.open(folder)
    dab(document)
    document.configure("Words", map_prompt="dusk")
    revision = document.revision
    run = document.begin_run("Render", {"run": {"steps": 4}})
    assert document.project.settings == {"steps": 12, "run": {"steps": 4}}
    assert Project.open(folder).settings == {"steps": 12}
    run.put_candidate(TileCoord(0, 1), raw(5), {})
    after = Project.open(folder)
    assert after.settings == document.project.settings
    assert (after.map_prompt, state(after)) == (before.map_prompt, state(before))
    assert (document.has_changes, document.revision) == (True, revision)
    assert [document.undo() for _ in range(3)] == ["Words", "Brush", None]
    assert (document.has_changes, document.project.has_changes) == (False, True)
    assert document.project.settings == after.settings
    document.save()
    assert not document.project.has_changes
    assert Project.open(folder).settings == after.settings


def test_the_settings_of_a_run_alone_are_no_unsaved_work(document: Document) -> None:
    run = document.begin_run("Render", {"run": {"steps": 4}})
    run.put_tile(TileCoord(0, 1), raw(5), {})
    assert (document.has_changes, document.project.has_changes) == (False, False)
    document.close()
    assert Document.open(document.project.folder).project.settings["run"] == {"steps": 4}


def test_undoing_another_setting_leaves_the_settings_of_a_run(document: Document) -> None:
    document.configure("Grid", settings={"grid": 5})
    document.begin_run("Render", {"run": {"steps": 4}})
    document.undo()
    assert document.project.settings == {"steps": 12, "run": {"steps": 4}}
    document.redo()
    assert document.project.settings == {"grid": 5, "run": {"steps": 4}}


def test_a_run_keeps_files_only_while_it_is_in_use(document: Document) -> None:
    keepers, tile = document.project.keepers, TileCoord(0, 0)
    files = document.project.content.tiles[0, 0]
    run = document.begin_run("Render")
    run.put_tile(tile, raw(5), {"number": 1})
    assert keepers.in_use == [run]
    assert run.held == set(files)
    assert run.held <= (keepers.names() or set())
    del run
    assert keepers.in_use == []
    for _ in range(3):
        run = document.begin_run("Again")
    assert keepers.in_use == [run]
    document.undo("runs")
    assert document.project.content.tiles[0, 0] == files


def test_strokes_are_edited_by_point(document: Document) -> None:
    with document.edit("Draw") as edit:
        edit.strokes = stroke_editing.added(edit.strokes, river(200))
    with document.edit("Insert") as edit:
        edit.strokes = stroke_editing.with_new_handle(edit.strokes, 1, 1, (300, 100, 9))
    with document.edit("Remove") as edit:
        edit.strokes = stroke_editing.without_handle(edit.strokes, 1, 0)
    with document.edit("Delete") as edit:
        edit.strokes = stroke_editing.removed(edit.strokes, 0)
    (left,) = document.strokes
    assert left.points.tolist() == [[300, 100, 9], [500, 300.5, 12.25]]
    for _ in range(4):
        document.undo()
    assert [s.points.tolist() for s in document.strokes] == [river().points.tolist()]
