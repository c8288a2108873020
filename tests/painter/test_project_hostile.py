"""A damaged or hostile project is refused with one clear line, in bounded time and memory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import plain_json, store
from painter.manifest import SCHEMA_VERSION
from painter.pictures import encode_indexed
from painter.project import Project
from tests.painter.builders import MAP, files_in, small_project, state
from tests.painter.test_zone_images import bomb
from tests.support.disk import one_line
from zones.errors import InputError
from zones.grid import TileCoord


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_project(tmp_path / "map").folder


def complaint(folder: Path) -> str:
    """What opening and reading the whole project says."""
    with pytest.raises(InputError) as caught:
        state(Project.open(folder))
    return one_line(caught.value)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest."""
    path = folder / "project.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def plant(folder: Path, stem: str, suffix: str, data: bytes) -> str:
    """Put a file whose name fits its content."""
    name = f"{stem}-{store.content_hash(data)}{suffix}"
    (folder / name).write_bytes(data)
    return name


def plant_index(folder: Path, kind: str, entries: dict[str, Any]) -> None:
    """Make an index file with these entries the manifest's."""
    data = plain_json.dump({"kind": kind, "region": "0_0", "entries": entries})
    name = plant(folder, f"index/{kind}_0_0", ".json", data)
    rewrite(folder, lambda document: document["index"][kind].update({"0_0": name}))


def test_a_missing_project_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / ("x" * 300), tmp_path):
        assert str(path) in complaint(path)


def test_a_newer_version_is_refused_with_both_versions(folder: Path) -> None:
    rewrite(folder, lambda document: document.update(schema_version=7, novelty=True))
    text = complaint(folder)
    assert "version 7" in text
    assert f"up to version {SCHEMA_VERSION}" in text


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": None},
        {"schema_version": "1"},
        {"schema_version": True},
        {"width_px": 100_000_000},
        {"height_px": 0},
        {"width_px": 10.5},
        {"wrap": "sideways"},
        {"seed": -1},
        {"palette": {}},
        {"palette": {"deep": [[[[1]]]]}},
        {"settings": []},
        {"index": {"clouds": {}}},
        {"index": {"zones": {"0_0": "../../etc/passwd"}}},
        {"index": {"zones": {"../..": "x"}}},
        {"index": None},
        {"surprise": 1},
        {"two\nlines": 1},
    ],
)
def test_a_manifest_of_another_form_is_refused(folder: Path, change: dict[str, Any]) -> None:
    rewrite(folder, lambda document: document.update(change))
    complaint(folder)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "[" * 50_000, '{"schema_version": 1, "seed": NaN}', "\x00" * 100],
)
def test_a_manifest_that_is_something_else_is_refused(folder: Path, text: str) -> None:
    (folder / "project.json").write_text(text)
    assert "project.json" in complaint(folder)


def test_every_truncation_of_the_manifest_is_refused(folder: Path) -> None:
    path = folder / "project.json"
    whole = path.read_bytes()
    for length in range(0, len(whole) - 2, 97):
        path.write_bytes(whole[:length])
        complaint(folder)


def test_an_overlong_manifest_is_refused_unread(folder: Path) -> None:
    with (folder / "project.json").open("wb") as stream:
        stream.truncate(2**40)
    assert "make it smaller" in complaint(folder)


