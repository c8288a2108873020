"""`tilewright rescue`: what is whole of a damaged project goes into a new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from painter.document import Document
from painter.project import Project
from tests.app.words import Call, files_in, raws, stale
from zones.grid import TileCoord

LOST = TileCoord(1, 1)


def damaged(project: Path, start: str) -> str:
    """Cut a file of a project in half; its name."""
    path = next(path for path in sorted(project.rglob("*")) if start in path.as_posix())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path.relative_to(project).as_posix()


def test_what_is_whole_goes_into_a_new_project_and_the_old_one_stays_as_it_is(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    shown, out = raws(rendered), tmp_path / "new" / "mended"
    name = damaged(rendered, f"tiles/r{LOST.row}_c{LOST.col}-")
    before = files_in(rendered)
    ended = tilewright("rescue", rendered, out, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert files_in(rendered) == before
    assert ended.document["recovered"]["tiles"] == len(shown) - 1
    assert any(name in loss["why"] for loss in ended.document["lost"])
    del shown[LOST]
    assert raws(out) == shown
    assert stale(out) == {LOST}


def test_a_damaged_project_names_the_command_that_rescues_it(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    name, out = damaged(rendered, "index/tiles_"), tmp_path / "mended"
    advice = f"tilewright rescue {rendered} "
    ended = tilewright("seams", rendered)
    assert ended.code == 2
    assert advice in ended.complaint()
    assert name in ended.complaint()
    ended = tilewright("rescue", rendered, out)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("recovered: ")
    assert any(line.startswith(f"lost: {name}") for line in lines)
    assert lines[-1] == f"wrote {out}"
    assert tilewright("inspect", out, "--tile", "0,0", "--out", tmp_path / "look").code == 0


def test_a_whole_project_is_copied_with_its_undo_history(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    ended = tilewright("rescue", rendered, tmp_path / "copy")
    assert "nothing is lost" in ended.out
    assert raws(tmp_path / "copy") == raws(rendered)
    document = Document.open(tmp_path / "copy")
    assert document.undo("runs") == "Render"
    document.close()
    assert raws(tmp_path / "copy") == {}


@pytest.mark.parametrize("start", ["project.json", "zones.missing"])
def test_where_nothing_can_be_read_nothing_is_made_and_no_rescue_is_promised(
    tilewright: Call, rendered: Path, tmp_path: Path, start: str
) -> None:
    project = rendered
    if start == "project.json":
        damaged(rendered, start)
    else:
        project = tmp_path / start
    for words in (("rescue", project, tmp_path / "new"), ("seams", project)):
        ended = tilewright(*words)
        assert ended.code == 2
        assert start in ended.complaint()
        assert "tilewright rescue" not in ended.complaint()
    assert {path.name for path in tmp_path.iterdir()} == {"rendered"}


def test_a_place_in_use_or_inside_of_the_project_is_refused(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    before = files_in(tmp_path)
    for out in (rendered, rendered / "new", rendered / "project.json"):
        assert tilewright("rescue", rendered, out).code == 2
    assert files_in(tmp_path) == before


def test_links_in_a_damaged_project_are_left_out(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (rendered / "notes.txt").symlink_to(secret)
    os.mkfifo(rendered / "pipe")
    assert tilewright("rescue", rendered, tmp_path / "new").code == 0
    assert not {"notes.txt", "pipe"} & files_in(tmp_path / "new").keys()
    assert Project.open(tmp_path / "new").tile_records()
