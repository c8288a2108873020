"""What the trainings of all latent operators share: batches in, averaged weights and a curve out.

An operator takes latents and a mask, and gives a latent whose decoding should be what an operation
on pixels gives. Every step compares latents, measured as the decoder would; some steps also decode
a part of the batch. The residual and the weight of the halo are ramped in. (After Bradbury & Zhong
2025; optimiser, ramps and the latent measure are this project's own.)
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from generation.engine.compositing.losses import DecoderMetric, latent_loss, pixel_loss
from generation.engine.compositing.masks import area_cells, mask_layers
from generation.engine.compositing.pairs import draw_pairs
from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.storage import save_network
from generation.engine.training.averages import AveragedWeights
from generation.engine.training.checkpoints import read_checkpoint, write_checkpoint
from generation.engine.training.muon import Muon
from generation.engine.training.options import RunOptions
from generation.engine.training.pace import Pace, rate_share
from generation.engine.training.vae_stages import descend, resume_stage, set_rate, stage_tensors
from generation.engine.training.worlds_folder import world_seeds

AVERAGE_DECAY = 0.998
METRIC_PICTURES = 2

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class OperatorOptions:
    """Options of any operator's training.

    Attributes:
        run: where, how long and with what; `work` holds `worlds` and gets the checkpoints.
        vae: folder of the VAE, or of a model that has one.
        pictures: folder of the user's pictures, or None.
        leaves: made pictures besides those and the worlds.
        batch: samples per step.
        crop_px: side of a sample, a multiple of 8: whole latent cells.
        rate: peak learning rate.
        decoded: samples of a batch that are decoded too, where that is done.
        decode_every: steps of which one decodes.
        residual_from: share of the training after which the residual and the halo set in.
        residual_full: share of the training at which they have their full weight.
        residual: learn a residual too; without it the weights are all there is.
        halo_weight: weight of the halo's terms; 0 is none.
        trials: held-out samples per kind of mask.
        trial_px: side of a held-out sample.
    """

    run: RunOptions
    vae: Path
    pictures: Path | None = None
    leaves: int = 96
    batch: int = 4
    crop_px: int = 128
    rate: float = 2e-3
    decoded: int = 2
    decode_every: int = 4
    residual_from: float = 0.06
    residual_full: float = 0.15
    residual: bool = True
    halo_weight: float = 1.0
    trials: int = 4
    trial_px: int = 256


class HeldOutFigures(Protocol):
    """Measures a network on fixed held-out samples."""

    def figures(self, network: Any) -> Figures:
        """By kind of mask and name."""

    def line(self, figures: Figures) -> str:
        """The same in one line."""


@dataclass(frozen=True)
class Attempt:
    """What an operator made of a batch, beside what it should be.

    Attributes:
        made: cells, float32 (B, C, h, w).
        target: the same.
        mask: float32 (B, 1, 8 h, 8 w) in [0, 1].
    """

    made: torch.Tensor
    target: torch.Tensor
    mask: torch.Tensor


class Trainer(ABC):
    """Draws batches and gives their losses.

    Args:
        options: of the training; kept under that name.
        vae: frozen.
        network: the operator.
        pool: pictures to train on.
    """

    def __init__(self, options: OperatorOptions, vae: Any, network: Any, pool: PicturePool) -> None:
        self.options = options
        self._vae = vae
        self._network = network
        self._pool = pool
        sample = draw_pairs(pool, (options.run.seed, 8), METRIC_PICTURES, options.crop_px)
        with torch.no_grad():
            cells = vae.encode(sample.pictures.to(options.run.device)).latent_dist.mode()
        self._metric = DecoderMetric(vae, cells)

    def loss(self, step: int, progress: float) -> torch.Tensor:
        """The loss of step number `step`, `progress` of the way through the training."""
        options = self.options
        self._pool.turn(step)
        span = options.residual_full - options.residual_from
        share = min(1.0, max(0.0, (progress - options.residual_from) / max(1e-6, span)))
        found = self._attempt(step, share if options.residual else 0.0)
        halo_weight = share * options.halo_weight
        halo = mask_layers(found.mask)[:, 1:2]
        error = found.made - found.target
        loss = latent_loss(self._metric, error, area_cells(halo), halo_weight)
        if step % options.decode_every:
            return loss
        count = max(1, round(len(error) * options.decoded / options.batch))
        with torch.autocast(options.run.device, torch.bfloat16):
            with torch.no_grad():
                right = self._vae.decode(found.target[:count]).sample.float()
            picture = self._vae.decode(found.made[:count]).sample.float()
        return loss + pixel_loss(picture, right, halo[:count], halo_weight)

    @abstractmethod
    def _attempt(self, step: int, residual_share: float) -> Attempt:
        """Draw the batch of a step and run the network on it."""


def train_operator(
    stage: str, file: Path, trainer: Trainer, network: Any, held_out: HeldOutFigures
) -> Path:
    """Train until the deadline or the last step; resumes from the checkpoint in `work`.

    Args:
        stage: its name, of the checkpoint, the curve and the bar.
        file: gets the averaged weights.
        trainer: gives the losses of `network`.
        network: on its device, fresh.
        held_out: gives the figures of the curve.

    Returns:
        `file`.
    """
    run, rate = trainer.options.run, trainer.options.rate
    optimizer = Muon(network.parameters(), rate, plain=_plain(network))
    average = AveragedWeights({"network": network}, AVERAGE_DECAY)
    path = run.work / f"{stage}.safetensors"
    step, elapsed_s = resume_stage(path, {"network": network}, {"network": optimizer})
    if path.is_file():
        average.restore(read_checkpoint(path)[0])
    pace = Pace(run, stage, step, elapsed_s)

    def save(*, done: bool = False) -> None:
        tensors = stage_tensors({"network": network}, {"network": optimizer}) | average.tensors()
        values = {"step": pace.step + 1, "elapsed_s": pace.elapsed_s, "done": done}
        write_checkpoint(path, tensors, values)
        with average.applied():
            save_network(network, file)

    def report(loss: torch.Tensor | None) -> None:
        last = None if loss is None else float(loss.detach())
        with average.applied():
            found = held_out.figures(network)
        pace.say(f"loss {'-' if last is None else format(last, '.3f')} {held_out.line(found)}")
        _add_to_curve(run.work / f"{stage}_curve.jsonl", pace, last, found)

    loss = None  # where a training that was done is resumed, no step is left to give one
    for step in pace.steps():
        set_rate(optimizer, rate * rate_share(step, pace.progress))
        loss = trainer.loss(step, pace.progress)
        descend(loss, optimizer)
        average.update(step)
        if pace.due(run.report_every):
            report(loss)
        if pace.due(run.save_every):
            save()
    pace.step -= 1
    save(done=True)
    report(loss)
    return file


def held_out_pool(run: RunOptions, pool: PicturePool) -> PicturePool:
    """Held-out worlds where there are some, else the pictures of the training."""
    if world_seeds(run.work, held_out=True):
        return PicturePool(run.work, None, run.seed, held_out=True)
    return pool


def _add_to_curve(path: Path, pace: Pace, loss: float | None, figures: Figures) -> None:
    line = {"step": pace.step + 1, "minutes": pace.elapsed_s / 60.0, "loss": loss}
    with path.open("a", encoding="utf-8") as curve:
        curve.write(json.dumps(line | {"held_out": figures}) + "\n")


def _plain(network: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Weights that start at zero and stay small, which the orthogonal rule does not suit."""
    return [
        parameter
        for name, parameter in network.named_parameters()
        if any(part in f".{name}" for part in (".heads.", ".project.", ".prior.", ".change."))
    ]
