"""What an open project shows of itself; `painter.project` adds what changes it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from painter import tiles
from painter.keepers import Keepers
from painter.manifest import Wrap
from painter.results import Results
from painter.saving import Saved
from painter.snapshot import MapSnapshot
from painter.store import Store
from painter.tiles import Sidecar
from zones.errors import InputError
from zones.grid import TileCoord
from zones.palette import Palette
from zones.strokes import Stroke

_FoundT = TypeVar("_FoundT")


class OpenMap:
    """The state of an open project: the last save, and the content with the edits since."""

    def __init__(self, store: Store, saved: Saved) -> None:
        self._store = store
        self._saved = saved
        self._content = saved.content
        self._lock = threading.RLock()
        self._snapshots: weakref.WeakSet[MapSnapshot] = weakref.WeakSet()
        self._sidecars: dict[str, Sidecar] = {}
        self._results = Results(store)
        self._keepers = Keepers(store, self._results)
        self._swept = False
        self._lent: set[str] = set()  # files that only snapshots still need

    @property
    def store(self) -> Store:
        """The files of the project folder."""
        return self._store

    @property
    def keepers(self) -> Keepers:
        """What else than the save refers to files of the folder."""
        return self._keepers

    @property
    def run_history(self) -> Results:
        """Earlier and other results of all tiles."""
        return self._results

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

    def tile_records(self) -> dict[TileCoord, Mapping[str, Any]]:
        """The facts of every finished tile, sorted by row and column.

        Raises:
            InputError: a sidecar is missing or damaged.
        """
        coords = [TileCoord(row, col) for row, col in sorted(self._content.tiles)]
        records = ((tile, self.tile_record(tile)) for tile in coords)
        return {tile: facts for tile, facts in records if facts is not None}

    def tile_record(self, tile: TileCoord) -> Mapping[str, Any] | None:
        """The facts of one tile; None if it is not finished.

        Raises:
            InputError: its sidecar is missing or damaged.
        """
        found = self._found_sidecar(tile)
        return None if found is None else found.facts

    def read_raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """A finished tile's raw window, RGB uint8 (h, w, 3), read-only.

        Raises:
            InputError: the tile is not finished, or its file is missing or damaged.
        """
        return self._read_tile(tile, tiles.read_raw)

    def read_mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The mask kept beside a raw window, uint8 (h, w), read-only, or None.

        Raises:
            InputError: the tile is not finished, or its file is missing or damaged.
        """
        return self._read_tile(tile, tiles.read_mask)

    def _read_tile(self, tile: TileCoord, read: Callable[[Store, Sidecar], _FoundT]) -> _FoundT:
        """Read one of a tile's pictures; no lock is held, so nobody waits for it."""
        while True:
            sidecar = self._sidecar(tile)
            try:
                return read(self._store, sidecar)
            except InputError:
                if self._sidecar(tile) is sidecar:
                    raise

    def _sidecar(self, tile: TileCoord) -> tiles.Sidecar:
        found = self._found_sidecar(tile)
        if found is None:
            raise InputError(f"tile {tile} is not finished; render it first")
        return found

    def _found_sidecar(self, tile: TileCoord) -> tiles.Sidecar | None:
        """A tile's sidecar; no lock is held while many are read one after another."""
        key = (tile.row, tile.col)
        names = self._content.tiles.get(key)
        while names is not None:
            found = self._sidecars.get(names[0])
            if found is not None:
                return found
            try:
                found = self._sidecars[names[0]] = tiles.read_sidecar(self._store, tile, names)
            except InputError:
                if self._content.tiles.get(key) == names:
                    raise
                names = self._content.tiles.get(key)  # another thread put another tile there
            else:
                return found
        return None
