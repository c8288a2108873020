"""Where the window and its docks stood, in a file of its own that may be deleted at any time."""

from __future__ import annotations

import base64
import binascii
import contextlib
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow

from app.core.user_files import config_folder, read_object, write_object
from zones.errors import InputError, TilewrightError

FILE_NAME = "window.json"
LAYOUT_VERSION = 1
"""Grows when docks are named or meant differently, so that an old layout is not forced on them."""


class WindowState:
    """Keeps a window's geometry, docks and a few switches between sessions.

    Args:
        path: of the file; None takes the one in the user's own folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = config_folder() / FILE_NAME if path is None else path
        self._docks = QByteArray()

    def __bool__(self) -> bool:
        """Whether docks of an earlier session wait for `restore_docks`."""
        return bool(self._docks)

    def restore_docks(self, window: QMainWindow) -> None:
        """Put the docks where they were; the window must be laid out, else tabs stay behind."""
        if self._docks:
            window.restoreState(self._docks, LAYOUT_VERSION)
            self._docks = QByteArray()

    def restore(self, window: QMainWindow) -> dict[str, Any]:
        """Put a window where it was; returns the switches, empty where nothing was kept."""
        try:
            found = read_object(self._path, "the window's state") or {}
        except InputError:
            return {}
        if found.get("layout_version") != LAYOUT_VERSION:
            return {}
        self._docks = _bytes(found.get("docks"))
        geometry = _bytes(found.get("geometry"))
        if geometry:
            window.restoreGeometry(geometry)
        switches = found.get("switches")
        return switches if isinstance(switches, dict) else {}

    def keep(self, window: QMainWindow, switches: dict[str, Any]) -> None:
        """Write where a window stands; a failure costs nothing but that."""
        document = {
            "layout_version": LAYOUT_VERSION,
            "geometry": _text(window.saveGeometry()),
            "docks": _text(window.saveState(LAYOUT_VERSION)),
            "switches": switches,
        }
        with contextlib.suppress(TilewrightError):
            write_object(self._path, document)


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _bytes(text: object) -> QByteArray:
    """The bytes of a text; empty where it is none."""
    if not isinstance(text, str):
        return QByteArray()
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return QByteArray()
