"""The run history: earlier, superseded and candidate results of every tile, within a budget.

Any thread may read; whoever writes holds the store's transaction.
"""

from __future__ import annotations

import heapq
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from painter import pictures, tiles
from painter.catalog import Key
from painter.result_files import (
    MAX_PER_TILE,
    NO_RESULTS,
    Entries,
    Entry,
    Overview,
    Region,
    Status,
    digest_of,
    names_of,
    read_overview,
    read_region,
    region_of,
    write_overview,
    write_region,
)
from painter.store import Store
from zones.errors import InputError
from zones.grid import TileCoord

RESULTS_BUDGET_BYTES = 2 * 2**30
"""For the files of results that are not on the map."""

LOADED_BYTES = 16 * 2**20
"""Index files whose entries are kept in memory, some 30,000 results; more are read again."""

THUMBNAIL_PX = 64
_MAX_THUMBNAIL_BYTES = 2**18
_ROOM = 0.95
_MOST_DROPPED = 100_000
_TILE_FILE = re.compile(r"tiles/r([0-9]+)_c([0-9]+)(?:_mask|_thumb)?-", re.ASCII)

Shown = Callable[[Key], tuple[str, ...] | None]
"""Gives the files of the tile that is on the map, or None."""

_FoundT = TypeVar("_FoundT")


