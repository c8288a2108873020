"""Whether painted strokes survive where they cross a hand-over line.

At each crossing the stitched map is straightened along the stroke. Every sample is told stroke
from terrain by its colour, compared with the map's own look of the stroke's middle and of the
terrain beside it, so it makes no difference how the model chose to paint a river. What lies under
a stroke painted later, such as a bridge, is not judged; its surroundings are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from generation.plan.courses import Passage, Track, follow_strokes, passage_at
from generation.plan.crossings import Place, Straightened, places_on, straightened
from generation.plan.handover import HandOverLine, carved_line
from generation.plan.stitch import Stitch
from zones.grid import TileCoord
from zones.palette import Palette
from zones.reader import MapReader, strokes_in_extended

_CORE = 0.5
_BANK = (1.7, 3.2)
_NEAR = 2.0
"""In half widths from the centre line: the core, the terrain beside, what may count as stroke."""

_MIN_SPREAD = 1.0
"""Lab units of texture assumed at least, so that flat terrain has a finite contrast."""

_MIN_SAMPLES = 24

_HOLDS = 0.5
"""The four scores from which a stroke that could not be followed counts as continuous."""

_FloatArray = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crossing:
    """One stroke crossing one hand-over line; each score is in [0, 1].

    Attributes:
        tiles: the earlier and the later tile.
        kind: the stencil.
        at: (x, y) of the crossing in the map frame, px.
        width_px: painted width.
        present: whether the stroke stands out from the terrain on both sides of the line.
        continuous: whether it runs through without a gap.
        in_place: whether its middle lies where it was painted, on both sides.
        same_width: whether it is equally wide on both sides.
        width_ratio: the smaller of the widths on the two sides, each by the painted width there,
            by the larger; None where nothing was found on one of them.
        is_continuous: whether it runs through as painted: no gap, within half a width of its
            place, and as wide on one side as on the other within 20 %.
    """

    tiles: tuple[TileCoord, TileCoord]
    kind: str
    at: tuple[float, float]
    width_px: float
    present: float
    continuous: float
    in_place: float
    same_width: float
    width_ratio: float | None = None
    is_continuous: bool = False

    @property
    def compliance(self) -> float:
        """The weakest of the four."""
        return min(self.present, self.continuous, self.in_place, self.same_width)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        scores = ("present", "continuous", "in_place", "same_width", "compliance")
        return {
            "tiles": [[tile.row, tile.col] for tile in self.tiles],
            "kind": self.kind,
            "at": [round(value, 1) for value in self.at],
            "width_px": round(self.width_px, 1),
            **{name: round(getattr(self, name), 4) for name in scores},
            "width_ratio": None if self.width_ratio is None else round(self.width_ratio, 4),
            "is_continuous": self.is_continuous,
        }


def measure_crossings(
    stitch: Stitch,
    reader: MapReader,
    palette: Palette,
    lines: Sequence[HandOverLine],
    tracks: Sequence[Track] | None = None,
) -> tuple[Crossing, ...]:
    """Measure every place where a stroke crosses a hand-over line that shows in the map.

    Args:
        stitch: the finished windows.
        reader: the painted map.
        palette: colours of zones and stencils.
        lines: the hand-over lines.
        tracks: the map's strokes as they were followed, by which is told whether a stroke runs
            through; None follows them.
    """
    found = []
    if tracks is None:
        tracks = follow_strokes(stitch, reader, palette)
    carved = (carved_line(line) for line in lines)
    for line in (*lines, *(line for line in carved if line is not None)):
        for stroke in strokes_in_extended(reader, stitch.grid, line.strip(1)):
            for place in places_on(stroke, line):
                strip = straightened(stitch, reader, palette, line, place)
                scores = None if strip is None else _scores(strip)
                if scores is not None:
                    passage = passage_at(stitch.grid, tracks, place)
                    found.append(_crossing(line, place, scores, passage))
    return tuple(found)


def _crossing(
    line: HandOverLine,
    place: Place,
    scores: tuple[float, float, float, float],
    passage: Passage | None,
) -> Crossing:
    through = min(scores) >= _HOLDS if passage is None else passage.is_continuous
    ratio = None if passage is None else passage.width_ratio
    return Crossing(
        line.tiles, place.stroke.kind, place.middle, place.width_px, *scores, ratio, through
    )


def _scores(strip: Straightened) -> tuple[float, float, float, float] | None:
    """Present, continuous, in place and same width of one straightened stroke."""
    rows = len(strip.lab)
    size = max(1, round(strip.width_px / 4))
    lab = _blurred(strip.lab, strip.visible, (size, 2 * size + 1))
    sides = [
        _Side.of(lab[half], strip.across, strip.visible[half], strip.usable[half])
        for half in (slice(0, rows // 2), slice(rows // 2 + 1, rows))
    ]
    seen = [side for side in sides if side is not None]
    if len(seen) < len(sides):
        return None
    stroke = max(seen, key=lambda side: side.contrast).stroke
    parts = [side.membership(stroke) for side in seen]
    pairs = list(zip(seen, parts, strict=True))
    core = np.abs(strip.across) <= _CORE
    present = min(
        side.contrast_seen * float(_mean(part[:, core] > _CORE, side.visible[:, core]))
        for side, part in pairs
    )
    rows_seen = [side.visible[:, core].mean(axis=1) > _CORE for side in seen]
    through = [_mean(part[:, core], side.visible[:, core], 1) > _CORE for side, part in pairs]
    gap = _longest_gap(np.concatenate(through)[np.concatenate(rows_seen)])
    before, after = (
        _centre_and_span(_mean(part, side.visible, 0), strip.across) for side, part in pairs
    )
    off = max(abs(before[0]), abs(after[0]), abs(before[0] - after[0]))
    ratio = min(before[1], after[1]) / max(before[1], after[1], 1e-6)
    return (
        _unit(present),
        _unit(1.0 - gap / strip.width_px),
        _unit((1.0 - off) / 0.75),
        _unit((ratio - 0.4) / 0.4),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """A straightened stroke on one side of the line, and the map's own colours there.

    Attributes:
        lab: float32 (n, k, 3).
        across: float32 (k,) in half widths.
        visible: bool (n, k), not under a later stroke.
        stroke: mean Lab of the core, float32 (3,).
        banks: mean Lab of the terrain left and right, float32 (2, 3).
        contrast: their smaller distance in standard deviations of the terrain.
    """

    lab: _FloatArray
    across: _FloatArray
    visible: _Mask
    stroke: _FloatArray
    banks: _FloatArray
    contrast: float

    @classmethod
    def of(
        cls, lab: _FloatArray, across: _FloatArray, visible: _Mask, usable: _Mask
    ) -> _Side | None:
        """Measure the colours; None where too little of stroke or terrain can be seen."""
        core = usable & (np.abs(across) <= _CORE)
        banks = [
            usable & (side * across >= _BANK[0]) & (side * across <= _BANK[1]) for side in (-1, 1)
        ]
        if min(int(mask.sum()) for mask in (core, *banks)) < _MIN_SAMPLES:
            return None
        stroke = lab[core].mean(axis=0)
        means = [lab[mask].mean(axis=0) for mask in banks]
        contrast = min(
            _contrast(stroke, lab[mask], mean) for mask, mean in zip(banks, means, strict=True)
        )
        return cls(lab, across, visible, stroke, np.stack(means), contrast)

    @property
    def contrast_seen(self) -> float:
        """0 where the core looks like the terrain, 1 where it clearly does not."""
        return _unit((self.contrast - 0.75) / 1.25)

    def membership(self, stroke: _FloatArray) -> _FloatArray:
        """How much each sample looks like the stroke, 0 terrain to 1 stroke, float32 (n, k)."""
        bank = np.where((self.across < 0)[:, None], self.banks[0], self.banks[1])
        axis = stroke - bank
        along = ((self.lab - bank) * axis).sum(axis=-1)
        share = along / np.maximum((axis**2).sum(axis=-1), 1e-6)
        return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float32)


def _contrast(stroke: _FloatArray, terrain: _FloatArray, mean: _FloatArray) -> float:
    """Distance of a colour from a terrain's mean, in standard deviations along that way."""
    axis = stroke - mean
    distance = float(np.linalg.norm(axis))
    spread = float(((terrain - mean) @ axis).std()) / max(distance, 1e-6)
    return distance / max(spread, _MIN_SPREAD)


