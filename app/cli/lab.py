"""`tilewright lab`: experiments that write NAME.md, NAME.json and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import SIZE
from app.lab import seams as seam_experiment
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED, check_folder, find_model
from generation.plan.ports import Engine
from painter.files import writing
from zones.errors import InputError

if TYPE_CHECKING:
    from app.lab.seed_table.experiment import SeedTable

EXPERIMENTS = ("seams", "model", "seed-table", "pelc")

_COUNTS = re.compile(r"([1-9]\d?)x([1-9]\d?)")


@click.command()
@click.argument("name", type=click.Choice(EXPERIMENTS))
@click.option("--out", type=click.Path(path_type=Path), default=Path("lab"), show_default=True)
@click.option("--model", "model_name", metavar="ID", default=BUNDLED, show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--worlds", help="Names with commas; each experiment has its own.")
@click.option("--seeds", help="Numbers with commas, as in 1,2,3.")
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
    composite latents under a mask, `seed-table` compares many settings of joining windows and
    following strokes. The seed table takes about 3 hours of one
    core with klein-mini; stop it at any time and start it again, it goes on where it was.
    """
    names = None if worlds is None else [part.strip() for part in worlds.split(",")]
    numbers = None if seeds is None else _numbers(seeds)
    if name == "seams":
        chosen = names or seam_experiment.WORLDS
        samples = seam_experiment.load_worlds(chosen, options["crop"])
    if name == "pelc":
        click.echo(f"wrote {_compositors(model_name, out, options)}")
        return
    engine = load_engine(model_name, device)
    if name == "seed-table":
        table = _seed_table(engine, out, names, numbers, options)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    if name == "seams":
        report = seam_experiment.run(engine, out, samples, numbers or seam_experiment.SEEDS)
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
