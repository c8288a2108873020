"""The two VAE stages: the whole autoencoder for pixels, then the decoder alone for detail.

After the first stage the encoder and the latent statistics are frozen, so that the transformer
stays valid while the decoder learns fine detail against a critic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLFlux2

from generation.engine.training.checkpoints import (
    Tensors,
    module_tensors,
    optimizer_tensors,
    read_checkpoint,
    restore_module,
    restore_optimizer,
    write_checkpoint,
)
from generation.engine.training.crops import as_tensor, crop_batch
from generation.engine.training.losses import (
    PatchCritic,
    chroma_l1,
    critic_hinge,
    gradient_l1,
    kl_term,
    means_l1,
)
from generation.engine.training.muon import Muon
from generation.engine.training.networks import build_vae, patchify
from generation.engine.training.options import VaeOptions
from generation.engine.training.pace import Pace, rate_share
from generation.engine.training.round_trip import report_round_trip
from generation.engine.training.worlds_folder import World, read_world, read_worlds, world_seeds
from zones.errors import InputError

Modules = dict[str, Any]
Optimizers = dict[str, torch.optim.Optimizer]

KL_WEIGHT = 1e-5
LEAST_WORLDS = 1
LATENT_NOISE = 0.1
RELOAD_S = 120.0


def stage_path(work: Path, stage: str) -> Path:
    """Checkpoint of a stage of the VAE: "vae", "decoder" or "polish"."""
    return work / f"{stage}.safetensors"


def train_autoencoder(options: VaeOptions) -> None:
    """Stage 1: encoder and decoder together, L1 and gradient L1; then the latent statistics."""
    run = options.run
    torch.set_num_threads(run.threads)
    vae = build_vae(options.shape, run.seed).to(run.device)
    optimizer = Muon(vae.parameters(), options.rate)
    path = stage_path(run.work, "vae")
    step, elapsed_s = resume_stage(path, {"vae": vae}, {"vae": optimizer})
    pool = WorldPool(run.work)
    pace = Pace(run, "vae", step, elapsed_s)
    for step in pace.steps():
        set_rate(optimizer, options.rate * rate_share(step, pace.progress))
        crops = crop_batch(pool.worlds(), (run.seed, 1, step), options.batch, options.crop_px)
        loss = _pixel_step(vae, optimizer, as_tensor(crops, run.device), (run.seed, step))
        if pace.due(run.report_every):
            pace.say(f"loss {loss:.4f} " + report_round_trip(vae, run.work, "vae"))
        if pace.due(run.save_every):
            save_stage(path, pace, {"vae": vae}, {"vae": optimizer})
    set_latent_statistics(vae, pool.worlds(), run.seed)
    pace.say("end " + report_round_trip(vae, run.work, "vae"))
    pace.step -= 1
    save_stage(path, pace, {"vae": vae}, {"vae": optimizer}, done=True)


def train_decoder(options: VaeOptions) -> None:
    """Stage 2: the decoder alone against a patch critic; encoder and statistics stay."""
    run = options.run
    torch.set_num_threads(run.threads)
    vae = build_vae(options.shape, run.seed).to(run.device)
    first = stage_path(run.work, "vae")
    if not first.is_file():
        raise InputError(f"There is no trained VAE in {run.work}: train its first stage first.")
    restore_module("vae", vae, read_checkpoint(first)[0])
    vae.encoder.requires_grad_(requires_grad=False)
    torch.manual_seed(run.seed)
    critic = PatchCritic().to(run.device)
    pool = WorldPool(run.work)

    def on_step(modules: Modules, optimizers: Optimizers, step: int) -> str:
        crops = crop_batch(pool.worlds(), (run.seed, 2, step), options.batch, options.crop_px)
        truth = as_tensor(crops, run.device)
        return _adversarial_step(modules, optimizers, truth, options, (run.seed, step))

    train_against_critic("decoder", vae, critic, options, on_step)


def train_against_critic(
    stage: str,
    vae: AutoencoderKLFlux2,
    critic: PatchCritic,
    options: VaeOptions,
    on_step: Callable[[Modules, Optimizers, int], str],
) -> None:
    """The loop of the stages that train the decoder alone; resumes from their checkpoint.

    Args:
        stage: names the checkpoint, the bar and the picture.
        vae: only its decoder is trained.
        critic: trained beside it, at twice the rate.
        options: of the stage.
        on_step: does one step of both and returns its losses as text.
    """
    run = options.run
    parts = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    painter = torch.optim.AdamW(parts, lr=options.rate, betas=(0.5, 0.95), weight_decay=1e-4)
    judge = torch.optim.AdamW(critic.parameters(), lr=2 * options.rate, betas=(0.5, 0.95))
    modules: Modules = {"vae": vae, "critic": critic}
    optimizers: Optimizers = {"painter": painter, "judge": judge}
    path = stage_path(run.work, stage)
    step, elapsed_s = resume_stage(path, modules, optimizers)
    pace = Pace(run, stage, step, elapsed_s)
    for step in pace.steps():
        share = rate_share(step, pace.progress)
        set_rate(painter, options.rate * share)
        set_rate(judge, 2 * options.rate * share)
        text = on_step(modules, optimizers, step)
        if pace.due(run.report_every):
            pace.say(text + " " + report_round_trip(vae, run.work, stage))
        if pace.due(run.save_every):
            save_stage(path, pace, modules, optimizers)
    pace.say("end " + report_round_trip(vae, run.work, stage))
    pace.step -= 1
    save_stage(path, pace, modules, optimizers, done=True)


@torch.no_grad()
def set_latent_statistics(
    vae: AutoencoderKLFlux2, worlds: Sequence[World], seed: int, windows: int = 96
) -> None:
    """Set the VAE's `bn` to mean and variance of the patchified latents of training windows."""
    side = min(256, worlds[0].zones.shape[0])
    device = next(vae.parameters()).device.type
    patches = []
    for number in range(windows):
        crop = crop_batch(worlds, (seed, 3, number), 1, side)
        patches.append(patchify(vae.encode(as_tensor(crop, device)).latent_dist.mode()))
    values = torch.cat(patches)
    vae.bn.running_mean.copy_(values.mean(dim=(0, 2, 3)))
    vae.bn.running_var.copy_(values.var(dim=(0, 2, 3)))


