"""Index files: for each kind of content and region of the map, which files hold it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product

from painter import plain_json
from painter.layers import BLOCK_PX
from painter.manifest import Kind
from painter.shards import Shards
from painter.store import Store, check_name
from zones.errors import InputError

Key = tuple[int, int]
"""Position of an entry: block column and row, tile row and column, or region column and row."""

Entries = Mapping[Key, tuple[str, ...]]
"""File names by position."""

MAX_INDEX_BYTES = 16 * 2**20

TILES_PER_REGION = 32
_REGION_PX = 4096
_MAX_REGIONS_PER_SIDE = 16
_FOLDER: dict[Kind, str] = {
    "zones": "zones",
    "protect": "protect",
    "art": "art",
    "strokes": "stencils",
    "tiles": "tiles",
}
_MAX_FILES = {"tiles": 3}
_KEY = re.compile(r"(0|[1-9][0-9]{0,5})_(0|[1-9][0-9]{0,5})", re.ASCII)


def region_px(size: tuple[int, int]) -> int:
    """Side of a region: at most 16 regions per side, so the manifest's size has a bound."""
    side = _REGION_PX
    while side * _MAX_REGIONS_PER_SIDE < max(size):
        side *= 2
    return side


def span(kind: Kind, size: tuple[int, int]) -> int:
    """How many positions in a row share one index file."""
    if kind == "tiles":
        return TILES_PER_REGION
    return _MAX_REGIONS_PER_SIDE if kind == "strokes" else region_px(size) // BLOCK_PX


def stem(kind: Kind, key: Key) -> str:
    """Start of the names of the files at a position, as in `zones/3_4` or `tiles/r3_c4`."""
    first, second = key
    own = f"r{first}_c{second}" if kind == "tiles" else f"{first}_{second}"
    return f"{_FOLDER[kind]}/{own}"


def write_entries(
    store: Store,
    kind: Kind,
    per_index: int,
    entries: Entries,
    old: tuple[Entries, Mapping[str, str]],
) -> dict[str, str]:
    """Write the index files of regions whose entries changed.

    Args:
        store: takes the files.
        kind: of content.
        per_index: see `span`.
        entries: all entries of the kind.
        old: the entries and index names of the last save.

    Returns:
        Index file names by region.
    """
    old_entries, old_names = old
    if entries is old_entries:
        return dict(old_names)
    stale = {_region(key, per_index) for key in moved_keys(entries, old_entries)}
    names = {region: name for region, name in old_names.items() if region not in stale}
    by_region: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for key in _keys_of(stale, per_index, entries):
        by_region[_region(key, per_index)][f"{key[0]}_{key[1]}"] = list(entries[key])
    for region, content in by_region.items():
        data = plain_json.dump({"kind": kind, "region": region, "entries": content})
        names[region] = store.put(f"index/{kind}_{region}", ".json", data)
    return names


def moved_keys(entries: Entries, old: Entries) -> set[Key]:
    """The positions whose entries are not the same."""
    if isinstance(entries, Shards) and isinstance(old, Shards):
        return {key for key in entries.changed(old) if entries.get(key) != old.get(key)}
    return {key for key, _ in entries.items() ^ old.items()}


def read_entries(
    store: Store, kind: Kind, per_index: int, names: Mapping[str, str]
) -> Shards[tuple[str, ...]]:
    """Read the index files of a kind.

    Raises:
        InputError: one is missing or damaged, or names files that are not the project's own.
    """
    entries: dict[Key, tuple[str, ...]] = {}
    for region, name in names.items():
        where = f"the project's file {store.root / name}"
        document = plain_json.parse(store.get(name, MAX_INDEX_BYTES), where)
        for key, files in _content(document, kind, region, where).items():
            position = parse_key(key, where)
            if _region(position, per_index) != region:
                raise _damaged(where)
            entries[position] = _files(files, kind, position, where)
    return Shards.of(entries)


def _keys_of(regions: set[str], per_index: int, entries: Entries) -> Iterator[Key]:
    """The positions in use of some regions: by looking each up, or by going through all."""
    if len(regions) * per_index * per_index > len(entries):
        yield from (key for key in entries if _region(key, per_index) in regions)
        return
    for region in regions:
        first, second = (int(part) * per_index for part in region.split("_"))
        span_keys = product(range(first, first + per_index), range(second, second + per_index))
        yield from (key for key in span_keys if key in entries)


def _region(key: Key, per_index: int) -> str:
    return f"{key[0] // per_index}_{key[1] // per_index}"


def _content(document: object, kind: Kind, region: str, where: str) -> dict[str, object]:
    if not isinstance(document, dict) or set(document) != {"kind", "region", "entries"}:
        raise _damaged(where)
    entries = document["entries"]
    if (document["kind"], document["region"]) != (kind, region) or not isinstance(entries, dict):
        raise _damaged(where)
    return entries


def parse_key(text: str, where: str) -> Key:
    """A position from its text, as in "3_4".

    Raises:
        InputError: it is something else.
    """
    match = _KEY.fullmatch(text)
    if match is None:
        raise _damaged(where)
    return int(match[1]), int(match[2])


def _files(files: object, kind: Kind, key: Key, where: str) -> tuple[str, ...]:
    if not isinstance(files, list) or not 1 <= len(files) <= _MAX_FILES.get(kind, 1):
        raise _damaged(where)
    start = stem(kind, key)
    starts = (f"{start}-", f"{start}_mask-")
    for name in files:
        if not isinstance(name, str):
            raise _damaged(where)
        check_name(name, where)
        if not name.startswith(starts):
            raise _damaged(where)
    return tuple(files)


def _damaged(where: str) -> InputError:
    return InputError(f"{where} is not a valid index; restore the project from a copy")
