"""Spans of time in words."""

from __future__ import annotations

import pytest

from app.core.durations import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (7.6, "8 s"),
        (42, "40 s"),
        (58, "1 min"),
        (150, "2 min"),
        (3570, "1 h"),
        (4800, "1 h 20 min"),
        (36_000, "10 h"),
    ],
)
def test_a_span_is_said_as_a_person_would(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
