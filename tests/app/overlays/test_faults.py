"""A path that did not come out as drawn: listed, marked on the map, told, and painted closer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.canvas.overlays.seam_heat import SeamHeat
from app.core.closer import closer
from app.core.good_seams import is_good, with_mark
from app.core.levels import Schedule
from app.core.mending import tiles_of_row
from app.core.run_order import RunOrder
from app.core.run_setup import open_for_reading
from app.core.seam_rows import SeamRow, badness_of, faults_of, rows_of
from app.panels.problems import ProblemsPanel
from app.panels.seam_model import explained, visible_text, where_text
from app.panels.seams import SeamsPanel
from app.workspace.seam_watch import MOST_FAULTS, _merged
from app.workspace.workspace import Workspace
from generation.plan.compliance import Crossing
from generation.plan.judging import Evidence, StrokeFault, Verdict
from painter.document import Document
from tests.app.overlays.conftest import drawn, painted, raw_of, record_of, view_of
from tests.support.qt import small_project, wait_until
from zones.geometry import Rect
from zones.grid import TileCoord

LOST = TileCoord(1, 1)
"""The tile in which the path is not there."""


@pytest.fixture(scope="session")
def _broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_project(tmp_path_factory.mktemp("broken") / "map.tilewright")
    run = open_for_reading(folder, next_run=True)
    bare = replace(run, world=replace(run.world, reader=WithoutStrokes(run.world.reader)))
    document = Document.open(folder)
    painting = document.begin_run("Paint")
    for sequence, tile in enumerate(run.grid.tiles()):
        raw = raw_of(bare if tile == LOST else run, tile)
        painting.put_tile(tile, raw, record_of(run, tile, sequence).to_json())
    document.save()
    document.close()
    return folder


class WithoutStrokes:
    """A map with the same ground and nothing drawn on it."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def strokes_in(self, _rect: object) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


@pytest.fixture
def broken(tmp_path: Path, _broken: Path, new_workspace: Callable[[], Any]) -> Workspace:
    """A workspace with a finished map whose path is lost in one tile, measured."""
    folder = Path(shutil.copytree(_broken, tmp_path / "broken.tilewright"))
    made: Workspace = new_workspace()
    made.open(folder)
    wait_until(lambda: made.stitch() is not None, what="the stitched map")
    made.measure_seams()
    wait_until(lambda: made.seams is not None, what="the seams")
    return made


@pytest.fixture
def panel(broken: Workspace, qtbot: Any) -> Iterator[SeamsPanel]:
    made = SeamsPanel(broken)
    qtbot.addWidget(made)
    return made


def fault_row(panel: SeamsPanel) -> tuple[int, SeamRow]:
    return next((n, row) for n, row in enumerate(panel.model.rows) if row.is_fault)


def test_a_lost_path_is_listed_first_with_its_place_and_tile(panel: SeamsPanel) -> None:
    number, row = fault_row(panel)
    assert number == 0
    assert row.worse == LOST
    assert (row.place.routing.kind, row.place.fault.kind) == ("path", "missing")
    x, y = row.place.fault.at
    assert abs(x - 259) < 8
    assert 200 < y < 384
    assert where_text(row) == f"Path near {round(x)}, {round(y)}"
    assert visible_text(row).startswith("missing for 1")
    assert "1,1" in explained(row)
    assert row.rect.contains(Rect(round(x) - 50, round(y) - 50, 100, 100))


def test_the_strokes_of_a_whole_map_have_no_faults(panel: SeamsPanel) -> None:
    kinds = [row.place.routing.kind for row in panel.model.rows if row.is_fault]
    assert kinds == ["path"]
    assert panel.summary.text().endswith("Strokes not as drawn: 1")


def test_a_lost_crossing_is_told_by_its_fault_alone(broken: Workspace) -> None:
    report = broken.seams
    crossing = report.crossings[0]
    at, tiles = faults_of(report)[0].fault.at, (TileCoord(0, 1), LOST)
    lost = replace(crossing, kind="path", tiles=tiles, at=at, is_continuous=False)
    rows = rows_of(replace(report, crossings=(crossing, lost)))
    assert [row.place for row in rows if row.is_crossing] == [crossing]


