"""A compiled window follows the painted map and its predecessors, rule by rule."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zones.cases import (
    ANCHOR,
    GRID,
    MIDDLE,
    PALETTE,
    SETTINGS,
    SOFT,
    STRIDE,
    WINDOW,
    compiled,
    finished,
    line,
    neighbours,
    plain_map,
)
from zones.canvas import draw_stencils, flat_canvas
from zones.compiler import CompiledWindow, StitchedPixels, compile_window
from zones.coverage import Predecessor
from zones.errors import InputError
from zones.flow import Flow
from zones.gates import held_steps, klein_sigmas, release_sigma
from zones.grid import Grid, TileCoord
from zones.reader import ArrayMap
from zones.settings import Layout

RIVER = line((160, 288), (416, 288))
"""Right across the middle window at half its height."""
LEFT = neighbours((0, -1))
SIDES = [(0, -1), (0, 1), (-1, 0), (1, 0)]
MU_RIVER = np.float32(0.35)


def protected(*strokes: object) -> ArrayMap:
    """A map whose square at 180..220 px is protected, white art in it."""
    protect = np.zeros((3 * STRIDE, 3 * STRIDE), np.bool_)
    protect[180:220, 180:220] = True
    art = np.full((*protect.shape, 3), 255, np.uint8)
    return plain_map(*strokes, protect=protect, art=art)  # type: ignore[arg-type]


def test_an_empty_window_is_plain_generation() -> None:
    window = compiled(plain_map())
    assert not window.differential
    assert (window.change_map == 1).all()
    assert (window.inpaint_mask == 255).all()
    assert (window.free_steps == 12).all()
    assert not window.paste_mask.any()
    assert (window.seed_canvas == (126, 165, 80)).all()


def test_strokes_protection_or_predecessors_make_a_window_differential() -> None:
    assert compiled(plain_map(RIVER)).differential
    assert compiled(protected()).differential
    assert compiled(plain_map(), LEFT).differential
    assert compiled(plain_map(), LEFT, layout="overlap").differential


def test_regions_get_0_1_4_and_12_free_steps_of_12() -> None:
    window = compiled(plain_map(RIVER), LEFT)
    assert window.free_steps[60, 10] == 0
    assert window.free_steps[60, ANCHOR + 4] == 1
    assert window.free_steps[128, 200] == 4
    assert window.free_steps[60, 200] == 12


def test_a_stencil_is_12_px_wide_feature_with_its_own_colour() -> None:
    window = compiled(plain_map(RIVER))
    column = window.change_map[:, 128]
    assert (column == MU_RIVER).sum() == pytest.approx(12, abs=1)
    assert (window.inpaint_mask[:, 128] == 128).sum() == (column == MU_RIVER).sum()
    painted = draw_stencils(flat_canvas(window.zones, PALETTE), [RIVER], window.rect, PALETTE)
    assert (window.seed_canvas == painted).all()


@given(st.sets(st.sampled_from(SIDES)), st.booleans(), st.sampled_from([None, 0.0, 0.5, 1.0]))
def test_the_mask_is_0_exactly_where_mu_is_0(
    sides: set[tuple[int, int]], carve: bool, mu: float | None
) -> None:
    found = neighbours(*sorted(sides))
    window = compiled(protected(RIVER), found, carve_out=carve, mu_feature=mu)
    assert ((window.inpaint_mask == 0) == (window.change_map == 0)).all()
    assert set(np.unique(window.inpaint_mask)) <= {0, 128, 255}


def test_free_steps_are_the_gate_applied_to_the_change_map() -> None:
    for gate in ("index", "sigma"):
        window = compiled(protected(RIVER), LEFT, gate=gate)
        sigmas = klein_sigmas((WINDOW // 16) ** 2, 12)
        held = held_steps(window.change_map, 12, gate, sigmas)  # type: ignore[arg-type]
        assert (window.free_steps == 12 - held).all()


def test_the_sigma_gate_uses_the_schedule_of_the_window() -> None:
    window = compiled(plain_map(RIVER), gate="sigma", steps=20)
    free = sum(sigma <= release_sigma(0.35) for sigma in klein_sigmas(256, 20))
    assert window.free_steps[128, 128] == free


def test_the_lower_mu_wins_where_regions_meet() -> None:
    window = compiled(plain_map(RIVER), LEFT)
    row = window.change_map[128]
    assert (row[:ANCHOR] == 0).all()
    assert (row[ANCHOR : ANCHOR + SOFT] == np.float32(0.15)).all()
    assert (row[ANCHOR + SOFT :] == MU_RIVER).all()
    assert (window.inpaint_mask[128, ANCHOR:] == 128).all()


def rising(reader: ArrayMap, *offsets: tuple[int, int], **changes: object) -> CompiledWindow:
    """A window with a rising soft band of 32 px, mu 0 to 0.6."""
    numbers = {"anchor_px": 32, "soft_px": 32, "mu_soft": 0.6, "closing_anchor_px": None}
    return compiled(reader, neighbours(*offsets), soft_shape="rising", **numbers, **changes)


def test_a_soft_band_may_rise_by_one_step_per_latent_cell() -> None:
    row = rising(plain_map(), (0, -1)).change_map[128]
    steps = [0.0, 0.2, 0.4, 0.6]
    assert row[:32].max() == 0
    assert row[32:64] == pytest.approx(np.repeat(steps, 8))
    assert (row[64:] == 1).all()


def test_a_rising_soft_band_is_pasted_and_anchored_no_farther_than_a_flat_one() -> None:
    found = rising(plain_map(), (0, -1))
    flat = compiled(plain_map(), LEFT, anchor_px=32, soft_px=32)
    assert (found.paste_mask == flat.paste_mask).all()
    assert (found.anchor_mask == flat.anchor_mask).all()
    assert (found.finished_mask == flat.finished_mask).all()


def test_a_wide_soft_band_rises_in_few_steps_of_whole_cells() -> None:
    row = compiled(
        plain_map(), LEFT, anchor_px=0, soft_px=64, soft_shape="rising", mu_soft=0.6
    ).change_map[128]
    assert row[:64] == pytest.approx(np.repeat([0.0, 0.2, 0.4, 0.6], 16))


def test_the_deepest_neighbour_and_the_stroke_hold_a_rising_soft_band() -> None:
    row = rising(plain_map(RIVER), (0, -1)).change_map[128]
    assert row[40:64] == pytest.approx(np.repeat([0.2, MU_RIVER, MU_RIVER], 8))
    both = rising(plain_map(), (0, -1), (-1, 0)).change_map
    alone = [rising(plain_map(), side).change_map for side in ((0, -1), (-1, 0))]
    assert (both == np.minimum(*alone)).all()


def test_many_different_mu_keep_their_order_beside_a_rising_soft_band() -> None:
    mus = np.linspace(0, 1, 40)
    strokes = [
        line((x, 160), (x, 416), width=3, mu=mu)
        for x, mu in zip(range(250, 410, 4), mus, strict=True)
    ]
    row = rising(plain_map(*strokes), (0, -1)).change_map[128]
    drawn = row[[x - 160 for x in range(250, 410, 4)]]
    assert np.abs(drawn - mus).max() <= 1 / 28 + 1e-6


def test_the_lower_mu_wins_where_strokes_cross() -> None:
    road = line((288, 160), (288, 416), kind="road", mu=0.6)
    window = compiled(plain_map(RIVER, road))
    assert window.change_map[128, 128] == MU_RIVER
    assert window.change_map[60, 128] == np.float32(0.6)


@pytest.mark.parametrize(("own", "run", "mu"), [(None, None, 0.35), (0.2, None, 0.2), (0.2, 1, 1)])
def test_mu_comes_from_the_run_else_the_stroke_else_its_kind(
    own: float | None, run: float | None, mu: float
) -> None:
    window = compiled(plain_map(replace(RIVER, mu=own)), mu_feature=run)
    assert window.change_map[128, 128] == np.float32(mu)
    assert window.inpaint_mask[128, 128] == 128


def test_many_different_mu_are_rounded_but_all_kept() -> None:
    mus = np.linspace(0, 1, 60)
    strokes = [
        line((x, 160), (x, 416), width=3, mu=mu)
        for x, mu in zip(range(170, 410, 4), mus, strict=True)
    ]
    row = compiled(plain_map(*strokes)).change_map[128]
    drawn = row[[x - 160 for x in range(170, 410, 4)]]
    assert np.abs(drawn - mus).max() <= 1 / 60 + 1e-6


def test_anchor_pixels_are_pasted_and_shown() -> None:
    window = compiled(plain_map(RIVER), LEFT)
    assert (window.anchor_mask == (window.change_map == 0)).all()
    assert (window.paste_mask == window.anchor_mask).all()
    assert (window.seed_canvas[:, : ANCHOR + SOFT] == 99).all()
    assert not (window.seed_canvas[:, ANCHOR + SOFT :] == 99).any()


def test_protection_wins_over_stencils_and_anchor() -> None:
    across = line((160, 200), (416, 200))
    window = compiled(protected(across), LEFT, carve_out=True)
    square = np.s_[20:60, 20:60]
    assert (window.change_map[square] == 0).all()
    assert (window.seed_canvas[square] == 255).all()
    assert window.paste_mask[square].all()
    assert not window.anchor_mask[square].any()
    assert window.anchor_mask[70:100, 20:ANCHOR].all()


def test_carve_out_frees_covered_stencil_pixels_only() -> None:
    window = compiled(plain_map(RIVER), LEFT, carve_out=True)
    row = window.change_map[128]
    assert (row[: ANCHOR + SOFT] == 1).all()
    assert (row[ANCHOR + SOFT :] == MU_RIVER).all()
    assert (window.inpaint_mask[128] == 128).all()
    assert not window.paste_mask[128].any()
    assert (window.change_map[100, :ANCHOR] == 0).all()


def test_layout_overlap_shows_predecessors_but_holds_only_stencils() -> None:
    window = compiled(plain_map(RIVER), LEFT, layout="overlap")
    assert (window.seed_canvas[:, : ANCHOR + SOFT] == 99).all()
    assert (window.change_map[128] == MU_RIVER).all()
    assert (window.change_map[:100] == 1).all()
    assert not window.paste_mask.any()


@given(st.booleans(), st.sampled_from(["anchored", "overlap"]), st.integers(20, 236))
def test_band_source_stencil_gives_back_the_colour_of_stencils_that_are_not_held(
    carve: bool, layout: Layout, y: int
) -> None:
    reader = plain_map(line((100, 160 + y), (476, 160 + y)))
    neighbour, stencil, bare = (
        compiled(reader, found, layout=layout, carve_out=carve, band_source=source)
        for found, source in ((LEFT, "neighbour"), (LEFT, "stencil"), ((), "neighbour"))
    )
    assert (stencil.change_map == neighbour.change_map).all()
    own = bare.inpaint_mask == 128
    own[:, : ANCHOR + SOFT] &= carve or layout == "overlap"
    assert (stencil.seed_canvas[own] == bare.seed_canvas[own]).all()
    assert (stencil.seed_canvas[~own] == neighbour.seed_canvas[~own]).all()


def test_a_closing_window_also_shows_what_it_does_not_hold() -> None:
    window = compiled(plain_map(), neighbours((0, -1), (0, 1)))
    held = int((window.change_map[128] < 1).sum())
    assert held == 2 * (16 + SOFT)
    shown = (window.seed_canvas[128] == 99).all(axis=1)
    assert np.flatnonzero(~shown).tolist() == list(range(ANCHOR + SOFT, WINDOW - ANCHOR - SOFT))


def test_carve_out_also_frees_the_overlap_of_layout_overlap() -> None:
    row = compiled(plain_map(RIVER), LEFT, layout="overlap", carve_out=True).change_map[128]
    assert (row[: ANCHOR + SOFT] == 1).all()
    assert (row[ANCHOR + SOFT :] == MU_RIVER).all()


def test_outside_the_map_everything_is_free_but_painted() -> None:
    window = compiled(plain_map(line((-100, 90), (700, 90))), tile=TileCoord(0, 0))
    row = 90 + 32
    assert (window.change_map[row, :32] == 1).all()
    assert (window.inpaint_mask[row, :32] == 255).all()
    assert (window.change_map[row, 32:] == MU_RIVER).all()
    assert (window.seed_canvas[row, 0] == window.seed_canvas[row, 128]).all()


def test_pixels_that_are_not_stitched_are_neither_held_nor_shown() -> None:
    pixels = finished()
    pixels.covered[100:150] = False
    window = compile_window(plain_map(), GRID, PALETTE, MIDDLE, SETTINGS, LEFT, pixels)
    assert (window.change_map[100:150] == 1).all()
    assert (window.seed_canvas[100:150] == (126, 165, 80)).all()
    assert (window.change_map[60:100, :ANCHOR] == 0).all()


def test_unpainted_pixels_become_the_base_zone() -> None:
    window = compiled(plain_map(zone=0))
    assert (window.zones == PALETTE.base_zone).all()


def test_a_wrapped_window_continues_on_the_other_side() -> None:
    zones = np.ones((STRIDE, 2 * STRIDE), np.uint8)
    zones[:, -40:] = 3
    grid = Grid(2 * STRIDE, STRIDE, WINDOW, STRIDE, wrap_x=True)
    stroke = line((370, 96), (460, 96))
    near = grid.neighbours(TileCoord(0, 0))
    found = tuple(Predecessor(other.tile, other.window) for other in near)
    window = compile_window(
        ArrayMap(zones, (stroke,)), grid, PALETTE, TileCoord(0, 0), SETTINGS, found, finished()
    )
    assert (window.zones[100, :32] == 3).all()
    assert (window.zones[100, 32:-40] == 1).all()
    assert (window.seed_canvas[128, 20] == 99).all()
    assert tuple(window.seed_canvas[128, 80]) == (73, 127, 174)
    assert window.change_map[128, 8] == 0
    assert window.change_map[128, -8] == 0


def test_one_wrapped_tile_sees_its_own_stroke_on_both_sides() -> None:
    grid = Grid(STRIDE, STRIDE, WINDOW, STRIDE, wrap_x=True, wrap_y=True)
    reader = ArrayMap(np.ones((STRIDE, STRIDE), np.uint8), (line((0, 20), (0, 60)),))
    window = compile_window(reader, grid, PALETTE, TileCoord(0, 0), SETTINGS)
    assert window.change_map[32 + 40, 32] == MU_RIVER
    assert window.change_map[32 + 40, 32 + STRIDE] == MU_RIVER


def test_compiling_twice_gives_the_same_window() -> None:
    one, two = (compiled(protected(RIVER), neighbours(*SIDES)) for _ in range(2))
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(two, field.name)
        same = (left == right).all() if isinstance(left, np.ndarray) else left == right
        assert same, field.name


def test_every_array_has_its_type_and_is_read_only() -> None:
    window = compiled(protected(RIVER), LEFT)
    types = {
        "seed_canvas": np.uint8,
        "inpaint_mask": np.uint8,
        "change_map": np.float32,
        "free_steps": np.uint8,
        "paste_mask": np.bool_,
        "anchor_mask": np.bool_,
        "zones": np.uint8,
    }
    for name, dtype in types.items():
        array = getattr(window, name)
        assert array.dtype == dtype
        assert array.shape[:2] == (WINDOW, WINDOW)
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0
    with pytest.raises(FrozenInstanceError):
        window.prompt = ""  # type: ignore[misc]


def test_compiling_changes_neither_the_map_nor_the_stitched_pixels() -> None:
    reader, pixels = protected(RIVER), finished()
    compile_window(reader, GRID, PALETTE, MIDDLE, SETTINGS, LEFT, pixels)
    assert (reader.zones == 1).all()
    assert reader.zones.flags.writeable
    assert (pixels.rgb == 99).all()
    assert pixels.covered.all()


def test_predecessors_need_their_pixels_in_the_right_size() -> None:
    with pytest.raises(ValueError, match="pixels they show"):
        compile_window(plain_map(), GRID, PALETTE, MIDDLE, SETTINGS, LEFT)
    small = StitchedPixels(np.zeros((8, 8, 3), np.uint8), np.ones((8, 8), np.bool_))
    with pytest.raises(ValueError, match="256 rows of 256"):
        compile_window(plain_map(), GRID, PALETTE, MIDDLE, SETTINGS, LEFT, small)


def test_a_tile_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="9,9"):
        compiled(plain_map(), tile=TileCoord(9, 9))


@pytest.mark.parametrize(
    "change",
    [
        {"layout": "loose"},
        {"soft_shape": "steep"},
        {"gate": "time"},
        {"steps": 0},
        {"steps": 256},
        {"mu_feature": 1.5},
        {"mu_feature": float("nan")},
        {"mu_soft": -0.1},
        {"stencil_opacity": 2},
        {"anchor_px": -16},
    ],
)
def test_settings_out_of_range_are_refused_in_one_line(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        replace(SETTINGS, **change)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_stroke_with_flow_fades_to_its_banks_in_the_seed_canvas() -> None:
    river = line((0, 288), (576, 288), width=40, flow=Flow(strength=1.0))
    window = compiled(plain_map(river))
    flat = flat_canvas(window.zones, PALETTE)
    expected = draw_stencils(flat, [river], window.rect, PALETTE, SETTINGS.stencil_opacity)
    assert (window.seed_canvas == expected).all()
    bank, middle = window.seed_canvas[128 - 17, 100], window.seed_canvas[128, 100]
    assert (bank != middle).any()
