"""How visible the seams of a stitched map are, line by line, in numbers.

`delta_e` compares what two windows painted where both were free to; `step` asks whether the
stitched map changes more across a hand-over line than elsewhere. Anchors never count: there a
window holds its neighbour's own pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from generation.plan.colour import delta_e, lab_of
from generation.plan.compliance import Crossing, measure_crossings
from generation.plan.courses import Looks, ribbons_of, tracks_of
from generation.plan.cuts import Cut, measure_cut
from generation.plan.handover import HandOverLine, hand_over_lines
from generation.plan.routing import Fault, Routing, routing_of
from generation.plan.steps import MIN_PIXELS, Steps, measure_steps
from generation.plan.stitch import RawWindow, Stitch
from generation.plan.strips import Strip, strip_of
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import Palette
from zones.reader import MapReader, inside_map, read_extended_protect

FLAG_PERCENTILE = 99.0
"""A line is flagged when its step exceeds this percentile of the interior lines' statistic."""

VISIBLE_STEP = 1.5
"""A step above this counts as `over`, for hand-over lines and for interior lines alike."""

_ENOUGH_LINES = 100
"""Interior lines a zone pair needs for a percentile of its own; rarer pairs share one."""

_ALONG_PX = 96
"""Strokes are followed so far beyond a part of the map that is measured alone."""

_SAMPLE_PX = 2
"""Raw windows are compared at every second pixel of every second row."""

_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seam:
    """One hand-over line.

    Attributes:
        tiles: the earlier and the later tile.
        line: (x0, y0, x1, y1) in the map frame, px.
        zones: the commonest zones on its two sides.
        delta_e: mean CIEDE2000 between the two raw windows where both were free; None where
            nowhere.
        delta_e_soft: the same in the later window's soft band, without the earlier's anchors.
        step: mean step across the line over that of interior lines, 1.0 = invisible; None where
            too little open ground is crossed.
        drift: the same for the colours on both sides of the whole blend.
        flagged: whether `step` exceeds the 99th percentile of interior lines.
        limit: that percentile, of lines between the same zones where the map has enough of them;
            None where there is none to compare with.
        edge: strongest straight edge anywhere in the blend over those inside windows, 1.0 = nothing
            to see; None where too little open ground is crossed.
        edge_limit: 99th percentile of such edges inside windows, or None.
    """

    tiles: tuple[TileCoord, TileCoord]
    line: tuple[int, int, int, int]
    zones: tuple[int, int]
    delta_e: float | None
    delta_e_soft: float | None
    step: float | None
    drift: float | None
    flagged: bool
    limit: float | None = None
    edge: float | None = None
    edge_limit: float | None = None

    @property
    def is_cut(self) -> bool:
        """Whether a straight edge shows in the blend, as none does inside windows."""
        if self.edge is None or self.edge_limit is None:
            return False
        return self.edge > self.edge_limit

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "tiles": [[tile.row, tile.col] for tile in self.tiles],
            "line": list(self.line),
            "zones": list(self.zones),
            "delta_e": _rounded(self.delta_e),
            "delta_e_soft": _rounded(self.delta_e_soft),
            "step": _rounded(self.step),
            "drift": _rounded(self.drift),
            "flagged": self.flagged,
            "limit": _rounded(self.limit),
            "edge": _rounded(self.edge),
            "cut": self.is_cut,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Standards:
    """What is usual on a map: by it a part of the map is judged as the whole map was.

    Attributes:
        limits: the flagging limit of pairs of zones that are common enough.
        otherwise: the limit of all others; infinite where there is nothing to compare with.
        looks: colours of zones and strokes.
        edge_limit: the straight edge above which a line is cut; infinite where there is nothing to
            compare with.
    """

    limits: Mapping[tuple[int, int], float]
    otherwise: float
    looks: Looks
    edge_limit: float = np.inf

    def limit(self, zone_pair: tuple[int, int]) -> float:
        """The step above which a line between two zones is flagged."""
        return self.limits.get(zone_pair, self.otherwise)


