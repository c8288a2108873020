"""The parts without a toolkit: problems, times, the queue's file, the ledger, the shelf."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.estimate import TileTimes
from app.core.finished import Finished
from app.core.map_model import model_of, settings_of
from app.core.problems import Problem, Problems, tile_key
from app.core.queue_file import QUEUE_NAME, read_queue, write_queue
from app.core.run_ledger import RunLedger
from app.core.run_order import RunOrder, cores_touching
from app.core.shelf import Shelf, ShelfNews
from app.core.tile_states import TileStates
from generation.plan.settings import RunSettings
from generation.run import jobs
from generation.run.records import TileRecord
from generation.run.world import World
from painter.document import Document
from painter.project import Project
from tests.support.records import finished_record
from zones.errors import InputError, TilewrightError
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import default_palette

SETTINGS = RunSettings(steps=12)
TILES = (TileCoord(0, 0), TileCoord(0, 1), TileCoord(1, 0))
SIDE = 6


def test_a_problem_takes_the_place_of_one_with_its_key() -> None:
    told: list[int] = []
    problems = Problems(lambda: told.append(1))
    problems.add(Problem("save", "error", "the disk is full"))
    problems.add(Problem("save", "error", "the disk is full"))
    problems.add(Problem("save", "error", "the disk is gone"))
    assert [one.text for one in problems.all()] == ["the disk is gone"]
    assert len(told) == 2
    problems.clear("autosave")
    problems.clear("save")
    assert problems.all() == ()
    assert len(told) == 3


def test_only_some_problems_outlive_a_map() -> None:
    problems = Problems()
    for key in ("open", "bug:x", tile_key(TILES[0]), "run"):
        problems.add(Problem(key, "error", "it"))
    problems.keep_only(("open", "bug:"))
    assert [one.key for one in problems.all()] == ["open", "bug:x"]


def test_the_median_of_measured_tiles_counts() -> None:
    now = [0.0]
    times = TileTimes(lambda: now[0])
    assert times.per_tile_s("m", SETTINGS) is None
    for took_s in (2.0, 4.0, 90.0):
        times.begin()
        now[0] += took_s
        times.end("m", SETTINGS)
    assert times.per_tile_s("m", SETTINGS) == 4.0
    assert times.left_s("m", SETTINGS, 3) == 12.0
    times.begin()
    now[0] += 1.0
    assert times.left_s("m", SETTINGS, 3) == 11.0
    now[0] += 50.0
    assert times.left_s("m", SETTINGS, 1) == 0.0
    times.drop()
    times.end("m", SETTINGS)
    assert times.per_tile_s("m", SETTINGS) == 4.0
    assert times.per_tile_s("m", replace(SETTINGS, steps=4)) is None
    assert times.per_tile_s("other", SETTINGS) is None


def order(tiles: tuple[TileCoord, ...] = TILES, **values: Any) -> RunOrder:
    return RunOrder("Paint", SETTINGS, tiles, **values)


def test_an_order_survives_the_file(tmp_path: Path) -> None:
    asked = order(deliberate=True, candidates=3, seed=5, seeds={TILES[1]: 9})
    write_queue(tmp_path, (asked.rest(TILES[1:]),))
    (rest,) = read_queue(tmp_path)
    again = RunOrder.of_rest(rest)
    assert again == replace(asked, tiles=TILES[1:], order=None)
    write_queue(tmp_path, ())
    assert read_queue(tmp_path) == ()
    write_queue(tmp_path, ())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tiles", [[0]]),
        ("tiles", [[-1, 0]]),
        ("tiles", [["0", 0]]),
        ("seed", -1),
        ("seed", 2**63),
        ("candidates", 0),
        ("deliberate", 1),
        ("label", 5),
        ("settings", {}),
        ("settings", {**SETTINGS.to_json(), "steps": "12"}),
        ("other", 1),
    ],
)
def test_a_wrong_queue_is_refused_in_one_sentence(
    tmp_path: Path, field: str, value: object
) -> None:
    run = json.loads(order().rest(TILES).model_dump_json())
    run[field] = value
    (tmp_path / QUEUE_NAME).write_text(json.dumps({"schema_version": 1, "runs": [run]}))
    with pytest.raises(InputError) as caught:
        read_queue(tmp_path)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("queue")
    (folder / QUEUE_NAME).write_bytes(data)
    with pytest.raises(InputError):
        read_queue(folder)


def test_a_queue_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").write_text('{"schema_version": 1, "runs": []}')
    (tmp_path / QUEUE_NAME).symlink_to(tmp_path / "target")
    with pytest.raises(InputError, match="symbolic link"):
        read_queue(tmp_path)


def test_a_queue_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    write_queue(tmp_path, (order().rest(TILES),))
    before = (tmp_path / QUEUE_NAME).read_bytes()
    with pytest.raises(TilewrightError):
        write_queue(tmp_path / "nowhere", (order().rest(TILES[:1]),))
    assert (tmp_path / QUEUE_NAME).read_bytes() == before


def test_cores_that_touch_a_rectangle() -> None:
    grid = Grid(512, 384, 256, 192)
    assert cores_touching(grid, Rect(0, 0, 1, 1)) == [TileCoord(0, 0)]
    assert cores_touching(grid, Rect(191, 0, 2, 1)) == [TileCoord(0, 0), TileCoord(0, 1)]
    assert cores_touching(grid, Rect(-50, -50, 40, 40)) == []
    assert len(cores_touching(grid, Rect(-9, -9, 9999, 9999))) == 6


def test_what_the_worker_gave_up_is_told_at_the_end() -> None:
    ledger = RunLedger()
    ledger.submit(order())
    (taken,) = ledger.take_orders()
    assert ledger.end_ranking(taken)
    ledger.begin(1, taken, "m")
    ledger.tile_cancelled(jobs.TileCancelled(1, TILES[0]))
    ledger.gave_up()
    ledger.tile_cancelled(jobs.TileCancelled(1, TILES[1]))
    assert [tiles for _, tiles in ledger.rests()] == [(TILES[1], TILES[2])]
    ledger.tile_cancelled(jobs.TileCancelled(1, TILES[2]))
    lost = ledger.job_ended(jobs.JobEnded(1, "failed", 0, 3))
    assert lost is not None
    assert lost[1] == (TILES[1], TILES[2])
    assert not ledger.is_running
    assert ledger.total == 0


def test_an_order_dropped_while_it_is_ranked_is_not_begun() -> None:
    ledger = RunLedger()
    ledger.submit(order())
    (taken,) = ledger.take_orders()
    assert ledger.drop_waiting() == frozenset(TILES)
    assert not ledger.end_ranking(taken)
    assert (ledger.total, ledger.is_running) == (0, False)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A map of 6 x 6 finished tiles whose pictures are plain grey."""
    folder = tmp_path_factory.mktemp("many") / "map"
    side_px = 192 * SIDE
    zones = np.ones((side_px, side_px), np.uint8)
    project = Project.create(
        folder, (side_px, side_px), default_palette(), zones=zones, model="klein-mini"
    )
    model = model_of(project).hashed()
    chosen = settings_of(project, model.profile)
    world = model.world(project)
    grid = world.grid(chosen)
    document = Document.open(folder)
    run = document.begin_run("Paint")
    for sequence, tile in enumerate(grid.tiles()):
        record = finished_record(world, tile, chosen, sequence)
        run.put_tile(tile, np.full((256, 256, 3), 128, np.uint8), record.to_json())
    document.save()
    document.close()
    return folder


