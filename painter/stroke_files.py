"""Strokes as JSON: `{"strokes": [{"kind", "points": [[x, y, width], ...], "mu"}]}` in map px.

In place of "points" an editable spline has "spline", its handles, and may have "taper" (two
lengths); any stroke may have "flow" (an angle along the line in degrees, and a strength).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from painter import plain_json
from painter.files import read_bounded
from painter.splines import Spline, spline
from zones.errors import InputError
from zones.flow import Flow
from zones.palette import Palette
from zones.strokes import MAX_POINTS, Stroke

MAX_FILE_BYTES = 96 * 2**20
"""Longest strokes file that is read."""

MAX_TOTAL_POINTS = 1_000_000
"""Points all strokes of a map may have together."""

MAX_STROKES = 100_000
"""Strokes a map may have."""

REACH = 10
"""Points may lie at most this many map sides away from the origin."""

MAX_ITEMS = 8 * MAX_TOTAL_POINTS
"""JSON values that are read from one strokes file."""

_FIELDS = frozenset({"kind", "points", "spline", "taper", "mu", "flow"})


def read_strokes(path: Path, palette: Palette, size: tuple[int, int]) -> tuple[Stroke, ...]:
    """Read a strokes file.

    Args:
        path: the JSON file.
        palette: knows the kinds of stencils.
        size: (width_px, height_px) of the map; points far beyond it are refused.

    Returns:
        The strokes in paint order, points as float64 (n, 3).

    Raises:
        InputError: missing, not such JSON, an unknown kind, a number that is not finite or out
            of bounds, or too many points; it names the stroke and the point.
    """
    data = read_bounded(path, MAX_FILE_BYTES, "the strokes file")
    return parse_strokes(data, str(path), palette, size)


def parse_strokes(
    data: bytes, where: str, palette: Palette, size: tuple[int, int]
) -> tuple[Stroke, ...]:
    """Read strokes from JSON text; see `read_strokes`."""
    return strokes_of(plain_json.parse(data, where, max_items=MAX_ITEMS), where, palette, size)


def strokes_of(
    document: object, where: str, palette: Palette, size: tuple[int, int]
) -> tuple[Stroke, ...]:
    """Read strokes from parsed JSON; see `read_strokes`."""
    if not isinstance(document, dict) or set(document) != {"strokes"}:
        raise InputError(f'{where} must be one JSON object with the list "strokes" and no more')
    entries = document["strokes"]
    if not isinstance(entries, list) or len(entries) > MAX_STROKES:
        raise InputError(f'{where}: "strokes" must be a list of at most {MAX_STROKES} strokes')
    strokes: list[Stroke] = []
    total = 0
    for number, entry in enumerate(entries):
        strokes.append(_stroke(entry, f"{where}, stroke {number}", palette, size))
        total += len(strokes[-1].points)
        check_total_points(total, where)
    return tuple(strokes)


def check_strokes(
    strokes: Sequence[Stroke], where: str, palette: Palette, size: tuple[int, int]
) -> None:
    """Check strokes made by the program itself by the rules of `read_strokes`.

    Raises:
        InputError: one breaks a rule; it names the stroke and the point.
    """
    for number, stroke in enumerate(strokes):
        place = f"{where}, stroke {number}"
        _check_kind(stroke.kind, place, palette)
        _check_mu(stroke.mu, place)
        _check_points(stroke.points, place, size)
    check_total(strokes, where)


def check_total(strokes: Sequence[Stroke], where: str) -> None:
    """Raise InputError if strokes are too many, or have too many points together."""
    if len(strokes) > MAX_STROKES:
        raise InputError(f"{where} has {len(strokes)} strokes, more than {MAX_STROKES}; use fewer")
    check_total_points(sum(len(stroke.points) for stroke in strokes), where)


def check_total_points(total: int, where: str) -> None:
    """Raise InputError if a map may not have so many points."""
    if total > MAX_TOTAL_POINTS:
        raise InputError(
            f"{where} has more than the {MAX_TOTAL_POINTS} points that a map may have; "
            "simplify the strokes"
        )


def dump_strokes(strokes: Sequence[Stroke]) -> bytes:
    """JSON text from which `parse_strokes` gives equal strokes."""
    return plain_json.dump({"strokes": [stroke_entry(stroke) for stroke in strokes]})


def stroke_entry(stroke: Stroke) -> dict[str, Any]:
    """A stroke as JSON values."""
    entry: dict[str, Any] = {"kind": stroke.kind}
    if isinstance(stroke, Spline):
        entry |= {"spline": stroke.handles.tolist(), "taper": list(stroke.taper_px)}
    else:
        entry["points"] = stroke.points.tolist()
    if stroke.mu is not None:
        entry["mu"] = stroke.mu
    if stroke.flow is not None:
        entry["flow"] = [stroke.flow.angle_deg, stroke.flow.strength]
    return entry


def _stroke(entry: object, place: str, palette: Palette, size: tuple[int, int]) -> Stroke:
    if not isinstance(entry, dict):
        raise InputError(f'{place} must be an object with "kind" and "points"')
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        raise InputError(f"{place} has the unknown field {unknown[0][:40]!r}; remove it")
    kind, mu = entry.get("kind"), entry.get("mu")
    if not isinstance(kind, str):
        raise InputError(f'{place} needs a "kind", the name of a stencil')
    _check_kind(kind, place, palette)
    _check_mu(mu, place)
    share, flow = None if mu is None else float(mu), _flow(entry.get("flow"), place)
    handles = _points(entry, place)
    _check_points(handles, place, size)
    if "spline" not in entry:
        return Stroke(kind, handles, share, flow)
    stroke = spline(kind, handles, taper_px=_taper(entry.get("taper"), place), mu=share, flow=flow)
    _check_points(stroke.points, place, size)
    return stroke


def _flow(value: object, place: str) -> Flow | None:
    if value is None:
        return None
    angle, strength = _pair(value, f'{place}: "flow" must be [angle in degrees, strength]')
    try:
        return Flow(angle, strength)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def _taper(value: object, place: str) -> tuple[float, float]:
    if value is None:
        return 0.0, 0.0
    start, end = _pair(value, f'{place}: "taper" must be two lengths in px')
    if min(start, end) < 0:
        raise InputError(f'{place}: "taper" must be two lengths of 0 px or more')
    return start, end


def _pair(value: object, rule: str) -> tuple[float, float]:
    if not (isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))):  # noqa: PLR2004 - a pair
        raise InputError(rule)
    return float(value[0]), float(value[1])


def _check_kind(kind: str, place: str, palette: Palette) -> None:
    known = [stencil.name for stencil in palette.stencils]
    if kind not in known:
        raise InputError(
            f"{place} has the unknown kind {kind[:40]!r}; the palette has {', '.join(known)}"
        )


def _check_mu(mu: object, place: str) -> None:
    if mu is None:
        return
    if isinstance(mu, bool) or not isinstance(mu, int | float) or not 0 <= mu <= 1:
        raise InputError(f"{place} has the mu {repr(mu)[:20]}; give a number from 0 to 1")


def _points(entry: Mapping[str, object], place: str) -> npt.NDArray[np.float64]:
    """Check the form of a stroke's points or handles and make an array (n, 3) of them."""
    if "points" in entry and not entry.keys().isdisjoint({"spline", "taper"}):
        raise InputError(f'{place} has both "points" and a "spline"; keep one')
    values = entry.get("spline" if "spline" in entry else "points")
    if not isinstance(values, list) or not values:
        raise InputError(f'{place} needs "points", a list of at least one [x, y, width]')
    if len(values) > MAX_POINTS:
        raise InputError(_too_many(place, len(values)))
    for number, point in enumerate(values):
        if not (isinstance(point, list) and len(point) == 3 and all(map(_is_number, point))):  # noqa: PLR2004 - x, y, width
            raise InputError(f"{place}, point {number} must be three numbers [x, y, width]")
    return np.array(values, dtype=np.float64)


