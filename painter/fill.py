"""Flood fill and zone replacement as walks from block to block that can stop after any of them."""

from __future__ import annotations

from collections.abc import Generator

import cv2
import numpy as np
import numpy.typing as npt

from painter.edits import LayerEdit
from painter.layers import BLOCK_PX, Position
from zones.errors import InputError
from zones.geometry import Rect

Walk = Generator[Rect, None, int]
"""Yields the rectangle changed last; returns how many pixels changed."""

_Seeds = list[npt.NDArray[np.intp]]


def flood(
    edit: LayerEdit[np.uint8], at: tuple[int, int], zone: int, bounds: Rect, max_px: int
) -> Walk:
    """Paint all pixels of one zone that hang together, over edges of pixels, from a start.

    Args:
        edit: of the zones.
        at: column and row of the start, inside `bounds`.
        zone: id to paint.
        bounds: inside the map; the fill does not leave it.
        max_px: most pixels that may change.

    Raises:
        InputError: more pixels would change.
    """
    start = Rect(*at, 1, 1)
    old = int(edit.read(start)[0, 0])
    if old == zone:
        return 0
    waiting: dict[Position, _Seeds] = {}
    _add_seeds(waiting, edit, start, np.ones((1, 1), dtype=np.bool_), bounds)
    changed = 0
    while waiting:
        position = next(iter(waiting))
        seeds = waiting.pop(position)
        rect = edit.layer.block_rect(position).intersect(bounds)
        filled = _connected(edit.read(rect) == old, seeds)
        count = int(np.count_nonzero(filled))
        if not count:
            continue
        changed += count
        if changed > max_px:
            raise InputError(
                f"the fill would change more than {max_px} px; bound it by a selection or "
                "close the gap it runs out of"
            )
        edit.fill(rect, zone, None if count == rect.area else filled)
        for side, beside in _sides(rect, filled):
            inside = side.intersect(bounds)
            if inside.area:
                _add_seeds(waiting, edit, inside, beside[inside.slices_in(side)], bounds)
        yield rect
    return changed


def replace_zone(edit: LayerEdit[np.uint8], old: int, new: int, bounds: Rect) -> Walk:
    """Paint every pixel of one zone in `bounds` as another one."""
    changed = 0
    positions = sorted(edit.layer.blocks) if old else [at for at, _ in edit.layer.touched(bounds)]
    for position in positions if old != new else ():
        rect = edit.layer.block_rect(position).intersect(bounds)
        found = edit.read(rect) == old
        count = int(np.count_nonzero(found))
        if count:
            edit.fill(rect, new, None if count == rect.area else found)
            changed += count
            yield rect
    return changed


def _connected(same: npt.NDArray[np.bool_], seeds: _Seeds) -> npt.NDArray[np.bool_]:
    """Of the pixels that are alike, those that hang together with a seed."""
    if same.all():
        return same
    _, labels = cv2.connectedComponents(same.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    chosen = np.zeros(int(labels.max()) + 1, dtype=np.bool_)
    for rows, columns in zip(seeds[::2], seeds[1::2], strict=True):
        chosen[labels[rows, columns]] = True
    chosen[0] = False
    return np.asarray(chosen[labels])


def _sides(rect: Rect, filled: npt.NDArray[np.bool_]) -> list[tuple[Rect, npt.NDArray[np.bool_]]]:
    """The lines of pixels just beyond a rectangle, and which of them touch a filled pixel."""
    return [
        (Rect(rect.x, rect.y - 1, rect.width, 1), filled[:1]),
        (Rect(rect.x, rect.bottom, rect.width, 1), filled[-1:]),
        (Rect(rect.x - 1, rect.y, 1, rect.height), filled[:, :1]),
        (Rect(rect.right, rect.y, 1, rect.height), filled[:, -1:]),
    ]


def _add_seeds(
    waiting: dict[Position, _Seeds],
    edit: LayerEdit[np.uint8],
    line: Rect,
    marked: npt.NDArray[np.bool_],
    bounds: Rect,
) -> None:
    """Note the marked pixels of a line inside one block, in that block's own coordinates."""
    if not marked.any():
        return
    position = (line.x // BLOCK_PX, line.y // BLOCK_PX)
    rect = edit.layer.block_rect(position).intersect(bounds)
    rows, columns = np.nonzero(marked)
    waiting.setdefault(position, []).extend([rows + line.y - rect.y, columns + line.x - rect.x])
