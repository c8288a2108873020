"""What a run was asked to be, before its tiles are ranked; and how its rest is kept in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.core.queue_file import QueuedRun
from generation.plan.order import Order, most_constrained, rank_tiles
from generation.plan.seams import Standards
from generation.plan.settings import RunSettings
from generation.run.world import World
from zones.geometry import Rect
from zones.grid import Grid, TileCoord


@dataclass(frozen=True, slots=True)
class RunOrder:
    """A run as it was asked for.

    Attributes:
        label: for people.
        settings: of the run.
        tiles: to be painted.
        order: of painting; None keeps that of `tiles`.
        start: first tile; None is the most constrained one.
        deliberate: the user chose these very tiles.
        candidates: variants of a single tile.
        seed: in place of the map's own.
        seeds: of single tiles.
        prefer: tiles that come first where the order leaves a choice.
        repair: windows painted of each tile at most, of which one lands only if it is better than
            what the map shows; 0 paints the tiles whatever they look like.
        standards: by which a repair judges; None measures the whole map first.
    """

    label: str
    settings: RunSettings
    tiles: tuple[TileCoord, ...]
    order: Order | None = "spiral"
    start: TileCoord | None = None
    deliberate: bool = False
    candidates: int = 1
    seed: int | None = None
    seeds: Mapping[TileCoord, int] = field(default_factory=dict)
    prefer: tuple[TileCoord, ...] = ()
    repair: int = 0
    standards: Standards | None = field(default=None, compare=False, repr=False)

    def ranked(self, world: World, grid: Grid) -> RunOrder:
        """The same order with its tiles ranked; takes a while on large maps."""
        chosen = {tile for tile in self.tiles if grid.has(tile)}
        if self.order is None or len(chosen) <= 1:
            return replace(self, tiles=tuple(tile for tile in self.tiles if tile in chosen))
        start = most_constrained(world.reader, grid) if self.start is None else self.start
        ranked = rank_tiles(grid, self.order, start)
        return replace(self, tiles=tuple(tile for tile in ranked if tile in chosen))

    def rest(self, tiles: Iterable[TileCoord]) -> QueuedRun:
        """What is left of it, for the queue's file."""
        left = tuple(tiles)
        return QueuedRun(
            label=self.label[:200],
            settings=self.settings.to_json(),
            tiles=tuple((tile.row, tile.col) for tile in left),
            seeds=tuple(
                (tile.row, tile.col, self.seeds[tile]) for tile in left if tile in self.seeds
            ),
            seed=self.seed,
            deliberate=self.deliberate,
            candidates=self.candidates,
            repair=self.repair,
        )

    @classmethod
    def of_rest(cls, rest: QueuedRun) -> RunOrder:
        """The order that goes on with what an earlier session left.

        Raises:
            InputError: its settings are damaged.
        """
        return cls(
            label=rest.label,
            settings=rest.run_settings,
            tiles=rest.coords,
            order=None,
            deliberate=rest.deliberate,
            candidates=rest.candidates,
            seed=rest.seed,
            seeds={TileCoord(row, col): seed for row, col, seed in rest.seeds},
            repair=rest.repair,
        )


def cores_touching(grid: Grid, rect: Rect) -> list[TileCoord]:
    """Tiles whose cores share pixels with a rectangle of the map, row by row."""
    inside = rect.intersect(grid.map_rect)
    if not inside.area:
        return []
    side = grid.stride_px
    return [
        TileCoord(row, col)
        for row in range(inside.y // side, (inside.bottom - 1) // side + 1)
        for col in range(inside.x // side, (inside.right - 1) // side + 1)
    ]
