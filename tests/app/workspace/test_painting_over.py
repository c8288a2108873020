"""Painting over tiles of a run: what waits is painted as the map looks at its turn."""

from __future__ import annotations

from app.workspace.workspace import Workspace
from generation.plan.testing import StepGate
from tests.app.workspace.conftest import kinds, paint_zone, quiet
from tests.support.qt import wait_until
from zones.geometry import Rect
from zones.grid import TileCoord

FIRST, LAST = TileCoord(0, 0), TileCoord(1, 2)
IN_LAST, OTHER_ZONE = Rect(470, 340, 40, 40), 7


def hold_at_the_first(desk: Workspace, gate: StepGate) -> None:
    """Let the first tile begin, and no tile end."""
    gate.let(3)
    wait_until(lambda: desk.state_of(FIRST).kind == "generating")


def test_tiles_painted_over_meanwhile_are_superseded(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all", start=FIRST, order="rows")
    hold_at_the_first(desk, gate)
    paint_zone(desk, Rect(0, 0, 40, 40))
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["empty"] + ["done"] * 5
    assert desk.document is not None
    (result,) = desk.document.results(FIRST)
    assert result.status == "superseded"
    assert desk.run_status.superseded >= 1


def test_a_tile_painted_over_while_it_waits_lands_as_the_map_looks_then(
    desk: Workspace, gate: StepGate
) -> None:
    gate.shut()
    desk.run("all", start=FIRST, order="rows")
    hold_at_the_first(desk, gate)
    assert desk.document is not None
    assert desk.world is not None
    assert desk.grid is not None
    asked = desk.world.painted_hash(desk.grid, LAST)
    paint_zone(desk, IN_LAST, OTHER_ZONE)
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["done"] * 6
    assert desk.run_status.superseded == 0
    record = desk._desk.states.entries[LAST].record
    assert record.painted_hash == desk.world.painted_hash(desk.grid, LAST) != asked
    assert len(desk.document.history.line("runs").steps) == 1
    desk.undo_run()
    wait_until(lambda: kinds(desk) == ["empty"] * 6)


def test_an_undo_while_tiles_wait_is_painted_too(desk: Workspace, gate: StepGate) -> None:
    paint_zone(desk, IN_LAST, OTHER_ZONE)
    gate.shut()
    desk.run("all", start=FIRST, order="rows")
    hold_at_the_first(desk, gate)
    desk.undo()
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["done"] * 6


def test_a_new_prompt_is_taken_by_the_tiles_that_wait(desk: Workspace, gate: StepGate) -> None:
    gate.shut()
    desk.run("all", start=FIRST, order="rows")
    hold_at_the_first(desk, gate)
    assert desk.document is not None
    desk.document.configure("Prompt", map_prompt="in deep snow")
    gate.open()
    quiet(desk)
    assert kinds(desk) == ["empty"] + ["done"] * 5
    records = [entry.record for entry in desk._desk.states.entries.values()]
    assert all("in deep snow" in record.prompt for record in records)


def test_a_queue_that_goes_on_paints_what_is_painted_meanwhile(
    stopped: Workspace, gate: StepGate
) -> None:
    gate.shut()
    stopped.resume_queue()
    hold_at_the_first(stopped, gate)
    paint_zone(stopped, IN_LAST, OTHER_ZONE)
    gate.open()
    quiet(stopped)
    assert kinds(stopped) == ["done"] * 6
    assert stopped.run_status.superseded == 0
