"""Options of the training stages, as the command line and the tests pass them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HELD_OUT_SEED = 900_000
"""Layout seeds from here on are held out: never rendered for training, only for figures."""


@dataclass(frozen=True)
class ModelShape:
    """Sizes of the three networks of klein-mini.

    Attributes:
        encoder_channels: channels of the encoder's four levels, finest first.
        decoder_channels: channels of the decoder's four levels, finest first.
        latent_channels: channels of a latent cell; a token of 2 x 2 cells has four times as many.
        double_layers: double-stream blocks of the transformer.
        single_layers: single-stream blocks of the transformer.
        head_dim: width of one attention head, a multiple of 8.
        heads: number of attention heads.
        text_hidden: width of the text encoder.
        text_depth: layers of the text encoder.
        text_layers: the three hidden states that are joined into the prompt embedding.
        text_tokens: prompt tokens, padding included.
        terminal_sigma: noise level of the last step. Klein's own schedule leaves 0.38 of the noise
            to its last step of twelve, which only a distilled model can paint without blur.
    """

    encoder_channels: tuple[int, int, int, int] = (16, 32, 64, 96)
    decoder_channels: tuple[int, int, int, int] = (32, 32, 64, 128)
    latent_channels: int = 16
    double_layers: int = 2
    single_layers: int = 4
    head_dim: int = 32
    heads: int = 8
    text_hidden: int = 128
    text_depth: int = 3
    text_layers: tuple[int, int, int] = (1, 2, 3)
    text_tokens: int = 48
    terminal_sigma: float = 0.15


@dataclass(frozen=True)
class RunOptions:
    """What every stage needs to run, stop and resume.

    Attributes:
        work: private folder of worlds, caches and checkpoints.
        minutes: deadline of this stage, over all its runs together.
        steps: stop after so many steps instead, if given; the schedule then follows the steps.
        threads: threads torch may use.
        device: "cpu" or "cuda".
        seed: seed of weights, crops, noise and order.
        report_every: steps between two lines of held-out figures.
        save_every: steps between two checkpoints.
        progress: show a progress bar.
    """

    work: Path
    minutes: float = 25.0
    steps: int | None = None
    threads: int = 2
    device: str = "cpu"
    seed: int = 1
    report_every: int = 500
    save_every: int = 500
    progress: bool = True


@dataclass(frozen=True)
class WorldOptions:
    """How many worlds to render, and where.

    Attributes:
        work: private folder of worlds, caches and checkpoints.
        layouts: training layouts; each is painted in every look.
        held_out: layouts rendered for figures only.
        side_px: side of a world, a multiple of 16.
        workers: processes that render.
    """

    work: Path
    layouts: int = 90
    held_out: int = 6
    side_px: int = 1024
    workers: int = 2


@dataclass(frozen=True)
class VaeOptions:
    """Options of the VAE stages: whole, decoder and polish.

    Attributes:
        run: where, how long and with what.
        shape: sizes of the networks.
        batch: crops per step.
        crop_px: side of a crop, a multiple of 8: whole latent cells.
        rate: peak learning rate.
        adversarial: weight of the discriminator's term in the decoder stage.
        painted: windows the transformer paints for the polish stage, a multiple of 4.
    """

    run: RunOptions
    shape: ModelShape = field(default_factory=ModelShape)
    batch: int = 4
    crop_px: int = 96
    rate: float = 2e-3
    adversarial: float = 0.06
    painted: int = 192


@dataclass(frozen=True)
class TransformerOptions:
    """Options of the transformer stage.

    Attributes:
        run: where, how long and with what.
        shape: sizes of the networks.
        batch: windows per step.
        window_px: side of a window, a multiple of 16.
        rate: peak learning rate.
        average: decay of the moving average of the weights.
    """

    run: RunOptions
    shape: ModelShape = field(default_factory=ModelShape)
    batch: int = 8
    window_px: int = 256
    rate: float = 1.5e-3
    average: float = 0.999
