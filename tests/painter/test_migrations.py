"""Projects that older versions wrote open as they were, and are written anew only by a save."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from painter import manifest
from painter.document import Document
from painter.project import Project
from painter.splines import Spline
from tests.painter.builders import files_in, raw
from tests.painter.documents import dab
from tests.support.disk import one_line
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord

OLDER = Path(__file__).with_name("older")
MAP = Rect(0, 0, 64, 48)


def test_there_is_a_stored_project_for_every_older_version() -> None:
    versions = {f"version-{number}" for number in range(1, manifest.SCHEMA_VERSION)}
    assert {path.name for path in OLDER.iterdir()} == versions
    assert len(manifest.MIGRATIONS) == len(versions)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLDER / "version-1", tmp_path / "map"))


def check_first(project: Project) -> None:
    """What was painted when the project of version 1 was made."""
    rows, columns = np.mgrid[:48, :64]
    zones = ((columns // 16 + rows // 16) % 4 + 1).astype(np.uint8)
    zones[:8, :8] = 0
    reader = project.reader()
    assert np.array_equal(reader.read_zones(MAP), zones)
    assert reader.read_protect(MAP).sum() == 72
    assert reader.read_art(Rect(20, 20, 12, 10)).reshape(-1, 3).tolist() == [[9, 80, 200]] * 120
    river, road = project.strokes
    assert (river.kind, river.mu, river.flow) == ("river", 0.4, None)
    assert river.points.tolist() == [[4.5, 2, 3], [60, 40.25, 5]]
    assert (road.kind, road.mu) == ("road", None)
    facts = (project.seed, project.model, project.map_prompt, dict(project.settings))
    assert facts == (11, "klein-mini", "autumn", {"steps": 12})
    tile = TileCoord(0, 0)
    assert project.tile_records() == {tile: {"inputs_hash": "abc", "seed": 11}}
    assert np.array_equal(project.read_raw(tile).ravel(), np.arange(768, dtype=np.uint8))
    assert np.array_equal(project.read_mask(tile), np.tri(16, dtype=np.uint8) * 255)


def test_a_project_of_version_1_opens_as_it_was_and_is_left_alone(first: Path) -> None:
    before = {name: (first / name).read_bytes() for name in files_in(first)}
    check_first(Project.open(first))
    assert {name: (first / name).read_bytes() for name in files_in(first)} == before


def test_saving_a_project_of_version_1_writes_this_version_and_loses_nothing(first: Path) -> None:
    Project.open(first).save()
    written = json.loads((first / "project.json").read_text())
    assert written["schema_version"] == manifest.SCHEMA_VERSION
    check_first(Project.open(first))


def test_a_project_of_version_1_is_painted_on_and_undone(first: Path) -> None:
    document = Document.open(first)
    dab(document, 20, 20)
    document.save()
    document.close()
    again = Document.open(first)
    again.undo()
    check_first(again.project)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLDER / "version-2", tmp_path / "map"))


def check_second(document: Document) -> None:
    """What was painted when the project of version 2 was made."""
    project = document.project
    (river,) = project.strokes
    assert isinstance(river, Spline)
    assert (river.taper_px, river.handles[1].tolist()) == ((6.0, 0.0), [30.0, 20.0, 5.0])
    assert project.reader().read_protect(MAP).sum() == 120
    assert (project.map_prompt, project.seed) == ("autumn", 12)
    first = np.arange(768, dtype=np.uint8).reshape(16, 16, 3)
    for col in (0, 1):
        assert np.array_equal(project.read_raw(TileCoord(0, col)), first + np.uint8(col))
        (result,) = document.results(TileCoord(0, col))
        assert (result.on_map, result.facts["col"]) == (True, col)


def test_a_project_of_version_2_opens_with_its_history_and_unsaved_work(second: Path) -> None:
    document = Document.open(second)
    check_second(document)
    assert document.notice == ""
    assert document.recovery is not None
    document.recover()
    assert document.pick(20, 10) == 5
    assert [document.undo() for _ in range(5)] == ["Brush", "Words", "Protect", "River", None]
    assert document.undo("runs") == "Render"
    assert document.project.tile_records() == {}


def test_a_project_of_version_2_is_saved_as_this_version(second: Path) -> None:
    document = Document.open(second)
    document.decline_recovery()
    dab(document, 20, 20)
    document.begin_run("Again").put_tile(TileCoord(0, 0), raw(1, 16), {"n": 1})
    document.save()
    document.undo("runs")
    document.close()
    for name in ("project.json", "history.json", "results.json"):
        written = json.loads((second / name).read_text())
        assert written["schema_version"] == manifest.SCHEMA_VERSION
    again = Document.open(second)
    again.undo()
    tile = TileCoord(0, 0)
    assert [result.on_map for result in again.results(tile)] == [False, True]
    again.put_back(tile, again.results(tile)[0].id)
    again.undo("runs")
    assert again.project.read_raw(tile)[0, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ["autosave.json", "history.json", "results.json"])
def test_a_newer_autosave_or_history_of_either_kind_is_named_with_both_versions(
    first: Path, name: str
) -> None:
    document = Document.open(first)
    dab(document, 20, 20)
    document.begin_run("Render").put_candidate(TileCoord(0, 0), raw(1, 16), {})
    document.autosave(document.capture())
    document.close()
    content = json.loads((first / name).read_text())
    (first / name).write_text(json.dumps({**content, "schema_version": 7, "new": []}))
    again = Document.open(first)
    recovery = again.recovery
    text = again.notice if name != "autosave.json" else recovery.damage if recovery else ""
    assert "version 7" in text
    assert f"version {manifest.SCHEMA_VERSION}" in text
    assert name in one_line(InputError(text))
