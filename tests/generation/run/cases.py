"""Worlds, runs and records for tests of runs, all with the real toy model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from generation.plan.order import Order, rank_tiles
from generation.plan.ports import Engine, StepHook
from generation.plan.profile import ModelProfile
from generation.plan.request import PaintedWindow, PaintRequest
from generation.plan.settings import RunSettings
from generation.run.records import MemoryTileStore, TileRecord
from generation.run.render import Renderer
from generation.run.world import World
from tests.support.records import finished_record
from tests.support.toy_models import TOY_PROFILE
from tests.support.toy_worlds import SIDE_PX, toy_strokes, toy_zones
from zones.grid import TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

PROFILE = ModelProfile.model_validate(TOY_PROFILE)
FAST = RunSettings(steps=2)
MIDDLE = TileCoord(1, 1)
STRIDE = 32


def toy_world(
    width_px: int = SIDE_PX,
    height_px: int = SIDE_PX,
    *,
    zones: npt.NDArray[np.uint8] | None = None,
    strokes: Sequence[Stroke] | None = None,
    **changes: Any,
) -> World:
    """The usual small world of the toy model."""
    reader = ArrayMap(
        toy_zones(width_px, height_px) if zones is None else zones,
        tuple(toy_strokes(width_px, height_px) if strokes is None else strokes),
        changes.pop("protect", None),
        changes.pop("art", None),
    )
    values: dict[str, Any] = {
        "reader": reader,
        "palette": default_palette(),
        "map_prompt": "summer",
        "seed": 3,
        "wrap": "",
        "profile": PROFILE,
        "model_hash": "toy",
    }
    return World(**{**values, **changes})


def render(
    world: World,
    engine: Engine,
    store: MemoryTileStore,
    tiles: Sequence[TileCoord] | None = None,
    settings: RunSettings = FAST,
    *,
    order: Order = "rows",
    **options: Any,
) -> list[TileRecord]:
    """Paint some tiles in the order of a run, or all."""
    grid = world.grid(settings)
    ranked = rank_tiles(grid, order, TileCoord(grid.rows // 2, grid.cols // 2))
    wanted = ranked if tiles is None else [tile for tile in ranked if tile in tiles]
    return list(Renderer(world, engine, store, settings, **options).render(wanted))


def stitched(
    world: World, store: MemoryTileStore, settings: RunSettings = FAST
) -> npt.NDArray[np.uint8]:
    """The whole stitched map."""
    grid = world.grid(settings)
    return world.stitch(grid, store, store.records()).region(grid.map_rect).rgb


def raws(store: MemoryTileStore) -> dict[TileCoord, bytes]:
    """Every raw window's bytes."""
    return {tile: store.raw(tile).tobytes() for tile in store.records()}


def finished_store(world: World, settings: RunSettings = FAST, **changes: Any) -> MemoryTileStore:
    """A store in which every tile is finished and grey."""
    store = MemoryTileStore()
    grey = np.full((PROFILE.window_px, PROFILE.window_px, 3), 128, dtype=np.uint8)
    for sequence, tile in enumerate(world.grid(settings).tiles()):
        store.put(finished_record(world, tile, settings, sequence, **changes), grey, None)
    return store


@dataclass
class Listening:
    """A real engine that also keeps what it was asked and what it gave."""

    engine: Engine
    requests: list[PaintRequest] = field(default_factory=list)
    windows: list[PaintedWindow] = field(default_factory=list)

    @property
    def profile(self) -> ModelProfile:
        return self.engine.profile

    @property
    def model_hash(self) -> str:
        return self.engine.model_hash

    @property
    def latent_channels(self) -> int:
        return self.engine.latent_channels

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        self.requests.append(request)
        self.windows.append(self.engine.paint(request, on_step))
        return self.windows[-1]

    def round_trip(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        return self.engine.round_trip(rgb)

    def describe(self) -> Any:
        return self.engine.describe()

    def close(self) -> None:
        self.engine.close()
