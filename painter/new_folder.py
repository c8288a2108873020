"""Where a new project goes: a folder that is made complete beside its place, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from painter.files import sync_folder, writing
from zones.errors import InputError


def build(draft: Path, target: Path, save: Callable[[], None]) -> None:
    """Save a project that is only in memory into its own folder, then give that its name.

    Args:
        draft: the folder to save into; it does not exist yet.
        target: the name it gets.
        save: writes the project.

    Raises:
        InputError: the folder cannot be written; nothing is left behind.
        WorkError: the disk is full or fails; nothing is left behind.
    """
    try:
        with writing(target):
            draft.mkdir(parents=True)
        save()
        with writing(target):
            with contextlib.suppress(FileNotFoundError):
                target.rmdir()
            os.replace(draft, target)  # noqa: PTH105 - one door to the disk: os
            sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def free_folder(folder: Path) -> Path:
    """The resolved path of a new project.

    Raises:
        InputError: something is there already.
    """
    target = folder.resolve()
    with writing(target):
        if target.is_dir() and any(target.iterdir()):
            raise InputError(f"the folder {folder} is not empty; choose a new one")
        if target.exists() and not target.is_dir():
            raise InputError(f"{folder} is a file; choose a new folder")
    return target
