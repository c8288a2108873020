"""Progress and variants during real runs of the bundled model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.run_status import RunStatus
from app.panels.candidates import CandidatesPanel
from app.panels.progress import ProgressPanel, status_text
from app.panels.run import RunPanel
from tests.support.qt import wait_until
from zones.grid import TileCoord

TILE = TileCoord(0, 1)
RUN_S = 60.0


@pytest.fixture
def fast(workspace: Any) -> Any:
    """The small map, painted in two steps a tile."""
    workspace.settings = replace(workspace.settings, steps=2)
    return workspace


@pytest.fixture
def progress(qtbot: Any, fast: Any) -> ProgressPanel:
    made = ProgressPanel(fast)
    qtbot.addWidget(made)
    made.show()
    return made


def finish(workspace: Any) -> None:
    wait_until(lambda: not workspace.run_status.running, RUN_S, "the run's end")


def test_variants_are_painted_taken_and_kept(qtbot: Any, fast: Any) -> None:
    run, panel = RunPanel(fast), CandidatesPanel(fast)
    for widget in (run, panel):
        qtbot.addWidget(widget)
        widget.show()
    assert panel.title.text() == "No tile is selected"
    fast.selected_tile = TILE
    run.candidates.setValue(3)
    run.tile_seed.edit.setText("500")
    run.paint_now("tile")
    wait_until(lambda: not panel.more_button.isEnabled(), what="the run's beginning")
    finish(fast)
    wait_until(lambda: len(panel.variants) == 3, what="three variants")
    assert {one.facts["seed"] for one in panel.variants} == {500, 501, 502}
    assert [one.on_map for one in panel.variants].count(True) == 1
    assert panel.chosen is not None
    assert panel.chosen.on_map
    other = next(at for at, one in enumerate(panel.variants) if not one.on_map)
    panel.list.setCurrentRow(other)
    wanted = panel.variants[other].id
    panel.use_button.click()
    wait_until(lambda: any(one.id == wanted and one.on_map for one in panel.variants))
    assert not panel.use_button.isEnabled()
    panel.keep_button.click()
    wait_until(lambda: fast.document.read_protect(fast.grid.core(TILE)).all(), what="protection")


def test_tiles_are_listed_cancelled_and_counted(progress: ProgressPanel, fast: Any) -> None:
    fast.run("all")
    progress.strip.pause_button.click()
    wait_until(lambda: len(progress.tiles.rows) == 6, what="six tiles in the list")
    assert progress.strip.text.text().startswith("0 of 6")
    assert not progress.strip.bar.isHidden()
    last = progress.tiles.rows[-1].tile
    progress.list.setCurrentIndex(progress.tiles.index(5))
    progress.cancel_button.click()
    wait_until(lambda: last not in [row.tile for row in progress.tiles.rows])
    went: list[Any] = []
    fast.go_to.connect(went.append)
    progress.list.setCurrentIndex(progress.tiles.index(0))
    progress.go_button.click()
    assert went == [fast.grid.window(progress.tiles.rows[0].tile)]
    assert fast.selected_tile == progress.tiles.rows[0].tile
    assert progress.strip.text.text().endswith("paused")
    progress.strip.pause_button.click()
    wait_until(lambda: fast.run_status.done >= 1, RUN_S, "a first tile")
    progress.strip.stop_button.click()
    finish(fast)
    assert fast.stitch() is not None
    assert progress.strip.bar.isHidden()
    assert not progress.tiles.rows


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (RunStatus(), ""),
        (RunStatus(True, False, 3, 12, 0, 41.0), "3 of 12, about 40 s left"),
        (RunStatus(True, True, 3, 12, 1, 41.0), "3 of 12, 1 failed, paused"),
        (RunStatus(True, False, 0, 12), "0 of 12"),
        (RunStatus(False, False, 11, 12, 1), "1 failed"),
        (RunStatus(False, False, 12, 12), "12 painted"),
        (RunStatus(False, False, 12, 12, superseded=3), "9 painted, 3 out of date by now"),
        (RunStatus(False, False, 2, 2, superseded=2), "2 out of date by now"),
    ],
)
def test_a_status_in_a_few_words(status: RunStatus, text: str) -> None:
    assert status_text(status) == text
