"""A damaged or hostile run history costs only itself, in one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from painter.document import Document
from painter.salvage import salvage
from painter.store import content_hash
from tests.painter.builders import files_in, state
from tests.painter.documents import small_document
from tests.painter.test_results import FAR, OTHER, is_on_map, paint, reopened, seeds
from tests.support.disk import one_line
from zones.errors import InputError


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return small_document(tmp_path / "map")


def damaged(document: Document, start: str, data: bytes) -> str:
    """Replace the content of the one file whose name begins so; returns its name."""
    (name,) = (name for name in files_in(document.project.folder) if name.startswith(start))
    (document.project.folder / name).write_bytes(data)
    return name


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"schema_version": 2, "regions": {}}'])
def test_a_damaged_run_history_is_named_and_costs_only_itself(
    document: Document, data: bytes
) -> None:
    paint(document, 1)
    paint(document, 2)
    before = state(document.project)
    damaged(document, "results.json", data)
    document.close()
    kept = files_in(document.project.folder)
    again = Document.open(document.project.folder)
    assert "results.json" in one_line(ValueError(again.notice))
    assert "the map is whole" in again.notice
    again.project.save(sweep=True)
    assert kept <= files_in(again.project.folder) | {"lock.json"}
    with pytest.raises(InputError, match=r"results\.json"):
        again.results(OTHER)
    assert state(again.project) == before
    paint(again, 3)
    assert seeds(again) == [3, 2]
    assert reopened(again).notice == ""


def test_a_damaged_part_of_the_run_history_costs_only_its_tiles(document: Document) -> None:
    paint(document, 1)
    paint(document, 2, FAR)
    name = damaged(document, "index/results_0_0", b"{}")
    again = reopened(document)
    with pytest.raises(InputError, match=name):
        again.results(OTHER)
    assert seeds(again, FAR) == [2]
    paint(again, 3)
    assert seeds(again) == [3, 1]


def test_salvage_names_what_is_lost_of_the_run_history(document: Document) -> None:
    paint(document, 1)
    paint(document, 2)
    assert salvage(document.project.folder).losses == ()
    name = document.results(OTHER)[1].files[1]
    (document.project.folder / name).write_bytes(b"broken")
    (loss,) = salvage(document.project.folder).losses
    assert (name in loss.why, loss.what) == (True, "an earlier result of tile 0,1")
    region = damaged(document, "index/results_0_0", b"{}")
    (loss,) = salvage(document.project.folder).losses
    assert loss.file == region
    damaged(document, "results.json", b"{}")
    (loss,) = salvage(document.project.folder).losses
    assert (loss.file, loss.what) == ("results.json", "all earlier results of tiles")


def rewrite_entry(document: Document, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the first entry of tile 0,1 so that all names of files still fit."""
    folder = document.project.folder
    overview = json.loads((folder / "results.json").read_text())
    region = json.loads((folder / overview["regions"]["0_0"]["file"]).read_text())
    change(region["tiles"]["0_1"][0])
    data = json.dumps(region).encode()
    name = f"index/results_0_0-{content_hash(data)}.json"
    (folder / name).write_bytes(data)
    overview["regions"]["0_0"]["file"] = name
    (folder / "results.json").write_text(json.dumps(overview))


@pytest.mark.parametrize(
    "change",
    [
        {"files": ["../../etc/passwd"]},
        {"files": ["zones/0_0-" + "0" * 32 + ".png"]},
        {"files": ["tiles/r0_c2-" + "0" * 32 + ".json"]},
        {"files": ["tiles/r0_c1-" + "0" * 32 + ".json"], "sizes": []},
        {"files": []},
        {"thumbnail": "tiles/r0_c1-" + "0" * 32 + ".png"},
        {"thumbnail": 3},
        {"sizes": [-1, 0, 0]},
        {"sizes": [10**30, 0, 0]},
        {"number": 1.5},
        {"status": "lost"},
        {"when": "x" * 1000},
        {"seams": [1]},
        {"more": 1},
    ],
    ids=str,
)
def test_hostile_entries_are_refused_in_one_line(
    document: Document, change: dict[str, Any]
) -> None:
    paint(document, 1)
    rewrite_entry(document, lambda entry: entry.update(change))
    again = reopened(document)
    with pytest.raises(InputError) as caught:
        again.results(OTHER)
    one_line(caught.value)
    paint(again, 2)
    assert seeds(again) == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"regions": {"0_0": {"file": "../x", "spare": 0}}},
        {"regions": {"0_0": {"file": "index/results_1_0-" + "0" * 32 + ".json", "spare": 0}}},
        {"regions": {"-1_0": {"file": "index/results_0_0-" + "0" * 32 + ".json", "spare": 0}}},
        {"regions": {"0_0": {"file": "index/tiles_0_0-" + "0" * 32 + ".json", "spare": 0}}},
        {"newest": -1},
        {"newest": 2**60},
        {"schema_version": 99},
        {"more": 1},
    ],
    ids=str,
)
def test_a_hostile_overview_is_refused_in_one_line(
    document: Document, change: dict[str, Any]
) -> None:
    paint(document, 1)
    path = document.project.folder / "results.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    again = reopened(document)
    assert "results.json" in one_line(ValueError(again.notice))
    assert is_on_map(again, 1)


def test_a_link_in_the_place_of_the_run_history_is_not_followed(
    document: Document, tmp_path: Path
) -> None:
    paint(document, 1)
    path = document.project.folder / "results.json"
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    assert "symbolic link" in reopened(document).notice
