"""`tilewright model`: list, fetch, verify and locate models."""

from __future__ import annotations

import sys

import click
from tqdm import tqdm

from app.cli.options import print_json
from app.core.models import KNOWN, RECOMMENDED, model_facts, size_text
from generation.engine.folder import BUNDLED, check_folder, find_model, find_profile, folder_hash
from zones.errors import InputError

_MB = 1_000_000


@click.group()
def model() -> None:
    """Models: the bundled one, folders, and hub ids."""


@model.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_models(*, as_json: bool) -> None:
    """Name the models that are known and say which are on this machine."""
    found = [_facts(name) for name in KNOWN]
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
@click.argument("name", default=RECOMMENDED)
@click.option("--accept-licence", is_flag=True, help="Take a licence that forbids some uses.")
def fetch(name: str, *, accept_licence: bool) -> None:
    """Download a model from the hub; the only command that touches the network."""
    if model_facts(name).path is None:
        _download(name, accept_licence=accept_licence)
    folder = check_folder(find_model(name), name)
    click.echo(f"{name}: {folder.path}")


def _download(name: str, *, accept_licence: bool) -> None:
    from generation.engine import hub  # noqa: PLC0415 - only where a network is wanted

    found = hub.look_up(name)
    click.echo(f"{name}: {size_text(found.size_bytes)}, licence {found.licence}", err=True)
    if not (found.is_free or accept_licence):
        raise InputError(
            f"the licence of {name} ({found.licence}) forbids some uses; read it at {found.page} "
            "and give --accept-licence"
        )
    hidden = not sys.stderr.isatty()
    with tqdm(total=found.size_bytes, unit="B", unit_scale=True, disable=hidden) as bar:

        def show(done_bytes: int, _total_bytes: int, file: str) -> None:
            bar.set_postfix_str(file)
            bar.update(done_bytes - bar.n)

        hub.fetch(found, show)


def _facts(name: str) -> dict[str, str | int | None]:
    facts = model_facts(name)
    if facts.path is None:
        return {"name": name, "path": None, "megabytes": None, "why": facts.why}
    size = round(facts.size_bytes / _MB)
    return {"name": name, "path": str(facts.path), "megabytes": size, "why": None}
