"""Finished tiles as they lie on disk, read without keeping the document waiting."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from generation.plan.stitch import RawWindow, Stitch
from generation.run.records import TileRecord
from generation.run.world import World
from painter.store import Store
from painter.tiles import Sidecar, read_mask, read_raw, read_sidecar
from zones.grid import Grid, TileCoord

PIXEL_BUDGET_BYTES = 96 * 2**20
"""Raw windows kept decoded: 32 of 1024 px."""


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """One finished tile.

    Attributes:
        names: of its files.
        sidecar: as read.
        record: what the run said about it.
        window: how it lies in the stitched map; None where it does not stand on the grid.
    """

    names: tuple[str, ...]
    sidecar: Sidecar
    record: TileRecord
    window: RawWindow | None = None


class PixelCache:
    """Raw windows of a project's files, the last ones kept decoded; for any thread.

    Args:
        store: the project's files.
        budget_bytes: of decoded windows.
    """

    def __init__(self, store: Store, budget_bytes: int = PIXEL_BUDGET_BYTES) -> None:
        self._store = store
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[str, npt.NDArray[np.uint8]] = OrderedDict()
        self._bytes = 0
        self._mutex = threading.Lock()

    def raw(self, sidecar: Sidecar) -> npt.NDArray[np.uint8]:
        """A raw window, uint8 (h, w, 3), read-only.

        Raises:
            InputError: its file is missing or damaged.
        """
        with self._mutex:
            found = self._kept.get(sidecar.raw)
            if found is not None:
                self._kept.move_to_end(sidecar.raw)
                return found
        pixels = read_raw(self._store, sidecar)
        with self._mutex:
            if sidecar.raw not in self._kept:
                self._kept[sidecar.raw] = pixels
                self._bytes += pixels.nbytes
            while self._bytes > self._budget_bytes and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return pixels


class FinishedTiles:
    """Some finished tiles at one moment; a `generation.run.records.TileStore` to read from.

    Args:
        store: the project's files.
        pixels: of the raw windows.
        entries: the tiles.
    """

    def __init__(
        self, store: Store, pixels: PixelCache, entries: Mapping[TileCoord, Finished]
    ) -> None:
        self._store = store
        self._pixels = pixels
        self.entries = entries

    def records(self) -> Mapping[TileCoord, TileRecord]:
        """The record of every tile."""
        return {tile: found.record for tile, found in self.entries.items()}

    def record(self, tile: TileCoord) -> TileRecord | None:
        """The record of one tile, or None."""
        found = self.entries.get(tile)
        return None if found is None else found.record

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window."""
        return self._pixels.raw(self.entries[tile].sidecar)

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, or None."""
        return read_mask(self._store, self.entries[tile].sidecar)

    def put(
        self,
        record: TileRecord,
        _rgb: npt.NDArray[np.uint8],
        _mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Refuse: these tiles are a view; runs keep theirs through the document.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"a view of finished tiles cannot keep tile {record.tile}")

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Refuse, as `put`.

        Raises:
            TypeError: always.
        """
        self.put(record, rgb, mask)


def around(
    grid: Grid, tile: TileCoord, entries: Mapping[TileCoord, Finished]
) -> dict[TileCoord, Finished]:
    """A tile and its neighbours, of those that are finished: all that compiling it can see."""
    near = {tile, *(neighbour.tile for neighbour in grid.neighbours(tile))}
    return {one: entries[one] for one in sorted(near) if one in entries}


def read_finished(store: Store, tile: TileCoord, names: tuple[str, ...]) -> Finished:
    """Read a finished tile's facts.

    Raises:
        InputError: its sidecar is missing or damaged.
    """
    sidecar = read_sidecar(store, tile, names)
    return Finished(names, sidecar, TileRecord.from_json(sidecar.facts))


def placed(world: World, grid: Grid, store: Store, pixels: PixelCache, found: Finished) -> Finished:
    """The same tile with its place in the stitched map.

    Raises:
        InputError: its mask is missing or damaged.
    """
    if not found.record.stands_on(grid):
        return replace(found, window=None)
    tile = found.record.tile
    view = FinishedTiles(store, pixels, {tile: found})
    window = world.stitch(grid, view, {tile: found.record}).windows[0]
    return replace(found, window=window)


def stitched(
    world: World, grid: Grid, pixels: PixelCache, entries: Mapping[TileCoord, Finished]
) -> Stitch | None:
    """The stitched map of placed tiles; frozen. None where no tile stands on the grid."""
    standing = [found for found in entries.values() if found.window is not None]
    if not standing:
        return None
    standing.sort(key=lambda found: found.record.sequence)
    sidecars = {found.record.tile: found.sidecar for found in standing}
    windows = tuple(found.window for found in standing if found.window is not None)
    source: Callable[[TileCoord], npt.NDArray[np.uint8]] = lambda tile: pixels.raw(  # noqa: E731
        sidecars[tile]
    )
    return Stitch(grid, windows, source, world.reader)
