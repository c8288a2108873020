"""The overlap experiment as Markdown and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.lab.overlap.handovers import HARD, PIXELS
from generation.plan.intervals import Interval, change_interval, mean_interval

NAME = "overlap"

TITLES: Mapping[str, str] = {
    "step": "step",
    "edge": "edge",
    "detail": "detail",
    "beside": "detail by the ground beside it",
    "ghost": "ghosts",
    "shift": "colour shift",
    "seconds": "s a hand-over",
}
PARTS: Mapping[str, str] = {
    "detail_ground": "detail, open ground",
    "detail_strokes": "detail, strokes",
    "ghost_ground": "ghosts, open ground",
    "ghost_strokes": "ghosts, strokes",
}

_DIGITS = {"seconds": 3}

_ABOUT = """
Where two windows meet, both were painted. *pixels* blends them by the ramp, as the stitched map
does. *latents* fuses the windows' latents under the same ramp in full resolution and decodes: with
one weight a cell (*linear*) or by the trained compositor (*decformer*); *exact* encodes and decodes
the blend of the pixels, the best that such a blend can be. *loss put back*: what the round trip
alone takes from each window is added again. *no blend* changes from one to the other in the middle.
All ways give the raw windows, bit for bit, where only one of them shows.

*step*: colour step across the line over that of lines inside windows. *edge*: strongest straight
edge over those inside. *detail*: gradient energy in the blend over the mean of both windows' own
there; 1 is neither blurred nor roughened. *by the ground beside it*: over that of as wide a strip
on both sides. *ghosts*: CIEDE2000 of each pixel to the nearer one of the two windows' own.
*colour shift*: of the mean colour from that of *pixels*, in Lab. *s*: of the processor; latents
are encoded anew, since runs keep none. Means with 95 % intervals over hand-overs; then differences
from *pixels* at the same ones.
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """One hand-over.

    Attributes:
        world: of the map.
        seed: of the noise.
        number: which of the map's hand-overs.
        apart: mean CIEDE2000 between both windows in the blend.
        figures: by way, each a `Figures` as a dictionary.
    """

    world: str
    seed: int
    number: int
    apart: float
    figures: Mapping[str, Mapping[str, float]]


def markdown(model: str, groups: Mapping[str, Sequence[Spot]]) -> str:
    """The page, with one part for each base point and layout."""
    lines = [f"# {model}: windows blended in pixels or in latents", *_ABOUT.splitlines(), ""]
    for name, spots in groups.items():
        if not spots:
            continue
        apart = mean_interval(np.array([spot.apart for spot in spots])).shown()
        maps = len({(spot.world, spot.seed) for spot in spots})
        lines += [f"## {name}", ""]
        lines += [f"{len(spots)} hand-overs of {maps} maps; both windows are {apart} apart.", ""]
        lines += [*_table(spots, TITLES), "", *_table(spots, PARTS), ""]
        lines += [f"![The hand-overs that differ most]({NAME}-{name.replace(', ', '-')}.png)", ""]
    return "\n".join(lines)


def document(model: str, groups: Mapping[str, Sequence[Spot]]) -> str:
    """All figures as JSON; null where one could not be taken."""
    facts: dict[str, Any] = {"model": model, "groups": {}}
    for name, spots in groups.items():
        facts["groups"][name] = [
            {
                "world": spot.world,
                "seed": spot.seed,
                "hand_over": spot.number,
                "apart": round(spot.apart, 4),
                "ways": {
                    way: {key: _known(value) for key, value in figures.items()}
                    for way, figures in spot.figures.items()
                },
            }
            for spot in spots
        ]
    return json.dumps(facts, indent=1) + "\n"


def _known(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


def _table(spots: Sequence[Spot], titles: Mapping[str, str]) -> list[str]:
    ways = list(spots[0].figures)
    lines = ["| way | " + " | ".join(titles.values()) + " |", "|---" * (1 + len(titles)) + "|"]
    for way in ways:
        cells = [mean_interval(_values(spots, way, name)).shown(_digits(name)) for name in titles]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    for way in ways:
        if way not in {PIXELS, HARD}:
            cells = [_change(spots, way, name).shown(_digits(name), "+") for name in titles]
            lines.append(f"| {way}: less pixels | " + " | ".join(cells) + " |")
    return lines


def _values(spots: Sequence[Spot], way: str, name: str) -> npt.NDArray[np.float64]:
    return np.array([spot.figures[way][name] for spot in spots], np.float64)


def _change(spots: Sequence[Spot], way: str, name: str) -> Interval:
    ours, theirs = (_values(spots, one, name) for one in (way, PIXELS))
    return change_interval(ours, theirs, relative=False)


def _digits(name: str) -> int:
    return _DIGITS.get(name, 2)
