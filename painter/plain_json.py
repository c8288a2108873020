"""JSON from strangers: bounded in length, depth and number of items, and finite throughout."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from zones.errors import InputError

MAX_DEPTH = 32
"""Deepest nesting of arrays and objects that is read."""

_MAX_INTEGER_DIGITS = 20
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % _MAX_INTEGER_DIGITS)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def parse(data: bytes, where: str, *, max_items: int = 1_000_000) -> Any:
    """Parse JSON after counting its nesting and items, so that memory and time stay bounded.

    Args:
        data: UTF-8 text.
        where: the file's name for people.
        max_items: most values that are read.

    Raises:
        InputError: not JSON, too deep, too many items, NaN, an infinite or an overlong number.
    """
    _check_shape(data, where, max_items)
    long_numbers = _LONG_NUMBER.search(data) is not None
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_integer if long_numbers else None,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(
            f"{where} is not valid JSON ({place}: {error.msg}); mend or replace the file"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{where} is not valid JSON ({error}); mend or replace the file"
        ) from error


def dump(value: object) -> bytes:
    """Write JSON in one canonical form: equal values give equal bytes.

    Raises:
        ValueError: a number is not finite.
        TypeError: a value has no JSON form.
    """
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def check_plain(value: object, where: str, depth: int = 8) -> None:
    """Check that a value is made of JSON's own types, finite numbers and at most `depth` levels.

    Raises:
        InputError: it is not.
    """
    if isinstance(value, str):
        if not value.isprintable() and any("\ud800" <= char <= "\udfff" for char in value):
            raise InputError(f"{where} holds a broken character; replace the text")
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise InputError(f"{where} holds a number of more than 64 bits; give a smaller one")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(f"{where} holds a number that is not finite; give a finite one")
    elif isinstance(value, Mapping | list | tuple):
        _check_members(value, where, depth)
    elif value is not None:
        raise InputError(f"{where} holds a {type(value).__name__}, which JSON does not know")


def _check_members(
    value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], where: str, depth: int
) -> None:
    if depth == 0:
        raise InputError(f"{where} is nested too deeply; make it flatter")
    if isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                raise InputError(f"{where} has a name that is not text; use text")
            check_plain(key, where, depth - 1)
            check_plain(member, where, depth - 1)
        return
    for member in value:
        check_plain(member, where, depth - 1)


def _check_shape(data: bytes, where: str, max_items: int) -> None:
    """Count brackets and separators outside of strings before anything is built."""
    if len(data) <= max_items and data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return  # too short and too flat to break a bound, even if nothing were in strings
    escaped = b"\\" in data
    outside = _STRING.sub(b'"', data) if escaped else b'"'.join(data.split(b'"')[::2])
    marks = np.frombuffer(outside, dtype=np.uint8)
    opened = (marks == ord("[")) | (marks == ord("{"))
    closed = (marks == ord("]")) | (marks == ord("}"))
    items = int(np.count_nonzero(opened)) + int(np.count_nonzero(marks == ord(",")))
    if items > max_items:
        raise InputError(f"{where} holds more than {max_items} values; make it smaller")
    if not marks.size:
        return
    steps = opened.astype(np.int8) - closed.astype(np.int8)
    if int(np.cumsum(steps, dtype=np.int32).max()) > MAX_DEPTH:
        raise InputError(f"{where} is nested deeper than {MAX_DEPTH} levels; make it flatter")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that may stand here")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS:
        raise ValueError(f"the number {text[:20]}... is too long")
    return int(text)
