"""Hatching over what is protected, near and far, in open edits too."""

from __future__ import annotations

import numpy as np
import pytest

from app.canvas.overlays.protect_masks import ProtectMasks
from app.canvas.overlays.protection import Protection
from app.canvas.view import MapView
from painter.editing import ProtectInk
from tests.app.overlays.conftest import drawn, look, painted
from tests.support.qt import wait_until
from zones.geometry import Rect

HELD = Rect(100, 60, 120, 90)


def protect(view: MapView, rect: Rect = HELD) -> None:
    with view.workspace.document.edit("Protect") as edit:
        edit.paint(ProtectInk(), rect)


def test_only_protected_pixels_are_hatched(view: MapView) -> None:
    protect(view)
    marks = drawn(painted(Protection(view.workspace), view))
    inside = marks[HELD.y + 1 : HELD.bottom - 1, HELD.x + 1 : HELD.right - 1]
    assert inside.mean() > 0.9
    marks[HELD.y - 1 : HELD.bottom + 1, HELD.x - 1 : HELD.right + 1] = False
    assert not marks.any()


def test_an_open_edit_shows_at_once(view: MapView) -> None:
    overlay = Protection(view.workspace)
    assert not drawn(painted(overlay, view)).any()
    edit = view.workspace.document.edit("Protect")
    edit.paint(ProtectInk(), HELD)
    view.workspace.touch([HELD])
    assert drawn(painted(overlay, view))[100, 150]
    edit.abort()
    view.workspace.touch([HELD])
    assert not drawn(painted(overlay, view)).any()


def test_lines_keep_their_distance_when_zoomed_in(view: MapView) -> None:
    protect(view, Rect(0, 0, 400, 300))
    rows = []
    for scale in (1.0, 4.0):
        look(view, scale)
        row = painted(Protection(view.workspace), view)[100, 100:190].astype(int).sum(axis=1)
        rows.append(int((row > row.mean() + 60).sum()))
    assert abs(rows[0] - rows[1]) <= 4


@pytest.mark.parametrize("level", [1, 3, 5])
def test_a_level_holds_the_share_of_protected_pixels(view: MapView, level: int) -> None:
    protect(view, Rect(64, 0, 64, 128))
    masks = ProtectMasks(view.workspace)
    whole = Rect(0, 0, 512, 384)
    wait_until(lambda: list(masks.pieces(level, whole)), what="the piece")
    (place, image), *_ = masks.pieces(level, whole)
    assert (place.x, place.y) == (0, 0)
    side = 1 << level
    x, y = 96 // side, 64 // side
    assert image.pixelColor(x, y).alpha() == 255
    assert image.pixelColor(200 // side, y).alpha() == 0


def test_a_far_level_shows_an_open_edit_too(view: MapView) -> None:
    protect(view, Rect(300, 300, 32, 32))
    masks = ProtectMasks(view.workspace)
    whole = Rect(0, 0, 512, 384)
    wait_until(lambda: list(masks.pieces(3, whole)), what="the piece")
    edit = view.workspace.document.edit("Protect")
    edit.paint(ProtectInk(), Rect(64, 64, 64, 64))
    masks.patch(Rect(64, 64, 64, 64))
    (_, image), *_ = masks.pieces(3, whole)
    edit.abort()
    assert image.pixelColor(10, 10).alpha() == 255
    assert image.pixelColor(39, 39).alpha() == 255


def test_undo_takes_the_hatching_away(view: MapView) -> None:
    protect(view)
    overlay = Protection(view.workspace)
    before = drawn(painted(overlay, view)).sum()
    view.workspace.undo()
    wait_until(lambda: not drawn(painted(overlay, view)).any())
    assert before > np.int64(1000)
