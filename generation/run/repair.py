"""Mends what is wrong with a finished map: bad seams, broken crossings, lost or displaced strokes.

A tile is painted again between all its finished neighbours, with thin anchors and other noise, a
few times at most and with tighter settings each time; it lands only where the judge finds the map
around it better than before. So nothing gets worse, and it always ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from generation.plan.judging import (
    Evidence,
    Judge,
    MeasuredJudge,
    StrokeFault,
    Verdict,
    evidence_of,
)
from generation.plan.ports import Engine, StepHook
from generation.plan.seams import SeamReport, Standards, measure_seams
from generation.plan.settings import RunSettings
from generation.plan.stitch import Stitch
from generation.run.jobs import Job, Repaired, Repairing
from generation.run.painting import Kept, TilePainter, Variant, counted_through
from generation.run.records import TileRecord, TileSource
from zones.errors import InputError
from zones.grid import Grid, TileCoord
from zones.inputs import window_mus

MU_CAP = 0.1
"""Strokes that were lost are held this long at most: mu is not lowered further."""

_MU_STEP = 0.15
_SEEDS = 2**63
_SEED_STEP = 7919
"""Between the seeds of attempts; a prime, so that they miss those of candidates."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A tile that should be painted again.

    Attributes:
        tile: which.
        score: how bad what it would mend is, all together.
        reasons: what is wrong, the worst first, in plain words.
    """

    tile: TileCoord
    score: float
    reasons: tuple[str, ...]


def repair_plan(
    report: SeamReport,
    judge: Judge | None = None,
    stitch: Stitch | None = None,
    spent: Collection[TileCoord] = (),
) -> tuple[Repair, ...]:
    """Which tiles to paint again so that every bad place has one of its tiles repaired.

    Args:
        report: the measured map.
        judge: says what is bad; None takes the measured judge.
        stitch: the map, for judges that look at it.
        spent: tiles that are not to be painted again.

    Returns:
        The worst first: of each place the tile with the most to mend around it, the later one
        where they are equal. None where nothing is bad.
    """
    chosen = MeasuredJudge() if judge is None else judge
    open_places = [
        (found, verdict)
        for found in evidence_of(report, stitch)
        if (verdict := chosen.judge(found)).is_bad
    ]
    plan = []
    while tile := _worst_tile(open_places, spent):
        mine = [item for item in open_places if tile in item[0].tiles]
        open_places = [item for item in open_places if tile not in item[0].tiles]
        plan.append(Repair(tile, _total(mine), _reasons(mine)))
    return tuple(sorted(plan, key=lambda repair: -repair.score))


_Judged = tuple[Evidence, Verdict]


def _worst_tile(places: Sequence[_Judged], spent: Collection[TileCoord]) -> TileCoord | None:
    scores: dict[TileCoord, tuple[float, int]] = {}
    for found, verdict in places:
        for later, tile in enumerate(found.tiles):
            if tile not in spent:
                score, rank = scores.get(tile, (0.0, 0))
                scores[tile] = score + verdict.score, max(rank, later)
    return max(sorted(scores), key=lambda tile: scores[tile]) if scores else None


def _total(places: Sequence[_Judged]) -> float:
    return sum(verdict.score for _, verdict in places)


def _reasons(places: Sequence[_Judged]) -> tuple[str, ...]:
    worst_first = sorted(places, key=lambda item: -item[1].score)
    return tuple(verdict.reason for _, verdict in worst_first)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """How the map looks around a tile.

    Attributes:
        bad: places to be mended.
        own: those of them that are the tile's.
        total: of all scores, good ones included.
    """

    bad: tuple[_Judged, ...]
    own: tuple[_Judged, ...]
    total: float

    def is_better_than(self, other: _State) -> bool:
        """Whether less is bad, or as little and the rest looks better."""
        if len(self.bad) > len(other.bad):
            return False
        ours, theirs = _total(self.bad), _total(other.bad)
        return ours < theirs or (ours == theirs and self.total < other.total)


@dataclass(eq=False)
class TileRepairer:
    """Repairs the tiles of one job, one call each.

    Attributes:
        job: whose tiles; it has `repair`.
        engine: paints windows; may be replaced between tiles.
        grid: the job's windows.
        last_sequence: highest sequence of a finished tile so far.
    """

    job: Job
    engine: Engine
    grid: Grid = field(init=False)
    last_sequence: int = field(init=False)
    _standards: Standards | None = field(init=False)

    def __post_init__(self) -> None:
        self._standards = self._how.standards
        self.grid = self.job.world.grid(self.job.settings)
        kept = self.job.store.records().values()
        self.last_sequence = max((record.sequence for record in kept), default=-1)

    def paint(self, tile: TileCoord, on_step: StepHook, check: Callable[[], None]) -> Kept:
        """Repair a tile, if anything is wrong with it.

        Args:
            tile: a finished one.
            on_step: told of every step of every attempt, counted through all that may come.
            check: called between attempts and right before the tile is kept; may raise
                `Cancelled`.

        Raises:
            Cancelled: from `on_step` or `check`; the tile is as it was.
            InputError: the tile is not finished or cannot be compiled.
            WorkError: the engine or the disk failed.
        """
        job = self.job = self.job.at_this_moment()
        before = job.store.record(tile)
        if before is None or not before.stands_on(self.grid):
            raise InputError(f"tile {tile} is not finished, so it cannot be repaired; render it")
        was = state = self._state(tile)
        best: Variant | None = None
        attempts = 0
        while state.own and attempts < self._how.attempts:
            check()
            hook = counted_through(on_step, attempts, self._how.attempts)
            variant = self._attempt(before, was, attempts, hook)
            attempts += 1
            job.store.put_candidate(variant.record, variant.rgb, variant.mask)
            found = self._state(tile, variant)
            if found.is_better_than(state):
                state, best = found, variant
        check()
        told = Repaired(attempts, _reasons(was.own), _reasons(state.own), best is not None)
        if best is None:
            return Kept(before, landed=False, repaired=told)
        landed = job.store.put(best.record, best.rgb, best.mask)
        self.last_sequence = best.record.sequence
        return Kept(best.record, landed, told)

    @property
    def _how(self) -> Repairing:
        return self.job.repair or Repairing()

    def _attempt(self, before: TileRecord, was: _State, number: int, on_step: StepHook) -> Variant:
        """Paint the tile between all its finished neighbours, and keep nothing."""
        tile = before.tile
        thin_px = self.job.world.profile.closing_anchor_px // 2
        settings = tightened(self.job.settings, number, thin_px, self._mu_of_lost(tile, was))
        if self.job.world.grid(settings) != self.grid:
            settings = replace(settings, layout=self.job.settings.layout)
        own = self.job.seeds.get(tile, before.seed)
        seed = (own + _SEED_STEP * (number + 1)) % _SEEDS
        alone = replace(
            self.job,
            settings=settings,
            tiles=(tile,),
            deliberate=True,
            seeds={tile: seed},
            now=None,
            repair=None,
        )
        painter = TilePainter(alone, self.engine, is_thin=True)
        painter.last_sequence = max(painter.last_sequence, self.last_sequence)
        return painter.draft(tile, on_step)

    def _mu_of_lost(self, tile: TileCoord, was: _State) -> float | None:
        """By how much the tile's strokes may change at most now; None where none was lost."""
        if not any(isinstance(item.measured, StrokeFault) for item, _ in was.own):
            return None
        world, settings = self.job.world, self.job.settings
        compiled = settings.compile_settings(world.profile, world.map_prompt)
        mus = window_mus(world.reader, self.grid, world.palette, tile, compiled)
        return min(mus, default=None)

    def _state(self, tile: TileCoord, variant: Variant | None = None) -> _State:
        """How the map looks around a tile, as it is or with a variant in its place."""
        world = self.job.world
        stitch = self._stitch_around(tile, variant)
        report = measure_seams(
            stitch,
            world.reader,
            world.palette,
            near=self.grid.window(tile),
            standards=self._standards or self.measured().standards,
        )
        judged = [(found, self._how.judge.judge(found)) for found in evidence_of(report, stitch)]
        bad = tuple(item for item in judged if item[1].is_bad)
        own = tuple(item for item in bad if tile in item[0].tiles)
        return _State(bad, own, _total(judged))

    def _stitch_around(self, tile: TileCoord, variant: Variant | None) -> Stitch:
        """The map as far as two windows away."""
        store = self.job.store
        wide = self.grid.window(tile).grown(self.grid.window_px)
        around = {found.tile for found in self.grid.windows_touching(wide)}
        found = {other: store.record(other) for other in around}
        records = {
            other: record
            for other, record in found.items()
            if record is not None and record.stands_on(self.grid)
        }
        if variant is None:
            return self.job.world.stitch(self.grid, store, records)
        records[tile] = variant.record
        return self.job.world.stitch(self.grid, _With(store, variant), records)

    def measured(self) -> SeamReport:
        """The whole map as it is now, by the standards of the first time."""
        world = self.job.world
        stitch = self._stitch(self.job.store.records())
        report = measure_seams(stitch, world.reader, world.palette, standards=self._standards)
        self._standards = self._standards or report.standards
        return report

    def plan(self, report: SeamReport, spent: Collection[TileCoord] = ()) -> tuple[Repair, ...]:
        """Which tiles to repair, by the job's judge."""
        stitch = self._stitch(self.job.store.records())
        return repair_plan(report, self._how.judge, stitch, spent)

    def _stitch(self, records: Mapping[TileCoord, TileRecord]) -> Stitch:
        standing = {tile: own for tile, own in records.items() if own.stands_on(self.grid)}
        return self.job.world.stitch(self.grid, self.job.store, standing)


