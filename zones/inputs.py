"""The fingerprint of a window's own inputs: when it changes, the painted window is stale.

Only what the window itself is made from counts: what is painted on it, the words, the settings.
Its neighbours' pixels do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.palette import Palette, Zone
from zones.prompt import composed, zones_by_area
from zones.reader import (
    MapReader,
    inside_map,
    read_extended_art,
    read_extended_protect,
    read_extended_zones,
    strokes_in_extended,
)
from zones.settings import CompileSettings
from zones.strokes import Stroke, points_near


@dataclass(frozen=True, slots=True, eq=False)
class WindowInputs:
    """What is painted on one window.

    Attributes:
        rect: the window, in the unwrapped map frame.
        inside: the part of it that is map.
        zones: uint8 (h, w) ids, unpainted pixels already of the base zone.
        present: the zones on it, by falling area.
        strokes: those that show in the window, in paint order.
        lines: of each stroke the points that matter here, float64 (k, 3).
        protect: bool (h, w), or None where nothing is protected.
        art: uint8 (h, w, 3) RGB of the protected pixels, or None.
        prompt: the window's text.
    """

    rect: Rect
    inside: Rect
    zones: npt.NDArray[np.uint8]
    present: tuple[Zone, ...]
    strokes: tuple[Stroke, ...]
    lines: tuple[npt.NDArray[np.float64], ...]
    protect: npt.NDArray[np.bool_] | None
    art: npt.NDArray[np.uint8] | None
    prompt: str


def read_inputs(
    reader: MapReader, grid: Grid, palette: Palette, tile: TileCoord, settings: CompileSettings
) -> WindowInputs:
    """Read everything painted on a tile's window.

    Raises:
        InputError: no such tile, or a zone or stencil that is not in the palette.
    """
    rect = grid.window(tile)
    zones = palette.painted(read_extended_zones(reader, grid, rect))
    present = zones_by_area(zones, palette)
    drawn = strokes_in_extended(reader, grid, rect)
    visible = [
        (stroke, line)
        for stroke, line in zip(drawn, points_near(drawn, rect), strict=True)
        if len(line)
    ]
    strokes = tuple(stroke for stroke, _ in visible)
    protect = read_extended_protect(reader, grid, rect)
    some = bool(protect.any())
    return WindowInputs(
        rect=rect,
        inside=inside_map(grid, rect),
        zones=zones,
        present=present,
        strokes=strokes,
        lines=tuple(line for _, line in visible),
        protect=protect if some else None,
        art=read_extended_art(reader, grid, rect) if some else None,
        prompt=composed(present, strokes, palette, settings.prompt_template, settings.map_prompt),
    )


def stroke_mu(stroke: Stroke, palette: Palette, settings: CompileSettings) -> float:
    """A stroke's mu: the settings' for all strokes, else its own, else its kind's."""
    if settings.mu_feature is not None:
        return settings.mu_feature
    return palette.stencil(stroke.kind).mu if stroke.mu is None else stroke.mu


def window_mus(
    reader: MapReader, grid: Grid, palette: Palette, tile: TileCoord, settings: CompileSettings
) -> list[float]:
    """The mu of every stroke in a tile's window, in paint order."""
    strokes = strokes_in_extended(reader, grid, grid.window(tile))
    return [stroke_mu(stroke, palette, settings) for stroke in strokes]


def window_inputs_hash(
    reader: MapReader,
    grid: Grid,
    palette: Palette,
    tile: TileCoord,
    settings: CompileSettings,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Fingerprint of everything a tile's window is made from, its neighbours excepted.

    Args:
        reader: the painted map.
        grid: where the windows stand.
        palette: colours, mu and words.
        tile: which window.
        settings: how it is compiled.
        extra: what else decides its pixels, such as seed, model and strength.

    Returns:
        64 hexadecimal digits (SHA-256).

    Raises:
        InputError: no such tile, or a zone or stencil that is not in the palette.
    """
    return hash_of(read_inputs(reader, grid, palette, tile, settings), palette, settings, extra)


def hash_of(
    inputs: WindowInputs,
    palette: Palette,
    settings: CompileSettings,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Fingerprint of inputs that were read already; see `window_inputs_hash`."""
    facts = {
        "rect": _sides(inputs.rect),
        "inside": _sides(inputs.inside),
        "prompt": inputs.prompt,
        "zones": [[zone.id, *zone.rgb] for zone in inputs.present],
        "settings": _settings_that_matter(inputs, settings),
        "strokes": [
            [
                *palette.stencil(stroke.kind).rgb,
                stroke_mu(stroke, palette, settings),
                *(() if stroke.flow is None else (stroke.flow.strength,)),
            ]
            for stroke in inputs.strokes
        ],
        "protected": 0 if inputs.protect is None else int(inputs.protect.sum()),
        "extra": sorted((extra or {}).items()),
    }
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(inputs.zones).data)
    corner = np.array([inputs.rect.x, inputs.rect.y, 0.0])
    for line in inputs.lines:
        digest.update(f"|{len(line)}|".encode())
        digest.update((line - corner).data)
    if inputs.protect is not None and inputs.art is not None:
        digest.update(np.packbits(inputs.protect).data)
        digest.update(inputs.art[inputs.protect].data)
    return digest.hexdigest()


def _settings_that_matter(
    inputs: WindowInputs, settings: CompileSettings
) -> dict[str, float | int | str | bool | None]:
    facts: dict[str, float | int | str | bool | None] = {
        "layout": settings.layout,
        "steps": settings.steps,
        "gate": settings.gate,
    }
    if settings.gate == "sigma" and settings.terminal_sigma is not None:
        facts["terminal_sigma"] = settings.terminal_sigma
    if settings.layout == "anchored":
        facts |= {
            "anchor_px": settings.anchor_px,
            "soft_px": settings.soft_px,
            "mu_soft": settings.mu_soft,
            "closing_anchor_px": settings.closing_anchor_px,
        }
        if settings.soft_shape != "flat":
            facts["soft_shape"] = settings.soft_shape
    if inputs.strokes:
        facts |= {"opacity": settings.stencil_opacity, "carve_out": settings.carve_out}
        if settings.band_source != "neighbour":
            facts["band_source"] = settings.band_source
    return facts


def _sides(rect: Rect) -> tuple[int, int, int, int]:
    return rect.x, rect.y, rect.width, rect.height
