"""Which pixels of a window may change, and by how much: regions and mu.

A window holds few different mu, so the change map is worked out as one byte per pixel, the rank
of its mu among them, and looked up at the end. A lower rank is a lower mu: the minimum wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from zones.coverage import anchor_of
from zones.gates import held_steps, klein_sigmas
from zones.geometry import LATTICE_PX, Rect
from zones.inputs import WindowInputs, stroke_mu
from zones.palette import Palette
from zones.settings import CompileSettings
from zones.strokes import draw_stroke

KEEP, FEATURE, GENERATE = 0, 128, 255
"""Values of the inpaint mask."""

_HALF_COVERED = 128
_MAX_STROKE_MUS = 250
_NO_RANK = 255

_U8 = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class StitchedPixels:
    """What finished predecessors show inside a window.

    Attributes:
        rgb: uint8 (h, w, 3); anything where not covered.
        covered: bool (h, w), where there are stitched pixels.
    """

    rgb: _U8
    covered: _Mask


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The parts of a window that are treated differently, all bool (h, w).

    Attributes:
        covered: inside predecessors' coverage, on the map, and stitched.
        anchor: pixels that stay the predecessors' own.
        soft: covered pixels that are held almost to the end (anchor pixels may be among them).
        carved: covered stencil pixels that carve-out frees.
        feature: stencil pixels on the map: at least half covered by strokes of one mu.
        protect: protected pixels.
        stencils: by mu, uint8 (h, w) coverage in 0..255 by the strokes of that mu.
    """

    covered: _Mask
    anchor: _Mask
    soft: _Mask
    carved: _Mask
    feature: _Mask
    protect: _Mask
    stencils: Mapping[float, _U8]


def regions_of(
    inputs: WindowInputs,
    palette: Palette,
    settings: CompileSettings,
    coverage: Sequence[Rect],
    stitched: StitchedPixels | None,
) -> Regions:
    """Work out the regions of one window.

    Args:
        inputs: what is painted on it.
        palette: mu of the stencils.
        settings: layout, widths, carve-out.
        coverage: what each predecessor counts as covering, in the frame of the window.
        stitched: what the predecessors show there.
    """
    nowhere = np.zeros(inputs.rect.shape, dtype=np.bool_)
    protect = nowhere if inputs.protect is None else inputs.protect
    stencils = _stencil_coverage(inputs, palette, settings)
    feature = nowhere.copy()
    on_map = inputs.inside.slices_in(inputs.rect)
    for mask in stencils.values():
        feature[on_map] |= mask[on_map] >= _HALF_COVERED
    covered = anchor = soft = carved = nowhere
    if stitched is not None and coverage:
        covered = _union(coverage, inputs) & stitched.covered
        if settings.carve_out:
            carved = covered & feature & ~protect
        if settings.layout == "anchored":
            deep = [anchor_of(found, settings.soft_px) for found in coverage]
            anchor = _union(deep, inputs) & stitched.covered & ~carved & ~protect
            soft = covered & ~carved
    return Regions(covered, anchor, soft, carved, feature, protect, stencils)


@dataclass(frozen=True, slots=True, eq=False)
class ChangeLevels:
    """mu per pixel as ranks.

    Attributes:
        rank: uint8 (h, w), index into `mus`.
        mus: rising, the first 0 and the last 1.
    """

    rank: _U8
    mus: tuple[float, ...]

    def change_map(self) -> npt.NDArray[np.float32]:
        """mu, float32 (h, w)."""
        return np.asarray(cv2.LUT(self.rank, _table(np.float32, self.mus)), dtype=np.float32)

    def free_steps(self, settings: CompileSettings, rect: Rect) -> _U8:
        """Number of steps of the full schedule at which a pixel is free, uint8 (h, w)."""
        tokens = rect.area // LATTICE_PX**2
        sigmas = klein_sigmas(tokens, settings.steps)
        held = held_steps(self.mus, settings.steps, settings.gate, sigmas)
        free = _table(np.uint8, (settings.steps - held).tolist())
        return np.asarray(cv2.LUT(self.rank, free), dtype=np.uint8)

    def inpaint_mask(self, feature: _Mask) -> _U8:
        """uint8 (h, w): 0 exactly where mu = 0, 128 on stencils, 255 elsewhere."""
        open_mask = cv2.LUT(self.rank, _table(np.uint8, [KEEP], fill=GENERATE))
        stencil = cv2.LUT(feature.view(np.uint8), _table(np.uint8, [GENERATE, FEATURE]))
        return np.asarray(cv2.min(open_mask, stencil), dtype=np.uint8)


def change_levels(
    settings: CompileSettings, inside: tuple[slice, slice], regions: Regions
) -> ChangeLevels:
    """Give every pixel of a window its mu; the lowest of what applies wins.

    Args:
        settings: has the soft band's mu.
        inside: the part of the window that is map.
        regions: of that window.
    """
    mus = tuple(sorted({0.0, 1.0, settings.mu_soft, *regions.stencils}))
    rank_of = {mu: rank for rank, mu in enumerate(mus)}
    rank = np.full(regions.covered.shape, rank_of[1.0], dtype=np.uint8)
    on_map = rank[inside]
    for mu, mask in regions.stencils.items():
        table = _table(np.uint8, [_NO_RANK] * _HALF_COVERED, fill=rank_of[mu])
        np.minimum(on_map, cv2.LUT(mask[inside], table), out=on_map)
    soft = _table(np.uint8, [_NO_RANK, rank_of[settings.mu_soft]])
    np.minimum(rank, cv2.LUT(regions.soft.view(np.uint8), soft), out=rank)
    rank[regions.carved] = rank_of[1.0]
    rank[regions.anchor | regions.protect] = 0
    return ChangeLevels(rank, mus)


def _stencil_coverage(
    inputs: WindowInputs, palette: Palette, settings: CompileSettings
) -> dict[float, _U8]:
    """Coverage 0..255 by the strokes of each mu."""
    strokes = [(stroke, stroke_mu(stroke, palette, settings)) for stroke in inputs.strokes]
    if len({mu for _, mu in strokes}) > _MAX_STROKE_MUS:
        strokes = [(stroke, round(mu, 2)) for stroke, mu in strokes]
    masks: dict[float, _U8] = {}
    for stroke, mu in strokes:
        mask = masks.setdefault(mu, np.zeros(inputs.rect.shape, dtype=np.uint8))
        draw_stroke(mask, stroke, inputs.rect, 255)
    return masks


def _union(rects: Iterable[Rect], inputs: WindowInputs) -> _Mask:
    """Where any of the rectangles lies on the window's part of the map."""
    mask = np.zeros(inputs.rect.shape, dtype=np.bool_)
    for rect in rects:
        mask[rect.intersect(inputs.inside).slices_in(inputs.rect)] = True
    return mask


def _table(
    dtype: type[np.generic], values: Sequence[float], fill: float = 0
) -> npt.NDArray[np.generic]:
    """A look-up table of 256 entries that starts with `values`."""
    table = np.full(256, fill, dtype=dtype)
    table[: len(values)] = values
    return table
