"""The wrap experiment: does a map closed in both directions tile without a seam?

A round world is painted once wrapped and once not. Rolled by half, the picture shows its old rims
in the middle; the steps there are compared with those everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from app.core.run_setup import default_settings
from app.lab.report import Report
from generation.plan.colour import delta_e, lab_of
from generation.plan.order import most_constrained, rank_tiles
from generation.plan.ports import Engine
from generation.plan.seams import FLAG_PERCENTILE, Seam, SeamReport, measure_seams
from generation.plan.settings import RunSettings
from generation.plan.stitch import Stitch
from generation.run.records import MemoryTileStore
from generation.run.render import Renderer
from generation.run.world import World
from painter.files import writing
from zones.grid import Grid
from zones.palette import default_palette
from zones.reader import ArrayMap
from zones.strokes import Stroke

COUNT = 3
"""Windows of the map along each axis."""

SEEDS = (1, 2, 3)
_GRASS, _FOREST, _WATER, _SAND = 1, 2, 3, 4
_FOREST_ABOVE, _SAND_BELOW, _WATER_BELOW = 0.4, -0.85, -1.05
_PATH_HALF_WIDTH_PX = 5.0
_MIN_SHARE = 0.25
"""Of a line's pixels, how many must lie within one zone for it to count."""

_Steps = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rim:
    """The steps of a picture across its rim when copies of it are laid side by side.

    Attributes:
        step: mean step from the last column (row) to the first, within zones, as a ratio to the
            mean step within the same zones; 1.0 is invisible.
        limit: 99th percentile of the same at all other columns (rows).
    """

    step: float
    limit: float

    @property
    def is_seen(self) -> bool:
        """Whether the rim stands out from all other lines of the picture."""
        return self.step > self.limit


def round_world(engine: Engine, seed: int, wrap: str, count: int = COUNT) -> World:
    """A map of grass, forest and a lake with a beach that repeats, and a path around it.

    Args:
        engine: gives the size of the windows.
        seed: of the noise.
        wrap: "", "x", "y" or "xy".
        count: windows along each axis.
    """
    side_px = (engine.profile.window_px - engine.profile.overlap_px) * count
    x = np.arange(side_px) * 2 * np.pi / side_px
    height = np.cos(x)[None, :] + np.cos(2 * x + 1.0)[:, None] * 0.5 + np.sin(x)[:, None] * 0.6
    zones = np.full((side_px, side_px), _GRASS, dtype=np.uint8)
    zones[height > _FOREST_ABOVE] = _FOREST
    zones[height < _SAND_BELOW] = _SAND
    zones[height < _WATER_BELOW] = _WATER
    return World(
        reader=ArrayMap(zones, (_path(side_px),)),
        palette=default_palette(),
        map_prompt="",
        seed=seed,
        wrap=wrap,
        profile=engine.profile,
        model_hash=engine.model_hash,
    )


def paint(world: World, engine: Engine, settings: RunSettings) -> Stitch:
    """Paint a map in the default order."""
    grid, store = world.grid(settings), MemoryTileStore()
    ranked = rank_tiles(grid, "spiral", most_constrained(world.reader, grid))
    for _ in Renderer(world, engine, store, settings).render(ranked):
        pass
    return world.stitch(grid, store, store.records())


def rim_of(rgb: npt.NDArray[np.uint8], zones: npt.NDArray[np.uint8]) -> Rim:
    """The step across the left and right rim; for the other rim turn both arrays.

    Args:
        rgb: the picture, uint8 (h, w, 3).
        zones: of the same map, uint8 (h, w).
    """
    lab = lab_of(rgb)
    steps = delta_e(lab, np.roll(lab, 1, axis=1)).astype(np.float64)
    within = zones == np.roll(zones, 1, axis=1)
    usual = np.ones(256)
    for zone in np.unique(zones):
        usual[zone] = max(1e-6, steps[within & (zones == zone)].mean())
    relative = np.where(within, steps / usual[zones], 0.0)
    counted = within.sum(axis=0)
    lines: _Steps = relative.sum(axis=0) / np.maximum(counted, 1)
    others = lines[1:][counted[1:] >= _MIN_SHARE * len(rgb)]
    return Rim(float(lines[0]), float(np.percentile(others, FLAG_PERCENTILE)))


