"""Stage 3: the transformer and its text encoder, trained together on cached windows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import Flux2Transformer2DModel
from transformers import Qwen2TokenizerFast, Qwen3ForCausalLM

from generation.engine.training.attention import plain_attention
from generation.engine.training.averages import AveragedWeights
from generation.engine.training.bridges import Bridge, bridge, draw_levels, release_levels
from generation.engine.training.checkpoints import (
    Tensors,
    module_tensors,
    optimizer_tensors,
    read_checkpoint,
    restore_module,
    restore_optimizer,
    write_checkpoint,
)
from generation.engine.training.muon import Muon
from generation.engine.training.networks import build_text_encoder, build_transformer
from generation.engine.training.options import ModelShape, TransformerOptions
from generation.engine.training.pace import Pace, rate_share
from generation.engine.training.sampler import Condition, pack, velocity
from generation.engine.training.tokens import build_tokenizer
from generation.engine.training.trial import Trial
from generation.engine.training.window_cache import Batch, cached_files, read_windows
from generation.engine.training.wording import training_prompt
from zones.errors import InputError

REFERENCE_DROPPED = 1 / 6
EXTRACT_SHARE = 0.25
SIGMA_JITTER = 0.002
"""Relative jitter of the level that the model is told, so that bfloat16 rounds it as it likes."""

EARLY, SMALL_EARLY, SMALL_LATE = 0.6, 0.75, 0.35
"""Share of the stage that counts as early, and shares of smaller windows early and late."""

RELOAD_S = 60.0


@dataclass
class Painter:
    """The three parts that are trained together, and the tokenizer."""

    transformer: Flux2Transformer2DModel
    text_encoder: Qwen3ForCausalLM
    tokenizer: Qwen2TokenizerFast
    shape: ModelShape

    @classmethod
    def build(cls, shape: ModelShape, seed: int, device: str) -> Painter:
        """Return untrained parts on `device`."""
        tokenizer = build_tokenizer(shape.text_tokens)
        return cls(
            build_transformer(shape, seed).to(device),
            build_text_encoder(shape, len(tokenizer), seed).to(device),
            tokenizer,
            shape,
        )

    def modules(self) -> dict[str, torch.nn.Module]:
        """The trained modules by name."""
        return {"transformer": self.transformer, "text_encoder": self.text_encoder}

    def embed(self, prompts: Sequence[str]) -> torch.Tensor:
        """Return prompt embeddings (b, text tokens, 3 * text width), as the pipeline makes them."""
        texts = [
            self.tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,
            )
            for prompt in prompts
        ]
        inputs = self.tokenizer(
            texts,
            return_tensors="pt",
            padding="max_length",
            truncation=True,
            max_length=self.shape.text_tokens,
        ).to(self.text_encoder.device)
        states = self.text_encoder(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        joined = torch.stack([states[layer] for layer in self.shape.text_layers], dim=1)
        return joined.permute(0, 2, 1, 3).flatten(2)


def train_painter(options: TransformerOptions) -> None:
    """Train transformer and text encoder until the deadline; resumes from its checkpoint."""
    run = options.run
    torch.set_num_threads(run.threads)
    painter = Painter.build(options.shape, run.seed, run.device)
    optimizer = _optimizer(painter, options.rate)
    average = AveragedWeights(painter.modules(), options.average)
    path = run.work / "transformer.safetensors"
    step, elapsed_s = _resume(path, painter, optimizer, average)
    pace = Pace(run, "transformer", step, elapsed_s)
    warnings.filterwarnings("ignore", message="Mismatch dtype between input and weight")
    with plain_attention(run.device):
        _train(painter, optimizer, average, pace, options)


def _train(
    painter: Painter,
    optimizer: torch.optim.Optimizer,
    average: AveragedWeights,
    pace: Pace,
    options: TransformerOptions,
) -> None:
    """The loop of the stage."""
    run = options.run
    path = run.work / "transformer.safetensors"
    pool = WindowPool(run.work)
    trial = Trial(run.work, options.shape, options.window_px)
    losses: list[float] = []
    for step in pace.steps():
        for group in optimizer.param_groups:
            group["lr"] = options.rate * rate_share(step, pace.progress)
        rng = np.random.default_rng((run.seed, 4, step))
        windows = pool.draw(rng, options.batch)
        small = _small(rng, pace.progress)
        losses.append(train_step(painter, optimizer, windows, rng, small=small))
        average.update(step)
        if pace.due(50):
            pace.say(f"loss {np.mean(losses[-50:]):.4f}")
        if pace.due(run.report_every):
            with average.applied():
                pace.say(trial.report(painter))
        if pace.due(run.save_every):
            _save(path, pace, painter, optimizer, average)
    pace.step -= 1
    with average.applied():
        pace.say("end " + trial.report(painter))
    _save(path, pace, painter, optimizer, average, done=True)


def train_step(
    painter: Painter,
    optimizer: torch.optim.Optimizer,
    windows: Batch,
    rng: np.random.Generator,
    *,
    small: bool = False,
) -> float:
    """One step on cached windows; returns the loss.

    Args:
        painter: what is trained.
        optimizer: of all its parameters.
        windows: the batch.
        rng: chooses noise, levels, words and modes.
        small: cut windows to three quarters of their side.
    """
    device = painter.transformer.device
    if small:
        windows = _cut(windows, rng)
    goal, source = bridge_batch(windows, rng, painter.shape.terminal_sigma)
    prompts = [training_prompt(scene, rng) for scene in windows.scenes]
    shown = None if rng.random() < REFERENCE_DROPPED else source.to(device)
    extract = bool(rng.random() < EXTRACT_SHARE)
    jitter = torch.from_numpy(rng.uniform(-SIGMA_JITTER, SIGMA_JITTER, len(prompts)))
    sigma = (goal.sigma * (1.0 + jitter)).float().to(device)
    with torch.autocast(device.type, torch.bfloat16):
        condition = Condition(painter.embed(prompts), shown, extract)
        flow = velocity(painter.transformer, goal.state.to(device), sigma, condition)
    weight = goal.weight.to(device)
    error = (flow.float() - goal.target.to(device)).square().mean(dim=-1)
    loss = (error * weight).sum() / weight.sum().clamp_min(1.0)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parameters = [p for module in painter.modules().values() for p in module.parameters()]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return float(loss.detach())


def bridge_batch(
    windows: Batch, rng: np.random.Generator, terminal_sigma: float
) -> tuple[Bridge, torch.Tensor]:
    """Return the bridge of a batch with random levels and noise, and the source tokens."""
    truth, source = pack(windows.truth.float()), pack(windows.source.float())
    drawn = [draw_levels(rng, truth.shape[1], terminal_sigma) for _ in range(len(truth))]
    masks = zip(windows.stencil.flatten(1), windows.finished.flatten(1), strict=True)
    release = torch.stack(
        [release_levels(level, *mask) for level, mask in zip(drawn, masks, strict=True)]
    )
    noise = torch.from_numpy(rng.standard_normal(tuple(truth.shape), dtype=np.float32))
    sigma = torch.tensor([level.sigma for level in drawn], dtype=torch.float32)
    return bridge(truth, source, noise, release, sigma), source


class WindowPool:
    """Cached windows in memory; looks for new files of the cache from time to time."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._known: list[Path] = []
        self._batches: list[Batch] = []
        self._load()
        if not self._batches:
            raise InputError(f"There are no encoded windows in {work}: run `windows` first.")

    def _load(self) -> None:
        fresh = [path for path in cached_files(self._work) if path not in self._known]
        self._batches += [read_windows(path) for path in fresh]
        self._known += fresh
        self._looked = time.monotonic()

    def draw(self, rng: np.random.Generator, count: int) -> Batch:
        """Return `count` random windows."""
        if time.monotonic() - self._looked > RELOAD_S:
            self._load()
        chosen = [
            (batch, int(rng.integers(len(batch.scenes))))
            for batch in (
                self._batches[int(rng.integers(len(self._batches)))] for _ in range(count)
            )
        ]
        return Batch(
            torch.stack([batch.truth[at] for batch, at in chosen]),
            torch.stack([batch.source[at] for batch, at in chosen]),
            torch.stack([batch.finished[at] for batch, at in chosen]),
            torch.stack([batch.stencil[at] for batch, at in chosen]),
            tuple(batch.scenes[at] for batch, at in chosen),
        )