@dataclass(frozen=True, slots=True)
class SeamReport:
    """All seams and stencil crossings of a map.

    Attributes:
        seams: one entry for each hand-over line.
        crossings: one entry for each place where a stroke crosses a hand-over line.
        floor: mean CIEDE2000 of the VAE's round trip, below which no `delta_e` can fall.
        interior_steps: the statistic `step` of every interior line: how much it varies where
            there is no seam.
        routing: one entry for each painted stroke that shows on the map.
        standards: by which seams and strokes were judged.
    """

    seams: tuple[Seam, ...]
    crossings: tuple[Crossing, ...]
    floor: float | None
    interior_steps: tuple[float, ...] = ()
    routing: tuple[Routing, ...] = ()
    standards: Standards | None = field(default=None, compare=False, repr=False)

    @property
    def faults(self) -> tuple[tuple[Routing, Fault], ...]:
        """Every stretch of a stroke that is missing, broken or displaced, the longest first."""
        found = [(routing, fault) for routing in self.routing for fault in routing.faults]
        return tuple(sorted(found, key=lambda item: -item[1].length_px))

    def to_json(self) -> dict[str, Any]:
        """A JSON object with `seams`, `crossings`, `routing`, `floor` and a `summary`."""
        return {
            "seams": [seam.to_json() for seam in self.seams],
            "crossings": [crossing.to_json() for crossing in self.crossings],
            "routing": [routing.to_json() for routing in self.routing],
            "floor": _rounded(self.floor),
            "summary": self.summary(),
        }

    def summary(self) -> dict[str, float | int | None]:
        """Means over all lines that have a value, the largest step, shares and counts.

        `over` is the share of lines with a step above `VISIBLE_STEP`, `interior_over` the same
        share of interior lines, by which `over` has to be judged. `continuous` is the share of
        crossings that run through as painted; `routing_px` and `routing_iou` are means over the
        length of all strokes.
        """
        steps = [seam.step for seam in self.seams if seam.step is not None]
        return {
            "delta_e": _mean([seam.delta_e for seam in self.seams]),
            "delta_e_soft": _mean([seam.delta_e_soft for seam in self.seams]),
            "step": _mean(steps),
            "step_max": _rounded(max(steps, default=None)),
            "over": _share_over(steps),
            "interior_over": _share_over(self.interior_steps),
            "drift": _mean([seam.drift for seam in self.seams]),
            "flagged": sum(seam.flagged for seam in self.seams),
            "edge": _mean([seam.edge for seam in self.seams]),
            "cut": sum(seam.is_cut for seam in self.seams),
            "lines": len(self.seams),
            "compliance": _mean([crossing.compliance for crossing in self.crossings]),
            "crossings": len(self.crossings),
            "continuous": _mean([float(crossing.is_continuous) for crossing in self.crossings]),
            "routing_px": self._along([routing.distance_px for routing in self.routing]),
            "routing_iou": self._along([routing.iou for routing in self.routing]),
            "faults": len(self.faults),
        }

    def _along(self, values: Sequence[float]) -> float | None:
        """The mean of one value of each stroke, by the strokes' lengths."""
        lengths = [routing.length_px for routing in self.routing]
        total = sum(value * length for value, length in zip(values, lengths, strict=True))
        return _rounded(total / sum(lengths)) if lengths else None


def measure_seams(
    stitch: Stitch,
    reader: MapReader,
    palette: Palette,
    floor: float | None = None,
    *,
    near: Rect | None = None,
    standards: Standards | None = None,
) -> SeamReport:
    """Measure every hand-over line of a stitched map, and every painted stroke.

    Args:
        stitch: the finished windows.
        reader: the painted map: zones, strokes, protected pixels.
        palette: colours of zones and stencils.
        floor: mean CIEDE2000 of the VAE's round trip, passed on.
        near: measure only what touches this rectangle of the map.
        standards: by which to judge; None takes those of what is measured.
    """
    lines = list(hand_over_lines(stitch, near))
    measures = [_measures(strip_of(stitch, reader, line)) for line in lines]
    around = None if near is None else near.grown(_ALONG_PX)
    ribbons = ribbons_of(stitch, reader, palette, around)
    if standards is None:
        standards = _standards(measures, Looks.learnt(tuple(ribbons.values()), palette))
    seams = tuple(
        _seam(stitch, reader, line, steps, cut, standards)
        for line, (steps, cut) in zip(lines, measures, strict=True)
    )
    tracks = tracks_of(ribbons, standards.looks)
    crossings = measure_crossings(stitch, reader, palette, lines, tracks)
    interior = tuple(float(step) for steps, _ in measures for step in steps.interior)
    routing = routing_of(stitch, tracks)
    return SeamReport(seams, crossings, floor, interior, routing, standards)


