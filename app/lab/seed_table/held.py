"""How well pixels come back that a window holds on its neighbours, before they are pasted over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generation.plan.colour import delta_e, lab_of
from generation.plan.handover import hand_over_lines
from generation.plan.stitch import Stitch
from zones.reader import inside_map

MIN_PIXELS = 64
"""Fewer held pixels of a zone at one line have no mean colour worth comparing."""

_F32 = npt.NDArray[np.float32]


def measure_held(stitch: Stitch, zones: npt.NDArray[np.uint8]) -> dict[str, float | None]:
    """Compare every window with the neighbours that it is anchored on, in the anchors.

    Args:
        stitch: the finished windows.
        zones: uint8 (h, w) ids of the whole map.

    Returns:
        `held`: mean CIEDE2000 of held pixels; `held_shift`: mean distance in Lab between the mean
        colours of a zone's held pixels in both windows, over lines and zones. None where nothing
        is held.
    """
    pixels: list[_F32] = []
    shifts: list[float] = []
    for first, second, ids in _anchored(stitch, zones):
        pixels.append(np.asarray(delta_e(first, second), np.float32))
        for zone in np.unique(ids):
            here = ids == zone
            if here.sum() >= MIN_PIXELS:
                moved = second[here].mean(axis=0) - first[here].mean(axis=0)
                shifts.append(float(np.linalg.norm(moved)))
    return {
        "held": float(np.concatenate(pixels).mean()) if pixels else None,
        "held_shift": float(np.mean(shifts)) if shifts else None,
    }


def _anchored(
    stitch: Stitch, zones: npt.NDArray[np.uint8]
) -> Iterator[tuple[_F32, _F32, npt.NDArray[np.uint8]]]:
    """Lab of the earlier and of the later window, and zones, of the anchor at each line."""
    for line in hand_over_lines(stitch):
        area = inside_map(stitch.grid, line.earlier.window.intersect(line.later.window))
        anchored = line.later.held(area)[1]
        if anchored.any():
            first, second = (
                np.asarray(
                    lab_of(stitch.pixels(raw.tile)[area.slices_in(raw.window)][anchored]),
                    np.float32,
                )
                for raw in (line.earlier, line.later)
            )
            yield first, second, zones[area.slices_in(stitch.grid.map_rect)][anchored]
