"""`tilewright render` has a project to itself, is one undo step, and keeps earlier results."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from painter.document import Document
from painter.project import Project
from tests.app.words import Call, files_in, painted, raws, stale
from tests.painter.documents import dab
from tests.support.disk import DyingDisk, Killed, dying
from zones.grid import TileCoord

HOLDER = """
import sys
from pathlib import Path
from painter.document import Document
document = Document.open(Path(sys.argv[1]))
print("holds", flush=True)
sys.stdin.readline()
document.close()
"""


@contextmanager
def held_elsewhere(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the project open."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "holds\n"
        yield child
        if child.poll() is None:
            child.communicate("\n")


def test_a_project_that_another_process_holds_is_refused_and_left_alone(
    tilewright: Call, fresh: Path
) -> None:
    with held_elsewhere(fresh) as child:
        before = files_in(fresh)
        ended = tilewright("render", fresh, "--steps", "1")
        assert ended.code == 2
        assert f"is open in process {child.pid} on " in ended.complaint()
        assert "close it there" in ended.complaint()
        assert files_in(fresh) == before
    assert tilewright("render", fresh, "--steps", "1", "--tiles", "0,0").code == 0


def test_the_lock_of_a_dead_process_is_taken_over_and_given_back(
    tilewright: Call, fresh: Path
) -> None:
    with held_elsewhere(fresh) as child:
        child.kill()
        child.wait()
    assert (fresh / "lock.json").exists()
    assert tilewright("render", fresh, "--steps", "1", "--tiles", "0,0").code == 0
    assert not (fresh / "lock.json").exists()


@pytest.mark.parametrize("words", [["--tiles", "7,7"], ["--model", "nowhere/none"]])
def test_a_refused_render_gives_the_project_back(
    tilewright: Call, fresh: Path, words: list[str]
) -> None:
    assert tilewright("render", fresh, *words).code == 2
    assert not (fresh / "lock.json").exists()


def test_a_run_is_one_undo_step_that_survives(tilewright: Call, fresh: Path) -> None:
    first = Document.open(fresh)
    dab(first, 20, 20)
    first.save()
    first.close()
    assert tilewright("render", fresh, "--steps", "1").code == 0
    whole = raws(fresh)
    assert len(whole) == 9
    document = Document.open(fresh)
    assert document.notice == ""
    assert document.recovery is None
    assert document.undo("runs") == "Render"
    assert raws(fresh) == {}
    assert document.undo("runs") is None
    assert document.redo("runs") == "Render"
    assert raws(fresh) == whole
    assert document.undo() == "Brush"
    document.close()


def test_a_killed_run_can_still_be_undone(
    tilewright: Call, fresh: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.cli.render.KEEP_UNDO_EVERY_S", 0.0)
    counted = Path(shutil.copytree(fresh, tmp_path / "counted"))
    with dying(DyingDisk()) as disk:
        assert tilewright("render", counted, "--steps", "1").code == 0
    with pytest.raises(Killed), dying(DyingDisk(len(disk.log) * 2 // 3)):
        tilewright("render", fresh, "--steps", "1")
    kept = raws(fresh)
    assert 2 < len(kept) < 9
    document = Document.open(fresh)
    assert document.recovery is None
    assert document.undo("runs") == "Render"
    assert len(raws(fresh)) <= 1
    document.close()


def test_earlier_results_stay_in_the_run_history(tilewright: Call, rendered: Path) -> None:
    before = raws(rendered)
    assert tilewright("render", rendered, "--tiles", "1,1", "--seed", "8").code == 0
    assert tilewright("render", rendered, "--tiles", "1,1", "--seed", "9").code == 0
    document = Document.open(rendered)
    found = document.results(TileCoord(1, 1))
    assert [result.facts["seed"] for result in found] == [9, 8, 3]
    document.put_back(TileCoord(1, 1), found[2].id)
    document.close()
    assert raws(rendered) == before
    assert stale(rendered) == set()
    assert "nothing to do" in tilewright("render", rendered).out


def test_a_project_from_before_the_run_history_keeps_its_first_results(
    tilewright: Call, rendered: Path
) -> None:
    shutil.rmtree(rendered / "history", ignore_errors=True)
    for name in ("results.json", "history.json"):
        (rendered / name).unlink()
    before = raws(rendered)
    assert tilewright("render", rendered, "--tiles", "1,1", "--seed", "8").code == 0
    document = Document.open(rendered)
    _, first = document.results(TileCoord(1, 1))
    assert first.raw().tobytes() == before[TileCoord(1, 1)]
    document.close()


@pytest.fixture
def unsaved(fresh: Path) -> Path:
    """A project with unsaved work of a session that was killed."""
    document = Document.open(fresh)
    document.configure("Words", map_prompt="autumn")
    dab(document, 20, 20)
    document.autosave(document.capture())
    document.close()
    return fresh


def test_unsaved_work_is_named_with_what_can_be_done(tilewright: Call, unsaved: Path) -> None:
    before = files_in(unsaved)
    ended = tilewright("render", unsaved, "--steps", "1")
    assert ended.code == 2
    for word in ("unsaved work of 20", "desktop app", "--recover", "--no-recover"):
        assert word in ended.complaint()
    assert files_in(unsaved) == before


@pytest.mark.parametrize(("word", "prompt"), [("--recover", "autumn"), ("--no-recover", "summer")])
def test_unsaved_work_is_taken_or_dropped_when_asked(
    tilewright: Call, unsaved: Path, word: str, prompt: str
) -> None:
    ended = tilewright("render", unsaved, word, "--steps", "1", "--tiles", "0,0", "--json")
    assert painted(ended) == {TileCoord(0, 0)}
    assert Project.open(unsaved).map_prompt == prompt
    assert Document.open(unsaved).recovery is None


def test_a_damaged_autosave_is_named_and_can_be_dropped(tilewright: Call, unsaved: Path) -> None:
    (unsaved / "autosave.json").write_bytes(b"{")
    complaint = tilewright("render", unsaved, "--steps", "1").complaint()
    assert "autosave.json" in complaint
    assert "--no-recover" in complaint
    words = ["--no-recover", "--steps", "1", "--tiles", "0,0"]
    assert tilewright("render", unsaved, *words).code == 0
