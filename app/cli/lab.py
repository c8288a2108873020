"""`tilewright lab`: experiments that write NAME.md, NAME.json and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click

from app.cli.options import SIZE
from app.lab import seams as seam_experiment
from app.lab import strip as strip_experiment
from app.lab import wrap as wrap_experiment
from app.lab.report import Report
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED, COMPOSITOR_FILE, check_folder, find_model
from painter.files import writing
from zones.errors import InputError

_COUNTS = re.compile(r"([1-9]\d?)x([1-9]\d?)")

_Names = tuple[str, ...]
_Convert = Callable[[click.Context, click.Parameter, str | None], _Names | None]


def _separated(mark: str) -> _Convert:
    """Read names with a mark between them."""

    def convert(
        _context: click.Context, _option: click.Parameter, text: str | None
    ) -> _Names | None:
        return None if text is None else tuple(part.strip() for part in text.split(mark))

    return convert


def _numbers(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"seeds are numbers with commas, as in 1,2,3, not '{text[:40]}'")
    return tuple(map(int, parts))


def _counts(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _COUNTS.fullmatch(text)
    if match is None:
        raise InputError(f"--size is columns and rows of windows, as in 5x4, not '{text[:20]}'")
    return int(match[1]), int(match[2])


_out = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("lab"), show_default=True
)
_model = click.option("--model", "model_name", metavar="ID", default=BUNDLED, show_default=True)
_device = click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
_worlds = click.option("--worlds", callback=_separated(","), help="Names with commas.")
_seeds = click.option("--seeds", callback=_numbers, help="Numbers with commas, as in 1,2,3.")


@click.group()
def lab() -> None:
    """Run an experiment; `tilewright lab NAME --help` tells its options."""


@lab.command()
@_out
@_model
@_device
@_worlds
@_seeds
@click.option("--crop", type=SIZE, help="Only the middle of each world, in px.")
def seams(
    out: Path,
    model_name: str,
    device: str,
    worlds: _Names | None,
    seeds: tuple[int, ...] | None,
    crop: tuple[int, int] | None,
) -> None:
    """Compare ways to join windows."""
    samples = seam_experiment.load_worlds(worlds or seam_experiment.WORLDS, crop)
    engine = load_engine(model_name, device)
    _make(out)
    chosen = seeds or seam_experiment.SEEDS
    _write("seams", out, seam_experiment.run(engine, out, samples, chosen))


@lab.command()
@_out
@_model
@_device
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
    _make(out)
    from generation.engine.figures.report import measure_model  # noqa: PLC0415 - loads torch

    with writing(out):
        measure_model(engine, out, work)
    click.echo(f"wrote {out / 'model.md'}")


@lab.command()
@_out
@_model
@_device
@_worlds
@_seeds
@click.option("--size", callback=_counts, help="Columns and rows of windows, as in 5x4.")
@click.option(
    "--rows",
    default="key",
    show_default=True,
    callback=_separated(";"),
    help="Names of rows with semicolons, `key`, or `all`.",
)
@click.option("--base", callback=_separated(","), help="guided or drifting; both unless given.")
@click.option("--done-only", is_flag=True, help="Paint nothing, report what is there.")
def seed_table(
    out: Path,
    model_name: str,
    device: str,
    worlds: _Names | None,
    seeds: tuple[int, ...] | None,
    size: tuple[int, int] | None,
    rows: _Names,
    base: _Names | None,
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
    _make(out)
    click.echo(f"wrote {table.run()}")


def _named_paths(
    _context: click.Context, _option: click.Parameter, texts: _Names
) -> dict[str, Path]:
    found = {}
    for text in texts:
        name, mark, path = text.partition("=")
        if not (name.strip() and mark and path.strip()):
            raise InputError(f"--compositor-dir is NAME=PATH, as in plain=work, not '{text[:40]}'")
        if name.strip() in found:
            raise InputError(f"--compositor-dir names {name.strip()} twice; give each its own name")
        found[name.strip()] = _trained(Path(path.strip()))
    return found


def _trained(place: Path) -> Path:
    """A compositor's file or the folder of its training, after checking that the file is there."""
    if not place.exists():
        raise InputError(f"there is no {place}; give the folder of a training")
    if place.is_dir() and not (place / COMPOSITOR_FILE).is_file():
        raise InputError(
            f"{place / COMPOSITOR_FILE} is missing; `tilewright train compositor --vae FOLDER "
            f"--work {place}` writes it"
        )
    return place


