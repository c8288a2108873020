"""One process writes a project; the others know who it is, and a dead one is no obstacle."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from painter import lock
from painter.document import Document
from painter.project import Project
from tests.painter.builders import raw, small_project
from tests.painter.documents import dab
from tests.support.disk import one_line
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord

OPENER = """
import sys
from pathlib import Path
from painter.document import Document
document = Document.open(Path(sys.argv[1]))
print("read-only" if document.read_only else "holds", flush=True)
sys.stdin.readline()
if sys.argv[2] == "close":
    document.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_project(tmp_path / "map").folder


@contextmanager
def opened_elsewhere(folder: Path, end: str = "close") -> Iterator[subprocess.Popen[str]]:
    """Another process that has the project open."""
    child = subprocess.Popen(
        [sys.executable, "-c", OPENER, str(folder), end],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "holds\n"
    try:
        yield child
    finally:
        child.communicate("\n")


def test_the_second_process_only_reads_and_says_who_holds_the_project(folder: Path) -> None:
    with opened_elsewhere(folder) as child:
        document = Document.open(folder)
        assert document.read_only
        for action in (
            lambda: dab(document),
            document.save,
            lambda: document.project.put_tile(TileCoord(1, 1), raw(), {}),
            lambda: Project.open(folder).save(),
        ):
            with pytest.raises(InputError, match="read-only") as caught:
                action()
            text = one_line(caught.value)
            assert f"process {child.pid} on {socket.gethostname()} since 20" in text
        assert (
            document.pick(5, 5) == Project.open(folder).reader().read_zones(Rect(5, 5, 1, 1))[0, 0]
        )
        document.close()
        assert lock.holder(folder) is not None
    assert not Document.open(folder).read_only


def test_a_dead_process_is_no_obstacle(folder: Path) -> None:
    with opened_elsewhere(folder) as child:
        child.kill()
        child.wait()
        assert (folder / "lock.json").exists()
        document = Document.open(folder)
        assert not document.read_only
        assert dab(document)
    assert json.loads((folder / "lock.json").read_text())["pid"] == os.getpid()


def test_a_number_that_another_process_got_since_is_no_obstacle(folder: Path) -> None:
    write_lock(folder, pid=os.getppid(), started_s=1.0)
    assert lock.holder(folder) is None
    assert not Document.open(folder).read_only


def test_a_process_on_another_machine_counts_as_living(folder: Path) -> None:
    write_lock(folder, host="elsewhere")
    document = Document.open(folder)
    assert document.read_only
    with pytest.raises(InputError, match="on elsewhere since then"):
        dab(document)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"pid": -1}', '{"pid": 1, "host": 3, "since": "", "started_s": 0}', "\x00"],
)
def test_a_damaged_lock_holds_nobody(folder: Path, text: str) -> None:
    (folder / "lock.json").write_text(text)
    assert not Document.open(folder).read_only


def test_closing_gives_the_lock_back(folder: Path) -> None:
    document = Document.open(folder)
    assert (folder / "lock.json").exists()
    document.close()
    assert not (folder / "lock.json").exists()


def write_lock(folder: Path, **changes: object) -> None:
    facts = {"pid": 1, "host": socket.gethostname(), "since": "then", "started_s": 0.0}
    (folder / "lock.json").write_text(json.dumps({**facts, **changes}))


def test_a_project_that_is_open_twice_in_one_process_is_held_until_both_are_closed(
    folder: Path,
) -> None:
    first, second = Document.open(folder), Document.open(folder)
    for _ in range(2):
        first.close()
        assert (folder / lock.LOCK_NAME).exists()
    second.close()
    assert not (folder / lock.LOCK_NAME).exists()


def test_a_project_that_fails_to_open_is_given_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise InputError("the run history is on fire")

    monkeypatch.setattr("painter.results.Results.look", fail)
    with pytest.raises(InputError, match="on fire"):
        Document.open(folder)
    assert not (folder / lock.LOCK_NAME).exists()
