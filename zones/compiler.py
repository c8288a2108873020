"""The zone compiler: one window of a painted map becomes what a model can paint.

It makes the seed canvas the model starts from, the inpaint mask, the change map (mu per pixel),
the steps at which each pixel is free, and the prompt. The rules, strongest first: protected pixels
are held to their art; outside the map everything is free; with carve-out a stencil inside
predecessors' coverage is free; elsewhere the lowest mu of anchor (0), soft band, stencil and open
terrain (1) wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt

from zones.canvas import draw_stencils, flat_canvas, painted_canvas
from zones.change import ChangeMaps, StitchedPixels, change_maps
from zones.coverage import Predecessor, coverage_of
from zones.geometry import Rect
from zones.grid import Grid, TileCoord
from zones.inputs import WindowInputs, hash_of, read_inputs, stroke_mu, window_inputs_hash
from zones.palette import Palette
from zones.reader import MapReader
from zones.settings import CompileSettings, Layout
from zones.strokes import Shapes, prepare, shapes_in

__all__ = [
    "CompileSettings",
    "CompiledWindow",
    "Layout",
    "Predecessor",
    "StitchedPixels",
    "compile_window",
    "window_inputs_hash",
]

_U8 = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledWindow:
    """One window, ready to be painted; every array is read-only.

    Attributes:
        tile: the tile it belongs to.
        rect: the window in the unwrapped map frame.
        seed_canvas: uint8 (h, w, 3) RGB the model starts from.
        inpaint_mask: uint8 (h, w): 0 keep (exactly where mu = 0), 128 feature, 255 generate.
        change_map: float32 (h, w) mu in [0, 1].
        free_steps: uint8 (h, w) number of steps of the full schedule at which the pixel is free.
        prompt: the window's text.
        paste_mask: bool (h, w) pixels pasted back exactly: anchor and protected.
        anchor_mask: bool (h, w) pixels that are the predecessors' own.
        finished_mask: uint8 (h, w), not 0 where the seed canvas shows finished pixels that are
            held: anchor, soft band and protected.
        zones: uint8 (h, w) ids, unpainted pixels already of the base zone.
        coverage: what each predecessor counts as covering, in the frame of `rect`.
        differential: whether it has stencils, protection or predecessors; if not, the window is
            plain generation.
        inputs_hash: fingerprint of the window's own inputs, without anything extra.
    """

    tile: TileCoord
    rect: Rect
    seed_canvas: _U8
    inpaint_mask: _U8
    change_map: npt.NDArray[np.float32]
    free_steps: _U8
    prompt: str
    paste_mask: _Mask
    anchor_mask: _Mask
    finished_mask: _U8
    zones: _U8
    coverage: tuple[Rect, ...]
    differential: bool
    inputs_hash: str

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


def compile_window(  # noqa: PLR0913 - the map, its grid and words, the place, the run, neighbours
    reader: MapReader,
    grid: Grid,
    palette: Palette,
    tile: TileCoord,
    settings: CompileSettings,
    predecessors: Sequence[Predecessor] = (),
    stitched: StitchedPixels | None = None,
    *,
    closing: bool | None = None,
) -> CompiledWindow:
    """Compile one window.

    Args:
        reader: the painted map.
        grid: where the windows stand.
        palette: colours, mu and words.
        tile: which window.
        settings: layout, widths, gate, words.
        predecessors: finished neighbours it is anchored on.
        stitched: what they show inside the window; needed where there are any.
        closing: use the thin closing anchor (a late re-roll does); None does so for windows with
            predecessors on opposite sides.

    Raises:
        InputError: no such tile, or a zone or stencil that is not in the palette.
        ValueError: predecessors without their stitched pixels, or pixels of another shape.
    """
    inputs = read_inputs(reader, grid, palette, tile, settings)
    _check_stitched(stitched, inputs.rect, needed=bool(predecessors))
    coverage = coverage_of(inputs.rect, predecessors, settings, closing=closing)
    prepare(inputs.strokes)
    shapes = [shapes_in(stroke, inputs.rect) for stroke in inputs.strokes]
    mus = [stroke_mu(stroke, palette, settings) for stroke in inputs.strokes]
    around = [near.window for near in predecessors]
    stencils = list(zip(shapes, mus, strict=True))
    maps = change_maps(inputs, settings, stencils, coverage, around, stitched)
    return CompiledWindow(
        tile=tile,
        rect=inputs.rect,
        seed_canvas=_seed_canvas(inputs, palette, settings, shapes, maps, stitched),
        inpaint_mask=maps.inpaint_mask,
        change_map=maps.change_map,
        free_steps=maps.free_steps,
        prompt=inputs.prompt,
        paste_mask=maps.paste_mask,
        anchor_mask=maps.anchor_mask,
        finished_mask=maps.finished_mask,
        zones=inputs.zones,
        coverage=coverage,
        differential=bool(inputs.strokes or coverage or inputs.protect is not None),
        inputs_hash=hash_of(inputs, palette, settings),
    )


def _check_stitched(stitched: StitchedPixels | None, rect: Rect, *, needed: bool) -> None:
    if stitched is None:
        if needed:
            raise ValueError("predecessors come with the pixels they show in the window")
        return
    if (stitched.rgb.shape, stitched.covered.shape) != ((*rect.shape, 3), rect.shape):
        raise ValueError(f"stitched pixels must be {rect.height} rows of {rect.width} pixels")


def _seed_canvas(
    inputs: WindowInputs,
    palette: Palette,
    settings: CompileSettings,
    shapes: Sequence[Shapes],
    maps: ChangeMaps,
    stitched: StitchedPixels | None,
) -> _U8:
    """Zone colours, stencils over them, predecessors' pixels over both, protected art over all."""
    opacity = settings.stencil_opacity
    if any(stroke.flow for stroke in inputs.strokes):
        flat = flat_canvas(inputs.zones, palette)
        canvas = draw_stencils(flat, inputs.strokes, inputs.rect, palette, opacity)
    else:
        colours = [palette.stencil(stroke.kind).rgb for stroke in inputs.strokes]
        coloured = list(zip(shapes, colours, strict=True))
        canvas = painted_canvas(inputs.zones, coloured, palette, opacity)
    if stitched is not None:
        cv2.copyTo(stitched.rgb, maps.shown, canvas)
    if inputs.protect is not None and inputs.art is not None:
        cv2.copyTo(inputs.art, inputs.protect.view(np.uint8), canvas)
    return canvas
