"""Schema of `project.json`: what a map is, and the index files that name everything in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from painter import plain_json
from painter.store import check_name
from zones.errors import InputError
from zones.palette import Palette, palette_from_json, palette_to_json

SCHEMA_VERSION: Final = 3
"""Version of the project format that is written; newer ones are refused."""

MAX_BYTES = 8 * 2**20
"""Longest manifest that is read."""

MAX_SETTINGS_BYTES = 2**20
"""Longest settings, as JSON."""

MAX_SIDE_PX = 131_072
"""Longest side of a map."""

Wrap = Literal["", "x", "y", "xy"]
"""Sides on which the map closes on itself."""

Kind = Literal["zones", "protect", "art", "strokes", "tiles"]
"""Kinds of content; each has index files of its own."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_Side = Annotated[int, Field(ge=1, le=MAX_SIDE_PX)]
_Region = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,3})_(0|[1-9][0-9]{0,3})$")]
_Text = Annotated[str, Field(max_length=4000)]


class Header(BaseModel):
    """What a map is, without its content.

    Attributes:
        width_px: of the map.
        height_px: of the map.
        wrap: sides on which it closes on itself.
        palette: the map's own palette as JSON values.
        map_prompt: what the whole map is painted like.
        seed: of the noise.
        model: name, hub id or folder of the model.
        settings: settings of runs and views, by name: JSON scalars, lists and objects.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    width_px: _Side
    height_px: _Side
    wrap: Wrap = ""
    palette: dict[str, Any]
    map_prompt: _Text = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    model: Annotated[str, Field(max_length=4000)] = ""
    settings: Annotated[dict[str, Any], Field(max_length=256)] = {}

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.width_px, self.height_px


class Manifest(Header):
    """The whole of `project.json`.

    Attributes:
        schema_version: of the format.
        index: by kind and region ("column_row"), the name of an index file.
    """

    schema_version: Literal[3] = SCHEMA_VERSION
    index: dict[Kind, Annotated[dict[_Region, str], Field(max_length=4096)]]

    def header(self) -> Header:
        """The part that says what the map is."""
        return Header.model_validate({name: getattr(self, name) for name in Header.model_fields})

    def to_bytes(self) -> bytes:
        """Canonical JSON, a line for each value and each kind's index files."""
        document = self.model_dump()
        index = document.pop("index")
        lines = [_line(name, value) for name, value in sorted(document.items())]
        kinds = ",\n ".join(_line(kind, regions) for kind, regions in sorted(index.items()))
        lines.append(f'"index": {{\n {kinds}}}')
        return ("{" + ",\n".join(lines) + "}\n").encode("utf-8")


def _line(name: str, value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return f"{json.dumps(name)}: {text}"


def make_header(palette: Palette, where: str, **values: Any) -> Header:
    """Check the values of a header.

    Raises:
        InputError: one is out of bounds; it names it.
    """
    values["palette"] = json.loads(palette_to_json(palette))
    try:
        header = Header.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{where}: {first_complaint(error)}") from error
    plain_json.check_plain(header.settings, f"{where}: settings")
    if len(plain_json.dump(header.settings)) > MAX_SETTINGS_BYTES:
        raise InputError(f"{where}: settings take more than {MAX_SETTINGS_BYTES} bytes; use fewer")
    return header


def palette_of(header: Header) -> Palette:
    """The map's palette.

    Raises:
        InputError: it is not a valid one.
    """
    return palette_from_json(json.dumps(header.palette))


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Read a manifest of this version or an older one.

    Args:
        data: the file's bytes.
        where: its name for people.

    Raises:
        InputError: not JSON, a newer version, not this schema, or names that are not the
            project's own.
    """
    return manifest_from(plain_json.parse(data, where), where)


def manifest_from(document: object, where: str) -> Manifest:
    """Check a manifest that was parsed already; see `parse_manifest`."""
    if not isinstance(document, dict):
        raise InputError(f"{where} is not a Tilewright project; name another folder")
    document = migrated(document, where)
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        complaint = first_complaint(error)
        raise InputError(f"{where} is damaged: {complaint}; restore it from a copy") from error
    plain_json.check_plain(manifest.settings, f"{where}: settings")
    for regions in manifest.index.values():
        for name in regions.values():
            check_name(name, where)
    return manifest


def first_complaint(error: ValidationError) -> str:
    """What pydantic found first, in a few words."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"]) or "the document"
    return " ".join(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}".split())


def migrated(document: dict[str, Any], where: str) -> dict[str, Any]:
    """An older document in the form of this version; nothing on disk changes.

    Raises:
        InputError: it has no version, or a newer one.
    """
    version = document.get("schema_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(f"{where} has no schema version; restore the project from a copy")
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{where} has format version {version}, but this program reads up to version "
            f"{SCHEMA_VERSION}; update Tilewright to open it"
        )
    for step in MIGRATIONS[version - 1 :]:
        document = step(document)
    return document


def _strokes_may_be_splines(document: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: stroke sets may hold splines and flow; what version 1 wrote is read as it is."""
    return {**document, "schema_version": 2}


def _history_may_be_packed(document: dict[str, Any]) -> dict[str, Any]:
    """2 to 3: packs of steps and a run history; what version 2 wrote is read as it is.

    Older programs would remove the files of both, so they must not open such a project.
    """
    return {**document, "schema_version": 3}


MIGRATIONS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (
    _strokes_may_be_splines,
    _history_may_be_packed,
)
"""Number n brings a document from version n + 1 to n + 2."""
