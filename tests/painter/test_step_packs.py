"""Long histories open by summaries of their steps, and lose nothing by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from painter.document import Document
from painter.step_packs import StoredStep, is_pack
from tests.painter.builders import MAP, files_in, raw
from tests.painter.documents import dab, picture, small_document
from tests.support.disk import one_line
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord

STEPS = 20


@pytest.fixture(autouse=True)
def _small_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("painter.history_files.PACK_STEPS", 4)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def painted(document: Document, count: int = STEPS) -> list[tuple[object, ...]]:
    """Paint, and return every look of the map, from the first to the last."""
    looks = [picture(document.snapshot())]
    for number in range(count):
        dab(document, 40 + 31 * number, 60 + 17 * number, zone=1 + number % 8)
        looks.append(picture(document.snapshot()))
    return looks


def reopened(document: Document, **budgets: int) -> Document:
    document.close()
    return Document.open(document.project.folder, **budgets)


def names(document: Document) -> list[str]:
    """What `history.json` lists for the user's line."""
    listed: list[str] = json.loads((document.project.folder / "history.json").read_text())["user"][
        "steps"
    ]
    return listed


def lazy(document: Document) -> int:
    return sum(isinstance(one, StoredStep) for one in document.history.line("user").steps)


def test_older_steps_are_listed_by_packs_and_not_read_on_opening(document: Document) -> None:
    painted(document)
    document.save()
    assert lazy(document) == 0
    again = reopened(document)
    listed = names(again)
    assert [is_pack(name) for name in listed] == sorted((is_pack(n) for n in listed), reverse=True)
    assert STEPS > lazy(again) >= STEPS - 8
    assert [step.number for step in again.history.line("user").steps] == list(range(1, STEPS + 1))
    assert {step.label for step in again.history.line("user").steps} == {"Brush"}


def test_undo_and_redo_go_through_packs_as_through_steps(document: Document) -> None:
    looks = painted(document)
    document.save()
    again = reopened(document)
    for look in looks[-2::-1]:
        assert again.undo() == "Brush"
        assert picture(again.snapshot()) == look
    assert again.undo() is None
    again.autosave(again.capture())
    third = reopened(again)
    third.recover()
    for look in looks[1:]:
        assert third.redo() == "Brush"
        assert picture(third.snapshot()) == look
    assert third.redo() is None


def test_nothing_that_packs_name_is_swept_away(document: Document) -> None:
    looks = painted(document)
    document.save()
    again = reopened(document)
    dab(again, 300, 300)
    again.save()
    again.project.save(sweep=True)
    last = reopened(again)
    while last.undo() is not None:
        pass
    assert picture(last.snapshot()) == looks[0]
    assert last.notice == ""


def test_packs_stay_as_they_are_while_steps_are_added(document: Document) -> None:
    painted(document)
    document.save()
    before = {name for name in files_in(document.project.folder) if is_pack(name)}
    again = reopened(document)
    dab(again, 300, 300)
    again.autosave(again.capture())
    after = {name for name in files_in(document.project.folder) if is_pack(name)}
    assert len(before) >= 3
    assert before <= after
    assert after == set(filter(is_pack, names(again)))


