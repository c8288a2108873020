"""How long a run will still take, from how long its tiles really took."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from statistics import median

from generation.plan.settings import RunSettings
from generation.run.records import TileRecord

KEPT = 16
"""Measured tiles of one model and schedule that count, newest."""


class TileTimes:
    """Seconds per tile, by model and by steps that are run.

    Args:
        clock: monotonic, in s.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[tuple[str, int], deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._began: float | None = None

    def learn(self, records: Iterable[TileRecord]) -> None:
        """Take what finished tiles of earlier sessions say, where nothing was measured yet."""
        for record in sorted(records, key=lambda record: record.sequence)[-4 * KEPT :]:
            times = self._times[_key(record.model_hash, record.settings)]
            if record.elapsed_s > 0:
                times.append(record.elapsed_s)

    def begin(self) -> None:
        """A tile's painting begins."""
        self._began = self._clock()

    def end(self, model_hash: str, settings: RunSettings) -> None:
        """The tile that was begun is finished and kept; everything in between counts."""
        if self._began is not None:
            self._times[_key(model_hash, settings)].append(self._clock() - self._began)
        self._began = None

    def drop(self) -> None:
        """The tile that was begun did not finish."""
        self._began = None

    def per_tile_s(self, model_hash: str, settings: RunSettings) -> float | None:
        """Seconds one tile takes; None before there is a measure."""
        times = self._times.get(_key(model_hash, settings))
        return median(times) if times else None

    def left_s(self, model_hash: str, settings: RunSettings, tiles: int) -> float | None:
        """Seconds until so many tiles are finished, the one being painted among them."""
        each_s = self.per_tile_s(model_hash, settings)
        if each_s is None:
            return None
        spent_s = 0.0 if self._began is None else self._clock() - self._began
        return max(0.0, tiles * each_s - min(spent_s, each_s))


def _key(model_hash: str, settings: RunSettings) -> tuple[str, int]:
    return model_hash, max(1, round(settings.steps * settings.strength))
