"""Straight cuts: edges that a step in the middle of the blend does not see."""

from __future__ import annotations

from generation.plan.judging import MeasuredJudge, evidence_of
from generation.plan.seams import SeamReport, measure_seams
from tests.generation.plan.seam_cases import (
    extended,
    map_of,
    measure_grid,
    measure_run,
    stitched,
    texture,
)
from zones.grid import TileCoord
from zones.palette import default_palette

FIRST, SECOND = TileCoord(0, 0), TileCoord(0, 1)


def report_with(lighter: int, rows: slice) -> SeamReport:
    """Two tiles; the second is lighter in some rows from where the first one's window ends."""
    grid = measure_grid(1, 2)
    rgb = extended(grid, texture((grid.map_height_px, grid.map_width_px)))
    window, before = grid.window(SECOND), grid.window(FIRST)
    rgb[SECOND] = rgb[SECOND].copy()
    rgb[SECOND][rows, before.right - window.x :] += lighter
    stitch = stitched(grid, measure_run(grid), rgb)
    return measure_seams(stitch, map_of(grid), default_palette())


def test_a_seamless_texture_has_no_cuts() -> None:
    report = report_with(0, slice(None))
    (seam,) = report.seams
    assert seam.edge is not None
    assert 0.5 < seam.edge < 1.5
    assert not seam.is_cut
    assert report.summary()["cut"] == 0


def test_an_edge_at_the_end_of_the_band_along_a_part_of_the_line_is_a_cut_but_no_step() -> None:
    report = report_with(40, slice(60, 130))
    (seam,) = report.seams
    assert not seam.flagged
    assert seam.is_cut
    assert report.summary()["cut"] == 1


def test_the_measured_judge_wants_cuts_mended() -> None:
    (evidence,) = evidence_of(report_with(40, slice(60, 130)))
    verdict = MeasuredJudge().judge(evidence)
    assert verdict.is_bad
    assert "straight edge" in verdict.reason


def test_cuts_are_in_the_report_s_json() -> None:
    (seam,) = report_with(40, slice(60, 130)).to_json()["seams"]
    assert seam["cut"] is True
    assert seam["edge"] > 1.5
