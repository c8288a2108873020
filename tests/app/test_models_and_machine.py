"""`tilewright model`, `doctor`, `lab` and `train`: what is here, how fast, and experiments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from generation.engine.factory import load_engine
from tests.app.words import Call

LAB = ["lab", "seams", "--worlds", "river-delta", "--seeds", "1", "--crop", "64x48"]


def test_the_known_models_are_listed(tilewright: Call) -> None:
    models = tilewright("model", "list", "--json").document["models"]
    assert [model["name"] for model in models] == [
        "klein-mini",
        "black-forest-labs/FLUX.2-klein-4B",
    ]
    assert all((model["path"] is None) == (model["why"] is not None) for model in models)
    assert tilewright("model", "list").out.count("\n") == 2


def test_a_models_folder_is_printed(tilewright: Call, toy: Path) -> None:
    assert tilewright("model", "path", toy).out == f"{toy}\n"


def test_a_whole_model_is_verified_with_its_hash(tilewright: Call, toy: Path) -> None:
    ended = tilewright("model", "verify", toy)
    assert (ended.code, ended.err) == (0, "")
    assert "whole" in ended.out
    assert load_engine(toy, "cpu").model_hash in ended.out


def test_the_doctor_prints_one_json_document(tilewright: Call, toy: Path) -> None:
    ended = tilewright("doctor", "--model", toy, "--device", "cpu", "--json")
    assert ended.err == ""
    machine, model = ended.document["machine"], ended.document["model"]
    assert machine["cores"] >= 1
    assert machine["libraries"]["torch"]
    assert (model["device"], model["window_px"], model["steps"]) == ("cpu", 64, 12)
    assert 0 < model["seconds_per_window"] < model["seconds_per_30_windows"]


def test_the_doctor_says_what_will_run_and_how_fast(tilewright: Call, toy: Path) -> None:
    ended = tilewright("doctor", "--model", toy)
    assert ended.code == 0
    last = ended.out.splitlines()[-1]
    assert f"{toy} will run on" in last
    assert "s for a window" in last


def test_the_doctor_tells_of_the_machine_even_without_a_model(
    tilewright: Call, tmp_path: Path
) -> None:
    ended = tilewright("doctor", "--model", tmp_path / "gone")
    assert ended.code == 2
    assert "memory_gib:" in ended.out
    assert ended.err.count("\n") == 1


def test_the_lab_compares_four_ways_to_join_windows(
    tilewright: Call, toy: Path, tmp_path: Path
) -> None:
    ended = tilewright(*LAB, "--model", toy, "--out", tmp_path / "lab")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads((tmp_path / "lab" / "seams.json").read_text())
    ways = [row["way"] for row in document["rows"]]
    assert len(ways) == len(set(ways)) == 4
    assert [row["maps"] for row in document["rows"]] == [1, 1, 1, 1]
    assert all(row["lines"] > 0 for row in document["rows"])
    free = {row["way"]: row["delta_e"] for row in document["rows"]}
    assert free["anchored, change map"] is None
    assert free["independent tiles, own noise"] > free["independent tiles, map noise"] > 0
    page = (tmp_path / "lab" / "seams.md").read_text()
    assert all(f"| {way} |" in page for way in ways)
    for number in range(1, 5):
        with Image.open(tmp_path / "lab" / f"river-delta-{number}.png") as picture:
            assert picture.size == (64, 48)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "one,two"], "seeds"),
        (["--seeds", ""], "seeds"),
        (["--worlds", "atlantis"], "atlantis"),
        (["--worlds", ""], "sample"),
        (["--device", "cuda:99"], "cuda:99"),
        (["--crop", "0x10"], "0x10"),
    ],
    ids=lambda value: value[1] if isinstance(value, list) else None,
)
def test_bad_input_of_the_lab_is_one_line_and_makes_no_folder(
    tilewright: Call, toy: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    ended = tilewright(*LAB, *words, "--model", toy, "--out", tmp_path / "lab")
    assert ended.code == 2
    assert said in ended.complaint()
    assert not (tmp_path / "lab").exists()


def test_a_lab_folder_below_a_file_is_refused(tilewright: Call, toy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    ended = tilewright(*LAB, "--model", toy, "--out", tmp_path / "file" / "lab")
    assert ended.code == 2
    ended.complaint()


@pytest.mark.parametrize("stage", [[], ["vae"], ["transformer"]], ids=str)
def test_every_training_stage_explains_itself(tilewright: Call, stage: list[str]) -> None:
    ended = tilewright("train", *stage, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Usage: tilewright train" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vae", "--device", "abacus"), "abacus"),
        (("vae", "--batch", "0"), "batch"),
        (("vae", "--minutes", "-1"), "minutes"),
        (("data", "--layouts", "0"), "layouts"),
        (("windows", "--rounds", "0"), "rounds"),
    ],
)
def test_a_stage_refuses_numbers_that_make_no_sense(
    tilewright: Call, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ended = tilewright("train", *words, "--work", tmp_path / "work")
    assert ended.code == 2
    assert said in ended.complaint()
    assert not (tmp_path / "work").exists()
