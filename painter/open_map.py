"""What an open project shows of itself; `painter.project` adds what changes it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from painter.keepers import Keepers
from painter.manifest import Wrap
from painter.saving import Saved
from painter.snapshot import MapSnapshot
from painter.store import Store
from painter.tiles import Sidecar
from zones.palette import Palette
from zones.strokes import Stroke


class OpenMap:
    """The state of an open project: the last save, and the content with the edits since."""

    def __init__(self, store: Store, saved: Saved) -> None:
        self._store = store
        self._saved = saved
        self._content = saved.content
        self._lock = threading.RLock()
        self._snapshots: weakref.WeakSet[MapSnapshot] = weakref.WeakSet()
        self._sidecars: dict[str, Sidecar] = {}
        self._keepers = Keepers(store)

    @property
    def store(self) -> Store:
        """The files of the project folder."""
        return self._store

    @property
    def keepers(self) -> Keepers:
        """What else than the save refers to files of the folder."""
        return self._keepers

    @property
    def folder(self) -> Path:
        """The project folder, absolute."""
        return self._store.root

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px) of the map."""
        return self._content.header.size

    @property
    def width_px(self) -> int:
        """Width of the map."""
        return self._content.header.width_px

    @property
    def height_px(self) -> int:
        """Height of the map."""
        return self._content.header.height_px

    @property
    def wrap(self) -> Wrap:
        """Sides on which the map closes on itself: "", "x", "y" or "xy"."""
        return self._content.header.wrap

    @property
    def palette(self) -> Palette:
        """The map's own palette."""
        return self._content.palette

    @property
    def map_prompt(self) -> str:
        """What the whole map is painted like."""
        return self._content.header.map_prompt

    @property
    def seed(self) -> int:
        """Seed of the noise."""
        return self._content.header.seed

    @property
    def model(self) -> str:
        """Name, hub id or folder of the model; may be empty."""
        return self._content.header.model

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings by name, plain JSON values."""
        return MappingProxyType(self._content.header.settings)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        """All strokes in paint order."""
        return self._content.strokes
