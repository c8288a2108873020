"""Weight files and model folders are judged before any library opens them."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from generation.engine.folder import (
    COMPOSITOR_FILE,
    COMPOSITOR_FOLDER,
    check_compositor,
    check_folder,
    find_model,
    find_profile,
    folder_hash,
)
from generation.engine.weights import PICKLE_SUFFIXES, file_metadata, tensor_names
from zones.errors import InputError

TRANSFORMER_INDEX = "transformer/diffusion_pytorch_model.safetensors.index.json"
VAE = "vae/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(toy_folder, tmp_path) -> Path:
    """A toy model folder that a test may break."""
    return shutil.copytree(toy_folder, tmp_path / "model")


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        check_folder(folder)
    text = str(caught.value)
    assert "\n" not in text
    return text


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_whole_folder_passes(folder):
    checked = check_folder(folder, "toy")
    assert checked.is_distilled
    assert {file.suffix for file in checked.files} == {".json", ".safetensors", ".txt", ".jinja"}
    assert checked.size_bytes > 100_000


def test_a_folder_without_model_index_is_named(tmp_path):
    assert str(tmp_path / "model_index.json") in refusal(tmp_path)


def json_files(folder: Path) -> list[Path]:
    return [file for file in check_folder(folder).files if file.suffix == ".json"]


def test_every_missing_file_is_named(folder):
    for file in check_folder(folder).files:
        if file.name in {"tokenizer.json", "vocab.json", "merges.txt", "chat_template.jinja"}:
            continue
        content = file.read_bytes()
        file.unlink()
        stem = file.name.removesuffix(".index.json")
        assert str(file.parent / stem) in refusal(folder)
        file.write_bytes(content)
    check_folder(folder)


def test_a_tokenizer_without_its_words_is_named(folder):
    (folder / "tokenizer" / "tokenizer.json").unlink()
    check_folder(folder)
    (folder / "tokenizer" / "merges.txt").unlink()
    assert "tokenizer.json is missing" in refusal(folder)


@pytest.mark.parametrize(
    "junk",
    [b"{", b"[1]", b"\xff\xfe", b"[" * 100_000],
    ids=["cut", "no object", "no text", "too deep"],
)
def test_every_broken_json_file_is_named(folder, junk):
    for file in json_files(folder):
        if file.name == "vocab.json":
            continue
        content = file.read_bytes()
        file.write_bytes(junk)
        assert str(file) in refusal(folder)
        file.write_bytes(content)


def test_a_json_file_of_absurd_length_is_not_read(folder, monkeypatch):
    monkeypatch.setattr("generation.engine.weights.MAX_JSON_BYTES", 100)
    assert "longer than 100 bytes" in refusal(folder)


@pytest.mark.parametrize("suffix", sorted(PICKLE_SUFFIXES))
@pytest.mark.parametrize("component", ["transformer", "vae", "text_encoder"])
def test_pickled_weights_are_refused(folder, component, suffix):
    for file in (folder / component).glob("*.safetensors*"):
        file.unlink()
    (folder / component / f"weights{suffix}").write_bytes(b"\x80\x04")
    assert "is a pickle" in refusal(folder)


def test_an_index_of_pickled_shards_is_refused(folder):
    for file in (folder / "transformer").glob("*.safetensors*"):
        file.unlink()
    (folder / "transformer" / "diffusion_pytorch_model.bin.index.json").write_text("{}")
    assert "is a pickle" in refusal(folder)


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ("shard.bin", "only safetensors"),
        ("shard.pt", "only safetensors"),
        ("../vae/diffusion_pytorch_model.safetensors", "out of its folder"),
        ("/etc/passwd.safetensors", "out of its folder"),
        ("..\\model.safetensors", "out of its folder"),
        (7, "out of its folder"),
        ("gone.safetensors", "gone.safetensors cannot be read (missing)"),
    ],
)
def test_an_index_that_points_elsewhere_is_refused(folder, shard, message):
    edit(folder / TRANSFORMER_INDEX, weight_map={"x_embedder.weight": shard})
    assert message in refusal(folder)


def test_an_index_entry_that_its_shard_lacks_is_named(folder):
    index = folder / TRANSFORMER_INDEX
    weight_map = json.loads(index.read_text())["weight_map"]
    edit(index, weight_map={**weight_map, "no.such.tensor": next(iter(weight_map.values()))})
    assert "lacks no.such.tensor" in refusal(folder)


@pytest.mark.parametrize(
    "header",
    [b"5", b"[]", b'{"a": {"data_offsets": []}}', b'{"a": {"data_offsets": [0, Infinity]}}'],
)
def test_a_header_of_another_form_is_named(folder, header):
    file = folder / VAE
    file.write_bytes(struct.pack("<Q", len(header)) + header)
    assert f"{file} is truncated or corrupt" in refusal(folder)


@pytest.mark.parametrize("keep", [0, 4, 8, 300, -1])
def test_a_truncated_weight_file_is_named(folder, keep):
    file = folder / VAE
    file.write_bytes(file.read_bytes()[:keep])
    assert f"{file} is truncated or corrupt" in refusal(folder)


@pytest.mark.parametrize(
    "junk", [b"\xff" * 64, b"PK\x03\x04" + b"\0" * 60, b"\x02\0\0\0\0\0\0\0{}"]
)
def test_a_corrupt_weight_file_is_named(folder, junk):
    (folder / VAE).write_bytes(junk)
    assert f"{folder / VAE} is truncated or corrupt" in refusal(folder)


def test_a_git_lfs_pointer_is_recognised(folder):
    (folder / VAE).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "git lfs pull" in refusal(folder)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("_class_name", "StableDiffusionPipeline"),
        ("_class_name", ["custom", "Flux2KleinPipeline"]),
        ("text_encoder", ["transformers", "AutoModel"]),
        ("transformer", ["my_module", "Flux2Transformer2DModel"]),
        ("scheduler", [["diffusers"], {}]),
        ("vae", None),
        ("safety_checker", ["custom_code", "Checker"]),
    ],
)
def test_a_class_that_is_not_kleins_is_refused(folder, entry, value):
    edit(folder / "model_index.json", **{entry: value})
    assert "model_index.json" in refusal(folder)


def test_the_hash_follows_every_file_that_loading_reads(folder):
    checked = check_folder(folder)
    before = folder_hash(checked)
    assert folder_hash(check_folder(folder, "other name")) == before
    for file in checked.files:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert folder_hash(checked) != before
        file.write_bytes(content)
    assert folder_hash(checked) == before


def test_large_files_are_hashed_once(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("generation.engine.folder._CACHED_ABOVE_BYTES", 0)
    checked = check_folder(folder)
    first = folder_hash(checked)
    monkeypatch.setattr("generation.engine.folder._sha256", None)
    assert folder_hash(checked) == first


def test_a_profile_lies_beside_the_weights(folder):
    assert find_profile(check_folder(folder)).name == "toy"


def test_a_profile_names_a_trained_compositor_only_where_there_is_one(folder):
    profile = json.loads((folder / "profile.json").read_text())
    (folder / "profile.json").write_text(json.dumps({**profile, "compositor": "decformer"}))
    assert find_profile(check_folder(folder)).compositor == "linear"
    file = folder / COMPOSITOR_FOLDER / COMPOSITOR_FILE
    file.parent.mkdir()
    file.write_bytes(b"weights")
    assert find_profile(check_folder(folder)).compositor == "decformer"


def test_weights_whose_header_gives_null_for_its_texts_are_read(tmp_path):
    tensor = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": None, "weight": tensor}).encode()
    file = tmp_path / "weights.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    assert tensor_names(file) == {"weight"}
    assert file_metadata(file) == {}


def test_weights_of_something_else_are_no_compositor(folder):
    file = folder / COMPOSITOR_FOLDER / COMPOSITOR_FILE
    file.parent.mkdir()
    shutil.copy(folder / VAE, file)
    checked = check_folder(folder)
    check_compositor(checked, "linear")
    with pytest.raises(InputError, match=r"^[^\n]*decformer\.safetensors is no compositor[^\n]*$"):
        check_compositor(checked, "decformer")


@pytest.mark.parametrize("name", ["FLUX.2-klein-4B", "black-forest-labs/FLUX.2-klein-4B"])
def test_a_known_model_without_profile_takes_the_bundled_one(folder, name):
    (folder / "profile.json").unlink()
    profile = find_profile(check_folder(folder, name))
    assert (profile.window_px, profile.text_layers) == (1024, (9, 18, 27))


def test_an_unknown_model_without_profile_is_refused(folder):
    (folder / "profile.json").unlink()
    with pytest.raises(InputError, match=r"has no profile\.json"):
        find_profile(check_folder(folder))


@pytest.mark.parametrize("model", ["no/such/place", "gone", "black-forest-labs/FLUX.2-klein-4B"])
def test_a_model_that_is_not_here_ends_in_one_line_without_a_network(model):
    with pytest.raises(InputError) as caught:
        find_model(model)
    assert "\n" not in str(caught.value)
    assert model in str(caught.value)


def test_a_cached_hub_model_is_found_without_a_network(folder, tmp_path, monkeypatch):
    commit = "0" * 40
    repo = tmp_path / "hub" / "models--somebody--klein"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)
    shutil.copytree(folder, repo / "snapshots" / commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert check_folder(find_model("somebody/klein")).is_distilled


def test_a_file_is_not_taken_for_a_folder(folder):
    with pytest.raises(InputError, match="is a file"):
        find_model(folder / "model_index.json")
