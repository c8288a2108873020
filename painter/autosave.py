"""The autosave: unsaved work under a manifest of its own, never in the place of the save."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from painter import plain_json
from painter.manifest import (
    MAX_BYTES,
    SCHEMA_VERSION,
    Manifest,
    first_complaint,
    manifest_from,
    migrated,
    parse_manifest,
)
from painter.saving import Saved, load_manifest, manifest_of
from painter.store import AUTOSAVE_NAME, MANIFEST_NAME, Store
from zones.errors import InputError


class _AutosaveFile(BaseModel):
    """The whole of `autosave.json`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[3]
    written_at: Annotated[str, Field(max_length=40)]
    over: Annotated[str, Field(max_length=64)]
    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Recovery:
    """Unsaved work that an earlier session left behind.

    Attributes:
        written_at: when it was written, ISO 8601 UTC.
        saved_since: whether the project was saved after that by somebody else.
        strokes: how many stencil strokes it has.
        zone_blocks: how many blocks of painted zones it has.
        damage: why it cannot be read, one sentence that names the file; else "".
    """

    written_at: str = ""
    saved_since: bool = False
    strokes: int = 0
    zone_blocks: int = 0
    damage: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Autosave:
    """An autosave as read or written.

    Attributes:
        written_at: ISO 8601 UTC.
        over: paint fingerprint of the save it was written over.
        saved: what it holds; its finished tiles are those of the save, not its own.
    """

    written_at: str
    over: str
    saved: Saved

    def names(self) -> Iterator[str]:
        """Every file it refers to."""
        return self.saved.names()


def write_autosave(store: Store, prepared: Saved, over: str) -> Autosave:
    """Write unsaved work; durable when the call returns. Call it inside a transaction.

    Args:
        store: takes the files.
        prepared: what to keep; its finished tiles are left out.
        over: paint fingerprint of the user's save.

    Raises:
        WorkError: the disk is full or fails; the last autosave stands.
        InputError: the folder cannot be written.
    """
    prepared = Saved(
        replace(prepared.content, tiles={}),
        {**prepared.entries, "tiles": {}},
        {**prepared.index, "tiles": {}},
        "",
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    document = {
        "schema_version": SCHEMA_VERSION,
        "written_at": now,
        "over": over,
        "manifest": manifest_of(prepared).model_dump(),
    }
    store.replace_manifest(plain_json.dump(document), AUTOSAVE_NAME)
    return Autosave(now, over, prepared)


def read_autosave(store: Store) -> Autosave | None:
    """Read the autosave; None where there is none.

    Raises:
        InputError: it is damaged, from a newer version, or names files that are missing.
    """
    if not store.has_manifest(AUTOSAVE_NAME):
        return None
    where = f"{store.root}/{AUTOSAVE_NAME}"
    document = plain_json.parse(store.read_manifest(2 * MAX_BYTES, AUTOSAVE_NAME), where)
    if not isinstance(document, dict):
        raise InputError(f"{where} is not an autosave; remove it")
    try:
        read = _AutosaveFile.model_validate(migrated(document, where))
    except ValidationError as error:
        raise InputError(f"{where} is damaged: {first_complaint(error)}; remove it") from error
    manifest = manifest_from(read.manifest, where)
    return Autosave(read.written_at, read.over, load_manifest(store, manifest))


def standing_manifest(store: Store) -> tuple[Manifest, InputError | None]:
    """The project's manifest, or in its place the autosave's and why the other cannot be read.

    Raises:
        InputError: neither can be read, or the project is from a newer version.
    """
    try:
        data = store.read_manifest(MAX_BYTES)
        return parse_manifest(data, f"{store.root}/{MANIFEST_NAME}"), None
    except InputError as error:
        try:
            found = read_autosave(store)
        except InputError:
            found = None
        if found is None:
            raise
        return manifest_of(found.saved), error


def recovery_of(store: Store, saved: Saved) -> Recovery | None:
    """What an autosave offers beyond a save; None where there is nothing to recover."""
    try:
        found = read_autosave(store)
    except InputError as error:
        return Recovery(damage=f"the autosave cannot be read, the last save is whole: {error}")
    if found is None or _same(found.saved, saved):
        return None
    content = found.saved.content
    return Recovery(
        written_at=found.written_at,
        saved_since=found.over != saved.paint_digest,
        strokes=len(content.strokes),
        zone_blocks=len(content.zones.blocks),
    )


def _same(one: Saved, other: Saved) -> bool:
    same_header = one.content.header == other.content.header
    return same_header and one.paint_digest == other.paint_digest
