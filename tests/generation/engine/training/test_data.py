"""Worlds, windows, wording and tokens that training sees."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from generation.engine.training.crops import as_pictures, as_tensor, crop_batch
from generation.engine.training.options import WorldOptions
from generation.engine.training.tokens import build_tokenizer
from generation.engine.training.window_cache import TOKEN_PX, cut_window, finished_strips
from generation.engine.training.wording import (
    HELD_OUT_LOOKS,
    STENCIL_WORDS,
    TEMPLATES,
    ZONE_WORDS,
    Scene,
    held_out_prompt,
    palette_prompt,
    training_prompt,
)
from generation.engine.training.worlds_folder import (
    held_out_seeds,
    read_world,
    render_worlds,
    training_seeds,
    world_seeds,
)
from zones.palette import default_palette
from zones.prompt import filled

SCENE = Scene((2, 3, 1, 4, 5, 6, 7, 8), ("river", "path", "road"), "autumn")


def test_held_out_seeds_are_never_training_seeds(tmp_path):
    options = WorldOptions(tmp_path, layouts=5000, held_out=500)
    assert not set(training_seeds(options)) & set(held_out_seeds(options))


def test_finished_worlds_are_split_by_seed(toy_worlds):
    assert len(world_seeds(toy_worlds)) == 2
    assert len(world_seeds(toy_worlds, held_out=True)) == 1
    assert not set(world_seeds(toy_worlds)) & set(world_seeds(toy_worlds, held_out=True))


def test_rendering_again_keeps_what_is_there(toy_worlds):
    files = sorted((toy_worlds / "worlds").rglob("*.png"))
    before = [file.stat().st_mtime_ns for file in files]
    render_worlds(WorldOptions(toy_worlds, 2, 1, 320, 1), progress=False)
    assert [file.stat().st_mtime_ns for file in files] == before


def test_equal_keys_cut_equal_crops(toy_worlds):
    worlds = [read_world(toy_worlds, seed) for seed in world_seeds(toy_worlds)]
    first, again = (crop_batch(worlds, (1, 2), 3, 32) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, crop_batch(worlds, (1, 3), 3, 32))


def test_pictures_survive_the_way_to_tensors_and_back():
    pictures = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)
    assert np.array_equal(as_pictures(as_tensor(pictures, "cpu")), pictures)


def test_strips_of_a_window_show_the_truth_and_the_rest_the_canvas(toy_worlds: Path):
    world = read_world(toy_worlds, 0)
    blank = replace(world, canvas=np.full_like(world.canvas, 7))
    for seed in range(6):
        window = cut_window(blank, np.random.default_rng(seed), 128)
        pixels = window.finished.repeat(TOKEN_PX, axis=0).repeat(TOKEN_PX, axis=1)
        assert np.array_equal(window.canvas[pixels], window.truth[pixels])
        assert (window.canvas[~pixels] == 7).all()
        assert not (window.stencil & window.finished).any()


def test_strips_leave_open_ground_at_every_draw():
    shares = [finished_strips(np.random.default_rng(seed), 16).mean() for seed in range(200)]
    assert min(shares) == 0.0
    assert 0.3 < max(shares) < 0.95


def test_first_words_are_those_of_the_default_palette():
    palette = default_palette()
    assert {zone.id: zone.prompt for zone in palette.zones} == {
        zone: words[0] for zone, words in ZONE_WORDS.items()
    }
    assert {kind.name: kind.prompt for kind in palette.stencils} == {
        kind: words[0] for kind, words in STENCIL_WORDS.items()
    }


def test_training_prompts_never_use_a_held_out_wording():
    rng = np.random.default_rng(0)
    prompts = {training_prompt(SCENE, rng) for _ in range(400)}
    assert len(prompts) > 100
    assert held_out_prompt(SCENE) not in prompts
    held_out = [words[-1] for words in (*ZONE_WORDS.values(), *STENCIL_WORDS.values())]
    held_out += HELD_OUT_LOOKS.values()
    assert not [(word, text) for word in held_out for text in prompts if word in text]
    start = filled(TEMPLATES[-1], ["x"], [], "").removesuffix("x")
    assert not [text for text in prompts if text.startswith(start)]


def test_a_full_prompt_fits_the_text_length():
    tokenizer = build_tokenizer(48)
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": palette_prompt(SCENE)}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=False,
    )
    words = text.split("<|im_end|>")[0]
    assert len(tokenizer(words)["input_ids"]) <= 48


def test_the_chat_template_closes_thinking_only_when_told():
    tokenizer = build_tokenizer(48)
    messages = [{"role": "user", "content": "grass"}]
    options = {"tokenize": False, "add_generation_prompt": True}
    quiet = tokenizer.apply_chat_template(messages, enable_thinking=False, **options)
    assert quiet == (
        "<|im_start|>user\ngrass<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )
    assert "<think>" not in tokenizer.apply_chat_template(messages, **options)


def test_tokens_spell_any_text_and_come_back():
    tokenizer = build_tokenizer(48)
    for text in ("dense forest, a river", "Zuiderzee 1421, Ñandú 山"):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
