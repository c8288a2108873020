"""Whatever joins held and painted latents, what is kept is kept to the bit in the end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED
from generation.plan.ports import Engine
from generation.plan.settings import RunSettings
from generation.run.painting import compile_now
from generation.run.records import MemoryTileStore
from tests.generation.run.cases import raws, render, stitched, toy_world
from zones.grid import TileCoord

SETTINGS = RunSettings(steps=3)
FIRST, SECOND = TileCoord(0, 0), TileCoord(0, 1)
SIZE = (128, 64)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The bundled model, in small windows."""
    return load_engine(BUNDLED, "cpu")


@pytest.mark.parametrize("compositor", ["linear", "decformer", "exact"])
def test_protected_and_anchor_pixels_stay_bit_identical(engine: Engine, compositor: str) -> None:
    settings = replace(SETTINGS, compositor=compositor)
    widths = {"window_px": 128, "anchor_px": 48, "soft_px": 16, "overlap_layout_px": 64}
    rng = np.random.default_rng(5)
    protect = np.zeros(SIZE[::-1], np.bool_)
    protect[20:41, 50:93] = rng.random((21, 43)) < 0.8
    art = rng.integers(0, 256, (*protect.shape, 3), dtype=np.uint8)
    world = toy_world(
        *SIZE, protect=protect, art=art, profile=engine.profile.model_copy(update=widths)
    )
    store = MemoryTileStore()
    render(world, engine, store, [FIRST], settings)
    before, kept = stitched(world, store, settings), raws(store)
    anchor = compile_now(world, store, settings, SECOND).anchor_mask[32:96, :96]
    render(world, engine, store, [SECOND], settings)
    after = stitched(world, store, settings)
    assert anchor.sum() > 2000
    assert np.array_equal(after[:, 32:][anchor], before[:, 32:][anchor])
    assert np.array_equal(after[protect], art[protect])
    assert not np.array_equal(after[:, 32:][~anchor], before[:, 32:][~anchor])
    assert raws(store)[FIRST] == kept[FIRST]
