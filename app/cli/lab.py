"""`tilewright lab`: experiments that write NAME.md, NAME.json and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import SIZE
from app.lab import seams as seam_experiment
from app.lab import strip as strip_experiment
from app.lab import wrap as wrap_experiment
from app.lab.report import Report
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED, check_folder, find_model
from generation.plan.ports import Engine
from painter.files import writing
from zones.errors import InputError

if TYPE_CHECKING:
    from app.lab.seed_table.experiment import SeedTable

EXPERIMENTS = ("seams", "model", "seed-table", "pelc", "strip", "wrap")

_COUNTS = re.compile(r"([1-9]\d?)x([1-9]\d?)")


@click.command()
@click.argument("name", type=click.Choice(EXPERIMENTS))
@click.option("--out", type=click.Path(path_type=Path), default=Path("lab"), show_default=True)
@click.option("--model", "model_name", metavar="ID", default=BUNDLED, show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--worlds", help="Names with commas; each experiment has its own.")
@click.option("--seeds", help="Numbers with commas, as in 1,2,3; `strip` takes one.")
@click.option("--crop", type=SIZE, help="`seams`: only the middle of each world, in px.")
@click.option("--size", help="`seed-table`: columns and rows of windows, as in 5x4.")
@click.option(
    "--rows",
    default="key",
    show_default=True,
    help="`seed-table`: names of rows with semicolons, `key`, or `all`.",
)
@click.option("--base", help="`seed-table`: guided or drifting; both unless given.")
@click.option(
    "--done-only", is_flag=True, help="`seed-table`: paint nothing, report what is there."
)
@click.option(
    "--pairs",
    type=click.IntRange(2),
    default=50,
    show_default=True,
    help="`pelc`: pairs of crops of each set of pictures.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="`pelc`: of a compositor; those beside the model unless given.",
)
@click.option("--compositors", help="`pelc`: names with commas, all unless given.")
@click.option(
    "--tiles",
    type=click.IntRange(2, 1000),
    default=strip_experiment.TILES,
    show_default=True,
    help="`strip`: its length.",
)
@click.option("--zone", multiple=True, help="`strip`: a zone's name; may be repeated.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("work"),
    show_default=True,
    help="Folder for the measuring networks of `model`.",
)
def lab(
    name: str,
    out: Path,
    model_name: str,
    device: str,
    worlds: str | None,
    seeds: str | None,
    work: Path,
    **options: Any,
) -> None:
    """Run an experiment.

    `seams` compares ways to join windows, `model` measures the model, `pelc` compares ways to
    composite latents under a mask, `strip` looks for a drift of colour along a row of tiles,
    `wrap` for a seam where copies of a wrapped map meet, `seed-table` compares many settings of
    joining windows and following strokes. The seed table takes about 4 hours of one core with
    klein-mini; stop it at any time and start it again, it goes on where it was.
    """
    names = None if worlds is None else [part.strip() for part in worlds.split(",")]
    numbers = None if seeds is None else _numbers(seeds)
    experiment = _experiment(name, out, names, numbers, options)
    if name == "pelc":
        click.echo(f"wrote {_compositors(model_name, out, options)}")
        return
    engine = load_engine(model_name, device)
    if name == "seed-table":
        table = _seed_table(engine, out, names, numbers, options)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    if experiment is not None:
        report = experiment(engine)
        with writing(out):
            page, _ = report.write(out, name)
        click.echo(report.markdown())
    elif name == "seed-table":
        page = table.run()
    else:
        from generation.engine.figures.report import measure_model  # noqa: PLC0415 - loads torch

        with writing(out):
            measure_model(engine, out, work)
        page = out / "model.md"
    click.echo(f"wrote {page}")


def _compositors(model_name: str, out: Path, options: dict[str, Any]) -> Path:
    from generation.engine.compositing.evaluation.report import (  # noqa: PLC0415 - loads torch
        measure_compositors,
    )

    folder = check_folder(find_model(model_name), model_name)
    names = options["compositors"]
    with writing(out):
        measure_compositors(
            folder,
            out,
            pairs=options["pairs"],
            weights=options["weights"],
            names=None if names is None else [part.strip() for part in names.split(",")],
        )
    return out / "pelc.md"


def _experiment(
    name: str,
    out: Path,
    names: Sequence[str] | None,
    numbers: Sequence[int] | None,
    options: dict[str, Any],
) -> Callable[[Engine], Report] | None:
    """An experiment that only lacks its engine; None for those that write their own reports."""
    if name == "seams":
        chosen = names or seam_experiment.WORLDS
        samples = seam_experiment.load_worlds(chosen, options["crop"])
        seeds = numbers or seam_experiment.SEEDS
        return lambda engine: seam_experiment.run(engine, out, samples, seeds)
    if name == "strip":
        zones = strip_experiment.zone_ids(options["zone"] or strip_experiment.ZONES)
        tiles, seed = options["tiles"], (numbers or (0,))[0]
        return lambda engine: strip_experiment.run(engine, out, zones, tiles, seed)
    if name == "wrap":
        return lambda engine: wrap_experiment.run(engine, out, numbers or wrap_experiment.SEEDS)
    return None


def _seed_table(
    engine: Engine,
    out: Path,
    names: Sequence[str] | None,
    numbers: Sequence[int] | None,
    options: dict[str, Any],
) -> SeedTable:
    from app.lab.seed_table.experiment import SEEDS, SeedTable  # noqa: PLC0415 - loads slowly
    from app.lab.seed_table.rows import BASES, choose_rows  # noqa: PLC0415
    from app.lab.seed_table.worlds import WORLDS, load_worlds  # noqa: PLC0415

    bases = tuple(BASES) if options["base"] is None else options["base"].split(",")
    rows = [part.strip() for part in options["rows"].split(";")]
    return SeedTable(
        engine,
        out,
        load_worlds(names or WORLDS, engine.profile, _counts(options["size"])),
        numbers or SEEDS,
        choose_rows(bases, rows, engine.profile),
        paint=not options["done_only"],
    )


def _counts(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _COUNTS.fullmatch(text)
    if match is None:
        raise InputError(f"--size is columns and rows of windows, as in 5x4, not '{text[:20]}'")
    return int(match[1]), int(match[2])


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"seeds are numbers with commas, as in 1,2,3, not '{text}'") from error