def _is_number(value: object) -> bool:
    return type(value) is float or type(value) is int


def _too_many(place: str, count: int) -> str:
    return f"{place} has {count} points, more than the {MAX_POINTS} of one stroke; simplify it"


def _check_points(points: npt.NDArray[np.float64], place: str, size: tuple[int, int]) -> None:
    if not len(points):
        raise InputError(f"{place} has no points; remove it")
    if len(points) > MAX_POINTS:
        raise InputError(_too_many(place, len(points)))
    limits = np.array([REACH * size[0], REACH * size[1]])
    widest = max(size)
    rules: tuple[tuple[npt.NDArray[np.bool_], str], ...] = (
        (np.asarray(~np.isfinite(points).all(axis=1)), "must be finite"),
        (
            np.asarray((np.abs(points[:, :2]) > limits).any(axis=1)),
            f"lies more than {REACH} map sides away; move it",
        ),
        (np.asarray(points[:, 2] <= 0), "needs a width above 0"),
        (np.asarray(points[:, 2] > widest), f"may be at most {widest} px wide"),
    )
    for bad, rule in rules:
        _refuse(bad, points, place, rule)


def _refuse(
    bad: npt.NDArray[np.bool_], points: npt.NDArray[np.float64], place: str, rule: str
) -> None:
    if bad.any():
        number = int(np.argmax(bad))
        values = ", ".join("NaN" if math.isnan(v) else f"{v:g}" for v in points[number])
        raise InputError(f"{place}, point {number} [{values}] {rule}")
