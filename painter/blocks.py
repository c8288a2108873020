"""How the blocks of each raster layer look as files: PNGs that any viewer shows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from painter import pictures
from painter.catalog import Entries, stem
from painter.layers import BLOCK_PX, BlockLayer, Held, Position
from painter.manifest import Kind
from painter.shards import Shards
from painter.store import Store
from painter.zone_images import check_ids
from zones.errors import InputError
from zones.geometry import Rect
from zones.palette import Palette

MAX_BLOCK_BYTES = 4 * BLOCK_PX * BLOCK_PX
"""Longest block file that is read: more than incompressible RGB needs."""

ZONE_BLOCKS_CACHED = 128
MASK_BLOCKS_CACHED = 64
ART_BLOCKS_CACHED = 48
"""Decoded blocks kept in memory per layer: 32, 16 and 36 MiB."""

ScalarT = TypeVar("ScalarT", np.uint8, np.bool_)


def zone_layer(store: Store, size: tuple[int, int], palette: Palette) -> BlockLayer[np.uint8]:
    """The empty zone layer of a map; stored ids are checked against the palette when read."""

    @lru_cache(maxsize=ZONE_BLOCKS_CACHED)
    def load(name: str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
        ids = _decoded(store, name, shape, "P")
        check_ids(ids, palette, f"the project's file {store.root / name}")
        return _frozen(ids)

    return BlockLayer(_map(size), 0, np.uint8, {}, load)


def protect_layer(store: Store, size: tuple[int, int]) -> BlockLayer[np.bool_]:
    """The empty protect layer of a map."""

    @lru_cache(maxsize=MASK_BLOCKS_CACHED)
    def load(name: str, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
        return _frozen(_decoded(store, name, shape, "1").astype(np.bool_))

    return BlockLayer(_map(size), 0, np.bool_, {}, load)


def art_layer(store: Store, size: tuple[int, int]) -> BlockLayer[np.uint8]:
    """The empty art layer of a map."""

    @lru_cache(maxsize=ART_BLOCKS_CACHED)
    def load(name: str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
        return _frozen(_decoded(store, name, shape, "RGB"))

    return BlockLayer(_map(size), 3, np.uint8, {}, load)


def filled(
    layer: BlockLayer[ScalarT], entries: Mapping[Position, tuple[str, ...]]
) -> BlockLayer[ScalarT]:
    """A layer whose blocks are the stored ones of an index.

    Raises:
        InputError: one lies outside of the map.
    """
    for column, row in entries:
        if column * BLOCK_PX >= layer.map_rect.width or row * BLOCK_PX >= layer.map_rect.height:
            raise InputError(
                f"the project has a block {column},{row} outside of its map; restore it from a copy"
            )
    return layer.with_blocks({position: names[0] for position, names in entries.items()})


def store_blocks(
    store: Store,
    kind: Kind,
    layer: BlockLayer[ScalarT],
    last: BlockLayer[ScalarT],
    palette: Palette,
) -> BlockLayer[ScalarT]:
    """Write the blocks that are only in memory; the layer that comes back has names for all.

    Args:
        store: takes the files.
        kind: of the layer.
        layer: to be stored.
        last: an earlier form of it, of which every block is stored.
        palette: for the colours in which zones are shown.
    """
    stored: dict[Position, Held | None] = {}
    for at in layer.changed_from(last):
        held = layer.blocks.get(at)
        if held is not None and not isinstance(held, str):
            stored[at] = store_block(store, kind, at, held, palette)
    return layer.patched(stored)


def store_block(store: Store, kind: Kind, position: Position, held: Held, palette: Palette) -> str:
    """The name of a block's file, which is written unless that was done before."""
    if isinstance(held, str):
        return held
    start = stem(kind, position)
    name = store.known_name(start, held)
    if name is None:
        name = store.put(start, ".png", _encoded(held, palette))
        store.remember_name(start, held, name)
    return name


def block_names(layer: BlockLayer[ScalarT], last: BlockLayer[ScalarT], entries: Entries) -> Entries:
    """Index entries of a layer whose blocks are all stored, from those of an earlier form."""
    moved: dict[Position, tuple[str, ...] | None] = {}
    for at in layer.changed_from(last):
        held = layer.blocks.get(at)
        names = (held,) if isinstance(held, str) else None
        if names != entries.get(at):
            moved[at] = names
    return Shards.of(entries).patched(moved) if moved else entries


def _encoded(block: npt.NDArray[np.uint8] | npt.NDArray[np.bool_], palette: Palette) -> bytes:
    if block.ndim == 3:  # noqa: PLR2004 - RGB
        return pictures.encode_rgb(block.astype(np.uint8, copy=False))
    if block.dtype == np.bool_:
        return pictures.encode_bits(block.astype(np.bool_, copy=False))
    return pictures.encode_indexed(block.astype(np.uint8, copy=False), palette.colour_table())


def _decoded(store: Store, name: str, shape: tuple[int, int], mode: str) -> npt.NDArray[np.uint8]:
    where = f"the project's file {store.root / name}"
    data = store.get(name, MAX_BLOCK_BYTES)
    return pictures.decode(data, where, (mode,), (shape[1], shape[0]))


def _frozen(values: npt.NDArray[ScalarT]) -> npt.NDArray[ScalarT]:
    values.setflags(write=False)
    return values


def _map(size: tuple[int, int]) -> Rect:
    return Rect(0, 0, *size)
