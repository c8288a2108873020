"""The history keeps to its budgets in bytes, survives closing, and fits whatever is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from painter.brush import Brush, PenPoint
from painter.document import Document
from painter.editing import ZoneInk
from painter.history import KEPT_STEPS, History
from painter.project import Project
from painter.shards import Shards
from painter.steps import Step, TileFiles
from painter.store import content_hash
from tests.painter.builders import MAP, files_in, raw
from tests.painter.documents import dab, picture, small_document
from tests.support.disk import one_line
from zones.grid import TileCoord


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def reopened(document: Document) -> Document:
    """The project as a new process would open it."""
    document.close()
    return Document.open(document.project.folder)


def step_of(number: int, *blocks: np.ndarray) -> Step:
    delta = {(number, at): (None, block) for at, block in enumerate(blocks)}
    return Step(number, "Paint", {"zones": delta})


def block(value: int = 1, size: int = 100_000) -> np.ndarray:
    return np.full((1, size), value, np.uint8)


def test_shared_blocks_are_counted_once() -> None:
    history, shared = History(), block()
    history.push(step_of(1, shared))
    alone = history.memory_bytes
    assert 100_000 <= alone < 102_000
    history.push(step_of(2, shared))
    assert history.memory_bytes - alone < 2000
    history.push(step_of(3, block()))
    assert history.memory_bytes - alone > 100_000


def test_the_oldest_steps_are_dropped_and_the_newest_never() -> None:
    history = History(memory_budget_bytes=1_000_000)
    for number in range(1, 30):
        history.push(step_of(number, block(number)))
        history.drop_for_memory()
    kept = [step.number for step in history.line("user").steps]
    assert kept == list(range(21, 30))
    assert history.memory_bytes <= 1_000_000
    history.push(step_of(30, *[block(9) for _ in range(50)]))
    history.drop_for_memory()
    assert [step.number for step in history.line("user").steps] == [26, 27, 28, 29, 30]
    assert len(history.line("user").steps) == KEPT_STEPS


def test_small_steps_have_no_limit_in_number(document: Document) -> None:
    for number in range(300):
        with document.edit("Dot") as edit:
            edit.paint_line(ZoneInk(1 + number % 2), Brush(3), PenPoint(9, 9), PenPoint(9, 9))
    assert len(document.history.line("user").steps) == 300


def test_undo_and_redo_survive_closing(document: Document) -> None:
    looks = [picture(document.snapshot())]
    for at in range(4):
        dab(document, 100 + 90 * at)
        looks.append(picture(document.snapshot()))
    document.undo()
    document.save()
    again = reopened(document)
    assert picture(again.snapshot()) == looks[3]
    assert again.redo() == "Brush"
    assert picture(again.snapshot()) == looks[4]
    for look in looks[3::-1]:
        assert again.undo() == "Brush"
        assert picture(again.snapshot()) == look
    assert again.undo() is None


def test_the_run_line_survives_closing_with_the_tiles_it_replaced(document: Document) -> None:
    run = document.begin_run("Render")
    run.put_tile(TileCoord(0, 0), raw(5), {"number": 1})
    document.save()
    Project.open(document.project.folder).put_tile(TileCoord(3, 3), raw(7), {"number": 7})
    again = reopened(document)
    assert again.undo("runs") == "Render"
    project = Project.open(again.project.folder)
    assert project.tile_records()[TileCoord(0, 0)] == {"inputs_hash": "first"}
    assert np.array_equal(project.read_raw(TileCoord(0, 0)), raw())
    assert again.redo("runs") == "Render"
    assert np.array_equal(again.project.read_raw(TileCoord(0, 0)), raw(5))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 3)), min_size=1))
def test_a_run_that_grows_tile_by_tile_costs_what_it_would_at_once(
    made: list[tuple[int, int, int]],
) -> None:
    def step(tiles: Mapping[tuple[int, int], tuple[TileFiles, TileFiles]]) -> Step:
        return Step(1, "Render", tiles=tiles)

    growing, steps = History(size_of=len), []
    shards: Shards[tuple[TileFiles, TileFiles]] = Shards({}, 0)
    for row, col, number in made:
        shards = shards.patched({(row, col): (None, (f"tiles/r{row}_c{col}-{number * 'x'}",))})
        steps.append(step(shards))
    growing.push(steps[0], "runs")
    for old, new in pairwise(steps):
        growing.amend(old, new, "runs")
    at_once = History(size_of=len)
    at_once.push(step(dict(shards)), "runs")
    assert (growing.disk_bytes, growing.memory_bytes) == (at_once.disk_bytes, at_once.memory_bytes)
    names = {name for one in steps for name in one.file_names()}
    assert {name for name in names if growing.holds(name)} == set(steps[-1].file_names())
    assert growing.dropped == (names != set(steps[-1].file_names()))
    growing.amend(steps[-1], step({}), "runs")
    assert growing.disk_bytes == 0


def test_another_programs_save_keeps_the_files_of_the_history(document: Document) -> None:
    dab(document)
    document.save()
    look = picture(document.snapshot())
    document.close()
    other = Project.open(document.project.folder)
    other.configure(map_prompt="winter")
    other.save()
    again = Document.open(document.project.folder)
    assert again.undo() == "Brush"
    assert again.redo() == "Brush"
    assert picture(again.snapshot()) == look
    assert again.project.map_prompt == "winter"


def test_what_another_program_painted_leaves_no_wrong_history(document: Document) -> None:
    dab(document)
    document.save()
    document.close()
    other = Project.open(document.project.folder)
    other.set_zones(MAP, np.full(MAP.shape, 3, np.uint8))
    other.save()
    again = Document.open(document.project.folder)
    assert again.undo() is None
    assert dab(again)
    again.save()
    assert reopened(again).undo() == "Brush"


def test_memory_over_budget_goes_to_disk_and_can_still_be_undone(tmp_path: Path) -> None:
    small_document(tmp_path / "map").close()
    document = Document.open(tmp_path / "map", memory_budget_bytes=1_000_000)
    looks = []
    for at in range(12):
        looks.append(picture(document.snapshot()))
        dab(document, 60 + 50 * at)
        assert document.history.memory_bytes <= 1_000_000
    assert document.history.disk_bytes > 0
    for look in reversed(looks):
        document.undo()
        assert picture(document.snapshot()) == look


def test_a_disk_budget_drops_the_oldest_and_their_files(tmp_path: Path) -> None:
    small_document(tmp_path / "map").close()
    document = Document.open(tmp_path / "map", disk_budget_bytes=40_000)
    for at in range(60):
        dab(document, 60 + 10 * at, zone=1 + at % 8)
        document.autosave(document.capture())
    steps = len(document.history.line("user").steps)
    assert KEPT_STEPS <= steps < 60
    assert document.history.disk_bytes <= 40_000
    document.save()
    document.save()
    named = set(document._names()) | set(document.project.saved.names())
    known = {"project.json", "history.json", "lock.json"}
    assert files_in(document.project.folder) - known == named
    assert len(reopened(document).history.line("user").steps) == steps


def test_a_damaged_history_costs_only_the_history(document: Document) -> None:
    dab(document)
    document.save()
    look = picture(document.snapshot())
    document.close()
    path = document.project.folder / "history.json"
    for damage in (b"", b"{", path.read_bytes()[:40], b'{"schema_version": 9}'):
        path.write_bytes(damage)
        again = Document.open(document.project.folder)
        assert "history.json" in one_line(ValueError(again.notice))
        assert "the map is whole" in again.notice
        assert again.undo() is None
        assert picture(again.snapshot()) == look
        again.close()


def test_a_damaged_step_costs_only_what_lies_beyond_it(document: Document) -> None:
    looks = []
    for at in range(5):
        looks.append(picture(document.snapshot()))
        dab(document, 60 + 90 * at)
    document.save()
    names = json.loads((document.project.folder / "history.json").read_text())["user"]["steps"]
    document.close()
    (document.project.folder / names[1]).write_bytes(b"{}")
    again = Document.open(document.project.folder)
    assert names[1] in again.notice
    for look in (looks[4], looks[3], looks[2]):
        assert again.undo() == "Brush"
        assert picture(again.snapshot()) == look
    assert again.undo() is None
    dab(again)
    again.save()
    assert reopened(again).notice == ""


def test_many_autosaves_later_the_history_still_fits_the_save(document: Document) -> None:
    before = picture(document.snapshot())
    for at in range(12):
        dab(document, 60 + 40 * at)
        document.autosave(document.capture())
    document.close()
    again = Document.open(document.project.folder)
    again.decline_recovery()
    assert picture(again.snapshot()) == before
    assert [again.redo() for _ in range(13)] == ["Brush"] * 12 + [None]


def test_a_step_that_would_change_the_maps_size_is_refused(document: Document) -> None:
    document.configure("Words", map_prompt="dusk")
    document.save()
    document.close()
    path = document.project.folder / "history.json"
    (name,) = json.loads(path.read_text())["user"]["steps"]
    step = json.loads((document.project.folder / name).read_text())
    step["header"][0]["width_px"] = 9
    data = json.dumps(step).encode()
    other = f"history/step-{content_hash(data)}.json"
    (document.project.folder / other).write_bytes(data)
    path.write_text(path.read_text().replace(name, other))
    again = Document.open(document.project.folder)
    assert other in again.notice
    assert again.undo() is None


def test_a_history_that_repeats_a_step_is_refused_before_any_step_is_read(
    document: Document,
) -> None:
    dab(document)
    document.save()
    document.close()
    path = document.project.folder / "history.json"
    history = json.loads(path.read_text())
    (name,) = history["user"]["steps"]
    for line, steps in (("user", [name] * 400_000), ("runs", [name])):
        path.write_text(json.dumps({**history, line: {**history[line], "steps": steps}}))
        again = Document.open(document.project.folder)
        assert "history.json names a step twice" in one_line(ValueError(again.notice))
        again.close()
