"""The program as a process of its own: exit codes, streams and Ctrl-C, with the network cut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from painter.project import Project
from tests.app.words import Call, Ended, stale, stitched

ROOT = Path(__file__).resolve().parents[2]
START = """
import socket

def refuse(self, address):
    raise SystemExit(f"reached for the network at {address}")

socket.socket.connect = socket.socket.connect_ex = refuse
from app.cli.main import main
main()
"""
ENDS_S = 60


def command(*words: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", START, *map(str, words)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    with process:
        out, err = process.communicate(timeout=ENDS_S)
    return Ended(process.returncode, out, err)


def test_render_prints_one_json_document_and_nothing_else(rendered: Path) -> None:
    found = ended(command("render", rendered, "--tiles", "0,0", "--json"))
    assert (found.code, found.err) == (0, "")
    assert [tile["tile"] for tile in found.document["tiles"]] == [[0, 0]]


def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    found = ended(command("render", tmp_path / "gone"))
    assert found.code == 2
    found.complaint()


def test_the_installed_command_is_the_entry_point() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'tilewright = "app.cli.main:main"' in text


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_stops_at_the_next_step_and_keeps_finished_tiles(
    tmp_path: Path, toy: Path, tilewright: Call
) -> None:
    project = tmp_path / "map"
    assert tilewright("new", project, "--size", "640x480", "--model", toy).code == 0
    process = command("render", project)
    wait_for_tiles(project, 2, process)
    process.send_signal(signal.SIGINT)
    found = ended(process)
    assert found.code == 130, found
    assert found.complaint() == "stopped; what was finished is kept"
    kept = Project.open(project).tile_records()
    assert 2 <= len(kept) < 300
    assert len(stale(project)) == 300 - len(kept)
    assert stitched(project).any()
    assert not list(project.rglob(".tmp-*"))


def wait_for_tiles(project: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + ENDS_S
    while len(list((project / "tiles").glob("*.json"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
