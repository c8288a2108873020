"""Crops of whole latent cells that make no whole tokens."""

import shutil
from pathlib import Path

from generation.engine.training.checkpoints import read_checkpoint
from generation.engine.training.options import TransformerOptions, VaeOptions
from generation.engine.training.polish import train_polish
from generation.engine.training.transformer_stage import train_painter
from generation.engine.training.vae_stages import train_autoencoder, train_decoder
from tests.generation.engine.training.conftest import TOY, toy_run


def test_every_stage_of_the_vae_trains_on_crops_of_40_px(toy_windows: Path, tmp_path: Path) -> None:
    work = Path(shutil.copytree(toy_windows, tmp_path / "work"))
    (work / "vae.safetensors").unlink()
    run = toy_run(work, 1)
    options = VaeOptions(run, TOY, batch=1, crop_px=40, painted=4)
    train_autoencoder(options)
    train_decoder(options)
    train_painter(TransformerOptions(run, TOY, batch=1, window_px=64))
    train_polish(options)
    for stage in ("vae", "decoder", "polish"):
        assert read_checkpoint(work / f"{stage}.safetensors")[0]
