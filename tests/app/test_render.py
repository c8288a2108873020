"""`tilewright render`: which tiles are painted, what is remembered, what stays untouched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from app.cli.main import run
from app.core.project_tiles import DocumentTileStore
from app.core.run_setup import open_for_reading
from painter.project import Project
from tests.app.words import Call, files_in, painted, raws, stale, stitched
from tests.support.toy_worlds import SAND
from zones.geometry import Rect
from zones.grid import TileCoord

ALL = {TileCoord(row, col) for row in range(3) for col in range(3)}
MIDDLE = TileCoord(1, 1)


PAIR = ["--tiles", "1,0", "1,1", "--steps", "5", "--order", "rows"]


@pytest.fixture(scope="module")
def usual_pair(tmp_path_factory: pytest.TempPathFactory, _empty: Path) -> npt.NDArray[np.uint8]:
    """Two neighbouring tiles with the usual settings."""
    project = Path(shutil.copytree(_empty, tmp_path_factory.mktemp("usual") / "map"))
    assert run(["render", str(project), *PAIR]) == 0
    return stitched(project)


def saved_settings(project: Path) -> dict[str, object]:
    return dict(json.loads((project / "project.json").read_text())["settings"]["run"])


def test_a_new_project_is_rendered_whole(tilewright: Call, fresh: Path) -> None:
    ended = tilewright("render", fresh, "--steps", "1")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("painted 9 tiles")
    assert set(raws(fresh)) == ALL
    assert stale(fresh) == set()


def test_rendering_twice_does_nothing_the_second_time(tilewright: Call, rendered: Path) -> None:
    before = files_in(rendered)
    ended = tilewright("render", rendered)
    assert ended.code == 0
    assert "nothing to do" in ended.out
    assert files_in(rendered) == before


def test_two_fresh_projects_give_the_same_bytes(
    tilewright: Call, fresh: Path, rendered: Path, tmp_path: Path
) -> None:
    assert tilewright("render", fresh, "--steps", "2").code == 0
    assert windows_on_disk(fresh) == windows_on_disk(rendered)
    for project in (fresh, rendered):
        assert tilewright("export", project, tmp_path / f"{project.name}.png").code == 0
    first, second = (tmp_path / f"{name}.png" for name in ("fresh", "rendered"))
    assert first.read_bytes() == second.read_bytes()


def windows_on_disk(project: Path) -> dict[str, bytes]:
    found = files_in(project)
    return {
        name: data for name, data in found.items() if name.startswith("tiles/") and ".png" in name
    }


def test_a_painted_zone_makes_just_the_windows_stale_that_show_it(
    tilewright: Call, rendered: Path
) -> None:
    before = raws(rendered)
    project = Project.open(rendered)
    project.set_zones(Rect(84, 4, 4, 4), np.full((4, 4), SAND, np.uint8))
    project.save()
    assert stale(rendered) == {TileCoord(0, 2)}
    ended = tilewright("render", rendered, "--stale", "--json")
    assert painted(ended) == {TileCoord(0, 2)}
    after = raws(rendered)
    assert {tile for tile in ALL if before[tile] != after[tile]} == {TileCoord(0, 2)}
    assert stale(rendered) == set()


def test_all_repaints_every_tile_to_the_same_pixels(tilewright: Call, rendered: Path) -> None:
    before = raws(rendered)
    assert painted(tilewright("render", rendered, "--all", "--json")) == ALL
    assert raws(rendered) == before


@pytest.mark.parametrize("words", [["--tiles", "1,1", "--tiles", "0,2"], ["--tiles", "1,1", "0,2"]])
def test_chosen_tiles_leave_all_others_bit_identical(
    tilewright: Call, rendered: Path, words: list[str]
) -> None:
    before = raws(rendered)
    ended = tilewright("render", rendered, *words, "--seed", "8", "--json")
    assert painted(ended) == {MIDDLE, TileCoord(0, 2)}
    after = raws(rendered)
    assert {tile for tile in ALL if before[tile] != after[tile]} == {MIDDLE, TileCoord(0, 2)}


def test_chosen_tiles_are_anchored_on_all_finished_neighbours(
    tilewright: Call, rendered: Path
) -> None:
    words = ["--seed", "8", "--steps", "3", "--mu-feature", "0.5", "--json"]
    (tile,) = tilewright("render", rendered, "--tiles", "1,1", *words).document["tiles"]
    assert len(tile["predecessors"]) == 8
    assert tile["closing"] is True


def test_chosen_tiles_keep_their_own_settings_seed_and_model(
    tilewright: Call, rendered: Path, toy: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(toy, tmp_path / "other"))
    profile = json.loads((other / "profile.json").read_text())
    (other / "profile.json").write_text(json.dumps({**profile, "prompt_template": "a {zones}"}))
    settings = saved_settings(rendered)
    words = ["--seed", "8", "--steps", "3", "--model", other]
    assert tilewright("render", rendered, "--tiles", "1,1", *words).code == 0
    assert saved_settings(rendered) == settings
    project = Project.open(rendered)
    assert (project.seed, project.model) == (3, str(toy))
    assert "nothing to do" in tilewright("render", rendered).out


def test_settings_seed_and_model_of_a_whole_run_are_remembered(
    tilewright: Call, rendered: Path, toy: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(toy, tmp_path / "other"))
    words = ["--seed", "8", "--steps", "1", "--gate", "sigma", "--model", other]
    assert painted(tilewright("render", rendered, *words, "--json")) == ALL
    assert "nothing to do" in tilewright("render", rendered).out
    project = Project.open(rendered)
    assert (project.seed, project.model) == (8, str(other))
    assert saved_settings(rendered)["gate"] == "sigma"


def test_defaults_forget_remembered_settings(tilewright: Call, rendered: Path) -> None:
    assert saved_settings(rendered)["steps"] == 2
    words = ["--defaults", "--tiles", "0,0", "--json"]
    (tile,) = tilewright("render", rendered, *words).document["tiles"]
    assert tile["settings"]["steps"] == 12


def test_settings_on_disk_of_another_type_are_refused(tilewright: Call, rendered: Path) -> None:
    project = Project.open(rendered)
    wrong = {**saved_settings(rendered), "steps": "many"}
    project.configure(settings={**project.settings, "run": wrong})
    project.save()
    ended = tilewright("render", rendered)
    assert ended.code == 2
    assert "--defaults" in ended.complaint()
    assert tilewright("render", rendered, "--defaults", "--steps", "2").code == 0


@pytest.mark.parametrize(
    "near", ["1,0 0,1", "1,0 1,2", "1,0 1,2 0,1", "1,0 1,2 0,1 2,1"], ids=["2", "2b", "3", "4"]
)
def test_a_partial_render_closes_against_finished_neighbours(
    tilewright: Call, fresh: Path, near: str
) -> None:
    assert tilewright("render", fresh, "--steps", "2", "--tiles", *near.split()).code == 0
    ended = tilewright("render", fresh, "--steps", "2", "--tiles", "1,1", "--json")
    (tile,) = ended.document["tiles"]
    assert {f"{row},{col}" for row, col in (p["tile"] for p in tile["predecessors"])} == set(
        near.split()
    )
    assert set(raws(fresh)) == {TileCoord(*map(int, word.split(","))) for word in near.split()} | {
        MIDDLE
    }


def test_a_partial_render_is_completed_later(tilewright: Call, fresh: Path) -> None:
    assert tilewright("render", fresh, "--tiles", "2,2", "--steps", "2").code == 0
    kept = raws(fresh)
    ended = tilewright("render", fresh, "--json", "--steps", "2")
    assert painted(ended) == ALL - {TileCoord(2, 2)}
    assert raws(fresh)[TileCoord(2, 2)] == kept[TileCoord(2, 2)]
    assert stale(fresh) == set()


def test_a_partial_render_of_a_new_project_makes_its_model_the_projects_own(
    tilewright: Call, tmp_path: Path, toy: Path
) -> None:
    project = tmp_path / "map"
    assert tilewright("new", project, "--size", "96x96").code == 0
    words = ["--tiles", "1,1", "--model", toy, "--steps", "1"]
    assert tilewright("render", project, *words).code == 0
    assert Project.open(project).model == str(toy)
    assert set(open_for_reading(project).finished()) == {MIDDLE}


def test_chosen_tiles_of_other_windows_than_the_projects_are_refused(
    tilewright: Call, rendered: Path, toy: Path, tmp_path: Path
) -> None:
    before, other = files_in(rendered), Path(shutil.copytree(toy, tmp_path / "wide"))
    profile = json.loads((other / "profile.json").read_text())
    (other / "profile.json").write_text(json.dumps({**profile, "window_px": 128}))
    ended = tilewright("render", rendered, "--tiles", "0,0", "--model", other)
    assert ended.code == 2
    assert "--all" in ended.complaint()
    assert files_in(rendered) == before


def test_windows_of_an_older_model_are_not_stitched(
    tilewright: Call, rendered: Path, toy: Path, tmp_path: Path
) -> None:
    wide = Path(shutil.copytree(toy, tmp_path / "wide"))
    profile = json.loads((wide / "profile.json").read_text())
    (wide / "profile.json").write_text(json.dumps({**profile, "window_px": 128}))
    assert painted(tilewright("render", rendered, "--model", wide, "--steps", "1", "--json")) == {
        TileCoord(0, 0)
    }
    assert set(open_for_reading(rendered).finished()) == {TileCoord(0, 0)}
    assert tilewright("export", rendered, tmp_path / "map.png").code == 0


def test_json_is_one_document_with_the_facts_of_every_tile(
    tilewright: Call, rendered: Path
) -> None:
    ended = tilewright("render", rendered, "--all", "--json")
    assert ended.err == ""
    document = ended.document
    assert (document["rows"], document["cols"]) == (3, 3)
    assert Path(document["project"]) == rendered
    keys = {"tile", "inputs_hash", "predecessors", "seed", "model", "model_hash", "settings"}
    assert all(keys <= set(tile) for tile in document["tiles"])
    assert document["elapsed_s"] > 0


@pytest.mark.parametrize(
    ("order", "first"), [("spiral", [2, 0]), ("rows", [0, 0]), ("anchors-first", [2, 0])]
)
def test_every_order_paints_all_tiles_from_its_start(
    tilewright: Call, fresh: Path, order: str, first: list[int]
) -> None:
    words = ["--order", order, "--start", "2,0", "--steps", "1", "--json"]
    tiles = tilewright("render", fresh, *words).document["tiles"]
    assert tiles[0]["tile"] == first
    assert {TileCoord(*tile["tile"]) for tile in tiles} == ALL


def test_without_a_start_the_most_constrained_tile_comes_first(
    tilewright: Call, fresh: Path
) -> None:
    tiles = tilewright("render", fresh, "--steps", "1", "--json").document["tiles"]
    assert tiles[0]["tile"] == [1, 1]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["--layout", "overlap"], "layout", "overlap"),
        (["--gate", "sigma"], "gate", "sigma"),
        (["--noise", "tile"], "noise", "tile"),
        (["--mu-feature", "0.65"], "mu_feature", 0.65),
        (["--mu-soft", "0.6"], "mu_soft", 0.6),
        (["--soft-shape", "rising"], "soft_shape", "rising"),
        (["--stencil-opacity", "0.5"], "stencil_opacity", 0.5),
        (["--carve-out"], "carve_out", True),
        (["--layout", "overlap", "--band-source", "stencil"], "band_source", "stencil"),
        (["--strength", "0.6"], "strength", 0.6),
        (["--plain"], "plain", True),
        (["--no-reference"], "reference", False),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, list) else None,
)
def test_every_setting_reaches_the_tiles_and_changes_the_map(
    tilewright: Call,
    fresh: Path,
    usual_pair: npt.NDArray[np.uint8],
    words: list[str],
    name: str,
    value: object,
) -> None:
    ended = tilewright("render", fresh, *PAIR, *words, "--json")
    assert [tile["settings"][name] for tile in ended.document["tiles"]] == [value, value]
    assert not np.array_equal(stitched(fresh), usual_pair)


def test_the_width_of_the_soft_band_reaches_the_tiles(tilewright: Call, fresh: Path) -> None:
    ended = tilewright("render", fresh, *PAIR, "--soft-px", "16", "--json")
    assert [tile["settings"]["soft_px"] for tile in ended.document["tiles"]] == [16, 16]


def test_a_soft_band_wider_than_half_the_overlap_is_refused_with_the_most_that_fits(
    tilewright: Call, fresh: Path
) -> None:
    before = files_in(fresh)
    ended = tilewright("render", fresh, "--soft-px", "24")
    assert (ended.code, files_in(fresh)) == (2, before)
    assert ended.complaint().endswith("give at most 16 px")


def test_the_best_of_some_candidates_starts_the_map(tilewright: Call, fresh: Path) -> None:
    words = ["--candidates", "4", "--steps", "1", "--json"]
    tiles = tilewright("render", fresh, *words).document["tiles"]
    assert tiles[0]["seed"] in {3, 4, 5, 6}
    assert {tile["seed"] for tile in tiles[1:]} == {3}


@pytest.mark.parametrize("wrap", ["x", "y", "xy"])
def test_a_wrapped_project_closes_across_its_rim(
    tilewright: Call, tmp_path: Path, toy: Path, wrap: str
) -> None:
    project = tmp_path / "map"
    words = ["--size", "96x96", "--wrap", wrap, "--model", toy]
    assert tilewright("new", project, *words).code == 0
    assert tilewright("render", project, "--steps", "1").code == 0
    opened = open_for_reading(project)
    stitch = opened.world.stitch(opened.grid, opened.store, opened.finished())
    dx, dy = 40 * ("x" in wrap), 72 * ("y" in wrap)
    moved = stitch.region(opened.grid.map_rect.shifted(dx, dy)).rgb
    assert np.array_equal(moved, np.roll(stitched(project), (-dy, -dx), axis=(0, 1)))


def test_protected_pixels_are_exported_bit_for_bit(
    tilewright: Call, fresh: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    art = rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    project = Project.open(fresh)
    place = Rect(20, 30, 50, 40)
    project.set_art(place, art)
    project.set_protect(place, np.ones((40, 50), np.bool_))
    project.save()
    assert tilewright("render", fresh, "--steps", "2").code == 0
    assert tilewright("export", fresh, tmp_path / "map.png").code == 0
    with Image.open(tmp_path / "map.png") as picture:
        assert np.array_equal(np.asarray(picture)[30:70, 20:70], art)


def test_a_moved_project_is_still_whole(tilewright: Call, rendered: Path) -> None:
    moved = rendered.rename(rendered.with_name("moved"))
    assert "nothing to do" in tilewright("render", moved).out


def test_a_save_by_another_program_ends_the_run_and_keeps_both_works(
    tilewright: Call, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted_so_far: list[object] = []

    def put(store: DocumentTileStore, *words: object) -> bool:
        if len(painted_so_far) == 2:
            other = Project.open(fresh)
            other.configure(map_prompt="autumn")
            other.save()
        painted_so_far.append(words)
        return keep(store, *words)

    keep = cast("Callable[..., bool]", DocumentTileStore.put)
    monkeypatch.setattr(DocumentTileStore, "put", put)
    ended = tilewright("render", fresh, "--steps", "1")
    assert ended.code == 1
    assert "another program saved" in ended.complaint()
    assert len(raws(fresh)) == 2
    assert Project.open(fresh).map_prompt == "autumn"


def test_repair_paints_what_is_wrong_again_and_leaves_the_map_fresh(
    tilewright: Call, rendered: Path
) -> None:
    before = raws(rendered)
    ended = tilewright("render", rendered, "--repair", "1", "--json")
    assert ended.code == 0
    repair = ended.document["repair"]
    assert 0 < repair["attempts"] <= len(ALL)
    better = {TileCoord(*tried["tile"]) for tried in repair["tiles"] if tried["is_better"]}
    after = raws(rendered)
    assert {tile for tile in ALL if before[tile] != after[tile]} == better
    assert stale(rendered) == set()
    assert ended.document["tiles"] == []


def test_repair_of_chosen_tiles_paints_no_others(tilewright: Call, rendered: Path) -> None:
    before = raws(rendered)
    ended = tilewright("render", rendered, "--tiles", "1,1", "--repair", "1")
    assert ended.code == 0
    assert "repair painted 1 window for 1 tile" in ended.out
    after = raws(rendered)
    assert {tile for tile in ALL if before[tile] != after[tile]} <= {MIDDLE}
