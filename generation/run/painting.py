"""Paints one tile of a job: looks around, compiles, asks the engine, keeps the best variant.

Thread: a `TilePainter` is used by one thread; what it is given is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from generation.plan.noise import grid_noise, tile_noise
from generation.plan.ports import Engine, StepHook
from generation.plan.request import PaintedWindow, PaintRequest
from generation.plan.settings import RunSettings
from generation.plan.stitch import carved_pixels
from generation.run.jobs import Job, Repaired
from generation.run.records import TileRecord, TileStore
from generation.run.surroundings import Surroundings
from generation.run.world import World
from zones.compiler import CompiledWindow, compile_window
from zones.geometry import LATENT_PX, LATTICE_PX
from zones.grid import Grid, Neighbour, TileCoord


@dataclass(frozen=True, slots=True)
class Kept:
    """A tile that was painted and kept.

    Attributes:
        record: its facts.
        landed: whether it shows in the map now.
        repaired: how its repair went, where that was asked for.
    """

    record: TileRecord
    landed: bool
    repaired: Repaired | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A tile as it was painted, not kept yet.

    Attributes:
        record: its facts.
        rgb: its raw window, uint8 (h, w, 3).
        mask: its stitch mask, uint8 (h, w), or None.
    """

    record: TileRecord
    rgb: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.uint8] | None


