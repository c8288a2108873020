"""A window's prompt names what is really on it, largest first, in the palette's words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.zones.cases import PALETTE, compiled, line, plain_map
from zones.errors import InputError
from zones.prompt import filled, prompt_for, zones_by_area
from zones.reader import ArrayMap

TEMPLATE = "Ground: {zones}[, crossed by {stencils}]. [{map_prompt}.]"


def test_zones_are_named_by_area() -> None:
    zones = np.repeat(np.array([[3, 2, 2, 8, 8, 8]], np.uint8), 4, axis=0)
    assert [zone.name for zone in zones_by_area(zones, PALETTE)] == ["field", "forest", "water"]


def test_unpainted_pixels_count_as_the_base_zone() -> None:
    zones = np.array([[0, 0, 1, 2, 2]], np.uint8)
    assert [zone.name for zone in zones_by_area(zones, PALETTE)] == ["grass", "forest"]


def test_equal_areas_are_named_by_id() -> None:
    assert [zone.id for zone in zones_by_area(np.array([[7, 4]], np.uint8), PALETTE)] == [4, 7]


def test_stencils_are_named_once_in_the_order_of_the_palette() -> None:
    strokes = [line((0, 0), kind=kind) for kind in ("road", "river", "road")]
    text = prompt_for(np.full((4, 4), 2, np.uint8), strokes, PALETTE, TEMPLATE, "")
    assert text == "Ground: dense forest, crossed by a river, a paved road."


def test_a_part_in_brackets_goes_when_it_has_nothing_to_say() -> None:
    assert filled(TEMPLATE, ["sand"], [], "") == "Ground: sand."
    assert filled(TEMPLATE, ["sand"], [], "Old ink") == "Ground: sand. Old ink."


def test_words_of_the_map_maker_are_inserted_as_they_are() -> None:
    text = filled(TEMPLATE, ["sand"], [], "use {zones} and [this]")
    assert text == "Ground: sand. use {zones} and [this]."


def test_repeated_and_empty_fragments_are_left_out() -> None:
    assert filled("{zones}", ["sand", "", "sand ", "rock"], [], "") == "sand, rock"


def test_an_id_outside_the_palette_is_refused() -> None:
    with pytest.raises(InputError, match="Zone id 77"):
        zones_by_area(np.array([[77]], np.uint8), PALETTE)


def test_a_window_names_only_the_zones_and_stencils_it_shows() -> None:
    zones = np.full((576, 576), 2, np.uint8)
    zones[:, 500:] = 3
    reader = ArrayMap(zones, (line((300, 300), (350, 350)), line((0, 540), (90, 570), kind="road")))
    assert compiled(reader).prompt == "A map of dense forest, with a river."


def test_a_window_without_stencils_has_no_word_of_them() -> None:
    text = compiled(plain_map(), prompt_template=TEMPLATE, map_prompt="winter").prompt
    assert text == "Ground: green grassland. winter."
