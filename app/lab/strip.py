"""The strip experiment: does colour drift along a row of tiles, each anchored on the one before?

One zone fills a strip one tile high. Tiles are painted from left to right, the longest chain there
is, and every tile's core in the stitched map is compared with the first tile's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from app.core.run_setup import default_settings
from app.lab.report import Report
from app.lab.seed_table.rows import BASES
from generation.plan.colour import Lab, delta_e, lab_of
from generation.plan.order import rank_tiles
from generation.plan.ports import Engine
from generation.plan.settings import RunSettings
from generation.plan.stitch import Stitch
from generation.run.records import MemoryTileStore
from generation.run.render import Renderer
from generation.run.world import World
from painter.files import writing
from zones.errors import InputError
from zones.grid import TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap

ZONES = ("grass", "forest", "water", "sand")
TILES = 40
CELL_PX = 16
"""Side of the cells whose mean colours are the low-pass picture of a core."""

BAR = 2.0
"""CIEDE2000 under which the mean colour of the last tile is to stay from the first's."""

_TILES_IN_LINE = 10
_MEANS_PX = 64


@dataclass(frozen=True, slots=True)
class StripDrift:
    """How far each tile's core is from the first's, CIEDE2000, first tile first.

    Attributes:
        mean: between mean colours.
        cells: mean difference between the cells' mean colours, ranked in each channel: contrast
            counts too.
    """

    mean: tuple[float, ...]
    cells: tuple[float, ...]

    @property
    def last(self) -> float:
        """Mean colour of the last tile."""
        return self.mean[-1]

    @property
    def trend(self) -> float:
        """Mean colour difference of the last quarter of the tiles less that of the first quarter.

        A tile differs from the first by chance too; only what grows along the strip is drift.
        """
        others = self.mean[1:]
        part = max(1, len(others) // 4)
        return float(np.mean(others[-part:]) - np.mean(others[:part]))

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "last": round(self.last, 3),
            "largest": round(max(self.mean), 3),
            "trend": round(self.trend, 3),
            "cells_last": round(self.cells[-1], 3),
            "cells_largest": round(max(self.cells), 3),
            "mean": [round(value, 3) for value in self.mean],
            "cells": [round(value, 3) for value in self.cells],
        }


def zone_ids(names: Iterable[str]) -> dict[str, int]:
    """Zones of the default palette by name.

    Raises:
        InputError: the palette has no such zone.
    """
    known = {zone.name: zone.id for zone in default_palette().zones}
    names = tuple(names)
    for name in names:
        if name not in known:
            raise InputError(f"there is no zone '{name[:40]}'; use {', '.join(known)}")
    return {name: known[name] for name in names}


def strip_world(engine: Engine, zone: int, tiles: int, seed: int = 0) -> World:
    """A map one tile high and `tiles` tiles long, all of one zone of the default palette."""
    side_px = engine.profile.window_px - engine.profile.overlap_px
    return World(
        reader=ArrayMap(np.full((side_px, side_px * tiles), zone, dtype=np.uint8)),
        palette=default_palette(),
        map_prompt="",
        seed=seed,
        wrap="",
        profile=engine.profile,
        model_hash=engine.model_hash,
    )


def paint_strip(world: World, engine: Engine, settings: RunSettings) -> Stitch:
    """Paint a strip from left to right."""
    grid, store = world.grid(settings), MemoryTileStore()
    renderer = Renderer(world, engine, store, settings)
    for _ in renderer.render(rank_tiles(grid, "rows", TileCoord(0, 0))):
        pass
    return world.stitch(grid, store, store.records())


def measure_strip(stitch: Stitch) -> StripDrift:
    """Compare the core of every tile of a painted strip with the first tile's."""
    grid = stitch.grid
    cores = [_cells(stitch.region(grid.core(tile)).rgb) for tile in grid.tiles()]
    means = [cells.mean(axis=0) for cells in cores]
    ranked = [np.sort(cells, axis=0) for cells in cores]
    return StripDrift(
        mean=tuple(float(delta_e(means[0], mean)) for mean in means),
        cells=tuple(float(delta_e(ranked[0], cells).mean()) for cells in ranked),
    )


def run(engine: Engine, out: Path, zones: Mapping[str, int], tiles: int, seed: int = 0) -> Report:
    """Paint a strip of every zone under every condition and measure it.

    Args:
        engine: paints the windows.
        out: folder for one picture per zone and condition.
        zones: ids of the default palette, by name.
        tiles: length of the strips.
        seed: of the noise.
    """
    rows: list[dict[str, Any]] = []
    cases = [(zone, base) for zone in zones for base in BASES]
    with tqdm(total=len(cases), unit="strip", disable=None) as bar:
        for zone, base in cases:
            settings = replace(default_settings(engine.profile), **BASES[base])
            world = strip_world(engine, zones[zone], tiles, seed)
            stitch = paint_strip(world, engine, settings)
            rows.append({"zone": zone, "condition": base, **measure_strip(stitch).to_json()})
            with writing(out):
                Image.fromarray(strip_picture(stitch)).save(out / f"strip-{zone}-{base}.png")
            bar.update(1)
    return Report(
        title="Strip: colour along a row of tiles of one zone",
        about=(
            f"Model {engine.profile.name}, seed {seed}, {tiles} tiles painted from left to "
            "right. CIEDE2000 between the mean colours of each tile's core and of the first's; "
            f"the bar for `last` is {BAR}. trend: mean of the last quarter of the tiles less that "
            f"of the first; cells: the same for the mean colours of {CELL_PX} px cells, ranked, "
            "which sees contrast too. guided: the default settings; drifting: "
            f"{_words(BASES['drifting'])}."
        ),
        columns=("zone", "condition", "last", "largest", "trend", "cells_last", "cells_largest"),
        rows=rows,
        details=rows,
    )


def _words(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in changes.items())


def strip_picture(stitch: Stitch) -> npt.NDArray[np.uint8]:
    """The strip folded into lines of ten tiles, and below it the cores' mean colours."""
    grid = stitch.grid
    tiles = list(grid.tiles())
    lines = []
    for first in range(0, len(tiles), _TILES_IN_LINE):
        line = np.zeros((grid.stride_px, _TILES_IN_LINE * grid.stride_px, 3), dtype=np.uint8)
        for place, tile in enumerate(tiles[first : first + _TILES_IN_LINE]):
            columns = slice(place * grid.stride_px, (place + 1) * grid.stride_px)
            line[:, columns] = stitch.region(grid.core(tile)).rgb
        lines.append(line)
    width = lines[0].shape[1]
    means = [stitch.region(grid.core(tile)).rgb.mean(axis=(0, 1)) for tile in tiles]
    shares = np.arange(width) * len(tiles) // width
    flat = np.rint(np.asarray(means)[shares]).astype(np.uint8)
    return np.concatenate([*lines, np.repeat(flat[None], _MEANS_PX, axis=0)])


def _cells(rgb: npt.NDArray[np.uint8]) -> Lab:
    """Mean colours of the cells of a core, Lab float32 (cells, 3)."""
    side = rgb.shape[0] // CELL_PX
    kept = lab_of(rgb[: side * CELL_PX, : side * CELL_PX])
    cells = kept.reshape(side, CELL_PX, side, CELL_PX, 3)
    means: Lab = cells.mean(axis=(1, 3), dtype=np.float32).reshape(-1, 3)
    return means
