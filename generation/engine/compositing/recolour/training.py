"""Trains a recolourer for a frozen VAE: D(changed latent) against D(E(changed pixels))."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.recolour.batches import Recolourings, draw_recolourings
from generation.engine.compositing.recolour.held_out import RecolourHeldOut
from generation.engine.compositing.recolour.network import RecolourerConfig
from generation.engine.compositing.recolour.storage import FILE_NAME, new_recolourer
from generation.engine.compositing.stage import (
    Attempt,
    OperatorOptions,
    Trainer,
    held_out_pool,
    train_operator,
)
from generation.engine.compositing.storage import load_vae

STAGE = "recolour"


@dataclass(frozen=True)
class RecolourOptions(OperatorOptions):
    """Options of the recolourer's training; see `OperatorOptions`.

    Attributes:
        config: sizes of the network; None takes those for the VAE's channels.
    """

    residual_from: float = 0.02
    residual_full: float = 0.08
    halo_weight: float = 0.5
    config: RecolourerConfig | None = None


def train_recolourer(options: RecolourOptions) -> Path:
    """Train until the deadline or the last step; resumes from the checkpoint in `work`.

    Returns:
        The file with the averaged weights.

    Raises:
        InputError: there is no VAE, or there are no pictures.
    """
    run = options.run
    torch.set_num_threads(run.threads)
    vae = load_vae(options.vae).to(run.device)
    network = new_recolourer(vae, options.config, run.seed).to(run.device)
    pool = PicturePool(run.work, options.pictures, run.seed, leaves=options.leaves)
    trainer = RecolourTrainer(options, vae, network, pool)
    trials = held_out_pool(run, pool)
    held_out = RecolourHeldOut(vae, trials, options.trials, options.trial_px, run.device)
    return train_operator(STAGE, run.work / FILE_NAME, trainer, network, held_out)


class RecolourTrainer(Trainer):
    """Changes regions of pictures."""

    def _attempt(self, step: int, residual_share: float) -> Attempt:
        options, run = self.options, self.options.run
        key = (run.seed, 10, step)
        batch = draw_recolourings(self._pool, key, options.batch, options.crop_px).to(run.device)
        with torch.autocast(run.device, torch.bfloat16):
            cells, target = self._encode(batch)
            features = self._network.read_mask(batch.mask)
            made = self._network(cells, batch.numbers, features, residual_share).fused.float()
        return Attempt(made, target, batch.mask)

    @torch.no_grad()
    def _encode(self, batch: Recolourings) -> tuple[torch.Tensor, torch.Tensor]:
        joined = torch.cat([batch.pictures, batch.target])
        cells = self._vae.encode(joined).latent_dist.mode().float()
        own, target = cells.split([len(batch.pictures), len(batch.mask)])
        return own[batch.which], target
