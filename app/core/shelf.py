"""Which finished tiles are there and which are stale, kept up to date in small helpings of work.

Thread: one at a time, the io thread; what comes out is frozen. Only tiles whose windows touch a
change are judged anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from app.core.finished import Finished, PixelCache, placed, read_finished, stitched
from generation.plan.stitch import Stitch
from generation.run.world import World
from painter.catalog import Entries
from painter.store import Store
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Grid, TileCoord


@dataclass(frozen=True, slots=True, eq=False)
class ShelfNews:
    """What a helping of work found.

    Attributes:
        entries: tiles that are finished, or with None no longer.
        stale: judged tiles, and whether they are stale.
        faults: tiles whose files are damaged, with the sentence that says so.
        changed: every tile that may look or be judged otherwise now.
        stitch: the stitched map after it; None where nothing is finished.
        more: whether work is left.
        failure: the last one, as long as something waits for another try because of it.
    """

    entries: Mapping[TileCoord, Finished | None]
    stale: Mapping[TileCoord, bool]
    faults: Mapping[TileCoord, str]
    changed: frozenset[TileCoord]
    stitch: Stitch | None
    more: bool
    failure: Exception | None = None


_Names = tuple[str, ...] | None
_Queue = dict[TileCoord, _Names]
"""Tiles that wait, with their files where those are to be read."""


@dataclass(slots=True)
class _Found:
    """News being gathered."""

    entries: dict[TileCoord, Finished | None] = field(default_factory=dict)
    stale: dict[TileCoord, bool] = field(default_factory=dict)
    faults: dict[TileCoord, str] = field(default_factory=dict)
    changed: set[TileCoord] = field(default_factory=set)


class Shelf:
    """The finished tiles of one project.

    Args:
        store: the project's files.
        closing: once it is set, `work` stops early.
    """

    def __init__(self, store: Store, closing: threading.Event | None = None) -> None:
        self._store = store
        self._closing = closing or threading.Event()
        self.pixels = PixelCache(store)
        self._world: World | None = None
        self._grid: Grid | None = None
        self._entries: dict[TileCoord, Finished] = {}
        self._unread: _Queue = {}
        self._unplaced: _Queue = {}
        self._dirty: _Queue = {}
        self._aside: list[tuple[_Queue, TileCoord, _Names]] = []
        self._repainted: set[TileCoord] = set()
        self._stitch: Stitch | None = None
        self._restitch = False
        self._failure: Exception | None = None

    @property
    def pending(self) -> int:
        """How many tiles wait to be read, placed or judged."""
        return len(self._unread) + len(self._unplaced) + (len(self._dirty) if self._judges else 0)

    @property
    def _judges(self) -> bool:
        """Whether the model is known, without whose hash nothing can be judged."""
        return self._world is not None and bool(self._world.model_hash)

    def look(self, files: Entries) -> None:
        """Read tiles again whose files are others than those read; all of them at first."""
        self._try_again()
        known = {tile: found.names for tile, found in self._entries.items()}
        known |= {tile: names for tile, names in self._unread.items() if names is not None}
        now = {TileCoord(*key): names for key, names in files.items()}
        for tile in known.keys() - now.keys():
            self._unread[tile] = None
        for tile, names in now.items():
            if known.get(tile) != names:
                self._unread[tile] = names

    def look_at(self, tiles: Iterable[TileCoord], files: Entries) -> None:
        """Read some tiles again, whose files came, went or were exchanged."""
        self._try_again()
        for tile in tiles:
            self._unread[tile] = files.get((tile.row, tile.col))

    def change_world(self, world: World, grid: Grid) -> None:
        """Judge everything anew: another model, prompt, seed, palette or layout."""
        self._try_again()
        before = self._world
        self._world = world
        if grid != self._grid or before is None or before.profile != world.profile:
            self._grid = grid
            self._unplaced = dict.fromkeys(self._entries, None)
        self._dirty = dict.fromkeys(self._entries, None)

    def touch(self, world: World, rects: Iterable[Rect], art: Iterable[Rect] = ()) -> None:
        """Judge those tiles anew whose windows touch a change of what is painted.

        Args:
            world: as it is after the change.
            rects: where anything is painted differently.
            art: where protection, or the art it keeps, is other: the stitched map too.
        """
        self._try_again()
        self._world = world
        for rect in rects:
            self._dirty.update(dict.fromkeys(self._touched(rect), None))
        for rect in art:
            self._restitch = True
            self._repainted.update(self._touched(rect, every=True))

    def work(self, budget_s: float = 0.05) -> ShelfNews:
        """Read, place and judge tiles until the time is up.

        A tile at which it fails is set aside, and a stitched map that fails stays as it was, until
        the shelf is told something again; all else goes on.

        Args:
            budget_s: about how long; at least one tile is done.
        """
        until = time.monotonic() + budget_s
        found = _Found(changed=self._repainted)
        self._repainted = set()
        while self._next(found):
            if time.monotonic() >= until or self._closing.is_set():
                break
        self._stitch_anew(found)
        if not (self._aside or self.pending or self._must_stitch):
            self._failure = None
        return ShelfNews(
            entries=found.entries,
            stale=found.stale,
            faults=found.faults,
            changed=frozenset(found.changed),
            stitch=self._stitch,
            more=self.pending > 0,
            failure=self._failure,
        )

    @property
    def _must_stitch(self) -> bool:
        """Whether the stitched map is not what it should be by now."""
        return self._restitch and self._world is not None and self._grid is not None

    def _stitch_anew(self, found: _Found) -> None:
        """Stitch if need be; where that fails, what changed is told again when it succeeds."""
        if not self._restitch or self._world is None or self._grid is None:
            return
        try:
            self._stitch = stitched(self._world, self._grid, self.pixels, self._entries)
        except Exception as error:  # noqa: BLE001 - told with the news
            self._failure = error.with_traceback(None)
            self._repainted |= found.changed
            return
        self._restitch = False

    def _try_again(self) -> None:
        """Have what was set aside wait once more."""
        for queue, tile, names in self._aside:
            queue.setdefault(tile, names)
        self._aside = []

    def _next(self, found: _Found) -> bool:
        """Do one piece of work; False where none is left."""
        if self._unread:
            self._do(self._unread, self._read, found)
        elif self._unplaced and self._world is not None:
            self._do(self._unplaced, self._place, found)
        elif self._dirty and self._judges:
            self._do(self._dirty, self._judge, found)
        return self.pending > 0

    def _do(self, queue: _Queue, act: Callable[[TileCoord, _Found], None], found: _Found) -> None:
        """Do the first of a queue, or set it aside."""
        tile, names = next(iter(queue.items()))
        try:
            act(tile, found)
        except Exception as error:  # noqa: BLE001 - told with the news
            self._failure = error.with_traceback(None)
            self._aside.append((queue, tile, names))
        queue.pop(tile, None)

    def _read(self, tile: TileCoord, found: _Found) -> None:
        found.changed.add(tile)
        names = self._unread[tile]
        try:
            entry = None if names is None else read_finished(self._store, tile, names)
        except InputError as error:
            entry, found.faults[tile] = None, str(error)
        self._restitch = True
        if entry is None:
            self._forget(tile, found)
            return
        found.faults.pop(tile, None)
        self._entries[tile] = found.entries[tile] = entry
        self._unplaced.pop(tile, None)
        if self._world is None:
            self._unplaced[tile] = None
        else:
            self._place(tile, found)
        self._dirty[tile] = None

    def _place(self, tile: TileCoord, found: _Found) -> None:
        entry = self._entries.get(tile)
        if entry is None or self._world is None or self._grid is None:
            return
        found.changed.add(tile)
        self._restitch = True
        try:
            entry = placed(self._world, self._grid, self._store, self.pixels, entry)
        except InputError as error:
            found.faults[tile] = str(error)
            self._forget(tile, found)
            return
        self._entries[tile] = found.entries[tile] = entry

    def _judge(self, tile: TileCoord, found: _Found) -> None:
        entry = self._entries.get(tile)
        if entry is None or self._world is None or self._grid is None:
            return
        found.stale[tile] = not self._world.is_fresh(self._grid, entry.record)
        found.changed.add(tile)

    def _forget(self, tile: TileCoord, found: _Found) -> None:
        self._entries.pop(tile, None)
        self._unplaced.pop(tile, None)
        self._dirty.pop(tile, None)
        found.stale.pop(tile, None)
        found.entries[tile] = None

    def _touched(self, rect: Rect, *, every: bool = False) -> Iterable[TileCoord]:
        """Tiles whose windows touch a rectangle: finished ones, or all."""
        grid = self._grid
        if grid is None or not rect.area:
            return ()
        if rect.area // grid.stride_px**2 > max(64, len(self._entries)) and not every:
            return tuple(self._entries)
        near = (placed.tile for placed in grid.windows_touching(rect))
        return near if every else (tile for tile in near if tile in self._entries)