def test_a_truncated_missing_or_flipped_file_is_named_and_nothing_else_touched(
    folder: Path,
) -> None:
    for name in sorted(files_in(folder) - {"project.json"}):
        path = folder / name
        whole = path.read_bytes()
        flipped = whole[:-1] + bytes([whole[-1] ^ 4])
        for damaged in (whole[: len(whole) // 2], b"", flipped, None):
            path.unlink() if damaged is None else path.write_bytes(damaged)
            before = files_in(folder)
            assert name in complaint(folder)
            assert files_in(folder) == before
        path.write_bytes(whole)


@pytest.mark.parametrize("place", ["project.json", "zones", "tiles", "index"])
def test_links_inside_the_project_are_refused(folder: Path, place: str) -> None:
    (folder / place).rename(folder.parent / "outside")
    (folder / place).symlink_to(folder.parent / "outside")
    assert "link" in complaint(folder)


def test_a_project_reached_by_a_link_is_fine(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    assert Project.open(tmp_path / "alias").folder == folder


@pytest.mark.parametrize(
    "entries",
    [
        {"0_0": ["../../../etc/passwd"]},
        {"0_0": ["art/0_0-" + "0" * 32 + ".png"]},
        {"0_0": ["zones/1_0-" + "0" * 32 + ".png"]},
        {"0_0": []},
        {"0_0": "zones"},
        {"0_0": [7]},
        {"00_0": ["zones/0_0-" + "0" * 32 + ".png"]},
        {"-1_0": ["zones/0_0-" + "0" * 32 + ".png"]},
        {"7_7": ["zones/7_7-" + "0" * 32 + ".png"]},
        {"9_0": ["zones/9_0-" + "0" * 32 + ".png"]},
        [],
    ],
)
def test_an_index_that_names_other_files_is_refused(folder: Path, entries: Any) -> None:
    plant_index(folder, "zones", entries)
    complaint(folder)


@pytest.mark.parametrize("side", [100_000, 511, 2**31 - 1])
def test_a_block_of_another_size_is_refused_by_its_header(folder: Path, side: int) -> None:
    name = plant(folder, "art/0_0", ".png", bomb(side, side)) if mkdir(folder / "art") else ""
    plant_index(folder, "art", {"0_0": [name]})
    assert f"{side} x {side} px" in complaint(folder)


def test_a_block_with_unknown_ids_is_refused(folder: Path) -> None:
    ids = np.full((500, 512), 99, np.uint8)
    name = plant(folder, "zones/0_0", ".png", encode_indexed(ids, np.zeros((256, 3), np.uint8)))
    plant_index(folder, "zones", {"0_0": [name]})
    assert "unknown zone ids: 99" in complaint(folder)


@pytest.mark.parametrize(
    "text",
    [
        '{"order": [0], "strokes": [{"kind": "river", "points": [[NaN, 1, 1]]}]}',
        '{"order": [0], "strokes": [{"kind": "river", "points": [[1e999, 1, 1]]}]}',
        '{"order": [0, 0], "strokes": [{"kind": "river", "points": [[1, 1, 1]]}]}',
        '{"order": ["a"], "strokes": [{"kind": "river", "points": [[1, 1, 1]]}]}',
        '{"strokes": []}',
        "[]",
    ],
)
def test_damaged_strokes_are_refused(folder: Path, text: str) -> None:
    plant_index(folder, "strokes", {"0_0": [plant(folder, "stencils/0_0", ".json", text.encode())]})
    assert "stencils/0_0" in complaint(folder)


def test_sets_of_strokes_are_not_read_beyond_the_points_a_map_may_have(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("painter.stroke_files.MAX_TOTAL_POINTS", 5)
    stroke = {"kind": "river", "points": [[1, 1, 1]] * 3}
    names = []
    for column in range(3):
        data = plain_json.dump({"order": [column], "strokes": [stroke]})
        names.append(plant(folder, f"stencils/{column}_0", ".json", data))
    plant_index(folder, "strokes", {f"{at}_0": [name] for at, name in enumerate(names)})
    (folder / names[2]).unlink()
    assert "more than the 5 points" in complaint(folder)


def test_a_sidecar_of_another_tile_is_refused(folder: Path) -> None:
    project = Project.open(folder)
    sidecar = next((folder / "tiles").glob("*.json")).read_bytes()
    raw = "tiles/" + next((folder / "tiles").glob("*.png")).name
    del project
    name = plant(folder, "tiles/r0_c1", ".json", sidecar)
    moved = plant(folder, "tiles/r0_c1", ".png", (folder / raw).read_bytes())
    plant_index(folder, "tiles", {"0_1": [name, moved]})
    with pytest.raises(InputError, match="not a valid tile"):
        Project.open(folder).read_raw(TileCoord(0, 1))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_mutated_projects_never_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.getbasetemp() / "mutated"
    if not (root / "clean").exists():
        small_project(root / "clean")
    shutil.rmtree(root / "work", ignore_errors=True)
    folder = Path(shutil.copytree(root / "clean", root / "work"))
    path = folder / data.draw(st.sampled_from(sorted(files_in(folder))))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    keep_name = data.draw(st.booleans()) or path.name == "project.json"
    path.write_bytes(content)
    if not keep_name:
        rename_everywhere(folder, path, bytes(content))
    try:
        project = Project.open(folder)
        project.reader().read_zones(MAP)
        [project.read_raw(tile) for tile in project.tile_records()]
    except InputError as error:
        one_line(error)


def rename_everywhere(folder: Path, path: Path, content: bytes) -> None:
    """Give a mutated file the name its content asks for, up to the manifest."""
    old = path.name
    new = f"{old.rsplit('-', 1)[0]}-{store.content_hash(content)}{path.suffix}"
    path.rename(path.with_name(new))
    while old != new and (holder := file_naming(folder, old)) is not None:
        changed = holder.read_bytes().replace(old.encode(), new.encode())
        holder.write_bytes(changed)
        if holder.name != "project.json":
            rename_everywhere(folder, holder, changed)


def file_naming(folder: Path, name: str) -> Path | None:
    """A JSON file of the project that holds the name of another."""
    texts = [folder / path for path in sorted(files_in(folder)) if path.endswith(".json")]
    return next((path for path in texts if name.encode() in path.read_bytes()), None)


def mkdir(folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    return True
