"""Whether painted strokes are found on the stitched map where they were painted, all along.

Each stroke's surroundings are straightened, every sample is told stroke from terrain by the map's
own looks, and the course that looks most like a stroke is followed (dynamic programming). Where it
ends, has a gap or leaves the painted line far enough to be seen, that is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from generation.plan.courses import Course, Track, follow_strokes
from generation.plan.crossings import HALF_WIDTHS
from generation.plan.ribbons import Ribbon
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import Palette
from zones.reader import MapReader

FaultKind = Literal["missing", "broken", "displaced"]
"""Not there up to an end of the stroke, a gap between two parts, or beside the painted line."""

_DISPLACED = 0.75
_DISPLACED_PX = 3.0
"""How far aside is a fault: in half widths, and in px at least."""

_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch of a stroke that is not as it was painted, long enough to be seen.

    Attributes:
        kind: what is wrong.
        at: (x, y) of its middle on the painted line, map px.
        length_px: of the stretch.
        tile: whose pixels show there.
        others: tiles that would show there, too, if they were painted again.
    """

    kind: FaultKind
    at: tuple[float, float]
    length_px: float
    tile: TileCoord
    others: tuple[TileCoord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "kind": self.kind,
            "at": [round(value, 1) for value in self.at],
            "length_px": round(self.length_px, 1),
            "tile": [self.tile.row, self.tile.col],
        }


@dataclass(frozen=True, slots=True)
class Routing:
    """One painted stroke and what became of it.

    Attributes:
        stroke: its number among the strokes that show on the map, in paint order.
        kind: the stencil.
        length_px: length that was judged.
        distance_px: mean distance of the found from the painted centre line; where nothing is
            found it counts as the search reach, 3.5 half widths.
        iou: intersection over union of found and painted pixels within the reach, in [0, 1].
        found: share of the length where it is found, in [0, 1].
        faults: in the order of the stroke's points.
    """

    stroke: int
    kind: str
    length_px: float
    distance_px: float
    iou: float
    found: float
    faults: tuple[Fault, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "stroke": self.stroke,
            "kind": self.kind,
            "length_px": round(self.length_px, 1),
            "distance_px": round(self.distance_px, 3),
            "iou": round(self.iou, 4),
            "found": round(self.found, 4),
            "faults": [fault.to_json() for fault in self.faults],
        }


def measure_routing(stitch: Stitch, reader: MapReader, palette: Palette) -> tuple[Routing, ...]:
    """Follow every painted stroke that shows on the map, see `follow_strokes`.

    Args:
        stitch: the finished windows.
        reader: the painted map.
        palette: colours of zones and stencils.
    """
    return routing_of(stitch, follow_strokes(stitch, reader, palette))


def routing_of(stitch: Stitch, tracks: Sequence[Track]) -> tuple[Routing, ...]:
    """What became of strokes that were followed, one entry for each that could be judged."""
    found = (_routing(stitch, track) for track in tracks)
    return tuple(routing for routing in found if routing is not None)


def _routing(stitch: Stitch, track: Track) -> Routing | None:
    ribbon, course = track.ribbon, track.course
    judged = course.judged
    if judged.sum() < ribbon.shortest:
        return None
    off = np.where(course.found, np.minimum(np.abs(course.offset), HALF_WIDTHS), HALF_WIDTHS)
    common = np.clip(np.minimum(course.end, 1) - np.maximum(course.begin, -1), 0, None)
    both = np.maximum(course.end - course.begin, 0) + 2 - common
    weight = ribbon.half_px[judged]
    return Routing(
        stroke=track.number,
        kind=ribbon.stroke.kind,
        length_px=float(judged.sum() * ribbon.step_px),
        distance_px=float((off * ribbon.half_px)[judged].mean()),
        iou=float((common[judged] * weight).sum() / (both[judged] * weight).sum()),
        found=float(course.found[judged].mean()),
        faults=tuple(_faults(stitch, ribbon, course)),
    )


def _faults(stitch: Stitch, ribbon: Ribbon, course: Course) -> list[Fault]:
    """Every fault of a stroke, in the order of its points."""
    shortest = ribbon.shortest
    limit = np.maximum(_DISPLACED, _DISPLACED_PX / ribbon.half_px)
    gone = course.judged & ~course.found
    aside = course.found & (np.abs(course.offset) > limit)
    seen = np.flatnonzero(course.found)
    found: list[tuple[int, Fault]] = []
    for samples in _stretches(gone, course.judged, shortest):
        between = seen.size > 0 and seen[0] < samples[0] and seen[-1] > samples[-1]
        kind: FaultKind = "broken" if between else "missing"
        found += _by_tile(stitch, ribbon, kind, samples, shortest)
    for samples in _stretches(aside, course.judged, shortest):
        found += _by_tile(stitch, ribbon, "displaced", samples, shortest)
    return [fault for _, fault in sorted(found, key=lambda item: item[0])]


def _stretches(flags: _Mask, judged: _Mask, shortest: int) -> Iterator[npt.NDArray[np.int_]]:
    """Judged samples of runs with at least `shortest` flagged ones; the rest parts no run.

    Less than half as many samples without a flag part none either.
    """
    at = np.flatnonzero(judged)
    runs: list[list[int]] = []
    for place in np.flatnonzero(flags[at]):
        if runs and place - runs[-1][1] <= shortest // 2:
            runs[-1][1] = int(place)
        else:
            runs.append([int(place), int(place)])
    for first, last in runs:
        if flags[at[first : last + 1]].sum() >= shortest:
            yield at[first : last + 1]


def _by_tile(
    stitch: Stitch, ribbon: Ribbon, kind: FaultKind, samples: npt.NDArray[np.int_], shortest: int
) -> Iterator[tuple[int, Fault]]:
    """One fault for each tile that judged samples lie in; short ends go with the one before."""
    pieces: list[tuple[TileCoord, list[int]]] = []
    for first in range(0, samples.size, shortest):
        chunk = [int(sample) for sample in samples[first : first + shortest]]
        tile = _tile_at(stitch, ribbon, chunk[len(chunk) // 2])
        if pieces and (pieces[-1][0] == tile or len(chunk) < shortest):
            pieces[-1][1].extend(chunk)
        else:
            pieces.append((tile, chunk))
    grid = stitch.grid
    for tile, piece in pieces:
        middle = piece[len(piece) // 2]
        x, y = (float(value) for value in ribbon.xy[middle])
        at = (
            x % grid.map_width_px if grid.wrap_x else x,
            y % grid.map_height_px if grid.wrap_y else y,
        )
        others = _others_at(stitch, ribbon, middle, tile)
        yield piece[0], Fault(kind, at, len(piece) * ribbon.step_px, tile, others)


def _others_at(
    stitch: Stitch, ribbon: Ribbon, sample: int, tile: TileCoord
) -> tuple[TileCoord, ...]:
    """Another finished tile whose core holds a place: it would show there if painted last."""
    grid = stitch.grid
    x, y = (int(np.floor(value)) for value in ribbon.xy[sample])
    place = Rect(x, y, 1, 1)
    inside = {
        raw.tile
        for raw in stitch.layers(place)
        if raw.window.grown(-grid.margin_px).contains(place)
    }
    return tuple(inside - {tile})


def _tile_at(stitch: Stitch, ribbon: Ribbon, sample: int) -> TileCoord:
    """The tile that mostly shows in the stroke's middle."""
    x, y = (int(np.floor(value)) for value in ribbon.xy[sample])
    owners = stitch.owners(Rect(x, y, 1, 1))
    return owners.layers[int(owners.owner[0, 0])].tile
