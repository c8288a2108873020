"""A toy compositor learns, and a resumed training goes on where it stopped."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.engine.compositing.losses import (
    DecoderMetric,
    halo_l1,
    latent_loss,
    pixel_loss,
    psnr,
)
from generation.engine.compositing.mask_mixture import DRAWERS
from generation.engine.compositing.pictures import PicturePool
from generation.engine.compositing.storage import FILE_NAME, load_network, load_vae, new_network
from generation.engine.compositing.training import (
    CompositorOptions,
    CompositorTrainer,
    train_compositor,
)
from generation.engine.training.checkpoints import read_checkpoint
from generation.engine.training.muon import Muon
from generation.engine.training.options import RunOptions
from generation.engine.training.vae_stages import descend
from tests.generation.engine.compositing.conftest import TOY, latents, soft_mask
from zones.errors import InputError


def options(work: Path, vae_folder: Path, steps: int) -> CompositorOptions:
    run = RunOptions(
        work=work, steps=steps, threads=1, report_every=12, save_every=2, progress=False
    )
    return CompositorOptions(
        run=run,
        vae=vae_folder,
        pictures=work / "pictures",
        leaves=1,
        config=TOY,
        crop_px=32,
        trials=1,
        trial_px=32,
        rate=1e-2,
        residual_from=0.1,
        residual_full=0.3,
    )


def test_descending_the_loss_brings_a_batch_closer_to_its_target(work, vae, vae_folder) -> None:
    chosen = options(work, vae_folder, 1)
    network = new_network(vae, TOY)
    trainer = CompositorTrainer(chosen, vae, network, PicturePool(work, chosen.pictures, 1))
    optimizer = Muon(network.parameters(), 5e-4)
    losses = []
    for _ in range(20):
        loss = trainer.loss(1, 1.0)
        descend(loss, optimizer)
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3, losses


def test_the_curve_tells_every_kind_of_mask(work, vae_folder) -> None:
    train_compositor(options(work, vae_folder, 2))
    lines = (work / "compositor_curve.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    assert last["step"] == 2
    assert set(last["held_out"]) == {draw.__name__ for draw in DRAWERS}
    assert all(one["psnr_db"] > 0.0 for one in last["held_out"].values())


def test_the_curve_ends_with_the_loss_of_the_last_step_or_none(work, vae_folder) -> None:
    chosen = options(work, vae_folder, 2)
    chosen = replace(chosen, run=replace(chosen.run, report_every=1))
    for _ in range(2):
        train_compositor(chosen)
    lines = (work / "compositor_curve.jsonl").read_text(encoding="utf-8").splitlines()
    first, second, end, resumed = (json.loads(line)["loss"] for line in lines)
    assert end == second != first
    assert resumed is None


def test_a_resumed_training_equals_one_in_a_piece(work, vae_folder, monkeypatch) -> None:
    monkeypatch.setattr(
        "generation.engine.training.pace.Pace.progress", property(lambda pace: pace.step / 4)
    )
    other = work.with_name("other")
    shutil.copytree(work, other)
    train_compositor(options(work, vae_folder, 4))
    with monkeypatch.context() as patch:
        patch.setattr(
            "generation.engine.training.pace.Pace.progress",
            property(lambda pace: pace.step / 4 if pace.step < 2 else 1.0),
        )
        train_compositor(options(other, vae_folder, 4))
    train_compositor(options(other, vae_folder, 4))
    whole, resumed = (
        read_checkpoint(place / "compositor.safetensors")[0] for place in (work, other)
    )
    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []


def test_the_averaged_weights_are_what_is_written(work, vae, vae_folder) -> None:
    path = train_compositor(options(work, vae_folder, 3))
    assert path == work / FILE_NAME
    kept = read_checkpoint(work / "compositor.safetensors")[0]
    network = load_network(path, vae)
    for name, value in network.named_parameters():
        average = kept[f"average.network.{name}"]
        assert torch.equal(value, average.to(torch.bfloat16).float())


def test_without_a_residual_only_weights_are_learnt(work, vae, vae_folder) -> None:
    chosen = replace(options(work, vae_folder, 2), residual=False, residual_from=0.0)
    network = load_network(train_compositor(chosen), vae)
    fusion = network(latents(1), latents(2), network.read_mask(soft_mask()))
    assert not fusion.residual.any()
    fresh = new_network(vae, TOY)
    before = fresh(latents(1), latents(2), fresh.read_mask(soft_mask()))
    assert (fusion.alpha - before.alpha).abs().max() > 1e-4


def test_without_weight_of_the_halo_the_loss_is_that_of_the_whole(work, vae, vae_folder) -> None:
    losses = []
    for weight, progress in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)):
        chosen = replace(options(work, vae_folder, 1), halo_weight=weight)
        pool = PicturePool(work, chosen.pictures, 1)
        losses.append(
            CompositorTrainer(chosen, vae, new_network(vae, TOY), pool).loss(1, progress).item()
        )
    assert losses[0] == losses[1] == losses[2]
    assert losses[3] < losses[2] - 0.5  # one more logarithm of a small number


def test_training_without_a_vae_is_refused(work) -> None:
    with pytest.raises(InputError, match=r"config\.json"):
        train_compositor(options(work, work, 1))


def test_a_vae_is_found_in_its_own_folder_and_in_a_models(vae, vae_folder, tmp_path) -> None:
    shutil.copytree(vae_folder, tmp_path / "model" / "vae")
    for place in (vae_folder, tmp_path / "model"):
        assert torch.equal(load_vae(place).bn.running_mean, vae.bn.running_mean)


def test_the_metric_foretells_the_error_of_a_single_cell(vae) -> None:
    cells = latents(1, 24, 24, 2)
    metric = DecoderMetric(vae, cells)
    error = torch.zeros_like(cells)
    error[:, :, 4::8, 4::8] = 0.05 * latents(2, 3, 3, 2)
    seen = 0.5 * (vae.decode(cells + error).sample - vae.decode(cells).sample)
    told = metric(error).mean() / seen.square().mean()
    assert 0.5 < told < 2.0


def test_losses_fall_by_the_logarithm_of_the_error(vae) -> None:
    metric = DecoderMetric(vae, latents(1, 16, 16))
    error, halo = latents(2), torch.ones(1, 1, 8, 8)
    fall = latent_loss(metric, error, halo, 0.0) - latent_loss(metric, 0.1 * error, halo, 0.0)
    assert 4.0 < fall < 4.7
    target = torch.zeros(1, 3, 64, 64)
    error = torch.rand(1, 3, 64, 64) - 0.5
    weights = torch.ones(1, 1, 64, 64)
    far, near = (pixel_loss(share * error, target, weights, 1.0) for share in (1.0, 0.5))
    assert near < far - 2.0


def test_halo_l1_is_the_mean_error_in_the_halo_from_0_to_1() -> None:
    picture, target = torch.ones(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    picture[..., 4:] = 0.0
    halo = torch.zeros(1, 1, 8, 8)
    halo[..., :4] = 0.7
    assert torch.allclose(halo_l1(picture, target, halo), torch.tensor([0.5]))


def test_psnr_of_a_tenth_of_the_range_is_20_db() -> None:
    assert torch.allclose(
        psnr(torch.full((1, 3, 4, 4), 0.2), torch.zeros(1, 3, 4, 4)), torch.tensor([20.0])
    )
