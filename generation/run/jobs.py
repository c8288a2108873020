"""What the generation thread is asked to do, and what it tells while it does it.

Everything here is frozen, so that it may cross threads; what a job calls is safe on any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from generation.plan.judging import Judge, MeasuredJudge
from generation.plan.seams import Standards
from generation.plan.settings import RunSettings
from generation.run.records import TileRecord, TileStore
from generation.run.world import World
from zones.errors import InputError
from zones.grid import TileCoord

Outcome = Literal["done", "cancelled", "failed"]
"""How a job ended: its tiles were all tried, the user stopped it, or nothing could be painted."""

Cause = Literal["memory", "engine", "work", "input", "bug"]
"""Why a tile failed: memory ran out, the engine's process died, work or input was bad, or a bug."""


@dataclass(frozen=True, slots=True, eq=False)
class Repairing:
    """How the tiles of a job are repaired: painted again only until what is wrong there is gone.

    Attributes:
        attempts: windows painted for each tile at most; the best one lands if it is better than
            what the map shows, and all are kept for later choice.
        judge: says what is wrong.
        standards: what is usual on the map; None measures the whole map before the first tile.

    Raises:
        ValueError: there is less than one attempt.
    """

    attempts: int = 3
    judge: Judge = field(default_factory=MeasuredJudge)
    standards: Standards | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"a repair takes at least one attempt, not {self.attempts}")


@dataclass(frozen=True, slots=True)
class Repaired:
    """How the repair of one tile went.

    Attributes:
        attempts: windows that were painted.
        wrong: what was wrong around the tile, the worst first, in plain words.
        left: what still is.
        is_better: whether an attempt was better than what the map showed.
    """

    attempts: int
    wrong: tuple[str, ...]
    left: tuple[str, ...]
    is_better: bool


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Some tiles of one world, to be painted in rank order.

    Attributes:
        number: the asker's own name for it; events carry it.
        label: for people.
        world: what is to be painted.
        settings: of the run.
        store: keeps finished tiles.
        tiles: in rank order; a tile is anchored on neighbours that stand before it.
        deliberate: the user chose these very tiles one by one.
        judge: the world, with seed and model, by which finished tiles are fresh or stale; None
            takes `world`.
        candidates: how many variants are painted of each tile where the job is deliberate, else
            of the first window if it has no predecessors. All are kept, the best one lands.
        seeds: a tile's own seed in place of the world's; of a repair, in place of the tile's last.
        now: gives `world` and `judge` as they are at this moment; asked on the generation thread
            when a tile's turn comes, so that what was painted over a tile that waited shows in
            it. None paints every tile from `world`.
        repair: the tiles are repaired in this way, each anchored on all its finished neighbours;
            None paints them anew.

    Raises:
        ValueError: a tile is listed twice, or there is less than one candidate.
    """

    number: int
    label: str
    world: World
    settings: RunSettings
    store: TileStore
    tiles: tuple[TileCoord, ...]
    deliberate: bool = False
    judge: World | None = None
    candidates: int = 1
    seeds: Mapping[TileCoord, int] = field(default_factory=dict)
    now: Callable[[], tuple[World, World]] | None = None
    repair: Repairing | None = None

    def __post_init__(self) -> None:
        if len(set(self.tiles)) != len(self.tiles):
            raise ValueError("a job's tiles are all different")
        if self.candidates < 1:
            raise ValueError(f"a tile has at least one candidate, not {self.candidates}")

    def at_this_moment(self) -> Job:
        """The job with its worlds as they are now.

        A map whose windows lie elsewhere by now has no such tiles: the job stays as it was then.
        """
        if self.now is None:
            return self
        world, judge = self.now()
        try:
            same_windows = world.grid(self.settings) == self.world.grid(self.settings)
        except InputError:  # another model meanwhile, whose windows do not close on this map
            same_windows = False
        return replace(self, world=world, judge=judge) if same_windows else self


@dataclass(frozen=True, slots=True)
class EngineLoading:
    """A model is being loaded, for the first time or again after its engine died.

    Attributes:
        model: as it was asked for.
    """

    model: str


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The model is loaded.

    Attributes:
        facts: what the engine says of itself.
    """

    facts: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The first tile of a job is about to be painted.

    Attributes:
        job: its number.
        total: tiles it has.
    """

    job: int
    total: int


@dataclass(frozen=True, slots=True)
class TileStarted:
    """A tile is being compiled and painted.

    Attributes:
        job: number of the job.
        tile: the tile.
    """

    job: int
    tile: TileCoord


@dataclass(frozen=True, slots=True, eq=False)
class StepDone:
    """One denoising step of a window is done.

    Attributes:
        job: number of the job.
        tile: the window's tile.
        step: steps done so far, from 1; those of earlier candidates included.
        steps: steps this tile takes, all candidates together.
        preview: what the window will look like, RGB uint8 (h / 8, w / 8, 3), read-only.
    """

    job: int
    tile: TileCoord
    step: int
    steps: int
    preview: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class TileDone:
    """A tile is finished and kept.

    Attributes:
        job: number of the job.
        record: its facts.
        landed: whether it shows in the map; False where it was superseded meanwhile.
        done: tiles finished in this job, this one included.
        total: tiles of this job.
        repaired: how its repair went, where the job asked for one. If no attempt was better than
            what the map shows, `record` is the tile's record of before.
    """

    job: int
    record: TileRecord
    landed: bool
    done: int
    total: int
    repaired: Repaired | None = None


@dataclass(frozen=True, slots=True)
class TileFailed:
    """A tile could not be painted; the job goes on without it.

    Attributes:
        job: number of the job.
        tile: the tile.
        reason: one plain sentence.
        cause: what kind of failure it was.
        needed_bytes: memory that could not be had, if memory ran out and the device told.
        free_bytes: memory that was free then, if memory ran out and the device told.
    """

    job: int
    tile: TileCoord
    reason: str
    cause: Cause = "work"
    needed_bytes: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class TileCancelled:
    """A tile will not be painted: it was cancelled, or its job ended early.

    Attributes:
        job: number of the job.
        tile: the tile.
    """

    job: int
    tile: TileCoord


@dataclass(frozen=True, slots=True)
class JobEnded:
    """Nothing more comes from a job; each of its tiles was done, failed or cancelled.

    Attributes:
        job: its number.
        outcome: how it ended.
        done: tiles finished.
        total: tiles it had.
    """

    job: int
    outcome: Outcome
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class WorkerFailed:
    """The model could not be loaded, or died again and again; the job that needed it ends.

    Attributes:
        reason: one plain sentence.
    """

    reason: str


Event = (
    EngineLoading
    | EngineReady
    | JobStarted
    | TileStarted
    | StepDone
    | TileDone
    | TileFailed
    | TileCancelled
    | JobEnded
    | WorkerFailed
)
