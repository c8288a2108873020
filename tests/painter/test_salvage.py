"""A damaged file of any kind costs what it held and nothing else, and the report says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from painter.document import Document
from painter.project import Project
from painter.salvage import salvage
from tests.painter.builders import MAP, files_in, painted, small_project, state
from tests.painter.documents import dab, picture
from tests.support.disk import one_line
from zones.errors import InputError
from zones.geometry import Rect

KINDS = ["zones/0_0", "protect/", "art/", "stencils/", "tiles/r0_c0", "index/zones", "index/tiles"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = small_project(tmp_path / "map")
    project.set_protect(Rect(9, 9, 9, 9), np.ones((9, 9), np.bool_))
    project.set_art(Rect(9, 9, 9, 9), np.full((9, 9, 3), 7, np.uint8))
    project.save()
    return project.folder


def test_a_whole_project_loses_nothing(folder: Path) -> None:
    found = salvage(folder)
    assert found.losses == ()
    assert found.report().endswith("nothing is lost")
    assert state(found.project) == state(Project.open(folder))


@pytest.mark.parametrize("start", KINDS)
@pytest.mark.parametrize("harm", ["truncated", "flipped", "gone"])
def test_a_damaged_file_is_named_with_its_loss_and_the_rest_is_kept(
    folder: Path, start: str, harm: str
) -> None:
    before = state(Project.open(folder))
    name = next(name for name in sorted(files_in(folder)) if name.startswith(start))
    data = (folder / name).read_bytes()
    flipped = data[:30] + bytes([data[30] ^ 1]) + data[31:]
    if harm == "gone":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data[: len(data) // 2] if harm == "truncated" else flipped)
    files = {path: (folder / path).read_bytes() for path in files_in(folder)}
    found = salvage(folder)
    (loss,) = found.losses
    assert name.split("/")[0] in loss.file
    assert name in one_line(ValueError(str(loss)))
    assert "recovered: " in found.report()
    assert loss.what in found.report()
    assert {path: (folder / path).read_bytes() for path in files_in(folder)} == files
    after = state(found.project)
    lost = {"zones": 3, "protect": 4, "art": 5, "stencils": 6, "tiles": 7}
    changed = lost[next(kind for kind in lost if kind in start)]
    assert after[changed] != before[changed]
    assert [a for at, a in enumerate(after) if at != changed] == [
        b for at, b in enumerate(before) if at != changed
    ]
    found.project.save()
    assert state(Project.open(folder)) == after


def test_a_lost_block_leaves_the_other_blocks(folder: Path) -> None:
    name = next(name for name in sorted(files_in(folder)) if name.startswith("zones/0_0"))
    (folder / name).write_bytes(b"")
    found = salvage(folder)
    assert found.kept["zones"] == 1
    zones = found.project.reader().read_zones(MAP)
    assert not zones[:, :512].any()
    assert np.array_equal(zones[:, 512:], painted()[:, 512:])


def test_the_autosave_stands_in_for_a_lost_manifest(folder: Path) -> None:
    document = Document.open(folder)
    dab(document)
    look = picture(document.snapshot())
    document.autosave(document.capture())
    document.close()
    (folder / "project.json").write_bytes(b"{")
    found = salvage(folder)
    assert picture(found.project.reader()) == look
    (loss,) = found.losses
    assert "project.json" in str(loss)
    assert "finished tiles" in str(loss)
    found.project.save()
    assert picture(Project.open(folder).reader()) == look


def test_a_project_without_any_manifest_is_refused_by_name(folder: Path) -> None:
    (folder / "project.json").unlink()
    with pytest.raises(InputError, match=r"project\.json"):
        salvage(folder)
