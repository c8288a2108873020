"""How far two windows disagree where each painted for itself and the map passes between them.

In the layout `overlap` that is the whole overlap. In the layout `anchored` it is the soft band and
what carve-out made free; deeper in, a window holds its neighbour's own pixels and cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generation.plan.colour import delta_e, lab_of
from generation.plan.handover import hand_over_lines
from generation.plan.stitch import RawWindow, Stitch
from zones.reader import inside_map

MIN_PIXELS = 64
"""Fewer pixels on a whole map are not measured."""

_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Meetings:
    """Mean CIEDE2000 between the two raw windows at every hand-over line of a map.

    Attributes:
        free: where neither window was held at all; None where nowhere.
        free_feature: the same on stencil pixels only.
        met: where neither was anchored: also in the soft band.
        met_feature: the same on stencil pixels only.
    """

    free: float | None
    free_feature: float | None
    met: float | None
    met_feature: float | None


def measure_meetings(stitch: Stitch, stencils: _Mask) -> Meetings:
    """Compare the raw windows on both sides of every hand-over line.

    Args:
        stitch: the finished windows of a map without protected pixels.
        stencils: bool (h, w) of the whole map, where a stencil lies.
    """
    parts = [
        _compare(stitch, line.earlier, line.later, stencils) for line in hand_over_lines(stitch)
    ]
    if not parts:
        return Meetings(None, None, None, None)
    found, feature, free = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Meetings(
        _mean(found[free]), _mean(found[free & feature]), _mean(found), _mean(found[feature])
    )


def _compare(
    stitch: Stitch, earlier: RawWindow, later: RawWindow, stencils: _Mask
) -> tuple[npt.NDArray[np.float32], _Mask, _Mask]:
    """Delta E at each pixel where neither was anchored; is it a stencil's; were both free."""
    area = inside_map(stitch.grid, earlier.window.intersect(later.window))
    held_first, anchored_first = earlier.held(area)
    held_second, anchored_second = later.held(area)
    own = ~anchored_first & ~anchored_second
    first, second = (
        lab_of(stitch.pixels(raw.tile)[area.slices_in(raw.window)][own]) for raw in (earlier, later)
    )
    free = ~held_first & ~held_second
    found = np.asarray(delta_e(first, second), np.float32)
    return found, stencils[area.slices_in(stitch.grid.map_rect)][own], free[own]


def _mean(values: npt.NDArray[np.float32]) -> float | None:
    return float(values.mean(dtype=np.float64)) if values.size >= MIN_PIXELS else None
