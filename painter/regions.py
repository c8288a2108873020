"""Regions of zones with their stencils: copied, pasted, moved and erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from painter.editing import ERASER, Edit
from painter.splines import handles_of, with_handles
from zones.errors import InputError
from zones.geometry import Rect
from zones.strokes import Stroke

MAX_REGION_PX = 2**26
"""Pixels of the largest region that is copied."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A copied piece of a map.

    Attributes:
        zones: uint8 (h, w) ids, read-only.
        mask: bool (h, w), which pixels belong to it, read-only; None means all.
        strokes: the parts of stencil strokes inside, in px from the region's corner.
    """

    zones: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.bool_] | None
    strokes: tuple[Stroke, ...]


def copied(edit: Edit, rect: Rect, mask: npt.NDArray[np.bool_] | None = None) -> Region:
    """Copy a region. Of a stroke, the parts come along whose points lie inside.

    Args:
        edit: shows the map as it is now.
        rect: in map px; only its part on the map is copied.
        mask: bool (rect.height, rect.width), which pixels; None means all.

    Raises:
        InputError: the region is not on the map, or too large.
    """
    inside = _checked(edit, rect)
    zones = edit.zones.read(inside)
    part = None if mask is None else mask[inside.slices_in(rect)].copy()
    for array in (zones, part):
        if array is not None:
            array.setflags(write=False)
    pieces: list[Stroke] = []
    for stroke in edit.strokes:
        if stroke.touches(inside):
            marks = _inside(handles_of(stroke)[:, :2], inside, part)
            pieces.extend(_pieces(stroke, marks, -inside.x, -inside.y))
    return Region(zones, part, tuple(pieces))


def paste(edit: Edit, region: Region, x: int, y: int) -> Rect:
    """Paste a region with its corner at (x, y); returns the part of the map it covers.

    Zones beyond the map are cut off; strokes are not.
    """
    height, width = region.zones.shape
    rect = Rect(x, y, width, height)
    inside = rect.intersect(edit.map_rect)
    if inside.area:
        inner = inside.slices_in(rect)
        part = None if region.mask is None else region.mask[inner]
        edit.zones.paste(inside, region.zones[inner], part)
    edit.strokes = (
        *edit.strokes,
        *(
            with_handles(stroke, handles_of(stroke) + np.array([x, y, 0.0]))
            for stroke in region.strokes
        ),
    )
    return inside


def move(
    edit: Edit, rect: Rect, dx: int, dy: int, mask: npt.NDArray[np.bool_] | None = None
) -> Rect:
    """Move a region by (dx, dy); what it leaves is unpainted.

    A stroke that leaves the region stays in one piece: its points inside move, the others stay.

    Returns:
        The part of the map that the region covers afterwards.

    Raises:
        InputError: the region is not on the map, or too large.
    """
    inside = _checked(edit, rect)
    region = copied(edit, rect, mask)
    edit.zones.fill(inside, 0, region.mask)
    strokes = []
    for stroke in edit.strokes:
        handles = handles_of(stroke)
        marks = _inside(handles[:, :2], inside, region.mask) if stroke.touches(inside) else None
        if marks is None or not marks.any():
            strokes.append(stroke)
        else:
            shift = np.where(marks[:, None], np.array([dx, dy, 0.0]), 0.0)
            strokes.append(with_handles(stroke, handles + shift))
    edit.strokes = tuple(strokes)
    bare = Region(region.zones, region.mask, ())
    return paste(edit, bare, inside.x + dx, inside.y + dy)


def erase(edit: Edit, rect: Rect, mask: npt.NDArray[np.bool_] | None = None) -> Rect:
    """Unpaint a region, and cut out of the strokes the points that lie in it.

    What is left of a stroke on both sides of the region are strokes of their own; a lone point
    that is left of a longer stroke goes too.

    Returns:
        The part of the map that is unpainted.

    Raises:
        InputError: the region is not on the map.
    """
    inside = rect.intersect(edit.map_rect)
    if not inside.area:
        raise InputError("the region lies beyond the map; choose one on it")
    part = None if mask is None else mask[inside.slices_in(rect)]
    edit.paint(ERASER, inside, part)
    strokes: list[Stroke] = []
    for stroke in edit.strokes:
        handles = handles_of(stroke)
        marks = _inside(handles[:, :2], inside, part) if stroke.touches(inside) else None
        if marks is None or not marks.any():
            strokes.append(stroke)
        else:
            pieces = _pieces(stroke, ~marks, 0, 0)
            strokes.extend(piece for piece in pieces if len(handles_of(piece)) > 1)
    edit.strokes = tuple(strokes)
    return inside


def _checked(edit: Edit, rect: Rect) -> Rect:
    inside = rect.intersect(edit.map_rect)
    if not inside.area:
        raise InputError("the region lies beyond the map; choose one on it")
    if inside.area > MAX_REGION_PX:
        raise InputError(
            f"the region has {inside.area} px, more than the {MAX_REGION_PX} that are copied at "
            "once; choose a smaller one"
        )
    return inside


def _inside(
    places: npt.NDArray[np.float64], rect: Rect, mask: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.bool_]:
    """Which places (n, 2) lie in a region."""
    low, high = (rect.x, rect.y), (rect.right, rect.bottom)
    marks = np.asarray(((places >= low) & (places < high)).all(axis=1))
    if mask is not None and marks.any():
        cells = np.floor(places[marks]).astype(np.intp) - low
        marks[marks] = mask[cells[:, 1], cells[:, 0]]
    return marks


def _pieces(stroke: Stroke, marks: npt.NDArray[np.bool_], dx: float, dy: float) -> Iterator[Stroke]:
    """A stroke for each run of marked handles."""
    handles = handles_of(stroke) + np.array([dx, dy, 0.0])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield with_handles(stroke, handles[begin:end])
