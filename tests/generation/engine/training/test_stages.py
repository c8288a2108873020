"""Every stage at toy size: a step changes what it should, and a resumed run is the same run."""

import shutil
from pathlib import Path

import pytest
import torch
from diffusers import Flux2KleinInpaintPipeline
from PIL import Image

from generation.engine.compositing.storage import FILE_NAME, FOLDER, new_network, save_network
from generation.engine.compositing.storage import load_vae as load_model_vae
from generation.engine.folder import RECOLOUR_FILE, RECOLOUR_FOLDER
from generation.engine.training.checkpoints import Tensors, read_checkpoint
from generation.engine.training.export import export_model
from generation.engine.training.options import TransformerOptions, VaeOptions
from generation.engine.training.polish import train_polish
from generation.engine.training.transformer_stage import train_painter
from generation.engine.training.vae_stages import train_autoencoder, train_decoder
from generation.engine.training.window_cache import load_vae
from generation.plan.profile import load_profile
from tests.generation.engine.compositing.conftest import TOY as TOY_COMPOSITOR
from tests.generation.engine.training.conftest import TOY, toy_run
from zones.errors import InputError

OPERATORS = ((FOLDER, FILE_NAME), (RECOLOUR_FOLDER, RECOLOUR_FILE))
STAGES = ("vae", "decoder", "transformer", "polish")
VAE_STAGES = {"vae": train_autoencoder, "decoder": train_decoder, "polish": train_polish}


def run_stage(stage: str, work: Path, steps: int) -> Tensors:
    run = toy_run(work, steps)
    if stage == "transformer":
        train_painter(TransformerOptions(run, TOY, batch=2, window_px=64))
    else:
        options = VaeOptions(run, TOY, batch=1, crop_px=32, painted=4)
        VAE_STAGES[stage](options)
    return read_checkpoint(work / f"{stage}.safetensors")[0]


@pytest.fixture
def work(toy_windows: Path, tmp_path: Path) -> Path:
    """A private copy of the toy folder, with the first VAE stage done."""
    shutil.copytree(toy_windows, tmp_path / "work")
    return tmp_path / "work"


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_resumed_at_a_checkpoint_equals_one_in_a_piece(stage, work, monkeypatch):
    monkeypatch.setattr("generation.engine.training.pace.Pace.progress", _by_step(4))
    if stage == "vae":
        (work / "vae.safetensors").unlink()
    if stage == "polish":
        run_stage("decoder", work, 1)
        run_stage("transformer", work, 1)
    other = work.with_name("other")
    shutil.copytree(work, other)
    whole = run_stage(stage, work, 4)
    half = run_stage(stage, other, 2)
    resumed = run_stage(stage, other, 4)
    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []
    assert [name for name in whole if not torch.equal(whole[name], half[name])] != []


def _by_step(total: int) -> property:
    """A schedule of `total` steps that still ends a run at its own limit."""
    return property(lambda pace: 1.0 if pace.step >= pace._run.steps else pace.step / total)


def test_the_decoder_stage_leaves_encoder_and_statistics_alone(work):
    before = read_checkpoint(work / "vae.safetensors")[0]
    after = run_stage("decoder", work, 2)
    names = [name for name in before if name.startswith("vae.")]
    changed = {name for name in names if not torch.equal(before[name], after[name])}
    assert changed
    assert {name.split(".")[1] for name in changed} == {"decoder", "post_quant_conv"}


def test_the_polish_stage_changes_the_decoder_alone_and_is_the_one_that_is_loaded(work):
    run_stage("decoder", work, 1)
    run_stage("transformer", work, 1)
    before = read_checkpoint(work / "decoder.safetensors")[0]
    after = run_stage("polish", work, 1)
    names = [name for name in before if name.startswith("vae.")]
    changed = {name for name in names if not torch.equal(before[name], after[name])}
    assert {name.split(".")[1] for name in changed} == {"decoder", "post_quant_conv"}
    loaded = load_vae(work, TOY).state_dict()
    assert all(torch.equal(loaded[name[4:]], after[name]) for name in names)


def test_latent_statistics_are_those_of_training_windows(work):
    tensors = read_checkpoint(work / "vae.safetensors")[0]
    assert tensors["vae.bn.running_mean"].abs().max() > 0
    assert (tensors["vae.bn.running_var"] != 1).all()


def test_training_changes_transformer_text_encoder_and_their_average(work):
    first, second = run_stage("transformer", work, 1), run_stage("transformer", work, 2)
    for part in ("transformer.", "text_encoder.", "average.transformer."):
        names = [name for name in first if name.startswith(part)]
        assert any(not torch.equal(first[name], second[name]) for name in names)


def test_an_exported_toy_folder_paints_with_the_stock_pipeline(work):
    run_stage("transformer", work, 1)
    out = work / "models" / "toy"
    export_model(work, out, TOY)
    (out / "README.md").write_text("a card")
    (out / "old.txt").write_text("old")
    export_model(work, out, TOY)
    assert (out / "README.md").read_text() == "a card"
    assert not (out / "old.txt").exists()
    assert not list(out.rglob("*.bin"))
    assert load_profile(out).text_tokens == TOY.text_tokens
    pipe = Flux2KleinInpaintPipeline.from_pretrained(out, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    assert pipe.config.is_distilled
    assert pipe.scheduler.config.time_shift_type == "exponential"
    picture = pipe(
        prompt="dense forest",
        image=Image.new("RGB", (64, 64), (52, 92, 48)),
        mask_image=Image.new("L", (64, 64), 255),
        strength=1.0,
        num_inference_steps=2,
        guidance_scale=1.0,
        max_sequence_length=TOY.text_tokens,
        text_encoder_out_layers=TOY.text_layers,
    ).images[0]
    assert picture.size == (64, 64)


def test_an_export_keeps_the_compositor_of_an_unchanged_vae_alone(work):
    run_stage("transformer", work, 1)
    out = work / "toy"
    export_model(work, out, TOY)
    path = out / FOLDER / FILE_NAME
    save_network(new_network(load_model_vae(out), TOY_COMPOSITOR), path)
    kept = path.read_bytes()
    run_stage("transformer", work, 2)
    assert export_model(work, out, TOY) == ""
    assert path.read_bytes() == kept
    run_stage("decoder", work, 1)
    said = export_model(work, out, TOY)
    assert "`tilewright train compositor`" in said
    assert said.count(". ") == 0
    assert not path.parent.exists()
    assert export_model(work, out, TOY) == ""


def test_an_export_keeps_the_colour_correction_of_an_unchanged_vae_alone(work):
    run_stage("transformer", work, 1)
    out = work / "toy"
    export_model(work, out, TOY)
    places = [out / folder / file for folder, file in OPERATORS]
    for path in places:
        path.parent.mkdir()
        path.write_bytes(b"weights")
    assert export_model(work, out, TOY) == ""
    assert [path.read_bytes() for path in places] == [b"weights"] * 2
    run_stage("decoder", work, 1)
    said = export_model(work, out, TOY)
    assert "its compositor and its colour correction were removed" in said
    assert "`tilewright train recolour`" in said
    assert not any(path.parent.exists() for path in places)


def test_an_export_without_a_trained_transformer_says_so(toy_windows, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(toy_windows, work)
    with pytest.raises(InputError, match="stage transformer"):
        export_model(work, tmp_path / "out", TOY)


def test_an_export_over_a_folder_of_other_things_is_refused(work, tmp_path):
    run_stage("transformer", work, 1)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("kept")
    with pytest.raises(InputError, match="holds no model"):
        export_model(work, tmp_path / "letters", TOY)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "kept"
