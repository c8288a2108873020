"""The order in which tiles are painted: a ranking fixed before the run, and what waits for what.

Because the ranking is static, a tile's predecessors do not depend on who finished first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from zones.coverage import Predecessor
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Grid, Neighbour, TileCoord
from zones.reader import MapReader
from zones.strokes import Stroke, stroke_coverage

Order = Literal["spiral", "rows", "anchors-first"]

_AREA_SCALE = 8
"""Stencil area is measured in cells of this many px: exact enough to compare tiles."""


def rank_tiles(grid: Grid, order: Order, start: TileCoord) -> tuple[TileCoord, ...]:
    """Every tile of the grid, first to last.

    - `spiral`: square rings around the start, each walked from tile to neighbouring tile, so
      every tile joins finished ones on two sides at most and never has to close a gap between
      opposite sides (unless the map wraps).
    - `rows`: row by row from the top left; the start is not used.
    - `anchors-first`: every second tile in both directions, none of which touch, then the tiles
      between two of them, then those between four.

    Raises:
        InputError: the start is not on the grid, or the order has another name.
    """
    grid.check(start)
    if order == "rows":
        return tuple(sorted(grid.tiles()))
    spiral = tuple(_spiral(grid, start))
    if order == "spiral":
        return spiral
    if order == "anchors-first":
        return tuple(sorted(spiral, key=lambda tile: _fill_group(grid, start, tile)))
    raise InputError(f"there is no order {order!r}; use spiral, rows or anchors-first")


def predecessors_of(
    grid: Grid,
    tile: TileCoord,
    ranked: Sequence[TileCoord] | Mapping[TileCoord, int],
    finished: Collection[TileCoord],
) -> tuple[Predecessor, ...]:
    """The finished neighbours that a tile is painted against.

    Args:
        grid: the map's grid.
        tile: the tile to be painted.
        ranked: the tiles of this run in rank order, or their ranks; `tile` among them.
        finished: tiles that are finished and fresh, from earlier runs and from this one.

    Returns:
        Of the up to eight neighbours (diagonals included): finished ones outside this run, and
        finished ones that this run ranks earlier. Windows lie in the tile's own unwrapped frame.
    """
    ranks = _ranks(ranked)
    return tuple(
        Predecessor(neighbour.tile, neighbour.window)
        for neighbour in grid.neighbours(tile)
        if neighbour.tile in finished and _comes_before(neighbour, tile, ranks)
    )


def dependency_graph(
    grid: Grid, ranked: Sequence[TileCoord]
) -> Mapping[TileCoord, tuple[TileCoord, ...]]:
    """For each tile of a run, in rank order: the tiles of the run it has to wait for."""
    ranks = _ranks(ranked)
    graph = {}
    for tile in ranked:
        earlier = {
            neighbour.tile
            for neighbour in grid.neighbours(tile)
            if ranks.get(neighbour.tile, len(ranks)) < ranks[tile]
        }
        graph[tile] = tuple(sorted(earlier, key=lambda other: ranks[other]))
    return graph


def most_constrained(reader: MapReader, grid: Grid) -> TileCoord:
    """The tile with the most stencil area in its core; ties go to the one nearest the centre."""
    middle_row, middle_col = (grid.rows - 1) / 2, (grid.cols - 1) / 2

    def key(tile: TileCoord) -> tuple[float, float, TileCoord]:
        away = (tile.row - middle_row) ** 2 + (tile.col - middle_col) ** 2
        return (-_stencil_area(reader, grid.core(tile).intersect(grid.map_rect)), away, tile)

    return min(grid.tiles(), key=key)


def _stencil_area(reader: MapReader, rect: Rect) -> float:
    """Area under strokes, in cells of `_AREA_SCALE` px squared."""
    strokes = reader.strokes_in(rect)
    if not strokes:
        return 0.0
    small = Rect(0, 0, -(-rect.width // _AREA_SCALE), -(-rect.height // _AREA_SCALE))
    covered = np.zeros(small.shape, dtype=np.float32)
    for stroke in strokes:
        points = (stroke.points - np.array([rect.x, rect.y, 0.0])) / _AREA_SCALE
        np.maximum(covered, stroke_coverage(Stroke(stroke.kind, points), small), out=covered)
    return float(covered.sum(dtype=np.float64))


def _ranks(ranked: Sequence[TileCoord] | Mapping[TileCoord, int]) -> Mapping[TileCoord, int]:
    if isinstance(ranked, Mapping):
        return ranked
    return {tile: rank for rank, tile in enumerate(ranked)}


def _comes_before(neighbour: Neighbour, tile: TileCoord, ranks: Mapping[TileCoord, int]) -> bool:
    rank = ranks.get(neighbour.tile)
    return rank is None or rank < ranks[tile]


def _offsets(position: int, count: int, wraps: bool) -> tuple[int, int]:
    """Lowest and highest offset from `position` that reach each of `count` places once."""
    if wraps:
        return -((count - 1) // 2), count // 2
    return -position, count - 1 - position


def _spiral(grid: Grid, start: TileCoord) -> Iterator[TileCoord]:
    top, bottom = _offsets(start.row, grid.rows, grid.wrap_y)
    left, right = _offsets(start.col, grid.cols, grid.wrap_x)
    yield start
    for ring in range(1, max(-top, bottom, -left, right) + 1):
        for dy, dx in _ring(ring, (top, bottom), (left, right)):
            yield TileCoord((start.row + dy) % grid.rows, (start.col + dx) % grid.cols)


def _ring(ring: int, rows: tuple[int, int], cols: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Offsets (row, column) of one square ring within the limits, in walking order.

    Up the right side, left along the top, down the left side, right along the bottom; the
    last corner meets the first step of the ring at a right angle, never from the other side.
    """
    top, bottom = max(-ring, rows[0]), min(ring, rows[1])
    left, right = max(-ring, cols[0]), min(ring, cols[1])
    if right == ring:
        yield from ((dy, ring) for dy in range(min(bottom, ring - 1), top - 1, -1))
    if top == -ring:
        yield from ((-ring, dx) for dx in range(min(right, ring - 1), left - 1, -1))
    if left == -ring:
        yield from ((dy, -ring) for dy in range(max(top, -ring + 1), bottom + 1))
    if bottom == ring:
        yield from ((ring, dx) for dx in range(max(left, -ring + 1), right + 1))


def _fill_group(grid: Grid, start: TileCoord, tile: TileCoord) -> int:
    """0 for anchors, 1 for tiles between two of them, 2 for those between four."""
    return int(_is_between(tile.row - start.row, grid.rows, grid.wrap_y)) + int(
        _is_between(tile.col - start.col, grid.cols, grid.wrap_x)
    )


def _is_between(offset: int, count: int, wraps: bool) -> bool:
    """Whether a line of tiles lies between lines of anchors.

    On a wrapped axis with an odd count the last line would touch the first, so it is between.
    """
    if not wraps:
        return offset % 2 == 1
    offset %= count
    return offset % 2 == 1 or (count > 1 and count % 2 == 1 and offset == count - 1)
