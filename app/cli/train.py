"""`tilewright train`: the recipes behind the bundled weights, loaded only when asked for."""

from __future__ import annotations

import click


class _Recipes(click.Group):
    """Hands every question to the training command, which brings torch with it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _training().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _training().get_command(ctx, cmd_name)


def _training() -> click.Group:
    from generation.engine.training.command import main  # noqa: PLC0415 - loads torch

    return main


train = _Recipes("train", help="Train the bundled model, one stage after the other.")
