"""`tilewright seams` and `tilewright export`: measures and pictures of the stitched map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from painter.project import Project
from tests.app.words import Call, files_in, stitched
from tests.support.toy_worlds import SAND, write_strokes
from zones.geometry import Rect
from zones.palette import default_palette
from zones.strokes import Stroke


def test_every_seam_and_crossing_is_measured(tilewright: Call, rendered: Path) -> None:
    ended = tilewright("seams", rendered, "--json")
    assert (ended.code, ended.err) == (0, "")
    document = ended.document
    assert {"seams", "crossings", "floor"} <= set(document)
    assert document["floor"] > 0
    assert len(document["seams"]) >= 12
    for seam in document["seams"]:
        assert {"tiles", "delta_e", "delta_e_soft", "step", "flagged"} <= set(seam)
        assert seam["delta_e"] is None
    assert any(seam["step"] is not None and seam["step"] > 0 for seam in document["seams"])
    assert document["crossings"]
    assert all("compliance" in crossing for crossing in document["crossings"])


def test_windows_that_were_both_free_are_compared(tilewright: Call, rendered: Path) -> None:
    assert tilewright("render", rendered, "--layout", "overlap").code == 0
    document = tilewright("seams", rendered, "--json", "--no-floor").document
    assert document["floor"] is None
    assert all(seam["delta_e"] > 0 for seam in document["seams"])


def test_the_table_ends_with_a_summary(tilewright: Call, rendered: Path) -> None:
    ended = tilewright("seams", rendered, "--no-floor")
    lines = ended.out.splitlines()
    assert lines[0].split() == ["tiles", "delta_e", "soft", "step", "edge", "flagged"]
    count = len(tilewright("seams", rendered, "--json").document["seams"])
    assert lines[count + 1].startswith("all lines")
    assert "VAE floor not measured" in lines[count + 2]


def test_faults_of_strokes_are_told_with_their_place(tilewright: Call, rendered: Path) -> None:
    routing = tilewright("seams", rendered, "--json", "--no-floor").document["routing"]
    assert [stroke["kind"] for stroke in routing] == ["river", "path"]
    faults = [(stroke["kind"], fault) for stroke in routing for fault in stroke["faults"]]
    assert faults
    said = tilewright("seams", rendered, "--no-floor").out.splitlines()[-len(faults) :]
    for kind, fault in faults:
        row, col = fault["tile"]
        beginning, end = f"{kind}: {fault['kind']} for ", f", tile {row},{col}"
        assert any(line.startswith(beginning) and line.endswith(end) for line in said)


def test_png_and_tiff_show_the_stitched_map(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    before, expected = files_in(rendered), stitched(rendered)
    assert tilewright("export", rendered, tmp_path / "map.png").code == 0
    assert tilewright("export", rendered, tmp_path / "map.tif").code == 0
    assert tilewright("export", rendered, tmp_path / "map.dat", "--format", "tiff").code == 0
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.mode == "RGB"
        assert np.array_equal(np.asarray(picture), expected)
    for name in ("map.tif", "map.dat"):
        with tifffile.TiffFile(tmp_path / name) as tiff:
            assert tiff.is_bigtiff
            assert tiff.pages.first.is_tiled
            assert np.array_equal(tiff.asarray(), expected)
    assert files_in(rendered) == before


def test_zones_and_stencils_stand_beside_the_map(
    tilewright: Call, rendered: Path, tmp_path: Path
) -> None:
    assert tilewright("export", rendered, tmp_path / "map.png", "--beside-seed").code == 0
    with Image.open(tmp_path / "map.png") as picture:
        both = np.asarray(picture)
    assert both.shape == (96, 2 * 96 + 16, 3)
    assert np.array_equal(both[:, -96:], stitched(rendered))
    assert (both[:, 96:112] == 255).all()
    assert tuple(both[2, 2]) == default_palette().zone(2).rgb


def test_a_stroke_over_a_wrapped_rim_goes_on_beside_the_map(
    tilewright: Call, tmp_path: Path, toy: Path
) -> None:
    river = Stroke("river", np.array([[80.0, 48.0, 12.0], [120.0, 48.0, 12.0]]))
    strokes = write_strokes(tmp_path / "strokes.json", [river])
    words = ("--size", "96x96", "--stencils", strokes, "--model", toy, "--wrap", "x")
    assert tilewright("new", tmp_path / "map", *words).code == 0
    assert tilewright("render", tmp_path / "map", "--tiles", "0,0", "--steps", "1").code == 0
    out = tmp_path / "map.png"
    assert tilewright("export", tmp_path / "map", out, "--beside-seed", "--partial").code == 0
    with Image.open(out) as picture:
        flat = np.asarray(picture)[:, :96]
    assert (flat[48, 5] == flat[48, 90]).all()
    assert (flat[48, 5] != flat[5, 5]).any()


def test_a_map_with_missing_tiles_is_exported_only_on_demand(
    tilewright: Call, fresh: Path, tmp_path: Path
) -> None:
    assert tilewright("render", fresh, "--tiles", "0,0", "--steps", "1").code == 0
    ended = tilewright("export", fresh, tmp_path / "map.png")
    assert ended.code == 2
    assert "8 of 9" in ended.complaint()
    assert not (tmp_path / "map.png").exists()
    assert tilewright("export", fresh, tmp_path / "map.png", "--partial").code == 0
    with Image.open(tmp_path / "map.png") as picture:
        seen = np.asarray(picture)
    assert not seen[50:, 50:].any()
    assert seen[:40, :40].any()


@pytest.mark.parametrize("command", ["seams", "export"])
def test_a_project_without_finished_tiles_says_how_to_render_it(
    tilewright: Call, fresh: Path, tmp_path: Path, command: str
) -> None:
    out = [tmp_path / "map.png"] if command == "export" else []
    ended = tilewright(command, fresh, *out)
    assert ended.code == 2
    assert f"tilewright render {fresh}" in ended.complaint()


def test_stale_tiles_are_still_shown(tilewright: Call, rendered: Path, tmp_path: Path) -> None:
    before = stitched(rendered)
    project = Project.open(rendered)
    project.set_zones(Rect(0, 0, 96, 96), np.full((96, 96), SAND, np.uint8))
    project.save()
    assert np.array_equal(stitched(rendered), before)
    assert tilewright("export", rendered, tmp_path / "map.png").code == 0


def test_export_and_seams_need_no_model(tilewright: Call, rendered: Path, tmp_path: Path) -> None:
    project = Project.open(rendered)
    project.configure(model=str(tmp_path / "gone"))
    project.save()
    assert tilewright("export", rendered, tmp_path / "map.png").code == 0
    assert tilewright("seams", rendered, "--no-floor").code == 0
    assert tilewright("seams", rendered).code == 2