@dataclass(frozen=True, slots=True, eq=False)
class TileResult:
    """One result of a tile, on the map or not.

    Attributes:
        id: names it among the tile's results.
        tile: grid position.
        facts: the record that the run wrote: settings, seed, model, times; plain JSON values.
        status: how it came: landed on the map, superseded or candidate.
        when: ISO 8601 UTC; "" where that is unknown.
        seams: seam numbers of the tile while it was on the map, plain JSON values, or None.
        on_map: whether the map shows it now.
        size_bytes: of its files.
        damage: why its facts cannot be read, one sentence that names the file; else "".
    """

    id: str
    tile: TileCoord
    facts: Mapping[str, Any]
    status: Status
    when: str
    seams: Mapping[str, Any] | None
    on_map: bool
    size_bytes: int
    damage: str
    _entry: Entry = field(repr=False)
    _store: Store = field(repr=False)

    @classmethod
    def of(cls, store: Store, tile: TileCoord, entry: Entry, *, on_map: bool) -> TileResult:
        """A result with its facts, as far as they can be read."""
        facts: Mapping[str, Any] = {}
        damage = ""
        try:
            facts = tiles.read_sidecar(store, tile, entry.files).facts
        except InputError as error:
            damage = str(error)
        size = sum(entry.sizes_bytes)
        return cls(
            entry.id, tile, facts, entry.status, entry.when, entry.seams, on_map, size, damage,
            entry, store,
        )  # fmt: skip

    def thumbnail(self) -> npt.NDArray[np.uint8]:
        """A small picture of it, RGB uint8 (64, 64, 3), read-only.

        Raises:
            InputError: neither it nor the raw window can be read.
        """
        name = self._entry.thumbnail
        if name is not None:
            try:
                data = self._store.get(name, _MAX_THUMBNAIL_BYTES)
                size = (THUMBNAIL_PX, THUMBNAIL_PX)
                found = pictures.decode(data, str(self._store.root / name), ("RGB",), size)
            except InputError:
                return thumbnail_of(self.raw())
            found.setflags(write=False)
            return found
        return thumbnail_of(self.raw())

    def raw(self) -> npt.NDArray[np.uint8]:
        """Its raw window, RGB uint8 (h, w, 3), read-only.

        Raises:
            InputError: a file is missing or damaged.
        """
        return tiles.read_raw(self._store, self._sidecar())

    def mask(self) -> npt.NDArray[np.uint8] | None:
        """The mask beside its raw window, uint8 (h, w), read-only, or None; raises as `raw`."""
        return tiles.read_mask(self._store, self._sidecar())

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files: sidecar, raw window, maybe mask."""
        return self._entry.files

    def _sidecar(self) -> tiles.Sidecar:
        return tiles.read_sidecar(self._store, self.tile, self._entry.files)


def thumbnail_of(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Means of a picture's areas: RGB uint8 (h, w, 3) to uint8 (64, 64, 3), read-only."""
    small = cv2.resize(raw, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    found = np.asarray(small, dtype=np.uint8)
    found.setflags(write=False)
    return found


class Results:
    """The entries of all tiles; those of a region are read when they are asked for.

    Attributes:
        budget_bytes: for files of results that are not on the map. The newest result of each
            tile stays whatever it takes.
        notice: why the run history could not be read, one sentence, or "".

    Args:
        store: the project's files.
    """

    def __init__(self, store: Store) -> None:
        self.budget_bytes = RESULTS_BUDGET_BYTES
        self.notice = ""
        self._store = store
        self._mutex = threading.Lock()
        self._loaded: dict[str, tuple[Entries, int]] = {}
        self._overview: Overview | None = None

    @property
    def spare_bytes(self) -> int:
        """Bytes of the results that are not on the map, as of when each was last written."""
        return sum(region.spare_bytes for region in self._now().regions.values())

    @property
    def loaded_bytes(self) -> int:
        """Bytes of the index files whose entries are in memory."""
        return sum(size for _, size in self._loaded.values())

    def of(self, key: Key) -> tuple[Entry, ...]:
        """The entries of a tile, oldest first.

        Raises:
            InputError: the run history is damaged there.
        """
        return self._retried(lambda: self._region(region_of(key)).get(key, ()))

    def holds(self, name: str) -> bool:
        """Whether an entry, or the history itself, refers to a file.

        Raises:
            InputError: that cannot be read.
        """
        if name.startswith("index/results_"):
            return any(region.file == name for region in self._now().regions.values())
        key = tile_of(name)
        return key is not None and any(name in entry.names for entry in self.of(key))

    def names(self) -> Iterator[str]:
        """Every file of the run history; raises InputError where it is damaged."""
        for key, region in self._now().regions.items():
            yield region.file
            yield from names_of(self._region(key))

    def put(self, changed: Entries, shown: Shown) -> set[str]:
        """Write the entries of some tiles; durable when the call returns.

        Args:
            changed: all entries of these tiles, oldest first; a number of 0 is given anew.
            shown: what the map shows once this is written.

        Returns:
            Files of entries that were dropped, which no entry of their tile refers to any more.

        Raises:
            WorkError: the disk is full or fails; the history stands as it was.
            InputError: the folder cannot be written.
        """
        overview = self._sound_overview()
        regions = {region_of(key): self._entries(region_of(key)) for key in changed}
        newest = overview.newest
        before = {key: regions[region_of(key)].get(key, ()) for key in changed}
        for key, entries in changed.items():
            numbered = []
            for entry in entries:
                newest += entry.number == 0
                numbered.append(entry if entry.number else replace(entry, number=newest))
            regions[region_of(key)][key] = tuple(numbered)
        spare = {key: _spare(entries, shown) for key, entries in regions.items()}
        kept = {key: r.spare_bytes for key, r in overview.regions.items() if key not in spare}
        crowded = any(len(entries) > MAX_PER_TILE for entries in changed.values())
        if crowded or sum(spare.values()) + sum(kept.values()) > self.budget_bytes:
            before.update(self._drop(overview, regions, shown))
        self._write(overview, newest, regions, shown)
        after = {key: regions[region_of(key)].get(key, ()) for key in before}
        return set(names_of(before)) - set(names_of(after))

    def _drop(
        self, overview: Overview, regions: dict[Key, dict[Key, tuple[Entry, ...]]], shown: Shown
    ) -> dict[Key, tuple[Entry, ...]]:
        """Take the oldest entries out of `regions`; what was there before, by tile."""
        total, oldest = self._oldest(overview, regions, shown)
        before: dict[Key, tuple[Entry, ...]] = {}
        for number, key in oldest:
            at = region_of(key)
            over = at in regions and len(regions[at].get(key, ())) > MAX_PER_TILE
            if total <= self.budget_bytes * _ROOM and not over:
                continue
            region = regions.get(at) or self._entries(at)
            held = region.get(key, ())
            before.setdefault(key, held)
            region[key] = tuple(entry for entry in held if entry.number != number)
            total -= _tile_spare(held, shown(key)) - _tile_spare(region[key], shown(key))
            regions[at] = region
        return before

    def _oldest(
        self, overview: Overview, regions: Mapping[Key, Entries], shown: Shown
    ) -> tuple[int, list[tuple[int, Key]]]:
        """Bytes of all that is not on the map, and what to drop first, one region in memory."""
        total = 0

        def droppable() -> Iterator[tuple[int, Key]]:
            nonlocal total
            for at in {**overview.regions, **regions}:
                entries = regions[at] if at in regions else self._entries(at)
                total += _spare(entries, shown)
                yield from _droppable(entries, shown)

        found = set(heapq.nsmallest(_MOST_DROPPED, droppable()))
        for entries in regions.values():
            found.update(_droppable(entries, shown))
        return total, sorted(found)

    def _write(
        self,
        overview: Overview,
        newest: int,
        changed: Mapping[Key, Entries],
        shown: Shown,
    ) -> None:
        regions = dict(overview.regions)
        loaded: dict[str, Entries] = {}
        for key, entries in changed.items():
            left = {at: held for at, held in entries.items() if held}
            if not left:
                regions.pop(key, None)
                continue
            name = write_region(self._store, key, left)
            regions[key] = Region(name, _spare(left, shown))
            loaded[name] = left
        now = write_overview(self._store, newest, regions)
        old = {region.file for region in overview.regions.values()}
        old -= {region.file for region in regions.values()}
        with self._mutex:
            self._overview = now
            for name in old:
                self._loaded.pop(name, None)
        for name, entries in loaded.items():
            self._keep(name, entries)
        self.notice = ""
        self._store.remove(old)

    def refresh(self) -> None:
        """Take note of what another process may have written.

        Raises:
            InputError: the run history is damaged.
        """
        if self._overview is None or digest_of(self._store) != self._overview.digest:
            overview = read_overview(self._store)
            with self._mutex:
                self._overview = overview

    def look(self) -> None:
        """Read the overview; where it is damaged, say so in `notice`."""
        try:
            self.refresh()
        except InputError as error:
            self.notice = f"the run history cannot be read, the map is whole: {error}"

    def _now(self) -> Overview:
        if self._overview is None:
            self.refresh()
        assert self._overview is not None
        return self._overview

    def _sound_overview(self) -> Overview:
        """The overview on disk; an empty one in the place of a damaged one."""
        try:
            self.refresh()
        except InputError:
            return NO_RESULTS
        return self._now()

    def _region(self, key: Key) -> Entries:
        region = self._now().regions.get(key)
        if region is None:
            return {}
        found = self._loaded.get(region.file)
        if found is None:
            entries = read_region(self._store, key, region.file)
            self._keep(region.file, entries)
            return entries
        return found[0]

    def _keep(self, name: str, entries: Entries) -> None:
        """Keep a region in memory, in place of those that were read longest ago."""
        with self._mutex:
            self._loaded[name] = entries, self._store.size_of(name)
            while self.loaded_bytes > LOADED_BYTES and len(self._loaded) > 1:
                del self._loaded[next(iter(self._loaded))]

    def _entries(self, key: Key) -> dict[Key, tuple[Entry, ...]]:
        """A region's entries to be changed; none where they are damaged, to be written anew."""
        try:
            return dict(self._region(key))
        except InputError:
            return {}

    def _retried(self, read: Callable[[], _FoundT]) -> _FoundT:
        """What `read` returns, once more if another thread or process wrote meanwhile."""
        before = self._now()
        try:
            return read()
        except InputError:
            self.refresh()
            if self._now() is before:
                raise
            return read()


def tile_of(name: str) -> Key | None:
    """The (row, column) of the tile that a file belongs to; None for other files."""
    match = _TILE_FILE.match(name)
    return None if match is None else (int(match[1]), int(match[2]))


def _spare(entries: Entries, shown: Shown) -> int:
    """Bytes of files that only the run history needs."""
    return sum(_tile_spare(held, shown(key)) for key, held in entries.items())


def _tile_spare(held: tuple[Entry, ...], shown: tuple[str, ...] | None) -> int:
    sizes = {
        name: size
        for entry in held
        for name, size in zip(entry.names, entry.sizes_bytes, strict=True)
    }
    return sum(size for name, size in sizes.items() if name not in (shown or ()))


def _droppable(entries: Entries, shown: Shown) -> Iterator[tuple[int, Key]]:
    """Numbers and tiles of all entries but the newest of each tile and what is on the map."""
    for key, held in entries.items():
        newest = max((entry.number for entry in held), default=0)
        for entry in held:
            if entry.number != newest and entry.files != shown(key):
                yield entry.number, key
