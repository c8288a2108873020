"""The seam experiment: the same worlds and seeds under four ways to join windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from painter.files import writing
from painter.presets import Preset, load_preset
from zones.grid import TileCoord
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

WORLDS = ("river-delta", "mountain-pass", "archipelago")
SEEDS = (1, 2, 3)
MEASURES = (
    "delta_e",
    "delta_e_soft",
    "step",
    "step_max",
    "over",
    "interior_over",
    "flagged",
    "lines",
    "compliance",
    "floor",
)


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


def load_worlds(names: Iterable[str], crop: tuple[int, int] | None = None) -> tuple[Preset, ...]:
    """Sample worlds by name.

    Args:
        names: of the samples.
        crop: width and height in px of the middle that is kept, or None for all of it.

    Raises:
        InputError: no sample has that name.
    """
    worlds = tuple(load_preset(name.strip(), default_palette()) for name in names)
    return worlds if crop is None else tuple(_middle(world, *crop) for world in worlds)


def _middle(world: Preset, width_px: int, height_px: int) -> Preset:
    height, width = world.zones.shape
    x, y = max(0, (width - width_px) // 2), max(0, (height - height_px) // 2)
    zones = np.ascontiguousarray(world.zones[y : y + height_px, x : x + width_px])
    corner = np.array([x, y, 0.0])
    strokes = (Stroke(each.kind, each.points - corner, each.mu) for each in world.strokes)
    return replace(world, zones=zones, strokes=tuple(strokes))


def run(engine: Engine, out: Path, worlds: Sequence[Preset], seeds: Sequence[int]) -> Report:
    """Render every world with every seed in every way and measure the seams.

    Args:
        engine: paints the windows.
        out: folder for one stitched picture per world and way (first seed).
        worlds: sample worlds.
        seeds: seeds of the noise.
    """
    rows: list[dict[str, Any]] = []
    cases = [(world, seed, way) for world in worlds for seed in seeds for way in WAYS]
    for sample, seed, way in tqdm(cases, unit="map", disable=None):
        picture = _case(engine, sample, seed, way, rows)
        if seed == seeds[0]:
            with writing(out):
                Image.fromarray(picture).save(out / f"{sample.name}-{WAYS.index(way) + 1}.png")
    return Report(
        title="Seams: four ways to join windows",
        about=(
            f"{len(worlds)} worlds, {len(seeds)} seeds, model {engine.profile.name}. step: 1.0 is "
            "invisible; over: share of hand-over lines with a step above 1.5, interior_over: the "
            "same of parallel lines where nothing is joined; delta_e: CIEDE2000 where both windows "
            "were free (none in the anchored layout outside its soft band); floor: the VAE's own "
            "round trip."
        ),
        columns=("way", "maps", *MEASURES),
        rows=[_mean_row(way, rows) for way in WAYS],
        details=rows,
    )


def _case(
    engine: Engine, sample: Preset, seed: int, way: Way, rows: list[dict[str, Any]]
) -> npt.NDArray[np.uint8]:
    world = World(
        reader=ArrayMap(sample.zones, sample.strokes),
        palette=default_palette(),
        map_prompt=sample.info.map_prompt,
        seed=seed,
        wrap="",
        profile=engine.profile,
        model_hash=engine.model_hash,
    )
    settings = replace(default_settings(engine.profile), **way.changes)
    store = MemoryTileStore()
    for _ in _render(world, engine, store, settings, joined=way.joined):
        pass
    grid = world.grid(settings)
    report = measure(world, grid, store, store.records(), engine)
    rows.append(
        {
            "way": way.name,
            "world": sample.name,
            "seed": seed,
            "floor": report.floor,
            **report.summary(),
        }
    )
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
