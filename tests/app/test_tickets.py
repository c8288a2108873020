"""A tile lands on the map only if its inputs are what is painted now; nothing else makes it stale.

Windows are painted by a toy model, into a document that is painted on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from app.core.map_model import model_of
from app.core.project_tiles import DocumentTileStore, world_of
from app.core.run_setup import OpenRun, open_for_render
from generation.engine.folder import check_folder, find_profile
from generation.plan.ports import Engine
from generation.run.render import Renderer, RunEvent, StepDone, TileDone
from generation.run.world import World
from painter import stroke_editing
from painter.document import Document
from painter.editing import ZoneInk
from tests.app.words import Call, raws, stale
from tests.support.toy_models import save_toy_folder
from tests.support.toy_worlds import SAND
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.strokes import Stroke

CORNER, MIDDLE = TileCoord(0, 2), TileCoord(1, 1)
IN_CORNER, FAR_AWAY = Rect(84, 4, 4, 4), Rect(4, 84, 4, 4)


@dataclass(frozen=True)
class Desk:
    """An open document with a model that paints it."""

    document: Document
    run: OpenRun
    engine: Engine

    def paint(self, rect: Rect) -> None:
        with self.document.edit("Paint") as edit:
            edit.paint_rectangle(ZoneInk(SAND), rect)

    def render(
        self,
        tile: TileCoord,
        meanwhile: Callable[[], object],
        world_now: Callable[[], World] | None = None,
        **more: int,
    ) -> TileDone:
        """Render one tile while something happens."""
        told: list[RunEvent] = []

        def on_event(event: RunEvent) -> None:
            told.append(event)
            if isinstance(event, StepDone) and event.step == 1:
                meanwhile()

        run, project = self.run, self.document.project
        world = world_of(project, run.world.profile, run.world.model_hash)
        store = DocumentTileStore(
            self.document,
            self.document.begin_run("Render"),
            world_now or (lambda: world_of(project, world.profile, world.model_hash)),
        )
        tuple(
            Renderer(world, self.engine, store, run.settings, on_event=on_event, **more).render(
                [tile]
            )
        )
        (done,) = (event for event in told if isinstance(event, TileDone))
        return done

    def stale(self) -> set[TileCoord]:
        run = self.run
        world = world_of(self.document.project, run.world.profile, run.world.model_hash)
        return set(world.stale_tiles(run.grid, run.store, run.settings))

    def windows(self, *rects: Rect) -> set[TileCoord]:
        """The tiles whose windows meet one of some rectangles."""
        grid = self.run.grid
        return {t for t in grid.tiles() if any(grid.window(t).intersect(r).area for r in rects)}


@pytest.fixture
def desk(rendered: Path) -> Iterator[Desk]:
    document = Document.open(rendered)
    run, engine = open_for_render(document.project, "cpu", {})
    yield Desk(document, run, engine)
    document.close()


def test_a_tile_whose_inputs_changed_meanwhile_is_kept_but_does_not_land(
    desk: Desk, rendered: Path
) -> None:
    before = raws(rendered)
    done = desk.render(CORNER, lambda: desk.paint(IN_CORNER))
    assert not done.landed
    assert raws(rendered) == before
    newest, shown = desk.document.results(CORNER)
    assert (newest.status, newest.on_map, shown.on_map) == ("superseded", False, True)
    assert newest.facts["inputs_hash"] == done.record.inputs_hash
    assert desk.document.history.line("runs").steps[-1].number == 1
    desk.document.put_back(CORNER, newest.id)
    assert raws(rendered)[CORNER] == newest.raw().tobytes()


def test_a_tile_lands_where_something_else_was_painted_meanwhile(desk: Desk) -> None:
    assert desk.render(CORNER, lambda: desk.paint(FAR_AWAY)).landed
    assert desk.document.results(CORNER)[0].on_map


def test_a_tile_lands_where_the_change_was_undone_meanwhile(desk: Desk) -> None:
    def paint_and_undo() -> None:
        desk.paint(IN_CORNER)
        desk.document.undo()

    assert desk.render(CORNER, paint_and_undo).landed


@pytest.mark.parametrize("change", [{"map_prompt": "winter"}, {"seed": 99}], ids=str)
def test_a_tile_does_not_land_under_another_prompt_or_seed(
    desk: Desk, change: dict[str, object]
) -> None:
    assert not desk.render(CORNER, lambda: desk.document.configure("Other", **change)).landed


def test_a_chosen_tile_lands_with_a_seed_of_its_own(desk: Desk) -> None:
    def reseed() -> None:
        desk.document.configure("Other", seed=99)

    assert desk.render(CORNER, reseed, deliberate=True).landed
    assert not desk.render(CORNER, lambda: desk.paint(IN_CORNER), deliberate=True).landed


def test_every_candidate_is_kept_and_the_best_lands(desk: Desk) -> None:
    assert desk.render(CORNER, lambda: None, deliberate=True, candidates=3).landed
    found = desk.document.results(CORNER)
    assert [result.status for result in found] == ["landed", "candidate", "candidate", "landed"]
    assert [result.on_map for result in found] == [True, False, False, False]
    assert len({result.facts["seed"] for result in found[:3]}) == 3


def test_a_re_rolled_neighbour_stales_nobody(desk: Desk, tilewright: Call) -> None:
    folder = desk.document.project.folder
    before = raws(folder)
    assert desk.render(MIDDLE, lambda: None, deliberate=True, candidates=2).landed
    assert raws(folder)[MIDDLE] != before[MIDDLE]
    assert desk.stale() == set()
    desk.document.close()
    assert tilewright("render", folder, "--tiles", "1,1", "--seed", "8").code == 0
    assert stale(folder) == set()


def test_putting_back_stales_nobody(desk: Desk) -> None:
    desk.render(MIDDLE, lambda: None, deliberate=True, candidates=2)
    for result in desk.document.results(MIDDLE):
        desk.document.put_back(MIDDLE, result.id)
        assert desk.stale() == set()


@pytest.mark.parametrize(
    ("rect", "count"),
    [(Rect(84, 4, 4, 4), 1), (Rect(60, 4, 4, 4), 2), (Rect(60, 60, 4, 4), 4)],
    ids=["inside one window", "on a border", "on a corner"],
)
def test_painting_stales_exactly_the_windows_that_show_it_and_undo_makes_them_fresh(
    desk: Desk, rect: Rect, count: int
) -> None:
    shown = raws(desk.document.project.folder)
    desk.paint(rect)
    assert desk.stale() == desk.windows(rect)
    assert len(desk.stale()) == count
    desk.document.undo()
    assert desk.stale() == set()
    assert raws(desk.document.project.folder) == shown
    desk.document.redo()
    assert desk.stale() == desk.windows(rect)


def test_a_moved_stencil_stales_the_windows_it_left_and_those_it_came_to(desk: Desk) -> None:
    with desk.document.edit("Dot") as edit:
        dot = Stroke("road", np.array([[8.0, 6.0, 5.0]]))
        edit.strokes = stroke_editing.added(edit.strokes, dot)
    assert desk.stale() == {TileCoord(0, 0)}
    for tile in desk.stale():
        desk.render(tile, lambda: None)
    with desk.document.edit("Move") as edit:
        edit.strokes = stroke_editing.moved(edit.strokes, 2, 80.0, 0.0)
    assert desk.stale() == {TileCoord(0, 0), CORNER}
    desk.document.undo()
    assert desk.stale() == set()


def test_a_palette_colour_stales_the_windows_that_show_its_zone(desk: Desk) -> None:
    palette = desk.document.project.palette
    water = next(zone for zone in palette.zones if zone.name == "water")
    others = tuple(zone for zone in palette.zones if zone is not water)
    changed = replace(palette, zones=(*others, replace(water, rgb=(1, 2, 3))))
    desk.document.configure("Colour", palette=changed)
    assert desk.stale() == desk.windows(Rect(64, 64, 32, 32)) != set()
    desk.document.undo()
    assert desk.stale() == set()


@pytest.mark.parametrize("change", [{"map_prompt": "winter"}, {"seed": 99}], ids=str)
def test_another_prompt_or_seed_stales_every_tile_until_it_is_undone(
    desk: Desk, change: dict[str, object]
) -> None:
    desk.document.configure("Other", **change)
    assert desk.stale() == set(desk.run.grid.tiles())
    desk.document.undo()
    assert desk.stale() == set()


@pytest.fixture
def other_model(desk: Desk, tmp_path: Path) -> Path:
    """A model folder with the numbers of the project's own and other weights."""
    folder = save_toy_folder(tmp_path / "other", seed=9)
    assert find_profile(check_folder(folder, "other")) == desk.run.world.profile
    return folder


def test_another_model_stales_every_tile_until_it_is_undone(desk: Desk, other_model: Path) -> None:
    document, run = desk.document, desk.run

    def stale_now() -> set[TileCoord]:
        world = model_of(document.project).hashed().world(document.project)
        return set(world.stale_tiles(run.grid, run.store, run.settings))

    assert stale_now() == set()
    document.configure("Model", model=str(other_model))
    assert stale_now() == set(run.grid.tiles())
    document.undo()
    assert stale_now() == set()


def test_a_tile_does_not_land_under_another_model(desk: Desk, other_model: Path) -> None:
    document = desk.document

    def world_now() -> World:
        return model_of(document.project).hashed().world(document.project)

    def change() -> None:
        document.configure("Model", model=str(other_model))

    def change_and_undo() -> None:
        change()
        document.undo()

    assert desk.render(CORNER, change_and_undo, world_now).landed
    assert not desk.render(CORNER, change, world_now).landed