class WorldPool:
    """Training worlds in memory; looks for newly rendered ones from time to time."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._worlds = list(read_worlds(work))
        self._looked = time.monotonic()
        if len(self._worlds) < LEAST_WORLDS:
            raise InputError(f"There are no rendered worlds in {work}: render some first.")

    def worlds(self) -> list[World]:
        """All training worlds known so far, in the order in which they were found."""
        if time.monotonic() - self._looked > RELOAD_S:
            known = {world.seed for world in self._worlds}
            fresh = [seed for seed in world_seeds(self._work) if seed not in known]
            self._worlds += [read_world(self._work, seed) for seed in fresh]
            self._looked = time.monotonic()
        return self._worlds


def _pixel_step(
    vae: AutoencoderKLFlux2,
    optimizer: torch.optim.Optimizer,
    truth: torch.Tensor,
    key: tuple[int, int],
) -> float:
    """One step of stage 1; returns the L1 loss."""
    noise = torch.Generator("cpu").manual_seed(key[0] * 1_000_003 + key[1])
    with torch.autocast(truth.device.type, torch.bfloat16):
        mean, log_variance = vae.quant_conv(vae.encoder(truth)).chunk(2, dim=1)
        mean, log_variance = mean.float(), log_variance.float().clamp(-20.0, 2.0)
        drawn = torch.randn(mean.shape, generator=noise).to(truth.device)
        latents = mean + drawn * (0.5 * log_variance).exp()
        decoded = vae.decoder(vae.post_quant_conv(latents))
    decoded = decoded.float()
    pixel = (decoded - truth).abs().mean()
    loss = pixel + means_l1(decoded, truth) + 0.5 * gradient_l1(decoded, truth)
    loss = loss + chroma_l1(decoded, truth) + KL_WEIGHT * kl_term(mean, log_variance)
    descend(loss, optimizer)
    return float(pixel.detach())


def _adversarial_step(
    modules: dict[str, Any],
    optimizers: dict[str, torch.optim.Optimizer],
    truth: torch.Tensor,
    options: VaeOptions,
    key: tuple[int, int],
) -> str:
    """One step of stage 2 for the decoder and one for the critic; returns the losses."""
    vae, critic = modules["vae"], modules["critic"]
    with torch.autocast(truth.device.type, torch.bfloat16):
        with torch.no_grad():
            latents = blurred(vae, vae.encode(truth).latent_dist.mode().float(), key)
        decoded = vae.decoder(vae.post_quant_conv(latents))
        critic.requires_grad_(requires_grad=False)
        score = critic(decoded).float().mean()
        critic.requires_grad_(requires_grad=True)
    picture = decoded.float()
    pixel = (picture - truth).abs().mean()
    loss = 0.5 * pixel + means_l1(picture, truth) + chroma_l1(picture, truth)
    loss = loss - options.adversarial * score
    descend(loss, optimizers["painter"])
    with torch.autocast(truth.device.type, torch.bfloat16):
        hinge = critic_hinge(critic(truth), critic(decoded.detach()))
    descend(hinge, optimizers["judge"])
    return f"L1 {pixel.item():.4f} score {score.item():.2f} hinge {hinge.item():.2f}"


def blurred(vae: AutoencoderKLFlux2, latents: torch.Tensor, key: tuple[int, int]) -> torch.Tensor:
    """Latents with up to a tenth of their spread as noise, as inexact as painted ones are."""
    random = torch.Generator("cpu").manual_seed(key[0] * 1_000_003 + key[1])
    share = LATENT_NOISE * torch.rand(len(latents), 1, 1, 1, generator=random)
    noise = share * torch.randn(latents.shape, generator=random)
    spread = vae.bn.running_var.view(latents.shape[1], -1).mean(dim=1).sqrt()
    return latents + noise.to(latents.device) * spread.view(1, -1, 1, 1)


def descend(loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    """One step down a loss, with its gradient cut to norm 1."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    _step_alone(optimizer)