@dataclass(frozen=True, slots=True, eq=False)
class _With:
    """The tiles of a store, one of them as a variant shows it."""

    store: TileSource
    variant: Variant

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window."""
        return self.variant.rgb if tile == self.variant.record.tile else self.store.raw(tile)

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, or None."""
        return self.variant.mask if tile == self.variant.record.tile else self.store.mask(tile)


def tightened(
    settings: RunSettings, attempt: int, thin_px: int, mu: float | None = None
) -> RunSettings:
    """The settings of one attempt: those of the run, made to hold the joints ever more firmly.

    Args:
        settings: of the run.
        attempt: from 0; from the second on everything that lets a window drift is off.
        thin_px: anchor width from the second attempt on: what lies between two tiles can only be
            changed where neither is held on the other.
        mu: of strokes that were lost: they are held longer each time, up to a cap; None leaves
            strokes as they are.
    """
    settings = replace(settings, layout="anchored", noise="map", plain=False)
    if attempt:
        settings = replace(settings, reference=True, strength=1.0, closing_anchor_px=thin_px)
    if mu is not None:
        settings = replace(settings, mu_feature=min(mu, max(MU_CAP, mu - _MU_STEP * (attempt + 1))))
    return settings


@dataclass(frozen=True, slots=True, eq=False)
class RepairReport:
    """What the repair of a whole map came to.

    Attributes:
        before: the map as it was, measured.
        after: as it is now, judged by the same standards.
        tiles: what was tried, in that order; a tile may be there more than once.
        left: what is still wrong.
    """

    before: SeamReport
    after: SeamReport
    tiles: tuple[tuple[TileCoord, Repaired], ...]
    left: tuple[Repair, ...]

    @property
    def attempts(self) -> int:
        """Windows that were painted."""
        return sum(repaired.attempts for _, repaired in self.tiles)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "before": self.before.summary(),
            "after": self.after.summary(),
            "attempts": self.attempts,
            "tiles": [
                {
                    "tile": [tile.row, tile.col],
                    "attempts": repaired.attempts,
                    "wrong": list(repaired.wrong),
                    "left": list(repaired.left),
                    "is_better": repaired.is_better,
                }
                for tile, repaired in self.tiles
            ],
            "left": [
                {"tile": [repair.tile.row, repair.tile.col], "reasons": list(repair.reasons)}
                for repair in self.left
            ],
        }


