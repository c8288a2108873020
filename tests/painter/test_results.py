"""Every result of a tile is kept beside the map, within a budget, and can be put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from painter import result_files, results
from painter.change import Change
from painter.document import Document
from tests.painter.builders import files_in, raw, small_project, state
from tests.painter.documents import dab, small_document
from tests.support.disk import one_line
from zones.errors import InputError
from zones.grid import TileCoord

TILE, OTHER, FAR = TileCoord(0, 0), TileCoord(0, 1), TileCoord(9, 9)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def paint(document: Document, seed: int, tile: TileCoord = OTHER, **more: Any) -> str:
    """Keep one result; returns its id."""
    run = document.begin_run("Render")
    run.put_tile(tile, raw(seed), {"seed": seed}, **more)
    return document.results(tile)[0].id


def seeds(document: Document, tile: TileCoord = OTHER) -> list[int]:
    return [result.facts["seed"] for result in document.results(tile)]


def reopened(document: Document) -> Document:
    document.close()
    return Document.open(document.project.folder)


def is_on_map(document: Document, seed: int, tile: TileCoord = OTHER) -> bool:
    return np.array_equal(document.project.read_raw(tile), raw(seed))


def test_results_are_listed_newest_first_with_their_facts(document: Document) -> None:
    for seed in (1, 2, 3):
        paint(document, seed)
    found = document.results(OTHER)
    assert [result.facts["seed"] for result in found] == [3, 2, 1]
    assert [result.status for result in found] == ["landed"] * 3
    assert [result.on_map for result in found] == [True, False, False]
    assert all(result.when.startswith("20") and result.damage == "" for result in found)
    assert len({result.id for result in found}) == 3
    assert [np.array_equal(r.raw(), raw(s)) for r, s in zip(found, (3, 2, 1), strict=True)] == [
        True
    ] * 3


def test_a_tile_without_results_has_none(document: Document) -> None:
    assert document.results(FAR) == ()


def test_a_superseded_result_and_a_candidate_leave_the_map_as_it_is(document: Document) -> None:
    paint(document, 1)
    before, run = state(document.project), document.begin_run("Again")
    run.put_tile(OTHER, raw(2), {"seed": 2}, raw(5)[..., 0], current=False)
    run.put_candidate(OTHER, raw(3), {"seed": 3})
    assert state(document.project) == before
    assert [result.status for result in document.results(OTHER)] == [
        "candidate",
        "superseded",
        "landed",
    ]
    assert np.array_equal(document.results(OTHER)[1].mask(), raw(5)[..., 0])
    assert document.undo("runs") == "Render"
    assert document.undo("runs") is None


def test_a_candidate_that_lands_is_one_result(document: Document) -> None:
    run = document.begin_run("Render")
    for seed in (1, 2):
        run.put_candidate(OTHER, raw(seed), {"seed": seed})
    run.put_tile(OTHER, raw(1), {"seed": 1})
    assert [(r.facts["seed"], r.status, r.on_map) for r in document.results(OTHER)] == [
        (1, "landed", True),
        (2, "candidate", False),
    ]


def test_a_thumbnail_is_the_mean_of_the_windows_areas(document: Document) -> None:
    large = raw(4, 128)
    document.begin_run("Render").put_tile(OTHER, large, {})
    means = large.reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    (result,) = document.results(OTHER)
    assert result.thumbnail().shape == (64, 64, 3)
    assert np.abs(result.thumbnail() - means).max() <= 0.5
    thumbnail = next(document.project.folder.glob("tiles/r0_c1_thumb-*"))
    thumbnail.write_bytes(b"broken")
    assert np.abs(document.results(OTHER)[0].thumbnail() - means).max() <= 0.5


def test_results_survive_closing_saving_and_a_sweep_of_the_folder(document: Document) -> None:
    run = document.begin_run("Render")
    run.put_tile(OTHER, raw(1), {"seed": 1})
    run.put_tile(OTHER, raw(2), {"seed": 2}, current=False)
    run.put_candidate(FAR, raw(3), {"seed": 3})
    again = reopened(document)
    dab(again)
    again.save()
    again.project.save(sweep=True)
    last = reopened(again)
    assert (seeds(last), seeds(last, FAR)) == ([2, 1], [3])
    assert np.array_equal(last.results(OTHER)[0].raw(), raw(2))
    assert np.array_equal(last.results(FAR)[0].raw(), raw(3))


def test_putting_back_is_one_undo_step_of_the_runs(document: Document) -> None:
    first, second = paint(document, 1), paint(document, 2)
    dab(document)
    assert document.put_back(OTHER, first)
    assert is_on_map(document, 1)
    assert not document.put_back(OTHER, first)
    assert document.undo("runs") == "Put back"
    assert is_on_map(document, 2)
    assert document.redo("runs") == "Put back"
    document.save()
    again = reopened(document)
    assert is_on_map(again, 1)
    assert again.undo() == "Brush"
    assert again.undo("runs") == "Put back"
    assert is_on_map(again, 2)
    assert again.results(OTHER)[0].id == second


def test_a_superseded_result_lands_when_it_is_put_back(document: Document) -> None:
    result = paint(document, 1, current=False)
    assert TileCoord(0, 1) not in document.project.tile_records()
    assert document.put_back(OTHER, result)
    assert is_on_map(document, 1)
    document.undo("runs")
    assert TileCoord(0, 1) not in document.project.tile_records()


def test_a_run_goes_on_around_a_result_that_was_put_back(document: Document) -> None:
    run = document.begin_run("Render")
    run.put_tile(OTHER, raw(1), {"seed": 1})
    run.put_tile(FAR, raw(9), {"seed": 9})
    run.put_tile(OTHER, raw(2), {"seed": 2})
    document.put_back(OTHER, document.results(OTHER)[1].id)
    run.put_tile(TILE, raw(3), {"seed": 3})
    assert [step.label for step in document.history.line("runs").steps] == ["Render", "Put back"]
    for label in ("Put back", "Render"):
        assert document.undo("runs") == label
    assert document.project.tile_records() == {TILE: {"inputs_hash": "first"}}


def test_a_result_that_is_not_there_or_damaged_is_refused_in_one_line(document: Document) -> None:
    first = paint(document, 1)
    paint(document, 2)
    before = state(document.project)
    with pytest.raises(InputError, match="no result 'none'") as caught:
        document.put_back(OTHER, "none")
    one_line(caught.value)
    name = document.results(OTHER)[1].files[1]
    (document.project.folder / name).write_bytes(b"broken")
    with pytest.raises(InputError, match=name) as caught:
        document.put_back(OTHER, first)
    one_line(caught.value)
    assert state(document.project) == before


def test_a_damaged_sidecar_costs_the_facts_of_its_result_only(document: Document) -> None:
    paint(document, 1)
    paint(document, 2)
    name = document.results(OTHER)[1].files[0]
    (document.project.folder / name).write_bytes(b"{}")
    newest, oldest = document.results(OTHER)
    assert newest.facts == {"seed": 2}
    assert (oldest.facts, name in oldest.damage) == ({}, True)


def test_a_tile_from_before_the_run_history_is_its_first_result(document: Document) -> None:
    (only,) = document.results(TILE)
    assert (only.facts, only.on_map, only.when) == ({"inputs_hash": "first"}, True, "")
    assert only.thumbnail().shape == (64, 64, 3)
    paint(document, 5, TILE)
    document.save()
    again = reopened(document)
    assert again.put_back(TILE, only.id)
    assert is_on_map(again, 0, TILE)


def test_a_tile_that_was_never_noted_stays_when_another_result_takes_its_place(
    document: Document,
) -> None:
    result = paint(document, 1, current=False)
    document.project.put_tile(OTHER, raw(8), {"seed": 8})
    assert document.put_back(OTHER, result)
    document.save()
    again = reopened(document)
    assert sorted(seeds(again)) == [1, 8]
    assert again.undo("runs") == "Put back"
    assert is_on_map(again, 8)


def test_a_project_without_a_run_history_gets_none_by_painting(document: Document) -> None:
    dab(document)
    document.save()
    assert not (document.project.folder / "results.json").exists()


def test_the_oldest_results_are_dropped_but_not_the_newest_or_what_is_shown(
    document: Document,
) -> None:
    first = paint(document, 1)
    for seed in (2, 3):
        paint(document, seed)
    paint(document, 4, FAR, current=False)
    document.put_back(OTHER, first)
    document.close()
    again = Document.open(document.project.folder, disk_budget_bytes=0)
    again.results_budget_bytes = 0
    paint(again, 5, FAR, current=False)
    assert (seeds(again), seeds(again, FAR)) == ([3, 1], [5])
    assert is_on_map(again, 1)
    assert again.results(OTHER)[0].thumbnail().shape == (64, 64, 3)


def test_a_budget_keeps_as_many_of_the_newest_as_fit(document: Document) -> None:
    paint(document, 0, current=False)
    each = document.project.run_history.spare_bytes
    document.results_budget_bytes = 5 * each + each // 2
    for seed in range(1, 12):
        paint(document, seed, current=False)
        assert document.project.run_history.spare_bytes <= document.results_budget_bytes
    assert seeds(document) == [11, 10, 9, 8, 7]
    lying = {name for name in files_in(document.project.folder) if "r0_c1" in name}
    named = {name for r in document.results(OTHER) for name in r.files}
    assert {name for name in lying if "thumb" not in name} == named
    assert len(lying) == 15


def test_a_dropped_result_stays_as_long_as_an_undo_step_needs_it(document: Document) -> None:
    document.results_budget_bytes = 0
    paint(document, 1)
    paint(document, 2)
    paint(document, 3)
    assert seeds(document) == [3]
    assert document.undo("runs") == "Render"
    assert is_on_map(document, 2)
    assert seeds(document) == [2, 3]


def test_one_tile_has_at_most_a_hundred_results(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("painter.results.MAX_PER_TILE", 3)
    for seed in range(6):
        paint(document, seed, current=False)
    assert seeds(document) == [5, 4, 3]


def test_seam_numbers_are_kept_beside_what_the_map_shows(document: Document) -> None:
    first = paint(document, 1)
    document.note_seams(OTHER, {"east": {"step": 1.5, "flagged": False}})
    paint(document, 2)
    document.note_all_seams({OTHER: {"step": 2.0}, TILE: {"step": 3.0}, FAR: {"step": 4.0}})
    again = reopened(document)
    assert [result.seams for result in again.results(OTHER)] == [
        {"step": 2.0},
        {"east": {"step": 1.5, "flagged": False}},
    ]
    assert again.results(TILE)[0].seams == {"step": 3.0}
    assert again.results(FAR) == ()
    again.put_back(OTHER, first)
    assert again.results(OTHER)[1].on_map


def test_equal_seam_numbers_write_nothing(document: Document) -> None:
    paint(document, 1)
    document.note_seams(OTHER, {"step": 2.0})
    before = files_in(document.project.folder)
    stamp = (document.project.folder / "results.json").stat().st_mtime_ns
    document.note_seams(OTHER, {"step": 2.0})
    assert files_in(document.project.folder) == before
    assert (document.project.folder / "results.json").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("numbers", [{"step": float("nan")}, {"text": "x" * 5000}, {"a": {1: 2}}])
def test_seam_numbers_that_are_no_plain_short_json_are_refused(
    document: Document, numbers: dict[str, Any]
) -> None:
    paint(document, 1)
    with pytest.raises(InputError, match="tile 0,1") as caught:
        document.note_seams(OTHER, numbers)
    one_line(caught.value)


def test_every_new_result_is_told(document: Document) -> None:
    told: list[Change] = []
    document.subscribe(told.append)
    first = paint(document, 1)
    paint(document, 2, current=False)
    document.begin_run("Render").put_candidate(FAR, raw(3), {"seed": 3})
    document.note_seams(OTHER, {"step": 2.0})
    document.undo("runs")
    document.put_back(OTHER, first)
    here, nowhere = frozenset({OTHER}), frozenset()
    assert [(change.tiles, change.results) for change in told] == [
        (here, here),
        (nowhere, here),
        (nowhere, frozenset({FAR})),
        (nowhere, here),
        (here, nowhere),
        (here, here),
    ]


def test_a_reader_sees_the_results_that_another_document_keeps(tmp_path: Path) -> None:
    small_project(tmp_path / "map")
    writer = Document.open(tmp_path / "map")
    reader = Document.open(tmp_path / "map")
    assert reader.results(OTHER) == ()
    paint(writer, 1, current=False)
    assert seeds(reader) == [1]


def test_an_index_file_of_the_run_history_holds_few_tiles(document: Document) -> None:
    for col in range(2 * result_files.TILES_PER_REGION):
        paint(document, col, TileCoord(0, col), current=False)
    regions = sorted(document.project.folder.glob("index/results_*"))
    assert [path.name.split("-")[0] for path in regions] == ["results_0_0", "results_0_1"]


def test_few_parts_of_the_history_are_in_memory_at_a_time(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "LOADED_BYTES", 1)
    places = [TileCoord(0, 1), TileCoord(0, 9), TileCoord(9, 0), FAR]
    for seed in (1, 2):
        for tile in places:
            paint(document, seed, tile)
    history, folder = document.project.run_history, document.project.folder
    assert [seeds(document, tile) for tile in places] == [[2, 1]] * 4
    largest = max(path.stat().st_size for path in folder.glob("index/results_*"))
    assert 0 < history.loaded_bytes <= largest
    document.results_budget_bytes = 0
    paint(document, 3, FAR)
    assert [seeds(document, tile) for tile in places] == [[2], [2], [2], [3]]
    assert 0 < history.loaded_bytes <= largest


def test_a_long_history_is_brought_into_its_budget_step_by_step(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "_MOST_DROPPED", 1)
    for tile in (OTHER, FAR):
        for seed in range(3):
            paint(document, seed, tile)
    document.results_budget_bytes = 0
    place = TileCoord(0, 9)
    paint(document, 9, place)
    assert (len(seeds(document)), len(seeds(document, FAR))) == (2, 3)
    for seed in range(3):
        paint(document, 10 + seed, place)
    assert (seeds(document), seeds(document, FAR), seeds(document, place)) == ([2], [2], [12])