def test_steps_that_a_budget_drops_leave_their_packs_and_the_disk(document: Document) -> None:
    painted(document)
    document.save()
    used = document.history.disk_bytes
    assert reopened(document).history.disk_bytes == used
    again = reopened(document, disk_budget_bytes=used // 2)
    assert 5 <= len(again.history.line("user").steps) < STEPS
    assert again.history.disk_bytes <= used // 2
    dab(again, 300, 300)
    again.save()
    folder = again.project.folder
    assert {name for name in files_in(folder) if is_pack(name)} == set(
        filter(is_pack, names(again))
    )
    kept = len(again.history.line("user").steps)
    last = reopened(again, disk_budget_bytes=used // 2)
    assert len([*iter(last.undo, None)]) == kept
    assert last.notice == ""


def test_a_damaged_step_in_a_pack_costs_what_lies_beyond_it_when_undo_gets_there(
    document: Document,
) -> None:
    looks = painted(document)
    document.save()
    lost = document.history.line("user").steps[5].file
    document.close()
    (document.project.folder / lost).write_bytes(b"{}")
    again = Document.open(document.project.folder)
    for _ in range(STEPS - 6):
        assert again.undo() == "Brush"
    assert picture(again.snapshot()) == looks[6]
    with pytest.raises(InputError, match=lost) as caught:
        again.undo()
    assert "the map is whole" in one_line(caught.value)
    assert picture(again.snapshot()) == looks[6]
    assert again.undo() is None
    again.autosave(again.capture())
    last = reopened(again)
    last.recover()
    assert picture(last.snapshot()) == looks[6]
    assert last.undo() is None
    for look in looks[7:]:
        assert last.redo() == "Brush"
        assert picture(last.snapshot()) == look


def test_a_damaged_step_beyond_the_map_costs_only_redo(document: Document) -> None:
    looks = painted(document)
    lost_number = 5
    for _ in range(STEPS):
        document.undo()
    document.autosave(document.capture())
    lost = document.history.line("user").steps[lost_number - 1].file
    document.close()
    (document.project.folder / lost).unlink()
    again = Document.open(document.project.folder)
    if again.recovery is not None:
        again.recover()
    for _ in range(lost_number - 1):
        assert again.redo() == "Brush"
    with pytest.raises(InputError, match=lost):
        again.redo()
    assert picture(again.snapshot()) == looks[lost_number - 1]
    assert again.redo() is None
    assert again.undo() == "Brush"


@pytest.mark.parametrize("data", [b"", b"{}", b'{"steps": [3]}', b'{"steps": [{}]}'])
def test_a_damaged_pack_costs_what_lies_beyond_it(document: Document, data: bytes) -> None:
    looks = painted(document)
    document.save()
    lost = [name for name in names(document) if is_pack(name)][1]
    document.close()
    (document.project.folder / lost).write_bytes(data)
    again = Document.open(document.project.folder)
    assert lost in one_line(ValueError(again.notice))
    assert "the map is whole" in again.notice
    count = len(again.history.line("user").steps)
    assert 0 < count < STEPS
    for _ in range(count):
        assert again.undo() == "Brush"
    assert picture(again.snapshot()) == looks[STEPS - count]
    assert again.undo() is None


def test_a_step_of_many_files_is_summed_up_by_its_bytes(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("history_files", "step_packs"):
        monkeypatch.setattr(f"painter.{module}.MAX_SIZES", 4)
    run = document.begin_run("Render")
    for col in range(5):
        run.put_tile(TileCoord(0, col), raw(col), {"n": col})
    dab(document)
    document.save()
    used = document.history.disk_bytes
    again = reopened(document)
    (step,) = again.history.line("runs").steps
    assert isinstance(step, StoredStep)
    assert (step.label, step.sizes) == ("Render", None)
    assert again.history.disk_bytes == used
    again.project.save(sweep=True)
    assert again.undo("runs") == "Render"
    assert len(again.project.tile_records()) == 1
    again.project.save(sweep=True)
    assert again.redo("runs") == "Render"
    assert again.project.read_raw(TileCoord(0, 4)).tobytes() == raw(4).tobytes()


def test_painting_on_from_the_middle_drops_what_could_be_redone(document: Document) -> None:
    painted(document)
    document.save()
    again = reopened(document)
    for _ in range(STEPS - 3):
        again.undo()
    dab(again, 333, 222, zone=7)
    again.save()
    last = reopened(again)
    assert len([*iter(last.undo, None)]) == 4
    assert last.snapshot().read_zones(Rect(333, 222, 1, 1))[0, 0] != 7
    assert last.snapshot().read_zones(MAP).any()


def test_steps_beyond_the_room_in_memory_are_summed_up_and_lose_nothing(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("painter.history_files.WHOLE_BYTES", 0)
    looks = painted(document, 6)
    document.save()
    again = reopened(document)
    assert (lazy(again), again.notice) == (6, "")
    again.project.save(sweep=True)
    for look in looks[-2::-1]:
        assert again.undo() == "Brush"
        assert picture(again.snapshot()) == look
    again.redo()
    dab(again)
    again.save()
    last = reopened(again)
    assert last.notice == ""
    assert [last.undo() for _ in range(3)] == ["Brush", "Brush", None]
    assert picture(last.snapshot()) == looks[0]


@pytest.mark.parametrize(("whole_bytes", "read_bytes"), [(0, 8000), (4000, 2000)])
def test_what_of_a_history_does_not_fit_into_memory_is_left_out_oldest_first(
    document: Document, monkeypatch: pytest.MonkeyPatch, whole_bytes: int, read_bytes: int
) -> None:
    monkeypatch.setattr("painter.history_files.WHOLE_BYTES", whole_bytes)
    monkeypatch.setattr("painter.history_files.READ_BYTES", read_bytes)
    looks = painted(document)
    document.save()
    again = reopened(document)
    assert "history.json" in one_line(ValueError(again.notice))
    kept = len(again.history.line("user").steps)
    assert 2 <= kept < STEPS
    for look in looks[-2 : -2 - kept : -1]:
        assert again.undo() == "Brush"
        assert picture(again.snapshot()) == look
    assert again.undo() is None
