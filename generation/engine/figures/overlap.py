"""What the zone reader finds of the painted map: zone fidelity and stencil overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.figures.classifier import ZoneReader
from generation.engine.figures.detail import inner_terrain
from generation.engine.figures.scenes import FIRST_STENCIL, MeasuredWindow
from generation.engine.training.canvas import STENCILS
from generation.engine.training.figures import ZONE_NAMES

U8 = npt.NDArray[np.uint8]

ABOUT_PX = 16
_ABOUT = np.ones((2 * ABOUT_PX + 1, 2 * ABOUT_PX + 1), np.uint8)


@dataclass(frozen=True)
class Reading:
    """What was read off a set of windows.

    Attributes:
        fidelity: share of inner open-terrain pixels read as the painted zone.
        fidelity_everywhere: the same up to the zone borders.
        by_zone: `fidelity` for each zone that occurs.
        overlap: intersection over union of painted and read stencils, wide strokes only, within
            `ABOUT_PX` of what was painted; stencils read elsewhere cost fidelity.
        by_stencil: `overlap` for each kind that occurs.
    """

    fidelity: float
    fidelity_everywhere: float
    by_zone: dict[str, float]
    overlap: float
    by_stencil: dict[str, float]


def read_windows(
    reader: ZoneReader, windows: Sequence[MeasuredWindow], pictures: Sequence[U8]
) -> Reading:
    """Read pictures of windows and compare them with what was painted there."""
    right, everywhere = np.zeros((2, FIRST_STENCIL)), np.zeros(2)
    both, either = np.zeros(len(STENCILS)), np.zeros(len(STENCILS))
    for window, picture in zip(windows, pictures, strict=True):
        found = reader.read(picture)
        opened = window.labels < FIRST_STENCIL
        inner = inner_terrain(window.compiled.zones, ~opened)
        same = found == window.labels
        right += [
            np.bincount(window.labels[where], minlength=FIRST_STENCIL)
            for where in (inner & same, inner)
        ]
        everywhere += [(opened & same).sum(), opened.sum()]
        for kind in range(len(STENCILS)):
            painted = (window.labels == FIRST_STENCIL + kind) & window.wide
            about = cv2.dilate(painted.astype(np.uint8), _ABOUT) > 0
            read = (found == FIRST_STENCIL + kind) & about & ~window.narrow
            both[kind] += (read & painted).sum()
            either[kind] += (read | painted).sum()
    return Reading(
        fidelity=_share(right[0].sum(), right[1].sum()),
        fidelity_everywhere=_share(*everywhere),
        by_zone=_shares(ZONE_NAMES[1:], right[0], right[1]),
        overlap=_share(both.sum(), either.sum()),
        by_stencil=_shares(STENCILS, both, either),
    )


def looks_recognised(
    reader: ZoneReader, windows: Sequence[MeasuredWindow], pictures: Sequence[U8]
) -> float:
    """Return the share of pictures that have the look their prompt named."""
    right = [reader.look(p) == w.look for w, p in zip(windows, pictures, strict=True)]
    return float(np.mean(right))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _shares(
    names: Sequence[str], parts: npt.NDArray[np.float64], wholes: npt.NDArray[np.float64]
) -> dict[str, float]:
    return {
        name: float(part / whole)
        for name, part, whole in zip(names, parts, wholes, strict=True)
        if whole
    }
