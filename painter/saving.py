"""From the content of a map to its files and back; the manifest is always replaced last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from painter import blocks, plain_json
from painter.catalog import Entries, Key, moved_keys, read_entries, span, write_entries
from painter.layers import BlockLayer
from painter.manifest import KINDS, MAX_BYTES, Header, Kind, Manifest, palette_of, parse_manifest
from painter.shards import Shards
from painter.snapshot import MapSnapshot
from painter.store import MANIFEST_NAME, Store, content_hash
from painter.stroke_sets import read_sets, write_sets
from zones.errors import WorkError
from zones.palette import Palette
from zones.strokes import Stroke


@dataclass(frozen=True, eq=False)
class Content:
    """All that a project holds, immutable; layers may have blocks that are not on disk yet.

    Attributes:
        header: size, prompts, seed, model, settings.
        palette: the header's palette, read.
        zones: layer of ids.
        protect: layer of protected pixels.
        art: layer of pixels that protected places keep.
        strokes: in paint order.
        tiles: file names of finished tiles by (row, column): sidecar, raw window, maybe mask.
    """

    header: Header
    palette: Palette
    zones: BlockLayer[np.uint8]
    protect: BlockLayer[np.bool_]
    art: BlockLayer[np.uint8]
    strokes: tuple[Stroke, ...]
    tiles: Entries

    def snapshot(self) -> MapSnapshot:
        """An unchanging view of the painted map."""
        width_px, height_px = self.header.size
        return MapSnapshot(width_px, height_px, self.zones, self.protect, self.art, self.strokes)


@dataclass(frozen=True, eq=False)
class Saved:
    """What a manifest on disk says.

    Attributes:
        content: with every block stored.
        entries: file names by kind and position.
        index: index file names by kind and region.
        digest: content hash of the manifest's bytes; "" before the first save.
    """

    content: Content
    entries: Mapping[Kind, Entries]
    index: Mapping[Kind, Mapping[str, str]]
    digest: str

    @property
    def paint_digest(self) -> str:
        """Fingerprint of all that is painted: everything but the header and finished tiles."""
        painted = {kind: dict(self.index[kind]) for kind in KINDS if kind != "tiles"}
        return content_hash(plain_json.dump(painted))

    def index_names(self) -> Iterator[str]:
        """Every index file."""
        for regions in self.index.values():
            yield from regions.values()

    def names(self) -> Iterator[str]:
        """Every file that the manifest refers to, directly or through an index."""
        yield from self.index_names()
        for entries in self.entries.values():
            for files in entries.values():
                yield from files


def empty_content(store: Store, header: Header) -> Content:
    """A map of which nothing is painted."""
    palette = palette_of(header)
    size = header.size
    return Content(
        header=header,
        palette=palette,
        zones=blocks.zone_layer(store, size, palette),
        protect=blocks.protect_layer(store, size),
        art=blocks.art_layer(store, size),
        strokes=(),
        tiles=Shards({}, 0),
    )


def unsaved(content: Content) -> Saved:
    """The state before a project's first save."""
    nothing: dict[Kind, Entries] = {kind: Shards({}, 0) for kind in KINDS}
    return Saved(content, nothing, {kind: {} for kind in KINDS}, "")


def load(store: Store) -> Saved:
    """Read a project: everything but the pixels.

    Raises:
        InputError: a file is missing, damaged, from a newer version or not the project's own.
    """
    data = store.read_manifest(MAX_BYTES)
    manifest = parse_manifest(data, f"{store.root}/{MANIFEST_NAME}")
    return replace(load_manifest(store, manifest), digest=content_hash(data))


def load_manifest(store: Store, manifest: Manifest) -> Saved:
    """Read what a manifest names: everything but the pixels; the digest is "".

    Raises:
        InputError: a file is missing, damaged or not the project's own.
    """
    size = manifest.size
    index: dict[Kind, dict[str, str]] = {kind: manifest.index.get(kind, {}) for kind in KINDS}
    entries = {kind: read_entries(store, kind, span(kind, size), index[kind]) for kind in KINDS}
    empty = empty_content(store, manifest.header())
    content = replace(
        empty,
        zones=blocks.filled(empty.zones, entries["zones"]),
        protect=blocks.filled(empty.protect, entries["protect"]),
        art=blocks.filled(empty.art, entries["art"]),
        strokes=read_sets(store, entries["strokes"], empty.palette, size),
        tiles=entries["tiles"],
    )
    return Saved(content, entries, index, "")


