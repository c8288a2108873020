"""Windows blended in pixels and in latents: only the blend changes; figures see what is there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from app.lab.overlap.experiment import OverlapTrial, spread
from app.lab.overlap.figures import Figures, Measure
from app.lab.overlap.handovers import (
    HARD,
    PIXELS,
    HandOver,
    Joined,
    faded_in,
    hand_overs,
    joined_ways,
)
from app.lab.overlap.tables import PARTS, TITLES, Spot, markdown
from generation.engine.compositing.compositors import LinearCompositor
from generation.engine.compositing.evaluation.overlaps import LatentJoiner
from generation.engine.compositing.storage import load_vae
from generation.plan.stitch import RawWindow, Stitch
from generation.plan.testing import NumpyEngine
from tests.app.lab.seed_table_cases import PROFILE, WORLD, engine
from tests.app.words import Call
from zones.errors import InputError
from zones.grid import Grid, TileCoord
from zones.reader import ArrayMap
from zones.settings import CompileSettings, Layout

U8 = npt.NDArray[np.uint8]
GRID = Grid(128, 64, 96, 64, wrap_x=False, wrap_y=False)
LEFT, RIGHT = TileCoord(0, 0), TileCoord(0, 1)
GROUND = ArrayMap(np.ones((64, 128), np.uint8))
NO_STROKES = np.zeros((64, 128), np.bool_)
LAYOUTS: tuple[Layout, ...] = ("anchored", "overlap")


def noise(seed: int) -> U8:
    return np.random.default_rng(seed).integers(90, 160, (96, 96, 3), dtype=np.uint8)


def cut(tile: TileCoord, picture: U8) -> U8:
    window = GRID.window(tile)
    return np.ascontiguousarray(picture[window.y + 16 :, window.x + 16 :][:96, :96])


def met(left: U8, right: U8, layout: Layout = "overlap") -> HandOver:
    """Two windows, the left one painted first."""
    settings = CompileSettings(
        layout=layout, anchor_px=16, soft_px=16, steps=12, closing_anchor_px=8
    )
    first = RawWindow.painted(LEFT, GRID.window(LEFT), (), settings)
    before = GRID.neighbours(RIGHT)
    later = RawWindow.painted(
        RIGHT, GRID.window(RIGHT), [each for each in before if each.tile == LEFT], settings
    )
    pixels = {LEFT: left, RIGHT: right}
    (found,) = hand_overs(Stitch(GRID, (first, later), pixels.__getitem__))
    return found


def measured(hand_over: HandOver, rgb: U8) -> Figures:
    return Measure(hand_over, GROUND, NO_STROKES).figures(Joined(rgb, 0.0))


@pytest.fixture(scope="module")
def joiner(toy: Path) -> LatentJoiner:
    torch.set_num_threads(1)
    return LatentJoiner(load_vae(toy), {"linear": LinearCompositor()})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_windows_that_agree_give_themselves_in_pixels(layout: Layout, joiner: LatentJoiner) -> None:
    whole = np.random.default_rng(4).integers(0, 256, (96, 160, 3), dtype=np.uint8)
    hand_over = met(cut(LEFT, whole), cut(RIGHT, whole), layout)
    ways = joined_ways(hand_over, joiner)
    for name in (PIXELS, HARD):
        assert np.array_equal(ways[name].rgb, whole)
    assert not np.array_equal(ways["latents, linear"].rgb, whole)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_way_keeps_the_raw_windows_outside_the_blend(
    layout: Layout, joiner: LatentJoiner
) -> None:
    hand_over = met(noise(1), noise(2), layout)
    weight = hand_over.meeting.weight
    assert set(joined_ways(hand_over, joiner)) == {
        *(PIXELS, HARD, "latents, linear", "latents, linear, loss put back", "latents, exact")
    }
    for joined in joined_ways(hand_over, joiner).values():
        assert np.array_equal(joined.rgb[weight == 0], hand_over.first[weight == 0])
        assert np.array_equal(joined.rgb[weight == 1], hand_over.second[weight == 1])
    assert hand_over.mixed.any(axis=0).sum() == {"anchored": 16, "overlap": 32}[layout]


def test_the_anchor_is_never_changed(joiner: LatentJoiner) -> None:
    hand_over = met(noise(1), noise(2), "anchored")
    anchored = np.zeros_like(hand_over.mixed)
    anchored[:, 64:] = hand_over.line.later.held(hand_over.line.later.window)[1]
    assert anchored.sum() == 64 * 16
    for joined in joined_ways(hand_over, joiner).values():
        assert np.array_equal(joined.rgb[anchored], hand_over.first[anchored])


def test_decoded_pixels_fade_in_from_the_raw_window_of_their_side() -> None:
    hand_over = met(np.full((96, 96, 3), 40, np.uint8), np.full((96, 96, 3), 200, np.uint8))
    row = faded_in(hand_over, np.full((96, 160, 3), 120, np.float32))[0, :, 0].astype(int)
    begin, end = np.flatnonzero(hand_over.mixed[0])[[0, -1]]
    assert (row[:begin] == 40).all()
    assert (row[end + 1 :] == 200).all()
    assert (row[begin + 8 : end - 7] == 120).all()
    assert row[begin : begin + 8].tolist() == [45, 55, 65, 75, 85, 95, 105, 115]


def test_two_textures_lose_the_detail_that_their_shares_foretell() -> None:
    hand_over = met(noise(1), noise(2))
    found = measured(hand_over, hand_over.meeting.blend)
    weight = hand_over.meeting.weight[hand_over.band].astype(np.float64)
    wanted = float((weight**2 + (1 - weight) ** 2).mean())
    assert wanted < 0.8
    assert found.detail == pytest.approx(wanted, rel=0.05)
    assert found.beside == pytest.approx(wanted, rel=0.05)
    assert found.ghost > 1.0
    assert found.shift == 0.0


def test_a_texture_laid_over_itself_shifted_shows_ghosts_and_one_in_place_does_not() -> None:
    whole = np.random.default_rng(4).integers(90, 160, (96, 170, 3), dtype=np.uint8)
    in_place = met(cut(LEFT, whole), cut(RIGHT, whole))
    shifted = met(cut(LEFT, whole), cut(RIGHT, np.roll(whole, 5, axis=1)))
    sharp, ghosted = (measured(each, each.meeting.blend) for each in (in_place, shifted))
    assert (sharp.detail, sharp.ghost) == (1.0, 0.0)
    assert ghosted.detail < 0.8
    assert ghosted.ghost > 1.0


def test_without_a_blend_there_is_no_ghost_and_all_of_the_step(joiner: LatentJoiner) -> None:
    hand_over = met(noise(1), noise(2) // 2)
    ways = joined_ways(hand_over, joiner)
    hard, soft = (measured(hand_over, ways[name].rgb) for name in (HARD, PIXELS))
    assert hard.ghost == 0.0
    assert hard.step > 1.3 > soft.step


def test_a_blend_of_another_colour_is_shifted_by_its_distance() -> None:
    grey = np.full((96, 96, 3), 119, np.uint8)
    hand_over = met(grey, grey)
    light = np.where(hand_over.band[..., None], 145, hand_over.meeting.blend).astype(np.uint8)
    assert measured(hand_over, hand_over.meeting.blend).shift == 0.0
    assert measured(hand_over, light).shift == pytest.approx(10.1, abs=0.3)


def test_figures_on_strokes_are_those_of_their_pixels() -> None:
    hand_over = met(noise(1), noise(2))
    strokes = np.zeros_like(NO_STROKES)
    strokes[16:48] = True
    rgb = hand_over.meeting.blend.copy()
    on_stroke = np.zeros(rgb.shape[:2], np.bool_)
    on_stroke[32:64] = True
    rgb[on_stroke] = hand_over.first[on_stroke]
    found = Measure(hand_over, GROUND, strokes).figures(Joined(rgb, 0.0))
    assert found.ghost_strokes == 0.0
    assert found.ghost_ground > 1.0


def trial(out: Path, joiner: LatentJoiner, tool: NumpyEngine) -> OverlapTrial:
    return OverlapTrial(tool, joiner, out, [WORLD], [42], ["guided"], lines=1)


def test_a_second_run_paints_and_measures_nothing_and_says_the_same(
    joiner: LatentJoiner, tmp_path: Path
) -> None:
    tools = engine(PROFILE), engine(PROFILE)
    pages = [trial(tmp_path, joiner, tool).run().read_text() for tool in tools]
    assert pages[0] == pages[1]
    assert len(tools[0].requests) == 18
    assert tools[1].requests == []
    kept = min((tmp_path / "joined").iterdir())
    kept.write_text('[{"world": 1}]')
    with pytest.raises(InputError, match=kept.name):
        trial(tmp_path, joiner, tools[1]).run()


def test_the_page_tells_means_and_differences_from_pixels_at_the_same_hand_overs() -> None:
    def spot(number: int, pixels: float, fused: float) -> Spot:
        ways = {PIXELS: pixels, "latents, exact": fused, HARD: 0.0}
        known = {name: dict.fromkeys((*TITLES, *PARTS), value) for name, value in ways.items()}
        return Spot("seed", 1, number, 3.0, known)

    page = markdown("toy", {"guided, overlap": [spot(0, 1.0, 1.5), spot(1, 3.0, 3.5)], "none": []})
    assert "2 hand-overs of 1 maps; both windows are 3.00 (3.00 to 3.00) apart." in page
    assert "| pixels | 2.00 (1.00 to 3.00) |" in page
    assert "| latents, exact: less pixels | +0.50 (+0.50 to +0.50) |" in page
    assert "no blend: less" not in page
    assert "## none" not in page


def test_the_lines_that_are_measured_are_spread_over_a_map() -> None:
    assert spread(13, 4) == [1, 4, 8, 11]
    assert spread(3, 4) == [0, 1, 2]
    assert spread(0, 4) == []


def test_the_lab_compares_ways_to_blend(tilewright: Call, toy: Path, tmp_path: Path) -> None:
    words = [
        "lab",
        "overlap",
        "--worlds",
        "seed",
        "--seeds",
        "3",
        "--base",
        "drifting",
        "--lines",
        "2",
    ]
    ended = tilewright(*words, "--model", toy, "--out", tmp_path / "lab")
    assert (ended.code, ended.err) == (0, "")
    facts = json.loads((tmp_path / "lab" / "overlap.json").read_text())["groups"]
    assert list(facts) == ["drifting, anchored", "drifting, overlap"]
    for name, spots in facts.items():
        assert len(spots) == 2
        assert all(spot["ways"][PIXELS]["shift"] == 0.0 for spot in spots)
        with Image.open(tmp_path / "lab" / f"overlap-{name.replace(', ', '-')}.png") as picture:
            assert picture.width > 5 * 64
    assert "| latents, linear: less pixels |" in ended.out


def test_an_unknown_base_is_refused(tilewright: Call, toy: Path, tmp_path: Path) -> None:
    ended = tilewright(
        "lab", "overlap", "--base", "lost", "--model", toy, "--out", tmp_path / "lab"
    )
    assert ended.code == 2
    assert "there is no base 'lost'" in ended.complaint()
    assert not (tmp_path / "lab").exists()
