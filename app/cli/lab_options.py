"""What the experiments of `tilewright lab` share: their options, folder and pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from app.lab.report import Report
from generation.engine.folder import BUNDLED
from painter.files import writing
from zones.errors import InputError

Names = tuple[str, ...]
_Convert = Callable[[click.Context, click.Parameter, str | None], Names | None]


def separated(mark: str) -> _Convert:
    """Read names with a mark between them."""

    def convert(
        _context: click.Context, _option: click.Parameter, text: str | None
    ) -> Names | None:
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


out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("lab"), show_default=True
)
model_option = click.option(
    "--model", "model_name", metavar="ID", default=BUNDLED, show_default=True
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu or cuda."
)
worlds_option = click.option("--worlds", callback=separated(","), help="Names with commas.")
seeds_option = click.option("--seeds", callback=_numbers, help="Numbers with commas, as in 1,2,3.")


def make_folder(out: Path) -> None:
    """Make the folder that an experiment writes to."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)


def write_report(name: str, out: Path, report: Report) -> None:
    """Write a report as NAME.md and NAME.json, and print its page."""
    with writing(out):
        page, _ = report.write(out, name)
    click.echo(report.markdown())
    click.echo(f"wrote {page}")


def show_page(page: Path) -> None:
    """Print a page that an experiment wrote."""
    click.echo(page.read_text(encoding="utf-8"))
    click.echo(f"wrote {page}")
