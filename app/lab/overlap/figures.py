"""Figures of one joined hand-over: is the line seen, is the blend blurred, does it show ghosts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.lab.overlap.handovers import HandOver, Joined
from generation.plan.colour import delta_e, lab_of
from generation.plan.cuts import measure_cut
from generation.plan.steps import measure_steps
from generation.plan.strips import Strip, strip_of
from zones.geometry import Rect
from zones.reader import MapReader

MIN_PIXELS = 256
"""Fewer pixels of a blend are not measured."""

_LEAST_ENERGY = 1e-6

_F32 = npt.NDArray[np.float32]
_U8 = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of one way at one hand-over; NaN where too little of it is there.

    Attributes:
        step: of the line, see `generation.plan.steps`.
        edge: the strongest straight cut, see `generation.plan.cuts`.
        detail: gradient energy of L* in the blend over the mean of both windows' own at the same
            pixels; 1 is neither blurred nor roughened.
        detail_ground: the same on open ground.
        detail_strokes: the same on strokes.
        beside: gradient energy in the blend over that of as wide a strip on each side of it.
        ghost: mean CIEDE2000 of a pixel to that window's own pixel which is nearer to it: 0 where
            each shows one of the two.
        ghost_ground: the same on open ground.
        ghost_strokes: the same on strokes.
        shift: Lab distance between the blend's mean colour and that of the blend in pixels.
        seconds: processor time of joining.
    """

    step: float
    edge: float
    detail: float
    detail_ground: float
    detail_strokes: float
    beside: float
    ghost: float
    ghost_ground: float
    ghost_strokes: float
    shift: float
    seconds: float


class Measure:
    """Takes the figures of every way at one hand-over.

    Args:
        hand_over: where.
        reader: of the map's zones and strokes.
        strokes: bool (h, w) of the whole map, where a stroke lies.
    """

    def __init__(self, hand_over: HandOver, reader: MapReader, strokes: _Mask) -> None:
        self._at = hand_over
        self._strip = strip_of(hand_over.pair, reader, hand_over.line)
        self._first, self._second = (_lab(rgb) for rgb in (hand_over.first, hand_over.second))
        self._blend = _lab(hand_over.meeting.blend)
        stroke = np.zeros(hand_over.band.shape, np.bool_)
        canvas = hand_over.meeting.canvas
        whole = Rect(0, 0, strokes.shape[1], strokes.shape[0])
        inside = canvas.intersect(whole)
        stroke[inside.slices_in(canvas)] = strokes[inside.slices_in(whole)]
        self._places = (
            hand_over.band,
            hand_over.band & ~stroke,
            hand_over.band & stroke,
        )

    @property
    def apart(self) -> float:
        """Mean CIEDE2000 between the two windows in the blend."""
        band = self._at.band
        return float(delta_e(self._first[band], self._second[band]).mean(dtype=np.float64))

    def figures(self, joined: Joined) -> Figures:
        """Measure the hand-over as it was joined in one way."""
        lab = _lab(joined.rgb)
        strip = self._strip_with(joined.rgb)
        step, edge = measure_steps(strip).step, measure_cut(strip).edge
        detail, on_ground, on_strokes = (self._detail(lab, where) for where in self._places)
        ghost, ghost_ground, ghost_strokes = self._ghosts(lab)
        band = self._at.band
        moved = lab[band].mean(axis=0) - self._blend[band].mean(axis=0)
        return Figures(
            step=np.nan if step is None else step,
            edge=np.nan if edge is None else edge,
            detail=detail,
            detail_ground=on_ground,
            detail_strokes=on_strokes,
            beside=self._beside(lab),
            ghost=ghost,
            ghost_ground=ghost_ground,
            ghost_strokes=ghost_strokes,
            shift=float(np.linalg.norm(moved)),
            seconds=joined.seconds,
        )

    def _strip_with(self, rgb: _U8) -> Strip:
        """The line's surroundings with a canvas laid over them."""
        line, canvas, strip = self._at.line, self._at.meeting.canvas, self._strip
        length, width = strip.zones.shape
        if line.vertical:
            rect, lab = Rect(line.at - strip.at, line.start, width, length), strip.lab.copy()
        else:
            rect = Rect(line.start, line.at - strip.at, length, width)
            lab = np.swapaxes(strip.lab, 0, 1).copy()
        area = rect.intersect(canvas)
        lab[area.slices_in(rect)] = lab_of(rgb[area.slices_in(canvas)])
        return replace(strip, lab=lab if line.vertical else np.swapaxes(lab, 0, 1))

    def _detail(self, lab: _F32, where: _Mask) -> float:
        where = where & _with_next(self._at.both)
        if where.sum() < MIN_PIXELS:
            return np.nan
        ours, first, second = (
            energy(part)[where].mean(dtype=np.float64) for part in (lab, self._first, self._second)
        )
        return float(ours / max(_LEAST_ENERGY, (first + second) / 2))

    def _beside(self, lab: _F32) -> float:
        line = self._at.line
        wide_px = max(line.band_px, 2)
        found = energy(lab)
        sides = []
        for offset in (-wide_px, wide_px):
            shift = (offset, 0) if line.vertical else (0, offset)
            place = line.strip(wide_px // 2).shifted(*shift).intersect(self._at.meeting.canvas)
            sides.append(found[place.slices_in(self._at.meeting.canvas)].ravel())
        around = np.concatenate(sides).mean(dtype=np.float64)
        return float(found[self._at.band].mean(dtype=np.float64) / max(_LEAST_ENERGY, around))

    def _ghosts(self, lab: _F32) -> list[float]:
        """Of the whole blend, of its open ground and of its strokes."""
        band = self._at.band
        away = np.minimum(*(delta_e(lab[band], own[band]) for own in (self._first, self._second)))
        parts = [away[where[band]] for where in self._places]
        return [
            float(part.mean(dtype=np.float64)) if part.size >= MIN_PIXELS else np.nan
            for part in parts
        ]


def energy(lab: _F32) -> _F32:
    """Squared differences of L* to the next pixel of the row and of the column, float32 (h, w)."""
    found = np.zeros(lab.shape[:2], np.float32)
    light = lab[..., 0]
    found[:, :-1] += np.square(np.diff(light, axis=1))
    found[:-1] += np.square(np.diff(light, axis=0))
    return found


def _with_next(mask: _Mask) -> _Mask:
    """Where the next pixels of the row and of the column are in a mask, too."""
    found = np.zeros_like(mask)
    found[:-1, :-1] = mask[:-1, :-1] & mask[1:, :-1] & mask[:-1, 1:]
    return found


def _lab(rgb: _U8) -> _F32:
    return np.asarray(lab_of(rgb), np.float32)
