"""Small painted maps and settings for tests of the compiler: windows of 256 px, overlap 64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from zones.compiler import CompiledWindow, CompileSettings, StitchedPixels, compile_window
from zones.coverage import Predecessor
from zones.grid import Grid, TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap, MapReader
from zones.strokes import Stroke

PALETTE = default_palette()
ANCHOR, SOFT, STRIDE, WINDOW = 48, 16, 192, 256
GRID = Grid(3 * STRIDE, 3 * STRIDE, WINDOW, STRIDE)
MIDDLE = TileCoord(1, 1)
SETTINGS = CompileSettings(
    layout="anchored",
    anchor_px=ANCHOR,
    soft_px=SOFT,
    closing_anchor_px=16,
    steps=12,
    prompt_template="A map of {zones}[, with {stencils}]. {map_prompt}",
)


def plain_map(*strokes: Stroke, zone: int = 1, **layers: Any) -> ArrayMap:
    """A map of one zone with strokes over it."""
    return ArrayMap(np.full((3 * STRIDE, 3 * STRIDE), zone, np.uint8), strokes, **layers)


def line(*points: tuple[float, float], width: float = 12, **more: Any) -> Stroke:
    """A river of one width."""
    return Stroke(more.pop("kind", "river"), [(x, y, width) for x, y in points], **more)


def neighbours(*offsets: tuple[int, int], tile: TileCoord = MIDDLE) -> tuple[Predecessor, ...]:
    """Predecessors at (down, right) offsets from a tile of a map without wrap."""
    tiles = [TileCoord(tile.row + down, tile.col + right) for down, right in offsets]
    return tuple(Predecessor(near, GRID.window(near)) for near in tiles)


def finished(value: int = 99) -> StitchedPixels:
    """Stitched pixels of one grey everywhere."""
    rgb = np.full((WINDOW, WINDOW, 3), value, np.uint8)
    return StitchedPixels(rgb, np.ones((WINDOW, WINDOW), np.bool_))


def compiled(
    reader: MapReader,
    predecessors: tuple[Predecessor, ...] = (),
    *,
    tile: TileCoord = MIDDLE,
    closing: bool | None = None,
    **changes: Any,
) -> CompiledWindow:
    """Compile a window with some settings changed."""
    return compile_window(
        reader,
        GRID,
        PALETTE,
        tile,
        replace(SETTINGS, **changes),
        predecessors,
        finished() if predecessors else None,
        closing=closing,
    )
