"""What zones and strokes look like on a map, learnt from the map itself.

A look is a Gaussian over colours, fitted to the samples that agree with each other, so that the
few places that look like something else do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generation.plan.colour import Lab

MIN_SAMPLES = 60
"""Samples a look needs."""

_MIN_SPREAD = 2.0
_PALETTE_SPREAD = 8.0
"""Lab units: the least spread of a look, and that of a colour of which only the name is known."""

_ROUNDS = 4
_INLIER = 7.8
_STANDS_OUT = 12.0
"""Squared Mahalanobis distances (95 % and 99.3 % of a Gaussian in three dimensions)."""

_STRANGE = 30.0
"""As far from every look as this, nothing is said."""

_FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The colours of a zone or of a kind of stroke.

    Attributes:
        mean: Lab, float64 (3,).
        precision: inverse of the covariance, float64 (3, 3).
        log_scale: logarithm of the root of the precision's determinant.
    """

    mean: npt.NDArray[np.float64]
    precision: npt.NDArray[np.float64]
    log_scale: float

    @classmethod
    def plain(cls, lab: Lab) -> Look:
        """A look around a colour of which nothing more is known, Lab (3,)."""
        return cls._of(lab.astype(np.float64), np.eye(3) * _PALETTE_SPREAD**2)

    @classmethod
    def fitted(cls, samples: Lab) -> Look:
        """A look of the samples that agree with each other, Lab (n, 3), n >= 2."""
        middle = np.median(samples, axis=0).astype(np.float64)
        spread = 1.4826 * np.median(np.abs(samples - middle), axis=0)
        look = cls._of(middle, np.diag(np.maximum(spread, _MIN_SPREAD) ** 2))
        for _ in range(_ROUNDS):
            kept = samples[look.distance(samples) < _INLIER]
            if len(kept) < MIN_SAMPLES:
                break
            spread = np.cov(kept.T.astype(np.float64)) + np.eye(3) * _MIN_SPREAD**2
            look = cls._of(kept.mean(axis=0, dtype=np.float64), spread)
        return look

    @classmethod
    def _of(cls, mean: npt.NDArray[np.float64], covariance: npt.NDArray[np.float64]) -> Look:
        precision = np.linalg.inv(covariance).astype(np.float64)
        return cls(mean, precision, 0.5 * float(np.linalg.slogdet(precision)[1]))

    def distance(self, lab: Lab) -> npt.NDArray[np.float64]:
        """Squared Mahalanobis distance of colours, Lab (..., 3) to float64 (...)."""
        away = lab - self.mean
        return np.asarray(((away @ self.precision) * away).sum(axis=-1))

    def log_likelihood(self, lab: Lab) -> npt.NDArray[np.float64]:
        """Logarithm of the density, less a constant, Lab (..., 3) to float64 (...)."""
        return self.log_scale - self.distance(lab) / 2

    def separation(self, other: Look) -> float:
        """Squared distance of the two means by the sum of both covariances."""
        away = self.mean - other.mean
        joint = np.linalg.inv(self.precision) + np.linalg.inv(other.precision)
        return float(away @ np.linalg.solve(joint, away))


def stroke_look(core: Sequence[Lab], terrain: Sequence[Look], named: Lab) -> Look:
    """The look of one kind of stroke.

    Args:
        core: samples of where it was painted, Lab (n, 3), one array for each zone beside it.
        terrain: the looks of those zones.
        named: the stencil's own colour, Lab (3,).

    Returns:
        The look of those samples that do not look like their zone; that of the stencil's colour
        where too few stand out, so that a stroke which is gone is not taken for the terrain.
    """
    outside = [
        samples[look.distance(samples) > _STANDS_OUT]
        for samples, look in zip(core, terrain, strict=True)
    ]
    standing = np.concatenate(outside) if outside else np.empty((0, 3), dtype=np.float32)
    total = sum(len(samples) for samples in core)
    if len(standing) < max(MIN_SAMPLES, total / 4):
        return Look.plain(named)
    return Look.fitted(standing)


def likeness(lab: Lab, stroke: Look, terrain: npt.NDArray[np.float64]) -> _FloatArray:
    """How much colours look like a stroke rather than like the terrain.

    Args:
        lab: (..., 3).
        stroke: the stroke's look.
        terrain: log likelihood of the terrain, float64 (...).

    Returns:
        float32 (...) in [0, 1].
    """
    strange = stroke.log_scale - _STRANGE / 2
    own = np.logaddexp(stroke.log_likelihood(lab), strange)
    other = np.logaddexp(terrain, strange)
    share = 1.0 / (1.0 + np.exp(np.clip(other - own, -30.0, 30.0)))
    return np.asarray(share, dtype=np.float32)
