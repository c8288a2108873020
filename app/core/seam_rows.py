"""Seams and crossings as one list, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.good_seams import Place
from generation.plan.compliance import Crossing
from generation.plan.seams import Seam, SeamReport
from zones.geometry import Rect
from zones.grid import TileCoord

_AROUND_PX = 96
"""How much is shown around a place, at least."""


@dataclass(frozen=True, slots=True)
class SeamRow:
    """One seam or crossing.

    Attributes:
        place: what was measured.
        badness: 0 is perfect; a step of 2.0 and a crossing that is lost count 1 alike.
        worse: which of its tiles to paint again.
    """

    place: Place
    badness: float
    worse: TileCoord

    @property
    def is_crossing(self) -> bool:
        """Whether a stroke crosses a hand-over line here."""
        return isinstance(self.place, Crossing)

    @property
    def flagged(self) -> bool:
        """Whether it stands out from the rest of the map."""
        return isinstance(self.place, Seam) and self.place.flagged

    @property
    def rect(self) -> Rect:
        """What to look at, map px."""
        if isinstance(self.place, Seam):
            x0, y0, x1, y1 = self.place.line
            line = Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            return line.grown(_AROUND_PX)
        x, y = self.place.at
        return Rect(round(x), round(y), 0, 0).grown(2 * _AROUND_PX)


def rows_of(report: SeamReport) -> list[SeamRow]:
    """Every seam and crossing that could be measured, the worst first."""
    faults = _tile_faults(report)
    rows = [
        SeamRow(seam, max(0.0, seam.step - 1.0), _worse(seam.tiles, faults))
        for seam in report.seams
        if seam.step is not None
    ]
    rows += [
        SeamRow(crossing, 1.0 - crossing.compliance, _worse(crossing.tiles, faults))
        for crossing in report.crossings
    ]
    return sorted(rows, key=lambda row: -row.badness)


def weakest_of(crossing: Crossing) -> str:
    """Name of the score that is lowest: present, continuous, in_place or same_width."""
    scores = ("present", "continuous", "in_place", "same_width")
    return min(scores, key=lambda name: float(getattr(crossing, name)))


def _tile_faults(report: SeamReport) -> Mapping[TileCoord, float]:
    """Mean badness of all places that a tile takes part in."""
    found: dict[TileCoord, list[float]] = defaultdict(list)
    for seam in report.seams:
        for tile in seam.tiles:
            found[tile].append(max(0.0, (seam.step or 1.0) - 1.0))
    for crossing in report.crossings:
        for tile in crossing.tiles:
            found[tile].append(1.0 - crossing.compliance)
    return {tile: sum(values) / len(values) for tile, values in found.items()}


def _worse(tiles: tuple[TileCoord, TileCoord], faults: Mapping[TileCoord, float]) -> TileCoord:
    """The tile with more faults around it; the later one where they are equal."""
    earlier, later = tiles
    return earlier if faults.get(earlier, 0.0) > faults.get(later, 0.0) else later