def _step_alone(optimizer: torch.optim.Optimizer) -> None:
    """Step on one thread: the matrices are small, and waiting for a second costs more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    optimizer.step()
    torch.set_num_threads(threads)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def save_stage(
    path: Path,
    pace: Pace,
    modules: dict[str, torch.nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
    *,
    done: bool = False,
) -> None:
    """Write a stage's checkpoint."""
    values = {"step": pace.step + 1, "elapsed_s": pace.elapsed_s, "done": done}
    write_checkpoint(path, stage_tensors(modules, optimizers), values)


def stage_tensors(
    modules: dict[str, torch.nn.Module], optimizers: dict[str, torch.optim.Optimizer]
) -> Tensors:
    """All that a stage must keep to go on later, by name."""
    tensors: Tensors = {}
    for name, module in modules.items():
        tensors |= module_tensors(name, module)
    for name, optimizer in optimizers.items():
        tensors |= optimizer_tensors(f"optimizer.{name}", optimizer)
    return tensors


def resume_stage(
    path: Path,
    modules: dict[str, torch.nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
) -> tuple[int, float]:
    """Load a checkpoint if there is one; returns the steps done and the seconds spent."""
    if not path.is_file():
        return 0, 0.0
    tensors, values = read_checkpoint(path)
    for name, module in modules.items():
        restore_module(name, module, tensors)
    for name, optimizer in optimizers.items():
        restore_optimizer(f"optimizer.{name}", optimizer, tensors)
    return int(values["step"]), float(values["elapsed_s"])
