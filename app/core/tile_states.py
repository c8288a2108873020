"""What each tile is doing, put together from disk, judgement, queue and run; looked up at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from app.core.finished import Finished
from app.core.run_status import TileKind, TileState
from app.core.shelf import ShelfNews
from zones.grid import Grid, TileCoord

_PLAIN: Mapping[TileKind, TileState] = MappingProxyType(
    {kind: TileState(kind) for kind in ("empty", "stale", "queued", "done", "flagged")}
)


class TileStates:
    """The states of a map's tiles; one thread uses it.

    Attributes:
        entries: finished tiles, those that do not stand on the grid included.
        stale: of these, the ones known to be stale.
        flagged: tiles with a visible seam.
        failed: tiles that could not be painted, with the reason.
        queued: tiles that wait, with the number of their job.
    """

    def __init__(self) -> None:
        self.entries: dict[TileCoord, Finished] = {}
        self.stale: set[TileCoord] = set()
        self.flagged: frozenset[TileCoord] = frozenset()
        self.failed: dict[TileCoord, str] = {}
        self.queued: dict[TileCoord, int] = {}
        self._painting: dict[TileCoord, TileState] = {}
        self._landing: dict[TileCoord, int] = {}

    @property
    def painting(self) -> Collection[TileCoord]:
        """Tiles that are being painted right now."""
        return self._painting.keys()

    def of(self, tile: TileCoord) -> TileState:
        """A tile's state."""
        painting = self._painting.get(tile)
        if painting is not None:
            return painting
        if tile in self.queued:
            return _PLAIN["queued"]
        if tile in self.failed:
            return TileState("failed", reason=self.failed[tile])
        return _PLAIN[self._at_rest(tile)]

    def take(self, news: ShelfNews) -> None:
        """Take note of what the shelf found."""
        for tile, entry in news.entries.items():
            before = self.entries.get(tile)
            if before is None or entry is None or before.names != entry.names:
                self.flagged -= {tile}
            if entry is None:
                self.entries.pop(tile, None)
                self.stale.discard(tile)
            else:
                self.entries[tile] = entry
            if tile in self._landing and (
                entry is None or entry.record.sequence >= self._landing[tile]
            ):
                self.rest(tile)
        for tile, is_stale in news.stale.items():
            if tile not in self.entries:
                continue
            if is_stale:
                self.stale.add(tile)
            else:
                self.stale.discard(tile)

    def is_wanted(self, tile: TileCoord) -> bool:
        """Whether a tile is missing or stale."""
        return self._at_rest(tile) in ("empty", "stale")

    def wanted(self, grid: Grid, tiles: Iterable[TileCoord] | None = None) -> list[TileCoord]:
        """Of some tiles, or all of the grid: those that are missing or stale."""
        return [tile for tile in tiles or grid.tiles() if self.is_wanted(tile)]

    def queue(self, tiles: Iterable[TileCoord], job: int) -> None:
        """Note tiles that wait to be painted; what failed before is forgotten."""
        for tile in tiles:
            self.queued[tile] = job
            self.failed.pop(tile, None)

    def paint(
        self,
        tile: TileCoord,
        step: int = 0,
        steps: int = 0,
        preview: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Note that a tile is being painted, and how far it is."""
        self.queued.pop(tile, None)
        before = self._painting.get(tile)
        if preview is None and before is not None:
            preview = before.preview
        self._painting[tile] = TileState("generating", step, steps, preview=preview)

    def land(self, tile: TileCoord, sequence: int) -> None:
        """Note that a tile is painted; it rests as soon as the shelf has found it.

        Args:
            tile: the tile.
            sequence: of its record.
        """
        self.queued.pop(tile, None)
        self.flagged -= {tile}
        if self._has_landed(tile, sequence):
            self.rest(tile)
        else:
            self._landing[tile] = sequence

    def rest(self, tile: TileCoord, reason: str = "") -> None:
        """Note that a tile is neither painted nor waits; with a reason it failed."""
        self.queued.pop(tile, None)
        self._painting.pop(tile, None)
        self._landing.pop(tile, None)
        if reason:
            self.failed[tile] = reason
        else:
            self.failed.pop(tile, None)

    def rest_all(self, job: int | None = None) -> frozenset[TileCoord]:
        """Note that nothing of a job, or of any, waits any more; the tiles that did."""
        gone = {tile for tile, number in self.queued.items() if job in (None, number)}
        for tile in gone:
            del self.queued[tile]
        if job is None:
            gone |= self._painting.keys()
            self._painting = {}
            self._landing = {}
        return frozenset(gone)

    def _has_landed(self, tile: TileCoord, sequence: int) -> bool:
        """Whether the shelf has found a tile's newest picture."""
        entry = self.entries.get(tile)
        return entry is not None and entry.record.sequence >= sequence

    def _at_rest(self, tile: TileCoord) -> TileKind:
        entry = self.entries.get(tile)
        if entry is None or entry.window is None:
            return "empty"
        if tile in self.stale:
            return "stale"
        return "flagged" if tile in self.flagged else "done"
