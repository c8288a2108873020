"""Follows a painted stroke through the map: where its middle and its banks really are.

Every sample of a straightened stroke is told stroke from terrain by the map's own looks; the course
that looks most like a stroke is then found by dynamic programming.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.colour import Lab, lab_of
from generation.plan.crossings import HALF_WIDTHS, Place
from generation.plan.looks import MIN_SAMPLES, Look, likeness, stroke_look
from generation.plan.ribbons import ACROSS, Ribbon, ribbon_of
from generation.plan.stitch import Stitch
from zones.geometry import Rect
from zones.grid import Grid
from zones.palette import Palette
from zones.reader import MapReader

_CORE = 0.6
_INSIDE = 0.8
_BESIDE = (1.3, 2.2)
_TERRAIN = 1.6
"""In half widths from the painted or found centre line: where the looks are learnt, what makes a
stroke, what has to differ from it."""

_FOUND_INSIDE = 0.5
_FOUND_SCORE = 0.25
_PULL = 0.1
_BEND = 0.02
"""What a stroke scores at least; what it costs to lie at the reach, and to bend by a column."""

_MAX_BEND = 2
_SAME_WIDTH = 0.8
_CLEAR = 3.0
"""Squared separation of the looks of stroke and zone under which nobody can tell them apart."""

_MAX_KEPT = 4000

_Array = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What was found of a stroke, sample by sample of its ribbon, float32 (n,) and bool (n,).

    Attributes:
        offset: from the painted centre line to the found one, in half widths.
        found: whether there is one.
        judged: whether anything can be said.
        begin: left end of what was found across, in half widths.
        end: right end.
    """

    offset: _Array
    found: _Mask
    judged: _Mask
    begin: _Array
    end: _Array


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A painted stroke, its surroundings and the course it really takes.

    Attributes:
        number: of the stroke among those that show on the map, in paint order.
        ribbon: the map along it.
        course: where it was found.
    """

    number: int
    ribbon: Ribbon
    course: Course


@dataclass(frozen=True, slots=True)
class Passage:
    """How a stroke passes one place.

    Attributes:
        width_ratio: the smaller of its widths before and behind the place, each by the painted
            width, by the larger; None where nothing was found on one side.
        offset: largest mean distance from the painted centre line, in half widths.
        gap_px: longest stretch in which it is not found.
    """

    width_ratio: float | None
    offset: float
    gap_px: float

    @property
    def is_continuous(self) -> bool:
        """No gap, in place within half a width, and one width on both sides within 20 %."""
        ratio = self.width_ratio
        return self.gap_px == 0 and self.offset <= 1 and ratio is not None and ratio >= _SAME_WIDTH


def ribbons_of(
    stitch: Stitch, reader: MapReader, palette: Palette, near: Rect | None = None
) -> dict[int, Ribbon]:
    """The surroundings of every painted stroke that shows on the map, by the stroke's number.

    Args:
        stitch: the finished windows.
        reader: the painted map.
        palette: colours of zones and stencils.
        near: only from where a stroke enters this rectangle to where it leaves it.
    """
    grid = stitch.grid
    beyond_x, beyond_y = grid.wrap_x * grid.map_width_px, grid.wrap_y * grid.map_height_px
    width, height = grid.map_width_px + 2 * beyond_x, grid.map_height_px + 2 * beyond_y
    strokes = reader.strokes_in(Rect(-beyond_x, -beyond_y, width, height))
    found = (ribbon_of(stitch, reader, palette, stroke, near) for stroke in strokes)
    return {number: ribbon for number, ribbon in enumerate(found) if ribbon is not None}


def follow_strokes(stitch: Stitch, reader: MapReader, palette: Palette) -> tuple[Track, ...]:
    """Follow every painted stroke that shows on the map.

    Left out, whole or in parts: strokes under 3 px wide, under other strokes, over zones of
    nearly their own colour, beyond the map, protected, or where no tile is finished.

    Args:
        stitch: the finished windows.
        reader: the painted map.
        palette: colours of zones and stencils.
    """
    ribbons = ribbons_of(stitch, reader, palette)
    return tracks_of(ribbons, Looks.learnt(tuple(ribbons.values()), palette))


def tracks_of(ribbons: Mapping[int, Ribbon], looks: Looks) -> tuple[Track, ...]:
    """Follow strokes through their surroundings, by these looks of zones and strokes."""
    return tuple(
        Track(number, ribbon, course_of(ribbon, looks)) for number, ribbon in ribbons.items()
    )


def passage_at(grid: Grid, tracks: Sequence[Track], place: Place) -> Passage | None:
    """How the stroke of a place passes there; None where it could not be followed."""
    for track in tracks:
        if track.ribbon.stroke.kind == place.stroke.kind:
            away = track.ribbon.xy - np.array(place.middle, dtype=np.float32)
            if grid.wrap_x:
                away[:, 0] -= grid.map_width_px * np.rint(away[:, 0] / grid.map_width_px)
            if grid.wrap_y:
                away[:, 1] -= grid.map_height_px * np.rint(away[:, 1] / grid.map_height_px)
            distance = np.hypot(away[:, 0], away[:, 1])
            nearest = int(distance.argmin())
            if distance[nearest] <= track.ribbon.step_px:
                return _passage(track, nearest, len(place.xy) // 2)
    return None


def _passage(track: Track, sample: int, reach_px: int) -> Passage | None:
    course, reach = track.course, max(4, round(reach_px / track.ribbon.step_px))
    sides = [slice(max(0, sample - reach), sample), slice(sample, sample + reach)]
    if any(course.judged[side].sum() < reach // 2 for side in sides):
        return None
    widths, offsets = [], []
    for side in sides:
        found = course.found[side]
        if found.any():
            widths.append(float((course.end - course.begin)[side][found].mean()))
            offsets.append(abs(float(course.offset[side][found].mean())))
    gone = (course.judged & ~course.found)[sides[0].start : sides[1].stop]
    runs = np.flatnonzero(np.diff(np.pad(gone.astype(np.int8), 1)))
    gap = int((runs[1::2] - runs[::2]).max(initial=0))
    ratio = min(widths) / max(widths) if len(widths) == len(sides) else None
    return Passage(ratio, max(offsets, default=HALF_WIDTHS), gap * track.ribbon.step_px)


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Looks of all zones beside strokes, and of all kinds of strokes."""

    zones: dict[int, Look]
    strokes: dict[str, Look]

    @classmethod
    def learnt(cls, ribbons: Sequence[Ribbon], palette: Palette) -> Looks:
        """Learn them from a map's strokes and their surroundings."""
        everywhere = np.ones(ACROSS.shape, dtype=np.bool_)
        seen = _samples(ribbons, np.abs(ACROSS) >= _TERRAIN)
        present = {zone for (_, zone) in _samples(ribbons, everywhere)}
        zones = {}
        for zone in present:
            parts = [lab for (_, found), lab in seen.items() if found == zone]
            lab = np.concatenate([np.empty((0, 3), np.float32), *parts])
            named = _lab(palette.zone(zone).rgb)
            zones[zone] = Look.fitted(lab) if len(lab) >= MIN_SAMPLES else Look.plain(named)
        cores = _samples(ribbons, np.abs(ACROSS) <= _CORE)
        strokes = {}
        for kind in {ribbon.stroke.kind for ribbon in ribbons}:
            mine = {zone: lab for (name, zone), lab in cores.items() if name == kind}
            terrain = [zones[zone] for zone in mine]
            named = _lab(palette.stencil(kind).rgb)
            strokes[kind] = stroke_look(list(mine.values()), terrain, named)
        return cls(zones, strokes)

    def can_tell(self, kind: str, zone: int) -> bool:
        """Whether a stroke is seen on this ground at all."""
        if kind not in self.strokes:
            return False
        return self.strokes[kind].separation(self.zones[zone]) >= _CLEAR


