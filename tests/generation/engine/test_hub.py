"""Fetching from the hub: what it is, resumed, checked, refused in one sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.engine.folder import check_folder, fetched_folder, find_model, find_profile
from tests.support.hub_server import COMMIT, ROOT, HubServer, ask
from tests.support.toy_models import save_toy_folder

HUB_ID = "somebody/toy-klein"
BIG = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "toy"
    save_toy_folder(folder)
    (folder / "pictures").mkdir()
    (folder / "pictures" / "sample.png").write_bytes(b"not needed")
    return folder


@pytest.fixture
def hub(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server = HubServer(model, HUB_ID)
    yield server
    server.stop()


def test_the_hub_says_size_and_licence_before_anything_is_fetched(hub: HubServer) -> None:
    facts = ask(hub.env, "look-up", HUB_ID)[0]["model"]
    assert (facts["licence"], facts["is_free"], facts["commit"]) == ("apache-2.0", True, COMMIT)
    assert facts["size_bytes"] == sum(
        file.stat().st_size for file in hub.folder.rglob("*") if file.is_file()
    ) - len(b"not needed")
    assert not hub.ranges


def test_a_licence_that_forbids_uses_is_named(hub: HubServer) -> None:
    hub.licence = "flux-non-commercial"
    facts = ask(hub.env, "look-up", HUB_ID)[0]["model"]
    assert (facts["licence"], facts["is_free"]) == ("flux-non-commercial", False)
    assert facts["page"].endswith(HUB_ID)


def test_a_fetched_model_is_found_and_whole(hub: HubServer) -> None:
    said = ask(hub.env, "fetch", HUB_ID, COMMIT)
    assert said[-2]["done_bytes"] == said[-2]["total_bytes"] > 0
    folder = check_folder(find_model(HUB_ID), HUB_ID)
    assert folder.path == Path(said[-1]["path"]) == fetched_folder(HUB_ID)
    assert find_profile(folder).window_px == 64
    assert not (folder.path / "pictures").exists()


def test_a_stopped_fetch_goes_on_where_it_stopped(hub: HubServer) -> None:
    hub.stall_at = BIG
    words = [sys.executable, "-m", "generation.engine.hub", "fetch", HUB_ID, COMMIT]
    with subprocess.Popen(words, cwd=ROOT, env=hub.env, stdout=subprocess.PIPE) as child:
        part = fetched_folder(HUB_ID).with_name("somebody--toy-klein.part") / (BIG + ".part")
        assert hub.stalled.wait(30)
        while not (part.is_file() and part.stat().st_size):
            assert child.poll() is None
        child.kill()
    kept = part.stat().st_size
    hub.stall_at = ""
    before = {name: len(asked) for name, asked in hub.ranges.items()}
    ask(hub.env, "fetch", HUB_ID, COMMIT)
    assert hub.ranges[BIG] == [0, kept]
    assert all(len(hub.ranges[name]) == count for name, count in before.items() if name != BIG)
    assert (find_model(HUB_ID) / BIG).read_bytes() == (hub.folder / BIG).read_bytes()


@pytest.mark.parametrize("name", [BIG, "vae/config.json"])
def test_a_damaged_file_is_removed_and_fetched_again(hub: HubServer, name: str) -> None:
    hub.damaged = name
    error = ask(hub.env, "fetch", HUB_ID, COMMIT)[-1]["error"]
    assert name in error
    assert "again" in error
    assert not fetched_folder(HUB_ID).exists()
    hub.damaged = ""
    ask(hub.env, "fetch", HUB_ID, COMMIT)
    assert (find_model(HUB_ID) / name).read_bytes() == (hub.folder / name).read_bytes()


def test_a_file_that_was_lost_afterwards_is_fetched_alone(hub: HubServer) -> None:
    ask(hub.env, "fetch", HUB_ID, COMMIT)
    (find_model(HUB_ID) / BIG).unlink()
    hub.ranges.clear()
    ask(hub.env, "fetch", HUB_ID, COMMIT)
    assert list(hub.ranges) == [BIG]


def test_without_a_network_it_says_what_to_do(hub: HubServer) -> None:
    env = {**hub.env, "HF_ENDPOINT": "http://127.0.0.1:1"}
    error = ask(env, "look-up", HUB_ID)[-1]["error"]
    assert "cannot be reached" in error
    assert "folder" in error


@pytest.mark.parametrize(
    ("name", "word"), [("somebody/nothing", "no model"), ("not-an-id", "hub id")]
)
def test_a_name_the_hub_does_not_know_is_refused(hub: HubServer, name: str, word: str) -> None:
    assert word in ask(hub.env, "look-up", name)[-1]["error"]
