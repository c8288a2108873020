"""Rivers, paths and roads as editable splines: lines drawn through a few handles with widths.

The curve is a centripetal Catmull-Rom spline through the handles (Yuksel, Schaefer and Keyser
2011): it passes through every handle and makes no loops between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from zones.errors import InputError
from zones.flow import Flow
from zones.strokes import Stroke

MAX_HANDLES = 10_000
_STEP_PX = 4.0
_MAX_SAMPLES = 8_192
_GRID = 64.0
"""Samples lie on 1/64 px, so the same handles give the same line on every machine."""

_THINNEST = 0.05
"""A tapered end is this share of the width: every point of a stroke has some width."""

_NO_HANDLES: npt.NDArray[np.float64] = np.empty((0, 3))


@dataclass(frozen=True, eq=False)
class Spline(Stroke):
    """A stroke that is drawn through handles; made by `spline`.

    Attributes:
        handles: float64 (n, 3), read-only: x, y and full width in px.
        taper_px: lengths at the start and the end over which the width grows and shrinks.
    """

    handles: npt.NDArray[np.float64] = field(default_factory=lambda: _NO_HANDLES)
    taper_px: tuple[float, float] = (0.0, 0.0)


def spline(
    kind: str,
    handles: npt.ArrayLike,
    *,
    taper_px: tuple[float, float] = (0.0, 0.0),
    mu: float | None = None,
    flow: Flow | None = None,
) -> Spline:
    """Draw a spline.

    Args:
        kind: name of a stencil of the palette.
        handles: (n, 3) x, y and full width in px, n >= 1.
        taper_px: lengths at start and end over which the width grows and shrinks, 0 for none.
        mu: share of steps in which the model may change it, in [0, 1]; None takes the palette's.
        flow: which way it flows, or None.

    Raises:
        InputError: no handle, too many, or a number that is not finite.
    """
    points = np.array(handles, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 3 or not len(points):  # noqa: PLR2004 - x, y, width
        raise InputError("a stroke needs at least one point [x, y, width]; draw one")
    if len(points) > MAX_HANDLES:
        raise InputError(f"a stroke may have at most {MAX_HANDLES} handles; draw fewer")
    if not np.isfinite(points).all() or not np.isfinite(taper_px).all() or min(taper_px) < 0:
        raise InputError("a stroke's points and taper must be finite numbers; draw it again")
    points.setflags(write=False)
    line = _tapered(_sampled(points, straight=not any(taper_px)), taper_px)
    return Spline(kind, line, mu, flow, handles=points, taper_px=(taper_px[0], taper_px[1]))


def handles_of(stroke: Stroke) -> npt.NDArray[np.float64]:
    """What a user drags: a spline's handles, or the points of a plain stroke; (n, 3)."""
    return stroke.handles if isinstance(stroke, Spline) else stroke.points


def with_handles(stroke: Stroke, handles: npt.NDArray[np.float64]) -> Stroke:
    """The same stroke through other handles; raises InputError as `spline`."""
    if isinstance(stroke, Spline):
        return spline(
            stroke.kind, handles, taper_px=stroke.taper_px, mu=stroke.mu, flow=stroke.flow
        )
    if not len(handles):
        raise InputError("a stroke needs at least one point [x, y, width]; delete it instead")
    return replace(stroke, points=handles)


def _sampled(handles: npt.NDArray[np.float64], *, straight: bool) -> npt.NDArray[np.float64]:
    """The curve through handles as points (n, 3) about `_STEP_PX` apart, handles included.

    Where `straight`, a line between two handles has no points in between.
    """
    if len(handles) == 1:
        return handles
    steps = np.diff(handles[:, :2], axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    spacing = max(_STEP_PX, float(lengths.sum()) / _MAX_SAMPLES)
    counts = np.maximum(np.ceil(lengths / spacing), 1).astype(np.int64)
    if straight and len(handles) == 2:  # noqa: PLR2004 - one stretch of line
        counts[:] = 1
    segment = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    share = (np.arange(len(segment)) - begins[segment] + 1) / counts[segment]
    place = _hermite(handles, lengths, segment, share)
    width = handles[segment, 2] + (handles[segment + 1, 2] - handles[segment, 2]) * share
    points = np.concatenate([handles[:1], np.column_stack([place, width])])
    rounded = np.rint(points * _GRID) / _GRID
    return np.column_stack(
        [rounded[:, :2], np.where(points[:, 2] > 0, rounded[:, 2].clip(1 / _GRID), points[:, 2])]
    )


def _hermite(
    handles: npt.NDArray[np.float64],
    lengths: npt.NDArray[np.float64],
    segment: npt.NDArray[np.int64],
    share: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Points (n, 2) at shares of segments, with centripetal tangents at the handles."""
    knots = np.maximum(np.sqrt(lengths), 1e-3)[:, None]
    places = handles[:, :2]
    slopes = np.diff(places, axis=0) / knots
    inner = slopes[:-1] + slopes[1:] - (places[2:] - places[:-2]) / (knots[:-1] + knots[1:])
    tangents = np.concatenate([slopes[:1], inner, slopes[-1:]])
    s = share[:, None]
    span = knots[segment]
    return np.asarray(
        (2 * s**3 - 3 * s**2 + 1) * places[segment]
        + (s**3 - 2 * s**2 + s) * span * tangents[segment]
        + (3 * s**2 - 2 * s**3) * places[segment + 1]
        + (s**3 - s**2) * span * tangents[segment + 1]
    )


def _tapered(
    points: npt.NDArray[np.float64], taper_px: tuple[float, float]
) -> npt.NDArray[np.float64]:
    if not any(taper_px) or len(points) == 1:
        return points
    steps = np.diff(points[:, :2], axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    share = np.ones(len(points))
    for distance, taper in ((along, taper_px[0]), (along[-1] - along, taper_px[1])):
        if taper > 0:
            share *= np.clip(distance / taper, _THINNEST, 1)
    widths = np.maximum(np.rint(points[:, 2] * share * _GRID), 1) / _GRID
    return np.column_stack([points[:, :2], widths])
