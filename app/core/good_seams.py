"""Places that the map maker looked at and found good, as long as their tiles stay.

They are kept among a map's settings; painting one of a place's tiles again makes the mark void.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from generation.plan.compliance import Crossing
from generation.plan.judging import StrokeFault
from generation.plan.seams import Seam
from painter.project import Project
from zones.grid import TileCoord

SETTING = "good_seams"
"""Name of the marks among a map's settings."""

_PRINT_CHARS = 12
_MOST = 5000
"""Marks that are kept; settings have a limit."""

_NEAR_PX = 32
"""A fault that is found so near to where it was is the same one."""

Place = Seam | Crossing | StrokeFault


def tiles_of(place: Place) -> tuple[TileCoord, ...]:
    """The tiles that meet or show at a place."""
    return (place.fault.tile,) if isinstance(place, StrokeFault) else place.tiles


def key_of(place: Place) -> str:
    """Names a place, whatever was painted there."""
    if isinstance(place, StrokeFault):
        where = ",".join(str(round(value / _NEAR_PX)) for value in place.fault.at)
        return f"{place.fault.tile} {place.routing.kind} {place.fault.kind} {where}"
    first, second = place.tiles
    if isinstance(place, Seam):
        where = ",".join(str(value) for value in place.line)
        return f"{first} {second} {where}"
    x, y = place.at
    return f"{first} {second} {place.kind} {round(x)},{round(y)}"


def print_of(project: Project, place: Place) -> str:
    """Names what its tiles show at present."""
    held = project.content.tiles
    names = [held.get((tile.row, tile.col), ("",))[0] for tile in tiles_of(place)]
    return hashlib.sha256(" ".join(names).encode()).hexdigest()[:_PRINT_CHARS]


def is_good(project: Project, place: Place) -> bool:
    """Whether it was marked and its tiles are still the same."""
    return _marks(project).get(key_of(place)) == print_of(project, place)


def with_mark(project: Project, place: Place, *, good: bool) -> dict[str, Any]:
    """The map's settings with a place marked, or no longer marked, for `Document.configure`."""
    marks = {key: value for key, value in _marks(project).items() if key != key_of(place)}
    if good:
        marks[key_of(place)] = print_of(project, place)
    kept = dict(list(marks.items())[-_MOST:])
    return {**project.settings, SETTING: kept}


def _marks(project: Project) -> Mapping[str, Any]:
    found = project.settings.get(SETTING)
    return found if isinstance(found, Mapping) else {}
