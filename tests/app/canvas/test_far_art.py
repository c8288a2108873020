"""Finished tiles of a large map seen from afar: coarse pieces are put together from cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.canvas.pieces import Key
from app.canvas.stitching import ArtOverview
from app.canvas.view import MapView
from app.core.run_setup import open_for_reading
from app.workspace.workspace import Workspace
from painter.document import Document
from painter.project import Project
from tests.app.canvas.conftest import opened, patchy, piece_rgb, settle, shown
from tests.app.overlays.conftest import raw_of, record_of
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import default_palette

SIZE = (6000, 4100)
TILES = [TileCoord(row, col) for row in (2, 3, 4) for col in (5, 6, 7)]


@pytest.fixture
def far(tmp_path: Path, new_workspace: Callable[[], Any]) -> Workspace:
    """A large map with nine finished tiles around its upper left."""
    made = Project.create(tmp_path / "far", SIZE, default_palette(), model="klein-mini")
    made.set_zones(Rect(0, 0, 2048, 2048), patchy(2048, 2048))
    made.save()
    run = open_for_reading(made.folder, next_run=True)
    document = Document.open(made.folder)
    painting = document.begin_run("Paint")
    for sequence, tile in enumerate(TILES):
        painting.put_tile(tile, raw_of(run, tile, 30), record_of(run, tile, sequence).to_json())
    document.save()
    document.close()
    workspace = opened(new_workspace(), made.folder)
    wait_until(lambda: workspace.stitch() is not None, what="the stitched map")
    return workspace


@pytest.fixture
def view(qtbot: Any, far: Workspace) -> MapView:
    made = shown(qtbot, far, (500, 350))
    made.mode = "art"
    return made


def from_afar(workspace: Workspace, level: int) -> tuple[np.ndarray, np.ndarray]:
    """The upper left 2048 px of the stitched map and where they are covered, averaged."""
    stitch = workspace.stitch()
    assert stitch is not None
    region = stitch.region(Rect(0, 0, 2048, 2048))
    side = 1 << level
    shape = (2048 // side, side, 2048 // side, side)
    rgb = region.rgb.reshape(*shape, 3).astype(float).mean(axis=(1, 3))
    return rgb, region.covered.reshape(shape).astype(float).mean(axis=(1, 3))


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_every_level_is_the_average_of_the_stitched_map(
    view: MapView, far: Workspace, level: int
) -> None:
    view.resize(*((160, 120) if level > 3 else (500, 350)))
    view.set_scale(1 / (1 << level))
    view.centre_on(900, 700)
    settle(view)
    assert view._level() == level
    rgb, covered = from_afar(far, level)
    part = (slice(0, min(256, len(rgb))),) * 2
    key = Key("art", level, 0, 0)
    piece = view.picture.cache.peek(key)
    assert piece is not None
    assert np.abs(piece_rgb(view, key)[part] - rgb[part]).max() <= 3
    assert np.abs(piece.pixels[..., 3][part] - 255 * covered[part]).max() <= 3
    assert 0 < covered.mean() < 1


def test_a_run_taken_back_leaves_no_art_at_any_level(view: MapView, far: Workspace) -> None:
    view.resize(160, 120)
    for scale in (1 / 16, 1 / 32):
        view.set_scale(scale)
        view.centre_on(900, 700)
        settle(view)
    far.undo_run()
    wait_until(lambda: far.stitch() is None, what="the bare map")
    for level in (4, 5):
        view.set_scale(1 / (1 << level))
        view.centre_on(900, 700)
        settle(view)
        piece = view.picture.cache.peek(Key("art", level, 0, 0))
        assert piece is not None
        assert not piece.pixels.any()


def test_zooming_in_shows_the_far_picture_until_cells_are_stitched(view: MapView) -> None:
    view.resize(160, 120)
    view.set_scale(1 / 32)
    settle(view)
    view.set_scale(1 / 8)
    view.centre_on(900, 700)
    view.grab()
    piece = view.picture.cache.peek(Key("art", 3, 0, 0))
    assert piece is not None
    assert piece.pixels[..., 3].any()


def test_the_art_overview_holds_only_what_there_is(view: MapView) -> None:
    view.resize(160, 120)
    view.set_scale(1 / 32)
    settle(view)
    overview: ArtOverview = view.picture.art._overview
    assert 0 < overview.nbytes <= 4 * 128 * 128 * 4
