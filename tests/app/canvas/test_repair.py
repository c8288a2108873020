"""Pieces follow the document: at once where it is drawn on, later elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.canvas.pieces import Key
from app.workspace.workspace import Workspace
from painter.brush import Brush, PenPoint
from painter.editing import ZoneInk
from painter.project import Project
from tests.app.canvas.conftest import (
    WIDE_PX,
    area_of,
    direct,
    opened,
    patchy,
    piece_rgb,
    pieces,
    settle,
    shot,
    shown,
    winding,
)
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.palette import default_palette


@pytest.fixture
def view(qtbot: Any, wide: Workspace) -> Any:
    made = shown(qtbot, wide)
    look_at_the_middle(made)
    settle(made)
    return made


def all_right(view: Any) -> bool:
    keys, whole = pieces(view, 0, "sketch"), Rect(0, 0, *WIDE_PX)
    assert len(keys) >= 12
    rgb = direct(view.workspace)
    parts = ((piece_rgb(view, key), rgb[area_of(view, key).slices_in(whole)]) for key in keys)
    return all((piece == part).all() for piece, part in parts)


def reopen(view: Any) -> None:
    """Look at the same place of the same map, with nothing drawn yet."""
    view.workspace.map_opened.emit()
    look_at_the_middle(view)


def look_at_the_middle(view: Any) -> None:
    view.set_scale(1.0)
    view.centre_on(1150, 850)


def dab(workspace: Workspace, x: float, y: float, zone: int = 7) -> Any:
    assert workspace.document is not None
    stroke = workspace.document.brush_stroke("Paint", ZoneInk(zone), Brush(120))
    workspace.touch(stroke.extend(PenPoint(x, y)))
    return stroke


def test_pieces_equal_a_direct_painting_px_by_px(view: Any) -> None:
    assert all_right(view)


def test_the_widget_shows_the_painting_px_by_px(view: Any) -> None:
    x, y = view.origin
    part = Rect(int(x), int(y), view.width(), view.height()).slices_in(Rect(0, 0, *WIDE_PX))
    assert (shot(view) == direct(view.workspace)[part]).all()


def test_an_open_stroke_shows_in_the_next_frame(view: Any, wide: Workspace) -> None:
    stroke = dab(wide, 1150, 850)
    at = view.to_screen(1150, 850).toPoint()
    colour = view.grab().toImage().pixelColor(at)
    assert colour.getRgb()[:3] == default_palette().zone(7).rgb
    stroke.commit()
    settle(view)
    assert all_right(view)


def test_an_aborted_stroke_is_gone(view: Any, wide: Workspace) -> None:
    before = shot(view)
    stroke = dab(wide, 1150, 850)
    assert (shot(view) != before).any()
    stroke.abort()
    wide.touch([Rect(1050, 750, 200, 200)])
    settle(view)
    assert (shot(view) == before).all()


def test_coarser_pieces_follow_once_they_show(view: Any, wide: Workspace) -> None:
    view.fit()
    settle(view)
    view.set_scale(1.0)
    stroke = dab(wide, 1150, 850)
    stroke.commit()
    view.fit()
    settle(view)
    at = view.to_screen(1150, 850).toPoint()
    assert view.grab().toImage().pixelColor(at).getRgb()[:3] == default_palette().zone(7).rgb


def test_undo_shows(view: Any, wide: Workspace) -> None:
    before = shot(view)
    dab(wide, 1150, 850).commit()
    wide.undo()
    wait_until(lambda: view.settled and (shot(view) == before).all(), what="the old picture")


def test_a_new_stroke_shows(view: Any, wide: Workspace) -> None:
    assert wide.document is not None
    with wide.document.edit("River") as edit:
        edit.strokes = (*edit.strokes, winding("river", (1100.0, 800.0), 9))
    wait_until(lambda: view.settled and all_right(view), what="the river")


def test_pictures_stay_until_the_new_palette_is_drawn(view: Any, wide: Workspace) -> None:
    held = len(view.picture.cache)
    wide.header_changed.emit()
    assert len(view.picture.cache) == held
    settle(view)
    assert all_right(view)


def test_a_saved_map_is_read_from_its_files(view: Any, wide: Workspace) -> None:
    assert wide.document is not None
    wide.document.save()
    reopen(view)
    settle(view)
    assert all_right(view)


def test_a_stroke_survives_a_piece_that_was_read_from_files(view: Any, wide: Workspace) -> None:
    assert wide.document is not None
    wide.document.save()
    stroke = dab(wide, 1150, 850)
    reopen(view)
    settle(view)
    assert all_right(view)
    stroke.abort()


def damage_a_block(wide: Workspace) -> None:
    """Save the map, spoil the files of one block of zones, and forget what was read of it."""
    assert wide.document is not None
    project = wide.document.project
    project.save()
    for file in (project.folder / "zones").glob("2_1-*"):
        file.write_bytes(b"no picture")
    project.content.zones.load.cache_clear()  # type: ignore[attr-defined]


def test_a_damaged_block_is_a_problem_and_no_endless_try(
    view: Any, wide: Workspace, qtbot: Any
) -> None:
    damage_a_block(wide)
    reopen(view)
    settle(view)
    (problem,) = wide.problems
    assert (problem.severity, problem.advice) == ("error", "rescue")
    assert "zones/2_1-" in problem.text
    qtbot.wait(50)
    assert view.settled


def test_a_damaged_block_of_a_map_that_was_closed_meanwhile_is_no_problem(
    view: Any, wide: Workspace
) -> None:
    damage_a_block(wide)
    go_on = threading.Event()
    wide.tasks.submit(lambda: go_on.wait(10))
    reopen(view)
    wait_until(lambda: bool(view.grab()) and bool(view.picture.painted._jobs), what="the reading")
    wide.close(discard=True)
    go_on.set()
    wait_until(lambda: wide.tasks.idle, what="the io thread")
    assert wide.problems == []


def test_one_frame_makes_only_a_few_pieces(view: Any, wide: Workspace) -> None:
    assert wide.document is not None
    with wide.document.edit("Turn over") as edit:
        edit.zones.paste(edit.map_rect, edit.zones.read(edit.map_rect)[::-1])
    wide.map_opened.emit()
    view._look()
    assert view.picture.repair(0.0)
    assert len(view.picture.cache) == 1


def test_a_map_of_far_levels_draws_its_overview(
    qtbot: Any, tmp_path: Path, new_workspace: Callable[[], Any]
) -> None:
    project = Project.create(tmp_path / "far", (20_000, 9000), default_palette())
    project.set_zones(Rect(8000, 4000, 1500, 1500), patchy(1500, 1500))
    project.set_zones(Rect(3000, 1000, 1024, 1024), np.full((1024, 1024), 4, np.uint8))
    project.save()
    workspace = opened(new_workspace(), project.folder)
    view = shown(qtbot, workspace, (300, 200))
    assert view._level() >= 6
    assert view.picture.cache.peek(Key("sketch", 6, 0, 0)) is not None
    at = view.to_screen(3512, 1512).toPoint()
    assert view.grab().toImage().pixelColor(at).getRgb()[:3] == default_palette().zone(4).rgb
    stroke = dab(workspace, 15_000, 6000)
    workspace.touch(stroke.extend(PenPoint(15_400, 6200)))
    settle(view)
    changed = view.picture.painted.overview
    assert changed is not None
    assert (changed.ids == 7).any()
    stroke.abort()


def test_the_cache_stays_in_its_budget_while_the_view_moves(view: Any) -> None:
    cache = view.picture.cache
    cache.budget_bytes = 16 * 256 * 256 * 4
    for step in range(30):
        view.pan(90 * (-1) ** (step // 6), 70)
        view.grab()
        assert cache.nbytes <= cache.budget_bytes
