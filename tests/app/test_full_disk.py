"""A disk that fills up in the middle of a run: exit code 1, and everything finished is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.cli.main import run
from tests.app.words import Call, files_in, painted, raws, stale
from tests.support.disk import DyingDisk, dying


@pytest.mark.parametrize("share", [0.15, 0.5, 0.85])
def test_a_full_disk_keeps_every_finished_tile(
    tilewright: Call, fresh: Path, rendered: Path, share: float, calls_of_a_run: int
) -> None:
    whole = raws(rendered)
    with dying(DyingDisk(int(share * calls_of_a_run), full=True)):
        ended = tilewright("render", fresh, "--steps", "2")
    assert ended.code == 1
    assert "disk is full" in ended.complaint()
    kept = raws(fresh)
    assert 0 < len(kept) < len(whole)
    assert all(kept[tile] == whole[tile] for tile in kept)
    assert painted(tilewright("render", fresh, "--json")) == set(whole) - set(kept)
    assert raws(fresh) == whole
    assert stale(fresh) == set()


@pytest.fixture(scope="module")
def calls_of_a_run(tmp_path_factory: pytest.TempPathFactory, _empty: Path) -> int:
    """How many file calls a run over the whole map makes."""
    project = shutil.copytree(_empty, tmp_path_factory.mktemp("counted") / "map")
    with dying(DyingDisk()) as disk:
        assert run(["render", str(project), "--steps", "2"]) == 0
    return len(disk.log)


@pytest.mark.parametrize("fatal", [0, 3, 8])
def test_a_full_disk_leaves_no_half_of_a_new_project(
    tilewright: Call, tmp_path: Path, fatal: int
) -> None:
    before = files_in(tmp_path)
    with dying(DyingDisk(fatal, full=True)):
        ended = tilewright("new", tmp_path / "map", "--preset", "archipelago")
    assert ended.code == 1
    assert "disk is full" in ended.complaint()
    assert files_in(tmp_path) == before


def test_a_full_disk_leaves_the_old_export(
    tilewright: Call, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "map.png"
    out.write_bytes(b"the picture from yesterday")

    def full(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("PIL.Image.Image.save", full)
    ended = tilewright("export", rendered, out)
    assert ended.code == 1
    assert "disk is full" in ended.complaint()
    assert out.read_bytes() == b"the picture from yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.png", "rendered"]


def test_a_full_disk_ends_an_inspection_with_exit_code_1(
    tilewright: Call, rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("PIL.Image.Image.save", full)
    ended = tilewright("inspect", rendered, "--tile", "0,0", "--out", tmp_path / "out")
    assert ended.code == 1
    ended.complaint()