def test_between_other_zones_another_step_stands_out(broken: Workspace) -> None:
    seam = replace(broken.seams.seams[0], step=1.8, limit=1.4)
    among_trees, at_the_shore = seam, replace(seam, limit=2.6)
    assert badness_of(among_trees) == pytest.approx(2.0)
    assert badness_of(at_the_shore) == pytest.approx(0.5)
    assert badness_of(replace(seam, step=None)) is None
    report = replace(broken.seams, seams=(at_the_shore, among_trees), crossings=(), routing=())
    assert [row.flagged for row in rows_of(report)] == [True, False]
    assert "up to 1.40 is usual" in explained(rows_of(report)[0])


def test_another_judge_orders_the_list(broken: Workspace) -> None:
    class Strict:
        def judge(self, evidence: Evidence) -> Verdict:
            crossing = isinstance(evidence.measured, Crossing)
            return Verdict(5.0 if crossing else 0.0, "crossings matter")

    rows = rows_of(broken.seams, Strict())
    assert rows[0].is_crossing
    assert rows[0].flagged


# --- the overlay ---


def test_a_fault_is_marked_where_it_is(broken: Workspace, qtbot: Any) -> None:
    view = view_of(qtbot, broken)
    overlay = SeamHeat(broken, visible=True)
    x, y = (round(value) for value in faults_of(broken.seams)[0].fault.at)
    marked = drawn(painted(overlay, view))
    assert marked[y - 60 : y + 60, x - 60 : x + 60].mean() > 0.9
    mark_good(broken, faults_of(broken.seams)[0])
    wait_until(lambda: drawn(painted(overlay, view))[y, x] == 0, what="the mark to go")


def mark_good(workspace: Workspace, place: StrokeFault) -> None:
    settings = with_mark(workspace.document.project, place, good=True)
    workspace.document.configure("Mark", settings=settings)


# --- marks ---


def test_a_fault_that_was_found_good_is_no_problem_any_more(
    broken: Workspace, panel: SeamsPanel
) -> None:
    assert [problem.tile for problem in broken.problems] == [LOST]
    number, row = fault_row(panel)
    panel.table.selectRow(number)
    panel.good.click()
    wait_until(lambda: broken.problems == [], what="the problem to go")
    assert is_good(broken.document.project, row.place)
    broken.save()
    wait_until(lambda: not broken.has_changes, what="the save")
    again = Document.open(broken.document.project.folder)
    assert is_good(again.project, row.place)
    again.close()


def test_a_mark_on_a_fault_is_void_once_its_tile_is_painted_again(
    broken: Workspace, panel: SeamsPanel
) -> None:
    place = fault_row(panel)[1].place
    mark_good(broken, place)
    run = open_for_reading(broken.document.project.folder, next_run=True)
    painting = broken.document.begin_run("Again")
    facts = record_of(run, LOST, 20, seed=5).to_json()
    painting.put_tile(LOST, raw_of(run, LOST), facts)
    assert not is_good(broken.document.project, place)
    wait_until(lambda: faults_of(broken.seams) == [], what="another measure")
    assert broken.problems == []
    assert not any(row.is_fault for row in panel.model.rows)


# --- problems ---


def test_a_fault_is_a_problem_with_the_way_there_and_the_way_out(
    broken: Workspace, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TileCoord] = []
    monkeypatch.setattr(broken.repairs, "mend_tile", asked.append)
    problems = ProblemsPanel(broken)
    qtbot.addWidget(problems)
    (row,) = problems.rows
    assert row.problem.text.startswith("The path is missing near 2")
    with qtbot.waitSignal(broken.go_to):
        row.buttons["go"].click()
    assert broken.selected_tile == LOST
    row.buttons["repair"].click()
    assert asked == [LOST]


def test_of_many_faults_the_longest_are_told_and_the_others_counted(broken: Workspace) -> None:
    (place,) = faults_of(broken.seams)
    many = [
        replace(place.fault, tile=TileCoord(0, col), length_px=10.0 + col)
        for col in range(MOST_FAULTS + 3)
    ]
    watch = broken._seams
    watch.report = replace(broken.seams, routing=(replace(place.routing, faults=tuple(many)),))
    found = watch._fault_problems()
    tiles = [problem.tile for problem in found[:-1]]
    assert tiles == [TileCoord(0, col) for col in range(MOST_FAULTS + 2, 2, -1)]
    assert "in 3 more places" in found[-1].text


def many_faults(workspace: Workspace, count: int) -> None:
    """Measure faults in so many tiles, the longest in the last one."""
    (place,) = faults_of(workspace.seams)
    many = [
        replace(place.fault, tile=TileCoord(0, col), length_px=10.0 + col) for col in range(count)
    ]
    watch = workspace._seams
    watch.report = replace(workspace.seams, routing=(replace(place.routing, faults=tuple(many)),))
    watch._tell(watch._fault_problems())


