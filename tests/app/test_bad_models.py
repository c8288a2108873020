"""Broken, foreign and unsafe models are refused in one line, and nothing on disk changes."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.words import Call, files_in


def cut(name: str) -> Callable[[Path], object]:
    def damage(model: Path) -> None:
        path = model / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def lose(name: str) -> Callable[[Path], object]:
    def damage(model: Path) -> None:
        path = model / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def edit(name: str, **changes: object) -> Callable[[Path], object]:
    def damage(model: Path) -> None:
        path = model / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return damage


class Poison:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise AssertionError('the pickle was read')",))


def pickled(component: str, name: str) -> Callable[[Path], object]:
    def damage(model: Path) -> None:
        for path in (model / component).glob("*.safetensors"):
            path.unlink()
        (model / component / name).write_bytes(pickle.dumps(Poison()))

    return damage


VAE = "vae/diffusion_pytorch_model.safetensors"
MODELS: dict[str, Callable[[Path], object]] = {
    "no model_index.json": lose("model_index.json"),
    "no vae": lose("vae"),
    "no scheduler": lose("scheduler"),
    "no weights": lose(VAE),
    "no tokenizer": lose("tokenizer/tokenizer_config.json"),
    "truncated weights": cut(VAE),
    "a truncated configuration": cut("transformer/config.json"),
    "a truncated profile": cut("profile.json"),
    "no profile": lose("profile.json"),
    "another pipeline": edit("model_index.json", _class_name="StableDiffusionPipeline"),
    "another class": edit("model_index.json", vae=["diffusers", "AutoencoderKL"]),
    "code of its own": edit("model_index.json", vae=["evil", "Loader"]),
    "a pickled VAE": pickled("vae", "diffusion_pytorch_model.bin"),
    "a pickled text encoder": pickled("text_encoder", "pytorch_model.bin"),
    "a pickled transformer": pickled("transformer", "diffusion_pytorch_model.ckpt"),
    "other shapes": edit("vae/config.json", latent_channels=7),
    "text layers it has not": edit("profile.json", text_layers=[1, 2, 30]),
    "a window off the lattice": edit("profile.json", window_px=100),
    "no words for zones": edit("profile.json", prompt_template="a map"),
}


@pytest.mark.parametrize("damage", MODELS.values(), ids=MODELS)
def test_a_bad_model_is_refused_in_one_line(
    tilewright: Call,
    fresh: Path,
    toy: Path,
    tmp_path: Path,
    damage: Callable[[Path], object],
) -> None:
    model = Path(shutil.copytree(toy, tmp_path / "model"))
    damage(model)
    before = files_in(tmp_path)
    ended = tilewright("render", fresh, "--model", model)
    assert ended.code == 2
    assert str(tmp_path) in ended.complaint() or "profile" in ended.complaint()
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("name", ["no vae", "truncated weights", "a pickled VAE", "no profile"])
def test_verify_finds_it_too(tilewright: Call, toy: Path, tmp_path: Path, name: str) -> None:
    model = Path(shutil.copytree(toy, tmp_path / "model"))
    MODELS[name](model)
    ended = tilewright("model", "verify", model)
    assert ended.code == 2
    ended.complaint()


def test_pickled_weights_are_named_as_the_reason(
    tilewright: Call, fresh: Path, toy: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(toy, tmp_path / "model"))
    MODELS["a pickled VAE"](model)
    said = tilewright("render", fresh, "--model", model).complaint()
    assert "pickle" in said
    assert "safetensors" in said


@pytest.mark.parametrize("command", ["render", "doctor", "verify", "path", "lab"])
def test_a_hub_model_that_is_not_here_says_how_to_fetch_it(
    tilewright: Call,
    fresh: Path,
    tmp_path: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    name = "nobody/has-this-model"
    words: dict[str, list[object]] = {
        "render": ["render", fresh, "--model", name],
        "doctor": ["doctor", "--model", name, "--json"],
        "verify": ["model", "verify", name],
        "path": ["model", "path", name],
        "lab": ["lab", "seams", "--model", name, "--out", tmp_path / "lab"],
    }
    ended = tilewright(*words[command])
    assert ended.code == 2
    assert f"tilewright model fetch {name}" in ended.complaint()
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    "name", ["gone", "./gone", "/gone/away", "", "a b", "x" * 300, "~nobody/model"]
)
def test_a_model_that_is_nowhere_is_refused(tilewright: Call, fresh: Path, name: str) -> None:
    before = files_in(fresh)
    ended = tilewright("render", fresh, "--model", name)
    assert ended.code == 2
    ended.complaint()
    assert files_in(fresh) == before


def test_a_file_is_no_model(tilewright: Call, fresh: Path, toy: Path) -> None:
    ended = tilewright("render", fresh, "--model", toy / "model_index.json")
    assert ended.code == 2
    assert "folder" in ended.complaint()
