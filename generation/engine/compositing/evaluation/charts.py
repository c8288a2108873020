"""Line charts of errors by distance, drawn as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX = 940, 440
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 40, 200, 50
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_INK, _FAINT = (40, 40, 40), (215, 215, 215)
COLOURS = (
    (120, 120, 120), (210, 120, 30), (200, 60, 150), (40, 90, 200), (30, 140, 60), (20, 160, 180),
    (190, 40, 40), (150, 150, 60), (110, 70, 190), (0, 0, 0), (230, 170, 60), (120, 80, 50),
)  # fmt: skip
"""RGB of the lines, in order."""


@dataclass(frozen=True)
class Mark:
    """A place along a chart with its interval.

    Attributes:
        line: name of the line it belongs to.
        place: where it is.
        low: start of the interval.
        high: its end.
        value: height it is drawn at.
    """

    line: str
    place: float
    low: float
    high: float
    value: float


def line_chart(
    title: str,
    along: str,
    places: F64,
    lines: Mapping[str, F64],
    marks: Sequence[Mark] = (),
) -> U8:
    """Draw lines over common places, the values on a logarithmic axis.

    Args:
        title: above the chart; names the values.
        along: below it; names the places.
        places: float (n,), rising.
        lines: by name, positive values (n,); NaN leaves a gap.
        marks: dots with bars from end to end of their intervals.

    Returns:
        uint8 (HEIGHT_PX, WIDTH_PX, 3) RGB.
    """
    chart = np.full((HEIGHT_PX, WIDTH_PX, 3), 255, np.uint8)
    known = np.concatenate([values[values > 0] for values in lines.values()])
    low = np.floor(np.log10(known.min())) if len(known) else -1.0
    high = max(low + 1.0, np.ceil(np.log10(known.max()))) if len(known) else 0.0
    _text(chart, title, (_LEFT, _TOP - 16))
    _text(chart, along, (WIDTH_PX // 2 - 4 * len(along), HEIGHT_PX - 12))
    for decade in np.arange(low, high + 1):
        row = _row(float(decade), low, high)
        cv2.line(chart, (_LEFT, row), (WIDTH_PX - _RIGHT, row), _FAINT, 1)
        _text(chart, f"1e{int(decade)}", (14, row + 5))
    for place in _ticks(float(places[0]), float(places[-1])):
        column = int(_columns(np.array([place]), places)[0])
        cv2.line(chart, (column, _TOP), (column, HEIGHT_PX - _BOTTOM), _FAINT, 1)
        _text(chart, f"{place:.0f}", (column - 12, HEIGHT_PX - _BOTTOM + 18))
    span = (float(low), float(high))
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(lines)}
    for number, (name, values) in enumerate(lines.items()):
        _line(chart, _columns(places, places), values, span, colours[name])
        _text(chart, name, (WIDTH_PX - _RIGHT + 12, _TOP + 12 + 20 * number), colours[name])
    for mark in marks:
        _mark(chart, mark, places, _row(float(np.log10(mark.value)), *span), colours[mark.line])
    return chart


def _ticks(first: float, last: float) -> F64:
    """About eight places at multiples of a power of two."""
    step = 2.0 ** np.round(np.log2((last - first) / 8.0))
    return np.asarray(np.arange(np.ceil(first / step), np.floor(last / step) + 1) * step)


def _mark(chart: U8, mark: Mark, places: F64, row: int, colour: tuple[int, int, int]) -> None:
    ends = _columns(np.array([mark.low, mark.high, mark.place]), places).round().astype(int)
    left, right, middle = (int(column) for column in ends)
    cv2.line(chart, (left, row), (right, row), colour, 2, cv2.LINE_AA)
    for end in (left, right):
        cv2.line(chart, (end, row - 5), (end, row + 5), colour, 2, cv2.LINE_AA)
    cv2.circle(chart, (middle, row), 5, colour, cv2.FILLED, cv2.LINE_AA)


def _line(
    chart: U8,
    columns: F64,
    values: F64,
    span: tuple[float, float],
    colour: tuple[int, int, int],
) -> None:
    """Draw the pieces of one line between its gaps."""
    shown = values > 0
    rows = [_row(float(np.log10(v)), *span) if s else 0 for v, s in zip(values, shown, strict=True)]
    points = np.stack([columns, np.array(rows, np.float64)], axis=1).round().astype(np.int32)
    for start, stop in _runs(shown):
        cv2.polylines(chart, [points[start:stop]], False, colour, 2, cv2.LINE_AA)


def _runs(shown: npt.NDArray[np.bool_]) -> Sequence[tuple[int, int]]:
    """Starts and ends of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shown, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _row(decade: float, low: float, high: float) -> int:
    share = (decade - low) / (high - low)
    return round(HEIGHT_PX - _BOTTOM - share * (HEIGHT_PX - _BOTTOM - _TOP))


def _columns(some: F64, places: F64) -> F64:
    share = (some - places[0]) / max(1e-9, places[-1] - places[0])
    return np.asarray(_LEFT + share * (WIDTH_PX - _LEFT - _RIGHT), np.float64)


def _text(
    chart: U8, text: str, place: tuple[int, int], colour: tuple[int, int, int] = _INK
) -> None:
    cv2.putText(chart, text, place, _FONT, 0.45, colour, 1, cv2.LINE_AA)
