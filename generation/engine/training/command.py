"""The command line of the training stages."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from generation.engine.training.options import (
    HELD_OUT_SEED,
    ModelShape,
    RunOptions,
    TransformerOptions,
    VaeOptions,
    WorldOptions,
)
from zones.geometry import LATENT_PX

ONE_OR_MORE, NONE_OR_MORE = click.IntRange(1), click.IntRange(0)
LAYOUTS = click.IntRange(1, HELD_OUT_SEED)
SIDE_PX = click.IntRange(256)


class CropType(click.IntRange):
    """A side of a crop in px: whole latent cells; no stage that crops joins them to tokens."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """A multiple of 8, or the reason why not."""
        side_px = int(super().convert(value, param, ctx))
        if side_px % LATENT_PX:
            self.fail(f"{side_px} is not a multiple of {LATENT_PX}.", param, ctx)
        return side_px


class FiniteType(click.FloatRange):
    """A finite number in a range; ranges alone let "nan" and "inf" through."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or the reason why not."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{number} is not a number to train with.", param, ctx)
        return number


CROP_PX = CropType(32)
ABOVE_NONE, NONE_OR_ABOVE = FiniteType(0, min_open=True), FiniteType(0)


@click.group()
def main() -> None:
    """Train klein-mini, one stage after the other; every stage resumes where it stopped."""


@main.command()
@click.option("--work", type=click.Path(path_type=Path), required=True)
@click.option("--layouts", type=LAYOUTS, default=90, show_default=True)
@click.option("--held-out", type=NONE_OR_MORE, default=6, show_default=True)
@click.option("--side-px", type=SIDE_PX, default=1024, show_default=True)
@click.option("--workers", type=ONE_OR_MORE, default=2, show_default=True)
def data(**values: Any) -> None:
    """Render the training worlds."""
    from generation.engine.training.worlds_folder import render_worlds  # noqa: PLC0415 - lazy

    render_worlds(WorldOptions(**values))


def _crop_px(default_px: int) -> Callable[[Any], Any]:
    """The option `--crop-px`."""
    words = f"Side of a crop, a multiple of {LATENT_PX} px."
    return click.option(
        "--crop-px", type=CROP_PX, default=default_px, show_default=True, help=words
    )


def _run_options(command: Any) -> Any:
    """Add the options that all stages share."""
    for option in (
        click.option("--work", type=click.Path(path_type=Path), required=True),
        click.option("--minutes", type=ABOVE_NONE, default=25.0, show_default=True),
        click.option("--steps", type=ONE_OR_MORE),
        click.option("--threads", type=ONE_OR_MORE, default=2, show_default=True),
        click.option("--device", default="cpu", show_default=True, help="auto, cpu or cuda."),
        click.option("--seed", type=NONE_OR_MORE, default=1, show_default=True),
        click.option("--report-every", type=ONE_OR_MORE, default=500, show_default=True),
        click.option("--save-every", type=ONE_OR_MORE, default=500, show_default=True),
    ):
        command = option(command)
    return command


def _split(values: dict[str, Any]) -> tuple[RunOptions, dict[str, Any]]:
    from generation.engine.device import resolve_device  # noqa: PLC0415 - lazy

    names = RunOptions.__dataclass_fields__
    values = {**values, "device": resolve_device(values["device"]).type}
    run = RunOptions(**{name: value for name, value in values.items() if name in names})
    return run, {name: value for name, value in values.items() if name not in names}


@main.command()
@_run_options
@click.option("--batch", type=ONE_OR_MORE, default=4, show_default=True)
@_crop_px(96)
@click.option("--rate", type=ABOVE_NONE, default=2e-3, show_default=True)
def vae(**values: Any) -> None:
    """Train encoder and decoder (stage 1)."""
    from generation.engine.training.vae_stages import train_autoencoder  # noqa: PLC0415 - lazy

    run, rest = _split(values)
    train_autoencoder(VaeOptions(run=run, **rest))


@main.command()
@_run_options
@click.option("--batch", type=ONE_OR_MORE, default=4, show_default=True)
@_crop_px(96)
@click.option("--rate", type=ABOVE_NONE, default=4e-4, show_default=True)
@click.option("--adversarial", default=0.06, show_default=True)
def decoder(**values: Any) -> None:
    """Train the decoder alone for fine detail (stage 2)."""
    from generation.engine.training.vae_stages import train_decoder  # noqa: PLC0415 - lazy

    run, rest = _split(values)
    train_decoder(VaeOptions(run=run, **rest))


