"""Where the user's own files lie, read and written so that a broken one is never fatal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from painter import plain_json
from painter.files import read_bounded, sync_folder, write_whole, writing
from zones.errors import InputError

FOLDER_VARIABLE = "TILEWRIGHT_CONFIG_DIR"
"""Environment variable that names another folder for the user's files."""

_MAX_BYTES = 2**20


def config_folder() -> Path:
    """The folder of the user's settings, recent maps and window state; it may not exist yet."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Tilewright"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "Tilewright"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "tilewright"


def read_object(path: Path, what: str) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is no file.

    Args:
        path: the file.
        what: its name for people.

    Raises:
        InputError: it cannot be read, or is no JSON object.
    """
    if not path.exists():
        return None
    found = plain_json.parse(read_bounded(path, _MAX_BYTES, what), f"{what} {path}")
    if not isinstance(found, dict):
        raise InputError(f"{what} {path} holds no JSON object; remove the file to start anew")
    return found


def write_object(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON object in place of a file, whole or not at all; its folder is made.

    Raises:
        InputError: the folder cannot be written.
        WorkError: the disk is full or fails.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
        sync_folder(path.parent)
