"""The run history of tiles on disk: `results.json` names an index file for each few tiles.

An index file holds the entries of 8 x 8 tiles, so keeping a result writes little on a map of any
size. What an entry names are the tile's own immutable files, which the map may use as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from painter import plain_json
from painter.catalog import Key, parse_key, stem
from painter.manifest import SCHEMA_VERSION, first_complaint, migrated
from painter.store import RESULTS_NAME, Store, check_name, content_hash, hash_in
from zones.errors import InputError

Status = Literal["landed", "superseded", "candidate"]
"""How a result came: put on the map, made from inputs that changed meanwhile, or one of several."""

TILES_PER_REGION = 8
"""Tiles in a row that share one index file."""

MAX_PER_TILE = 100
"""Results of one tile that are kept at most."""

MAX_SEAM_BYTES = 4096
"""Longest seam numbers of one result, as JSON."""

_MAX_MANIFEST_BYTES = 8 * 2**20
_MAX_REGION_BYTES = 64 * 2**20
_MAX_ITEMS = 2_000_000
_MAX_FILES = 3
_Count = Annotated[int, Field(ge=0, lt=2**53)]
_Key = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,5})_(0|[1-9][0-9]{0,5})$")]

Entries = Mapping[Key, tuple["Entry", ...]]
"""Entries by (row, column) of their tile, oldest first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One result of a tile; immutable.

    Attributes:
        number: grows with every result of a project.
        files: of the tile: sidecar, raw window, maybe mask.
        thumbnail: name of its picture, or None.
        sizes_bytes: of the files, then of the thumbnail.
        status: how it came.
        when: ISO 8601 UTC, or "" where that is unknown.
        seams: plain JSON values, or None.
    """

    number: int
    files: tuple[str, ...]
    thumbnail: str | None
    sizes_bytes: tuple[int, ...]
    status: Status
    when: str
    seams: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        """What names the result: the content hash of its sidecar."""
        return hash_in(self.files[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Every file it refers to, in the order of `sizes_bytes`."""
        return self.files if self.thumbnail is None else (*self.files, self.thumbnail)


class _EntryFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    number: _Count
    files: Annotated[list[str], Field(min_length=1, max_length=_MAX_FILES)]
    thumbnail: str | None
    sizes: Annotated[list[_Count], Field(max_length=_MAX_FILES + 1)]
    status: Status
    when: Annotated[str, Field(max_length=40)]
    seams: dict[str, Any] | None


class _RegionFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    region: _Key
    tiles: Annotated[
        dict[_Key, Annotated[list[_EntryFile], Field(max_length=MAX_PER_TILE)]],
        Field(max_length=TILES_PER_REGION**2),
    ]


