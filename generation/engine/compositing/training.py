"""Trains a compositor for a frozen VAE: D(fused) against D(E(composite of the pixels)).

Weights alone first, then the residual and the weight of the halo are ramped in. Every step
compares latents, measured as the decoder would; some steps also decode a part of the batch.
(Bradbury & Zhong 2025; optimiser, ramps and the latent measure are this project's own.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from generation.engine.compositing.decformer import DecFormer, DecFormerConfig
from generation.engine.compositing.held_out import HeldOut, figure_line
from generation.engine.compositing.losses import DecoderMetric, latent_loss, pixel_loss
from generation.engine.compositing.masks import area_cells, mask_layers
from generation.engine.compositing.pairs import Pairs, draw_pairs
from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.storage import (
    FILE_NAME,
    load_vae,
    new_network,
    save_network,
)
from generation.engine.training.averages import AveragedWeights
from generation.engine.training.checkpoints import read_checkpoint, write_checkpoint
from generation.engine.training.muon import Muon
from generation.engine.training.options import RunOptions
from generation.engine.training.pace import Pace, rate_share
from generation.engine.training.vae_stages import descend, resume_stage, set_rate, stage_tensors
from generation.engine.training.worlds_folder import world_seeds

STAGE = "compositor"
AVERAGE_DECAY = 0.998
METRIC_PICTURES = 2


@dataclass(frozen=True)
class CompositorOptions:
    """Options of the compositor's training.

    Attributes:
        run: where, how long and with what; `work` holds `worlds` and gets the checkpoints.
        vae: folder of the VAE, or of a model that has one.
        pictures: folder of the user's pictures, or None.
        leaves: made pictures besides those and the worlds.
        config: sizes of the network; None takes those for the VAE's channels.
        batch: pairs per step.
        crop_px: side of a pair, a multiple of 16.
        rate: peak learning rate.
        decoded: pairs of a batch that are decoded too, where that is done.
        decode_every: steps of which one decodes.
        residual_from: share of the training after which the residual and the halo set in.
        residual_full: share of the training at which they have their full weight.
        residual: learn a residual too; without it the weights are all there is.
        halo_weight: weight of the halo's terms; 0 is none.
        trials: held-out pairs per kind of mask.
        trial_px: side of a held-out pair.
    """

    run: RunOptions
    vae: Path
    pictures: Path | None = None
    leaves: int = 96
    config: DecFormerConfig | None = None
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


def train_compositor(options: CompositorOptions) -> Path:
    """Train until the deadline or the last step; resumes from the checkpoint in `work`.

    Returns:
        The file with the averaged weights.

    Raises:
        InputError: there is no VAE, or there are no pictures.
    """
    run = options.run
    torch.set_num_threads(run.threads)
    vae = load_vae(options.vae).to(run.device)
    network = new_network(vae, options.config, run.seed).to(run.device)
    optimizer = Muon(network.parameters(), options.rate, plain=_plain(network))
    average = AveragedWeights({"network": network}, AVERAGE_DECAY)
    path = run.work / f"{STAGE}.safetensors"
    step, elapsed_s = resume_stage(path, {"network": network}, {"network": optimizer})
    if path.is_file():
        average.restore(read_checkpoint(path)[0])
    pool = PicturePool(run.work, options.pictures, run.seed, leaves=options.leaves)
    trainer = Trainer(options, vae, network, pool)
    held_out = _held_out(options, vae, pool)
    pace = Pace(run, STAGE, step, elapsed_s)

    def save(*, done: bool = False) -> None:
        tensors = stage_tensors({"network": network}, {"network": optimizer}) | average.tensors()
        values = {"step": pace.step + 1, "elapsed_s": pace.elapsed_s, "done": done}
        write_checkpoint(path, tensors, values)
        with average.applied():
            save_network(network, run.work / FILE_NAME)

    for step in pace.steps():
        set_rate(optimizer, options.rate * rate_share(step, pace.progress))
        loss = trainer.loss(step, pace.progress)
        descend(loss, optimizer)
        average.update(step)
        if pace.due(run.report_every):
            with average.applied():
                _report(run, pace, float(loss.detach()), held_out.figures(network))
        if pace.due(run.save_every):
            save()
    pace.step -= 1
    save(done=True)
    with average.applied():
        _report(run, pace, 0.0, held_out.figures(network))
    return run.work / FILE_NAME


class Trainer:
    """Draws batches and gives their losses."""

    def __init__(
        self, options: CompositorOptions, vae: Any, network: DecFormer, pool: PicturePool
    ) -> None:
        self._options = options
        self._vae = vae
        self._network = network
        self._pool = pool
        sample = draw_pairs(pool, (options.run.seed, 8), METRIC_PICTURES, options.crop_px)
        with torch.no_grad():
            cells = vae.encode(sample.pictures.to(options.run.device)).latent_dist.mode()
        self._metric = DecoderMetric(vae, cells)

    def loss(self, step: int, progress: float) -> torch.Tensor:
        """The loss of step number `step`, `progress` of the way through the training."""
        options, run = self._options, self._options.run
        self._pool.turn(step)
        pairs = draw_pairs(self._pool, (run.seed, 9, step), options.batch, options.crop_px)
        pairs = pairs.to(run.device)
        span = options.residual_full - options.residual_from
        share = min(1.0, max(0.0, (progress - options.residual_from) / max(1e-6, span)))
        with torch.autocast(run.device, torch.bfloat16):
            first, second, target = self._encode(pairs)
            features = self._network.read_mask(pairs.mask)
            residual_share = share if options.residual else 0.0
            fused = self._network(first, second, features, residual_share).fused.float()
        halo_weight = share * options.halo_weight
        halo = mask_layers(pairs.mask)[:, 1:2]
        loss = latent_loss(self._metric, fused - target, area_cells(halo), halo_weight)
        if step % options.decode_every:
            return loss
        count = max(1, round(len(first) * options.decoded / options.batch))
        with torch.autocast(run.device, torch.bfloat16):
            with torch.no_grad():
                right = self._vae.decode(target[:count]).sample.float()
            picture = self._vae.decode(fused[:count]).sample.float()
        return loss + pixel_loss(picture, right, halo[:count], halo_weight)

    @torch.no_grad()
    def _encode(self, pairs: Pairs) -> tuple[torch.Tensor, ...]:
        joined = torch.cat([pairs.pictures, pairs.composite])
        cells = self._vae.encode(joined).latent_dist.mode().float()
        sides, target = cells.split([len(pairs.pictures), len(pairs.mask)])
        return sides[pairs.first], sides[pairs.second], target


def _plain(network: DecFormer) -> list[torch.nn.Parameter]:
    """Weights that start at zero and stay small, which the orthogonal rule does not suit."""
    return [
        parameter
        for name, parameter in network.named_parameters()
        if ".heads." in name or ".project." in name or ".prior." in name
    ]


def _held_out(options: CompositorOptions, vae: Any, pool: PicturePool) -> HeldOut:
    """Held-out worlds where there are some, else pictures of the training."""
    run = options.run
    if world_seeds(run.work, held_out=True):
        pool = PicturePool(run.work, None, run.seed, held_out=True)
    return HeldOut(vae, pool, options.trials, options.trial_px, run.device)


def _report(run: RunOptions, pace: Pace, loss: float, figures: dict[str, dict[str, float]]) -> None:
    """Say the figures and add them to the curve."""
    gain = sum(one["gain_db"] for one in figures.values()) / len(figures)
    share = sum(one["halo_share"] for one in figures.values()) / len(figures)
    text = f"loss {loss:.3f} mean {gain:+.2f} dB halo {share:.3f} | {figure_line(figures)}"
    pace.say(text)
    line = {"step": pace.step + 1, "minutes": pace.elapsed_s / 60.0, "loss": loss}
    with (run.work / f"{STAGE}_curve.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line | {"held_out": figures}) + "\n")
