"""`tilewright new`: a project from nothing, a sample world, or a zone picture and strokes."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import SIZE
from app.core.run_setup import check_wrap, model_name
from generation.engine.folder import BUNDLED
from painter.presets import list_presets, load_preset
from painter.project import Project
from painter.stroke_files import read_strokes
from painter.zone_images import read_zone_image
from zones.errors import InputError
from zones.palette import default_palette, palette_from_json

MAX_PALETTE_BYTES = 1_000_000


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--size", type=SIZE, help="Size of the map in px, as in 1152x960.")
@click.option("--preset", metavar="NAME", help="Start from a sample world.")
@click.option("--zones", type=click.Path(path_type=Path), help="A picture of zone ids or colours.")
@click.option("--stencils", type=click.Path(path_type=Path), help="Strokes as JSON.")
@click.option("--palette", type=click.Path(path_type=Path), help="The map's own palette as JSON.")
@click.option("--prompt", "map_prompt", help="What the whole map is painted like.")
@click.option("--model", metavar="ID", help="Model name, folder or hub id.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Seed of the map's noise.")
@click.option("--wrap", type=click.Choice(["x", "y", "xy"]), default=None, help="Close the map.")
def new(
    directory: Path,
    size: tuple[int, int] | None,
    preset: str | None,
    zones: Path | None,
    stencils: Path | None,
    palette: Path | None,
    map_prompt: str | None,
    model: str | None,
    seed: int | None,
    wrap: str | None,
) -> None:
    """Make a new project in DIR."""
    colours = default_palette() if palette is None else palette_from_json(_text(palette))
    sample = None if preset is None else load_preset(preset, colours)
    if sample is not None and zones is not None:
        raise InputError("give --preset or --zones, not both")
    if sample is not None:
        extent = _same_size(size, sample.info.size, f"the sample {preset}")
    elif size is None:
        names = ", ".join(sorted(list_presets()))
        raise InputError(f"give --size WxH in px, or --preset with one of {names}")
    else:
        extent = size
    ids = sample.zones if sample else None
    if zones is not None:
        ids = read_zone_image(zones, colours, extent)
    strokes = sample.strokes if sample else ()
    if stencils is not None:
        strokes = read_strokes(stencils, colours, extent)
    info = sample.info if sample else None
    name = model_name(model or (info.model if info else "") or BUNDLED)
    if wrap:
        check_wrap(extent, wrap, name)
    project = Project.create(
        directory,
        extent,
        colours,
        zones=ids,
        strokes=strokes,
        seed=seed if seed is not None else (info.seed if info else 0),
        model=name,
        wrap=wrap or "",  # type: ignore[arg-type]  # click checked the choice
        map_prompt=map_prompt if map_prompt is not None else (info.map_prompt if info else ""),
    )
    click.echo(f"made {project.folder} ({extent[0]} x {extent[1]} px)")


def _same_size(given: tuple[int, int] | None, own: tuple[int, int], whose: str) -> tuple[int, int]:
    if given is not None and given != own:
        raise InputError(
            f"{whose} is {own[0]}x{own[1]} px, not {given[0]}x{given[1]}; leave --size out"
        )
    return own


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_PALETTE_BYTES:
            raise InputError(f"the palette {path} is longer than {MAX_PALETTE_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the palette {path} cannot be read ({error}); check the path") from error