def seams_over_the_rim(report: SeamReport, grid: Grid) -> tuple[Seam, ...]:
    """The hand-over lines between tiles that are neighbours only because the map is wrapped."""
    last = (grid.rows - 1, grid.cols - 1)

    def is_over(seam: Seam) -> bool:
        first, second = seam.tiles
        rows, cols = {first.row, second.row}, {first.col, second.col}
        return (rows == {0, last[0]} and last[0] > 1) or (cols == {0, last[1]} and last[1] > 1)

    return tuple(seam for seam in report.seams if is_over(seam))


def run(engine: Engine, out: Path, seeds: Sequence[int]) -> Report:
    """Paint the round world with and without wrap and compare the rims.

    Args:
        engine: paints the windows.
        out: folder for a picture of 2 x 2 copies for each way (first seed).
        seeds: seeds of the noise.
    """
    details = list(_measured(engine, out, seeds))
    return Report(
        title="Wrap: a round world laid out side by side",
        about=(
            f"Model {engine.profile.name}, {COUNT} x {COUNT} windows, seeds "
            f"{', '.join(map(str, seeds))}. rim: mean step from the last to the first column (x) "
            "or row (y) over the mean within the same zones, 1.0 is invisible; limit: the 99th "
            "percentile of all other columns (rows). over: hand-over lines across the rim, "
            "inside: all others, with their mean step and how many are flagged."
        ),
        columns=(
            *("way", "seed", "rim_x", "limit_x", "rim_y", "limit_y"),
            *("over", "step_over", "flagged_over", "inside", "step_inside", "flagged_inside"),
        ),
        rows=details,
        details=details,
    )


def _measured(engine: Engine, out: Path, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    cases = [(seed, way) for seed in seeds for way in ("wrapped", "not wrapped")]
    for seed, way in tqdm(cases, unit="map", disable=None):
        world = round_world(engine, seed, "xy" if way == "wrapped" else "")
        stitch = paint(world, engine, default_settings(engine.profile))
        picture = stitch.region(stitch.grid.map_rect).rgb
        if seed == seeds[0]:
            with writing(out):
                name = f"wrap-{way.replace(' ', '-')}.png"
                Image.fromarray(np.tile(picture, (2, 2, 1))).save(out / name)
        yield {"way": way, "seed": seed, **_facts(world, stitch, picture)}


def _facts(world: World, stitch: Stitch, picture: npt.NDArray[np.uint8]) -> dict[str, Any]:
    report = measure_seams(stitch, world.reader, world.palette)
    zones = world.reader.read_zones(stitch.grid.map_rect)
    rim_x, rim_y = rim_of(picture, zones), rim_of(picture.swapaxes(0, 1), zones.T)
    over = seams_over_the_rim(report, stitch.grid)
    inside = tuple(seam for seam in report.seams if seam not in over)
    return {
        "rim_x": round(rim_x.step, 3),
        "limit_x": round(rim_x.limit, 3),
        "rim_y": round(rim_y.step, 3),
        "limit_y": round(rim_y.limit, 3),
        **_summary("over", over, report),
        **_summary("inside", inside, report),
    }


def _summary(name: str, seams: tuple[Seam, ...], report: SeamReport) -> dict[str, Any]:
    summary = replace(report, seams=seams).summary()
    return {
        name: len(seams),
        f"step_{name}": summary["step"],
        f"flagged_{name}": summary["flagged"],
    }


def _path(side_px: int) -> Stroke:
    """A path that leaves the map on the right where it comes in on the left."""
    x = np.linspace(-side_px / 8, side_px * 9 / 8, 41)
    y = side_px * (0.5 + 0.12 * np.sin(2 * np.pi * x / side_px + 0.6))
    width = np.full_like(x, 2 * _PATH_HALF_WIDTH_PX)
    return Stroke("path", np.stack([x, y, width], axis=1))
