"""Seam measures of a project or a run, and the table that shows them."""

from __future__ import annotations

from collections.abc import Mapping

from generation.plan.colour import mean_delta_e
from generation.plan.ports import Engine
from generation.plan.seams import Seam, SeamReport, measure_seams
from generation.run.records import TileRecord, TileStore
from generation.run.world import World
from zones.grid import Grid, TileCoord

_FLOOR_WINDOWS = 4
"""Windows whose VAE round trip makes the floor."""


def measure(
    world: World,
    grid: Grid,
    store: TileStore,
    finished: Mapping[TileCoord, TileRecord],
    engine: Engine | None,
) -> SeamReport:
    """Measure all seams of the finished tiles.

    Args:
        world: the painted map.
        grid: its windows.
        store: keeps the raw windows.
        finished: the tiles to stitch.
        engine: encodes and decodes a few windows for the floor; None leaves it out.
    """
    stitch = world.stitch(grid, store, finished)
    floor = None if engine is None else vae_floor(engine, store, finished)
    return measure_seams(stitch, world.reader, world.palette, floor)


def vae_floor(engine: Engine, store: TileStore, finished: Mapping[TileCoord, TileRecord]) -> float:
    """Mean CIEDE2000 between raw windows and their own round trip through the VAE."""
    raws = [
        store.raw(tile) for tile in sorted(finished)[:: max(1, len(finished) // _FLOOR_WINDOWS)]
    ]
    return sum(mean_delta_e(raw, engine.round_trip(raw)) for raw in raws) / len(raws)


def as_lines(report: SeamReport) -> list[str]:
    """The seams as a table, worst step first, below it a summary and what is wrong with strokes."""
    rows = sorted(report.seams, key=lambda seam: -(seam.step or 0.0))
    lines = [f"{'tiles':<14}{'delta_e':>9}{'soft':>9}{'step':>9}{'edge':>9}  flagged"]
    for seam in rows:
        first, second = seam.tiles
        lines.append(
            f"{f'{first} | {second}':<14}{_number(seam.delta_e)}{_number(seam.delta_e_soft)}"
            f"{_number(seam.step)}{_number(seam.edge)}  {_mark(seam)}".rstrip()
        )
    summary = report.summary()
    lines.append(
        f"{'all lines':<14}{_number(summary['delta_e'])}{_number(summary['delta_e_soft'])}"
        f"{_number(summary['step'])}{_number(summary['edge'])}  {summary['flagged']} of "
        f"{summary['lines']}, {summary['cut']} cut"
    )
    lines.append(
        f"largest step {summary['step_max']}, {summary['crossings']} stencil crossings with "
        f"compliance {summary['compliance']}, VAE floor {_floor(report.floor)}"
    )
    if report.routing:
        lines.append(
            f"{len(report.routing)} strokes, on average {summary['routing_px']:.1f} px from their "
            f"place, overlap {summary['routing_iou']:.2f}; {_faults(len(report.faults))}"
        )
    return lines + fault_lines(report)


def fault_lines(report: SeamReport) -> list[str]:
    """Each stretch of a stroke that is not as it was painted, in words, the longest first."""
    return [
        f"{routing.kind}: {fault.kind} for {fault.length_px:.0f} px near "
        f"({fault.at[0]:.0f}, {fault.at[1]:.0f}), tile {fault.tile}"
        for routing, fault in report.faults
    ]


def _mark(seam: Seam) -> str:
    return "yes" if seam.flagged else "cut" if seam.is_cut else ""


def _faults(count: int) -> str:
    if not count:
        return "none missing, broken or displaced"
    return f"{count} fault{'s' if count > 1 else ''}:"


def _number(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.2f}':>9}"


def _floor(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"
