"""The rows of the seed table: one change at a time, compared under equal conditions."""

from __future__ import annotations

import pytest

from app.lab.seed_table.rows import BASES, KEY_ROWS, Row, choose_rows, rows_of, with_overlap
from tests.app.lab.seed_table_cases import PROFILE
from zones.errors import InputError

EVERY = [row for base in BASES for row in rows_of(base, PROFILE)]
WIDE = PROFILE.model_copy(
    update={"window_px": 256, "anchor_px": 48, "closing_anchor_px": 32, "overlap_layout_px": 64}
)


def conditions(row: Row) -> tuple[object, ...]:
    settings, profile = row.settings(PROFILE), row.profile(PROFILE)
    return (
        settings.reference,
        settings.strength,
        settings.noise,
        settings.steps,
        profile.overlap_px,
    )


@pytest.mark.parametrize(
    "row",
    [row for row in EVERY if not row.name.endswith(", stencil-only")],
    ids=lambda row: f"{row.base}-{row.name}",
)
def test_both_sides_of_a_comparison_have_equal_conditions(row: Row) -> None:
    (other,) = [each for each in EVERY if (each.base, each.name) == (row.base, row.against)]
    assert conditions(row) == conditions(other)
    assert other.settings(PROFILE).plain


@pytest.mark.parametrize("base", BASES)
def test_no_two_rows_are_the_same(base: str) -> None:
    rows = rows_of(base, WIDE)
    ways = [(row.settings(WIDE), row.profile(WIDE), row.order, row.candidates) for row in rows]
    assert len({repr(way) for way in ways}) == len({row.name for row in rows}) == len(rows)


def test_overlaps_keep_the_soft_band_and_spend_the_rest_on_the_anchor() -> None:
    widths = {px: with_overlap(WIDE, px) for px in (0, 32, 64, 96)}
    found = {px: (each.anchor_px, each.soft_px) for px, each in widths.items()}
    assert found == {0: (0, 0), 32: (16, 16), 64: (48, 16), 96: (80, 16)}
    assert all(each.overlap_px == each.overlap_layout_px == px for px, each in widths.items())
    assert [each.closing_anchor_px for each in widths.values()] == [0, 16, 32, 32]


def test_a_wider_soft_band_is_taken_from_the_anchor() -> None:
    (row,) = [each for each in rows_of("guided", WIDE) if each.name == "soft 32 px, mu_soft 0.35"]
    found = row.settings(WIDE).compile_settings(row.profile(WIDE), "")
    assert (found.anchor_px, found.soft_px, found.mu_soft) == (32, 32, 0.35)


@pytest.mark.parametrize("overlap_px", [-32, 16, 160])
def test_an_overlap_that_does_not_fit_is_refused(overlap_px: int) -> None:
    with pytest.raises(InputError, match=f"{overlap_px} px does not fit"):
        with_overlap(WIDE, overlap_px)


def test_a_chosen_row_brings_the_row_it_is_compared_with() -> None:
    chosen = choose_rows(["guided"], ["T 4, anchored"], PROFILE)
    assert [row.name for row in chosen] == ["T 4, stencil-only", "T 4, anchored"]


def test_key_rows_exist_at_every_base() -> None:
    chosen = choose_rows(list(BASES), ["key"], PROFILE)
    assert [row.name for row in chosen] == [*KEY_ROWS, *KEY_ROWS]


@pytest.mark.parametrize(("bases", "names"), [(["calm"], ["key"]), (["guided"], ["mu 7"])])
def test_unknown_bases_and_rows_are_refused(bases: list[str], names: list[str]) -> None:
    with pytest.raises(InputError, match="there is no"):
        choose_rows(bases, names, PROFILE)
