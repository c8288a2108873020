"""Facts of finished tiles, as a run would leave them, without painting anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generation.plan.settings import RunSettings
from generation.run.records import TileRecord
from generation.run.world import World
from zones.grid import TileCoord


def finished_record(
    world: World, tile: TileCoord, settings: RunSettings, sequence: int = 0, **changes: Any
) -> TileRecord:
    """The record of a tile that was painted alone, from the world as it is.

    Args:
        world: what was painted.
        tile: which tile.
        settings: of the run.
        sequence: of the tile.
        changes: other values of single fields.
    """
    grid = world.grid(settings)
    record = TileRecord(
        tile=tile,
        window=grid.window(tile),
        sequence=sequence,
        inputs_hash=world.inputs_hash(grid, tile, settings),
        painted_hash=world.painted_hash(grid, tile),
        settings=settings,
        deliberate=False,
        predecessors=(),
        closing=False,
        seed=world.seed,
        model=world.profile.name,
        model_hash=world.model_hash,
        prompt="grass",
        elapsed_s=1.0,
    )
    return replace(record, **changes)
