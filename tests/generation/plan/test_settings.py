"""The settings of a run become the compiler's, with the model's widths."""

from __future__ import annotations

import pytest

from generation.plan.settings import RunSettings
from tests.generation.run.cases import PROFILE
from zones.compiler import CompileSettings
from zones.errors import InputError

WIDE = PROFILE.model_copy(update={"anchor_px": 64, "soft_px": 32})
"""An overlap of 96 px."""


def widths(soft_px: int | None) -> tuple[int, int]:
    found = RunSettings(steps=4, soft_px=soft_px).compile_settings(WIDE, "")
    return found.anchor_px, found.soft_px


def test_the_soft_band_is_the_models_own_unless_chosen() -> None:
    assert widths(None) == (64, 32)


@pytest.mark.parametrize(
    ("soft_px", "anchor_px", "kept_px"),
    [(1, 80, 16), (16, 80, 16), (24, 72, 24), (48, 48, 48), (1000, 48, 48)],
)
def test_a_chosen_soft_band_is_taken_from_the_anchor(
    soft_px: int, anchor_px: int, kept_px: int
) -> None:
    assert widths(soft_px) == (anchor_px, kept_px)


@pytest.mark.parametrize(("soft_px", "anchor_px", "kept_px"), [(17, 80, 16), (31, 72, 24)])
def test_a_soft_band_has_whole_latent_cells(soft_px: int, anchor_px: int, kept_px: int) -> None:
    assert widths(soft_px) == (anchor_px, kept_px)


def test_a_run_whose_soft_band_is_wider_than_half_the_overlap_is_refused_with_the_most() -> None:
    for soft_px in (None, 16, 48):
        RunSettings(steps=4, soft_px=soft_px).check_widths(WIDE)
    RunSettings(steps=4, soft_px=56, layout="overlap").check_widths(WIDE)
    with pytest.raises(InputError, match=r"^[^\n]* 56 px wide[^\n]* 96 px [^\n]* at most 48 px$"):
        RunSettings(steps=4, soft_px=56).check_widths(WIDE)


def test_settings_of_older_versions_have_a_flat_soft_band() -> None:
    older = RunSettings(steps=4, mu_soft=0.3).to_json()
    del older["soft_shape"], older["soft_px"]
    found = RunSettings.from_json(older)
    assert (found.soft_shape, found.soft_px, found.mu_soft) == ("flat", None, 0.3)


def test_every_setting_of_the_soft_band_reaches_the_compiler() -> None:
    run = RunSettings(steps=4, soft_shape="rising", mu_soft=0.6)
    found: CompileSettings = run.compile_settings(PROFILE, "")
    assert (found.soft_shape, found.mu_soft) == ("rising", 0.6)
