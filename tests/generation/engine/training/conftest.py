"""Toy worlds and toy sizes for the training stages."""

from pathlib import Path

import pytest
import torch

from generation.engine.training.options import ModelShape, RunOptions, VaeOptions, WorldOptions
from generation.engine.training.vae_stages import train_autoencoder
from generation.engine.training.window_cache import CacheOptions, fill_cache
from generation.engine.training.worlds_folder import render_worlds

TOY = ModelShape(
    encoder_channels=(8, 8, 8, 8),
    decoder_channels=(8, 8, 8, 8),
    latent_channels=4,
    double_layers=1,
    single_layers=1,
    head_dim=16,
    heads=2,
    text_hidden=32,
    text_depth=3,
)


def toy_run(work: Path, steps: int, save_every: int = 1) -> RunOptions:
    return RunOptions(
        work=work,
        steps=steps,
        threads=1,
        report_every=10_000,
        save_every=save_every,
        progress=False,
    )


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def toy_worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("worlds")
    options = WorldOptions(work, layouts=2, held_out=1, side_px=320, workers=1)
    render_worlds(options, progress=False)
    return work


@pytest.fixture(scope="session")
def toy_windows(toy_worlds: Path) -> Path:
    train_autoencoder(VaeOptions(toy_run(toy_worlds, 1), TOY, batch=1, crop_px=32))
    options = CacheOptions(toy_worlds, TOY, range(1), windows=4, window_px=64, workers=1)
    fill_cache(options, progress=False)
    return toy_worlds
