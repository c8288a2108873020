"""How long one window takes to compile, on one core.

A 1024 px window of the anchored layout (anchor 256, soft band 64) with finished neighbours on all
four sides and 20 strokes that wind across it, each read anew so that nothing about it is cached.
"""

from __future__ import annotations

import statistics
import time

import cv2
import numpy as np

from zones.compiler import CompileSettings, Predecessor, StitchedPixels, compile_window
from zones.grid import Grid, TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

BAR_MS = 15.0
ROUNDS = 40
STROKES = 20
POINTS = 100
MAP_PX = 3 * 704
TILE = TileCoord(1, 1)
SETTINGS = CompileSettings(
    layout="anchored",
    anchor_px=256,
    soft_px=64,
    closing_anchor_px=128,
    steps=12,
    prompt_template="{zones}[, crossed by {stencils}]",
    map_prompt="",
)


def winding_strokes(rng: np.random.Generator) -> tuple[Stroke, ...]:
    """Strokes right across the middle window, 6 to 22 px wide."""
    middle = MAP_PX / 2
    along = np.linspace(-1, 1, POINTS)
    strokes = []
    for number in range(STROKES):
        angle = rng.uniform(0, np.pi)
        x = middle + 700 * along * np.cos(angle) + 60 * np.sin(9 * along + number)
        y = middle + 700 * along * np.sin(angle) + 60 * np.cos(7 * along + number)
        width = 14 + 8 * np.sin(5 * along + number)
        kind = ("river", "path", "road")[number % 3]
        strokes.append(Stroke(kind, np.column_stack([x, y, width])))
    return tuple(strokes)


def measure() -> tuple[list[float], list[float]]:
    """Times of single compilations in ms: by the clock, and of the processor alone."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    blocks = rng.integers(1, 9, (33, 33), dtype=np.uint8)
    zones = cv2.resize(blocks, (MAP_PX, MAP_PX), interpolation=cv2.INTER_NEAREST)
    grid = Grid(MAP_PX, MAP_PX, window_px=1024, stride_px=704)
    sides = [near for near in grid.neighbours(TILE) if 1 in (near.tile.row, near.tile.col)]
    predecessors = tuple(Predecessor(near.tile, near.window) for near in sides)
    shape = grid.window(TILE).shape
    rgb = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    stitched = StitchedPixels(rgb, np.ones(shape, dtype=np.bool_))
    clock_ms, busy_ms = [], []
    for _ in range(ROUNDS):
        reader = ArrayMap(zones, winding_strokes(np.random.default_rng(1)))
        start, busy = time.perf_counter(), time.process_time()
        compile_window(reader, grid, default_palette(), TILE, SETTINGS, predecessors, stitched)
        clock_ms.append((time.perf_counter() - start) * 1e3)
        busy_ms.append((time.process_time() - busy) * 1e3)
    return clock_ms, busy_ms


def main() -> None:
    """Print the median, the spread, and what a busy machine adds nothing to."""
    clock_ms, busy_ms = measure()
    worst = sorted(clock_ms)[int(0.9 * ROUNDS)]
    print(
        f"compile a 1024 px window, 4 predecessors, {STROKES} strokes of {POINTS} points: "
        f"median {statistics.median(clock_ms):.1f} ms (bar {BAR_MS:.0f} ms), "
        f"90th percentile {worst:.1f} ms; processor time {statistics.median(busy_ms):.1f} ms"
    )


if __name__ == "__main__":
    main()
