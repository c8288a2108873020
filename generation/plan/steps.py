"""The step of the stitched map across a hand-over line, against lines where nothing happens.

A line's step is compared with parallel lines inside the two windows on both sides, zone by zone,
so that a line through forest is not blamed for being rougher than one through water.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from generation.plan.colour import Lab, delta_e
from generation.plan.strips import Strip, drift_box_px

MIN_PIXELS = 16
"""A line with fewer pixels that count is not measured."""

MIN_LINES = 4
"""Interior lines a zone needs near a hand-over line to be compared with."""

_SPACING_PX = 2
_APART_PX = 8
_INVISIBLE = 0.02
"""A Delta E that nobody sees; keeps flat colours from dividing by zero."""

_FloatArray = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A hand-over line and its interior lines, measured.

    Attributes:
        step: mean CIEDE2000 step across the line over that of interior lines; None if too few
            pixels count.
        drift: the same for means of a few px on both sides of the whole blend: a shift of colour
            too soft to be an edge.
        interior: the statistic `step` at each interior line, about 1.
        zone_pair: the commonest zones on the two sides of the line.
    """

    step: float | None
    drift: float | None
    interior: _FloatArray
    zone_pair: tuple[int, int]


def measure_steps(strip: Strip) -> Steps:
    """Measure one hand-over line in the stitched map."""
    gap_px = strip.band_px // 2
    step, interior = _ratio(strip, gap_px=0, box_px=1)
    drift, _ = _ratio(strip, gap_px=gap_px, box_px=drift_box_px(strip.band_px))
    return Steps(step, drift, interior, _zone_pair(strip))


def _ratio(strip: Strip, gap_px: int, box_px: int) -> tuple[float | None, _FloatArray]:
    """The line's difference over its zones' interior difference, and that of interior lines.

    The difference at a place is between the mean colours of `box_px` pixels on each side,
    beginning `gap_px` from it.
    """
    span = gap_px + box_px
    width = strip.lab.shape[1]
    if strip.at < span or strip.at + span > width:
        return None, np.empty(0)
    columns = np.arange(span, width - span + 1, _SPACING_PX)
    columns = np.append(columns[columns != strip.at], strip.at)
    counted = _one_open_zone(strip, columns, span)
    counted[:, :-1] &= _untouched(strip, columns[:-1], span)
    counted[:, -1] &= _handed_over(strip)
    values = _differences(strip, columns, gap_px, box_px, counted)
    ratios = _relative(values, strip.zones[:, columns], columns, gap_px + _APART_PX)
    step = float(ratios[-1]) if np.isfinite(ratios[-1]) else None
    return step, ratios[:-1][np.isfinite(ratios[:-1])]


def _differences(
    strip: Strip, columns: npt.NDArray[np.int_], gap_px: int, box_px: int, counted: _Mask
) -> _FloatArray:
    """Delta E across each column, float64 (length, columns); NaN where it does not count."""
    sums = np.cumsum(np.pad(strip.lab, ((0, 0), (1, 0), (0, 0))), axis=1, dtype=np.float64)

    def mean(begin: npt.NDArray[np.int_]) -> Lab:
        box = (sums[:, begin + box_px] - sums[:, begin])[counted] / box_px
        return np.asarray(box, dtype=np.float32)

    values = np.full(counted.shape, np.nan)
    values[counted] = delta_e(mean(columns - gap_px - box_px), mean(columns + gap_px))
    return values


def _one_open_zone(strip: Strip, columns: npt.NDArray[np.int_], span: int) -> _Mask:
    """Where the `span` pixels on both sides of a column are open terrain of one zone."""
    return _constant(strip.zones, columns, span) & _nowhere(~strip.counts, columns, span)


def _untouched(strip: Strip, columns: npt.NDArray[np.int_], span: int) -> _Mask:
    """Where one of the line's two windows alone shows on both sides of a column."""
    ours = np.isin(strip.owner[:, columns], strip.pair)
    return ours & _constant(strip.owner, columns, span) & _nowhere(~strip.alone, columns, span)


def _handed_over(strip: Strip) -> _Mask:
    """Rows where one of the two windows shows before the line and the other behind it."""
    left, right = strip.owner[:, strip.at - 1], strip.owner[:, strip.at]
    first, second = strip.pair
    return np.asarray(((left == first) & (right == second)) | ((left == second) & (right == first)))


def _constant(values: npt.NDArray[Any], columns: npt.NDArray[np.int_], span: int) -> _Mask:
    """Where all pixels from `column - span` to before `column + span` have one value."""
    changes = np.zeros(values.shape, dtype=np.bool_)
    changes[:, :-1] = values[:, 1:] != values[:, :-1]
    counts = _running(changes)
    return np.asarray(counts[:, columns + span - 1] == counts[:, columns - span])


def _nowhere(flags: _Mask, columns: npt.NDArray[np.int_], span: int) -> _Mask:
    """Where no pixel from `column - span` to before `column + span` is flagged."""
    counts = _running(flags)
    return np.asarray(counts[:, columns + span] == counts[:, columns - span])


def _running(flags: _Mask) -> npt.NDArray[np.int32]:
    """Number of flags before each column, int32 (length, width + 1)."""
    return np.cumsum(np.pad(flags, ((0, 0), (1, 0))), axis=1, dtype=np.int32)


def _relative(
    values: _FloatArray,
    zones: npt.NDArray[np.uint8],
    columns: npt.NDArray[np.int_],
    apart_px: int,
) -> _FloatArray:
    """Each column's sum of differences over the sum expected from its zones.

    What is expected of a zone is its mean over the interior columns (all but the last) farther
    than `apart_px` away: texture is alike nearby, and the line itself has no neighbours either.

    Returns:
        float64 (columns,), NaN where too few pixels count.
    """
    known = np.isfinite(values)
    ids = np.unique(zones[known])[:, None, None]
    here = known & (zones == ids)
    sums = np.where(here, values, 0.0).sum(axis=1)
    counts = here.sum(axis=1).astype(np.float64)
    far = np.abs(columns[:, None] - columns[None, :-1]) > apart_px
    far_counts = counts[:, :-1] @ far.T
    enough = ((counts[:, :-1] > 0) @ far.T.astype(np.int_) >= MIN_LINES) & (
        far_counts >= MIN_LINES * MIN_PIXELS
    )
    means = (sums[:, :-1] @ far.T) / np.maximum(far_counts, 1.0)
    found = np.where(enough, sums + _INVISIBLE * counts, 0.0).sum(axis=0)
    wanted = np.where(enough, counts * (means + _INVISIBLE), 0.0).sum(axis=0)
    judged = np.where(enough, counts, 0.0).sum(axis=0) >= MIN_PIXELS
    ratios = np.full(len(columns), np.nan)
    np.divide(found, wanted, out=ratios, where=judged)
    return ratios


def _zone_pair(strip: Strip) -> tuple[int, int]:
    first, second = (
        int(np.bincount(strip.zones[:, column]).argmax()) for column in (strip.at - 1, strip.at)
    )
    return min(first, second), max(first, second)