def test_a_mark_leaves_the_count_of_the_others_and_what_was_dismissed(broken: Workspace) -> None:
    many_faults(broken, MOST_FAULTS + 2)
    first, second = broken.problems[:2]
    broken.clear_problem(second.key)
    mark_good(broken, faults_of(broken.seams)[0])
    wait_until(lambda: first not in broken.problems, what="the mark")
    keys = [problem.key for problem in broken.problems]
    assert len(keys) == MOST_FAULTS
    assert keys.count("fault:more") == 1
    assert second.key not in keys
    assert "in 1 more places" in broken._problems.get("fault:more").text


def test_measuring_some_tiles_again_and_again_piles_nothing_up(broken: Workspace) -> None:
    report = broken.seams
    near = frozenset({TileCoord(0, 0)})
    once = _merged(report, report, near)
    again = _merged(once, report, near)
    assert once.faults == again.faults == report.faults
    assert len(again.routing) == 1


# --- mending ---


def orders_of(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[RunOrder]:
    orders: list[RunOrder] = []
    monkeypatch.setattr(workspace.repairs, "_order", orders.append)
    return orders


def test_repair_is_for_what_stands_out_and_was_not_found_good(
    broken: Workspace, panel: SeamsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = orders_of(broken, monkeypatch)
    for number, row in enumerate(panel.model.rows):
        panel.table.selectRow(number)
        assert panel.repair.isEnabled() == row.flagged
    number, row = fault_row(panel)
    panel.table.selectRow(number)
    panel.repair.click()
    panel.good.click()
    assert not panel.repair.isEnabled()
    assert [order.tiles for order in orders] == [(LOST,)]
    assert orders[0].repair > 1


def test_repair_all_leaves_out_what_was_found_good(
    broken: Workspace, panel: SeamsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = orders_of(broken, monkeypatch)
    said: list[str] = []
    broken.repairs.said.connect(said.append)
    panel.repair_all.click()
    assert [order.tiles for order in orders] == [(LOST,)]
    mark_good(broken, faults_of(broken.seams)[0])
    wait_until(lambda: not panel.repair_all.isEnabled(), what="the mark")
    broken.repairs.mend_all()
    assert len(orders) == 1
    assert said == ["Nothing has to be repaired."]


def test_a_seam_is_mended_by_its_worse_tile_then_by_the_other(broken: Workspace) -> None:
    seam = broken.seams.seams[0]
    row = SeamRow(seam, 2.0, seam.tiles[0])
    assert tiles_of_row(row) == seam.tiles


# --- painting closer ---


def test_the_button_of_a_fault_paints_its_tile_closer(
    broken: Workspace, panel: SeamsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TileCoord] = []
    monkeypatch.setattr(broken.repairs, "paint_closer", asked.append)
    panel.table.selectRow(fault_row(panel)[0])
    assert panel.reroll.text() == "Paint 1,1 closer"
    panel.reroll.click()
    assert asked == [LOST]


def test_closer_leaves_half_of_the_free_steps_and_never_none(broken: Workspace) -> None:
    settings, world = broken.settings, broken.world
    schedule = Schedule.of(world.profile, settings.steps, settings.gate)
    free, before = [], None
    for _ in range(6):
        before = closer(settings, before, world, LOST)
        free.append(schedule.level_of(before.mu_feature).free)
    assert replace(before, mu_feature=None) == replace(settings, mu_feature=None)
    assert all(later <= max(1, now // 2) for now, later in pairwise(free))
    assert free[-1] == 1


@pytest.mark.parametrize("mu", [0.0, 0.05])
def test_closer_never_frees_strokes_that_are_held_longer(broken: Workspace, mu: float) -> None:
    settings = replace(broken.settings, mu_feature=mu)
    assert closer(settings, None, broken.world, LOST).mu_feature == mu


def test_painting_closer_is_a_run_of_that_tile_with_less_freedom(
    broken: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[RunOrder] = []
    monkeypatch.setattr(broken.repairs, "_order", orders.append)
    broken.repairs.paint_closer(LOST)
    (order,) = orders
    assert (order.tiles, order.deliberate) == ((LOST,), True)
    assert order.settings.mu_feature is not None
    assert LOST in order.seeds
