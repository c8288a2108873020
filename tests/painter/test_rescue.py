"""A rescue holds up nobody: the open project is saved while it is copied, and the copy is whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from painter.document import Document
from painter.editing import ZoneInk
from painter.project import Project
from painter.rescue import rescue
from zones.geometry import Rect
from zones.palette import default_palette

RECT = Rect(10, 10, 50, 50)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    """An open map with one painted place, saved."""
    made = Document.open(Project.create(tmp_path / "map", (1024, 1024), default_palette()).folder)
    paint(made, 6, RECT)
    made.save()
    return made


def paint(document: Document, zone: int, rect: Rect) -> None:
    with document.edit("Paint") as edit:
        edit.paint(ZoneInk(zone), rect)


def test_saves_and_autosaves_go_on_during_the_copy_and_are_in_it(
    document: Document, tmp_path: Path
) -> None:
    saved: list[bool] = []

    def write() -> None:
        paint(document, 3, RECT)
        paint(document, 5, Rect(600, 600, 20, 20))
        document.autosave(document.capture())
        document.save()

    def check() -> None:
        drafted = [path for path in tmp_path.rglob("*") if ".tmp-" in path.parent.as_posix()]
        if not saved and any("zones/" in path.as_posix() for path in drafted):
            thread = threading.Thread(target=write, daemon=True)
            thread.start()
            thread.join(20)
            saved.append(not thread.is_alive())

    made = rescue(document.project.folder, tmp_path / "copy", check)
    document.close()
    assert saved == [True]
    assert made.losses == ()
    again = Document.open(tmp_path / "copy")
    assert (again.pick(20, 20), again.pick(610, 610)) == (3, 5)
    assert again.recovery is None
    assert len(again.history.line("user").steps) == 3
    again.close()


def test_what_is_removed_during_the_copy_is_not_in_it(document: Document, tmp_path: Path) -> None:
    folder, seen = document.project.folder, []
    document.close()
    (folder / "note.txt").write_text("mine")

    def check() -> None:
        if list(tmp_path.glob(".tmp-*/note.txt")):
            seen.append(1)
            (folder / "note.txt").unlink(missing_ok=True)

    rescue(folder, tmp_path / "copy", check)
    assert seen
    assert not (tmp_path / "copy" / "note.txt").exists()
