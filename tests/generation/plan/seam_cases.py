"""A textured map for measuring: larger windows than the stitch cases, and pictures of strokes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.order import Order, predecessors_of, rank_tiles
from generation.plan.stitch import RawWindow, Stitch
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.reader import ArrayMap
from zones.settings import CompileSettings, Layout
from zones.strokes import Stroke, stroke_coverage

WINDOW, STRIDE, SOFT = 256, 192, 16
GREEN, BLUE = (110, 150, 80), (60, 110, 190)


def measure_grid(rows: int, cols: int, wrap_x: bool = False) -> Grid:
    return Grid(cols * STRIDE, rows * STRIDE, WINDOW, STRIDE, wrap_x)


def measure_settings(layout: Layout = "anchored", closing: int | None = None) -> CompileSettings:
    return CompileSettings(
        layout=layout, anchor_px=48, soft_px=SOFT, steps=12, closing_anchor_px=closing
    )


def measure_run(
    grid: Grid, settings: CompileSettings | None = None, order: Order = "spiral"
) -> tuple[RawWindow, ...]:
    ranked = rank_tiles(grid, order, TileCoord(0, 0))
    return tuple(
        RawWindow.painted(
            tile,
            grid.window(tile),
            predecessors_of(grid, tile, ranked, ranked[:rank]),
            settings or measure_settings(),
        )
        for rank, tile in enumerate(ranked)
    )


def texture(
    shape: tuple[int, int], seed: int = 0, colour: tuple[int, int, int] = GREEN, size: float = 1.5
) -> npt.NDArray[np.uint8]:
    """Blotchy ground around one colour."""
    noise = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    blotches = cv2.GaussianBlur(noise, (0, 0), size)
    blotches *= 12 / blotches.std()
    return np.clip(np.array(colour) + blotches[..., None], 0, 255).astype(np.uint8)


def extended(grid: Grid, picture: npt.NDArray[np.uint8]) -> dict[TileCoord, npt.NDArray[np.uint8]]:
    """Windows that all show the same picture, mirrored beyond the rim."""
    margin = WINDOW
    padded = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    frame = Rect(-margin, -margin, padded.shape[1], padded.shape[0])
    return {t: padded[grid.window(t).slices_in(frame)].copy() for t in grid.tiles()}


def map_of(grid: Grid, strokes: tuple[Stroke, ...] = ()) -> ArrayMap:
    return ArrayMap(np.ones((grid.map_height_px, grid.map_width_px), np.uint8), strokes)


def stitched(grid: Grid, windows: tuple[RawWindow, ...], rgb: dict) -> Stitch:
    return Stitch(grid, windows, rgb.__getitem__)


def with_stroke(
    ground: npt.NDArray[np.uint8], stroke: Stroke, colour: tuple[int, int, int] = BLUE
) -> npt.NDArray[np.uint8]:
    """The ground with a stroke painted over it in a texture of its own."""
    height, width = ground.shape[:2]
    share = stroke_coverage(stroke, Rect(0, 0, width, height))[..., None]
    water = texture((height, width), seed=99, colour=colour)
    return (ground * (1 - share) + water * share).astype(np.uint8)
