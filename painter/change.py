"""What a commit, an undo or a finished tile changed: the places to draw and to judge anew."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from painter.edits import Delta
from painter.layers import BlockLayer, Held
from painter.saving import Content
from painter.steps import LayerName, Step
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.strokes import Stroke

MAX_EXACT_BLOCKS = 16
"""Of an edit of more blocks than this, whole blocks are given instead of exact rectangles."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different now, in map px; a rectangle may be larger than what changed in it.

    Attributes:
        zones: where zones changed.
        protect: where protection, or the art that it keeps, changed.
        strokes: bounds of the strokes that changed, as they were and as they are; they may reach
            beyond the map.
        header: whether prompts, seed, model, settings or the palette changed.
        tiles: finished tiles that came, went or were exchanged.
        results: tiles whose run history changed; the map may look as before.
        label: what did it, for people.
    """

    zones: tuple[Rect, ...] = ()
    protect: tuple[Rect, ...] = ()
    strokes: tuple[Rect, ...] = ()
    header: bool = False
    tiles: frozenset[TileCoord] = frozenset()
    results: frozenset[TileCoord] = frozenset()
    label: str = ""

    @property
    def painted(self) -> tuple[Rect, ...]:
        """Every rectangle in which the painted map may look different."""
        return (*self.zones, *self.protect, *self.strokes)


def change_of(
    step: Step,
    content: Content,
    tiles: frozenset[TileCoord] | None = None,
    results: frozenset[TileCoord] = frozenset(),
) -> Change:
    """What a step changes, done or taken back.

    Args:
        step: any step of the map.
        content: of the map, for the places of its blocks.
        tiles: the finished tiles that changed; None means all of the step.
        results: tiles whose run history changed with it.
    """
    exact = sum(map(len, step.blocks.values())) <= MAX_EXACT_BLOCKS
    rects: dict[LayerName, tuple[Rect, ...]] = {
        name: tuple(_rects(name, delta, content, exact=exact))
        for name, delta in step.blocks.items()
    }
    splice = step.strokes
    strokes = (*splice.before, *splice.after) if splice is not None else ()
    return Change(
        zones=rects.get("zones", ()),
        protect=(*rects.get("protect", ()), *rects.get("art", ())),
        strokes=tuple(map(stroke_rect, strokes)),
        header=step.header is not None,
        tiles=frozenset(TileCoord(*key) for key in step.tiles) if tiles is None else tiles,
        results=results,
        label=step.label,
    )


def whole_map(content: Content, label: str) -> Change:
    """Everything painted may be different; finished tiles stay."""
    everywhere = (content.zones.map_rect,)
    return Change(everywhere, everywhere, everywhere, header=True, label=label)


def stroke_rect(stroke: Stroke) -> Rect:
    """The whole pixels around a stroke, its soft rim included."""
    left, top, right, bottom = stroke.bounds
    x, y = math.floor(left) - 1, math.floor(top) - 1
    return Rect(x, y, math.ceil(right) + 1 - x, math.ceil(bottom) + 1 - y)


def _rects(name: LayerName, delta: Delta, content: Content, *, exact: bool) -> Iterator[Rect]:
    layer: BlockLayer[Any] = getattr(content, name)
    for position, pair in delta.items():
        block = layer.block_rect(position)
        found = None
        if exact:
            with contextlib.suppress(InputError):  # a damaged file: the whole block
                before, after = (_pixels(layer, block, held) for held in pair)
                found = _differing(before, after, block)
        yield block if found is None else found


def _pixels(layer: BlockLayer[Any], block: Rect, held: Held | None) -> npt.NDArray[Any]:
    """A block's pixels, read where they are only named."""
    if held is None:
        return np.broadcast_to(np.zeros((), layer.dtype), layer.shape_of(block))
    return layer.load(held, block.shape) if isinstance(held, str) else held


def _differing(before: npt.NDArray[Any], after: npt.NDArray[Any], block: Rect) -> Rect | None:
    """The smallest rectangle around the pixels that differ; None where none does."""
    differs: npt.NDArray[np.bool_] = np.asarray(before != after)
    flat = differs if differs.ndim == 2 else np.any(differs, axis=2)  # noqa: PLR2004 - (h, w)
    rows, columns = np.flatnonzero(np.any(flat, axis=1)), np.flatnonzero(np.any(flat, axis=0))
    if not rows.size:
        return None
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) - left + 1, int(rows[-1]) - top + 1
    return Rect(block.x + left, block.y + top, width, height)
