"""`tilewright inspect`: write what a run would use for one window."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from PIL import Image

from app.cli.options import TILE, print_json
from app.core.run_setup import open_for_reading
from generation.run.render import compile_now
from painter.files import writing
from zones.compiler import CompiledWindow
from zones.grid import TileCoord

_GREY_MAX = 255


@click.command()
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--tile", type=TILE, required=True, help="Which window.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def inspect(project: Path, tile: TileCoord, out: Path, *, as_json: bool) -> None:
    """Write seed_canvas.png, inpaint_mask.png, change_map.png and free_steps.png to OUT.

    The change map is grey, 0 for mu 0 and 255 for mu 1; free_steps.png holds the step counts
    themselves.
    """
    run = open_for_reading(project, next_run=True)
    run.grid.check(tile)
    compiled = compile_now(run.world, run.store, run.settings, tile)
    pictures = _pictures(compiled)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for name, pixels in pictures.items():
            Image.fromarray(pixels).save(out / f"{name}.png")
    facts = {
        "tile": [tile.row, tile.col],
        "window": [compiled.rect.x, compiled.rect.y, compiled.rect.width, compiled.rect.height],
        "prompt": compiled.prompt,
        "steps": run.settings.steps,
        "differential": compiled.differential,
        "predecessors": len(compiled.coverage),
        "files": [str(out / f"{name}.png") for name in pictures],
    }
    if as_json:
        print_json(facts)
    else:
        click.echo(f"prompt: {compiled.prompt}")
        click.echo(f"wrote {', '.join(f'{name}.png' for name in pictures)} to {out}")


def _pictures(compiled: CompiledWindow) -> dict[str, npt.NDArray[np.uint8]]:
    grey = np.rint(compiled.change_map * _GREY_MAX).astype(np.uint8)
    return {
        "seed_canvas": compiled.seed_canvas,
        "inpaint_mask": compiled.inpaint_mask,
        "change_map": grey,
        "free_steps": compiled.free_steps,
    }
