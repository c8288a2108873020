"""`tilewright doctor`: what will run on this machine, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from app.cli.options import print_json
from app.core.report import machine_facts, model_facts
from generation.engine.folder import BUNDLED


@click.command()
@click.option("--model", "model_name", metavar="ID", default=BUNDLED, show_default=True)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
def doctor(model_name: str, device: str, *, as_json: bool) -> None:
    """Check this machine with a short measurement."""
    machine = machine_facts(Path.cwd())
    if as_json:
        print_json({"machine": machine, "model": model_facts(model_name, device)})
        return
    libraries = machine.pop("libraries")
    _table({"tilewright": libraries.pop("tilewright"), **machine, **libraries})
    found = model_facts(model_name, device)
    _table(found)
    click.echo(
        f"{model_name} will run on {found['device']}: about {found['seconds_per_window']} s for a "
        f"window, {found['seconds_per_30_windows']} s for a map of 30 windows"
    )


def _table(facts: Mapping[str, object]) -> None:
    for name, value in facts.items():
        click.echo(f"{name + ':':24}{'not installed' if value is None else value}")
