"""Repair: what is wrong gets better, nothing gets worse, and it always ends."""

from __future__ import annotations

import copy
import zlib
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import resources
from generation.plan.errors import Cancelled
from generation.plan.judging import Evidence, MeasuredJudge, StrokeFault, Verdict, evidence_of
from generation.plan.ports import StepHook
from generation.plan.profile import profile_from_json
from generation.plan.request import PaintedWindow, PaintRequest
from generation.plan.seams import Seam, SeamReport, measure_seams
from generation.plan.settings import RunSettings
from generation.plan.testing import NumpyEngine
from generation.run.jobs import Job, Repairing, TileDone
from generation.run.painting import Kept
from generation.run.records import MemoryTileStore
from generation.run.render import Renderer
from generation.run.repair import RepairReport, TileRepairer, repair_map, repair_plan, tightened
from generation.run.worker import Worker
from tests.generation.run.cases import toy_world
from tests.generation.run.worker_cases import Ear
from zones.grid import TileCoord
from zones.settings import MU_SOFT
from zones.strokes import Stroke, stroke_coverage

PROFILE = profile_from_json(
    resources.path("models/klein-mini/profile.json").read_text(), "klein-mini"
)
SETTINGS = RunSettings(steps=2)
SIDE = 384
RIVER = Stroke(
    "river", np.array([[-20.0, 270.0, 24.0], [200.0, 310.0, 24.0], [400.0, 290.0, 24.0]])
)
WORLD = toy_world(
    SIDE, SIDE, zones=np.ones((SIDE, SIDE), np.uint8), strokes=[RIVER], profile=PROFILE
)
GRID = WORLD.grid(SETTINGS)
LAST = TileCoord(1, 1)
CORNER = TileCoord(0, 0)


class Meadow(NumpyEngine):
    """Paints what is asked for with a fine grain, so that the ground has a texture of its own."""

    def paint(self, request: PaintRequest, on_step: StepHook | None = None) -> PaintedWindow:
        painted = super().paint(request, on_step)
        return PaintedWindow(self.picture(request), 0.0, painted.steps_run)

    def picture(self, request: PaintRequest) -> npt.NDArray[np.uint8]:
        free = np.float32(1) if request.change_map is None else request.change_map
        grain = np.random.default_rng(zlib.crc32(request.noise.tobytes()))
        rough = cv2.GaussianBlur(grain.standard_normal(request.inpaint_mask.shape), (0, 0), 1.0)
        moved = request.seed_canvas + 30.0 * (rough * (free > MU_SOFT))[..., None]
        return np.clip(np.rint(moved), 0, 255).astype(np.uint8)


class Stubborn(Meadow):
    """Paints every window in a colour that nobody asked for."""

    def picture(self, request: PaintRequest) -> npt.NDArray[np.uint8]:
        return np.full_like(request.seed_canvas, 40 * (len(self.requests) % 6))


class Lenient(MeasuredJudge):
    """Minds only what is far from usual: one in a hundred good lines is a little beyond it."""

    def judge(self, evidence: Evidence) -> Verdict:
        said = super().judge(evidence)
        return Verdict(said.score / 1.5, said.reason)


@cache
def _finished() -> MemoryTileStore:
    store = MemoryTileStore()
    list(Renderer(WORLD, Meadow(PROFILE), store, SETTINGS).render(GRID.tiles()))
    return store


def finished(shade: int = 0, *, river: bool = True) -> MemoryTileStore:
    """The finished map; its last tile of another shade, or without its river."""
    store = copy.deepcopy(_finished())
    record, rgb = store.record(LAST), store.raw(LAST).astype(int)
    assert record is not None
    if not river:
        rgb[stroke_coverage(RIVER, GRID.window(LAST)) > 0] = rgb[0, -1]
    shaded = np.clip(rgb + shade, 0, 255).astype(np.uint8)
    store.put(replace(record, sequence=99), shaded, None)
    return store


def job(store: MemoryTileStore, attempts: int = 2, **changes: object) -> Job:
    how = Repairing(attempts, **{"judge": Lenient(), **changes})
    return Job(1, "", WORLD, SETTINGS, store, GRID.tiles(), deliberate=True, repair=how)


