"""Loading real component classes from folders, and the one line each broken folder ends in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import Flux2KleinInpaintPipeline
from safetensors.torch import load_file, save_file

from generation.engine.factory import load_engine
from generation.engine.folder import check_folder, find_profile
from generation.engine.loading import load_pipeline
from generation.engine.pipeline import Flux2KleinDifferentialPipeline
from generation.plan.request import PaintRequest
from tests.support.klein_calls import call, pipelines, white
from tests.support.toy_models import save_toy_folder, toy_components
from zones.errors import InputError

VAE = "vae/diffusion_pytorch_model.safetensors"
CPU = torch.device("cpu")


@pytest.fixture
def folder(toy_folder, tmp_path) -> Path:
    return shutil.copytree(toy_folder, tmp_path / "model")


def load(folder: Path, dtype: torch.dtype = torch.float32):
    checked = check_folder(folder)
    return load_pipeline(checked, find_profile(checked), CPU, dtype)


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_loaded_folder_paints_what_the_saved_components_paint(toy_folder):
    saved, _ = pipelines(toy_components())
    loaded = load(toy_folder)
    expected = call(saved, mask_image=white())
    torch.testing.assert_close(call(loaded, mask_image=white()), expected, rtol=1e-5, atol=1e-6)


def test_the_stock_pipeline_loads_the_same_folder(toy_folder):
    stock = Flux2KleinInpaintPipeline.from_pretrained(toy_folder)
    stock.set_progress_bar_config(disable=True)
    assert torch.equal(call(stock, mask_image=white()), call(load(toy_folder), mask_image=white()))


def test_the_differential_pipeline_also_loads_by_diffusers_own_way(toy_folder):
    pipe = Flux2KleinDifferentialPipeline.from_pretrained(toy_folder)
    pipe.set_progress_bar_config(disable=True)
    keywords = {"change_map": np.full((32, 48), 0.5, np.float32)}
    assert torch.equal(call(pipe, **keywords), call(load(toy_folder), **keywords))


@pytest.fixture(scope="module")
def released_copy(tmp_path_factory) -> Path:
    """The released 4B's layout: 36 text layers, shards, no profile, a single-file copy on top."""
    folder = tmp_path_factory.mktemp("hub") / "FLUX.2-klein-4B"
    save_toy_folder(folder, shard_bytes=60_000, text_depth=36, profile=False)
    save_file({"a": torch.zeros(1)}, folder / "flux-2-klein-4b.safetensors")
    (folder / "README.md").write_text("# a model card")
    return folder


def test_a_toy_copy_of_the_released_layout_loads_and_paints(released_copy):
    assert (released_copy / "text_encoder" / "model.safetensors.index.json").exists()
    assert any((released_copy / "transformer").glob("*-of-*.safetensors"))
    engine = load_engine(released_copy, "cpu")
    assert engine.profile.name == "black-forest-labs/FLUX.2-klein-4B"
    request = PaintRequest(
        seed_canvas=np.zeros((32, 32, 3), np.uint8),
        inpaint_mask=np.full((32, 32), 255, np.uint8),
        change_map=np.ones((32, 32), np.float32),
        prompt="a sketch",
        steps=4,
        noise=np.zeros((engine.latent_channels, 4, 4), np.float32),
    )
    assert engine.paint(request).rgb.shape == (32, 32, 3)


def test_weights_are_read_in_the_asked_dtype(toy_folder):
    pipe = load(toy_folder, torch.bfloat16)
    for model in (pipe.transformer, pipe.vae, pipe.text_encoder):
        assert {tensor.dtype for tensor in model.parameters()} == {torch.bfloat16}
        assert not model.training


def test_a_tensor_missing_from_the_weights_is_named(folder):
    tensors = load_file(folder / VAE)
    tensors.pop("decoder.conv_in.bias")
    save_file(tensors, folder / VAE)
    assert "decoder.conv_in.bias" in refusal(folder)


def test_a_tensor_of_the_wrong_shape_is_refused(folder):
    tensors = load_file(folder / VAE)
    tensors["decoder.conv_in.bias"] = torch.zeros(3)
    save_file(tensors, folder / VAE)
    assert str(folder / "vae") in refusal(folder)


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("transformer/config.json", {"attention_head_dim": 24}),
        ("transformer/config.json", {"num_layers": "many"}),
        ("vae/config.json", {"block_out_channels": []}),
        ("text_encoder/config.json", {"hidden_size": 24}),
        ("text_encoder/config.json", {"num_hidden_layers": 4}),
        ("tokenizer/tokenizer.json", {"model": 3}),
        ("scheduler/scheduler_config.json", {"time_shift_type": "odd"}),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(folder, file, values):
    edit(folder / file, **values)
    assert str((folder / file).parent) in refusal(folder)


def test_text_layers_beyond_the_text_encoder_are_refused(folder):
    edit(folder / "profile.json", text_layers=[1, 2, 9])
    assert "text layer 9" in refusal(folder)


def test_code_beside_the_weights_is_never_run(folder, tmp_path):
    trap = tmp_path / "ran"
    code = f"open({str(trap)!r}, 'w').close()\n"
    for component in ("transformer", "text_encoder", "tokenizer"):
        (folder / component / "trap.py").write_text(code)
    (folder / "pipeline.py").write_text(code)
    for file in ("text_encoder/config.json", "tokenizer/tokenizer_config.json"):
        edit(folder / file, auto_map={"AutoModelForCausalLM": "trap.Model"})
    load(folder)
    assert not trap.exists()


def test_the_door_to_the_engine_imports_no_torch():
    code = "import sys, generation.engine.factory; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, env={**os.environ})
