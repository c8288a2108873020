"""`tilewright export`: write the stitched map as one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from app.core.run_setup import OpenRun, open_for_reading
from painter.export import check_target, export_map
from zones.canvas import draw_stencils, flat_canvas
from zones.errors import InputError
from zones.geometry import Rect
from zones.reader import strokes_in_extended

_GAP_PX = 16
_WHITE = 255


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--format", "format_name", metavar="F", help="png or tif; default: the extension.")
@click.option("--beside-seed", is_flag=True, help="Put the flat zones and stencils to the left.")
@click.option("--partial", is_flag=True, help="Export although tiles are missing (black).")
def export(
    project: Path, out: Path, format_name: str | None, *, beside_seed: bool, partial: bool
) -> None:
    """Write the stitched map of PROJECT to OUT."""
    run = open_for_reading(project)
    finished = run.finished()
    missing = len(run.grid.tiles()) - len(finished)
    if not finished:
        raise InputError(f"{project} has no finished tiles; run: tilewright render {project}")
    if missing and not partial:
        raise InputError(
            f"{missing} of {len(run.grid.tiles())} tiles of {project} are missing; "
            "render them, or add --partial"
        )
    width, height = run.project.size
    if beside_seed:
        width = 2 * width + _GAP_PX
    chosen = check_target(out, width, height, format_name)
    export_map(_strips(run, beside_seed=beside_seed), width, height, out, chosen)
    click.echo(f"wrote {out} ({width} x {height} px)")


def _strips(run: OpenRun, *, beside_seed: bool) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """(first row, RGB rows) of the picture, top to bottom."""
    stitch = run.world.stitch(run.grid, run.store, run.finished())
    for strip in stitch.strips():
        rows = strip.rgb
        if beside_seed:
            gap = np.full((rows.shape[0], _GAP_PX, 3), _WHITE, dtype=np.uint8)
            rows = np.concatenate([_flat(run, strip.rect), gap, rows], axis=1)
        yield strip.rect.y, rows


def _flat(run: OpenRun, rect: Rect) -> npt.NDArray[np.uint8]:
    """Zone colours with stencils over them: the seed canvas of an unrendered map."""
    world = run.world
    zones = world.palette.painted(world.reader.read_zones(rect))
    strokes = strokes_in_extended(world.reader, run.grid, rect)
    opacity = run.settings.stencil_opacity
    return draw_stencils(flat_canvas(zones, world.palette), strokes, rect, world.palette, opacity)
