"""Every figure of one painted map, kept in one JSON file per map."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.core.seam_table import vae_floor
from app.lab.seed_table.held import measure_held
from app.lab.seed_table.looks import (
    measure_blends,
    measure_colours,
    measure_detail,
    measure_features,
    places_of,
)
from app.lab.seed_table.maps import Case, PaintedMap, painted_map
from app.lab.seed_table.meetings import measure_meetings
from generation.plan.ports import Engine
from generation.plan.routing import Routing
from generation.plan.seams import Seam, measure_seams
from painter.files import read_bounded, write_whole, writing
from zones.errors import InputError

VERSION = 8
"""Rises whenever a figure is taken in another way; older files are then measured again."""

_MAX_BYTES = 2**20
_DIGITS = 5

Figures = dict[str, Any]
"""Name to number, or None where a map has nothing to measure."""


def measured_case(case: Case, engine: Engine, out: Path) -> Figures:
    """The figures of a case, from its file or measured now and kept.

    Args:
        case: world, seed and row.
        engine: paints the map if it is not there yet.
        out: folder with `maps` and `cases`; several processes may share it.
    """
    path = out / "cases" / f"{case.key(engine)}-{VERSION}.json"
    if path.exists():
        return with_derived(_read(path))
    painted = painted_map(case, engine, out / "maps")
    floor = _kept_floor(out / "floors" / f"{case.key(engine)}.json", painted, engine)
    found = measure_map(case, painted, floor)
    _write(path, found)
    return with_derived(found)


def with_derived(found: Figures) -> Figures:
    """The figures with those that follow from them alone.

    Ratios that are right at 1 (step, detail) also become the size of their logarithm, named
    `..._off`: a step below 1 is a blur, no merit.
    """
    lines, floor = found["lines"], found["floor"]
    derived: Figures = {"flagged_share": found["flagged"] / lines if lines else None}
    for name in ("free", "free_feature", "met", "met_feature"):
        value = found[name]
        derived[f"excess_{name}"] = None if None in (value, floor) else value - floor
    for name in ("step", "detail", "detail_stencils"):
        derived[f"{name}_off"] = abs(math.log(found[name])) if found[name] else None
    return {**found, **{name: _rounded(value) for name, value in derived.items()}}


def _kept_floor(path: Path, painted: PaintedMap, engine: Engine) -> float:
    """The VAE's floor of a map, which takes as long as all other figures, from its own file."""
    if path.exists():
        return float(_read(path)["floor"])
    finished = {record.tile: record for record in painted.records}
    floor = vae_floor(engine, painted.store, finished)
    _write(path, {"floor": floor})
    return floor


def measure_map(case: Case, painted: PaintedMap, floor: float | None) -> Figures:
    """Take every figure of a painted map.

    Args:
        case: what it is a map of.
        painted: the map.
        floor: mean CIEDE2000 of the VAE's own round trip.
    """
    world = painted.world
    report = measure_seams(painted.stitch, world.reader, world.palette, floor)
    places = places_of(case.world)
    meetings = measure_meetings(painted.stitch, places.stencils)
    picture = painted.picture()
    figures: Figures = {
        **report.summary(),
        "floor": floor,
        **_cut_figures(report.seams),
        **asdict(meetings),
        **measure_held(painted.stitch, places.zones),
        "found": _share_found(report.routing),
        **measure_detail(case.world, picture),
        "blends": measure_blends(case.world, painted, picture),
        **measure_colours(case.world, painted, picture),
        "features": measure_features(case.world, picture),
        "seconds": painted.seconds,
        "cpu_seconds": painted.cpu_seconds,
    }
    return {"case": _facts(case), **{name: _rounded(value) for name, value in figures.items()}}


def _facts(case: Case) -> dict[str, Any]:
    return {
        "world": case.world.name,
        "seed": case.seed,
        "base": case.row.base,
        "row": case.row.name,
    }


def _cut_figures(seams: Sequence[Seam]) -> Figures:
    """Straight edges along the lines: the largest, and the share that are cuts."""
    edges = [seam.edge for seam in seams if seam.edge is not None]
    if not edges:
        return {"cut_share": None, "edge_max": None}
    cut = sum(seam.is_cut for seam in seams)
    return {"cut_share": cut / len(edges), "edge_max": max(edges)}


def _share_found(routings: Sequence[Routing]) -> float | None:
    """How much of all strokes' length was found."""
    total = sum(routing.length_px for routing in routings)
    return sum(each.found * each.length_px for each in routings) / total if total else None


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return round(value, _DIGITS) if isinstance(value, float) else value


def _write(path: Path, found: Figures) -> None:
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(found, indent=1) + "\n").encode())


def _read(path: Path) -> Figures:
    try:
        found = json.loads(read_bounded(path, _MAX_BYTES, "the measured map"))
    except ValueError as error:
        raise InputError(f"{path} is damaged; delete it and start again") from error
    return dict(found)
