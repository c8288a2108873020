"""The last stage: the decoder learns to give painted latents the detail of rendered worlds.

What the transformer paints is a little softer than what the encoder makes of a rendered world.
The decoder is trained on both: encoded crops keep it exact, painted windows face the critic alone
and keep the broad colours that the decoder gave them before. Encoder and latents stay as they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from diffusers import AutoencoderKLFlux2
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from generation.engine.training.checkpoints import read_checkpoint, restore_module
from generation.engine.training.crops import as_tensor, crop_batch
from generation.engine.training.export import averaged_painter
from generation.engine.training.losses import PatchCritic, chroma_l1, critic_hinge, means_l1
from generation.engine.training.networks import build_vae, restore, unpatchify
from generation.engine.training.options import VaeOptions
from generation.engine.training.sampler import Condition, pack, sample, unpack
from generation.engine.training.transformer_stage import WindowPool
from generation.engine.training.trial import STENCIL_MU
from generation.engine.training.vae_stages import (
    Modules,
    Optimizers,
    WorldPool,
    blurred,
    descend,
    stage_path,
    train_against_critic,
)
from generation.engine.training.wording import training_prompt
from zones.errors import InputError
from zones.geometry import LATENT_PX

PAINTED_ADVERSARIAL = 2.0
"""Weight of the critic on painted latents, as a multiple of its weight on encoded ones."""

DETAIL_WEIGHT = 0.15
"""Weight of the detail energy of painted windows, where the rendered ones have it."""

_BATCH = 4
_LUMA = (0.299, 0.587, 0.114)
_DETAIL_SIGMA_PX = 2
_ENERGY_CELLS = 4
_LEAST_ENERGY = 1e-4


@dataclass(frozen=True)
class PaintedPool:
    """Painted windows: latents, their broad colours, and how much detail belongs there.

    Attributes:
        latents: float32 (n, c, h, w), as the decoder takes them.
        colours: float32 (n, 3, h, w) in [-1, 1], means of 8 px cells as decoded before.
        energy: float32 (n, 1, h, w), mean energy of fine detail of the rendered windows in the
            same cells.
    """

    latents: torch.Tensor
    colours: torch.Tensor
    energy: torch.Tensor

    def cut(self, key: tuple[int, ...], count: int, cells: int) -> PaintedPool:
        """`count` random squares of `cells` x `cells` latent cells; equal keys cut equally."""
        rng = np.random.default_rng(list(key))
        room = self.latents.shape[-1] - cells + 1
        places = [
            (rng.integers(len(self.latents)), *rng.integers(room, size=2)) for _ in range(count)
        ]
        return PaintedPool(
            *(
                torch.stack([layer[n, :, y : y + cells, x : x + cells] for n, y, x in places])
                for layer in (self.latents, self.colours, self.energy)
            )
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
    worlds = WorldPool(run.work)

    def on_step(modules: Modules, optimizers: Optimizers, step: int) -> str:
        crops = crop_batch(worlds.worlds(), (run.seed, 5, step), 2 * options.batch, options.crop_px)
        cut = painted.cut((run.seed, 6, step), options.batch, options.crop_px // LATENT_PX)
        return _step(modules, optimizers, as_tensor(crops, run.device), cut, options, step)

    train_against_critic("polish", vae, critic, options, on_step)


@torch.no_grad()
def paint_pool(options: VaeOptions, vae: AutoencoderKLFlux2) -> PaintedPool:
    """Paint training windows with the transformer as it is now.

    They are kept in the work folder and painted again when the transformer has changed.
    """
    path = options.run.work / "painted.safetensors"
    weights = stage_path(options.run.work, "transformer")
    painter = hashlib.sha256(weights.read_bytes()).hexdigest()
    if not path.is_file() or _painter_of(path) != painter:
        painted, truth = _paint(options, vae)
        kept = {"latents": painted.half(), "truth": truth.half()}
        save_file(kept, path, metadata={"painter": painter})
    stored = load_file(path)
    latents = stored["latents"].float()
    colours = [F.avg_pool2d(vae.decode(one[None]).sample, LATENT_PX)[0] for one in latents]
    rendered = [fine_energy(vae.decode(one[None].float()).sample)[0] for one in stored["truth"]]
    return PaintedPool(latents, torch.stack(colours), torch.stack(rendered))


def _painter_of(path: Path) -> str | None:
    """Hash of the transformer that painted the kept windows."""
    with safe_open(path, "pt") as kept:
        return (kept.metadata() or {}).get("painter")


def fine_energy(picture: torch.Tensor) -> torch.Tensor:
    """Mean energy of luma detail finer than about 8 px, in cells of 8 px.

    Args:
        picture: float32 (b, 3, h, w) in [-1, 1].

    Returns:
        float32 (b, 1, h / 8, w / 8).
    """
    luma = (picture * picture.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    reach = 3 * _DETAIL_SIGMA_PX
    axis = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    kernel = torch.exp(-0.5 * (axis / _DETAIL_SIGMA_PX) ** 2)
    kernel = kernel / kernel.sum()
    padded = F.pad(luma, (reach, reach, reach, reach), mode="reflect")
    blurred_luma = F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))
    return F.avg_pool2d((luma - blurred_luma).square(), LATENT_PX)


def energy_error(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean absolute log ratio of detail energies, each a mean over squares of 4 x 4 cells."""
    side = min(_ENERGY_CELLS, found.shape[-1])
    pairs = [torch.log(F.avg_pool2d(energy, side) + _LEAST_ENERGY) for energy in (found, wanted)]
    return (pairs[0] - pairs[1]).abs().mean()


def _paint(options: VaeOptions, vae: AutoencoderKLFlux2) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents of painted windows and of the rendered windows they stand for."""
    run = options.run
    painter = averaged_painter(run.work, options.shape)
    pool = WindowPool(run.work)
    rng = np.random.default_rng((run.seed, 7))
    found, rendered = [], []
    for _ in tqdm(range(options.painted // _BATCH), unit="batch", disable=not run.progress):
        batch = pool.draw(rng, _BATCH)
        source = pack(batch.source.float())
        change = torch.ones(source.shape[:2])
        change[batch.stencil.flatten(1)] = STENCIL_MU
        change[batch.finished.flatten(1)] = 0.0
        noise = torch.from_numpy(rng.standard_normal(tuple(source.shape), dtype=np.float32))
        words = painter.embed([training_prompt(scene, rng) for scene in batch.scenes])
        condition = Condition(words, source)
        tokens = sample(
            painter.transformer, source, change, noise, condition, options.shape.terminal_sigma
        )
        found.append(unpatchify(restore(vae, unpack(tokens.float()))))
        rendered.append(unpatchify(restore(vae, batch.truth.float())))
    return torch.cat(found), torch.cat(rendered)


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
    detail = energy_error(fine_energy(free), painted.energy)
    judged = scores[: len(truth)].mean() + PAINTED_ADVERSARIAL * scores[len(truth) :].mean()
    loss = loss + drift + DETAIL_WEIGHT * detail - options.adversarial * judged
    descend(loss, optimizers["painter"])
    with torch.autocast(truth.device.type, torch.bfloat16):
        hinge = critic_hinge(critic(real), critic(decoded.detach()))
    descend(hinge, optimizers["judge"])
    values = {"loss": loss, "drift": drift, "detail": detail, "hinge": hinge}
    return " ".join(f"{name} {value.item():.3f}" for name, value in values.items())
