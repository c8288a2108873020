"""Paints the tiles of a run one after another and keeps each as soon as it is finished.

Thread: everything here runs on the one generation thread; what it is given is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000, rgb2lab

from generation.plan.errors import Cancelled
from generation.plan.noise import grid_noise, tile_noise
from generation.plan.ports import Engine
from generation.plan.request import PaintedWindow, PaintRequest
from generation.plan.settings import RunSettings
from generation.plan.stitch import carved_pixels
from generation.run.records import TileRecord, TileStore
from generation.run.surroundings import Surroundings
from generation.run.world import World
from zones.compiler import CompiledWindow, CompileSettings, compile_window
from zones.geometry import LATENT_PX, LATTICE_PX
from zones.grid import Grid, Neighbour, TileCoord


@dataclass(frozen=True, slots=True)
class StepDone:
    """One denoising step of a window is done.

    Attributes:
        tile: the window's tile.
        step: steps done so far, from 1.
        steps: steps this window takes.
    """

    tile: TileCoord
    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class TileDone:
    """A tile is finished and kept.

    Attributes:
        record: its facts.
        done: tiles finished in this run, this one included.
        total: tiles of this run.
    """

    record: TileRecord
    done: int
    total: int


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
        candidates: how many variants the run's first window is chosen from, if it has no
            predecessors.
        deliberate: the tiles were chosen one by one by the user.
        judge: the world, with seed and model, by which finished tiles are fresh or stale; by
            default `world` itself.
        on_event: told of every step and every finished tile.
        is_cancelled: asked after every step; True ends the run there.
    """

    world: World
    engine: Engine
    store: TileStore
    settings: RunSettings
    candidates: int = 1
    deliberate: bool = False
    judge: World | None = None
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
        order = tuple(ranked)
        ranks = {tile: rank for rank, tile in enumerate(order)}
        kept = self.store.records()
        sequence = 1 + max((record.sequence for record in kept.values()), default=-1)
        fresh = (self.judge or self.world).fresh_records(self.grid, self.store)
        finished = {tile: record for tile, record in fresh.items() if tile not in ranks}
        for done, tile in enumerate(order, start=1):
            if self.is_cancelled():
                raise Cancelled
            around = Surroundings.of(self.grid, tile, ranks, finished, kept.get(tile))
            compiled = _compile(self.world, self.store, self.settings, around)
            painted, seed = self._paint(compiled, first=not finished)
            record = self._record(compiled, around, painted, sequence + done - 1, seed)
            carved = carved_pixels(compiled, self._compile_settings, self.grid)
            mask = None if carved is None else carved.astype(np.uint8) * np.uint8(255)
            self.store.put(record, painted.rgb, mask)
            finished[tile] = record
            self.on_event(TileDone(record, done, len(order)))
            yield record

    def _paint(self, compiled: CompiledWindow, *, first: bool) -> tuple[PaintedWindow, int]:
        """The painted window, the best of several where it is the run's first, and its seed."""
        seeds = [self.world.seed + variant for variant in range(self.candidates if first else 1)]
        hook = self._step_hook(compiled.tile)
        requests = [(self._request(compiled, seed), seed) for seed in seeds]
        variants = [(self.engine.paint(request, hook), seed) for request, seed in requests]
        return min(variants, key=lambda found: _distance_to_canvas(found[0].rgb, compiled))

    def _request(self, compiled: CompiledWindow, seed: int) -> PaintRequest:
        settings = self.settings
        return PaintRequest(
            seed_canvas=compiled.seed_canvas,
            inpaint_mask=compiled.inpaint_mask,
            change_map=compiled.change_map if compiled.differential else None,
            prompt=compiled.prompt,
            steps=settings.steps,
            noise=self._noise(compiled.tile, seed),
            strength=settings.strength,
            gate=settings.gate,
            reference=settings.reference,
            plain=settings.plain,
        )

    def _noise(self, tile: TileCoord, seed: int) -> npt.NDArray[np.float32]:
        channels = self.engine.latent_channels
        if self.settings.noise == "map":
            return grid_noise(self.grid, tile, seed, channels)
        side = self.grid.window_px // LATENT_PX
        return tile_noise(seed, tile, (channels, side, side))

    def _step_hook(self, tile: TileCoord) -> Callable[[int, int], None]:
        def on_step(step: int, steps: int) -> None:
            if self.is_cancelled():
                raise Cancelled
            self.on_event(StepDone(tile, step, steps))

        return on_step

    def _record(
        self,
        compiled: CompiledWindow,
        around: Surroundings,
        painted: PaintedWindow,
        sequence: int,
        seed: int,
    ) -> TileRecord:
        tile, world = compiled.tile, self.world
        return TileRecord(
            tile=tile,
            window=compiled.rect,
            sequence=sequence,
            inputs_hash=world.inputs_hash(self.grid, tile, self.settings),
            painted_hash=world.painted_hash(self.grid, tile),
            settings=self.settings,
            deliberate=self.deliberate,
            predecessors=tuple(Neighbour(item.tile, item.window) for item in around.near),
            closing=around.closing,
            seed=seed,
            model=world.profile.name,
            model_hash=world.model_hash,
            prompt=compiled.prompt,
            elapsed_s=painted.elapsed_s,
        )

    @property
    def _compile_settings(self) -> CompileSettings:
        return self.settings.compile_settings(self.world.profile, self.world.map_prompt)


def compile_now(
    world: World, store: TileStore, settings: RunSettings, tile: TileCoord
) -> CompiledWindow:
    """The window as a run of this one tile would use it now.

    Raises:
        InputError: the grid has no such tile.
    """
    grid = world.grid(settings)
    fresh = world.fresh_records(grid, store)
    finished = {other: record for other, record in fresh.items() if other != tile}
    around = Surroundings.of(grid, tile, {tile: 0}, finished, store.records().get(tile))
    return _compile(world, store, settings, around)


def _compile(
    world: World, store: TileStore, settings: RunSettings, around: Surroundings
) -> CompiledWindow:
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


def _distance_to_canvas(rgb: npt.NDArray[np.uint8], compiled: CompiledWindow) -> float:
    """Mean CIEDE2000 between broad colours (means of 16 px cells) of a window and its canvas."""
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