def repaired(
    store: MemoryTileStore, engine: NumpyEngine | None = None, **options: object
) -> RepairReport:
    return repair_map(
        job(store, **options), engine or Meadow(PROFILE), lambda _: ignore, none, told.append
    )


def ignore(*_: object) -> None: ...


def none() -> None: ...


told: list[Kept] = []


def report_of(store: MemoryTileStore) -> SeamReport:
    stitch = WORLD.stitch(GRID, store, store.records())
    return measure_seams(stitch, WORLD.reader, WORLD.palette)


def test_a_tile_of_another_shade_is_painted_again_and_nothing_is_wrong() -> None:
    store = finished(shade=60)
    engine = Meadow(PROFILE)
    report = repaired(store, engine)
    assert report.before.summary()["flagged"] >= 2
    assert report.after.summary()["flagged"] < report.before.summary()["flagged"]
    assert report.left == ()
    assert [tile for tile, _ in report.tiles] == [LAST]
    assert 1 <= report.attempts == len(engine.requests) <= 2


def test_a_lost_river_comes_back_with_a_lower_mu() -> None:
    store = finished(river=False)
    report = repaired(store)
    assert report.before.faults
    assert report.after.faults == ()
    record = store.record(LAST)
    assert record is not None
    assert record.settings.mu_feature is not None
    assert record.settings.mu_feature < 0.25
    assert any("river missing" in why or "river broken" in why for why in report.tiles[0][1].wrong)


def test_a_repaired_map_is_fresh() -> None:
    store = finished(shade=60)
    first = repaired(store)
    assert WORLD.stale_tiles(GRID, store, SETTINGS) == ()
    again = repaired(store, standards=first.before.standards)
    assert again.attempts == 0
    assert again.tiles == ()


def test_a_map_without_faults_is_left_alone() -> None:
    store = copy.deepcopy(_finished())
    before = {tile: store.raw(tile).tobytes() for tile in GRID.tiles()}
    engine = Meadow(PROFILE)
    report = repaired(store, engine)
    assert engine.requests == []
    assert report.attempts == 0
    assert {tile: store.raw(tile).tobytes() for tile in GRID.tiles()} == before


def test_attempts_that_are_no_better_never_land_and_come_to_an_end() -> None:
    store = finished(shade=60)
    before = {tile: store.raw(tile).tobytes() for tile in GRID.tiles()}
    engine = Stubborn(PROFILE)
    report = repaired(store, engine, attempts=2)
    assert {tile: store.raw(tile).tobytes() for tile in GRID.tiles()} == before
    assert len(engine.requests) == report.attempts
    assert all(found.attempts <= 2 for _, found in report.tiles)
    tried = [tile for tile, _ in report.tiles]
    assert len(tried) == len(set(tried))
    assert report.left
    assert report.after.summary() == report.before.summary()


def test_every_attempt_is_kept_for_later_choice() -> None:
    store = finished(shade=60)
    report = repaired(store, Stubborn(PROFILE), attempts=2)
    assert len(store.candidates) == report.attempts
    assert all(record.deliberate for record, _ in store.candidates)
    seeds = [record.seed for record, _ in store.candidates if record.tile == LAST]
    assert len(set(seeds)) == len(seeds) == 2


def test_a_seed_of_its_own_gives_other_attempts() -> None:
    first, second = finished(shade=60), finished(shade=60)
    plain = replace(job(first, attempts=1), tiles=(LAST,))
    for order in (plain, replace(plain, store=second, seeds={LAST: 5})):
        TileRepairer(order, Stubborn(PROFILE)).paint(LAST, ignore, none)
    ((one, _),) = first.candidates
    ((other, _),) = second.candidates
    assert one.seed != other.seed


def test_a_cancelled_repair_leaves_a_whole_map() -> None:
    store = finished(shade=60)
    before = {tile: store.raw(tile).tobytes() for tile in GRID.tiles()}
    steps = 0

    def hook(step: int, *_: object) -> None:
        nonlocal steps
        steps = step
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        repair_map(job(store), Meadow(PROFILE), lambda _: hook, none, told.append)
    assert steps == 2
    assert {tile: store.raw(tile).tobytes() for tile in GRID.tiles()} == before
    assert WORLD.stale_tiles(GRID, store, SETTINGS) == ()


