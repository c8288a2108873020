"""The text of a window: only what is really on it, in the words of the palette.

A template holds `{map_prompt}`, `{zones}` and `{stencils}`. A part in square brackets is left out
where a placeholder in it is empty, so `{zones}[, crossed by {stencils}]` reads well either way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from zones.errors import InputError
from zones.palette import UNPAINTED, Palette, Zone
from zones.strokes import Stroke

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{(map_prompt|zones|stencils)\}")


def prompt_for(
    window_zones: npt.NDArray[np.uint8],
    strokes: Iterable[Stroke],
    palette: Palette,
    template: str,
    map_prompt: str,
) -> str:
    """The prompt of one window.

    Args:
        window_zones: uint8 (h, w) ids; unpainted pixels count as the base zone.
        strokes: those that show in the window.
        palette: has the prompt fragments.
        template: see the module.
        map_prompt: the map maker's own words, inserted as they are.

    Returns:
        One line: zones by falling area, stencils in the palette's order, each fragment once.

    Raises:
        InputError: a zone or stencil that is not in the palette.
    """
    return composed(zones_by_area(window_zones, palette), strokes, palette, template, map_prompt)


def composed(
    present: Iterable[Zone],
    strokes: Iterable[Stroke],
    palette: Palette,
    template: str,
    map_prompt: str,
) -> str:
    """The prompt of a window whose zones are known already; see `prompt_for`."""
    zones = (zone.prompt for zone in present)
    kinds = {palette.stencil(stroke.kind).name for stroke in strokes}
    stencils = (kind.prompt for kind in palette.stencils if kind.name in kinds)
    return filled(template, zones, stencils, map_prompt)


def zones_by_area(window_zones: npt.NDArray[np.uint8], palette: Palette) -> tuple[Zone, ...]:
    """The zones present, largest first, ties by id; unpainted pixels count as the base zone.

    Raises:
        InputError: an id that is not in the palette.
    """
    counts = cv2.calcHist([window_zones], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    counts[palette.base_zone] += counts[UNPAINTED]
    counts[UNPAINTED] = 0
    present = sorted(np.flatnonzero(counts).tolist(), key=lambda zone_id: -counts[zone_id])
    unknown = [zone_id for zone_id in present if zone_id not in palette.valid_ids]
    if unknown:
        raise InputError(
            f"Zone id {unknown[0]} is painted on the map but not in its palette; "
            "add the zone to the palette or paint over it."
        )
    return tuple(palette.zone(zone_id) for zone_id in present)


def filled(template: str, zones: Iterable[str], stencils: Iterable[str], map_prompt: str) -> str:
    """A template with its placeholders filled, on one line without doubled spaces."""
    values = {
        "zones": ", ".join(_once(zones)),
        "stencils": ", ".join(_once(stencils)),
        "map_prompt": map_prompt.strip(),
    }

    def whole_or_nothing(part: re.Match[str]) -> str:
        names = _PLACEHOLDER.findall(part[1])
        return part[1] if all(values[name] for name in names) else ""

    chosen = _OPTIONAL.sub(whole_or_nothing, template)
    text = _PLACEHOLDER.sub(lambda found: values[found[1]], chosen)
    return " ".join(text.split())


def _once(fragments: Iterable[str]) -> Iterable[str]:
    """The fragments without repeats and empty ones, in order."""
    return dict.fromkeys(fragment.strip() for fragment in fragments if fragment.strip())
