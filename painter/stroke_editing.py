"""Edits of the strokes in paint order, as functions from one tuple of strokes to the next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from painter.splines import Spline, handles_of, spline, with_handles
from zones.errors import InputError
from zones.flow import Flow
from zones.strokes import Stroke

Strokes = tuple[Stroke, ...]
Handle = tuple[float, float, float]
"""x, y and full width in px."""


def added(strokes: Strokes, stroke: Stroke) -> Strokes:
    """With one stroke more, on top."""
    return (*strokes, stroke)


def removed(strokes: Strokes, number: int) -> Strokes:
    """Without one stroke."""
    _stroke(strokes, number)
    return (*strokes[:number], *strokes[number + 1 :])


def exchanged(strokes: Strokes, number: int, stroke: Stroke) -> Strokes:
    """With another stroke in the place of one."""
    _stroke(strokes, number)
    return (*strokes[:number], stroke, *strokes[number + 1 :])


def moved(strokes: Strokes, number: int, dx: float, dy: float) -> Strokes:
    """With one stroke moved by (dx, dy) px."""
    stroke = _stroke(strokes, number)
    return exchanged(
        strokes, number, with_handles(stroke, handles_of(stroke) + np.array([dx, dy, 0.0]))
    )


def with_handle(strokes: Strokes, number: int, handle: int, value: Handle) -> Strokes:
    """With one handle of a stroke at another place or of another width."""
    stroke = _stroke(strokes, number)
    handles = handles_of(stroke).copy()
    handles[_checked(handles, handle)] = value
    return exchanged(strokes, number, with_handles(stroke, handles))


def with_new_handle(strokes: Strokes, number: int, before: int, value: Handle) -> Strokes:
    """With a new handle before another one (or at the end, where `before` is their count)."""
    stroke = _stroke(strokes, number)
    handles = handles_of(stroke)
    if not 0 <= before <= len(handles):
        raise InputError(f"the stroke has {len(handles)} points, so none can come at {before}")
    return exchanged(
        strokes, number, with_handles(stroke, np.insert(handles, before, value, axis=0))
    )


def without_handle(strokes: Strokes, number: int, handle: int) -> Strokes:
    """Without one handle of a stroke; a stroke goes with its last handle."""
    stroke = _stroke(strokes, number)
    handles = handles_of(stroke)
    _checked(handles, handle)
    if len(handles) == 1:
        return removed(strokes, number)
    return exchanged(strokes, number, with_handles(stroke, np.delete(handles, handle, axis=0)))


def with_look(
    strokes: Strokes,
    number: int,
    *,
    kind: str | None = None,
    mu: float | None = None,
    flow: Flow | None = None,
    taper_px: tuple[float, float] | None = None,
) -> Strokes:
    """With a stroke's kind, mu, flow or taper changed.

    Args:
        strokes: in paint order.
        number: which stroke.
        kind: None keeps it.
        mu: None takes the palette's.
        flow: None takes it away.
        taper_px: None keeps it; a plain stroke that gets a taper becomes a spline through its
            points.
    """
    stroke = _stroke(strokes, number)
    name = stroke.kind if kind is None else kind
    if isinstance(stroke, Spline) or taper_px is not None:
        old = stroke.taper_px if isinstance(stroke, Spline) else (0.0, 0.0)
        taper = old if taper_px is None else taper_px
        new: Stroke = spline(name, handles_of(stroke), taper_px=taper, mu=mu, flow=flow)
    else:
        new = replace(stroke, kind=name, mu=mu, flow=flow)
    return exchanged(strokes, number, new)


def nearest(strokes: Strokes, x: float, y: float, reach_px: float = 0.0) -> tuple[int, int] | None:
    """The topmost stroke at a place, and its handle nearest to the place.

    Args:
        strokes: in paint order.
        x: in map px.
        y: as x.
        reach_px: how far beside a stroke the place may lie.

    Returns:
        Numbers of the stroke and the handle, or None.
    """
    for number in range(len(strokes) - 1, -1, -1):
        left, top, right, bottom = strokes[number].bounds
        beside = not (left - reach_px <= x <= right + reach_px)
        if beside or not top - reach_px <= y <= bottom + reach_px:
            continue
        if _distance(strokes[number].points, x, y) <= reach_px:
            handles = handles_of(strokes[number])
            return number, int(np.argmin(np.hypot(handles[:, 0] - x, handles[:, 1] - y)))
    return None


def _distance(points: npt.NDArray[np.float64], x: float, y: float) -> float:
    """From a place to the rim of a line with widths; negative inside."""
    starts, ends = (points[:1], points[:1]) if len(points) == 1 else (points[:-1], points[1:])
    steps = ends[:, :2] - starts[:, :2]
    squared = np.maximum((steps**2).sum(axis=1), 1e-12)
    share = (((x, y) - starts[:, :2]) * steps).sum(axis=1) / squared
    share = np.clip(share, 0, 1)
    places = starts[:, :2] + share[:, None] * steps
    halves = (starts[:, 2] + share * (ends[:, 2] - starts[:, 2])) / 2
    return float((np.hypot(places[:, 0] - x, places[:, 1] - y) - halves).min())


def _stroke(strokes: Strokes, number: int) -> Stroke:
    if not 0 <= number < len(strokes):
        raise InputError(f"there is no stroke {number}; the map has {len(strokes)}")
    return strokes[number]


def _checked(handles: npt.NDArray[np.float64], handle: int) -> int:
    if not 0 <= handle < len(handles):
        raise InputError(f"the stroke has no point {handle}; it has {len(handles)}")
    return handle
