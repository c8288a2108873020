"""Which pixels of a window may change, and by how much: regions and mu.

Every pixel gets one byte that says all that matters about it. Its lowest two or three bits tell how
deep the pixel lies in finished predecessors, the next one whether it is protected, the others which
stencil mu lies there. All maps of a window are then looked up from that byte, so the rules are
applied to 256 codes and not to pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from zones.coverage import anchor_of
from zones.gates import held_steps, klein_sigmas
from zones.geometry import LATENT_PX, LATTICE_PX, Rect
from zones.inputs import WindowInputs
from zones.settings import CompileSettings
from zones.strokes import Shapes

KEEP, FEATURE, GENERATE = 0, 128, 255
"""Values of the inpaint mask."""

MAX_SOFT_STEPS = 6
"""Different mu across a soft band that rises."""

_LESS_THAN_HALF = 127

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
class ChangeMaps:
    """How each pixel of a window may change; see `CompiledWindow` for the maps.

    Attributes:
        change_map: float32 (h, w).
        free_steps: uint8 (h, w).
        inpaint_mask: uint8 (h, w).
        anchor_mask: bool (h, w).
        paste_mask: bool (h, w).
        finished_mask: uint8 (h, w).
        shown: uint8 (h, w), not 0 where the seed canvas shows predecessors' pixels, held or not.
    """

    change_map: npt.NDArray[np.float32]
    free_steps: _U8
    inpaint_mask: _U8
    anchor_mask: _Mask
    paste_mask: _Mask
    finished_mask: _U8
    shown: _U8


def change_maps(
    inputs: WindowInputs,
    settings: CompileSettings,
    stencils: Sequence[tuple[Shapes, float]],
    coverage: Sequence[Rect],
    around: Sequence[Rect],
    stitched: StitchedPixels | None,
) -> ChangeMaps:
    """Work out where and when a window may change.

    Args:
        inputs: what is painted on it.
        settings: layout, widths, gate, carve-out.
        stencils: each stroke's shapes in the window, with its mu.
        coverage: what each predecessor counts as covering, in the frame of the window.
        around: the predecessors' whole windows, in the same frame.
        stitched: what the predecessors show there; nothing is covered without it.
    """
    code_of = _Code.of(settings)
    planes = np.empty((11, *inputs.rect.shape), dtype=np.uint8)  # in one piece: fewer page faults
    free, inpaint, anchor, paste, finished, code, mask = planes[4:]
    change_map = planes[:4].reshape(-1).view(np.float32).reshape(inputs.rect.shape)
    mus = _draw_code(code, mask, inputs, stencils, code_of)
    if stitched is not None and coverage:
        _draw_depth(mask, inputs, coverage, code_of)
        np.multiply(mask, stitched.covered.view(np.uint8), out=mask)
        code |= mask
    if inputs.protect is not None:
        code |= inputs.protect.view(np.uint8) * np.uint8(code_of.protected)
    rules = _Rules.of(settings, mus, code_of)
    cv2.LUT(code, rules.mu.astype(np.float32), change_map)
    cv2.LUT(code, rules.free_steps(settings, inputs.rect), free)
    cv2.LUT(code, rules.inpaint_mask(), inpaint)
    cv2.LUT(code, rules.anchor.astype(np.uint8), anchor)
    cv2.LUT(code, rules.finished.astype(np.uint8), finished)
    if inputs.protect is None:
        paste = anchor
    else:
        cv2.LUT(code, rules.paste.astype(np.uint8), paste)
    mask.fill(0)
    if stitched is not None:
        shows = cv2.LUT(code, rules.shows.astype(np.uint8)).view(np.bool_)
        _mark(mask, inputs, around, stitched.covered & shows, 1)
    return ChangeMaps(
        change_map, free, inpaint, anchor.view(np.bool_), paste.view(np.bool_), finished, mask
    )


@dataclass(frozen=True, slots=True)
class _Code:
    """How the byte of a pixel is put together.

    The depth in its lowest bits is 0 where nothing covers the pixel, then 1, 2, ... for the steps
    of the soft band from without to within, and one more in the anchor.

    Attributes:
        soft: mu of each step of the soft band, from without to within.
        step_px: width of a step.
        soft_px: width of them all.
        depth_bits: of the byte.
    """

    soft: tuple[float, ...]
    step_px: int
    soft_px: int
    depth_bits: int

    @classmethod
    def of(cls, settings: CompileSettings) -> _Code:
        """One step for a flat band; for a rising one as many as it has latent cells, if few.

        The lowest mu of a latent cell holds for all of it, so a finer rise would be lost.
        """
        step_px = LATENT_PX
        while step_px * MAX_SOFT_STEPS < settings.soft_px:
            step_px *= 2
        steps = -(-settings.soft_px // step_px)
        if settings.soft_shape == "flat" or steps <= 1:
            return cls((settings.mu_soft,), settings.soft_px, settings.soft_px, 2)
        rise = [settings.mu_soft * step / (steps - 1) for step in range(steps)]
        return cls(tuple(reversed(rise)), step_px, settings.soft_px, 3)

    @property
    def deep(self) -> int:
        """The depth of the anchor."""
        return len(self.soft) + 1

    @property
    def protected(self) -> int:
        """The bit of protected pixels."""
        return 1 << self.depth_bits

    @property
    def stencil_shift(self) -> int:
        """Where the number of the stencil mu begins."""
        return self.depth_bits + 1

    @property
    def max_stencil_mus(self) -> int:
        """Different stencil mu that have a number: 31, or 15 where the soft band rises.

        Where a window has more, they are rounded to 1/30 or 1/14.
        """
        return (256 >> self.stencil_shift) - 1


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """What holds for each of the 256 codes.

    Attributes:
        mu: float64 (256,).
        feature: bool (256,), stencil pixels.
        anchor: bool (256,), pixels that stay the predecessors' own.
        paste: bool (256,), pixels that are pasted back exactly.
        finished: bool (256,), pixels that are held on what predecessors or the user's art show.
        shows: bool (256,), pixels that start from what predecessors painted, where they did.
    """

    mu: npt.NDArray[np.float64]
    feature: _Mask
    anchor: _Mask
    paste: _Mask
    finished: _Mask
    shows: _Mask

    @classmethod
    def of(cls, settings: CompileSettings, mus: Sequence[float], code_of: _Code) -> _Rules:
        """Apply the rules; `mus` are the stencils' by the number in the code, less one."""
        code = np.arange(256)
        depth = code & (code_of.protected - 1)
        covered, deep = depth > 0, depth == code_of.deep
        protected, feature = code & code_of.protected > 0, code >> code_of.stencil_shift > 0
        mu, soft = np.ones(256), np.zeros(code_of.protected)
        many = 1 << code_of.stencil_shift
        mu[: (len(mus) + 1) * many] = np.repeat((1.0, *mus), many)
        soft[1 : code_of.deep] = code_of.soft
        carved = covered & feature & settings.carve_out
        held = covered & ~carved & (settings.layout == "anchored")
        mu = np.where(carved, 1.0, np.where(held, np.minimum(mu, soft[depth]), mu))
        anchor = held & deep & ~protected
        return cls(
            mu=np.where(anchor | protected, 0.0, mu),
            feature=feature,
            anchor=anchor,
            paste=anchor | protected,
            finished=held | protected,
            shows=held | ~feature | (settings.band_source == "neighbour"),
        )

    def free_steps(self, settings: CompileSettings, rect: Rect) -> _U8:
        """Free steps by code, uint8 (256,)."""
        sigmas = klein_sigmas(rect.area // LATTICE_PX**2, settings.steps, settings.terminal_sigma)
        held = held_steps(self.mu, settings.steps, settings.gate, sigmas)
        return np.asarray(settings.steps - held, dtype=np.uint8)

    def inpaint_mask(self) -> _U8:
        """Inpaint mask by code, uint8 (256,)."""
        mask = np.where(self.feature, FEATURE, GENERATE)
        return np.where(self.mu == 0, KEEP, mask).astype(np.uint8)


def _draw_code(
    code: _U8,
    mask: _U8,
    inputs: WindowInputs,
    stencils: Sequence[tuple[Shapes, float]],
    code_of: _Code,
) -> list[float]:
    """Fill the code with the lowest stencil mu of each pixel; the mu by number, highest first.

    A pixel is a stencil's where strokes of one mu cover at least half of it, on the map only.
    """
    most = code_of.max_stencil_mus
    crowded = len({mu for _, mu in stencils}) > most
    shapes_by_mu: dict[float, list[Shapes]] = {}
    for shapes, exact in stencils:
        mu = round(exact * (most - 1)) / (most - 1) if crowded else exact
        shapes_by_mu.setdefault(mu, []).append(shapes)
    mus = sorted(shapes_by_mu, reverse=True)
    code.fill(0)
    for number, mu in enumerate(mus, start=1):
        mask.fill(0)
        for shapes in shapes_by_mu[mu]:
            shapes.draw(mask, 255)
        value = number << code_of.stencil_shift
        cv2.threshold(mask, _LESS_THAN_HALF, value, cv2.THRESH_BINARY, dst=mask)
        np.maximum(code, mask, out=code)
    _clear_outside(code, inputs)
    return mus


def _clear_outside(code: _U8, inputs: WindowInputs) -> None:
    rows, columns = inputs.inside.slices_in(inputs.rect)
    code[: rows.start] = 0
    code[rows.stop :] = 0
    code[:, : columns.start] = 0
    code[:, columns.stop :] = 0


def _draw_depth(mask: _U8, inputs: WindowInputs, coverage: Sequence[Rect], code_of: _Code) -> None:
    """Fill the mask with the depth of each pixel, the greatest one where predecessors overlap."""
    mask.fill(0)
    for depth in range(1, code_of.deep + 1):
        inset_px = min((depth - 1) * code_of.step_px, code_of.soft_px)
        for rect in coverage:
            deep = anchor_of(rect, inset_px).intersect(inputs.inside)
            mask[deep.slices_in(inputs.rect)] = depth


def _mark(code: _U8, inputs: WindowInputs, rects: Iterable[Rect], where: _Mask, bit: int) -> None:
    """Set a bit where any of the rectangles lies on the window's part of the map, in place."""
    for rect in rects:
        place = rect.intersect(inputs.inside).slices_in(inputs.rect)
        code[place] |= where.view(np.uint8)[place] * np.uint8(bit)