def settled(shelf: Shelf) -> dict[TileCoord, bool]:
    stale: dict[TileCoord, bool] = {}
    while True:
        news = shelf.work()
        stale |= news.stale
        if not news.more:
            return stale


def test_only_tiles_that_a_change_touches_are_judged_again(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document.open(many)
    model = model_of(document.project).hashed()
    world = model.world(document.project)
    grid = world.grid(settings_of(document.project, model.profile))
    judged: list[TileCoord] = []
    is_fresh = World.is_fresh

    def counting(self: World, grid: Grid, record: TileRecord) -> bool:
        judged.append(record.tile)
        return is_fresh(self, grid, record)

    monkeypatch.setattr(World, "is_fresh", counting)
    shelf = Shelf(document.project.store)
    shelf.look(document.project.content.tiles)
    shelf.change_world(world, grid)
    assert settled(shelf) == dict.fromkeys(grid.tiles(), False)
    assert len(judged) == SIDE * SIDE
    judged.clear()
    rect = Rect(195, 195, 10, 10)
    with document.edit("Paint") as edit:
        edit.zones.fill(rect, 2)
    shelf.touch(model.world(document.project), [rect])
    touching = {found.tile for found in grid.windows_touching(rect)}
    assert settled(shelf) == dict.fromkeys(touching, True)
    assert set(judged) == touching
    assert len(judged) == 4
    document.close()


def test_work_comes_in_helpings(many: Path) -> None:
    document = Document.open(many)
    model = model_of(document.project).hashed()
    world = model.world(document.project)
    shelf = Shelf(document.project.store)
    shelf.look(document.project.content.tiles)
    shelf.change_world(world, world.grid(settings_of(document.project, model.profile)))
    first = shelf.work(0.0)
    assert first.more
    assert len(first.entries) == 1
    settled(shelf)
    assert shelf.pending == 0
    assert not shelf.work().changed
    document.close()


def test_without_a_hash_nothing_is_judged(many: Path) -> None:
    document = Document.open(many)
    model = model_of(document.project)
    world = model.world(document.project)
    shelf = Shelf(document.project.store)
    shelf.look(document.project.content.tiles)
    shelf.change_world(world, world.grid(settings_of(document.project, model.profile)))
    assert settled(shelf) == {}
    news = shelf.work()
    assert news.stitch is not None
    assert len(news.stitch.windows) == SIDE * SIDE
    document.close()


def test_tiles_of_other_windows_are_not_shown(many: Path) -> None:
    document = Document.open(many)
    model = model_of(document.project).hashed()
    world = model.world(document.project)
    chosen = settings_of(document.project, model.profile)
    wider = model.profile.model_copy(update={"anchor_px": 32, "soft_px": 64})
    shelf = Shelf(document.project.store)
    shelf.look(document.project.content.tiles)
    shelf.change_world(world, world.grid(chosen))
    settled(shelf)
    other = replace(world, profile=wider)
    shelf.change_world(other, other.grid(chosen))
    settled(shelf)
    news = shelf.work()
    assert news.stitch is None
    shelf.change_world(world, world.grid(chosen))
    assert settled(shelf) == dict.fromkeys(world.grid(chosen).tiles(), False)
    document.close()


def entry(sequence: int) -> Finished:
    record: Any = SimpleNamespace(sequence=sequence)
    window: Any = object()
    sidecar: Any = None
    return Finished((), sidecar, record, window)


def news(found_now: Finished | None) -> ShelfNews:
    found = {TILES[0]: found_now}
    return ShelfNews(found, dict.fromkeys(found, False), {}, frozenset(found), None, more=False)


def test_a_landed_tile_rests_when_it_is_found() -> None:
    states = TileStates()
    states.paint(TILES[0], 12, 12)
    states.take(news(entry(3)))
    states.land(TILES[0], 4)
    assert states.of(TILES[0]).kind == "generating"
    states.take(news(entry(4)))
    assert states.of(TILES[0]).kind == "done"
    states.paint(TILES[0])
    states.take(news(entry(5)))
    states.land(TILES[0], 5)
    assert states.of(TILES[0]).kind == "done"
    states.paint(TILES[0])
    states.land(TILES[0], 6)
    states.take(news(None))
    assert states.of(TILES[0]).kind == "empty"