@lab.command()
@_out
@_model
@click.option(
    "--pairs",
    type=click.IntRange(2),
    default=50,
    show_default=True,
    help="Pairs of crops of each set of pictures.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Of a compositor; those beside the model unless given.",
)
@click.option(
    "--compositor-dir",
    "others",
    metavar="NAME=PATH",
    multiple=True,
    callback=_named_paths,
    help="One more compositor, by the folder of its training; may be repeated.",
)
@click.option(
    "--compositors", callback=_separated(","), help="Names with commas, all unless given."
)
def pelc(
    out: Path,
    model_name: str,
    pairs: int,
    weights: Path | None,
    others: dict[str, Path],
    compositors: _Names | None,
) -> None:
    """Compare ways to composite latents under a mask."""
    from generation.engine.compositing.evaluation.fidelity import LEARNT  # noqa: PLC0415 - torch
    from generation.engine.compositing.evaluation.report import (  # noqa: PLC0415 - loads torch
        measure_compositors,
    )

    learnt = others | ({LEARNT: weights} if weights else {})
    folder = check_folder(find_model(model_name), model_name)
    with writing(out):
        measure_compositors(folder, out, pairs=pairs, learnt=learnt, names=compositors)
    click.echo(f"wrote {out / 'pelc.md'}")


@lab.command()
@_out
@_model
@click.option(
    "--pairs",
    type=click.IntRange(2),
    default=24,
    show_default=True,
    help="Crops of each set of pictures.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Of a colour correction; those beside the model unless given.",
)
def recolour(out: Path, model_name: str, pairs: int, weights: Path | None) -> None:
    """Compare ways to change colour in latents."""
    from generation.engine.compositing.recolour.evaluation.report import (  # noqa: PLC0415 - torch
        measure_recolouring,
    )

    folder = check_folder(find_model(model_name), model_name)
    with writing(out):
        measure_recolouring(folder, out, pairs=pairs, weights=weights)
    _show(out / "recolour.md")


@lab.command()
@_out
@_model
@_device
@click.option("--windows", type=click.IntRange(1), default=8, show_default=True)
def opacity(out: Path, model_name: str, device: str, windows: int) -> None:
    """Measure what a soft mask becomes when latents are joined at every step."""
    folder = check_folder(find_model(model_name), model_name)
    from generation.engine.compositing.evaluation.opacity import (  # noqa: PLC0415 - loads torch
        measure_opacity,
    )
    from generation.engine.device import resolve_device  # noqa: PLC0415 - loads torch

    with writing(out):
        page = measure_opacity(folder, out, resolve_device(device), windows)
    _show(page)


@lab.command()
@_out
@_model
@_device
@click.option("--windows", type=click.IntRange(1), default=16, show_default=True)
def fringe(out: Path, model_name: str, device: str, windows: int) -> None:
    """Compare compositors along the edge of protected art."""
    engine = load_engine(model_name, device)
    from generation.engine.compositing.evaluation.fringe import (  # noqa: PLC0415 - loads torch
        measure_fringe,
    )

    with writing(out):
        page = measure_fringe(engine, out, windows)
    _show(page)


@lab.command()
@_out
@_model
@_device
@_worlds
@_seeds
@click.option("--base", callback=_separated(","), help="guided or drifting; both unless given.")
@click.option(
    "--lines",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Hand-overs measured of each map.",
)
def overlap(
    out: Path,
    model_name: str,
    device: str,
    worlds: _Names | None,
    seeds: tuple[int, ...] | None,
    base: _Names | None,
    lines: int,
) -> None:
    """Blend windows where they meet, in pixels and in latents.

    It takes about 15 minutes of one core with klein-mini; stop it at any time and start it
    again, it goes on where it was.
    """
    from app.lab.overlap import experiment  # noqa: PLC0415 - loads slowly
    from app.lab.seed_table.rows import BASES  # noqa: PLC0415
    from app.lab.seed_table.worlds import load_worlds  # noqa: PLC0415
    from generation.engine.compositing.evaluation.overlaps import (  # noqa: PLC0415 - loads torch
        LatentJoiner,
    )
    from generation.engine.device import resolve_device  # noqa: PLC0415 - loads torch

    engine = load_engine(model_name, device)
    chosen = load_worlds(worlds or experiment.WORLDS, engine.profile, experiment.SIZE)
    folder = check_folder(find_model(model_name), model_name)
    joiner = LatentJoiner.of(folder, resolve_device(device))
    seeds = seeds or experiment.SEEDS
    bases = base or tuple(BASES)
    _show(experiment.OverlapTrial(engine, joiner, out, chosen, seeds, bases, lines).run())


@lab.command()
@_out
@_model
@_device
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
    _make(out)
    _write("strip", out, strip_experiment.run(engine, out, zones, tiles, seed))


@lab.command()
@_out
@_model
@_device
@_seeds
def wrap(out: Path, model_name: str, device: str, seeds: tuple[int, ...] | None) -> None:
    """Look for a seam where copies of a wrapped map meet."""
    engine = load_engine(model_name, device)
    _make(out)
    _write("wrap", out, wrap_experiment.run(engine, out, seeds or wrap_experiment.SEEDS))


def _make(out: Path) -> None:
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)


def _write(name: str, out: Path, report: Report) -> None:
    with writing(out):
        page, _ = report.write(out, name)
    click.echo(report.markdown())
    click.echo(f"wrote {page}")


def _show(page: Path) -> None:
    """Print a page that an experiment wrote."""
    click.echo(page.read_text(encoding="utf-8"))
    click.echo(f"wrote {page}")
