"""Strokes files are read exactly, or refused with the stroke and the point named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from painter.stroke_files import dump_strokes, parse_strokes, read_strokes
from tests.support.disk import one_line
from zones.errors import InputError
from zones.palette import default_palette
from zones.strokes import Stroke

PALETTE = default_palette()
SIZE = (1000, 800)
NUMBERS = st.floats(-5000, 5000)
STROKES = st.lists(
    st.builds(
        Stroke,
        st.sampled_from([kind.name for kind in PALETTE.stencils]),
        st.lists(st.tuples(NUMBERS, NUMBERS, st.floats(0.5, 500)), min_size=1, max_size=9).map(
            np.array
        ),
        st.none() | st.floats(0, 1),
    ),
    max_size=5,
)


def parse(stroke: Any) -> tuple[Stroke, ...]:
    return parse_strokes(json.dumps({"strokes": [stroke]}).encode(), "rivers.json", PALETTE, SIZE)


@given(STROKES)
def test_strokes_survive_a_round_trip(strokes: list[Stroke]) -> None:
    read = parse_strokes(dump_strokes(strokes), "it", PALETTE, SIZE)
    assert [(s.kind, s.mu, s.points.tolist()) for s in read] == [
        (s.kind, s.mu, s.points.tolist()) for s in strokes
    ]


def test_a_stroke_without_mu_takes_the_palettes() -> None:
    (stroke,) = parse({"kind": "river", "points": [[1, 2, 3]]})
    assert stroke.mu is None
    assert stroke.points.dtype == np.float64


GOOD = {"kind": "river", "points": [[1, 2, 3], [4, 5, 6]], "mu": 0.35}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "lava"}, "stroke 0 has the unknown kind 'lava'"),
        ({"kind": 3}, 'stroke 0 needs a "kind"'),
        ({"mu": 1.5}, "stroke 0 has the mu 1.5"),
        ({"mu": True}, "stroke 0 has the mu True"),
        ({"points": []}, 'stroke 0 needs "points"'),
        ({"points": None}, 'stroke 0 needs "points"'),
        ({"points": [[1, 2, 3], [1, 2]]}, "stroke 0, point 1 must be three numbers"),
        ({"points": [[1, 2, "3"]]}, "stroke 0, point 0 must be three numbers"),
        ({"points": [[1, 2, True]]}, "stroke 0, point 0 must be three numbers"),
        ({"points": [[1, 2, 3], [10_001, 2, 3]]}, "stroke 0, point 1 [10001, 2, 3] lies more than"),
        ({"points": [[1, -8_001, 3]]}, "stroke 0, point 0 [1, -8001, 3] lies more than"),
        ({"points": [[1, 2, 0]]}, "stroke 0, point 0 [1, 2, 0] needs a width above 0"),
        ({"points": [[1, 2, -4]]}, "needs a width above 0"),
        ({"points": [[1, 2, 1001]]}, "may be at most 1000 px wide"),
        ({"colour": "blue"}, "stroke 0 has the unknown field 'colour'"),
    ],
)
def test_a_bad_stroke_is_named(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse({**GOOD, **change})
    assert reason in one_line(caught.value)
    assert "rivers.json" in str(caught.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    text = f'{{"strokes": [{{"kind": "river", "points": [[{number}, 2, 3]]}}]}}'
    with pytest.raises(InputError, match=r"rivers\.json is not valid JSON") as caught:
        parse_strokes(text.encode(), "rivers.json", PALETTE, SIZE)
    one_line(caught.value)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"strokes": 5}', '{"strokes": [5]}', '{"strokes": [], "more": 1}', "null"]
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"rivers\.json") as caught:
        parse_strokes(text.encode(), "rivers.json", PALETTE, SIZE)
    one_line(caught.value)


@pytest.mark.parametrize(
    ("count", "reason"), [(100_001, "more than the 100000"), (1_000_000, "has 1000000 points")]
)
def test_a_stroke_with_too_many_points_is_refused(count: int, reason: str) -> None:
    text = '{"strokes": [{"kind": "river", "points": [' + ",".join(["[1,2,3]"] * count) + "]}]}"
    with pytest.raises(InputError, match=reason):
        parse_strokes(text.encode(), "rivers.json", PALETTE, SIZE)


def test_ten_million_points_are_refused_before_they_are_read() -> None:
    text = b'{"strokes": [{"kind": "river", "points": [' + b"[1,2,3]," * 10_000_000
    with pytest.raises(InputError, match="more than 8000000 values"):
        parse_strokes(text, "rivers.json", PALETTE, SIZE)


def test_the_total_of_all_strokes_is_bounded() -> None:
    point = ",".join(["[1,2,3]"] * 100_000)
    stroke = f'{{"kind": "river", "points": [{point}]}}'
    text = '{"strokes": [' + ",".join([stroke] * 11) + "]}"
    with pytest.raises(InputError, match="more than the 1000000 points"):
        parse_strokes(text.encode(), "rivers.json", PALETTE, SIZE)


def test_a_file_too_long_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "rivers.json"
    with path.open("wb") as stream:
        stream.truncate(200 * 2**20)
    with pytest.raises(InputError, match="make it smaller"):
        read_strokes(path, PALETTE, SIZE)
