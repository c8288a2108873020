"""A toy colour correction learns, and a resumed training goes on where it stopped."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.recolour.batches import (
    PER_PICTURE,
    WHOLE,
    draw_recolourings,
    draw_region,
)
from generation.engine.compositing.recolour.held_out import DRAWERS
from generation.engine.compositing.recolour.storage import (
    FILE_NAME,
    load_recolourer,
    new_recolourer,
)
from generation.engine.compositing.recolour.training import (
    RecolourOptions,
    RecolourTrainer,
    train_recolourer,
)
from generation.engine.training.checkpoints import read_checkpoint
from generation.engine.training.muon import Muon
from generation.engine.training.options import RunOptions
from generation.engine.training.vae_stages import descend
from tests.generation.engine.compositing.test_recolourer import TOY_RECOLOUR
from zones.errors import InputError


def options(work: Path, vae_folder: Path, steps: int) -> RecolourOptions:
    run = RunOptions(
        work=work, steps=steps, threads=1, report_every=12, save_every=2, progress=False
    )
    return RecolourOptions(
        run=run,
        vae=vae_folder,
        pictures=work / "pictures",
        leaves=1,
        config=TOY_RECOLOUR,
        crop_px=32,
        trials=1,
        trial_px=32,
        rate=1e-2,
    )


def test_descending_the_loss_brings_a_batch_closer_to_its_target(work, vae, vae_folder) -> None:
    chosen = options(work, vae_folder, 1)
    network = new_recolourer(vae, TOY_RECOLOUR)
    trainer = RecolourTrainer(chosen, vae, network, PicturePool(work, chosen.pictures, 1))
    optimizer = Muon(network.parameters(), 2e-3)
    losses = []
    for _ in range(20):
        loss = trainer.loss(1, 1.0)
        descend(loss, optimizer)
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3, losses


def test_a_resumed_training_equals_one_in_a_piece(work, vae_folder, monkeypatch) -> None:
    monkeypatch.setattr(
        "generation.engine.training.pace.Pace.progress", property(lambda pace: pace.step / 4)
    )
    other = work.with_name("other")
    shutil.copytree(work, other)
    train_recolourer(options(work, vae_folder, 4))
    with monkeypatch.context() as patch:
        patch.setattr(
            "generation.engine.training.pace.Pace.progress",
            property(lambda pace: pace.step / 4 if pace.step < 2 else 1.0),
        )
        train_recolourer(options(other, vae_folder, 4))
    train_recolourer(options(other, vae_folder, 4))
    whole, resumed = (read_checkpoint(place / "recolour.safetensors")[0] for place in (work, other))
    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


def test_the_averaged_weights_and_a_curve_are_written(work, vae, vae_folder) -> None:
    path = train_recolourer(options(work, vae_folder, 3))
    assert path == work / FILE_NAME
    kept = read_checkpoint(work / "recolour.safetensors")[0]
    for name, value in load_recolourer(path, vae).named_parameters():
        average = kept[f"average.network.{name}"]
        assert torch.equal(value, average.to(torch.bfloat16).float())
    last = json.loads((work / "recolour_curve.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 3
    assert set(last["held_out"]) == {draw.__name__ for draw in DRAWERS}


def test_training_without_a_vae_is_refused(work) -> None:
    with pytest.raises(InputError, match=r"config\.json"):
        train_recolourer(options(work, work, 1))


def test_a_batch_has_several_changes_of_each_picture_and_is_the_same_again(work) -> None:
    pool = PicturePool(work, work / "pictures", 1)
    batch = draw_recolourings(pool, (1, 2), 4, 32)
    assert len(batch.mask) == len(batch.numbers) == len(batch.which) == len(batch.target)
    assert len(batch.mask) == PER_PICTURE * len(batch.pictures)
    assert len(batch.numbers.unique(dim=0)) == len(batch.numbers)
    assert torch.equal(batch.target, draw_recolourings(pool, (1, 2), 4, 32).target)


def test_three_regions_in_ten_are_everything() -> None:
    rng = np.random.default_rng(1)
    masks = [draw_region(rng, 32, 48) for _ in range(300)]
    assert all(mask.shape == (32, 48) and mask.dtype == np.float32 for mask in masks)
    assert all(mask.min() >= 0.0 and mask.max() <= 1.0 for mask in masks)
    assert abs(np.mean([mask.min() == 1.0 for mask in masks]) - WHOLE) < 0.08
