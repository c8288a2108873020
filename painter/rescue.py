"""All that is whole of a damaged project, saved into a new folder; the old one stays as it is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from painter.files import TEMP_PREFIX, read_bounded, write_whole, writing
from painter.lock import LOCK_NAME
from painter.new_folder import build, free_folder
from painter.project import Project
from painter.salvage import Salvage, go_on, salvage
from painter.store import Store
from zones.errors import InputError

_MAX_FILE_BYTES = 2**30
"""Longer than any file of a project."""


def rescue(source: Path, target: Path, check: Callable[[], None] = go_on) -> Salvage:
    """Make a whole project of what can be read of another one, with its undo and run history.

    The other one can be saved meanwhile, but for the moment that copying what is new since the
    copy began takes.

    Args:
        source: the damaged project; nothing in it is changed. Links in it are left out.
        target: does not exist yet, or is empty.
        check: called before every file; what it raises ends the rescue, with nothing left behind.

    Returns:
        The new project, saved, and what was lost on the way, by the names of the damaged files.

    Raises:
        InputError: there is no such project, nothing of it can be read, it is from a newer
            version, or the target is in use, inside of the source or cannot be written.
        WorkError: the disk is full or fails; nothing is left behind.
    """
    place = free_folder(target)
    store = Store(source)
    if place.is_relative_to(store.root):
        raise InputError(f"{target} lies inside of the damaged project; choose a place beside it")
    found = salvage(source, check)
    draft = place.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")

    def write() -> None:
        copying = _Copying(store.root, draft, place, check)
        copying.go_on()
        with store.transaction():
            copying.go_on()
        salvage(draft, check).project.save()
        check()

    build(draft, place, write)
    return replace(found, project=Project.open(place))


_Stamp = tuple[int, int, int]
"""What tells a file from the one that takes its place: inode, bytes, and when it was written."""


class _Copying:
    """Copies every file that can be read; what cannot is left out. May be told to go on."""

    def __init__(self, source: Path, draft: Path, place: Path, check: Callable[[], None]) -> None:
        self._source, self._draft, self._place, self._check = source, draft, place, check
        self._copied: dict[Path, _Stamp] = {}

    def go_on(self) -> None:
        """Copy what is new since the last time, and remove from the copy what is gone."""
        before, self._copied = self._copied, {}
        for path in _files(self._source):
            stamp = _stamp(path)
            if stamp is not None and (before.pop(path, None) == stamp or self._put(path)):
                self._copied[path] = stamp
        for path in before:
            with writing(self._place):
                self._copy_of(path).unlink(missing_ok=True)

    def _put(self, path: Path) -> bool:
        self._check()
        copy = self._copy_of(path)
        try:
            data = read_bounded(path, _MAX_FILE_BYTES, "the project's file", follow=False)
        except InputError:
            with writing(self._place):
                copy.unlink(missing_ok=True)
            return False
        with writing(self._place):
            copy.parent.mkdir(parents=True, exist_ok=True)
            write_whole(copy, data)
        return True

    def _copy_of(self, path: Path) -> Path:
        return self._draft / path.relative_to(self._source)


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _files(source: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(source):
        for name in names:
            if name != LOCK_NAME and not name.startswith(TEMP_PREFIX):
                yield Path(folder, name)
