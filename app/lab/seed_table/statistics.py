"""Means over maps with bootstrapped intervals, and whether two of them can be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from generation.plan.intervals import Interval, mean_interval

RESAMPLES = 4000
LEAST_MAPS = 3
"""Fewer maps give no verdict: a bootstrap of one or two values knows nothing of their spread."""

_SEED = 2026

Verdict = Literal["better", "worse", "equal"]
Place = tuple[str, int]
"""World and seed of a map."""


def interval_of(values: Sequence[float]) -> Interval | None:
    """The mean of some maps with its bootstrapped interval.

    Args:
        values: one for each map.

    Returns:
        None without values.
    """
    return mean_interval(np.asarray(values, np.float64), _SEED, RESAMPLES) if values else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a row beside that of the row it is compared with, over the maps both have.

    Attributes:
        ours: of the row.
        theirs: of the other row, over the same worlds and seeds.
        difference: ours minus theirs, map by map.
        maps: how many both have.
        verdict: `equal` where the intervals of the two overlap; None with too few maps.
    """

    ours: Interval
    theirs: Interval
    difference: Interval
    maps: int
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
    enough = len(common) >= LEAST_MAPS
    verdict = _verdict(first, second, low_is_good=low_is_good) if enough else None
    return Comparison(first, second, apart, len(common), verdict)


def _verdict(ours: Interval, theirs: Interval, *, low_is_good: bool) -> Verdict:
    if ours.overlaps(theirs):
        return "equal"
    return "better" if (ours.value < theirs.value) == low_is_good else "worse"
