"""Who is working on a project: one process at a time writes, and the others can say who it is."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from painter import plain_json
from painter.files import read_bounded, write_whole
from zones.errors import InputError

LOCK_NAME = "lock.json"
_MAX_BYTES = 4096
_MAX_TEXT = 256
_SAME_START_S = 2.0
_MUTEX = threading.Lock()
_CLAIMS: Counter[Path] = Counter()
"""How often this process has claimed each folder and not released it; used under the mutex."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that a project is open in.

    Attributes:
        pid: of the process.
        host: the machine it runs on.
        since: when it opened the project, as ISO 8601 UTC.
        started_s: when the process started, in s since 1970; tells apart two processes that had
            the same number one after the other.
    """

    pid: int
    host: str
    since: str
    started_s: float

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"


def holder(folder: Path) -> Holder | None:
    """The other living process that holds a project; None where nobody else does.

    A process on another machine cannot be seen from here, so it counts as living.
    """
    found = _read(folder / LOCK_NAME)
    return found if found is not None and not _is_me(found) and _lives(found) else None


def claim(folder: Path) -> Holder | None:
    """Take a project's lock, also from a process that is dead. Call it inside a transaction.

    A process may take a lock several times; it then holds it until the last `release`.

    Returns:
        None on success, else the living process that holds it.

    Raises:
        InputError: the folder cannot be written.
        WorkError: the disk is full or fails.
    """
    other = holder(folder)
    if other is None:
        mine = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "started_s": _started_s(os.getpid()) or 0.0,
        }
        with _MUTEX:
            write_whole(folder / LOCK_NAME, plain_json.dump(mine))
            _CLAIMS[folder] += 1
    return other


def release(folder: Path) -> None:
    """Give a project's lock back, if this process holds it and has claimed it no other time."""
    path = folder / LOCK_NAME
    with _MUTEX:
        _CLAIMS[folder] -= 1
        if _CLAIMS[folder] > 0:
            return
        del _CLAIMS[folder]
        found = _read(path)
        if found is not None and _is_me(found):
            path.unlink(missing_ok=True)


def refuse_if_held(folder: Path) -> None:
    """Check that no other process is working on a project.

    Raises:
        InputError: one is; the sentence names it.
    """
    other = holder(folder)
    if other is not None:
        raise InputError(held_by(folder, other))


def held_by(folder: Path, other: Holder) -> str:
    """The sentence about a project that somebody else holds."""
    return f"the project {folder} is open in {other}, so it is read-only here; close it there"


def _read(path: Path) -> Holder | None:
    """What a lock file says; None where there is none, or it is damaged and holds nobody."""
    try:
        document = plain_json.parse(
            read_bounded(path, _MAX_BYTES, "the lock", follow=False), str(path)
        )
    except InputError:
        return None
    if not isinstance(document, dict):
        return None
    pid, started_s = document.get("pid"), document.get("started_s")
    host, since = document.get("host"), document.get("since")
    numbers = type(pid) is int and 0 < pid < 2**31 and isinstance(started_s, float | int)
    texts = all(isinstance(text, str) and len(text) < _MAX_TEXT for text in (host, since))
    if not (numbers and texts):
        return None
    assert isinstance(pid, int)
    assert isinstance(started_s, float | int)
    return Holder(pid, " ".join(str(host).split()), " ".join(str(since).split()), float(started_s))


def _is_me(found: Holder) -> bool:
    here = found.host == socket.gethostname() and found.pid == os.getpid()
    started_s = _started_s(os.getpid()) if here else None
    return started_s is not None and abs(started_s - found.started_s) < _SAME_START_S


def _lives(found: Holder) -> bool:
    if found.host != socket.gethostname():
        return True
    started_s = _started_s(found.pid)
    return started_s is not None and abs(started_s - found.started_s) < _SAME_START_S


def _started_s(pid: int) -> float | None:
    """When a process started; None where it is dead."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (psutil.Error, OSError):
        return None
