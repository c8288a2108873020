"""Paints the tiles of a run one after another, in the thread that asks.

Thread: everything here runs on one thread; what it is given is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from generation.plan.errors import Cancelled
from generation.plan.ports import Engine, StepHook
from generation.plan.settings import RunSettings
from generation.run.jobs import Job, Repairing, StepDone, TileDone
from generation.run.painting import Kept, TilePainter, compile_now
from generation.run.records import TileRecord, TileStore
from generation.run.repair import RepairReport, repair_map
from generation.run.world import World
from zones.grid import Grid, TileCoord

__all__ = ["Renderer", "RunEvent", "StepDone", "TileDone", "compile_now"]

RunEvent = StepDone | TileDone


def _ignore(_event: RunEvent) -> None:
    """Take an event nobody waits for."""


def _never() -> bool:
    return False


@dataclass(eq=False)
class Renderer:
    """Renders tiles of one world with one engine into one store.

    Attributes:
        world: what is to be painted.
        engine: paints windows.
        store: keeps finished tiles.
        settings: of this run.
        candidates: see `Job`.
        deliberate: the tiles were chosen one by one by the user.
        judge: the world, with seed and model, by which finished tiles are fresh or stale; by
            default `world` itself.
        seeds: a tile's own seed in place of the world's.
        on_event: told of every step and every finished tile, as of job 0.
        is_cancelled: asked after every step; True ends the run there.
    """

    world: World
    engine: Engine
    store: TileStore
    settings: RunSettings
    candidates: int = 1
    deliberate: bool = False
    judge: World | None = None
    seeds: Mapping[TileCoord, int] = field(default_factory=dict)
    on_event: Callable[[RunEvent], None] = _ignore
    is_cancelled: Callable[[], bool] = _never
    grid: Grid = field(init=False)

    def __post_init__(self) -> None:
        self.grid = self.world.grid(self.settings)

    def render(self, ranked: Collection[TileCoord]) -> Iterator[TileRecord]:
        """Paint tiles in rank order; each is kept before it is yielded.

        Args:
            ranked: the tiles of this run, first to last.

        Raises:
            Cancelled: `is_cancelled` said so; finished tiles are kept.
            WorkError: the engine or the disk failed; finished tiles are kept.
        """
        job = self._job(ranked)
        painter = TilePainter(job, self.engine)
        for done, tile in enumerate(job.tiles, start=1):
            self._check()
            kept = painter.paint(tile, self._step_hook(tile), self._check)
            self.on_event(TileDone(0, kept.record, kept.landed, done, len(job.tiles)))
            yield kept.record

    def repair(self, tiles: Collection[TileCoord], how: Repairing) -> RepairReport:
        """Repair what is wrong with the finished map; see `repair_map`.

        Args:
            tiles: only these are painted again.
            how: how often, and who judges.

        Raises:
            Cancelled: `is_cancelled` said so; what was repaired is kept.
            WorkError: the engine or the disk failed; what was repaired is kept.
        """
        job = replace(self._job(tiles), deliberate=True, repair=how)
        done = 0

        def on_kept(kept: Kept) -> None:
            nonlocal done
            done += 1
            told = TileDone(0, kept.record, kept.landed, done, len(job.tiles), kept.repaired)
            self.on_event(told)

        return repair_map(job, self.engine, self._step_hook, self._check, on_kept)

    def _job(self, tiles: Collection[TileCoord]) -> Job:
        return Job(
            number=0,
            label="",
            world=self.world,
            settings=self.settings,
            store=self.store,
            tiles=tuple(tiles),
            deliberate=self.deliberate,
            judge=self.judge,
            candidates=self.candidates,
            seeds=self.seeds,
        )

    def _check(self) -> None:
        if self.is_cancelled():
            raise Cancelled

    def _step_hook(self, tile: TileCoord) -> StepHook:
        def on_step(step: int, steps: int, preview: npt.NDArray[np.uint8] | None) -> None:
            self._check()
            self.on_event(StepDone(0, tile, step, steps, preview))

        return on_step
