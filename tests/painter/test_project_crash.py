"""Whatever call of the disk is the last one, the last complete save is whole."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from painter.project import Project
from tests.painter.builders import (
    MAP,
    PALETTE,
    SIZE,
    files_in,
    painted,
    raw,
    river,
    small_project,
    state,
)
from tests.support.disk import DyingDisk, Killed, dying, one_line
from zones.errors import InputError, WorkError
from zones.geometry import Rect
from zones.grid import TileCoord

Action = Callable[[Project], None]


def edit_and_save(project: Project) -> None:
    project.set_zones(Rect(200, 200, 450, 250), np.full((250, 450), 5, np.uint8))
    project.set_protect(Rect(0, 0, 40, 40), np.ones((40, 40), np.bool_))
    project.set_strokes([river(), river(300)])
    project.save()


def put_second(project: Project) -> None:
    project.put_tile(TileCoord(0, 1), raw(1), {"inputs_hash": "second"})


def put_again(project: Project) -> None:
    project.put_tile(TileCoord(0, 0), raw(2), {"inputs_hash": "again"}, raw(3)[..., 0])


ACTIONS = [edit_and_save, put_second, put_again]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return small_project(tmp_path / "original").folder


@pytest.mark.parametrize("action", ACTIONS)
def test_a_kill_at_any_call_leaves_the_old_or_the_new_save(
    tmp_path: Path, original: Path, action: Action
) -> None:
    old, new = state(Project.open(original)), outcome(tmp_path, original, action)
    seen = set()
    for fatal in count():
        folder = Path(shutil.copytree(original, tmp_path / f"at{fatal}"))
        project = Project.open(folder)
        try:
            with dying(DyingDisk(fatal)):
                action(project)
        except Killed:
            found = state(Project.open(folder))
            assert found in (old, new)
            seen.add(found == new)
            check_that_work_goes_on(folder)
        else:
            break
        shutil.rmtree(folder)
    assert fatal > 5
    assert seen == {False, True}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_full_disk_at_any_write_keeps_the_last_save_and_can_be_retried(
    tmp_path: Path, original: Path, action: Action
) -> None:
    old, new = state(Project.open(original)), outcome(tmp_path, original, action)
    before, failures = files_in(original), []
    for fatal in writes_of(tmp_path, original, action):
        folder = Path(shutil.copytree(original, tmp_path / f"full{fatal}"))
        project = Project.open(folder)
        try:
            with dying(DyingDisk(fatal, full=True)):
                action(project)
        except WorkError as error:
            failures.append("disk is full" in one_line(error))
            assert state(Project.open(folder)) == old
            assert files_in(folder) == before
            action(project)
        assert state(Project.open(folder)) == new
        shutil.rmtree(folder)
    assert len(failures) > 2
    assert all(failures)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_file_is_synced_before_the_manifest_names_it(original: Path, action: Action) -> None:
    project = Project.open(original)
    with dying(DyingDisk()) as disk:
        action(project)
    calls = [name for name, _ in disk.log]
    renames = [
        (at, Path(target)) for at, (name, target) in enumerate(disk.log) if name == "replace"
    ]
    (manifest_at,) = [at for at, target in renames if target.name == "project.json"]
    assert renames[-1][0] == manifest_at
    for at, target in renames:
        assert calls[at - 3 : at] == ["open", "write", "fsync"]
        opened = [str(path) for name, path in disk.log[at:manifest_at] if name == "open"]
        assert target.name == "project.json" or str(target.parent) in opened
    assert calls[manifest_at + 1 : manifest_at + 3] == ["open", "fsync"]
    assert "unlink" not in calls[:manifest_at]


def test_a_kill_while_creating_leaves_no_project_or_a_whole_one(tmp_path: Path) -> None:
    for fatal in count():
        folder = tmp_path / f"at{fatal}" / "map"
        try:
            with dying(DyingDisk(fatal)):
                Project.create(folder, SIZE, PALETTE, zones=painted(), strokes=[river()])
        except Killed:
            assert not folder.exists() or np.array_equal(
                Project.open(folder).reader().read_zones(MAP), painted()
            )
        else:
            break
    assert fatal > 20


def test_a_full_disk_while_creating_leaves_nothing(tmp_path: Path) -> None:
    for fatal in range(0, 14, 2):
        with dying(DyingDisk(fatal, full=True)), pytest.raises(WorkError, match="disk is full"):
            Project.create(tmp_path / "map", SIZE, PALETTE, zones=painted())
        assert not files_in(tmp_path)


def test_a_real_file_size_limit_is_one_clear_line(original: Path) -> None:
    project = Project.open(original)
    before = state(project)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(WorkError, match="disk is full") as caught:
            project.put_tile(TileCoord(3, 3), raw(4, 512), {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    one_line(caught.value)
    assert state(Project.open(original)) == before


def test_a_folder_that_vanished_is_one_clear_line(original: Path) -> None:
    project = Project.open(original)
    shutil.rmtree(original)
    with pytest.raises((InputError, WorkError)) as caught:
        put_second(project)
    one_line(caught.value)


PUTTER = """
import sys
from pathlib import Path
from painter.project import Project
from tests.painter.builders import raw
from zones.grid import TileCoord
project = Project.open(Path(sys.argv[1]))
for number in range(10_000):
    project.put_tile(TileCoord(number % 40, 1), raw(number), {"number": number})
    print(number, flush=True)
"""


def test_a_killed_process_keeps_every_tile_it_acknowledged(original: Path) -> None:
    for wait_s in (0.01, 0.03, 0.06):
        child = subprocess.Popen(
            [sys.executable, "-c", PUTTER, str(original)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(wait_s)
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read()
        child.stdout.close()
        child.wait()
        numbers = [int(line) for line in (first + rest).split("\n")[:-1]]
        project = Project.open(original)
        for number in numbers[-40:]:
            tile = TileCoord(number % 40, 1)
            kept = project.tile_records()[tile]["number"]
            assert kept in (number, number + 40)
            assert np.array_equal(project.read_raw(tile), raw(kept))


def outcome(tmp_path: Path, original: Path, action: Action) -> tuple[object, ...]:
    """The state that the action leads to when nothing goes wrong."""
    project = Project.open(Path(shutil.copytree(original, tmp_path / "outcome")))
    action(project)
    return state(Project.open(project.folder))


def writes_of(tmp_path: Path, original: Path, action: Action) -> list[int]:
    """Which of the action's calls of the disk need space."""
    project = Project.open(Path(shutil.copytree(original, tmp_path / "calls")))
    with dying(DyingDisk()) as disk:
        action(project)
    return [at for at, (name, _) in enumerate(disk.log) if name in {"write", "mkdir"}]


def check_that_work_goes_on(folder: Path) -> None:
    """A project that was cut off can be saved again, and the save clears the rubbish away."""
    project = Project.open(folder)
    project.set_zones(Rect(0, 0, 1, 1), np.full((1, 1), 2, np.uint8))
    project.save()
    assert not [name for name in files_in(folder) if ".tmp-" in name]
    assert state(Project.open(folder)) == state(project)
