"""Power loss, write errors and kills: what a document has acknowledged is there afterwards."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from painter.document import Document
from painter.project import Project
from tests.painter import faults
from tests.painter.builders import PALETTE, raw
from tests.painter.documents import dab
from tests.support.disk import DyingDisk, dying, one_line
from tests.support.power import (
    RecordingDisk,
    lay_out,
    left_by_power_loss,
    lucks,
    recording,
    tree_of,
)
from zones.errors import TilewrightError
from zones.geometry import Rect
from zones.grid import TileCoord

MAP = Rect(0, 0, 96, 64)
Action = Callable[[Document], object]


def look(document: Document) -> tuple[object, ...]:
    """What is painted and finished, by value."""
    reader, project = document.snapshot(), document.project
    tiles = {tile: project.read_raw(tile).tobytes() for tile in project.tile_records()}
    strokes = tuple(stroke.points.tobytes() for stroke in reader.strokes)
    return reader.read_zones(MAP).tobytes(), strokes, tuple(sorted(tiles.items()))


def painted(document: Document) -> None:
    dab(document, 30, 20, zone=3)


def save(document: Document) -> None:
    painted(document)
    document.save()


def autosave(document: Document) -> None:
    painted(document)
    document.autosave(document.capture())


def save_after_autosave(document: Document) -> None:
    autosave(document)
    dab(document, 60, 40, zone=6)
    document.save()


def render(document: Document) -> None:
    run = document.begin_run("Render")
    run.put_tile(TileCoord(0, 0), raw(5, 16), {"n": 5})
    run.put_tile(TileCoord(0, 1), raw(6, 16), {"n": 6})


ACTIONS: list[Action] = [save, autosave, save_after_autosave, render]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    zones = np.kron(np.arange(1, 7, dtype=np.uint8).reshape(2, 3), np.ones((32, 32), np.uint8))
    project = Project.create(tmp_path / "map", (96, 64), PALETTE, zones=zones)
    project.put_tile(TileCoord(0, 0), raw(1, 16), {"n": 1})
    return project.folder


def looks_of(folder: Path, action: Action) -> list[tuple[object, ...]]:
    """Looks before, in the middle and after the action, from a copy."""
    document = Document.open(Path(shutil.copytree(folder, folder.with_name("model"))))
    looks = [look(document)]
    push = document._push

    def noting(step: object) -> bool:
        done = push(step)  # type: ignore[arg-type]
        looks.append(look(document))
        return done

    document._push = noting  # type: ignore[method-assign, assignment]
    note = document._note_run
    document._note_run = lambda *step: (note(*step), looks.append(look(document)))[0]  # type: ignore[method-assign]
    action(document)
    return [*looks, look(document)]


def best_of(folder: Path) -> tuple[object, ...]:
    """What an opened project shows, with what can be recovered."""
    document = Document.open(folder)
    assert document.notice == ""
    if document.recovery is not None:
        assert document.recovery.damage == ""
        document.recover()
    return look(document)


@pytest.mark.parametrize("action", ACTIONS)
def test_power_loss_at_any_moment_leaves_what_was_acknowledged(
    folder: Path, action: Action
) -> None:
    looks, before = looks_of(folder, action), tree_of(folder)
    document = Document.open(folder)
    before = tree_of(folder)
    with recording() as disk:
        action(document)
    seen, found = set(), []
    for done in range(len(disk.ops) + 1):
        for luck in lucks(done):
            tree = left_by_power_loss(before, disk.ops[:done], luck)
            key = frozenset(tree.items())
            if key in seen and done < len(disk.ops):
                continue
            seen.add(key)
            lay_out(folder, tree)
            found.append(best_of(folder))
            assert found[-1] in looks
            if done == len(disk.ops):
                assert found[-1] == looks[-1]
    assert {looks.index(one) for one in found} >= {0, len(set(map(hash, looks))) - 1}
    assert len(seen) > 10


def test_a_save_that_is_not_synced_would_be_noticed(folder: Path) -> None:
    """The model of power loss is not vacuous: without syncing, the save is broken."""
    document = Document.open(folder)
    before = tree_of(folder)
    with recording() as disk:
        save(document)
    careless = [op for op in disk.ops if op[0] not in {"sync", "folder"}]
    broken = 0
    for luck in lucks(3) * 3:
        lay_out(folder, left_by_power_loss(before, careless, luck))
        try:
            broken += best_of(folder) != look(document)
        except (TilewrightError, AssertionError):
            broken += 1
    assert broken >= 3


class FailingDisk(DyingDisk):
    """One call of the disk fails; the others work."""

    def _fails(self, name: str) -> bool:
        return not self.failed and len(self.log) == self.fatal

    def _failure(self) -> BaseException:
        return OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_error_at_any_call_is_one_line_and_the_next_try_succeeds(
    folder: Path, action: Action
) -> None:
    looks, errors = looks_of(folder, action), 0
    retries: dict[Action, Action] = {
        save: Document.save,
        save_after_autosave: Document.save,
        autosave: lambda document: document.autosave(document.capture()),
        render: render,
    }
    for fatal in count():
        copy = Path(shutil.copytree(folder, folder.with_name(f"at{fatal}")))
        document = Document.open(copy)
        disk = FailingDisk(fatal)
        try:
            with dying(disk):
                action(document)
        except TilewrightError as error:
            errors += 1
            one_line(error)
            shown = look(document)
            assert best_of(copy) in looks
            retries[action](document)
            assert action is render or look(document) == shown
            assert best_of(copy) == look(document)
        shutil.rmtree(copy)
        if not disk.failed:
            break
    assert errors > 5


def test_killed_processes_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    tally = faults.run_kills(tmp_path / "map", kills=6, longest_s=0.9, seed=1000)
    assert tally.kills == 6
    assert tally.kept_strokes > 0
    assert tally.tile_checks > 0
    assert tally.result_checks > tally.tile_checks


Acknowledged = list[tuple[TileCoord, int]]
Acknowledge = Callable[[tuple[TileCoord, int]], object]


def keep_results(document: Document, acknowledge: Acknowledge) -> None:
    """Results of every kind, some beyond the budget, each acknowledged when it is kept."""
    run = document.begin_run("Render")
    run.put_tile(TileCoord(0, 0), raw(5, 16), {"n": 5})
    acknowledge((TileCoord(0, 0), 5))
    run.put_tile(TileCoord(0, 0), raw(6, 16), {"n": 6}, current=False)
    acknowledge((TileCoord(0, 0), 6))
    run.put_candidate(TileCoord(0, 1), raw(7, 16), {"n": 7})
    acknowledge((TileCoord(0, 1), 7))
    document.note_seams(TileCoord(0, 0), {"step": 1.0})
    document.put_back(TileCoord(0, 0), document.results(TileCoord(0, 0))[0].id)


def missing(folder: Path, wanted: Acknowledged) -> Acknowledged:
    """Which results an opened project does not have bit for bit."""
    document = Document.open(folder)
    assert document.notice == ""
    return [
        (tile, number)
        for tile, number in wanted
        if not any(
            result.facts["n"] == number and np.array_equal(result.raw(), raw(number, 16))
            for result in document.results(tile)
        )
    ]


def test_power_loss_at_any_moment_keeps_every_acknowledged_result(folder: Path) -> None:
    document, acknowledged = Document.open(folder), list[tuple[int, TileCoord, int]]()
    before = tree_of(folder)
    with recording() as disk:
        keep_results(document, lambda what: acknowledged.append((len(disk.ops), *what)))
    seen, alive = set(), 0
    for done in range(len(disk.ops) + 1):
        wanted = [(tile, number) for at, tile, number in acknowledged if at <= done]
        for luck in lucks(done):
            tree = left_by_power_loss(before, disk.ops[:done], luck)
            key = (frozenset(tree.items()), len(wanted))
            if key not in seen:
                seen.add(key)
                lay_out(folder, tree)
                assert missing(folder, wanted) == []
                assert missing(folder, [(TileCoord(0, 0), 1)]) == []
                alive += len(wanted)
    assert alive > 20


def test_an_error_at_any_call_keeps_every_acknowledged_result(folder: Path) -> None:
    errors = 0
    for fatal in count():
        copy = Path(shutil.copytree(folder, folder.with_name(f"at{fatal}")))
        document, acknowledged = Document.open(copy), Acknowledged()
        disk = FailingDisk(fatal)
        try:
            with dying(disk):
                keep_results(document, acknowledged.append)
        except TilewrightError as error:
            errors += 1
            one_line(error)
        assert missing(copy, acknowledged) == []
        keep_results(document, acknowledged.append)
        assert missing(copy, acknowledged) == []
        assert [result.on_map for result in document.results(TileCoord(0, 0))].count(True) == 1
        shutil.rmtree(copy)
        if not disk.failed:
            break
    assert errors > 20


def test_recording_changes_nothing(folder: Path) -> None:
    document = Document.open(folder)
    with recording() as disk:
        save(document)
    assert isinstance(disk, RecordingDisk)
    assert {op[0] for op in disk.ops} >= {"create", "write", "sync", "folder", "replace", "mkdir"}
    assert best_of(folder) == look(document)
