"""The model profile: the shipped one, and what a wrong one is answered with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import resources
from generation.plan.profile import ModelProfile, load_profile, profile_from_json
from zones.errors import InputError

SHIPPED = resources.path("profiles/flux2-klein-4b.json")


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(SHIPPED.read_text()), **fields})


def test_the_big_models_profile_has_its_published_numbers() -> None:
    profile = load_profile(SHIPPED)
    assert (profile.window_px, profile.anchor_px, profile.soft_px) == (1024, 256, 64)
    assert (profile.overlap_px, profile.overlap_layout_px) == (320, 256)
    assert (profile.steps, profile.draft_steps, profile.guidance_scale) == (12, 4, 1.0)
    assert (profile.text_layers, profile.text_tokens) == ((9, 18, 27), 512)


def test_a_profile_survives_a_round_trip_through_json() -> None:
    profile = load_profile(SHIPPED)
    assert profile_from_json(profile.model_dump_json()) == profile


def test_a_model_folder_is_read_by_its_profile_json(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(changed(name="toy"))
    assert load_profile(tmp_path).name == "toy"


def test_a_profile_cannot_be_changed() -> None:
    profile: ModelProfile = load_profile(SHIPPED)
    with pytest.raises(ValueError, match="frozen"):
        profile.window_px = 512


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("not json", "JSON"),
        ("[]", "object"),
        (changed(window_px=1000), "window_px"),
        (changed(window_px="1024"), "window_px"),
        (changed(steps=0), "steps"),
        (changed(strength=float("nan")), "strength|JSON"),
        (changed(anchor_px=240), "multiple of 32"),
        (changed(anchor_px=512), "half of window_px"),
        (changed(overlap_layout_px=528), "overlap_layout_px"),
        (changed(closing_anchor_px=272), "closing_anchor_px"),
        (changed(text_layers=[1, 2]), "text_layers"),
        (changed(text_layers=[1, 2, -3]), "text_layers"),
        (changed(prompt_template="a {colour} map of {zones}"), "prompt_template"),
        (changed(prompt_template="a map of {zones"), "prompt_template"),
        (changed(prompt_template="no placeholder"), "prompt_template"),
        (changed(colour=1), "colour"),
    ],
)
def test_a_wrong_profile_gets_one_line_that_names_the_place(text: str, where: str) -> None:
    with pytest.raises(InputError, match=where) as caught:
        profile_from_json(text, source="toy.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("toy.json is wrong")


def test_a_missing_or_binary_profile_is_bad_input(tmp_path: Path) -> None:
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "gone.json", binary):
        with pytest.raises(InputError, match="cannot be read"):
            load_profile(path)
