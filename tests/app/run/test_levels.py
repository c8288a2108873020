"""Levels of change: each is a number of free steps, whatever the gate and the length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.levels import Schedule

GATES = ("index", "sigma")
SIDES_PX = (64, 256, 1024)


@given(
    steps=st.integers(1, 60),
    gate=st.sampled_from(GATES),
    side=st.sampled_from(SIDES_PX),
    terminal=st.sampled_from((None, 0.02)),
)
def test_a_level_leaves_exactly_its_number_of_steps_free(
    steps: int, gate: str, side: int, terminal: float | None
) -> None:
    schedule = Schedule(steps, gate, side, terminal)  # type: ignore[arg-type]
    for level in schedule.levels():
        assert schedule.level_of(level.mu).free == level.free
        assert 0 <= level.mu <= 1


@pytest.mark.parametrize("gate", GATES)
def test_a_short_schedule_offers_every_level_it_has(gate: str) -> None:
    levels = Schedule(12, gate, 256).levels()  # type: ignore[arg-type]
    assert [level.free for level in levels] == list(range(13))
    assert [level.mu for level in levels] == sorted({level.mu for level in levels})


def test_a_long_schedule_offers_a_handful() -> None:
    free = [level.free for level in Schedule(50, "index", 256).levels()]
    assert free[0] == 0
    assert free[-1] == 50
    assert len(free) < 14


def test_the_palettes_own_strengths_come_to_the_steps_they_are_known_for() -> None:
    schedule = Schedule(12, "index", 1024)
    assert [schedule.level_of(mu).free for mu in (0.0, 0.15, 0.35, 0.65, 1.0)] == [0, 1, 4, 7, 12]