def test_only_the_tiles_of_the_job_are_painted() -> None:
    store = finished(shade=60)
    only = replace(job(store), tiles=(CORNER,))
    report = repair_map(only, Meadow(PROFILE), lambda _: ignore, none, told.append)
    assert {tile for tile, _ in report.tiles} <= {CORNER}


def test_the_plan_names_the_worst_tile_first_and_covers_every_bad_place() -> None:
    report = report_of(finished(shade=60))
    plan = repair_plan(report, Lenient())
    assert plan[0].tile == LAST
    assert [repair.score for repair in plan] == sorted((r.score for r in plan), reverse=True)
    bad = [place for place in evidence_of(report) if Lenient().judge(place).is_bad]
    named = {repair.tile for repair in plan}
    assert all(named & set(place.tiles) for place in bad)
    assert LAST not in {repair.tile for repair in repair_plan(report, Lenient(), spent={LAST})}
    assert repair_plan(report_of(_finished()), Lenient()) == ()


class DislikesBright:
    """A judge that looks at the picture alone."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def judge(self, evidence: Evidence) -> Verdict:
        if not isinstance(evidence.measured, Seam):
            return Verdict(0.0, "not asked")
        return Verdict(float(evidence.picture().mean()) / self.limit, "too bright")


def test_another_judge_can_be_plugged_in() -> None:
    good, bright = finished(), finished(shade=60)
    stitch = WORLD.stitch(GRID, good, good.records())
    seams = [place for place in evidence_of(report_of(good), stitch) if len(place.tiles) > 1]
    judge = DislikesBright(1.02 * max(float(place.picture().mean()) for place in seams))
    assert repair_plan(report_of(good), judge, stitch) == ()
    report = repaired(bright, judge=judge)
    assert any("too bright" in found.wrong for _, found in report.tiles)
    assert bright.raw(LAST).mean() < finished(shade=60).raw(LAST).mean() - 30
    assert report.left == ()


def test_the_facts_alone_have_no_picture() -> None:
    report = report_of(finished(river=False))
    places = list(evidence_of(report))
    assert any(isinstance(place.measured, StrokeFault) for place in places)
    with pytest.raises(ValueError, match="map is needed"):
        places[0].picture()


def test_settings_are_tightened_by_name_up_to_a_cap() -> None:
    loose = RunSettings(
        steps=4, strength=0.6, layout="overlap", noise="tile", plain=True, reference=False
    )
    first, second = tightened(loose, 0, 16), tightened(loose, 1, 16)
    assert (first.layout, first.noise, first.plain) == ("anchored", "map", False)
    assert (second.strength, second.reference, second.closing_anchor_px) == (1.0, True, 16)
    assert tightened(SETTINGS, 0, 16) == SETTINGS
    mus = [tightened(SETTINGS, attempt, 16, mu=0.35).mu_feature for attempt in range(9)]
    assert mus == sorted(mus, reverse=True)
    assert mus[-1] == pytest.approx(0.1)
    assert tightened(SETTINGS, 2, 16, mu=0.05).mu_feature == pytest.approx(0.05)


def test_a_tile_that_is_not_finished_cannot_be_repaired() -> None:
    empty = TileRepairer(job(MemoryTileStore()), Meadow(PROFILE))
    with pytest.raises(Exception, match="not finished"):
        empty.paint(LAST, ignore, none)


def test_a_repair_takes_at_least_one_attempt() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Repairing(0)


def test_the_worker_repairs_and_tells_how_it_went() -> None:
    store, ear = finished(shade=60), Ear()
    worker = Worker(lambda _: Meadow(PROFILE), ear)
    try:
        worker.submit(replace(job(store), tiles=(CORNER, LAST)), "meadow")
        assert ear.ended().outcome == "done"
    finally:
        worker.close()
    corner, last = ear.all(TileDone)
    assert corner.repaired is not None
    assert corner.repaired.attempts == 0
    assert not corner.landed
    assert last.repaired is not None
    assert last.repaired.is_better
    assert last.landed
    assert last.repaired.left == ()
    assert store.record(LAST) == last.record