def _small(rng: np.random.Generator, progress: float) -> bool:
    """Whether this step trains on smaller windows, for speed early on."""
    return bool(rng.random() < (SMALL_EARLY if progress < EARLY else SMALL_LATE))


def _cut(windows: Batch, rng: np.random.Generator) -> Batch:
    """Return the batch cut to three quarters, at one corner, so that strips stay at an edge."""
    side = windows.truth.shape[-1]
    kept = side * 3 // 4
    top, left = (int(rng.integers(2)) * (side - kept) for _ in range(2))
    rows, columns = slice(top, top + kept), slice(left, left + kept)
    return Batch(
        windows.truth[..., rows, columns],
        windows.source[..., rows, columns],
        windows.finished[..., rows, columns],
        windows.stencil[..., rows, columns],
        windows.scenes,
    )


def _optimizer(painter: Painter, rate: float) -> Muon:
    """Return Muon for hidden matrices and AdamW for embeddings, first and last projections."""
    parameters = [p for module in painter.modules().values() for p in module.parameters()]
    plain = [
        painter.text_encoder.get_input_embeddings().weight,
        painter.transformer.x_embedder.weight,
        painter.transformer.proj_out.weight,
        *painter.transformer.time_guidance_embed.parameters(),
    ]
    return Muon(parameters, rate, plain=plain, weight_decay=0.01)


def _save(
    path: Path,
    pace: Pace,
    painter: Painter,
    optimizer: torch.optim.Optimizer,
    average: AveragedWeights,
    *,
    done: bool = False,
) -> None:
    tensors: Tensors = optimizer_tensors("optimizer", optimizer)
    for name, module in painter.modules().items():
        tensors |= module_tensors(name, module)
    tensors |= average.tensors()
    values = {"step": pace.step + 1, "elapsed_s": pace.elapsed_s, "done": done}
    write_checkpoint(path, tensors, values)


def _resume(
    path: Path, painter: Painter, optimizer: torch.optim.Optimizer, average: AveragedWeights
) -> tuple[int, float]:
    """Load a checkpoint if there is one; returns the steps done and the seconds spent."""
    if not path.is_file():
        return 0, 0.0
    tensors, values = read_checkpoint(path)
    for name, module in painter.modules().items():
        restore_module(name, module, tensors)
    restore_optimizer("optimizer", optimizer, tensors)
    average.restore(tensors)
    return int(values["step"]), float(values["elapsed_s"])