class _NamedRegion(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    file: str
    spare: _Count


class _ResultsFile(BaseModel):
    """The whole of `results.json`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[3]
    newest: _Count
    regions: Annotated[dict[_Key, _NamedRegion], Field(max_length=100_000)]


@dataclass(frozen=True, slots=True)
class Region:
    """An index file of the run history.

    Attributes:
        file: its name.
        spare_bytes: of the files of its entries that were not on the map when it was written.
    """

    file: str
    spare_bytes: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What `results.json` says.

    Attributes:
        digest: content hash of its bytes; "" where there is none.
        newest: largest number that was given to an entry.
        regions: index files by region.
    """

    digest: str
    newest: int
    regions: Mapping[Key, Region]


NO_RESULTS = Overview("", 0, {})


def region_of(key: Key) -> Key:
    """The region that a tile's entries are kept in."""
    return key[0] // TILES_PER_REGION, key[1] // TILES_PER_REGION


def digest_of(store: Store) -> str:
    """Content hash of `results.json`; "" where there is none.

    Raises:
        InputError: it cannot be read.
    """
    if not store.has_manifest(RESULTS_NAME):
        return ""
    return content_hash(store.read_manifest(_MAX_MANIFEST_BYTES, RESULTS_NAME))


def read_overview(store: Store) -> Overview:
    """Read `results.json`; nothing of the entries themselves.

    Raises:
        InputError: it is damaged, from a newer version or names files that are not the project's.
    """
    if not store.has_manifest(RESULTS_NAME):
        return NO_RESULTS
    where = f"{store.root}/{RESULTS_NAME}"
    data = store.read_manifest(_MAX_MANIFEST_BYTES, RESULTS_NAME)
    document = plain_json.parse(data, where)
    if not isinstance(document, dict):
        raise InputError(f"{where} is not a run history; remove it")
    try:
        file = _ResultsFile.model_validate(migrated(document, where))
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {first_complaint(error)}; remove it") from error
    regions = {}
    for text, named in file.regions.items():
        if not check_name(named.file, where).startswith(f"index/results_{text}-"):
            raise InputError(f"{where} names {named.file}, which is no run history; remove it")
        regions[parse_key(text, where)] = Region(named.file, named.spare)
    return Overview(content_hash(data), file.newest, regions)


def write_overview(store: Store, newest: int, regions: Mapping[Key, Region]) -> Overview:
    """Replace `results.json`, atomically and durably.

    Raises:
        WorkError: the disk is full or fails; the last one stands.
        InputError: the folder cannot be written.
    """
    named = {
        f"{key[0]}_{key[1]}": {"file": region.file, "spare": region.spare_bytes}
        for key, region in regions.items()
    }
    data = plain_json.dump({"schema_version": SCHEMA_VERSION, "newest": newest, "regions": named})
    store.replace_manifest(data, RESULTS_NAME)
    return Overview(content_hash(data), newest, dict(regions))


def read_region(store: Store, region: Key, name: str) -> Entries:
    """Read the entries of one region.

    Raises:
        InputError: the file is missing or damaged, or names files that are not the tiles' own.
    """
    where = f"the project's file {store.root / name}"
    document = plain_json.parse(store.get(name, _MAX_REGION_BYTES), where, max_items=_MAX_ITEMS)
    try:
        file = _RegionFile.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {first_complaint(error)}") from error
    if file.region != f"{region[0]}_{region[1]}":
        raise InputError(f"{where} is the run history of other tiles; restore it from a copy")
    found: dict[Key, tuple[Entry, ...]] = {}
    for text, entries in file.tiles.items():
        key = parse_key(text, where)
        if region_of(key) != region:
            raise InputError(f"{where} is the run history of other tiles; restore it from a copy")
        found[key] = tuple(_entry(one, key, where) for one in entries)
    return found


def write_region(store: Store, region: Key, entries: Entries) -> str:
    """Write the entries of one region; durable after the store's next sync.

    Returns:
        The file's name.
    """
    text = f"{region[0]}_{region[1]}"
    tiles = {
        f"{key[0]}_{key[1]}": [
            {
                "number": entry.number,
                "files": list(entry.files),
                "thumbnail": entry.thumbnail,
                "sizes": list(entry.sizes_bytes),
                "status": entry.status,
                "when": entry.when,
                "seams": None if entry.seams is None else dict(entry.seams),
            }
            for entry in held
        ]
        for key, held in entries.items()
    }
    data = plain_json.dump({"region": text, "tiles": tiles})
    return store.put(f"index/results_{text}", ".json", data)


def names_of(entries: Entries) -> Iterator[str]:
    """Every file that some entries refer to."""
    for held in entries.values():
        for entry in held:
            yield from entry.names


def _entry(one: _EntryFile, key: Key, where: str) -> Entry:
    start = stem("tiles", key)
    for name in one.files:
        if not check_name(name, where).startswith((f"{start}-", f"{start}_mask-")):
            raise InputError(f"{where} names {name} for another tile; restore it from a copy")
    names = len(one.files)
    if one.thumbnail is not None:
        names += 1
        if not check_name(one.thumbnail, where).startswith(f"{start}_thumb-"):
            raise InputError(f"{where} names {one.thumbnail}, which is no thumbnail")
    if len(one.sizes) != names or not one.files[0].endswith(".json"):
        raise InputError(f"{where} is not a valid run history; restore it from a copy")
    return Entry(
        one.number,
        tuple(one.files),
        one.thumbnail,
        tuple(one.sizes),
        one.status,
        one.when,
        one.seams,
    )
