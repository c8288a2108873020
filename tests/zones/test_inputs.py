"""The fingerprint of a window changes exactly with what the window itself is made from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.zones.cases import GRID, MIDDLE, PALETTE, SETTINGS, STRIDE, compiled, line, neighbours
from zones.compiler import window_inputs_hash
from zones.flow import Flow
from zones.grid import Grid, TileCoord
from zones.palette import palette_from_json, palette_to_json
from zones.reader import ArrayMap

RIVER = line((0, 288), (288, 280), (576, 290))
FAR_ROAD = line((0, 10), (576, 12), kind="road")
WINDOW = GRID.window(MIDDLE)


def layers(**changes: Any) -> ArrayMap:
    """A map with a river through the middle window and protected pixels in it."""
    shape = (3 * STRIDE, 3 * STRIDE)
    protect = np.zeros(shape, np.bool_)
    protect[300:310, 300:310] = True
    art = np.full((*shape, 3), 200, np.uint8)
    parts = {"zones": np.ones(shape, np.uint8), "strokes": (RIVER, FAR_ROAD), "protect": protect}
    return ArrayMap(**(parts | {"art": art} | changes))


def fingerprint(reader: ArrayMap | None = None, extra: Any = None, **changes: Any) -> str:
    settings = replace(SETTINGS, **changes)
    return window_inputs_hash(reader or layers(), GRID, PALETTE, MIDDLE, settings, extra)


BASE = fingerprint()


def changed(array: np.ndarray, y: int, x: int, value: object) -> np.ndarray:
    copy = array.copy()
    copy[y, x] = value
    return copy


def test_the_fingerprint_is_the_compiled_window_s_own() -> None:
    assert compiled(layers()).inputs_hash == BASE


def test_neighbours_do_not_matter() -> None:
    assert compiled(layers(), neighbours((0, -1), (0, 1))).inputs_hash == BASE
    assert compiled(layers(), neighbours((-1, -1)), closing=True).inputs_hash == BASE


def test_one_pixel_of_zone_in_the_window_matters_and_outside_does_not() -> None:
    zones = layers().zones
    edge = WINDOW.right - 1
    assert fingerprint(layers(zones=changed(zones, 300, edge, 2))) != BASE
    assert fingerprint(layers(zones=changed(zones, 300, edge + 1, 2))) == BASE


def test_painting_the_base_zone_over_unpainted_pixels_does_not_matter() -> None:
    assert fingerprint(layers(zones=np.zeros_like(layers().zones))) == BASE


@pytest.mark.parametrize(
    "stroke",
    [
        line((0, 288), (288, 281), (576, 290)),
        line((0, 288), (288, 280), (576, 290), width=13),
        line((0, 288), (288, 280), (576, 290), mu=0.4),
        line((0, 288), (288, 280), (576, 290), kind="path"),
        line((0, 288), (288, 280), (576, 290), flow=Flow(strength=0.5)),
    ],
)
def test_a_changed_stroke_in_the_window_matters(stroke: object) -> None:
    assert fingerprint(layers(strokes=(stroke, FAR_ROAD))) != BASE


def test_strokes_elsewhere_do_not_matter() -> None:
    assert fingerprint(layers(strokes=(RIVER,))) == BASE
    assert fingerprint(layers(strokes=(RIVER, FAR_ROAD, line((9, 560), (500, 570))))) == BASE


def test_a_stroke_s_course_far_outside_the_window_does_not_matter() -> None:
    points = [(x, 288.0, 12.0) for x in range(-400, 577, 8)]
    bent = [(-500.0, 99.0, 12.0), *points]
    one, other = (replace(RIVER, points=found) for found in (points, bent))
    assert fingerprint(layers(strokes=(one,))) == fingerprint(layers(strokes=(other,)))


def test_the_paint_order_matters() -> None:
    road = line((288, 200), (288, 400), kind="road")
    one, other = ((RIVER, road), (road, RIVER))
    assert fingerprint(layers(strokes=one)) != fingerprint(layers(strokes=other))


def test_mu_that_equals_the_default_does_not_matter() -> None:
    assert fingerprint(layers(strokes=(replace(RIVER, mu=0.35),))) == BASE
    assert fingerprint(mu_feature=0.35) == BASE


def test_protection_and_its_art_matter_and_art_elsewhere_does_not() -> None:
    base = layers()
    assert base.protect is not None
    assert base.art is not None
    assert fingerprint(layers(protect=changed(base.protect, 305, 311, value=True))) != BASE
    assert fingerprint(layers(art=changed(base.art, 305, 305, 7))) != BASE
    assert fingerprint(layers(art=changed(base.art, 305, 320, 7))) == BASE


@pytest.mark.parametrize(
    "change",
    [
        {"layout": "overlap"},
        {"steps": 8},
        {"gate": "sigma"},
        {"anchor_px": 32},
        {"soft_px": 32},
        {"closing_anchor_px": None},
        {"mu_soft": 0.2},
        {"soft_shape": "rising"},
        {"mu_feature": 0.5},
        {"stencil_opacity": 0.5},
        {"carve_out": True},
        {"band_source": "stencil"},
        {"map_prompt": "winter"},
        {"prompt_template": "{zones}"},
    ],
)
def test_settings_that_matter_matter(change: dict[str, Any]) -> None:
    assert fingerprint(**change) != BASE


@pytest.mark.parametrize(
    "change",
    [
        {"mu_feature": 0.5},
        {"stencil_opacity": 0.5},
        {"carve_out": True},
        {"band_source": "stencil"},
    ],
)
def test_stencil_settings_do_not_matter_without_stencils(change: dict[str, Any]) -> None:
    bare = layers(strokes=())
    assert fingerprint(bare, **change) == fingerprint(bare)


def test_extra_facts_matter_in_no_order() -> None:
    one = fingerprint(extra={"seed": "1", "model": "a"})
    assert one == fingerprint(extra={"model": "a", "seed": "1"})
    assert len({BASE, one, fingerprint(extra={"seed": "2", "model": "a"})}) == 3


def repainted(**change: Any) -> str:
    """The fingerprint under a palette whose zones or stencils were edited."""
    document = json.loads(palette_to_json(PALETTE))
    for kind, entries in change.items():
        for number, values in entries.items():
            document[kind][number] |= values
    palette = palette_from_json(json.dumps(document))
    return window_inputs_hash(layers(), GRID, palette, MIDDLE, SETTINGS)


def test_the_palette_matters_only_for_what_the_window_shows() -> None:
    assert repainted(zones={0: {"rgb": [1, 2, 3]}}) != BASE
    assert repainted(zones={0: {"prompt": "moor"}}) != BASE
    assert repainted(zones={0: {"name": "meadow"}}) == BASE
    assert repainted(zones={1: {"rgb": [1, 2, 3], "prompt": "jungle"}}) == BASE
    assert repainted(stencils={0: {"rgb": [1, 2, 3]}}) != BASE
    assert repainted(stencils={0: {"mu": 0.5}}) != BASE
    assert repainted(stencils={2: {"mu": 0.5, "rgb": [1, 2, 3]}}) == BASE


def test_the_place_and_the_rim_matter() -> None:
    reader = ArrayMap(np.ones((3 * STRIDE, 3 * STRIDE), np.uint8))
    tiles = (MIDDLE, TileCoord(0, 0), TileCoord(1, 2))
    found = {window_inputs_hash(reader, GRID, PALETTE, tile, SETTINGS) for tile in tiles}
    wrapped = Grid(3 * STRIDE, 3 * STRIDE, 256, STRIDE, wrap_x=True)
    found.add(window_inputs_hash(reader, wrapped, PALETTE, TileCoord(0, 0), SETTINGS))
    assert len(found) == 4
