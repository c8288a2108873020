"""The pace of a stage: deadline or step limit, learning rate, progress bar and figures."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator

from tqdm import tqdm

from generation.engine.training.options import RunOptions

WARMUP_STEPS = 100
FLOOR_SHARE = 0.02


def rate_share(step: int, progress: float, warmup: int = WARMUP_STEPS) -> float:
    """Share of the peak learning rate: linear warm-up, then a cosine down to 2 %.

    Args:
        step: steps done.
        progress: share of the stage that is done, in [0, 1].
        warmup: steps of the warm-up.
    """
    rise = min(1.0, (step + 1) / max(1, warmup))
    fall = 0.5 * (1.0 + math.cos(math.pi * min(1.0, max(0.0, progress))))
    return rise * (FLOOR_SHARE + (1.0 - FLOOR_SHARE) * fall)


class Pace:
    """Counts steps and minutes of a stage over all its runs.

    Attributes:
        step: steps done.
        elapsed_s: seconds spent, earlier runs included.
    """

    def __init__(self, run: RunOptions, label: str, step: int = 0, elapsed_s: float = 0.0) -> None:
        self._run = run
        self._label = label
        self.step = step
        self._before_s = elapsed_s
        self._started = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds this stage has run, earlier runs included."""
        return self._before_s + time.monotonic() - self._started

    @property
    def progress(self) -> float:
        """Share of the stage that is done, in [0, 1]."""
        if self._run.steps is not None:
            return min(1.0, self.step / max(1, self._run.steps))
        return min(1.0, self.elapsed_s / (60.0 * self._run.minutes))

    def steps(self) -> Iterator[int]:
        """Yield step numbers until the deadline; the step is counted after the body ran."""
        bar = tqdm(
            total=self._run.steps,
            initial=self.step,
            desc=self._label,
            unit="step",
            file=sys.stderr,
            disable=None if self._run.progress else True,
        )
        with bar:
            while self.progress < 1.0:
                yield self.step
                self.step += 1
                bar.update(1)

    def due(self, every: int) -> bool:
        """Whether the step just made is one in `every`."""
        return (self.step + 1) % every == 0

    def say(self, text: str) -> None:
        """Print one line with the step and the minutes, beside the bar."""
        if self._run.progress:
            minutes = self.elapsed_s / 60.0
            tqdm.write(f"[{self._label} {self.step + 1} {minutes:.1f} min] {text}", sys.stderr)
            sys.stderr.flush()
