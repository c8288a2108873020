"""What states of tiles, free steps and seams are called and coloured, the same everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

STATE_ICONS = {
    "empty": "circle-outline",
    "stale": "update",
    "queued": "clock-outline",
    "generating": "brush",
    "done": "check",
    "flagged": "flag-variant",
    "failed": "alert",
}

_STATE_COLOURS = {
    "empty": "#9aa4b1",
    "stale": "#e3b341",
    "queued": "#93a9c9",
    "generating": "#4aa3ff",
    "done": "#7cc48f",
    "flagged": "#ee8f4a",
    "failed": "#ea6a66",
}

_FREE_STOPS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))
"""Five samples of matplotlib's viridis (public domain, CC0): rising lightness, safe for the
colour-blind."""

_SEAM_STOPS = ((63, 167, 160), (230, 176, 74), (214, 69, 69))

SEAM_BEST, SEAM_WORST = 1.0, 2.0
"""Step ratios at the ends of the seam colours: invisible, plain to see."""

_GUIDED = 0.5
_FEW = 0.25


def capital(name: str) -> str:
    """A name as it begins a label or stands in one: "forest" is "Forest"."""
    return name[:1].upper() + name[1:]


def state_label(kind: str) -> str:
    """What a tile's state is called."""
    return {
        "empty": _tr("Not painted yet"),
        "stale": _tr("Out of date"),
        "queued": _tr("Waiting"),
        "generating": _tr("In work"),
        "done": _tr("Done"),
        "flagged": _tr("Visible seam"),
        "failed": _tr("Failed"),
    }[kind]


def state_colour(kind: str) -> QColor:
    """The colour of a tile's state."""
    return QColor(_STATE_COLOURS[kind])


def free_label(free: int, steps: int) -> str:
    """A level of freedom by name, with its number of steps.

    Args:
        free: steps at which the model may change a pixel, 0 to `steps`.
        steps: of the whole schedule.
    """
    return _tr("{name} ({free} of {steps} steps)").format(
        name=_free_name(free, steps), free=free, steps=steps
    )


def free_colour(free: int, steps: int) -> QColor:
    """The colour of a level of freedom."""
    red, green, blue = free_table(steps)[free]
    return QColor(int(red), int(green), int(blue))


def free_table(steps: int) -> npt.NDArray[np.uint8]:
    """RGB by number of free steps, uint8 (steps + 1, 3)."""
    return _blend(np.arange(steps + 1) / steps, _FREE_STOPS)


def seam_colour(step: float | None) -> QColor:
    """The colour of a hand-over line by its step ratio; grey where it could not be measured."""
    if step is None:
        return QColor("#9aa4b1")
    share = (step - SEAM_BEST) / (SEAM_WORST - SEAM_BEST)
    red, green, blue = _blend(np.array([share]), _SEAM_STOPS)[0]
    return QColor(int(red), int(green), int(blue))


def _free_name(free: int, steps: int) -> str:
    if free == 0:
        return _tr("Kept exactly")
    if free == steps:
        return _tr("Painted freely")
    if free <= _FEW * steps:
        return _tr("Barely changed")
    return _tr("Closely guided") if free <= _GUIDED * steps else _tr("Loosely guided")


def _blend(
    shares: npt.NDArray[np.float64], stops: tuple[tuple[int, int, int], ...]
) -> npt.NDArray[np.uint8]:
    """Colours between evenly spaced stops, uint8 (n, 3), at shares that are cut to [0, 1]."""
    at = np.linspace(0.0, 1.0, len(stops))
    bands = [np.interp(shares, at, [stop[band] for stop in stops]) for band in range(3)]
    return np.rint(np.stack(bands, axis=-1)).astype(np.uint8)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Looks", text)
