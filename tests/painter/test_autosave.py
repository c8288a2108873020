"""Autosaves come soon, never touch the save, and are offered when the project is opened next."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from painter.autosaver import DELAY_S, RETRY_S, Autosaver
from painter.document import Document
from painter.project import Project
from tests.painter.builders import files_in, raw, state
from tests.painter.documents import dab, picture, small_document
from tests.support.disk import DyingDisk, dying, one_line
from zones.errors import InputError, WorkError
from zones.grid import TileCoord


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Later(Executor):
    """Runs a task when it is told to."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.tasks.append((future, fn, args))
        return future

    def run(self) -> None:
        for future, fn, args in self.tasks:
            try:
                future.set_result(fn(*args))
            except WorkError as error:
                future.set_exception(error)
        self.tasks = []


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def autosaved(document: Document) -> None:
    document.autosave(document.capture())


def test_an_autosave_starts_soon_after_a_stroke_and_not_before(document: Document) -> None:
    clock, later = Clock(), Later()
    autosaver = Autosaver(document, clock, later)
    autosaver.poll()
    assert not later.tasks
    dab(document)
    autosaver.poll()
    clock.now_s += DELAY_S
    autosaver.poll()
    assert len(later.tasks) == 1
    dab(document, 100)
    autosaver.poll()
    assert len(later.tasks) == 1
    assert not autosaver.poll()
    later.run()
    assert autosaver.poll()
    assert autosaver.pending
    clock.now_s += DELAY_S
    autosaver.poll()
    later.run()
    autosaver.poll()
    assert not autosaver.pending


def test_a_failed_autosave_is_told_and_tried_again(document: Document) -> None:
    clock, later = Clock(), Later()
    autosaver = Autosaver(document, clock, later)
    dab(document)
    autosaver.poll()
    clock.now_s += DELAY_S
    autosaver.poll()
    with dying(DyingDisk(0, full=True)):
        later.run()
    assert not autosaver.poll()
    assert "disk is full" in one_line(autosaver.problem or ValueError())
    clock.now_s += RETRY_S
    autosaver.poll()
    later.run()
    assert autosaver.poll()
    assert autosaver.problem is None


def test_an_autosaver_with_its_own_thread_writes_on_flush(document: Document) -> None:
    autosaver = Autosaver(document)
    dab(document)
    autosaver.flush()
    autosaver.close()
    assert not autosaver.pending
    document.close()
    assert Document.open(document.project.folder).recovery is not None


def test_an_autosave_leaves_the_save_as_it_is(document: Document) -> None:
    manifest = document.project.folder / "project.json"
    before, saved = manifest.read_bytes(), state(Project.open(document.project.folder))
    dab(document)
    autosaved(document)
    assert manifest.read_bytes() == before
    assert state(Project.open(document.project.folder)) == saved


def test_recovered_work_is_all_there_with_its_undo(document: Document) -> None:
    looks = [picture(document.snapshot())]
    for at in range(3):
        dab(document, 60 + 90 * at)
        looks.append(picture(document.snapshot()))
    autosaved(document)
    document.close()
    again = Document.open(document.project.folder)
    offer = again.recovery
    assert offer is not None
    assert (offer.strokes, offer.zone_blocks, offer.saved_since, offer.damage) == (1, 2, False, "")
    assert picture(again.snapshot()) == looks[0]
    again.recover()
    assert again.recovery is None
    assert again.has_changes
    assert picture(again.snapshot()) == looks[-1]
    for look in looks[-2::-1]:
        again.undo()
        assert picture(again.snapshot()) == look
    again.redo()
    again.save()
    assert picture(Project.open(document.project.folder).reader()) == looks[1]


def test_declined_work_is_gone_but_can_be_redone(document: Document) -> None:
    before = picture(document.snapshot())
    dab(document)
    look = picture(document.snapshot())
    autosaved(document)
    document.close()
    again = Document.open(document.project.folder)
    again.decline_recovery()
    assert again.recovery is None
    assert picture(again.snapshot()) == before
    assert again.redo() == "Brush"
    assert picture(again.snapshot()) == look
    again.close()
    assert Document.open(document.project.folder).recovery is None


