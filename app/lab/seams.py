"""The seam experiment: the same worlds and seeds under four ways to join windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from app.core.run_setup import default_settings
from app.core.seam_table import measure
from app.lab.report import Report
from generation.plan.order import most_constrained, rank_tiles
from generation.plan.ports import Engine
from generation.plan.settings import RunSettings
from generation.run.records import MemoryTileStore, TileRecord
from generation.run.render import Renderer
from generation.run.world import World
from painter.presets import load_preset
from zones.grid import TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap

WORLDS = ("river-delta", "mountain-pass", "archipelago")
SEEDS = (1, 2, 3)
MEASURES = ("delta_e", "delta_e_soft", "step", "step_max", "flagged", "lines", "compliance")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to join windows.

    Attributes:
        name: as in the table.
        changes: fields of `RunSettings`.
        joined: whether windows see their finished neighbours at all.
    """

    name: str
    changes: dict[str, Any]
    joined: bool = True


WAYS = (
    Way("independent tiles, own noise", {"layout": "overlap", "noise": "tile"}, joined=False),
    Way("independent tiles, map noise", {"layout": "overlap", "noise": "map"}, joined=False),
    Way("overlap layout, binary mask", {"layout": "overlap", "plain": True}),
    Way("anchored, change map", {"layout": "anchored"}),
)


def run(engine: Engine, out: Path, worlds: tuple[str, ...], seeds: tuple[int, ...]) -> Report:
    """Render every world with every seed in every way and measure the seams.

    Args:
        engine: paints the windows.
        out: folder for one stitched picture per world and way (first seed).
        worlds: names of sample worlds.
        seeds: seeds of the noise.
    """
    rows: list[dict[str, Any]] = []
    cases = [(world, seed, way) for world in worlds for seed in seeds for way in WAYS]
    for name, seed, way in tqdm(cases, unit="map"):
        picture = _case(engine, name, seed, way, rows)
        if seed == seeds[0]:
            file = out / f"{name}-{WAYS.index(way) + 1}.png"
            Image.fromarray(picture).save(file)
    return Report(
        title="Seams: four ways to join windows",
        about=(
            f"{len(worlds)} worlds, {len(seeds)} seeds, model {engine.profile.name}. step: 1.0 is "
            "invisible; delta_e: CIEDE2000 where both windows were free (none in the anchored "
            "layout outside its soft band)."
        ),
        columns=("way", "maps", *MEASURES),
        rows=[_mean_row(way, rows) for way in WAYS],
        details=rows,
    )


def _case(
    engine: Engine, name: str, seed: int, way: Way, rows: list[dict[str, Any]]
) -> npt.NDArray[np.uint8]:
    palette = default_palette()
    sample = load_preset(name, palette)
    reader = ArrayMap(sample.zones, sample.strokes)
    world = World(
        reader, palette, sample.info.map_prompt, seed, "", engine.profile, engine.model_hash
    )
    settings = replace(default_settings(engine.profile), **way.changes)
    store = MemoryTileStore()
    for _ in _render(world, engine, store, settings, joined=way.joined):
        pass
    grid = world.grid(settings)
    report = measure(world, grid, store, store.records(), None)
    rows.append({"way": way.name, "world": name, "seed": seed, **report.summary()})
    stitch = world.stitch(grid, store, store.records())
    return stitch.region(grid.map_rect).rgb


def _render(
    world: World, engine: Engine, store: MemoryTileStore, settings: RunSettings, *, joined: bool
) -> Iterator[TileRecord]:
    """Render all tiles; independent ones each into a store of their own, as if alone."""
    grid = world.grid(settings)
    ranked = rank_tiles(grid, "spiral", most_constrained(world.reader, grid))
    if joined:
        yield from Renderer(world, engine, store, settings).render(ranked)
        return
    for rank, tile in enumerate(ranked):
        yield _alone(world, engine, store, settings, tile, rank)


def _alone(
    world: World,
    engine: Engine,
    store: MemoryTileStore,
    settings: RunSettings,
    tile: TileCoord,
    rank: int,
) -> TileRecord:
    own = MemoryTileStore()
    (record,) = Renderer(world, engine, own, settings).render((tile,))
    record = replace(record, sequence=rank)
    store.put(record, own.raw(tile), None)
    return record


def _mean_row(way: Way, rows: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [row for row in rows if row["way"] == way.name]
    means: dict[str, Any] = {"way": way.name, "maps": len(mine)}
    for name in MEASURES:
        values = [row[name] for row in mine if row[name] is not None]
        if name in ("flagged", "lines"):
            means[name] = sum(values)
        elif name == "step_max":
            means[name] = max(values, default=None)
        else:
            means[name] = round(sum(values) / len(values), 3) if values else None
    return means
