"""The palette: the shipped one is as agreed, and a wrong one is refused in one clear line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import resources
from zones.errors import InputError
from zones.palette import default_palette, palette_from_json, palette_to_json


def document() -> dict[str, Any]:
    return json.loads(palette_to_json(default_palette()))


def test_default_palette_has_the_agreed_ids_names_and_colours() -> None:
    found = {zone.id: (zone.name, zone.rgb) for zone in default_palette().zones}
    assert found == {
        1: ("grass", (126, 165, 80)),
        2: ("forest", (52, 92, 48)),
        3: ("water", (60, 110, 160)),
        4: ("sand", (214, 190, 130)),
        5: ("rock", (130, 125, 118)),
        6: ("snow", (235, 238, 242)),
        7: ("swamp", (96, 112, 72)),
        8: ("field", (196, 178, 96)),
    }


def test_default_stencils_have_the_agreed_colours_and_mu() -> None:
    found = {kind.name: (kind.rgb, kind.mu) for kind in default_palette().stencils}
    assert found == {
        "river": ((64, 120, 190), 0.35),
        "path": ((190, 160, 110), 0.35),
        "road": ((150, 140, 128), 0.35),
    }


def test_unpainted_takes_the_base_zone() -> None:
    palette = default_palette()
    assert palette.zone(0) is palette.zone(palette.base_zone)
    assert (palette.colour_table()[0] == palette.colour_table()[1]).all()
    assert palette.painted(np.array([[0, 3]], np.uint8)).tolist() == [[1, 3]]


def test_every_zone_id_and_zero_is_valid() -> None:
    assert default_palette().valid_ids == frozenset(range(9))


def test_palette_survives_writing_and_reading() -> None:
    written = document()
    written["zones"][0]["validation"] = {"least_share": 0.9, "classes": ["grass"]}
    palette = palette_from_json(json.dumps(written))
    assert palette_from_json(palette_to_json(palette)) == palette


def entry(kind: str, number: int, **changes: Any) -> dict[str, Any]:
    written = document()
    written[kind][number] |= changes
    return written


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (entry("zones", 0, id=2), "zone id 2 twice"),
        (entry("zones", 0, name="water"), "zone name water twice"),
        (entry("zones", 0, rgb=[52, 92, 48]), "zone colour (52, 92, 48) twice"),
        (entry("stencils", 0, name="road"), "stencil name road twice"),
        (entry("stencils", 0, rgb=[150, 140, 128]), "stencil colour (150, 140, 128) twice"),
        (entry("zones", 0, id=0), "zones.0.id"),
        (entry("zones", 0, id=256), "zones.0.id"),
        (entry("zones", 0, rgb=[0, 0, 256]), "zones.0.rgb.2"),
        (entry("zones", 0, rgb=[0, 0]), "zones.0.rgb"),
        (entry("zones", 0, rgb=[0, 0, 1.5]), "zones.0.rgb.2"),
        (entry("zones", 0, name=" "), "zones.0.name"),
        (entry("zones", 0, colour="red"), "zones.0.colour"),
        (entry("stencils", 1, mu=1.01), "stencils.1.mu"),
        (entry("stencils", 1, mu=float("nan")), "stencils.1.mu"),
        (entry("stencils", 1, prompt="x" * 501), "stencils.1.prompt"),
        (document() | {"base_zone": 9}, "base zone 9"),
        (document() | {"schema_version": 2}, "schema_version"),
        (document() | {"zones": []}, "zones"),
        ([], "the document"),
    ],
)
def test_wrong_palette_is_refused_in_one_line_that_names_the_place(
    written: object, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        palette_from_json(json.dumps(written))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, " " * 1_000_001])
def test_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        palette_from_json(text)


def test_asking_for_a_missing_zone_or_stencil_names_what_there_is() -> None:
    with pytest.raises(InputError, match="it has 1, 2"):
        default_palette().zone(77)
    with pytest.raises(InputError, match="it has river, path, road"):
        default_palette().stencil("canal")


@pytest.mark.parametrize("name", ["../pyproject.toml", "/etc/hostname"])
def test_bundled_files_are_found_inside_the_resources_only(name: str) -> None:
    assert resources.path("palettes/default.json").is_file()
    with pytest.raises(ValueError, match="not the name"):
        resources.path(name)


def test_a_missing_bundled_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"palettes/none\.json"):
        resources.path("palettes/none.json")
