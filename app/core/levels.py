"""Change strengths as what they really are at a number of steps: so many free ones, no more levels.

A model of few steps knows few strengths, so a choice from 0 to 100 % would promise what it cannot
keep. Each level here is one number of free steps with a mu that gives exactly that number.
"""

from __future__ import annotations

from dataclasses import dataclass

from generation.plan.profile import ModelProfile
from zones.gates import (
    Gate,
    held_steps,
    klein_sigmas,
    release_sigma,
)
from zones.geometry import LATTICE_PX

MANY_STEPS = 16
"""Longer schedules offer only some of their levels."""

_BISECTIONS = 40


@dataclass(frozen=True, slots=True)
class Level:
    """A strength by which painted things may change.

    Attributes:
        free: steps at which the model may change them, 0..steps.
        steps: of the full schedule.
        mu: a change strength in [0, 1] that leaves exactly so many steps free.
    """

    free: int
    steps: int
    mu: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of a run, as far as they decide when a pixel is free.

    Attributes:
        steps: T.
        gate: how mu becomes held steps.
        window_px: side of the model's window.
        terminal_sigma: noise level of the last step, if the model sets one.
    """

    steps: int
    gate: Gate
    window_px: int
    terminal_sigma: float | None = None

    @classmethod
    def of(cls, profile: ModelProfile, steps: int, gate: Gate) -> Schedule:
        """The schedule of a model at a number of steps."""
        return cls(steps, gate, profile.window_px, profile.terminal_sigma)

    def level_of(self, mu: float) -> Level:
        """What a change strength in [0, 1] comes to."""
        return Level(
            self.steps - int(held_steps(mu, self.steps, self.gate, self._sigmas)), self.steps, mu
        )

    def level(self, free: int) -> Level:
        """The level of a number of free steps, 0..steps."""
        if free in (0, self.steps):
            return Level(free, self.steps, float(free > 0))
        if self.gate == "index":
            return Level(free, self.steps, round(free / self.steps, 6))
        low, high = self._first_mu(free), self._first_mu(free + 1)
        return Level(free, self.steps, round((low + high) / 2, 6))

    def levels(self) -> tuple[Level, ...]:
        """What a user may choose from, least change first; all there are if they are few."""
        steps = self.steps
        free = set(range(steps + 1))
        if steps > MANY_STEPS:
            free = {0, 1, 2, steps} | {round(steps * eighth / 8) for eighth in range(1, 8)}
        return tuple(self.level(count) for count in sorted(free))

    def _first_mu(self, free: int) -> float:
        """The least mu that frees so many steps under gate `sigma`."""
        sigma = self._sigmas[self.steps - free]
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if release_sigma(middle) >= sigma else (middle, high)
        return high

    @property
    def _sigmas(self) -> tuple[float, ...]:
        tokens = (self.window_px // LATTICE_PX) ** 2
        return klein_sigmas(tokens, self.steps, self.terminal_sigma)
