"""`tilewright lab`: experiments that write NAME.md, NAME.json and pictures."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import SIZE
from app.lab import seams as seam_experiment
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED
from painter.files import writing
from zones.errors import InputError

EXPERIMENTS = ("seams", "model")


@click.command()
@click.argument("name", type=click.Choice(EXPERIMENTS))
@click.option("--out", type=click.Path(path_type=Path), default=Path("lab"), show_default=True)
@click.option("--model", "model_name", metavar="ID", default=BUNDLED, show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--worlds", default=",".join(seam_experiment.WORLDS), show_default=True)
@click.option("--seeds", default=",".join(map(str, seam_experiment.SEEDS)), show_default=True)
@click.option("--crop", type=SIZE, help="Only the middle of each world, for a quick look.")
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
    worlds: str,
    seeds: str,
    crop: tuple[int, int] | None,
    work: Path,
) -> None:
    """Run an experiment: `seams` compares ways to join windows, `model` measures the model."""
    if name == "seams":
        numbers = _numbers(seeds)
        samples = seam_experiment.load_worlds(worlds.split(","), crop)
    engine = load_engine(model_name, device)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    if name == "seams":
        report = seam_experiment.run(engine, out, samples, numbers)
        with writing(out):
            page, _ = report.write(out, name)
        click.echo(report.markdown())
        click.echo(f"wrote {page}")
        return
    from generation.engine.figures.report import measure_model  # noqa: PLC0415 - loads torch

    with writing(out):
        measure_model(engine, out, work)
    click.echo(f"wrote {out / 'model.md'}")


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"seeds are numbers with commas, as in 1,2,3, not '{text}'") from error