def test_nothing_is_edited_before_the_user_has_decided(document: Document) -> None:
    dab(document)
    autosaved(document)
    document.close()
    again = Document.open(document.project.folder)
    for action in (lambda: dab(again), again.save, again.undo, lambda: autosaved(again)):
        with pytest.raises(InputError, match="recover or decline"):
            action()


def test_a_save_leaves_nothing_to_recover(document: Document) -> None:
    dab(document)
    autosaved(document)
    document.save()
    assert "autosave.json" not in files_in(document.project.folder)
    document.close()
    assert Document.open(document.project.folder).recovery is None


def test_other_programs_saves_and_tiles_keep_the_autosave(document: Document) -> None:
    dab(document)
    look = picture(document.snapshot())
    autosaved(document)
    document.close()
    other = Project.open(document.project.folder)
    other.put_tile(TileCoord(2, 2), raw(4), {"number": 4})
    other.set_strokes([])
    other.save()
    again = Document.open(document.project.folder)
    assert again.recovery is not None
    assert again.recovery.saved_since
    again.recover()
    assert picture(again.snapshot()) == look
    assert again.project.tile_records()[TileCoord(2, 2)] == {"number": 4}


def test_a_damaged_autosave_is_named_and_the_save_is_whole(document: Document) -> None:
    dab(document)
    autosaved(document)
    document.close()
    path = document.project.folder / "autosave.json"
    whole = path.read_bytes()
    for damage in (b"", whole[: len(whole) // 2], whole.replace(b"index/", b"../in/"), b"[]"):
        path.write_bytes(damage)
        again = Document.open(document.project.folder)
        assert again.recovery is not None
        assert "autosave.json" in one_line(ValueError(again.recovery.damage))
        assert "the last save is whole" in again.recovery.damage
        with pytest.raises(InputError):
            again.recover()
        again.close()
    again = Document.open(document.project.folder)
    again.decline_recovery()
    assert dab(again)


def test_an_autosave_on_a_full_disk_keeps_the_one_before(document: Document) -> None:
    dab(document)
    look = picture(document.snapshot())
    autosaved(document)
    for fatal in range(0, 12, 3):
        dab(document, 100 + fatal)
        with dying(DyingDisk(fatal, full=True)), pytest.raises(WorkError, match="disk is full"):
            autosaved(document)
    document.close()
    again = Document.open(document.project.folder)
    again.recover()
    assert picture(again.snapshot()) == look


def test_an_autosave_that_comes_late_is_passed_over(document: Document) -> None:
    dab(document)
    early = document.capture()
    dab(document, 100)
    document.save()
    document.autosave(early)
    assert "autosave.json" not in files_in(document.project.folder)
    dab(document, 200)
    early = document.capture()
    dab(document, 300)
    look = picture(document.snapshot())
    autosaved(document)
    document.autosave(early)
    document.close()
    again = Document.open(document.project.folder)
    again.recover()
    assert picture(again.snapshot()) == look


def test_a_tile_that_comes_during_an_autosave_is_undone_with_its_run(document: Document) -> None:
    run, before = document.begin_run("Render"), document.project.tile_records()
    run.put_tile(TileCoord(0, 1), raw(1), {})
    earlier = document.capture()
    run.put_tile(TileCoord(0, 2), raw(2), {})
    document.autosave(earlier)
    assert document.undo("runs") == "Render"
    assert document.project.tile_records() == before


def test_autosaves_of_a_growing_run_leave_one_file_of_its_step(document: Document) -> None:
    run = document.begin_run("Render")
    for col in range(1, 6):
        run.put_tile(TileCoord(0, col), raw(col), {})
        document.autosave(document.capture())
    assert len(list(document.project.folder.glob("history/step-*"))) == 1
    document.save()
    document.close()
    assert Document.open(document.project.folder).undo("runs") == "Render"
