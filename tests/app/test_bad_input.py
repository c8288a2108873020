"""Bad input is refused in one line with exit code 2, and nothing on disk changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from painter.manifest import SCHEMA_VERSION
from tests.app.words import Call, files_in
from tests.support.toy_worlds import toy_zones, write_zones

Make = Callable[[Path], list[object]]
"""Puts a bad file into a folder and gives the words that use it."""


def refused(tilewright: Call, folder: Path, *words: object) -> str:
    """The complaint about a command that must fail and leave the folder as it is."""
    before = files_in(folder)
    ended = tilewright(*words)
    assert ended.code == 2, ended
    assert files_in(folder) == before
    return ended.complaint()


@pytest.mark.parametrize(
    "size",
    [
        *("0x10", "10x0", "0", "-5x10", "10x-5", "tenx10", "10", "10x", "1e3x10", "nanxnan", ""),
        *("10.5x3", "131073x10", "999999999x999999999", "10x10x10", "10x" + "9" * 400),
    ],
)
def test_a_size_that_is_none_is_refused(tilewright: Call, tmp_path: Path, size: str) -> None:
    said = refused(tilewright, tmp_path, "new", tmp_path / "map", "--size", size)
    assert "size" in said.lower()


def test_a_new_map_needs_a_size_or_a_sample(tilewright: Call, tmp_path: Path) -> None:
    assert "--size" in refused(tilewright, tmp_path, "new", tmp_path / "map")


@pytest.mark.parametrize(
    "words",
    [
        ["--preset", "atlantis"],
        ["--preset", "../river-delta"],
        ["--preset", "river-delta", "--size", "10x10"],
        ["--preset", "river-delta", "--zones", "zones.png"],
        ["--size", "40x40", "--wrap", "z"],
        ["--size", "40x40", "--seed", "-1"],
        ["--size", "40x40", "--seed", "one"],
        ["--size", "40x40", "--seed", str(2**63)],
        ["--size", "40x40", "--palette", "gone.json"],
        ["--size", "40x40", "--zones", "gone.png"],
        ["--size", "40x40", "--stencils", "gone.json"],
        ["--size", "40x40", "--prompt", "x" * 5000],
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_bad_choices_for_a_new_map_are_refused(
    tilewright: Call, tmp_path: Path, words: list[str]
) -> None:
    refused(tilewright, tmp_path, "new", tmp_path / "map", *words)


def zones_of(change: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]) -> Make:
    def make(folder: Path) -> list[object]:
        return ["--zones", write_zones(folder / "bad.png", change(toy_zones()))]

    return make


def image_bytes(data: bytes | Callable[[bytes], bytes], name: str = "bad.png") -> Make:
    def make(folder: Path) -> list[object]:
        path = write_zones(folder / name, toy_zones())
        path.write_bytes(data if isinstance(data, bytes) else data(path.read_bytes()))
        return ["--zones", path]

    return make


def colours(rgb: tuple[int, ...], mode: str = "RGB") -> Make:
    def make(folder: Path) -> list[object]:
        picture = Image.new(mode, (96, 96), rgb)
        picture.save(folder / "bad.png")
        return ["--zones", folder / "bad.png"]

    return make


ZONE_PICTURES: dict[str, Make] = {
    "an unknown id": zones_of(lambda zones: np.where(zones == 2, 99, zones).astype(np.uint8)),
    "another size": zones_of(lambda zones: np.ascontiguousarray(zones[:, :50])),
    "an unknown colour": colours((1, 2, 3)),
    "a near colour": colours((126, 165, 81)),
    "a transparent colour": colours((126, 165, 80, 7), "RGBA"),
    "sixteen bits": colours((5,), "I;16"),
    "a truncated file": image_bytes(lambda data: data[: len(data) // 2]),
    "a file without its header": image_bytes(lambda data: data[8:]),
    "a broken checksum": image_bytes(lambda data: data[:40] + b"\0\0" + data[42:]),
    "an empty file": image_bytes(b""),
    "text": image_bytes(b"not a picture"),
}


@pytest.mark.parametrize("make", ZONE_PICTURES.values(), ids=ZONE_PICTURES)
def test_a_bad_zone_picture_is_refused(tilewright: Call, tmp_path: Path, make: Make) -> None:
    words = make(tmp_path)
    said = refused(tilewright, tmp_path, "new", tmp_path / "map", "--size", "96x96", *words)
    assert "bad.png" in said


def test_a_folder_is_no_zone_picture(tilewright: Call, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    words = ["--size", "96x96", "--zones", tmp_path / "folder"]
    refused(tilewright, tmp_path, "new", tmp_path / "map", *words)


def stroke(**changes: object) -> str:
    entry = {"kind": "river", "points": [[0, 0, 4], [50, 50, 4]], **changes}
    return json.dumps({"strokes": [entry]})


STROKES = {
    "NaN": stroke(points=[[0, float("nan"), 4]]),
    "infinite": stroke(points=[[float("inf"), 0, 4]]),
    "minus infinite": stroke(points=[[0, 0, float("-inf")]]),
    "beyond numbers": '{"strokes": [{"kind": "river", "points": [[1e999, 0, 4]]}]}',
    "an unknown kind": stroke(kind="canal"),
    "no kind": stroke(kind=None),
    "a width of zero": stroke(points=[[0, 0, 0]]),
    "two numbers": stroke(points=[[0, 0]]),
    "words": stroke(points=[["a", "b", "c"]]),
    "no points": stroke(points=[]),
    "a mu above one": stroke(mu=1.5),
    "a mu that is NaN": stroke(mu=float("nan")),
    "far away": stroke(points=[[1e9, 0, 4]]),
    "an unknown field": stroke(colour="red"),
    "broken JSON": stroke()[:-4],
    "another document": "[]",
    "nothing": "",
    "a deep nest": "[" * 100_000,
    "a huge number": '{"strokes": [{"kind": "river", "points": [[' + "9" * 5000 + ", 0, 4]]}]}",
}


@pytest.mark.parametrize("text", STROKES.values(), ids=STROKES)
def test_bad_strokes_are_refused(tilewright: Call, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    words = ["--size", "96x96", "--stencils", tmp_path / "bad.json"]
    said = refused(tilewright, tmp_path, "new", tmp_path / "map", *words)
    assert "bad.json" in said


def test_a_million_points_are_refused(tilewright: Call, tmp_path: Path) -> None:
    points = ",".join(["[1,1,1]"] * 1_000_000)
    text = f'{{"strokes": [{{"kind": "river", "points": [{points}]}}]}}'
    (tmp_path / "bad.json").write_text(text)
    words = ["--size", "96x96", "--stencils", tmp_path / "bad.json"]
    said = refused(tilewright, tmp_path, "new", tmp_path / "map", *words)
    assert "1000000 points" in said


def edit(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """Change project.json as JSON."""

    def damage(project: Path) -> None:
        path = project / "project.json"
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    return damage


def point_outside(document: dict[str, Any]) -> None:
    regions = document["index"]["tiles"]
    regions[next(iter(regions))] = "../../secret.json"


def cut(project: Path) -> None:
    path = project / "project.json"
    path.write_bytes(path.read_bytes()[:200])


def lose_an_index(project: Path) -> None:
    for path in (project / "index").iterdir():
        path.unlink()


def truncate_tiles(project: Path) -> None:
    for path in (project / "tiles").glob("*.json"):
        path.write_bytes(path.read_bytes()[:50])


PROJECTS: dict[str, Callable[[Path], object]] = {
    "missing": shutil.rmtree,
    "without its project.json": lambda project: (project / "project.json").unlink(),
    "a truncated project.json": cut,
    "an empty project.json": lambda project: (project / "project.json").write_text(""),
    "not an object": lambda project: (project / "project.json").write_text("[]"),
    "a newer version": edit(lambda d: d.update(schema_version=SCHEMA_VERSION + 1)),
    "no version": edit(lambda d: d.pop("schema_version")),
    "a file outside the folder": edit(point_outside),
    "an absolute file": edit(lambda d: d["index"]["tiles"].update({"0_0": "/etc/passwd"})),
    "a negative size": edit(lambda d: d.update(width_px=-5)),
    "an unknown field": edit(lambda d: d.update(colour="red")),
    "a seed that is no number": edit(lambda d: d.update(seed="three")),
    "a missing index": lose_an_index,
    "truncated tiles": truncate_tiles,
    "settings that are a list": edit(lambda d: d["settings"].update(run=[1])),
}


@pytest.mark.parametrize("damage", PROJECTS.values(), ids=PROJECTS)
def test_a_bad_project_is_refused_by_every_command(
    tilewright: Call, rendered: Path, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damage(rendered)
    words = ["--tile", "0,0", "--out", tmp_path / "out"]
    refused(tilewright, tmp_path, "render", rendered, "--tiles", "0,0")
    refused(tilewright, tmp_path, "inspect", rendered, *words)
    refused(tilewright, tmp_path, "seams", rendered, "--no-floor")
    refused(tilewright, tmp_path, "export", rendered, tmp_path / "map.png")


@pytest.mark.parametrize(
    "profile", [5, {}, {"window_px": 10**9}], ids=["a number", "an empty object", "huge windows"]
)
def test_a_project_with_a_bad_profile_is_refused(
    tilewright: Call, rendered: Path, tmp_path: Path, profile: Any
) -> None:
    def change(document: dict[str, Any]) -> None:
        kept = document["settings"]["profile"]
        document["settings"]["profile"] = {**kept, **profile} if profile not in (5, {}) else profile

    edit(change)(rendered)
    refused(tilewright, tmp_path, "render", rendered, "--tiles", "0,0")
    refused(tilewright, tmp_path, "seams", rendered, "--no-floor")
    refused(tilewright, tmp_path, "export", rendered, tmp_path / "map.png")


def test_a_link_in_place_of_a_projects_folder_is_refused(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    shutil.move(rendered / "tiles", tmp_path / "elsewhere")
    (rendered / "tiles").symlink_to(tmp_path / "elsewhere")
    refused(tilewright, tmp_path, "render", rendered)


@pytest.mark.parametrize(
    "words",
    [
        ["--tiles", "3,0"],
        ["--tiles", "0,0", "0,9"],
        ["--tiles", "999999,999999"],
        ["--tiles", "-1,0"],
        ["--tiles", "one"],
        ["--tiles", "1"],
        ["--start", "7,7", "--all"],
        ["--tiles", "0,0", "--all"],
        ["--stale", "--all"],
        ["0,0"],
        ["--order", "zigzag"],
        ["--layout", "both"],
        ["--gate", "open"],
        ["--noise", "none"],
        ["--compositor", "magic"],
        ["--steps", "0"],
        ["--steps", "256"],
        ["--steps", "many"],
        ["--strength", "0"],
        ["--strength", "1.5"],
        ["--strength", "nan"],
        ["--mu-feature", "-0.1"],
        ["--mu-feature", "nan"],
        ["--stencil-opacity", "2"],
        ["--candidates", "0"],
        ["--seed", "-1"],
        ["--seed", "inf"],
        ["--device", "abacus"],
        ["--device", "cuda:99"],
        ["--device", ""],
        ["--model", "gone"],
    ],
    ids=" ".join,
)
def test_bad_choices_for_a_run_are_refused(
    tilewright: Call, rendered: Path, tmp_path: Path, words: list[str]
) -> None:
    refused(tilewright, tmp_path, "render", rendered, *words)


def test_a_device_that_is_not_there_is_refused(
    tilewright: Call, rendered: Path, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "cuda" in refused(tilewright, tmp_path, "render", rendered, "--all", "--device", "cuda")
    assert "cuda" in refused(tilewright, tmp_path, "seams", rendered, "--device", "cuda")


@pytest.mark.parametrize("tile", ["3,0", "0,3", "x", "-1,-1"])
def test_a_tile_that_does_not_exist_cannot_be_inspected(
    tilewright: Call, rendered: Path, tmp_path: Path, tile: str
) -> None:
    words = ["--tile", tile, "--out", tmp_path / "out"]
    refused(tilewright, tmp_path, "inspect", rendered, *words)


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("kept")
    return path


def test_inspected_pictures_need_a_folder_that_can_be_written(
    tilewright: Call, rendered: Path, tmp_path: Path, a_file: Path
) -> None:
    for out in (a_file, a_file / "out", Path("/proc/tilewright")):
        refused(tilewright, tmp_path, "inspect", rendered, "--tile", "0,0", "--out", out)


def test_an_export_needs_a_folder_that_can_be_written(
    tilewright: Call, rendered: Path, tmp_path: Path, a_file: Path
) -> None:
    (tmp_path / "folder.png").mkdir()
    places = [a_file / "map.png", tmp_path / "gone" / "map.png", tmp_path / "folder.png"]
    for out in [*places, Path("/proc/map.png")]:
        refused(tilewright, tmp_path, "export", rendered, out)


@pytest.mark.parametrize("words", [["map"], ["map.jpg"], ["map.png", "--format", "webp"]], ids=str)
def test_an_unknown_picture_format_is_refused(
    tilewright: Call, rendered: Path, tmp_path: Path, words: list[str]
) -> None:
    out, *rest = words
    assert ".tif" in refused(tilewright, tmp_path, "export", rendered, tmp_path / out, *rest)


def test_a_new_project_below_a_file_is_refused(
    tilewright: Call, tmp_path: Path, a_file: Path
) -> None:
    for place in (a_file, a_file / "map", Path("/proc/map")):
        refused(tilewright, tmp_path, "new", place, "--size", "40x40")
