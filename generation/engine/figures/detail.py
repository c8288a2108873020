"""Fine detail over many windows: energy above a quarter of the Nyquist frequency, per zone."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.training.figures import ZONE_NAMES, fine_detail

U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

BORDER_PX = 6
"""The renderer moves zone borders by up to 3 px and hangs crowns over them; figures that compare
zones keep this far away from borders."""

_LEAST_PX = 2000


def inner_terrain(zones: U8, stencils: Mask) -> Mask:
    """Return open terrain at least `BORDER_PX` from any zone border or stencil, bool (h, w)."""
    border = cv2.morphologyEx(zones, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    near = (border | stencils).astype(np.uint8)
    reach = np.ones((2 * BORDER_PX - 1, 2 * BORDER_PX - 1), np.uint8)
    return np.asarray(cv2.dilate(near, reach) == 0, np.bool_)


def detail_shares(cases: Iterable[tuple[U8, U8, U8, Mask]]) -> dict[str, float]:
    """Return energy of fine detail relative to the truth, by zone name.

    Args:
        cases: pictures, their truths (uint8 RGB), zones (uint8 ids) and where to measure.

    Returns:
        One share for each zone with enough pixels over all cases, and "all" over every pixel
        that was measured.
    """
    ours = np.zeros(len(ZONE_NAMES))
    theirs, pixels = np.zeros_like(ours), np.zeros_like(ours)
    for picture, truth, zones, where in cases:
        energies = (fine_detail(picture)[where] ** 2, fine_detail(truth)[where] ** 2)
        ids = zones[where]
        ours += np.bincount(ids, energies[0], len(ours))
        theirs += np.bincount(ids, energies[1], len(ours))
        pixels += np.bincount(ids, minlength=len(ours))
    shares = {"all": float(ours.sum() / theirs.sum())}
    for zone, name in enumerate(ZONE_NAMES):
        if name and pixels[zone] >= _LEAST_PX:
            shares[name] = float(ours[zone] / theirs[zone])
    return shares
