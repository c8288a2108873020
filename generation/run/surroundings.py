"""What a tile finds around it when it is painted: finished neighbours, and how thin to anchor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generation.plan.order import predecessors_of
from generation.run.records import TileRecord, TileStore
from generation.run.world import World
from zones.compiler import StitchedPixels
from zones.coverage import Predecessor, closes_gap
from zones.grid import Grid, TileCoord


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """A tile with the finished neighbours it is anchored on.

    Attributes:
        tile: the tile to be painted.
        near: its predecessors, in its own unwrapped frame.
        records: their facts.
        closing: whether the thinner closing anchor is used: the tile closes a gap between
            neighbours on opposite sides, or it is a late re-roll.
    """

    tile: TileCoord
    near: tuple[Predecessor, ...]
    records: Mapping[TileCoord, TileRecord]
    closing: bool

    @classmethod
    def of(
        cls,
        grid: Grid,
        tile: TileCoord,
        ranks: Mapping[TileCoord, int],
        finished: Mapping[TileCoord, TileRecord],
        before: TileRecord | None,
    ) -> Surroundings:
        """Look around a tile.

        Args:
            grid: the run's windows.
            tile: the tile to be painted.
            ranks: the tiles of the run, with their ranks; `tile` among them.
            finished: finished and fresh tiles, from earlier runs and from this one.
            before: the record that the tile replaces. Where a neighbour was painted after it, the
                tile is a late re-roll: the neighbour already continues what was there.
        """
        near = predecessors_of(grid, tile, ranks, finished)
        records = {item.tile: finished[item.tile] for item in near}
        replaced = before is not None and any(
            record.sequence > before.sequence and _leans_on(record, tile)
            for record in records.values()
        )
        closing = replaced or closes_gap(grid.window(tile), near)
        return cls(tile, near, records, closing)

    def stitched(self, world: World, grid: Grid, store: TileStore) -> StitchedPixels | None:
        """What the neighbours show inside the tile's window; None without any."""
        if not self.near:
            return None
        stitch = world.stitch(grid, store, self.records)
        region = stitch.only(self.records).region(grid.window(self.tile))
        return StitchedPixels(region.rgb, region.covered)


def _leans_on(record: TileRecord, tile: TileCoord) -> bool:
    return any(item.tile == tile for item in record.predecessors)