@main.command()
@click.option("--work", type=click.Path(path_type=Path), required=True)
@click.option("--first-round", type=NONE_OR_MORE, default=0, show_default=True)
@click.option("--rounds", type=ONE_OR_MORE, default=1, show_default=True)
@click.option("--workers", type=ONE_OR_MORE, default=2, show_default=True)
def windows(work: Path, first_round: int, rounds: int, workers: int) -> None:
    """Encode training windows with the trained VAE."""
    from generation.engine.training.window_cache import (  # noqa: PLC0415 - lazy
        CacheOptions,
        fill_cache,
    )

    passes = range(first_round, first_round + rounds)
    fill_cache(CacheOptions(work, ModelShape(), passes, workers=workers))


@main.command()
@_run_options
@click.option("--batch", type=ONE_OR_MORE, default=3, show_default=True)
@_crop_px(96)
@click.option("--rate", type=ABOVE_NONE, default=3e-4, show_default=True)
@click.option("--adversarial", default=0.06, show_default=True)
def polish(**values: Any) -> None:
    """Train the decoder on painted windows (after the transformer)."""
    from generation.engine.training.polish import train_polish  # noqa: PLC0415 - lazy

    run, rest = _split(values)
    train_polish(VaeOptions(run=run, **rest))


@main.command()
@_run_options
@click.option("--batch", type=ONE_OR_MORE, default=8, show_default=True)
@click.option("--rate", type=ABOVE_NONE, default=1.5e-3, show_default=True)
def transformer(**values: Any) -> None:
    """Train the transformer and its text encoder."""
    from generation.engine.training.transformer_stage import train_painter  # noqa: PLC0415 - lazy

    run, rest = _split(values)
    train_painter(TransformerOptions(run=run, **rest))


def _halo_weight(default: float) -> Callable[[Any], Any]:
    """The option `--halo-weight`."""
    words = "Of the loss along edges; 0 is none."
    return click.option(
        "--halo-weight", type=NONE_OR_ABOVE, default=default, show_default=True, help=words
    )


def _operator_options(command: Any) -> Any:
    """Add the options that the operators on a frozen VAE's latents share."""
    for option in (
        click.option(
            "--vae",
            type=click.Path(path_type=Path, exists=True),
            required=True,
            help="Folder of a FLUX.2 VAE, or of a model that has one.",
        ),
        click.option(
            "--pictures",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Folder of your own pictures, beside the rendered worlds of --work.",
        ),
        click.option(
            "--leaves",
            type=click.IntRange(min=0, max=100_000),
            default=96,
            show_default=True,
            help="Made pictures with the edges, textures and light of photographs.",
        ),
        click.option("--batch", type=ONE_OR_MORE, default=4, show_default=True),
        _crop_px(128),
        click.option("--rate", type=ABOVE_NONE, default=2e-3, show_default=True),
        click.option(
            "--decode-every",
            type=ONE_OR_MORE,
            default=4,
            show_default=True,
            help="Steps with pixels.",
        ),
    ):
        command = option(command)
    return command


@main.command()
@_run_options
@_operator_options
@click.option(
    "--residual/--no-residual",
    default=True,
    show_default=True,
    help="Learn a residual beside the weights.",
)
@_halo_weight(1.0)
@click.option(
    "--predictions",
    type=NONE_OR_MORE,
    default=0,
    show_default=True,
    help="Windows that the model in --vae paints first, to train on what it predicts meanwhile.",
)
def compositor(**values: Any) -> None:
    """Train a compositor (DecFormer) for a frozen VAE."""
    from generation.engine.compositing.training import (  # noqa: PLC0415 - lazy
        CompositorOptions,
        train_compositor,
    )

    run, rest = _split(values)
    click.echo(f"wrote {train_compositor(CompositorOptions(run=run, **rest))}")


@main.command()
@_run_options
@_operator_options
@_halo_weight(0.5)
def recolour(**values: Any) -> None:
    """Train colour correction in latents for a frozen VAE."""
    from generation.engine.compositing.recolour.training import (  # noqa: PLC0415 - lazy
        RecolourOptions,
        train_recolourer,
    )

    run, rest = _split(values)
    click.echo(f"wrote {train_recolourer(RecolourOptions(run=run, **rest))}")


@main.command()
@click.option("--work", type=click.Path(path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def export(work: Path, out: Path) -> None:
    """Write the trained model as a diffusers folder."""
    from generation.engine.training.export import export_model  # noqa: PLC0415 - lazy

    left_to_do = export_model(work, out)
    if left_to_do:
        click.echo(left_to_do)