def _measures(strip: Strip) -> tuple[Steps, Cut]:
    return measure_steps(strip), measure_cut(strip)


def _standards(measures: Sequence[tuple[Steps, Cut]], looks: Looks) -> Standards:
    """The flagging limit of each zone pair, from the interior lines of all its seams."""
    by_pair: dict[tuple[int, int], list[npt.NDArray[np.float64]]] = defaultdict(list)
    for steps, _ in measures:
        by_pair[steps.zone_pair].append(steps.interior)
    pooled = {pair: np.concatenate(parts) for pair, parts in by_pair.items()}
    everything = np.concatenate([np.empty(0), *pooled.values()])
    limits = {
        pair: float(np.percentile(values, FLAG_PERCENTILE))
        for pair, values in pooled.items()
        if values.size >= _ENOUGH_LINES
    }
    edges = np.concatenate([np.empty(0), *(cut.interior for _, cut in measures)])
    return Standards(limits, _percentile(everything), looks, _percentile(edges))


def _percentile(values: npt.NDArray[np.float64]) -> float:
    return float(np.percentile(values, FLAG_PERCENTILE)) if values.size else np.inf


def _seam(
    stitch: Stitch,
    reader: MapReader,
    line: HandOverLine,
    steps: Steps,
    cut: Cut,
    standards: Standards,
) -> Seam:
    limit = standards.limit(steps.zone_pair)
    free, soft = _compare(stitch, reader, line.earlier, line.later)
    ends = line.strip(0)
    return Seam(
        tiles=line.tiles,
        line=(ends.x, ends.y, ends.right, ends.bottom),
        zones=steps.zone_pair,
        delta_e=free,
        delta_e_soft=soft,
        step=steps.step,
        drift=steps.drift,
        flagged=steps.step is not None and steps.step > limit,
        limit=limit if np.isfinite(limit) else None,
        edge=cut.edge,
        edge_limit=standards.edge_limit if np.isfinite(standards.edge_limit) else None,
    )


def _compare(
    stitch: Stitch, reader: MapReader, earlier: RawWindow, later: RawWindow
) -> tuple[float | None, float | None]:
    """Mean Delta E of two raw windows where both were free, and in the later's soft band."""
    area = inside_map(stitch.grid, earlier.window.intersect(later.window))
    open_pixels = ~read_extended_protect(reader, stitch.grid, area)
    covered_a, anchor_a = earlier.held(area)
    covered_b, anchor_b = later.held(area)
    free = open_pixels & ~covered_a & ~covered_b
    soft = np.zeros(area.shape, dtype=np.bool_)
    anchor = later.anchor_on(earlier)
    if anchor is not None:
        soft[anchor.covered.intersect(area).slices_in(area)] = True
        soft &= open_pixels & covered_b & ~anchor_b & ~anchor_a
    return _mean_over(stitch, earlier, later, area, free), _mean_over(
        stitch, earlier, later, area, soft
    )


def _mean_over(
    stitch: Stitch, earlier: RawWindow, later: RawWindow, area: Rect, where: _Mask
) -> float | None:
    step = slice(None, None, _SAMPLE_PX)
    chosen = where[step, step]
    if int(chosen.sum()) < MIN_PIXELS:
        return None
    first, second = (
        lab_of(stitch.pixels(raw.tile)[area.slices_in(raw.window)][step, step][chosen])
        for raw in (earlier, later)
    )
    return float(delta_e(first, second).mean(dtype=np.float64))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _share_over(steps: Sequence[float]) -> float | None:
    return _rounded(sum(step > VISIBLE_STEP for step in steps) / len(steps)) if steps else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(sum(known) / len(known)) if known else None
