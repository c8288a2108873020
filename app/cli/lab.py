"""`tilewright lab`: experiments that write NAME.md, NAME.json and pictures."""

from __future__ import annotations

import re
from pathlib import Path

import click

from app.cli.lab_latents import fringe, opacity, overlap, pelc, recolour
from app.cli.lab_options import (
    Names,
    device_option,
    make_folder,
    model_option,
    out_option,
    seeds_option,
    separated,
    worlds_option,
    write_report,
)
from app.cli.options import SIZE
from app.lab import seams as seam_experiment
from app.lab import strip as strip_experiment
from app.lab import wrap as wrap_experiment
from generation.engine.factory import load_engine
from painter.files import writing
from zones.errors import InputError

_COUNTS = re.compile(r"([1-9]\d?)x([1-9]\d?)")


def _counts(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _COUNTS.fullmatch(text)
    if match is None:
        raise InputError(f"--size is columns and rows of windows, as in 5x4, not '{text[:20]}'")
    return int(match[1]), int(match[2])


@click.group()
def lab() -> None:
    """Run an experiment; `tilewright lab NAME --help` tells its options."""


@lab.command()
@out_option
@model_option
@device_option
@worlds_option
@seeds_option
@click.option("--crop", type=SIZE, help="Only the middle of each world, in px.")
def seams(
    out: Path,
    model_name: str,
    device: str,
    worlds: Names | None,
    seeds: tuple[int, ...] | None,
    crop: tuple[int, int] | None,
) -> None:
    """Compare ways to join windows."""
    samples = seam_experiment.load_worlds(worlds or seam_experiment.WORLDS, crop)
    engine = load_engine(model_name, device)
    make_folder(out)
    chosen = seeds or seam_experiment.SEEDS
    write_report("seams", out, seam_experiment.run(engine, out, samples, chosen))


@lab.command()
@out_option
@model_option
@device_option
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("work"),
    show_default=True,
    help="Folder for the measuring networks.",
)
def model(out: Path, model_name: str, device: str, work: Path) -> None:
    """Measure the model."""
    engine = load_engine(model_name, device)
    make_folder(out)
    from generation.engine.figures.report import measure_model  # noqa: PLC0415 - loads torch

    with writing(out):
        measure_model(engine, out, work)
    click.echo(f"wrote {out / 'model.md'}")


@lab.command()
@out_option
@model_option
@device_option
@worlds_option
@seeds_option
@click.option("--size", callback=_counts, help="Columns and rows of windows, as in 5x4.")
@click.option(
    "--rows",
    default="key",
    show_default=True,
    callback=separated(";"),
    help="Names of rows with semicolons, `key`, or `all`.",
)
@click.option("--base", callback=separated(","), help="guided or drifting; both unless given.")
@click.option("--done-only", is_flag=True, help="Paint nothing, report what is there.")
def seed_table(
    out: Path,
    model_name: str,
    device: str,
    worlds: Names | None,
    seeds: tuple[int, ...] | None,
    size: tuple[int, int] | None,
    rows: Names,
    base: Names | None,
    *,
    done_only: bool,
) -> None:
    """Compare many settings of joining windows and following strokes.

    It takes about 4 hours of one core with klein-mini; stop it at any time and start it again, it
    goes on where it was.
    """
    from app.lab.seed_table.experiment import SEEDS, SeedTable  # noqa: PLC0415 - loads slowly
    from app.lab.seed_table.rows import BASES, choose_rows  # noqa: PLC0415
    from app.lab.seed_table.worlds import WORLDS, load_worlds  # noqa: PLC0415

    engine = load_engine(model_name, device)
    table = SeedTable(
        engine,
        out,
        load_worlds(worlds or WORLDS, engine.profile, size),
        seeds or SEEDS,
        choose_rows(base or tuple(BASES), rows, engine.profile),
        paint=not done_only,
    )
    make_folder(out)
    click.echo(f"wrote {table.run()}")


@lab.command()
@out_option
@model_option
@device_option
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the noise.")
@click.option(
    "--tiles",
    type=click.IntRange(2, 1000),
    default=strip_experiment.TILES,
    show_default=True,
    help="Its length.",
)
@click.option("--zone", multiple=True, help="A zone's name; may be repeated.")
def strip(
    out: Path, model_name: str, device: str, seed: int, tiles: int, zone: tuple[str, ...]
) -> None:
    """Look for a drift of colour along a row of tiles."""
    zones = strip_experiment.zone_ids(zone or strip_experiment.ZONES)
    engine = load_engine(model_name, device)
    make_folder(out)
    write_report("strip", out, strip_experiment.run(engine, out, zones, tiles, seed))


@lab.command()
@out_option
@model_option
@device_option
@seeds_option
def wrap(out: Path, model_name: str, device: str, seeds: tuple[int, ...] | None) -> None:
    """Look for a seam where copies of a wrapped map meet."""
    engine = load_engine(model_name, device)
    make_folder(out)
    write_report("wrap", out, wrap_experiment.run(engine, out, seeds or wrap_experiment.SEEDS))


for command in (pelc, recolour, opacity, fringe, overlap):
    lab.add_command(command)
