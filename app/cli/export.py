"""`tilewright export`: write the stitched map as one picture."""

from __future__ import annotations

from pathlib import Path

import click

from app.core.map_export import MapPicture
from app.core.run_setup import open_for_reading
from zones.errors import InputError


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
    stitch = run.world.stitch(run.grid, run.store, finished)
    picture = MapPicture(run.world, stitch, run.settings.stencil_opacity, beside_seed)
    picture.write(out, format_name)
    click.echo(f"wrote {out} ({picture.size[0]} x {picture.size[1]} px)")
