"""The words of a map: which zones and stencils exist, their colours, prompts and mu.

A palette is data (JSON), one default ships with the program and every project may carry its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import resources
from zones.errors import InputError

SCHEMA_VERSION = 1
UNPAINTED = 0
"""Zone id of pixels nobody painted; they take the palette's base zone."""

MAX_JSON_CHARS = 1_000_000

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Zone:
    """What the ground is: id 1..255, colour, prompt fragment, room for a validation profile."""

    id: int
    name: str
    rgb: RGB
    prompt: str
    validation: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class StencilKind:
    """A kind of stroke: its colour, its mu in [0, 1] and its prompt fragment."""

    name: str
    rgb: RGB
    mu: float
    prompt: str


@dataclass(frozen=True)
class Palette:
    """Zones and stencils of one map.

    Attributes:
        zones: in the order they are shown; ids, names and colours are each unique.
        stencils: in the order they are shown; names and colours are each unique.
        base_zone: id of the zone that unpainted pixels (id 0) take.

    Raises:
        InputError: two entries clash, or the base zone is not among the zones.
    """

    zones: tuple[Zone, ...]
    stencils: tuple[StencilKind, ...]
    base_zone: int

    def __post_init__(self) -> None:
        _refuse_twins("zone id", (zone.id for zone in self.zones))
        _refuse_twins("zone name", (zone.name for zone in self.zones))
        _refuse_twins("zone colour", (zone.rgb for zone in self.zones))
        _refuse_twins("stencil name", (kind.name for kind in self.stencils))
        _refuse_twins("stencil colour", (kind.rgb for kind in self.stencils))
        if self.base_zone not in self._zones_by_id:
            msg = f"The palette's base zone {self.base_zone} is not one of its zones; name one."
            raise InputError(msg)

    @cached_property
    def _zones_by_id(self) -> dict[int, Zone]:
        return {zone.id: zone for zone in self.zones}

    @cached_property
    def _stencils_by_name(self) -> dict[str, StencilKind]:
        return {kind.name: kind for kind in self.stencils}

    @cached_property
    def valid_ids(self) -> frozenset[int]:
        """Every value a zone picture may hold, 0 (unpainted) among them."""
        return frozenset((UNPAINTED, *self._zones_by_id))

    def zone(self, zone_id: int) -> Zone:
        """The zone with this id; 0 gives the base zone.

        Raises:
            InputError: the palette has no such zone.
        """
        found = self._zones_by_id.get(self.base_zone if zone_id == UNPAINTED else zone_id)
        if found is None:
            known = ", ".join(str(known_id) for known_id in sorted(self._zones_by_id))
            msg = f"Zone id {zone_id} is not in the palette; it has {known}."
            raise InputError(msg)
        return found

    def stencil(self, name: str) -> StencilKind:
        """The stencil kind of this name.

        Raises:
            InputError: the palette has no such stencil.
        """
        found = self._stencils_by_name.get(name)
        if found is None:
            known = ", ".join(self._stencils_by_name) or "none"
            msg = f'Stencil "{name[:80]}" is not in the palette; it has {known}.'
            raise InputError(msg)
        return found

    def painted(self, zones: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A copy of zone ids, of the same shape, in which unpainted pixels have the base zone."""
        if zones.all():
            return zones.copy()
        table = np.arange(256, dtype=np.uint8)
        table[UNPAINTED] = self.base_zone
        return np.asarray(cv2.LUT(np.ascontiguousarray(zones), table), dtype=np.uint8)

    def colour_table(self) -> npt.NDArray[np.uint8]:
        """RGB by zone id, uint8 (256, 3), read-only; ids the palette does not have are black."""
        return self._colour_table

    @cached_property
    def _colour_table(self) -> npt.NDArray[np.uint8]:
        table = np.zeros((256, 3), dtype=np.uint8)
        for zone in self.zones:
            table[zone.id] = zone.rgb
        table[UNPAINTED] = table[self.base_zone]
        table.setflags(write=False)
        return table


def palette_from_json(text: str) -> Palette:
    """Read a palette.

    Raises:
        InputError: not JSON, not this schema, a newer version, or entries that clash.
    """
    if len(text) > MAX_JSON_CHARS:
        msg = f"The palette is longer than {MAX_JSON_CHARS} characters; shorten it."
        raise InputError(msg)
    try:
        schema = _PaletteSchema.model_validate(_parsed(text))
    except ValidationError as error:
        raise InputError(_first_complaint(error)) from error
    return Palette(
        zones=tuple(entry.zone() for entry in schema.zones),
        stencils=tuple(entry.kind() for entry in schema.stencils),
        base_zone=schema.base_zone,
    )


def palette_to_json(palette: Palette) -> str:
    """Write a palette so that `palette_from_json` gives an equal one."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "base_zone": palette.base_zone,
        "zones": [_zone_entry(zone) for zone in palette.zones],
        "stencils": [_stencil_entry(kind) for kind in palette.stencils],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@lru_cache(maxsize=1)
def default_palette() -> Palette:
    """The palette that ships with the program."""
    text = resources.path("palettes/default.json").read_text(encoding="utf-8")
    return palette_from_json(text)


_Byte = Annotated[int, Field(ge=0, le=255)]
_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
_Prompt = Annotated[str, Field(max_length=500)]
_Entry = ConfigDict(extra="forbid", strict=True)


def _as_tuple(rgb: list[int]) -> RGB:
    red, green, blue = rgb
    return red, green, blue


class _ZoneSchema(BaseModel):
    model_config = _Entry
    id: Annotated[int, Field(ge=1, le=255)]
    name: _Name
    rgb: Annotated[list[_Byte], Field(min_length=3, max_length=3)]
    prompt: _Prompt
    validation: dict[str, Any] | None = None

    def zone(self) -> Zone:
        profile = None if self.validation is None else MappingProxyType(self.validation)
        return Zone(self.id, self.name, _as_tuple(self.rgb), self.prompt, profile)


class _StencilSchema(BaseModel):
    model_config = _Entry
    name: _Name
    rgb: Annotated[list[_Byte], Field(min_length=3, max_length=3)]
    mu: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    prompt: _Prompt

    def kind(self) -> StencilKind:
        return StencilKind(self.name, _as_tuple(self.rgb), self.mu, self.prompt)


class _PaletteSchema(BaseModel):
    model_config = _Entry
    schema_version: Literal[1]
    base_zone: int
    zones: Annotated[list[_ZoneSchema], Field(min_length=1, max_length=255)]
    stencils: Annotated[list[_StencilSchema], Field(max_length=64)]


def _zone_entry(zone: Zone) -> dict[str, Any]:
    return {
        "id": zone.id,
        "name": zone.name,
        "rgb": list(zone.rgb),
        "prompt": zone.prompt,
        "validation": None if zone.validation is None else dict(zone.validation),
    }


def _stencil_entry(kind: StencilKind) -> dict[str, Any]:
    return {"name": kind.name, "rgb": list(kind.rgb), "mu": kind.mu, "prompt": kind.prompt}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "nested too deeply")
        line = getattr(error, "lineno", 1)
        msg = f"The palette is not valid JSON (line {line}: {reason}); mend or replace the file."
        raise InputError(msg) from error


def _first_complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the document"
    reason = first["msg"][:1].lower() + first["msg"][1:]
    return f"The palette is wrong at {where}: {reason}; mend that entry."


def _refuse_twins(what: str, values: Iterable[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            msg = f"The palette has the {what} {value} twice; change one of the two."
            raise InputError(msg)
        seen.add(value)
