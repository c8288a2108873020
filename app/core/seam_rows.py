"""Seams, crossings and faults of strokes as one list, the worst first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.good_seams import Place, tiles_of
from generation.plan.compliance import Crossing
from generation.plan.judging import Evidence, Judge, MeasuredJudge, StrokeFault, evidence_of
from generation.plan.seams import Seam, SeamReport
from zones.geometry import Rect
from zones.grid import TileCoord

_AROUND_PX = 96
"""How much is shown around a place, at least."""

_JUDGE = MeasuredJudge()


@dataclass(frozen=True, slots=True)
class SeamRow:
    """One seam, crossing or fault.

    Attributes:
        place: what was measured.
        badness: the judge's score: 0 is perfect, above 1 it should be mended.
        worse: which of its tiles to paint again.
    """

    place: Place
    badness: float
    worse: TileCoord

    @property
    def is_seam(self) -> bool:
        """Whether two tiles meet here."""
        return isinstance(self.place, Seam)

    @property
    def is_crossing(self) -> bool:
        """Whether a stroke crosses a hand-over line here."""
        return isinstance(self.place, Crossing)

    @property
    def is_fault(self) -> bool:
        """Whether a stroke is not here as it was drawn."""
        return isinstance(self.place, StrokeFault)

    @property
    def flagged(self) -> bool:
        """Whether it should be mended."""
        return self.badness > 1.0

    @property
    def rect(self) -> Rect:
        """What to look at, map px."""
        if isinstance(self.place, Seam):
            x0, y0, x1, y1 = self.place.line
            line = Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            return line.grown(_AROUND_PX)
        x, y = self.place.fault.at if isinstance(self.place, StrokeFault) else self.place.at
        return Rect(round(x), round(y), 0, 0).grown(2 * _AROUND_PX)


def faults_of(report: SeamReport) -> list[StrokeFault]:
    """Every stretch of a stroke that is not as it was drawn, the longest first."""
    return [StrokeFault(routing, fault) for routing, fault in report.faults]


def badness_of(seam: Seam) -> float | None:
    """How bad a seam is by its measures, as in `SeamRow`; None where it could not be measured."""
    nowhere = Rect(0, 0, 0, 0)
    return None if seam.step is None else _JUDGE.judge(Evidence(seam, seam.tiles, nowhere)).score


def rows_of(report: SeamReport, judge: Judge = _JUDGE) -> list[SeamRow]:
    """Every seam, crossing and fault that could be measured, the worst first.

    A crossing that is lost with a fault around it is told by the fault.
    """
    faults = faults_by_tile(report)
    judged = [(one.measured, judge.judge(one)) for one in evidence_of(report)]
    blame = _blame((place, verdict.score) for place, verdict in judged)
    rows = [
        SeamRow(place, verdict.score, _worse(tiles_of(place), blame))
        for place, verdict in judged
        if not is_untold(place, faults)
    ]
    return sorted(rows, key=lambda row: -row.badness)


def weakest_of(crossing: Crossing) -> str:
    """Name of the score that is lowest: present, continuous, in_place or same_width."""
    scores = ("present", "continuous", "in_place", "same_width")
    return min(scores, key=lambda name: float(getattr(crossing, name)))


FaultsByTile = Mapping[TileCoord, Sequence[StrokeFault]]


def faults_by_tile(report: SeamReport) -> FaultsByTile:
    """The faults of a report by the tile that shows there."""
    found: dict[TileCoord, list[StrokeFault]] = defaultdict(list)
    for one in faults_of(report):
        found[one.fault.tile].append(one)
    return found


def is_untold(place: Place, faults: FaultsByTile) -> bool:
    """Whether a place has nothing to say: no measure, or a fault beside it says it already."""
    if isinstance(place, Seam):
        return place.step is None
    return isinstance(place, Crossing) and any(
        one.routing.kind == place.kind
        and math.dist(one.fault.at, place.at) <= one.fault.length_px / 2 + place.width_px
        for tile in place.tiles
        for one in faults.get(tile, ())
    )


def _blame(scores: Iterable[tuple[Place, float]]) -> Mapping[TileCoord, float]:
    """How bad the places to be mended are that each tile takes part in, all together."""
    found: dict[TileCoord, float] = defaultdict(float)
    for place, score in scores:
        for tile in tiles_of(place):
            found[tile] += score if score > 1.0 else 0.0
    return found


def _worse(tiles: Sequence[TileCoord], blame: Mapping[TileCoord, float]) -> TileCoord:
    """The tile with more to be mended around it; the last one where they are equal."""
    return max(reversed(tiles), key=lambda tile: blame.get(tile, 0.0))
