"""Records of finished tiles survive their files and tell where they stand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.plan.settings import RunSettings
from generation.run.records import MemoryTileStore, TileRecord
from tests.generation.run.cases import FAST, toy_world
from tests.support.disk import one_line
from tests.support.records import finished_record
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Neighbour, TileCoord

WORLD = toy_world()
RECORD = finished_record(WORLD, TileCoord(1, 2), FAST)
SMALL = st.integers(0, 1000)
TILES = st.builds(TileCoord, SMALL, SMALL)
RECTS = st.builds(Rect, st.integers(-1000, 1000), st.integers(-1000, 1000), SMALL, SMALL)
SETTINGS = st.builds(
    RunSettings,
    steps=st.integers(1, 255),
    strength=st.floats(0.1, 1.0),
    layout=st.sampled_from(["anchored", "overlap"]),
    gate=st.sampled_from(["index", "sigma"]),
    noise=st.sampled_from(["map", "tile"]),
    mu_feature=st.none() | st.floats(0, 1),
    carve_out=st.booleans(),
    band_source=st.sampled_from(["neighbour", "stencil"]),
    compositor=st.sampled_from(["linear", "decformer", "exact"]),
    plain=st.booleans(),
    reference=st.booleans(),
)


@given(
    TILES,
    RECTS,
    SETTINGS,
    st.lists(st.builds(Neighbour, TILES, RECTS), max_size=8),
    st.booleans(),
    st.text(max_size=40),
)
def test_a_record_survives_json(
    tile: TileCoord,
    window: Rect,
    settings: RunSettings,
    near: list[Neighbour],
    flag: bool,
    prompt: str,
) -> None:
    record = replace(
        RECORD,
        tile=tile,
        window=window,
        settings=settings,
        predecessors=tuple(near),
        deliberate=flag,
        closing=not flag,
        prompt=prompt,
    )
    assert TileRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize("name", sorted(RECORD.to_json()))
def test_a_record_without_a_field_is_refused_in_one_line(name: str) -> None:
    values = RECORD.to_json()
    del values[name]
    with pytest.raises(InputError) as caught:
        TileRecord.from_json(values)
    one_line(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tile", [1]),
        ("tile", "no"),
        ("window", [0, 0, -5, 5]),
        ("sequence", "last"),
        ("predecessors", [{"tile": [0, 0]}]),
        ("predecessors", 5),
        ("settings", {}),
        ("settings", None),
    ],
)
def test_a_record_with_a_bad_field_is_refused_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        TileRecord.from_json({**RECORD.to_json(), name: value})
    one_line(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", "12"),
        ("steps", True),
        ("layout", "both"),
        ("plain", 1),
        ("mu_feature", "high"),
        ("strength", None),
        ("unknown", 1),
    ],
)
def test_settings_of_another_type_are_refused_in_one_line(name: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        RunSettings.from_json({**FAST.to_json(), name: value})
    one_line(caught.value)


def test_settings_that_are_no_object_are_refused() -> None:
    with pytest.raises(InputError):
        RunSettings.from_json([1, 2])  # type: ignore[arg-type]


def test_a_record_stands_on_the_grid_it_was_painted_on() -> None:
    grid = WORLD.grid(FAST)
    assert RECORD.stands_on(grid)
    assert not replace(RECORD, window=RECORD.window.shifted(16, 0)).stands_on(grid)
    assert not replace(RECORD, tile=TileCoord(3, 0)).stands_on(grid)


def test_a_memory_store_gives_back_the_newest_of_a_tile() -> None:
    store = MemoryTileStore()
    first, second = np.zeros((2, 2, 3), np.uint8), np.ones((2, 2, 3), np.uint8)
    store.put(RECORD, first, None)
    newer = replace(RECORD, sequence=9)
    store.put(newer, second, np.full((2, 2), 255, np.uint8))
    assert store.records() == {RECORD.tile: newer}
    assert store.raw(RECORD.tile) is second
    assert store.mask(RECORD.tile) is not None