def prepare(store: Store, content: Content, last: Saved) -> Saved:
    """Write what changed since `last`, all but the manifest; the digest is "".

    Call it inside the store's transaction.

    Raises:
        WorkError: the disk is full or fails.
        InputError: the folder cannot be written.
    """
    stored = _stored(store, content, last.content)
    entries = _entries(store, stored, last)
    size = content.header.size
    index = {
        kind: write_entries(
            store, kind, span(kind, size), entries[kind], (last.entries[kind], last.index[kind])
        )
        for kind in KINDS
    }
    return Saved(stored, entries, index, "")


def save(
    store: Store,
    content: Content,
    last: Saved,
    prelude: Callable[[Saved], None] = lambda _: None,
) -> Saved:
    """Write what changed since the last save, then replace the manifest.

    Call it inside the store's transaction.

    Args:
        store: takes the files.
        content: what to save.
        last: what the manifest on disk says.
        prelude: called with what was prepared, before the manifest is replaced.

    Raises:
        WorkError: the disk is full or fails, or another program saved meanwhile; the last save
            stands.
        InputError: the folder cannot be written.
    """
    on_disk = store.read_manifest(MAX_BYTES) if last.digest else b""
    ours = not last.digest or content_hash(on_disk) == last.digest or store.is_own_attempt(on_disk)
    if not ours:
        raise WorkError(
            f"another program saved {store.root} since it was opened here; "
            "close it there and open the project again"
        )
    prepared = prepare(store, content, last)
    prelude(prepared)
    data = manifest_of(prepared).to_bytes()
    if content_hash(data) != last.digest:
        store.replace_manifest(data)
    return replace(prepared, digest=content_hash(data))


def manifest_of(saved: Saved) -> Manifest:
    """The manifest that says the same."""
    return Manifest(
        **dict(saved.content.header),
        index={kind: dict(regions) for kind, regions in saved.index.items()},
    )


def is_current(store: Store, saved: Saved) -> bool:
    """Whether the manifest on disk is still the one of this save.

    Raises:
        InputError: it cannot be read.
    """
    return content_hash(store.read_manifest(MAX_BYTES)) == saved.digest


def _stored(store: Store, content: Content, last: Content) -> Content:
    palette = content.palette
    return replace(
        content,
        zones=blocks.store_blocks(store, "zones", content.zones, last.zones, palette),
        protect=blocks.store_blocks(store, "protect", content.protect, last.protect, palette),
        art=blocks.store_blocks(store, "art", content.art, last.art, palette),
    )


def _entries(store: Store, stored: Content, last: Saved) -> dict[Kind, Entries]:
    strokes = last.entries["strokes"]
    if stored.strokes is not last.content.strokes:
        strokes = write_sets(store, stored.strokes, stored.header.size)
    entries: dict[Kind, Entries] = {"strokes": strokes, "tiles": stored.tiles}
    layers: tuple[Literal["zones", "protect", "art"], ...] = ("zones", "protect", "art")
    for kind in layers:
        layer, before = getattr(stored, kind), getattr(last.content, kind)
        entries[kind] = blocks.block_names(layer, before, last.entries[kind])
    return entries


def superseded(before: Saved, now: Saved) -> Iterator[tuple[Kind, Key, str]]:
    """Files that an earlier save refers to and a later one does not.

    Yields:
        Kind of content, position and name; index files have the position (-1, -1).
    """
    for kind in KINDS:
        regions = now.index[kind]
        for region, name in before.index[kind].items():
            if regions.get(region) != name:
                yield kind, (-1, -1), name
        held = now.entries[kind]
        if before.index[kind] != regions:
            earlier = before.entries[kind]
            for key in moved_keys(held, earlier):
                gone = set(earlier.get(key, ())) - set(held.get(key, ()))
                yield from ((kind, key, name) for name in gone)
