"""What goes into a project comes out of it, and nothing else changes."""

from __future__ import annotations

import dataclasses
import gc
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter.project import Project
from tests.painter.builders import (
    MAP,
    PALETTE,
    SIZE,
    files_in,
    painted,
    raw,
    river,
    small_project,
    state,
)
from tests.support.disk import one_line
from zones.errors import InputError, WorkError
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.reader import MapReader
from zones.strokes import Stroke


def test_a_new_project_holds_what_it_was_made_of(tmp_path: Path) -> None:
    small_project(tmp_path / "map")
    project = Project.open(tmp_path / "map")
    assert project.size == SIZE
    assert (project.seed, project.model, project.map_prompt) == (7, "klein-mini", "summer")
    assert dict(project.settings) == {"steps": 12}
    assert project.palette == PALETTE
    assert np.array_equal(project.reader().read_zones(MAP), painted())
    assert np.array_equal(project.strokes[0].points, river().points)
    assert not project.has_changes


def test_a_snapshot_is_a_map_reader(tmp_path: Path) -> None:
    reader: MapReader = small_project(tmp_path / "map").reader()
    assert (reader.width_px, reader.height_px) == SIZE
    assert len(reader.strokes_in(Rect(0, 0, 20, 30))) == 1
    assert reader.strokes_in(Rect(900, 0, 20, 30)) == ()


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["zones", "protect", "art"]),
        st.integers(0, SIZE[0] - 1),
        st.integers(0, SIZE[1] - 1),
        st.integers(1, 700),
        st.integers(0, 8),
        st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=20, deadline=None)
@given(EDITS)
def test_any_edits_and_saves_survive_reopening(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int, int, int, bool]]
) -> None:
    project = Project.create(tmp_path_factory.mktemp("p") / "map", SIZE, PALETTE)
    for layer, x, y, side, value, save in edits:
        rect = Rect(x, y, side, side).intersect(MAP)
        apply(project, layer, rect, value)
        if save:
            project.save()
    project.save()
    assert state(Project.open(project.folder)) == state(project)


def apply(project: Project, layer: str, rect: Rect, value: int) -> None:
    if layer == "zones":
        project.set_zones(rect, np.full(rect.shape, value, np.uint8))
    elif layer == "protect":
        project.set_protect(rect, np.indices(rect.shape).sum(0) % 3 < value % 4)
    else:
        project.set_art(rect, raw(value, max(rect.shape))[: rect.height, : rect.width])