def _samples(ribbons: Sequence[Ribbon], columns: _Mask) -> dict[tuple[str, int], Lab]:
    """Colours in some columns, Lab (n, 3), by kind of stroke and by zone."""
    found: dict[tuple[str, int], list[Lab]] = defaultdict(list)
    for ribbon in ribbons:
        where = ribbon.usable & ribbon.judged[:, None] & columns
        lab, zones = _smooth(ribbon.lab)[where], ribbon.zones[where]
        for zone in np.unique(zones):
            mine = lab[zones == zone]
            key = ribbon.stroke.kind, int(zone)
            found[key].append(mine[:: -(-len(mine) // _MAX_KEPT)])
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _smooth(lab: Lab) -> Lab:
    """Without the texture finer than half a half width."""
    return np.asarray(cv2.blur(lab, (3, 3)), dtype=np.float32)


def _lab(rgb: tuple[int, int, int]) -> Lab:
    return np.asarray(lab_of(np.array([[rgb]], dtype=np.uint8))[0, 0])


def course_of(ribbon: Ribbon, looks: Looks) -> Course:
    """Follow what looks most like the stroke."""
    part = _membership(ribbon, looks)
    clear = [zone for zone in looks.zones if looks.can_tell(ribbon.stroke.kind, zone)]
    core = np.abs(ACROSS) <= 1
    judged = ribbon.judged & (np.isin(ribbon.zones[:, core], clear).mean(axis=1) > _FOUND_INSIDE)
    inside, score = _scores(part)
    score[~judged] = 0.0
    path = _best_path(score)
    at = np.arange(len(path))
    found = judged & (inside[at, path] > _FOUND_INSIDE) & (score[at, path] > _FOUND_SCORE)
    found[judged] = _without_islands(found[judged], 2 * ribbon.shortest)
    begin, end = _extent(part, _SHIFTS[path])
    begin[~found] = end[~found] = 0.0
    return Course(_refined(score, path), found, judged, begin, end)


def _membership(ribbon: Ribbon, looks: Looks) -> _Array:
    """How much each sample looks like the stroke, float32 (n, k); 0 where it is not usable."""
    lab = _smooth(ribbon.lab)
    terrain = np.full(lab.shape[:2], -np.inf)
    near = np.ones((5, 5), np.uint8)
    for zone in np.unique(ribbon.zones):
        here = cv2.dilate((ribbon.zones == zone).astype(np.uint8), near) > 0
        ground = looks.zones.get(int(zone))
        if ground is not None:
            terrain[here] = np.maximum(terrain[here], ground.log_likelihood(lab[here]))
    look = looks.strokes.get(ribbon.stroke.kind)
    if look is None:
        return np.zeros(lab.shape[:2], dtype=np.float32)
    part = likeness(lab, look, terrain)
    part[~ribbon.usable] = 0.0
    return np.asarray(cv2.blur(part, (1, 3)), dtype=np.float32)


_SHIFTS: _Array = ACROSS[np.abs(ACROSS) <= HALF_WIDTHS]
"""Where a stroke's middle may be found, in half widths."""


def _scores(part: _Array) -> tuple[_Array, _Array]:
    """How much of a stroke centred at each shift is there, and how much it stands out."""
    sums = np.cumsum(np.pad(part, ((0, 0), (1, 0))), axis=1, dtype=np.float64)

    def mean(low: float, high: float) -> _Array:
        first = np.searchsorted(ACROSS, _SHIFTS + low)
        last = np.maximum(np.searchsorted(ACROSS, _SHIFTS + high, side="right"), first + 1)
        last = np.minimum(last, len(ACROSS))
        first = np.minimum(first, last - 1)
        return np.asarray((sums[:, last] - sums[:, first]) / (last - first), dtype=np.float32)

    inside = mean(-_INSIDE, _INSIDE)
    beside = (mean(-_BESIDE[1], -_BESIDE[0]) + mean(*_BESIDE)) / 2
    return inside, np.asarray(inside - beside, dtype=np.float32)


def _best_path(score: _Array) -> npt.NDArray[np.int_]:
    """The course of the highest total score that bends little, as indices of `_SHIFTS`, (n,)."""
    count, width = score.shape
    gain = score - np.float32(_PULL / HALF_WIDTHS) * np.abs(_SHIFTS)
    moves = range(-_MAX_BEND, _MAX_BEND + 1)
    came = np.zeros((count, width), dtype=np.int8)
    total = gain[0].astype(np.float64)
    for row in range(1, count):
        padded = np.pad(total, _MAX_BEND, constant_values=-np.inf)
        ways = np.stack(
            [padded[_MAX_BEND + m : _MAX_BEND + m + width] - _BEND * abs(m) for m in moves]
        )
        best = ways.argmax(axis=0)
        came[row] = best - _MAX_BEND
        total = ways[best, np.arange(width)] + gain[row]
    path = np.empty(count, dtype=np.int_)
    path[-1] = total.argmax()
    for row in range(count - 1, 0, -1):
        path[row - 1] = path[row] + came[row, path[row]]
    return path


def _without_islands(found: _Mask, shortest: int) -> _Mask:
    """Without the runs shorter than `shortest` that have longer gaps around them, bool (n,)."""
    edges = np.flatnonzero(np.diff(found.astype(np.int8), prepend=2, append=2))
    kept = found.copy()
    for index, (begin, end) in enumerate(pairwise(edges)):
        around = [edges[index] - edges[index - 1]] if index else []
        around += [edges[index + 2] - edges[index + 1]] if index + 2 < len(edges) else []
        if found[begin] and around and end - begin < min(shortest, *around):
            kept[begin:end] = False
    return kept


def _refined(score: _Array, path: npt.NDArray[np.int_]) -> _Array:
    """The path between the columns: the top of a parabola, in half widths, float32 (n,)."""
    rows = np.arange(len(path))
    middle = np.clip(path, 1, len(_SHIFTS) - 2)
    left, top, right = (score[rows, middle + shift] for shift in (-1, 0, 1))
    curve = left - 2 * top + right
    shift = (left - right) / np.minimum(2 * curve, -1e-6)
    spacing = _SHIFTS[1] - _SHIFTS[0]
    offset = _SHIFTS[path] + np.where(middle == path, np.clip(shift, -0.5, 0.5), 0.0) * spacing
    return np.asarray(offset, dtype=np.float32)


def _extent(part: _Array, centre: _Array) -> tuple[_Array, _Array]:
    """Where the stroke around a centre begins and ends across, in half widths, float32 (n,)."""
    there = part > _FOUND_INSIDE
    away = ACROSS[None] - centre[:, None]
    gap = ~there & (np.abs(away) > _CORE)
    begin = np.where(gap & (away < 0), ACROSS, ACROSS[0]).max(axis=1)
    end = np.where(gap & (away > 0), ACROSS, ACROSS[-1]).min(axis=1)
    half = (ACROSS[1] - ACROSS[0]) / 2
    low = np.clip(begin + half, -HALF_WIDTHS, HALF_WIDTHS)
    high = np.clip(end - half, -HALF_WIDTHS, HALF_WIDTHS)
    return low.astype(np.float32), high.astype(np.float32)