@dataclass(eq=False)
class TilePainter:
    """Paints the tiles of one job, one call each, and knows which of them have landed.

    A tile is compiled from the map as it is when its turn comes, and anchored on those finished
    neighbours that are fresh then, so tiles that were painted over, undone or painted by another
    job meanwhile are seen as they are. What changes while a tile is being painted does not reach
    it.

    Attributes:
        job: whose tiles, with the worlds of the tile that was painted last.
        engine: paints windows; may be replaced between tiles.
        grid: the job's windows.
        is_thin: whether every tile is anchored as thinly as a closing one.
        last_sequence: highest sequence of a finished tile so far.
    """

    job: Job
    engine: Engine
    is_thin: bool = False
    grid: Grid = field(init=False)
    last_sequence: int = field(init=False)
    _ranks: dict[TileCoord, int] = field(init=False)
    _landed: dict[TileCoord, TileRecord] = field(init=False, default_factory=dict)
    _judged: dict[TileCoord, tuple[TileRecord, bool]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        job = self.job
        self.grid = job.world.grid(job.settings)
        self._ranks = {tile: rank for rank, tile in enumerate(job.tiles)}
        kept = job.store.records().values()
        self.last_sequence = max((record.sequence for record in kept), default=-1)

    def paint(self, tile: TileCoord, on_step: StepHook, check: Callable[[], None]) -> Kept:
        """Paint a tile of the job and keep it.

        Args:
            tile: one of the job's; those it is anchored on must have been tried before.
            on_step: told of every step of every variant, counted through all of them.
            check: called right before the tile is kept; may raise `Cancelled`.

        Raises:
            Cancelled: from `on_step` or `check`; the tile is as it was.
            InputError: the tile cannot be compiled.
            WorkError: the engine or the disk failed.
        """
        job = self._take_turn()
        around, compiled = self._look_around(tile)
        first = not self._landed and not around.near
        count = job.candidates if job.deliberate or first else 1
        variants = []
        for variant in self._variants(compiled, around, count, on_step):
            if count > 1:
                check()
                job.store.put_candidate(variant.record, variant.rgb, variant.mask)
            variants.append(variant)
        best = min(variants, key=lambda found: _distance_to_canvas(found.rgb, compiled))
        check()
        landed = job.store.put(best.record, best.rgb, best.mask)
        self.last_sequence = best.record.sequence
        if landed:
            self._landed[tile] = best.record
        return Kept(best.record, landed)

    def draft(self, tile: TileCoord, on_step: StepHook) -> Variant:
        """Paint a tile of the job as `paint` would, and keep nothing.

        Raises:
            Cancelled: from `on_step`.
            InputError: the tile cannot be compiled.
            WorkError: the engine failed.
        """
        around, compiled = self._look_around(tile)
        return next(self._variants(compiled, around, 1, on_step))

    def _look_around(self, tile: TileCoord) -> tuple[Surroundings, CompiledWindow]:
        """A tile's neighbours and its window, as they are at this moment."""
        job = self.job
        before = job.store.record(tile)
        around = Surroundings.of(self.grid, tile, self._ranks, self._standing(tile), before)
        if self.is_thin:
            around = replace(around, closing=True)
        return around, compile_around(job.world, job.store, job.settings, around)

    def _take_turn(self) -> Job:
        """The job as the next tile is painted: from the map as it is at this moment."""
        now = self.job.at_this_moment()
        if now is not self.job:
            self.job, self._judged = now, {}
        return now

    def _standing(self, tile: TileCoord) -> dict[TileCoord, TileRecord]:
        """The neighbours a tile may be anchored on, as they are kept at this moment."""
        found = {}
        for other in {neighbour.tile for neighbour in self.grid.neighbours(tile)}:
            if other in self._landed or other not in self._ranks:
                record = self.job.store.record(other)
                if record is not None and self._is_fresh(record):
                    found[other] = record
        return found

    def _is_fresh(self, record: TileRecord) -> bool:
        known = self._judged.get(record.tile)
        if known is None or known[0] != record:
            own = self._landed.get(record.tile)
            is_own = own is not None and (own.sequence, own.seed) == (record.sequence, record.seed)
            judge = self.job.world if is_own else self.job.judge or self.job.world
            known = (record, judge.is_fresh(self.grid, record))
            self._judged[record.tile] = known
        return known[1]

    def _variants(
        self, compiled: CompiledWindow, around: Surroundings, count: int, on_step: StepHook
    ) -> Iterator[Variant]:
        mask = self._stitch_mask(compiled)
        own = self.job.seeds.get(compiled.tile, self.job.world.seed)
        for number in range(count):
            request = self._request(compiled, own + number)
            painted = self.engine.paint(request, counted_through(on_step, number, count))
            record = self._record(compiled, around, painted, own + number)
            yield Variant(record, painted.rgb, mask)

    def _request(self, compiled: CompiledWindow, seed: int) -> PaintRequest:
        settings = self.job.settings
        return PaintRequest(
            seed_canvas=compiled.seed_canvas,
            inpaint_mask=compiled.inpaint_mask,
            change_map=compiled.change_map if compiled.differential else None,
            prompt=compiled.prompt,
            steps=settings.steps,
            noise=self._noise(compiled.tile, seed),
            strength=settings.strength,
            gate=settings.gate,
            compositor=settings.compositor,
            reference=settings.reference,
            plain=settings.plain,
            finished_mask=compiled.finished_mask if compiled.finished_mask.any() else None,
        )

    def _noise(self, tile: TileCoord, seed: int) -> npt.NDArray[np.float32]:
        channels = self.engine.latent_channels
        if self.job.settings.noise == "map":
            return grid_noise(self.grid, tile, seed, channels)
        side = self.grid.window_px // LATENT_PX
        return tile_noise(seed, tile, (channels, side, side))

    def _stitch_mask(self, compiled: CompiledWindow) -> npt.NDArray[np.uint8] | None:
        world = self.job.world
        settings = self.job.settings.compile_settings(world.profile, world.map_prompt)
        carved = carved_pixels(compiled, settings, self.grid)
        return None if carved is None else carved.astype(np.uint8) * np.uint8(255)

    def _record(
        self, compiled: CompiledWindow, around: Surroundings, painted: PaintedWindow, seed: int
    ) -> TileRecord:
        tile, job, world = compiled.tile, self.job, self.job.world
        return TileRecord(
            tile=tile,
            window=compiled.rect,
            sequence=self.last_sequence + 1,
            inputs_hash=world.inputs_hash(self.grid, tile, job.settings),
            painted_hash=world.painted_hash(self.grid, tile),
            settings=job.settings,
            deliberate=job.deliberate,
            predecessors=tuple(Neighbour(item.tile, item.window) for item in around.near),
            closing=around.closing,
            seed=seed,
            model=world.profile.name,
            model_hash=world.model_hash,
            prompt=compiled.prompt,
            elapsed_s=painted.elapsed_s,
        )


def compile_now(
    world: World, store: TileStore, settings: RunSettings, tile: TileCoord
) -> CompiledWindow:
    """The window as a run of this one tile would use it now.

    Raises:
        InputError: the grid has no such tile.
    """
    grid = world.grid(settings)
    around = {neighbour.tile for neighbour in grid.neighbours(tile)}
    records = {other: store.record(other) for other in around}
    finished = {
        other: record
        for other, record in records.items()
        if record is not None and world.is_fresh(grid, record)
    }
    found = Surroundings.of(grid, tile, {tile: 0}, finished, store.record(tile))
    return compile_around(world, store, settings, found)


def compile_around(
    world: World, store: TileStore, settings: RunSettings, around: Surroundings
) -> CompiledWindow:
    """The window of a tile as it is painted between these neighbours."""
    grid = world.grid(settings)
    return compile_window(
        world.reader,
        grid,
        world.palette,
        around.tile,
        settings.compile_settings(world.profile, world.map_prompt),
        around.near,
        around.stitched(world, grid, store),
        closing=around.closing,
    )


def counted_through(on_step: StepHook, number: int, count: int) -> StepHook:
    """A hook of one variant that counts the steps of all of them."""

    def counted(step: int, steps: int, preview: npt.NDArray[np.uint8] | None) -> None:
        on_step(number * steps + step, count * steps, preview)

    return counted


def _distance_to_canvas(rgb: npt.NDArray[np.uint8], compiled: CompiledWindow) -> float:
    """Mean CIEDE2000 between broad colours (means of 16 px cells) of a window and its canvas."""
    from skimage.color import deltaE_ciede2000, rgb2lab  # noqa: PLC0415 - loads slowly

    return float(
        deltaE_ciede2000(
            rgb2lab(_cell_means(rgb)), rgb2lab(_cell_means(compiled.seed_canvas))
        ).mean()
    )


def _cell_means(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    height, width = rgb.shape[0] // LATTICE_PX, rgb.shape[1] // LATTICE_PX
    cells = rgb.reshape(height, LATTICE_PX, width, LATTICE_PX, 3).astype(np.float32)
    means: npt.NDArray[np.float32] = cells.mean(axis=(1, 3)) / np.float32(255)
    return means
