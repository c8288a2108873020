"""Trains a compositor for a frozen VAE: D(fused) against D(E(composite of the pixels)).

Weights alone first, then the residual and the weight of the halo are ramped in; see `stage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from generation.engine.compositing.decformer import DecFormerConfig
from generation.engine.compositing.held_out import HeldOut
from generation.engine.compositing.pairs import Pairs, draw_pairs
from generation.engine.compositing.pictures import U8, PicturePool
from generation.engine.compositing.predictions import predicted_pictures
from generation.engine.compositing.stage import (
    Attempt,
    OperatorOptions,
    Trainer,
    held_out_pool,
    train_operator,
)
from generation.engine.compositing.storage import FILE_NAME, load_vae, new_network
from generation.engine.folder import check_folder

STAGE = "compositor"


@dataclass(frozen=True)
class CompositorOptions(OperatorOptions):
    """Options of the compositor's training, whose samples are pairs; see `OperatorOptions`.

    Attributes:
        config: sizes of the network; None takes those for the VAE's channels.
        predictions: windows that the model of `vae` paints first, whose clean predictions at
            random steps are trained on, too; 0 where there is only a VAE.
    """

    config: DecFormerConfig | None = None
    predictions: int = 0


def train_compositor(options: CompositorOptions) -> Path:
    """Train until the deadline or the last step; resumes from the checkpoint in `work`.

    Returns:
        The file with the averaged weights.

    Raises:
        InputError: there is no VAE, there are no pictures, or predictions are wanted of a folder
            that is no model.
    """
    run = options.run
    torch.set_num_threads(run.threads)
    vae = load_vae(options.vae).to(run.device)
    network = new_network(vae, options.config, run.seed).to(run.device)
    painted = _painted(options)
    pool = PicturePool(run.work, options.pictures, run.seed, leaves=options.leaves, painted=painted)
    trainer = CompositorTrainer(options, vae, network, pool)
    trials = held_out_pool(run, pool)
    held_out = HeldOut(vae, trials, options.trials, options.trial_px, run.device)
    return train_operator(STAGE, run.work / FILE_NAME, trainer, network, held_out)


def _painted(options: CompositorOptions) -> list[list[U8]]:
    if not options.predictions:
        return []
    folder = check_folder(options.vae)
    return predicted_pictures(folder, torch.device(options.run.device), options.predictions)


class CompositorTrainer(Trainer):
    """Fuses pairs of pictures."""

    def _attempt(self, step: int, residual_share: float) -> Attempt:
        options, run = self.options, self.options.run
        pairs = draw_pairs(self._pool, (run.seed, 9, step), options.batch, options.crop_px)
        pairs = pairs.to(run.device)
        with torch.autocast(run.device, torch.bfloat16):
            first, second, target = self._encode(pairs)
            features = self._network.read_mask(pairs.mask)
            fused = self._network(first, second, features, residual_share).fused.float()
        return Attempt(fused, target, pairs.mask)

    @torch.no_grad()
    def _encode(self, pairs: Pairs) -> tuple[torch.Tensor, ...]:
        joined = torch.cat([pairs.pictures, pairs.composite])
        cells = self._vae.encode(joined).latent_dist.mode().float()
        sides, target = cells.split([len(pairs.pictures), len(pairs.mask)])
        return sides[pairs.first], sides[pairs.second], target
