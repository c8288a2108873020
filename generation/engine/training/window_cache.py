"""Encoded training windows: latents of the truth and of the seed canvas with finished strips.

One file per world and round, so that several processes can fill the cache and training can pick
up new files as they appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKLFlux2

from generation.engine.training.canvas import STENCILS
from generation.engine.training.checkpoints import (
    read_checkpoint,
    restore_module,
    write_checkpoint,
)
from generation.engine.training.crops import as_tensor
from generation.engine.training.networks import build_vae, normalise, patchify
from generation.engine.training.options import ModelShape
from generation.engine.training.wording import Scene
from generation.engine.training.workers import run_jobs
from generation.engine.training.worlds_folder import World, read_world, world_seeds

U8 = npt.NDArray[np.uint8]

TOKEN_PX = 16
_ENCODED_AT_ONCE = 1
_CACHE_KEY = 0xCAC4E


@dataclass(frozen=True)
class Window:
    """One window before it is encoded.

    Attributes:
        truth: uint8 (h, w, 3) finished picture.
        canvas: uint8 (h, w, 3) seed canvas with finished strips.
        finished: bool (h/16, w/16) tokens of the strips.
        stencil: bool (h/16, w/16) tokens that a stencil touches outside the strips.
        scene: what the window shows.
        zones: uint8 (h, w) zone ids.
    """

    truth: U8
    canvas: U8
    finished: npt.NDArray[np.bool_]
    stencil: npt.NDArray[np.bool_]
    scene: Scene
    zones: U8


@dataclass(frozen=True)
class Batch:
    """Cached windows: float16 (n, 4c, h, w) latents, bool (n, h, w) token masks, scenes."""

    truth: torch.Tensor
    source: torch.Tensor
    finished: torch.Tensor
    stencil: torch.Tensor
    scenes: tuple[Scene, ...]


def cut_window(world: World, rng: np.random.Generator, side_px: int) -> Window:
    """Cut a random window on the lattice, in a random look, with random finished strips."""
    look = str(rng.choice(list(world.looks)))
    places = (np.array(world.zones.shape) - side_px) // TOKEN_PX
    top, left = (TOKEN_PX * int(rng.integers(places[axis] + 1)) for axis in (0, 1))
    place = np.s_[top : top + side_px, left : left + side_px]
    finished = finished_strips(rng, side_px // TOKEN_PX)
    pixels = finished.repeat(TOKEN_PX, axis=0).repeat(TOKEN_PX, axis=1)
    canvas = world.canvas[place].copy()
    canvas[pixels] = world.looks[look][place][pixels]
    ids = world.stencils[place]
    cells = (ids > 0).reshape(side_px // TOKEN_PX, TOKEN_PX, side_px // TOKEN_PX, TOKEN_PX)
    scene = _scene(world.zones[place], ids, look)
    stencil = cells.any(axis=(1, 3)) & ~finished
    return Window(world.looks[look][place], canvas, finished, stencil, scene, world.zones[place])


def finished_strips(rng: np.random.Generator, tokens: int) -> npt.NDArray[np.bool_]:
    """Return which of `tokens` x `tokens` tokens finished neighbours cover.

    Zero to four sides, each 2 to 5 tokens deep, and corners that only a diagonal neighbour covers.
    """
    covered = np.zeros((tokens, tokens), np.bool_)
    count = int(rng.choice(5, p=[0.22, 0.28, 0.28, 0.14, 0.08]))
    sides = rng.permutation(4)[:count]
    depths = [min(tokens // 3, int(rng.choice([2, 3, 4, 4, 4, 5]))) for _ in range(4)]
    for side in sides:
        depth = depths[side]
        edge = (np.s_[:depth], np.s_[:, :depth], np.s_[-depth:], np.s_[:, -depth:])[side]
        covered[edge] = True
    for corner in range(4):
        if rng.random() < 0.15:  # noqa: PLR2004 - share of finished corners
            depth = depths[corner]
            rows = slice(None, depth) if corner < 2 else slice(-depth, None)  # noqa: PLR2004
            columns = slice(None, depth) if corner % 2 == 0 else slice(-depth, None)
            covered[rows, columns] = True
    return covered


@torch.no_grad()
def encode(vae: AutoencoderKLFlux2, pictures: U8) -> torch.Tensor:
    """Return normalised, patchified latents float32 (n, 4c, h/16, w/16) of uint8 pictures."""
    device = next(vae.parameters()).device.type
    parts = []
    for first in range(0, len(pictures), _ENCODED_AT_ONCE):
        some = as_tensor(pictures[first : first + _ENCODED_AT_ONCE], device)
        parts.append(normalise(vae, patchify(vae.encode(some).latent_dist.mode())))
    return torch.cat(parts)


@dataclass(frozen=True)
class CacheOptions:
    """How many windows to encode.

    Attributes:
        work: private folder of worlds, caches and checkpoints.
        shape: sizes of the networks.
        rounds: numbers of the passes over all worlds; each pass cuts other windows.
        windows: windows per world and pass.
        window_px: side of a window.
        workers: processes that encode.
    """

    work: Path
    shape: ModelShape
    rounds: range
    windows: int = 64
    window_px: int = 256
    workers: int = 2


def fill_cache(options: CacheOptions, *, progress: bool = True) -> None:
    """Encode windows of every training world, once per round; skips files that are there."""
    jobs = [
        (options, seed, number)
        for number in options.rounds
        for seed in world_seeds(options.work)
        if not _file(options.work, seed, number).is_file()
    ]
    run_jobs(_fill, jobs, options.workers, "windows", progress=progress)


def cached_files(work: Path) -> list[Path]:
    """Finished files of the cache, in order of their names."""
    return sorted((work / "windows").glob("*.safetensors"))


def read_windows(path: Path) -> Batch:
    """Read one file of the cache."""
    tensors, values = read_checkpoint(path)
    scenes = tuple(
        Scene(tuple(one["zones"]), tuple(one["stencils"]), one["look"]) for one in values["scenes"]
    )
    return Batch(
        tensors["truth"],
        tensors["source"],
        tensors["finished"].bool(),
        tensors["stencil"].bool(),
        scenes,
    )


def encode_windows(vae: AutoencoderKLFlux2, windows: Sequence[Window]) -> Batch:
    """Encode windows into one batch."""
    return Batch(
        encode(vae, np.stack([window.truth for window in windows])).half(),
        encode(vae, np.stack([window.canvas for window in windows])).half(),
        torch.from_numpy(np.stack([window.finished for window in windows])),
        torch.from_numpy(np.stack([window.stencil for window in windows])),
        tuple(window.scene for window in windows),
    )


def load_vae(work: Path, shape: ModelShape) -> AutoencoderKLFlux2:
    """The VAE of the last stage that has a checkpoint in `work`, ready to encode and decode."""
    vae = build_vae(shape, 0)
    for stage in ("vae", "decoder", "polish"):
        path = work / f"{stage}.safetensors"
        if path.is_file():
            restore_module("vae", vae, read_checkpoint(path)[0])
    return vae.eval().requires_grad_(requires_grad=False)


def _fill(options: CacheOptions, seed: int, number: int) -> None:
    """Encode the windows of one world and round into one file."""
    torch.set_num_threads(1)
    rng = np.random.default_rng((seed, number, _CACHE_KEY))
    world = read_world(options.work, seed)
    windows = [cut_window(world, rng, options.window_px) for _ in range(options.windows)]
    batch = encode_windows(load_vae(options.work, options.shape), windows)
    tensors = {
        "truth": batch.truth,
        "source": batch.source,
        "finished": batch.finished.to(torch.uint8),
        "stencil": batch.stencil.to(torch.uint8),
    }
    scenes = [asdict(scene) for scene in batch.scenes]
    write_checkpoint(_file(options.work, seed, number), tensors, {"scenes": scenes})


def _file(work: Path, seed: int, number: int) -> Path:
    return work / "windows" / f"{number:02d}-{seed:06d}.safetensors"


def _scene(zones: U8, stencils: U8, look: str) -> Scene:
    counts = np.bincount(zones.ravel(), minlength=9)[:9]
    present = [int(zone) for zone in np.argsort(-counts, kind="stable") if counts[zone] > 0]
    kinds = tuple(kind for place, kind in enumerate(STENCILS, 1) if bool((stencils == place).any()))
    return Scene(tuple(present), kinds, look)