def _blurred(lab: _FloatArray, visible: _Mask, size: tuple[int, int]) -> _FloatArray:
    """The mean colour of the visible samples around each, float32 (n, k, 3); 0 without any."""
    weight = visible.astype(np.float32)
    share = cv2.blur(weight, size)[..., None]
    return np.asarray(cv2.blur(lab * weight[..., None], size) / np.maximum(share, 1e-6), np.float32)


def _mean(values: npt.NDArray[Any], where: _Mask, axis: int | None = None) -> _FloatArray:
    """The mean of some of the values along an axis; 0 without any."""
    total = (values * where).sum(axis=axis, dtype=np.float32)
    return np.asarray(total / np.maximum(where.sum(axis=axis), 1), dtype=np.float32)


def _centre_and_span(part: _FloatArray, across: _FloatArray) -> tuple[float, float]:
    """Middle (in half widths) and width (in widths) of what looks like the stroke.

    Args:
        part: float32 (k,), how much each column does.
        across: float32 (k,), distance of each column in half widths.
    """
    profile = np.clip((part - 0.25) / 0.5, 0.0, 1.0)
    weight = np.where(np.abs(across) <= _NEAR, profile, 0.0)
    total = float(weight.sum())
    if total == 0:
        return _NEAR, 0.0
    return float((weight * across).sum()) / total, total * float(across[1] - across[0]) / 2


def _longest_gap(there: npt.NDArray[np.bool_]) -> int:
    longest = run = 0
    for value in there:
        run = 0 if value else run + 1
        longest = max(longest, run)
    return longest


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
