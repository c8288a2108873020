"""`tilewright model`: list, fetch, verify and locate models."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.options import print_json
from generation.engine.folder import BUNDLED, check_folder, find_model, find_profile, folder_hash
from zones.errors import TilewrightError

DEFAULT_BIG = "black-forest-labs/FLUX.2-klein-4B"
"""The model that the program recommends where there is a GPU."""

_MB = 1_000_000


@click.group()
def model() -> None:
    """Models: the bundled one, folders, and hub ids."""


@model.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_models(*, as_json: bool) -> None:
    """Name the models that are known and say which are on this machine."""
    found = [_facts(name) for name in (BUNDLED, DEFAULT_BIG)]
    if as_json:
        print_json({"models": found})
        return
    for facts in found:
        state = f"here, {facts['megabytes']} MB" if facts["path"] else "not on this machine"
        click.echo(f"{facts['name']}: {state}")


@model.command()
@click.argument("name")
def path(name: str) -> None:
    """Print the folder of a model."""
    click.echo(str(find_model(name)))


@model.command()
@click.argument("name", default=BUNDLED)
def verify(name: str) -> None:
    """Check a model's files and print its content hash."""
    folder = check_folder(find_model(name), name)
    profile = find_profile(folder)
    click.echo(f"{name}: whole, windows of {profile.window_px} px, {folder_hash(folder)}")


@model.command()
@click.argument("name", default=DEFAULT_BIG)
def fetch(name: str) -> None:
    """Download a model from the hub; the only command that touches the network."""
    folder = check_folder(find_model(name, allow_download=True), name)
    click.echo(f"{name}: {folder.path}")


def _facts(name: str) -> dict[str, str | int | None]:
    try:
        folder = check_folder(find_model(name), name)
    except TilewrightError as error:
        return {"name": name, "path": None, "megabytes": None, "why": str(error)}
    size = round(folder.size_bytes / _MB)
    return {"name": name, "path": str(Path(folder.path)), "megabytes": size, "why": None}
