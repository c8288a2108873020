"""The store keeps files by content, notices damage and never leaves its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from painter.store import Store
from tests.support.disk import one_line
from zones.errors import InputError

BAD_NAMES = [
    "../outside-00000000000000000000000000000000.png",
    "/etc/passwd",
    "zones/../project.json",
    "zones/1_1-00000000000000000000000000000000.png\n",
    "zones/1_1-0000000000000000000000000000000.png",
    "zones\\1_1-00000000000000000000000000000000.png",
    "other/1_1-00000000000000000000000000000000.png",
    "zones/1_1-0000000000000000000000000000000G.png",
    "zones/1_1-00000000000000000000000000000000.exe",
    "",
]


def test_what_was_put_is_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put("zones/3_4", ".png", b"pixels")
    assert name.startswith("zones/3_4-")
    assert store.get(name, 100) == b"pixels"


def test_equal_content_has_one_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.put("zones/0_0", ".png", b"same") == store.put("zones/0_0", ".png", b"same")
    assert len(list((tmp_path / "zones").iterdir())) == 1


def test_a_damaged_file_is_mended_by_the_next_put(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put("zones/0_0", ".png", b"whole")
    (tmp_path / name).write_bytes(b"wrong")
    store.put("zones/0_0", ".png", b"whole")
    assert store.get(name, 100) == b"whole"


@pytest.mark.parametrize("bit", [0, 20, 47])
def test_a_flipped_bit_is_noticed_and_the_file_named(tmp_path: Path, bit: int) -> None:
    store = Store(tmp_path)
    name = store.put("zones/0_0", ".png", b"pixels")
    damaged = bytearray(b"pixels")
    damaged[bit // 8] ^= 1 << bit % 8
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(InputError, match="damaged") as caught:
        store.get(name, 100)
    assert name in one_line(caught.value)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_foreign_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not one of the project's own") as caught:
        Store(tmp_path).get(name, 100)
    one_line(caught.value)


def test_a_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put("art/0_0", ".png", b"secret")
    (tmp_path / name).rename(tmp_path / "elsewhere")
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="symbolic link"):
        store.get(name, 100)


def test_writing_over_a_link_leaves_its_target_alone(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    root.mkdir()
    outside.write_bytes(b"precious")
    store = Store(root)
    name = store.put("art/0_0", ".png", b"new")
    (root / name).unlink()
    (root / name).symlink_to(outside)
    store.put("art/0_0", ".png", b"new")
    assert outside.read_bytes() == b"precious"
    assert store.get(name, 100) == b"new"


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "zones").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="not a link"):
        Store(tmp_path / "project")


def test_a_folder_that_becomes_a_link_is_refused_when_written(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "project").mkdir()
    store = Store(tmp_path / "project")
    (tmp_path / "project" / "zones").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="not a link"):
        store.put("zones/0_0", ".png", b"x")
    assert not list((tmp_path / "outside").iterdir())


def test_a_pipe_in_a_files_place_is_refused_without_waiting(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put("zones/0_0", ".png", b"x")
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="is not a file"):
        store.get(name, 100)


def test_a_file_longer_than_asked_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    name = store.put("zones/0_0", ".png", b"x" * 101)
    with pytest.raises(InputError, match="101 bytes"):
        store.get(name, 100)


def test_collecting_removes_only_what_is_not_referenced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    names = [store.put(f"zones/{n}_0", ".png", bytes([n])) for n in range(6)]
    assert store.collect(names[:4]) == 2
    assert store.names() == set(names[:4])


def test_collecting_removes_half_written_files_and_no_foreign_ones(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("zones/0_0", ".png", b"x")
    for name in ("zones/.tmp-12", "zones/notes.txt", ".tmp-34", "readme.txt"):
        (tmp_path / name).write_bytes(b"?")
    store.collect(store.names())
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {"notes.txt", "readme.txt"} < left
    assert not {name for name in left if name.startswith(".tmp")}


def test_collecting_removes_a_link_but_not_its_target(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"precious")
    (tmp_path / "project" / "zones").mkdir(parents=True)
    (tmp_path / "project" / "zones" / ("1_1-" + "0" * 32 + ".png")).symlink_to(tmp_path / "outside")
    assert Store(tmp_path / "project").collect(()) == 1
    assert (tmp_path / "outside").read_bytes() == b"precious"


def test_the_manifest_is_replaced_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.replace_manifest(b"first")
    store.replace_manifest(b"second")
    assert store.read_manifest(100) == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["project.json"]
