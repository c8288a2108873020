"""Pieces of the finished map."""

from __future__ import annotations

import numpy as np
import pytest

from app.canvas.pieces import Key
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.editing import ProtectInk
from tests.app.canvas.conftest import area_of, piece_rgb, pieces, settle, shot
from tests.support.qt import MAP_PX, wait_until
from zones.geometry import Rect


@pytest.fixture
def art(view: MapView) -> MapView:
    view.mode = "art"
    view.show()
    view.set_scale(1.0)
    settle(view)
    return view


def stitched(workspace: Workspace, rect: Rect) -> np.ndarray:
    stitch = workspace.stitch()
    assert stitch is not None
    return stitch.region(rect).rgb


def test_art_pieces_are_the_stitched_map_px_by_px(art: MapView, finished: Workspace) -> None:
    keys = pieces(art, 0, "art")
    assert len(keys) == 4
    for key in keys:
        assert (piece_rgb(art, key) == stitched(finished, area_of(art, key))).all()


def test_the_view_shows_the_stitched_map(art: MapView, finished: Workspace) -> None:
    x, y = (round(value) for value in art.to_screen(0, 0).toTuple())
    part = shot(art)[y : y + MAP_PX[1], x : x + MAP_PX[0]]
    assert (part == stitched(finished, Rect(0, 0, *MAP_PX))).all()


def test_coarse_art_is_the_fine_one_from_afar(art: MapView, finished: Workspace) -> None:
    art.set_scale(0.5)
    settle(art)
    fine = stitched(finished, Rect(0, 0, *MAP_PX)).astype(float)
    small = fine.reshape(MAP_PX[1] // 2, 2, MAP_PX[0] // 2, 2, 3).mean(axis=(1, 3))
    coarse = piece_rgb(art, Key("art", 1, 0, 0))
    assert np.abs(small - coarse).max() <= 1


def test_a_run_that_is_taken_back_leaves_no_art(art: MapView, finished: Workspace) -> None:
    finished.undo_run()
    wait_until(lambda: finished.stitch() is None and art.settled, what="the bare map")
    piece = art.picture.cache.peek(Key("art", 0, 0, 0))
    assert piece is not None
    assert piece.nbytes == 0
    assert piece.colour[3] == 0


def test_the_old_picture_stays_until_the_new_one_is_there(art: MapView) -> None:
    before = piece_rgb(art, Key("art", 0, 0, 0)).copy()
    art.picture.art.dirty(Rect(0, 0, *MAP_PX))
    piece = art.picture.cache.peek(Key("art", 0, 0, 0))
    assert piece is not None
    assert piece.stale
    assert (piece_rgb(art, Key("art", 0, 0, 0)) == before).all()
    art.update()
    settle(art)
    assert not piece.stale


def test_protected_art_shows_where_a_tile_was(art: MapView, finished: Workspace) -> None:
    assert finished.document is not None
    red = np.zeros((40, 50, 3), dtype=np.uint8)
    red[..., 0] = 255
    with finished.document.edit("Protect") as edit:
        edit.paint(ProtectInk(art=lambda _: red), Rect(100, 60, 50, 40))
    wait_until(lambda: finished.stitch() is not None and art.settled, what="the stitch")
    assert (piece_rgb(art, Key("art", 0, 0, 0))[70, 120] == (255, 0, 0)).all()
    assert (piece_rgb(art, Key("art", 0, 0, 0))[59, 120] != (255, 0, 0)).any()


def test_blend_lies_between_zones_and_art(art: MapView) -> None:
    finished = shot(art)
    art.mode = "zones"
    settle(art)
    painted = shot(art)
    art.mode, art.blend_opacity = "blend", 0.5
    settle(art)
    middle = (finished.astype(float) + painted) / 2
    assert np.abs(shot(art) - middle).max() <= 2
