"""Means over maps with bootstrapped intervals, and whether two of them can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

RESAMPLES = 4000
COVERAGE = 0.95
LEAST_MAPS = 3
"""Fewer maps give no verdict: a bootstrap of one or two values knows nothing of their spread."""

_SEED = 2026

Verdict = Literal["better", "worse", "equal"]
Place = tuple[str, int]
"""World and seed of a map."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over maps.

    Attributes:
        mean: of the maps.
        low: lower end of its 95 % interval.
        high: upper end.
        maps: how many there were.
    """

    mean: float
    low: float
    high: float
    maps: int

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals have a value in common."""
        return self.low <= other.high and other.low <= self.high


def interval_of(values: Sequence[float]) -> Interval | None:
    """The mean of some maps with its percentile bootstrap interval (Efron 1979).

    Equal values in equal order give equal intervals.

    Args:
        values: one for each map.

    Returns:
        None without values.
    """
    if not values:
        return None
    found = np.asarray(values, np.float64)
    drawn = np.random.default_rng(_SEED).integers(0, found.size, (RESAMPLES, found.size))
    tail = 50.0 * (1.0 - COVERAGE)
    low, high = np.percentile(found[drawn].mean(axis=1), (tail, 100.0 - tail))
    return Interval(float(found.mean()), float(low), float(high), found.size)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a row beside that of the row it is compared with, over the maps both have.

    Attributes:
        ours: of the row.
        theirs: of the other row, over the same worlds and seeds.
        difference: ours minus theirs, map by map.
        verdict: `equal` where the intervals of the two overlap; None with too few maps.
    """

    ours: Interval
    theirs: Interval
    difference: Interval
    verdict: Verdict | None


def compare(
    ours: Mapping[Place, float], theirs: Mapping[Place, float], *, low_is_good: bool
) -> Comparison | None:
    """Compare two rows by one figure.

    Args:
        ours: the figure by map.
        theirs: the same of the other row.
        low_is_good: whether a smaller figure is the better one.

    Returns:
        None where no map is in both.
    """
    common = sorted(ours.keys() & theirs.keys())
    first = interval_of([ours[place] for place in common])
    second = interval_of([theirs[place] for place in common])
    apart = interval_of([ours[place] - theirs[place] for place in common])
    if first is None or second is None or apart is None:
        return None
    return Comparison(first, second, apart, _verdict(first, second, low_is_good=low_is_good))


def _verdict(ours: Interval, theirs: Interval, *, low_is_good: bool) -> Verdict | None:
    if ours.maps < LEAST_MAPS:
        return None
    if ours.overlaps(theirs):
        return "equal"
    return "better" if (ours.mean < theirs.mean) == low_is_good else "worse"
