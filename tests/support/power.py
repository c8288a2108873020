"""What is left on a disk after the power fails: only what was synced, and perhaps a little more.

The strict reading of POSIX: a file's bytes are safe after the file was synced, and a name is safe
after its folder was synced. What was not synced may be there, in part, or not at all.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from painter import files, new_folder, project, store

Op = tuple[str, Any, Any]


class RecordingDisk:
    """Stands in for `os` in the painter's modules and records what is done to a folder.

    Attributes:
        ops: ("create", path, id), ("write", id, bytes), ("sync", id, None), ("folder", path, None),
            ("mkdir", path, None), ("replace", from, to) and ("unlink", path, None), in order.
    """

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._ids: dict[int, int | str] = {}
        self._next = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        """As `os.open`."""
        handle = os.open(path, flags, mode)
        self._ids.pop(handle, None)
        if flags & os.O_CREAT:
            self._next += 1
            self._ids[handle] = self._next
            self.ops.append(("create", str(path), self._next))
        elif Path(path).is_dir():
            self._ids[handle] = str(path)
        return handle

    def write(self, handle: int, data: Any) -> int:
        """As `os.write`."""
        count = os.write(handle, data)
        self.ops.append(("write", self._ids[handle], bytes(data[:count])))
        return count

    def fsync(self, handle: int) -> None:
        """As `os.fsync`."""
        os.fsync(handle)
        target = self._ids[handle]
        self.ops.append(("folder" if isinstance(target, str) else "sync", target, None))

    def replace(self, source: Any, target: Any) -> None:
        """As `os.replace`."""
        os.replace(source, target)  # noqa: PTH105 - it stands in for os
        self.ops.append(("replace", str(source), str(target)))

    def mkdir(self, path: Any) -> None:
        """As `os.mkdir`."""
        os.mkdir(path)  # noqa: PTH102 - it stands in for os
        self.ops.append(("mkdir", str(path), None))

    def unlink(self, path: Any) -> None:
        """As `os.unlink`."""
        os.unlink(path)  # noqa: PTH108 - it stands in for os
        self.ops.append(("unlink", str(path), None))


@contextmanager
def recording() -> Iterator[RecordingDisk]:
    """Put a recording disk under the painter while the block runs."""
    disk = RecordingDisk()
    with pytest.MonkeyPatch.context() as patch:
        for module in (files, new_folder, store, project):
            patch.setattr(module, "os", disk)
        yield disk


@dataclass
class _Disk:
    """Names and bytes as they are safe, and as they were asked for."""

    names: dict[str, bytes | int | None]
    written: dict[int, bytes] = field(default_factory=dict)
    safe: dict[int, bytes] = field(default_factory=dict)
    pending: list[Op] = field(default_factory=list)

    def take(self, op: Op) -> None:
        kind, first, second = op
        if kind == "write":
            self.written[first] = self.written.get(first, b"") + second
        elif kind == "sync":
            self.safe[first] = self.written.get(first, b"")
        elif kind == "folder":
            mine = [one for one in self.pending if _folder(one[1]) == first]
            self.pending = [one for one in self.pending if _folder(one[1]) != first]
            for one in mine:
                self.name(one)
        else:
            self.pending.append(op)

    def name(self, op: Op) -> None:
        kind, first, second = op
        if kind == "create":
            self.names[first] = second
        elif kind == "mkdir":
            self.names[first] = None
        elif kind == "replace" and first in self.names:
            self.names[second] = self.names.pop(first)
        elif kind == "unlink":
            self.names.pop(first, None)


Tree = dict[str, bytes | None]
"""Content of files by path; None for folders."""


def tree_of(folder: Path) -> Tree:
    """What lies in a folder, all of it safe."""
    found: Tree = {str(folder): None}
    for path in folder.rglob("*"):
        found[str(path)] = path.read_bytes() if path.is_file() else None
    return found


def left_by_power_loss(before: Tree, ops: list[Op], luck: Callable[[], float]) -> Tree:
    """What the power loss leaves.

    Args:
        before: what was safe before the first of `ops`.
        ops: what was done before the power failed.
        luck: gives numbers in [0, 1]: how much of what was not synced survives.
    """
    disk = _Disk(dict(before))
    for op in ops:
        disk.take(op)
    by_folder: dict[str, list[Op]] = {}
    for op in disk.pending:
        by_folder.setdefault(_folder(op[1]), []).append(op)
    for waiting in by_folder.values():
        for op in waiting[: round(luck() * len(waiting))]:
            disk.name(op)
    return {
        name: _left(disk, content, luck) if isinstance(content, int) else content
        for name, content in disk.names.items()
        if _folder(name) in disk.names or content is None
    }


def lay_out(folder: Path, tree: Tree) -> None:
    """Put a tree in the place of a folder."""
    shutil.rmtree(folder)
    for name, content in sorted(tree.items()):
        if content is None:
            Path(name).mkdir()
        else:
            Path(name).write_bytes(content)


def _left(disk: _Disk, number: int, luck: Callable[[], float]) -> bytes:
    """Bytes of a new file: safe ones, and a part of the others."""
    safe, all_ = disk.safe.get(number, b""), disk.written.get(number, b"")
    return all_[: max(len(safe), round(luck() * len(all_)))]


def _folder(name: str) -> str:
    return str(Path(name).parent)


def lucks(seed: int) -> list[Callable[[], float]]:
    """Nothing survives, everything survives, and something in between."""
    rng = random.Random(seed)
    return [lambda: 0.0, lambda: 1.0, rng.random]
