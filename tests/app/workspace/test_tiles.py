from __future__ import annotations

import numpy as np
import pytest

from app.workspace.workspace import Workspace
from generation.run.records import TileRecord
from generation.run.world import World
from tests.app.workspace.conftest import kinds, paint_zone, quiet
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import Grid, TileCoord


def settle(workspace: Workspace) -> None:
    wait_until(lambda: workspace._desk.is_judged, what="the tiles")


def test_an_edit_makes_only_tiles_it_touches_stale(painted: Workspace) -> None:
    assert painted.document is not None
    changed: list[frozenset[TileCoord]] = []
    painted.tiles_changed.connect(changed.append)
    rects: list[Rect] = []
    painted.painted.connect(rects.append)
    with painted.document.edit("Paint") as edit:
        edit.zones.fill(Rect(10, 20, 30, 40), 3)
    settle(painted)
    assert kinds(painted) == ["stale"] + ["done"] * 5
    assert changed == [frozenset({TileCoord(0, 0)})]
    assert rects == [Rect(10, 20, 30, 40)]
    painted.undo()
    settle(painted)
    assert kinds(painted) == ["done"] * 6


def test_a_stroke_makes_the_tiles_under_it_stale(painted: Workspace) -> None:
    assert painted.document is not None
    told = []
    painted.strokes_changed.connect(lambda: told.append(True))
    with painted.document.edit("River") as edit:
        edit.strokes = edit.strokes[:1]
    settle(painted)
    assert told
    assert "stale" in kinds(painted)


def test_another_prompt_makes_every_tile_stale(painted: Workspace) -> None:
    assert painted.document is not None
    painted.document.configure("Prompt", map_prompt="a winter map")
    settle(painted)
    assert kinds(painted) == ["stale"] * 6
    painted.undo()
    settle(painted)
    assert kinds(painted) == ["done"] * 6


def fail_to_judge(failing: set[TileCoord], patch: pytest.MonkeyPatch) -> None:
    judge = World.is_fresh

    def judge_or_fail(world: World, grid: Grid, record: TileRecord) -> bool:
        if record.tile in failing:
            raise MemoryError("no room")
        return judge(world, grid, record)

    patch.setattr(World, "is_fresh", judge_or_fail)


def fail_to_stitch(patch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("no room")

    patch.setattr("app.core.shelf.stitched", fail)


def has_problem(workspace: Workspace) -> bool:
    return "tiles" in {one.key for one in workspace.problems}


@pytest.mark.parametrize("failing", [{TileCoord(0, 1)}, {TileCoord(0, 1), TileCoord(1, 2)}])
def test_a_failure_to_judge_a_tile_is_told_and_nothing_waits_for_it_for_ever(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch, failing: set[TileCoord]
) -> None:
    fail_to_judge(failing, monkeypatch)
    assert painted.document is not None
    assert painted.grid is not None
    painted.document.configure("Prompt", map_prompt="a winter map")
    settle(painted)
    expected = ["done" if tile in failing else "stale" for tile in painted.grid.tiles()]
    assert kinds(painted) == expected
    (problem,) = (one for one in painted.problems if one.key == "tiles")
    assert problem.text.startswith("an unexpected fault (MemoryError: no room)")


def test_a_tile_whose_judging_failed_is_judged_at_the_next_change_elsewhere(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {TileCoord(1, 2)}
    fail_to_judge(failing, monkeypatch)
    assert painted.document is not None
    painted.document.configure("Prompt", map_prompt="a winter map")
    settle(painted)
    assert kinds(painted) == ["stale"] * 5 + ["done"]
    failing.clear()
    paint_zone(painted, Rect(10, 20, 30, 40))
    settle(painted)
    assert kinds(painted) == ["stale"] * 6


def test_a_success_takes_the_problem_with_the_tiles_away(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {TileCoord(0, 0)}
    fail_to_judge(failing, monkeypatch)
    paint_zone(painted, Rect(10, 20, 30, 40))
    settle(painted)
    assert has_problem(painted)
    failing.clear()
    paint_zone(painted, Rect(10, 20, 30, 40), 2)
    settle(painted)
    assert not has_problem(painted)


def test_a_failure_to_stitch_the_tiles_is_told_and_the_desk_settles(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_stitch(monkeypatch)
    painted.reroll(TileCoord(0, 0))
    wait_until(lambda: has_problem(painted), what="the problem")
    settle(painted)


def test_tiles_are_read_although_they_cannot_be_stitched_on_this_map_and_the_next(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_stitch(monkeypatch)
    desk = painted._desk
    for _ in range(2):
        assert painted.document is not None
        desk.start(painted.document, desk.model, desk.grid)
        assert not desk.states.entries
        settle(painted)
        assert kinds(painted) == ["done"] * 6
    assert has_problem(painted)


def test_a_tile_read_without_being_stitched_is_told_again_with_the_stitched_map(
    painted: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = painted.stitch()
    with monkeypatch.context() as patch:
        fail_to_stitch(patch)
        painted.reroll(TileCoord(0, 1))
        quiet(painted)
        assert painted.stitch() is before
    changed: list[frozenset[TileCoord]] = []
    painted.tiles_changed.connect(changed.append)
    paint_zone(painted, Rect(10, 300, 30, 40))
    settle(painted)
    assert TileCoord(0, 1) in frozenset().union(*changed)
    assert painted.stitch() is not before
    assert not has_problem(painted)


def test_compiled_is_what_a_run_would_use(painted: Workspace) -> None:
    compiled = painted.compile_job(TileCoord(0, 1))()
    record = painted._desk.states.entries[TileCoord(0, 1)].record
    assert compiled.prompt == record.prompt
    assert compiled.anchor_mask.any()
    painted.undo_run()
    wait_until(lambda: painted.stitch() is None)
    assert not painted.compiled(TileCoord(0, 1)).anchor_mask.any()


def test_the_stitch_shows_finished_tiles(painted: Workspace) -> None:
    stitch = painted.stitch()
    assert stitch is not None
    region = stitch.region(Rect(0, 0, 512, 384))
    assert region.covered.all()
    painted.reroll(TileCoord(0, 0))
    quiet(painted)
    later = painted.stitch()
    assert later is not None
    assert later is not stitch
    assert np.any(later.region(Rect(0, 0, 100, 100)).rgb != region.rgb[:100, :100])


def test_a_kept_tile_is_protected_as_it_looks(painted: Workspace) -> None:
    assert painted.document is not None
    stitch = painted.stitch()
    assert stitch is not None
    core = Rect(192, 0, 192, 192)
    before = stitch.region(core).rgb
    painted.keep(TileCoord(0, 1))
    wait_until(lambda: painted.has_changes)
    snapshot = painted.document.snapshot()
    assert snapshot.read_protect(core).all()
    assert np.array_equal(snapshot.read_art(core), before)
    settle(painted)
    later = painted.stitch()
    assert later is not None
    assert np.array_equal(later.region(core).rgb, before)
    painted.undo()
    assert not painted.document.snapshot().read_protect(core).any()


def test_tiles_of_a_selection_touch_it(desk: Workspace) -> None:
    assert desk.tiles_of("selection") == ()
    desk.selection = Rect(100, 100, 100, 100)
    assert desk.tiles_of("selection") == (
        TileCoord(0, 0),
        TileCoord(0, 1),
        TileCoord(1, 0),
        TileCoord(1, 1),
    )
    desk.selected_tile = TileCoord(1, 2)
    assert desk.tiles_of("tile") == (TileCoord(1, 2),)
    assert len(desk.tiles_of("all")) == 6
