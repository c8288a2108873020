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
        with store.transaction():
            _copy(store.root, draft, place, check)
        salvage(draft, check).project.save()
        check()

    build(draft, place, write)
    return replace(found, project=Project.open(place))


def _copy(source: Path, draft: Path, place: Path, check: Callable[[], None]) -> None:
    """Copy every file that can be read; what cannot is left out."""
    for path in _files(source):
        check()
        try:
            data = read_bounded(path, _MAX_FILE_BYTES, "the project's file", follow=False)
        except InputError:
            continue
        copy = draft / path.relative_to(source)
        with writing(place):
            copy.parent.mkdir(parents=True, exist_ok=True)
            write_whole(copy, data)


def _files(source: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(source):
        for name in names:
            if name != LOCK_NAME and not name.startswith(TEMP_PREFIX):
                yield Path(folder, name)
