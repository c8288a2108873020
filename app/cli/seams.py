"""`tilewright seams`: how visible the seams of a rendered map are."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import print_json
from app.core.run_setup import open_for_reading
from app.core.seam_table import as_lines, measure
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED
from generation.plan.ports import Engine
from zones.errors import InputError


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--no-floor", is_flag=True, help="Do not load the model for the VAE floor.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def seams(project: Path, device: str, *, no_floor: bool, as_json: bool) -> None:
    """Measure every hand-over line and stencil crossing of PROJECT."""
    run = open_for_reading(project)
    finished = run.finished()
    if not finished:
        raise InputError(f"{project} has no finished tiles; run: tilewright render {project}")
    engine: Engine | None = None
    if not no_floor:
        engine = load_engine(run.project.model or BUNDLED, device)
    report = measure(run.world, run.grid, run.store, finished, engine)
    if as_json:
        print_json(report.to_json())
        return
    for line in as_lines(report):
        click.echo(line)
