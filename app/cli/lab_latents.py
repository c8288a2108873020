"""The experiments of `tilewright lab` on latents: compositing, soft masks and colour."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.lab_options import (
    Names,
    device_option,
    model_option,
    out_option,
    seeds_option,
    separated,
    show_page,
    worlds_option,
)
from generation.engine.factory import load_engine
from generation.engine.folder import COMPOSITOR_FILE, check_folder, find_model
from painter.files import writing
from zones.errors import InputError


def _named_paths(
    _context: click.Context, _option: click.Parameter, texts: Names
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


@click.command()
@out_option
@model_option
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
@click.option("--compositors", callback=separated(","), help="Names with commas, all unless given.")
def pelc(
    out: Path,
    model_name: str,
    pairs: int,
    weights: Path | None,
    others: dict[str, Path],
    compositors: Names | None,
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


@click.command()
@out_option
@model_option
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
    show_page(out / "recolour.md")


@click.command()
@out_option
@model_option
@device_option
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
    show_page(page)


@click.command()
@out_option
@model_option
@device_option
@click.option("--windows", type=click.IntRange(1), default=16, show_default=True)
def fringe(out: Path, model_name: str, device: str, windows: int) -> None:
    """Compare compositors along the edge of protected art."""
    engine = load_engine(model_name, device)
    from generation.engine.compositing.evaluation.fringe import (  # noqa: PLC0415 - loads torch
        measure_fringe,
    )

    with writing(out):
        page = measure_fringe(engine, out, windows)
    show_page(page)


@click.command()
@out_option
@model_option
@device_option
@worlds_option
@seeds_option
@click.option("--base", callback=separated(","), help="guided or drifting; both unless given.")
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
    worlds: Names | None,
    seeds: tuple[int, ...] | None,
    base: Names | None,
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
    show_page(experiment.OverlapTrial(engine, joiner, out, chosen, seeds, bases, lines).run())