def test_unsaved_edits_are_not_on_disk(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    before = state(Project.open(project.folder))
    project.set_zones(Rect(0, 0, 50, 50), np.full((50, 50), 3, np.uint8))
    assert project.has_changes
    assert state(Project.open(project.folder)) == before


def test_a_tile_is_kept_at_once_and_without_unsaved_edits(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    project.set_zones(MAP, np.full(MAP.shape, 3, np.uint8))
    project.put_tile(TileCoord(2, 1), raw(5), {"inputs_hash": "second", "rank": 4})
    reopened = Project.open(project.folder)
    assert list(reopened.tile_records()) == [TileCoord(0, 0), TileCoord(2, 1)]
    assert reopened.tile_records()[TileCoord(2, 1)] == {"inputs_hash": "second", "rank": 4}
    assert np.array_equal(reopened.read_raw(TileCoord(2, 1)), raw(5))
    assert np.array_equal(reopened.reader().read_zones(MAP), painted())
    assert project.has_changes


def test_a_tile_can_keep_a_mask(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    mask = raw(9)[..., 0]
    project.put_tile(TileCoord(0, 1), raw(5), {}, mask)
    read = Project.open(project.folder).read_mask(TileCoord(0, 1))
    assert read is not None
    assert np.array_equal(read, mask)
    assert project.read_mask(TileCoord(0, 0)) is None


def test_a_later_tile_replaces_the_older_one_and_its_files(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    count = len(files_in(project.folder))
    project.put_tile(TileCoord(0, 0), raw(5), {"inputs_hash": "again"})
    assert len(files_in(project.folder)) == count
    assert np.array_equal(Project.open(project.folder).read_raw(TileCoord(0, 0)), raw(5))


def test_the_same_tile_twice_keeps_its_files(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    project.put_tile(TileCoord(0, 0), raw(), {"inputs_hash": "first"})
    assert np.array_equal(Project.open(project.folder).read_raw(TileCoord(0, 0)), raw())


def test_removed_tiles_are_forgotten(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    project.remove_tiles([TileCoord(0, 0), TileCoord(5, 5)])
    assert not Project.open(project.folder).tile_records()
    assert not [name for name in files_in(project.folder) if name.startswith("tiles/")]


def test_an_unfinished_tile_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tile 3,4 is not finished") as caught:
        small_project(tmp_path / "map").read_raw(TileCoord(3, 4))
    one_line(caught.value)


@pytest.mark.parametrize("facts", [{"x": float("nan")}, {"x": object()}, {"x": "y" * 2**21}])
def test_facts_that_are_not_plain_are_refused(tmp_path: Path, facts: dict[str, Any]) -> None:
    project = small_project(tmp_path / "map")
    before = files_in(project.folder)
    with pytest.raises(InputError, match="facts of tile 1,1"):
        project.put_tile(TileCoord(1, 1), raw(), facts)
    assert files_in(project.folder) == before


def test_a_save_removes_exactly_what_nothing_refers_to(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    before = files_in(project.folder)
    project.set_zones(Rect(0, 0, 10, 10), np.full((10, 10), 8, np.uint8))
    project.save()
    after = files_in(project.folder)
    gone = {name.split("-")[0] for name in before - after}
    new = {name.split("-")[0] for name in after - before}
    assert gone == new == {"zones/0_0", "index/zones_0_0"}


def test_a_snapshot_keeps_its_blocks_as_long_as_it_lives(tmp_path: Path) -> None:
    project = Project.open(small_project(tmp_path / "map").folder)
    snapshot = project.reader()
    project.set_zones(MAP, np.full(MAP.shape, 3, np.uint8))
    project.save()
    assert np.array_equal(snapshot.read_zones(MAP), painted())
    count = len(files_in(project.folder))
    del snapshot
    gc.collect()
    project.save()
    assert len(files_in(project.folder)) < count


def test_a_snapshot_never_changes(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    snapshot = project.reader()
    project.set_zones(MAP, np.zeros(MAP.shape, np.uint8))
    project.set_strokes([])
    assert np.array_equal(snapshot.read_zones(MAP), painted())
    assert len(snapshot.strokes_in(MAP)) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.strokes = ()  # type: ignore[misc]


def test_strokes_keep_their_order_across_regions(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    places = rng.uniform(0, 20_000, (40, 2))
    strokes = [Stroke("path", np.array([[x, y, float(n + 1)]])) for n, (x, y) in enumerate(places)]
    project = Project.create(tmp_path / "map", (20_000, 20_000), PALETTE, strokes=strokes)
    widths = [stroke.points[0, 2] for stroke in Project.open(project.folder).strokes]
    assert widths == [float(n + 1) for n in range(40)]
    assert len(list((project.folder / "stencils").iterdir())) > 5


def test_configuring_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    project.configure(map_prompt="winter", settings={"steps": 4})
    project.save()
    reopened = Project.open(project.folder)
    assert (reopened.map_prompt, dict(reopened.settings)) == ("winter", {"steps": 4})
    assert (reopened.seed, reopened.model) == (7, "klein-mini")


def test_a_palette_without_a_used_zone_or_stencil_is_refused(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    fewer = dataclasses.replace(PALETTE, zones=PALETTE.zones[:3])
    with pytest.raises(InputError, match="unknown zone ids"):
        project.configure(palette=fewer)
    with pytest.raises(InputError, match="unknown kind 'river'"):
        project.configure(palette=dataclasses.replace(PALETTE, stencils=PALETTE.stencils[1:]))
    assert project.palette == PALETTE


def test_a_new_palette_is_kept(tmp_path: Path) -> None:
    project = small_project(tmp_path / "map")
    zones = (dataclasses.replace(PALETTE.zones[0], rgb=(1, 2, 3)), *PALETTE.zones[1:])
    project.configure(palette=dataclasses.replace(PALETTE, zones=zones))
    project.save()
    assert Project.open(project.folder).palette.zone(1).rgb == (1, 2, 3)
    assert np.array_equal(Project.open(project.folder).reader().read_zones(MAP), painted())


def test_a_second_program_cannot_overwrite_the_firsts_save(tmp_path: Path) -> None:
    first = small_project(tmp_path / "map")
    second = Project.open(first.folder)
    first.put_tile(TileCoord(1, 1), raw(1), {})
    kept = state(first)
    second.set_strokes([])
    for attempt in (second.save, lambda: second.put_tile(TileCoord(2, 2), raw(2), {})):
        with pytest.raises(WorkError, match="another program saved") as caught:
            attempt()
        one_line(caught.value)
    assert state(Project.open(first.folder)) == kept


def test_creating_in_a_folder_that_is_in_use_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "notes.txt").write_text("mine")
    for target in (tmp_path / "map", tmp_path / "map" / "notes.txt"):
        with pytest.raises(InputError, match="choose a new") as caught:
            Project.create(target, SIZE, PALETTE)
        one_line(caught.value)
    assert files_in(tmp_path) == {"map/notes.txt"}


def test_creating_fills_an_empty_folder_and_makes_missing_parents(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "new" / "deep" / "map"):
        assert Project.create(target, SIZE, PALETTE).folder == target.resolve()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"size": (0, 10)}, "width_px"),
        ({"size": (10, -1)}, "height_px"),
        ({"size": (200_000, 10)}, "width_px"),
        ({"seed": -1}, "seed"),
        ({"wrap": "z"}, "wrap"),
        ({"settings": {"x": float("inf")}}, "settings"),
        ({"map_prompt": "x" * 5000}, "map_prompt"),
        ({"settings": {"x": "y" * 2**21}}, "settings"),
        ({"zones": np.full((10, 10), 99, np.uint8)}, "unknown zone ids: 99"),
        ({"zones": np.zeros((10, 11), np.uint8)}, "shape"),
        ({"strokes": [Stroke("lava", np.ones((1, 3)))]}, "unknown kind"),
        ({"strokes": [Stroke("river", np.array([[np.nan, 1, 1]]))]}, "must be finite"),
    ],
)
def test_creating_from_bad_values_leaves_nothing(
    tmp_path: Path, values: dict[str, Any], reason: str
) -> None:
    size = values.pop("size", (10, 10))
    with pytest.raises(InputError, match=reason) as caught:
        Project.create(tmp_path / "parent" / "map", size, PALETTE, **values)
    one_line(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_blank_map_of_any_size_is_small(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "map", (131_072, 131_072), PALETTE)
    total = sum((project.folder / name).stat().st_size for name in files_in(project.folder))
    assert total < 100_000
    corner = Rect(131_000, 131_000, 72, 72)
    assert not project.reader().read_zones(corner).any()


def test_the_manifest_of_a_huge_map_stays_small(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "map", (131_072, 131_072), PALETTE)
    dot = np.ones((1, 1), np.uint8)
    for place in range(0, 131_072, 4_096):
        project.set_zones(Rect(place, place, 1, 1), dot)
    project.save()
    manifest = (project.folder / "project.json").stat().st_size
    for place in range(0, 131_072, 4_096):
        project.set_zones(Rect(place + 600, place, 1, 1), dot)
    project.save()
    assert (project.folder / "project.json").stat().st_size == manifest
    assert manifest < 20_000


def test_opening_and_reading_a_window_needs_little_memory(tmp_path: Path) -> None:
    side = 4096
    ids = np.random.default_rng(0).integers(0, 9, (side, side), dtype=np.uint8)
    Project.create(tmp_path / "map", (side, side), PALETTE, zones=ids)
    tracemalloc.start()
    reader = Project.open(tmp_path / "map").reader()
    window = reader.read_zones(Rect(1000, 1000, 256, 256))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(window, ids[1000:1256, 1000:1256])
    assert peak < side * side / 4
