"""What is painted waits for no disk, and nobody waits for each other in a circle."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from painter.document import Document
from painter.project import Project
from tests.painter.builders import raw
from tests.painter.documents import dab, picture, small_document
from zones.errors import WorkError
from zones.grid import TileCoord

PATIENCE_S = 20.0
OTHER = TileCoord(0, 1)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


class SlowDisk:
    """A disk whose first sync waits until it is told to go on, and may then fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failure: OSError | None = None) -> None:
        self.syncs, self.go_on, self.waited = threading.Event(), threading.Event(), True
        self._failure, self._sync = failure, os.fsync
        monkeypatch.setattr(os, "fsync", self._slow)

    def _slow(self, handle: int) -> None:
        if not self.syncs.is_set():
            self.syncs.set()
            self.waited = self.go_on.wait(PATIENCE_S)
            if self._failure is not None:
                raise self._failure
        self._sync(handle)

    def during(self, write: Callable[[], object], act: Callable[[], object]) -> Future[object]:
        """Do `act` here while another thread's `write` waits for the disk."""
        with ThreadPoolExecutor(1) as pool:
            job: Future[object] = pool.submit(write)
            assert self.syncs.wait(PATIENCE_S)
            act()
            self.go_on.set()
        assert self.waited, "the edit waited for the disk"
        return job


def test_a_stroke_is_committed_while_a_tile_is_written(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = document.begin_run("Render")
    disk = SlowDisk(monkeypatch)
    disk.during(lambda: run.put_tile(OTHER, raw(1), {}), lambda: dab(document)).result()
    assert document.undo("runs") == "Render"
    assert document.undo() == "Brush"


def test_a_stroke_committed_during_a_save_stays_unsaved_and_is_not_lost(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    dab(document, 60)
    saved = picture(document.snapshot())
    SlowDisk(monkeypatch).during(document.save, lambda: dab(document, 400)).result()
    newest = picture(document.snapshot())
    assert document.has_changes
    assert picture(Project.open(document.project.folder).reader()) == saved
    document.autosave(document.capture())
    document.close()
    again = Document.open(document.project.folder)
    assert picture(again.snapshot()) == saved
    again.recover()
    assert picture(again.snapshot()) == newest
    assert [again.undo(), again.undo(), again.undo()] == ["Brush", "Brush", None]


def test_a_stroke_undone_during_a_save_can_be_saved_afterwards(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(document.snapshot())
    dab(document)
    SlowDisk(monkeypatch).during(document.save, document.undo).result()
    assert document.has_changes
    document.save()
    document.project.save(sweep=True)
    document.close()
    again = Document.open(document.project.folder)
    assert picture(again.snapshot()) == before
    assert again.redo() == "Brush"


def test_a_tile_that_cannot_be_written_does_not_wait_for_an_undo_that_waits_for_it(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = document.begin_run("Render")
    run.put_tile(OTHER, raw(1), {})
    disk = SlowDisk(monkeypatch, OSError(28, "No space left on device"))
    undo = threading.Thread(target=lambda: document.undo("runs"), daemon=True)

    def wait_for_the_folder() -> None:
        undo.start()
        time.sleep(0.2)  # so that it is waiting by now

    job = disk.during(lambda: run.put_tile(OTHER, raw(2), {}), wait_for_the_folder)
    with pytest.raises(WorkError, match="full"):
        job.result()
    undo.join(PATIENCE_S)
    assert not undo.is_alive()
    assert OTHER not in document.project.tile_records()
