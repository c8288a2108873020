"""The folder of an open project: saves, finished tiles and their run history, each atomic.

Edits stay in memory until `save`; finished tiles and results are durable when the call returns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from painter import lock, pictures, plain_json, tiles
from painter.catalog import Key, stem
from painter.open_map import OpenMap
from painter.result_files import MAX_SEAM_BYTES, Entry, Status
from painter.results import TileResult, thumbnail_of, tile_of
from painter.saving import Content, Saved, is_current, save, superseded
from painter.shards import Shards
from painter.snapshot import MapSnapshot
from zones.errors import InputError, TilewrightError
from zones.grid import TileCoord


class MapFolder(OpenMap):
    """What writes into the project folder; see `painter.project` for the edits."""

    def claim(self) -> lock.Holder | None:
        """Take the project for this process, for writing; another one can then only read.

        Returns:
            None on success, else the living process that holds it.

        Raises:
            InputError: the folder cannot be written.
            WorkError: the disk is full or fails.
        """
        with self._store.transaction():
            return lock.claim(self.folder)

    def release(self) -> None:
        """Let other processes write again."""
        lock.release(self.folder)

    def save(
        self,
        prelude: Callable[[Saved], None] = lambda _: None,
        *,
        content: Content | None = None,
        sweep: bool = False,
    ) -> None:
        """Write all edits: either all of them are on disk afterwards, or none.

        Args:
            prelude: called with what is about to be saved, inside the transaction.
            content: what the map held a moment ago, to be saved with the tiles that are finished
                now; None takes what it holds now.
            sweep: look through all files for ones of no use, as the first save does anyway;
                other saves only remove what they supersede.

        Raises:
            WorkError: the disk is full or fails, or another program saved meanwhile; the last
                save stands, and the edits stay in memory.
            InputError: the folder cannot be written.
        """
        with self._writing():
            before, taken = self._saved, self._content if content is None else content
            whole = replace(taken, tiles=self._content.tiles)
            self._saved = save(self._store, whole, before, prelude)
            with self._lock:
                if self._content is taken:  # else edits came meanwhile and are still unsaved
                    self._content = self._saved.content
            if sweep or not self._swept:
                self._collect()
            else:
                self._remove_superseded(before)

    def put_tile(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None = None,
        *,
        noted: bool = False,
    ) -> None:
        """Keep a finished tile in place of an older one; durable when the call returns.

        Unsaved edits stay unsaved.

        Args:
            tile: grid position, from 0.
            raw: RGB uint8 (h, w, 3), as decoded, before any blending.
            facts: plain JSON values about the tile: inputs hash, predecessors, seed and so on.
            mask: uint8 (h, w) to keep beside it, or None.
            noted: keep it, and the tile that it replaces, in the run history too.

        Raises:
            InputError: the facts are not plain JSON, or the folder cannot be written.
            WorkError: the disk is full or fails, or another program saved meanwhile; every tile
                kept before is still there.
            ValueError: an array has another shape or type.
        """
        with self._writing():
            key = (tile.row, tile.col)
            files = tiles.write_tile(self._store, tile, raw, facts, mask)
            gone = self._note(key, files, raw, "landed") if noted else set[str]()
            self._commit_tiles({key: files})
            self._remove_unneeded(gone)

    def put_tiles(
        self, finished: Iterable[tuple[TileCoord, npt.NDArray[np.uint8], Mapping[str, Any]]]
    ) -> None:
        """Keep many finished tiles, all of them or none, as for an import; see `put_tile`.

        Args:
            finished: tile, raw window and facts, each tile once.

        Raises:
            InputError: facts are not plain JSON, or the folder cannot be written.
            WorkError: the disk is full or fails, or another program saved meanwhile; every tile
                kept before is still there.
            ValueError: an array has another shape or type.
        """
        with self._writing():
            self._commit_tiles(
                {
                    (tile.row, tile.col): tiles.write_tile(self._store, tile, raw, facts, None)
                    for tile, raw, facts in finished
                }
            )

    def keep_result(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None = None,
        *,
        status: Literal["superseded", "candidate"],
    ) -> None:
        """Keep a result in the run history only; the map stays as it is. See `put_tile`.

        Args:
            tile: grid position, from 0.
            raw: RGB uint8 (h, w, 3).
            facts: plain JSON values about the result.
            mask: uint8 (h, w) to keep beside it, or None.
            status: how it came.

        Raises:
            InputError: the facts are not plain JSON, or the folder cannot be written.
            WorkError: the disk is full or fails; everything kept before is still there.
            ValueError: an array has another shape or type.
        """
        with self._writing():
            key = (tile.row, tile.col)
            files = tiles.write_tile(self._store, tile, raw, facts, mask)
            self._remove_unneeded(self._note(key, files, raw, status))

    def results(self, tile: TileCoord) -> tuple[TileResult, ...]:
        """All results of a tile that are kept, newest first; any thread may ask.

        A tile that was finished before there was a run history is shown as its only result.

        Raises:
            InputError: the run history is damaged there.
        """
        key = (tile.row, tile.col)
        self._results.refresh()
        shown = self._content.tiles.get(key)
        entries = self._with_shown(self._results.of(key), shown)
        return tuple(
            TileResult.of(self._store, tile, entry, on_map=entry.files == shown)
            for entry in reversed(entries)
        )

    def put_back(
        self, tile: TileCoord, result_id: str
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """Put a result of the run history on the map; durable when the call returns.

        Args:
            tile: grid position.
            result_id: of one of its results.

        Returns:
            The files that the map showed before, or None, and those that it shows now.

        Raises:
            InputError: there is no such result, its files are damaged, or the folder cannot be
                written.
            WorkError: the disk is full or fails; the map stays as it is.
        """
        with self._writing():
            found = next((one for one in self.results(tile) if one.id == result_id), None)
            if found is None:
                raise InputError(
                    f"tile {tile} has no result {result_id[:40]!r} any more; choose another one"
                )
            found.raw()
            found.mask()
            key = (tile.row, tile.col)
            before, entries = self._content.tiles.get(key), self._sound_entries(key)
            if before != found.files:
                kept = self._with_shown(entries, before)
                if kept != entries:
                    self._results.put({key: kept}, self._content.tiles.get)
                self._commit_tiles({key: found.files})
            return before, found.files

    def note_seams(self, numbers: Mapping[TileCoord, Mapping[str, Any]]) -> None:
        """Keep seam numbers beside the results that the map shows; other tiles are passed over.

        Args:
            numbers: plain JSON values by tile, each at most 4096 bytes.

        Raises:
            InputError: a value is not plain JSON or too long, or the folder cannot be written.
            WorkError: the disk is full or fails; the run history stands as it was.
        """
        for tile, seams in numbers.items():
            where = f"the seam numbers of tile {tile}"
            plain_json.check_plain(seams, where)
            if len(plain_json.dump(dict(seams))) > MAX_SEAM_BYTES:
                raise InputError(f"{where} take more than {MAX_SEAM_BYTES} bytes; keep fewer")
        with self._writing():
            changed: dict[Key, tuple[Entry, ...]] = {}
            for tile, seams in numbers.items():
                key = (tile.row, tile.col)
                shown = self._content.tiles.get(key)
                before = self._sound_entries(key)
                after = tuple(
                    replace(entry, seams=dict(seams)) if entry.files == shown else entry
                    for entry in self._with_shown(before, shown)
                )
                if after != before:
                    changed[key] = after
            if changed:
                self._remove_unneeded(self._results.put(changed, self._content.tiles.get))

    def remove_tiles(self, coords: Collection[TileCoord]) -> None:
        """Forget finished tiles, at once and durably; ones that are not there are passed over.

        Raises:
            WorkError: the disk is full or fails, or another program saved meanwhile.
            InputError: the folder cannot be written.
        """
        with self._writing():
            self._commit_tiles({(tile.row, tile.col): None for tile in coords})

    def restore_tiles(self, entries: Mapping[tuple[int, int], tuple[str, ...] | None]) -> None:
        """Put files of finished tiles, by (row, column), back in place; None forgets a tile.

        Raises:
            WorkError: the disk is full or fails, or another program saved meanwhile.
            InputError: the folder cannot be written.
        """
        with self._writing():
            self._commit_tiles(entries)

    def _note(
        self, key: Key, files: tuple[str, ...], raw: npt.NDArray[np.uint8], status: Status
    ) -> set[str]:
        """Put a result into the run history; returns files that its budget gives up."""
        shown = self._content.tiles.get(key)
        held = self._with_shown(self._sound_entries(key), shown)
        same = [entry for entry in held if entry.files == files]
        picture = pictures.encode_rgb(thumbnail_of(raw))
        thumbnail = self._store.put(f"{stem('tiles', key)}_thumb", ".png", picture)
        entry = Entry(
            number=0,
            files=files,
            thumbnail=thumbnail,
            sizes_bytes=tuple(map(self._store.size_of, (*files, thumbnail))),
            status="landed" if any(one.status == "landed" for one in same) else status,
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            seams=same[0].seams if same else None,
        )
        others = tuple(one for one in held if one.files != files)

        def then(at: Key) -> tuple[str, ...] | None:
            lands = at == key and status == "landed"
            return files if lands else self._content.tiles.get(at)

        return self._results.put({key: (*others, entry)}, then)

    def _sound_entries(self, key: Key) -> tuple[Entry, ...]:
        """A tile's entries; none where they are damaged, which the next write mends."""
        try:
            return self._results.of(key)
        except InputError:
            return ()

    def _with_shown(
        self, entries: tuple[Entry, ...], shown: tuple[str, ...] | None
    ) -> tuple[Entry, ...]:
        """With what the map shows, also where it was finished before there was a run history."""
        if shown is None or any(entry.files == shown for entry in entries):
            return entries
        sizes = tuple(map(self._store.size_of, shown))
        return (*entries, Entry(0, shown, None, sizes, "landed", ""))

    def _remove_unneeded(self, names: Collection[str]) -> None:
        """Remove files of tiles that neither a manifest nor the map refers to any more."""
        if not names:
            return
        needed = self._keepers.check()
        self._store.remove({name for name in names if not (needed(name) or self._is_shown(name))})

    def _is_shown(self, name: str) -> bool:
        key = tile_of(name)
        return key is None or any(
            name in content.tiles.get(key, ()) for content in (self._content, self._saved.content)
        )

    def _remove_superseded(self, before: Saved) -> None:
        """Remove the files of the save before that nothing refers to any more."""
        needed, snapshots = self._keepers.check(), self._views()
        gone, held = set[str](), set[str]()
        for kind, at, name in superseded(before, self._saved):
            if not needed(name):
                seen = any(snapshot.may_read(kind, at, name) for snapshot in snapshots)
                (held if seen else gone).add(name)
        if self._lent:
            shown = {name for snapshot in snapshots for name in snapshot.stored_names()}
            held |= self._lent & shown
            gone.update(name for name in self._lent - shown if not needed(name))
            gone -= set(self._saved.names())
        self._store.remove(gone)
        self._lent = held

    def _views(self) -> list[MapSnapshot]:
        """Everything through which blocks may still be read that are not of the save."""
        with self._lock:
            unsaved = self._content is not self._saved.content
            return [*self._snapshots, *([self._content.snapshot()] if unsaved else [])]

    def _commit_tiles(self, changes: Mapping[tuple[int, int], tuple[str, ...] | None]) -> None:
        """Save the last save with other tiles, then remove the files they replace."""
        before = self._saved
        entries = Shards.of(before.content.tiles).patched(changes)
        self._saved = save(self._store, replace(before.content, tiles=entries), before)
        with self._lock:
            self._content = replace(self._content, tiles=entries)
        gone = set(before.index["tiles"].values()) - set(self._saved.index["tiles"].values())
        for key in changes:
            gone.update(set(before.content.tiles.get(key) or ()) - set(entries.get(key) or ()))
        needed = self._keepers.check()
        self._store.remove({name for name in gone if not needed(name)})
        for name in gone:
            self._sidecars.pop(name, None)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Have the folder for oneself; a failed write gives its space back.

        The map can be edited meanwhile: what is painted waits for no disk.
        """
        with self._store.transaction():
            lock.refuse_if_held(self.folder)
            with self._tidy_on_failure():
                yield

    @contextlib.contextmanager
    def _tidy_on_failure(self) -> Iterator[None]:
        """Give back the space of files that a failed save wrote, if the last save still stands."""
        try:
            yield
        except TilewrightError:
            with contextlib.suppress(TilewrightError, OSError):
                if is_current(self._store, self._saved):
                    self._collect()
            raise

    def _collect(self) -> None:
        """Remove files that neither a manifest nor a living snapshot refers to."""
        snapshots = self._views()
        pinned = self._keepers.names()
        if pinned is None:
            return
        self._swept = True
        kept = pinned | set(self._saved.names())
        shown = {name for one in snapshots for name in one.stored_names()}
        self._lent = shown - kept
        kept |= shown
        self._store.collect(kept)
