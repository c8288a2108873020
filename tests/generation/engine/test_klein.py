"""The engine on a real toy model: requests in, windows out."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import Flux2KleinInpaintPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from generation.engine.compositing.storage import (
    config_for,
    load_vae,
    new_network,
    save_network,
)
from generation.engine.device import resolve_device
from generation.engine.factory import load_engine
from generation.engine.folder import (
    COMPOSITOR_FILE,
    COMPOSITOR_FOLDER,
    check_folder,
    find_profile,
)
from generation.engine.klein import KleinEngine
from generation.engine.prompts import PromptCache
from generation.plan.errors import Cancelled
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from tests.support.klein_calls import call
from zones.errors import InputError, WorkError
from zones.geometry import Rect

RNG = np.random.default_rng(2)
CANVAS = RNG.integers(0, 256, (32, 48, 3), np.uint8)
HALF_MASK = np.zeros((32, 48), np.uint8)
HALF_MASK[:, 16:] = 255
REQUEST = PaintRequest(
    seed_canvas=CANVAS,
    inpaint_mask=HALF_MASK,
    change_map=(HALF_MASK / np.float32(255)).astype(np.float32),
    prompt="grass",
    steps=4,
    noise=noise_window(3, Rect(0, 0, 6, 4), 4),
)
SPLIT = {"change_map": np.roll(REQUEST.change_map, 3, axis=1)}
"""A source whose edges lie inside cells."""


@pytest.fixture(scope="module")
def engine(toy_folder) -> Engine:
    return load_engine(toy_folder, "cpu")


def pixels(engine: Engine, **changes: object) -> np.ndarray:
    return engine.paint(replace(REQUEST, **changes)).rgb


def test_a_request_becomes_a_window_of_its_size(engine):
    painted = engine.paint(REQUEST)
    assert painted.rgb.shape == (32, 48, 3)
    assert painted.rgb.dtype == np.uint8
    assert painted.steps_run == 4
    assert painted.elapsed_s > 0
    assert not painted.rgb.flags.writeable


def test_equal_requests_give_equal_pixels_whatever_was_painted_between(engine, toy_folder):
    first = pixels(engine)
    pixels(engine, prompt="sand", steps=3, gate="sigma", strength=0.5)
    assert np.array_equal(first, pixels(engine))
    assert np.array_equal(first, pixels(load_engine(toy_folder, "cpu")))


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "sand"},
        {"steps": 5},
        {"strength": 0.5},
        {"noise": noise_window(4, Rect(0, 0, 6, 4), 4)},
        {"change_map": None},
        {"change_map": np.full((32, 48), 0.5, np.float32)},
        {"reference": False},
        {"plain": True, "inpaint_mask": np.full((32, 48), 255, np.uint8)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_in_a_request_reaches_the_pixels(engine, change):
    assert not np.array_equal(pixels(engine), pixels(engine, **change))


def test_a_locked_window_comes_back_as_its_round_trip(engine):
    locked = np.zeros((32, 48), np.float32)
    expected = engine.round_trip(CANVAS).astype(int)
    actual = pixels(engine, change_map=locked).astype(int)
    assert np.abs(actual - expected).max() <= 1


def test_without_change_map_the_whole_window_is_free(engine):
    free = np.ones((32, 48), np.float32)
    assert np.array_equal(pixels(engine, change_map=None), pixels(engine, change_map=free))


def test_plain_takes_feature_for_generate_and_ignores_the_change_map(engine):
    feature = np.where(HALF_MASK == 255, np.uint8(128), np.uint8(0))
    plain = pixels(engine, plain=True)
    assert np.array_equal(plain, pixels(engine, plain=True, inpaint_mask=feature))
    assert np.array_equal(plain, pixels(engine, plain=True, change_map=None))


def test_plain_is_the_stock_pipeline_on_the_canvas_and_the_mask(engine, toy_folder):
    stock = Flux2KleinInpaintPipeline.from_pretrained(toy_folder)
    stock.set_progress_bar_config(disable=True)
    drawn = torch.randn((1, 16, 2, 3), generator=torch.Generator().manual_seed(7))
    mask = np.where(HALF_MASK == 255, np.uint8(128), np.uint8(0))
    expected = call(
        stock,
        image=Image.fromarray(CANVAS),
        mask_image=Image.fromarray(mask),
        output_type="pil",
    )[0]
    noise = stock._unpatchify_latents(drawn)[0].numpy()
    actual = pixels(engine, plain=True, inpaint_mask=mask, noise=noise)
    assert np.array_equal(np.asarray(expected), actual)


def test_a_compositor_paints_where_a_source_keeps_to_no_grid_and_there_alone(engine):
    assert not np.array_equal(pixels(engine, **SPLIT), pixels(engine, **SPLIT, compositor="exact"))
    assert np.array_equal(pixels(engine), pixels(engine, compositor="exact"))


def test_a_model_without_a_compositor_says_so_and_paints_on(engine):
    with pytest.raises(InputError, match=r"decformer\.safetensors is missing.*use linear or train"):
        pixels(engine, **SPLIT, compositor="decformer")
    assert np.array_equal(pixels(engine), pixels(engine))


def test_a_damaged_compositor_is_refused_in_one_line(toy_folder, tmp_path):
    folder = shutil.copytree(toy_folder, tmp_path / "model")
    file = folder / COMPOSITOR_FOLDER / COMPOSITOR_FILE
    file.parent.mkdir()
    file.write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"^[^\n]*decformer\.safetensors[^\n]*$"):
        pixels(load_engine(folder, "cpu"), **SPLIT, compositor="decformer")


def test_a_compositor_of_the_folder_paints_and_leaves_the_model_hash_alone(
    engine, toy_folder, tmp_path
):
    folder = shutil.copytree(toy_folder, tmp_path / "model")
    vae = load_vae(folder)
    network = new_network(vae, replace(config_for(4), widths=(32,) * 4, local_width=8))
    torch.nn.init.normal_(network.scales[-1].heads.bias, std=0.3)
    save_network(network, folder / COMPOSITOR_FOLDER / COMPOSITOR_FILE)
    other = load_engine(folder, "cpu")
    assert np.array_equal(pixels(other), pixels(engine))
    learnt = pixels(other, **SPLIT, compositor="decformer")
    assert not np.array_equal(learnt, pixels(engine, **SPLIT))
    again = load_engine(folder, "cpu")
    assert np.array_equal(learnt, pixels(again, **SPLIT, compositor="decformer"))
    assert other.model_hash == engine.model_hash
    assert other.describe()["compositor_hash"] != engine.describe()["compositor_hash"]


def test_plain_windows_know_no_compositor(engine):
    plain = pixels(engine, plain=True)
    assert np.array_equal(plain, pixels(engine, plain=True, compositor="decformer"))


def test_the_step_hook_counts_the_steps_that_run(engine):
    seen = []
    half = replace(REQUEST, steps=12, strength=0.5)
    painted = engine.paint(half, lambda step, steps, _: seen.append((step, steps)))
    assert seen == [(step, 6) for step in range(1, 7)]
    assert painted.steps_run == 6


@pytest.mark.parametrize("plain", [False, True])
def test_a_hook_may_cancel_and_the_next_window_is_unharmed(engine, plain):
    seen = []

    def hook(step: int, _steps: int, _preview: object) -> None:
        seen.append(step)
        if step == 2:
            raise Cancelled

    expected = pixels(engine, plain=plain)
    with pytest.raises(Cancelled):
        engine.paint(replace(REQUEST, plain=plain, strength=0.75, steps=8), hook)
    assert seen == [1, 2]
    assert np.array_equal(expected, pixels(engine, plain=plain))


def test_each_distinct_prompt_is_encoded_once(toy_folder):
    engine = load_engine(toy_folder, "cpu")
    calls = []
    engine._pipe.text_encoder.register_forward_hook(lambda *_: calls.append(1))
    for prompt in ["grass", "sand", "grass", "sand", "grass"]:
        pixels(engine, prompt=prompt, steps=1)
    assert len(calls) == 2


def test_the_prompt_cache_keeps_to_its_budget_and_drops_the_oldest():
    encoded = []

    def encode(text: str) -> torch.Tensor:
        encoded.append(text)
        return torch.zeros(10)

    cache = PromptCache(encode, budget_bytes=80)
    for text in ["a", "b", "a", "c", "a", "b"]:
        cache.embeddings(text)
    assert encoded == ["a", "b", "c", "b"]
    assert cache.size_bytes <= 80


@given(
    x=st.integers(-64, 64),
    y=st.integers(-64, 64),
    dx=st.integers(-5, 5),
    dy=st.integers(-3, 3),
)
@settings(max_examples=10, deadline=None)
def test_two_windows_start_from_the_same_noise_where_they_overlap(engine, x, y, dx, dy):
    first, second = Rect(x, y, 6, 4), Rect(x + dx, y + dy, 6, 4)
    common = first.intersect(second)
    starts = [start_cells(engine, rect)[:, *common.slices_in(rect)] for rect in (first, second)]
    assert common.area > 0
    assert torch.equal(*starts)


def start_cells(engine: Engine, rect: Rect) -> torch.Tensor:
    """Latent cells (C, h, w) that enter the transformer at the first step."""
    starts = []
    pipe = engine._pipe
    handle = pipe.transformer.register_forward_pre_hook(
        lambda _module, _args, keywords: starts.append(keywords["hidden_states"]),
        with_kwargs=True,
    )
    try:
        pixels(engine, steps=1, reference=False, noise=noise_window(3, rect, 4))
    finally:
        handle.remove()
    tokens = starts[0].transpose(1, 2).reshape(1, 16, 2, 3)
    return pipe._unpatchify_latents(tokens)[0]


@pytest.mark.parametrize("shape", [(32, 48, 3), (33, 47, 3), (1, 1, 3)])
def test_a_round_trip_keeps_any_size(engine, shape):
    rgb = RNG.integers(0, 256, shape, np.uint8)
    assert engine.round_trip(rgb).shape == shape


def test_the_model_hash_belongs_to_the_weights_not_to_the_place(engine, toy_folder, tmp_path):
    copy = shutil.copytree(toy_folder, tmp_path / "copy")
    assert load_engine(copy, "cpu").model_hash == engine.model_hash


def test_the_engine_describes_itself_in_plain_values(engine):
    about = engine.describe()
    assert about["device"] == "cpu"
    assert about["dtype"] == "float32"
    assert about["latent_channels"] == 4
    assert all(isinstance(value, (str, int, float)) for value in about.values())


def test_running_out_of_memory_ends_in_advice(engine, monkeypatch):
    def fail(*_args, **_keywords):
        torch.empty(2**60)

    with monkeypatch.context() as patch:
        patch.setattr(engine._pipe.transformer, "forward", fail)
        with pytest.raises(WorkError, match="needs more memory than cpu has free"):
            pixels(engine)
    assert engine._pipe.scheduler.step_index is None


def test_weights_that_are_no_numbers_end_in_one_line(toy_folder):
    engine = load_engine(toy_folder, "cpu")
    torch.nn.init.constant_(engine._pipe.transformer.proj_out.weight, float("nan"))
    with pytest.raises(WorkError, match="no numbers"):
        pixels(engine)


def on(toy_folder, device: str, dtype: torch.dtype) -> KleinEngine:
    folder = check_folder(toy_folder)
    return KleinEngine(folder, find_profile(folder), torch.device(device), dtype)


def test_half_precision_paints_nearly_the_same(engine, toy_folder):
    half = pixels(on(toy_folder, "cpu", torch.bfloat16)).astype(int)
    assert np.abs(half - pixels(engine)).mean() < 4


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_cuda_device_paints_equal_requests_equally(engine, toy_folder):
    first = pixels(on(toy_folder, "cuda", torch.float32))
    assert np.array_equal(first, pixels(on(toy_folder, "cuda", torch.float32)))
    assert np.abs(first.astype(int) - pixels(engine)).mean() < 2


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "CPU", "cuda:-1", ""])
def test_a_device_that_is_not_there_is_refused(name):
    with pytest.raises(InputError):
        resolve_device(name)


def test_auto_always_finds_a_device():
    assert resolve_device("auto").type in {"cpu", "cuda"}


@pytest.mark.parametrize(
    "change",
    [
        {"seed_canvas": CANVAS[:30]},
        {"change_map": np.full((32, 48), 1.5, np.float32)},
        {"change_map": np.full((32, 48), np.nan, np.float32)},
        {"noise": REQUEST.noise[:, :2]},
        {"steps": 0},
        {"strength": 0.0},
        {"inpaint_mask": HALF_MASK.astype(np.float32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_request_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError, match=r"must|sides"):
        replace(REQUEST, **change)
