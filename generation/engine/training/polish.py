"""The last stage: the decoder learns to give painted latents the detail of rendered worlds.

What the transformer paints is a little softer than what the encoder makes of a rendered world.
The decoder is trained on both: encoded crops keep it exact, painted windows face the critic alone
and keep the broad colours that the decoder gave them before. Encoder and latents stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from diffusers import AutoencoderKLFlux2
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from generation.engine.training.checkpoints import read_checkpoint, restore_module
from generation.engine.training.crops import as_tensor, crop_batch
from generation.engine.training.export import averaged_painter
from generation.engine.training.losses import PatchCritic, chroma_l1, critic_hinge, means_l1
from generation.engine.training.networks import build_vae, restore, unpatchify
from generation.engine.training.options import VaeOptions
from generation.engine.training.pace import Pace, rate_share
from generation.engine.training.round_trip import report_round_trip
from generation.engine.training.sampler import Condition, pack, sample, unpack
from generation.engine.training.transformer_stage import WindowPool
from generation.engine.training.trial import STENCIL_MU
from generation.engine.training.vae_stages import (
    WorldPool,
    blurred,
    descend,
    resume_stage,
    save_stage,
    set_rate,
    stage_path,
)
from generation.engine.training.wording import training_prompt
from zones.errors import InputError
from zones.geometry import LATENT_PX

PAINTED_ADVERSARIAL = 2.0
"""Weight of the critic on painted latents, as a multiple of its weight on encoded ones."""

_BATCH = 4


@dataclass(frozen=True)
class PaintedPool:
    """Painted windows: latents and the broad colours the decoder gave them.

    Attributes:
        latents: float32 (n, c, h, w), as the decoder takes them.
        colours: float32 (n, 3, h, w) in [-1, 1], means of 8 px cells.
    """

    latents: torch.Tensor
    colours: torch.Tensor

    def cut(self, key: tuple[int, ...], count: int, cells: int) -> PaintedPool:
        """`count` random squares of `cells` x `cells` latent cells; equal keys cut equally."""
        rng = np.random.default_rng(list(key))
        room = self.latents.shape[-1] - cells + 1
        places = [
            (rng.integers(len(self.latents)), *rng.integers(room, size=2)) for _ in range(count)
        ]
        return PaintedPool(
            torch.stack([self.latents[n, :, y : y + cells, x : x + cells] for n, y, x in places]),
            torch.stack([self.colours[n, :, y : y + cells, x : x + cells] for n, y, x in places]),
        )


def train_polish(options: VaeOptions) -> None:
    """Train the decoder on encoded and on painted latents until the deadline; resumes."""
    run = options.run
    torch.set_num_threads(run.threads)
    vae = build_vae(options.shape, run.seed).to(run.device)
    critic = PatchCritic().to(run.device)
    before = stage_path(run.work, "decoder")
    if not before.is_file():
        raise InputError(f"There is no trained decoder in {run.work}: train stage 2 first.")
    tensors = read_checkpoint(before)[0]
    restore_module("vae", vae, tensors)
    restore_module("critic", critic, tensors)
    painted = paint_pool(options, vae)
    vae.encoder.requires_grad_(requires_grad=False)
    parts = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    painter = torch.optim.AdamW(parts, lr=options.rate, betas=(0.5, 0.95), weight_decay=1e-4)
    judge = torch.optim.AdamW(critic.parameters(), lr=2 * options.rate, betas=(0.5, 0.95))
    modules: dict[str, Any] = {"vae": vae, "critic": critic}
    optimizers: dict[str, torch.optim.Optimizer] = {"painter": painter, "judge": judge}
    path = stage_path(run.work, "polish")
    step, elapsed_s = resume_stage(path, modules, optimizers)
    worlds = WorldPool(run.work)
    pace = Pace(run, "polish", step, elapsed_s)
    for step in pace.steps():
        share = rate_share(step, pace.progress)
        set_rate(painter, options.rate * share)
        set_rate(judge, 2 * options.rate * share)
        crops = crop_batch(worlds.worlds(), (run.seed, 5, step), 2 * options.batch, options.crop_px)
        cut = painted.cut((run.seed, 6, step), options.batch, options.crop_px // LATENT_PX)
        text = _step(modules, optimizers, as_tensor(crops, run.device), cut, options, step)
        if pace.due(run.report_every):
            pace.say(text + " " + report_round_trip(vae, run.work, "polish"))
        if pace.due(run.save_every):
            save_stage(path, pace, modules, optimizers)
    pace.say("end " + report_round_trip(vae, run.work, "polish"))
    pace.step -= 1
    save_stage(path, pace, modules, optimizers, done=True)


@torch.no_grad()
def paint_pool(options: VaeOptions, vae: AutoencoderKLFlux2) -> PaintedPool:
    """Paint training windows with the transformer as it is now; kept in the work folder."""
    path = options.run.work / "painted.safetensors"
    if not path.is_file():
        save_file({"latents": _paint(options, vae).half()}, path)
    latents = load_file(path)["latents"].float().to(options.run.device)
    colours = [F.avg_pool2d(vae.decode(one[None]).sample, LATENT_PX)[0] for one in latents]
    return PaintedPool(latents, torch.stack(colours))


def _paint(options: VaeOptions, vae: AutoencoderKLFlux2) -> torch.Tensor:
    run = options.run
    painter = averaged_painter(run.work, options.shape)
    pool = WindowPool(run.work)
    rng = np.random.default_rng((run.seed, 7))
    found = []
    for _ in tqdm(range(options.painted // _BATCH), unit="batch", disable=not run.progress):
        batch = pool.draw(rng, _BATCH)
        source = pack(batch.source.float())
        change = torch.ones(source.shape[:2])
        change[batch.stencil.flatten(1)] = STENCIL_MU
        change[batch.finished.flatten(1)] = 0.0
        noise = torch.from_numpy(rng.standard_normal(tuple(source.shape), dtype=np.float32))
        words = painter.embed([training_prompt(scene, rng) for scene in batch.scenes])
        tokens = sample(painter.transformer, source, change, noise, Condition(words, source))
        found.append(unpatchify(restore(vae, unpack(tokens.float()))))
    return torch.cat(found)


def _step(
    modules: dict[str, Any],
    optimizers: dict[str, torch.optim.Optimizer],
    real: torch.Tensor,
    painted: PaintedPool,
    options: VaeOptions,
    step: int,
) -> str:
    """One step of decoder and critic; returns the losses."""
    vae, critic = modules["vae"], modules["critic"]
    truth = real[: options.batch]
    with torch.autocast(truth.device.type, torch.bfloat16):
        with torch.no_grad():
            encoded = vae.encode(truth).latent_dist.mode().float()
            latents = torch.cat([blurred(vae, encoded, (options.run.seed, step)), painted.latents])
        decoded = vae.decoder(vae.post_quant_conv(latents))
        critic.requires_grad_(requires_grad=False)
        scores = critic(decoded).float()
        critic.requires_grad_(requires_grad=True)
    exact, free = decoded.float().split([len(truth), len(painted.latents)])
    loss = 0.5 * (exact - truth).abs().mean() + means_l1(exact, truth) + chroma_l1(exact, truth)
    drift = (F.avg_pool2d(free, LATENT_PX) - painted.colours).abs().mean()
    judged = scores[: len(truth)].mean() + PAINTED_ADVERSARIAL * scores[len(truth) :].mean()
    descend(loss + drift - options.adversarial * judged, optimizers["painter"])
    with torch.autocast(truth.device.type, torch.bfloat16):
        hinge = critic_hinge(critic(real), critic(decoded.detach()))
    descend(hinge, optimizers["judge"])
    return f"loss {loss.item():.4f} drift {drift.item():.4f} hinge {hinge.item():.2f}"
