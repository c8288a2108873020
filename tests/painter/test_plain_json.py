"""JSON from strangers is bounded in depth, size and numbers before it is believed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from painter import plain_json
from tests.support.disk import one_line
from zones.errors import InputError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab[{\\"', max_size=4), inner)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_dumped_is_parsed_back(value: Any) -> None:
    assert plain_json.parse(plain_json.dump(value), "it") == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b"[" + b"9" * 5000 + b"]", "too long"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested deeper"),
        (b"[" + b"0," * 1_000_001 + b"0]", "more than 1000000 values"),
        (b'{"a": 1', "line 1"),
        (b"", "line 1"),
        (b"\xff\xfe", "not valid JSON"),
        (b'["unended', "not valid JSON"),
    ],
)
def test_hostile_text_gets_one_clear_line(text: bytes, reason: str) -> None:
    with pytest.raises(InputError, match="it ") as caught:
        plain_json.parse(text, "it")
    assert reason in one_line(caught.value)


def test_brackets_inside_text_are_no_nesting() -> None:
    value = ["[[[[" * 100, 'a"{{{{' * 100, "\\"]
    assert plain_json.parse(plain_json.dump(value), "it") == value


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**64, "\ud800", {1: 2}, {1}, b"x"])
def test_values_without_a_plain_form_are_refused(value: Any) -> None:
    with pytest.raises(InputError, match="facts") as caught:
        plain_json.check_plain({"key": [value]}, "facts")
    one_line(caught.value)


def test_a_list_in_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(InputError, match="too deeply"):
        plain_json.check_plain(loop, "facts")
