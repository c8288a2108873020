"""Every experiment takes its own options and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.words import Call

OWN = {
    "seams": {"--device", "--worlds", "--seeds", "--crop"},
    "model": {"--device", "--work"},
    "seed-table": {
        *("--device", "--worlds", "--seeds", "--size", "--rows", "--base", "--done-only"),
    },
    "pelc": {"--pairs", "--weights", "--compositors", "--compositor-dir"},
    "recolour": {"--pairs", "--weights"},
    "opacity": {"--device", "--windows"},
    "fringe": {"--device", "--windows"},
    "overlap": {"--device", "--worlds", "--seeds", "--base", "--lines"},
    "strip": {"--device", "--seed", "--tiles", "--zone"},
    "wrap": {"--device", "--seeds"},
}
EVERY = set().union(*OWN.values())


@pytest.mark.parametrize("name", OWN)
def test_an_experiment_tells_its_own_options(tilewright: Call, name: str) -> None:
    ended = tilewright("lab", name, "--help")
    assert ended.code == 0
    told = {word for word in ended.out.split() if word.startswith("--")}
    assert told == OWN[name] | {"--out", "--model", "--help"}


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name, own in OWN.items() for option in sorted(EVERY - own)],
)
def test_an_experiment_refuses_options_of_another(
    tilewright: Call, tmp_path: Path, name: str, option: str
) -> None:
    ended = tilewright("lab", name, "--out", tmp_path / "lab", option, "1")
    assert ended.code == 2
    assert f"'{option}'" in ended.complaint()
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize("text", ["plain", "=work", "plain=", "plain=no/such/folder"])
def test_a_further_compositor_is_a_name_and_a_folder_that_is_there(
    tilewright: Call, tmp_path: Path, text: str
) -> None:
    ended = tilewright("lab", "pelc", "--out", tmp_path / "lab", "--compositor-dir", text)
    assert ended.code == 2
    assert "NAME=PATH" in ended.complaint() or "there is no no/such/folder" in ended.complaint()
    assert not (tmp_path / "lab").exists()


def test_a_training_that_has_not_written_its_compositor_is_told_which_file_lacks_and_what_writes_it(
    tilewright: Call, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    words = ["--out", tmp_path / "lab", "--compositor-dir", f"plain={work}"]
    ended = tilewright("lab", "pelc", *words)
    assert ended.code == 2
    assert ended.complaint().startswith(f"{work / 'decformer.safetensors'} is missing; ")
    assert f"`tilewright train compositor --vae FOLDER --work {work}`" in ended.complaint()
    assert not (tmp_path / "lab").exists()
