"""Who says how bad a seam, a crossing or a stretch of a stroke looks, and why.

The shipped judge goes by what was measured. Any other, such as a vision model that looks at the
picture, can be plugged in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from generation.plan.compliance import Crossing
from generation.plan.routing import Fault, Routing
from generation.plan.seams import Seam, SeamReport
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.grid import TileCoord

_AROUND_PX = 64
"""How much of the map a judge sees around a place, on each side."""

_SEEN_STEP = 1.001
"""No usual step is taken for smaller than this."""

_CLEAR_EDGE = 2.0
"""Weaker straight edges are told, not mended: maps on which nothing is seen have up to 1.8."""

_FAULT_PX = 100.0
"""A fault of this length is as bad as a seam of twice the usual step."""


@dataclass(frozen=True, slots=True)
class StrokeFault:
    """A fault with the stroke it belongs to."""

    routing: Routing
    fault: Fault


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One place that is judged.

    Attributes:
        measured: the facts.
        tiles: whose pixels meet or show there, or would; the last one first to be mended.
        rect: the place and its surroundings, in map px.
        stitch: the map, or None where nobody asked for its pixels.
    """

    measured: Seam | Crossing | StrokeFault
    tiles: tuple[TileCoord, ...]
    rect: Rect
    stitch: Stitch | None = None

    def picture(self) -> npt.NDArray[np.uint8]:
        """The stitched map there, RGB uint8 (rect.height, rect.width, 3).

        Raises:
            ValueError: there is no map with these facts.
        """
        if self.stitch is None:
            raise ValueError("the map is needed for its picture")
        return self.stitch.region(self.rect).rgb


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of a place.

    Attributes:
        score: 0 is perfect, more is worse; above 1 the place should be mended.
        reason: a few plain words.
    """

    score: float
    reason: str

    @property
    def is_bad(self) -> bool:
        """Whether the place should be mended."""
        return self.score > 1.0


class Judge(Protocol):
    """Says how bad places look. It may be asked from any one thread."""

    def judge(self, evidence: Evidence) -> Verdict:
        """Judge one place; the same evidence gets the same verdict."""
        ...


class MeasuredJudge:
    """Judges by the measures: a seam is bad that is flagged or clearly cut, a crossing with a gap.

    A stretch of a stroke that is missing, broken or displaced is always bad.
    """

    def judge(self, evidence: Evidence) -> Verdict:
        """Judge one place by its facts."""
        measured = evidence.measured
        if isinstance(measured, Seam):
            return _of_seam(measured)
        if isinstance(measured, Crossing):
            return _of_crossing(measured)
        fault = measured.fault
        reason = f"{measured.routing.kind} {fault.kind} for {fault.length_px:.0f} px"
        return Verdict(1.0 + fault.length_px / _FAULT_PX, reason)


def _of_seam(seam: Seam) -> Verdict:
    if seam.step is None and seam.edge is None:
        return Verdict(0.0, "no open ground")
    step, usual_step = _against(seam.step or 0.0, seam.limit)
    edge, usual_edge = _against(seam.edge or 0.0, max(_CLEAR_EDGE, seam.edge_limit or 0.0))
    if edge > max(step, 1.0):
        return Verdict(
            edge, f"a straight edge of {seam.edge:.2f} where up to {usual_edge:.2f} passes"
        )
    return Verdict(step, f"a step of {seam.step or 0.0:.2f} where up to {usual_step:.2f} is usual")


def _against(value: float, limit: float | None) -> tuple[float, float]:
    """How far a ratio is from 1, with the limit as unit; and the limit."""
    usual = max(_SEEN_STEP, np.inf if limit is None else limit)
    return max(0.0, value - 1.0) / (usual - 1.0), usual


def _of_crossing(crossing: Crossing) -> Verdict:
    lost = 1.0 - crossing.compliance
    if crossing.is_continuous:
        return Verdict(0.9 * lost, f"{crossing.kind} runs through")
    return Verdict(1.1 + lost, f"{crossing.kind} does not run through")


def evidence_of(report: SeamReport, stitch: Stitch | None = None) -> Iterator[Evidence]:
    """Every place of a report that can be judged.

    Args:
        report: the measures.
        stitch: the map they were taken from; None where no judge looks at it.
    """
    for seam in report.seams:
        x0, y0, x1, y1 = seam.line
        line = Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
        yield Evidence(seam, seam.tiles, line.grown(_AROUND_PX), stitch)
    for crossing in report.crossings:
        yield Evidence(crossing, crossing.tiles, _around(crossing.at), stitch)
    for routing, fault in report.faults:
        rect = _around(fault.at).grown(round(fault.length_px / 2))
        tiles = (*fault.others, fault.tile)
        yield Evidence(StrokeFault(routing, fault), tiles, rect, stitch)


def _around(at: tuple[float, float]) -> Rect:
    x, y = at
    return Rect(round(x), round(y), 0, 0).grown(_AROUND_PX)
