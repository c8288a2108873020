"""`tilewright rescue`: a new project of all that can be read of a damaged one."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import print_json
from painter.rescue import rescue as rescue_project


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def rescue(project: Path, out: Path, *, as_json: bool) -> None:
    """Save what is whole of the damaged PROJECT as a new project OUT, and say what is not.

    PROJECT stays as it is.
    """
    found = rescue_project(project, out)
    if as_json:
        losses = [{"file": one.file, "what": one.what, "why": one.why} for one in found.losses]
        recovered = {str(kind): count for kind, count in found.kept.items()}
        folder = str(found.project.folder)
        print_json({"project": str(project), "out": folder, "recovered": recovered, "lost": losses})
        return
    click.echo(found.report())
    click.echo(f"wrote {found.project.folder}")
