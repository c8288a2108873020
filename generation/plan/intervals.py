"""Means with bootstrap intervals, and the change of one figure against another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

RESAMPLES = 2000
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval.

    Attributes:
        value: of all samples.
        low: 2.5th percentile of the resampled values.
        high: 97.5th percentile.
    """

    value: float
    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals have a value in common."""
        return self.low <= other.high and other.low <= self.high

    def scaled(self, factor: float) -> Interval:
        """The same in another unit, of which `factor` make one."""
        return Interval(factor * self.value, factor * self.low, factor * self.high)

    def shown(self, digits: int = 2, sign: str = "") -> str:
        """As pages show it, "1.50 (1.25 to 1.75)"; "-" where there is none.

        Args:
            digits: behind the point.
            sign: "+" for changes, so that rises have a sign too.
        """
        if math.isnan(self.value):
            return "-"
        form = f"{sign}.{digits}f"
        return f"{self.value:{form}} ({self.low:{form}} to {self.high:{form}})"


def mean_interval(samples: F64, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Mean of samples with its percentile bootstrap interval (Efron 1979).

    Equal samples in equal order give equal intervals.

    Args:
        samples: (n,); NaN are left out.
        seed: of the bootstrap.
        resamples: how often samples are drawn anew.
    """
    known = samples[np.isfinite(samples)]
    if not len(known):
        return Interval(*[float("nan")] * 3)
    return _interval(known.mean(), known[_draws(len(known), seed, resamples)].mean(axis=1))


def change_interval(ours: F64, theirs: F64, *, relative: bool, seed: int = 0) -> Interval:
    """Change of the mean from `theirs` to `ours`, pairs resampled together.

    Args:
        ours: samples (n,).
        theirs: samples (n,) of the same pairs.
        relative: as a share of their mean (-0.5 is half as much), else the difference.
        seed: of the bootstrap.
    """
    known = np.isfinite(ours) & np.isfinite(theirs)
    if not known.any():
        return Interval(*[float("nan")] * 3)
    ours, theirs = ours[known], theirs[known]
    draws = _draws(len(ours), seed, RESAMPLES)
    found = _change(ours.mean(), theirs.mean(), relative=relative)
    means = _change(ours[draws].mean(axis=1), theirs[draws].mean(axis=1), relative=relative)
    return _interval(found, means)


def _interval(value: npt.ArrayLike, resampled: F64) -> Interval:
    low, high = np.percentile(resampled, (_LOW, _HIGH))
    return Interval(float(np.asarray(value)), float(low), float(high))


def _change(ours: F64, theirs: F64, *, relative: bool) -> F64:
    difference = ours - theirs
    return np.asarray(difference / theirs if relative else difference, np.float64)


def _draws(count: int, seed: int, resamples: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(count, size=(resamples, count))