def repair_map(
    job: Job,
    engine: Engine,
    hook: Callable[[TileCoord], StepHook],
    check: Callable[[], None],
    on_kept: Callable[[Kept], None],
) -> RepairReport:
    """Repair a whole map, the worst tile first, until nothing is wrong or all is tried.

    Args:
        job: with `repair`; only its tiles are painted, each at most `attempts` times.
        engine: paints the windows.
        hook: gives what is told of every step of a tile, see `TileRepairer.paint`.
        check: called between attempts and before a tile is kept; may raise `Cancelled`.
        on_kept: told of every tile that was tried.

    Raises:
        Cancelled: from `check` or a hook; what was repaired before is kept.
        InputError: a tile cannot be compiled.
        WorkError: the engine or the disk failed.
    """
    repairer = TileRepairer(job, engine)
    tried: list[tuple[TileCoord, Repaired]] = []
    beyond = set(repairer.grid.tiles()) - set(job.tiles)
    spent = set(beyond)
    before = report = repairer.measured()
    while plan := repairer.plan(report, spent):
        for repair in plan:
            check()
            kept = repairer.paint(repair.tile, hook(repair.tile), check)
            spent.add(repair.tile)
            on_kept(kept)
            if kept.repaired is not None:
                tried.append((repair.tile, kept.repaired))
        report = repairer.measured()
    return RepairReport(before, report, tuple(tried), repairer.plan(report, beyond))
