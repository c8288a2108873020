"""The overlap experiment: where two windows meet, are pixels blended better, or latents?

Joining one hand-over in every way and measuring it takes klein-mini two seconds of one core.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from app.lab.overlap.figures import MIN_PIXELS, Figures, Measure
from app.lab.overlap.handovers import HandOver, hand_overs, joined_ways
from app.lab.overlap.sheet import ways_sheet
from app.lab.overlap.tables import NAME, Spot, document, markdown
from app.lab.seed_table.looks import places_of
from app.lab.seed_table.maps import Case, PaintedMap, painted_map
from app.lab.seed_table.rows import BASES, Row, rows_of
from app.lab.seed_table.worlds import LabWorld
from generation.engine.compositing.evaluation.overlaps import LatentJoiner
from generation.plan.ports import Engine
from painter.files import read_bounded, write_whole, writing
from zones.errors import InputError

WORLDS = ("seed", "river-delta", "archipelago", "mountain-pass")
SEEDS = (42, 1)
SIZE = (3, 3)
LAYOUTS: Mapping[str, str] = {"anchored": "anchored 0.35", "overlap": "diff-diff 0.35"}
"""Rows of the seed table by layout: a soft band beside an anchor, or the whole overlap."""

LINES = 4
"""Hand-overs measured of each map, of the dozen that it has."""

SHOWN = 6
"""Hand-overs on a picture."""

MEASURED = 2
"""Rises whenever hand-overs are joined or measured in another way; they are then measured again."""

_MAX_BYTES = 2**26


@dataclass(frozen=True, eq=False)
class OverlapTrial:
    """What is joined and where it is kept.

    Attributes:
        engine: paints the windows.
        joiner: joins them in latents.
        out: folder of the report; maps and figures are kept below it and found there again.
        worlds: to paint.
        seeds: of the noise.
        bases: some of the seed table's base points.
        lines: hand-overs measured of each map, at most, spread over it.
    """

    engine: Engine
    joiner: LatentJoiner
    out: Path
    worlds: Sequence[LabWorld]
    seeds: Sequence[int]
    bases: Sequence[str]
    lines: int = LINES

    def run(self) -> Path:
        """Paint what is missing, measure what is new, and write page, figures and pictures.

        Returns:
            The page.

        Raises:
            InputError: there is no such base point, or a kept file is damaged.
        """
        groups = {
            f"{base}, {layout}": list(self._cases(base, name))
            for base in self.bases
            for layout, name in LAYOUTS.items()
        }
        with writing(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
        known: dict[Case, list[Spot]] = {}
        for case in tqdm(self._by_seed(groups), unit="map", disable=None):
            known[case] = self._spots(case)
        found = {
            name: [(case, spot) for case in cases for spot in known[case]]
            for name, cases in groups.items()
        }
        spots = {name: [spot for _, spot in each] for name, each in found.items()}
        model = self.engine.profile.name
        page = self.out / f"{NAME}.md"
        write_whole(page, markdown(model, spots).encode())
        write_whole(self.out / f"{NAME}.json", document(model, spots).encode())
        for name, each in found.items():
            path = self.out / f"{NAME}-{name.replace(', ', '-')}.png"
            with writing(path):
                self._sheet(each).save(path)
        return page

    def _cases(self, base: str, name: str) -> Iterator[Case]:
        row = _row(base, name, self.engine)
        for seed in self.seeds:
            yield from (Case(world, seed, row) for world in self.worlds)

    def _by_seed(self, groups: Mapping[str, Sequence[Case]]) -> list[Case]:
        """All cases, the first seed's first."""
        every = [case for cases in groups.values() for case in cases]
        return sorted(every, key=lambda case: self.seeds.index(case.seed))

    def _spots(self, case: Case) -> list[Spot]:
        """The figures of a map's hand-overs, kept or taken now."""
        path = self.out / "joined" / f"{self._key(case)}.json"
        if path.exists():
            return _read(path)
        found = list(self._measured(case))
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps([asdict(spot) for spot in found]).encode())
        return found

    def _key(self, case: Case) -> str:
        """A hash of all that decides the figures."""
        facts: list[Any] = [MEASURED, self.lines, case.key(self.engine), self.joiner.ways]
        facts.append(self.engine.describe().get("compositor_hash"))
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]

    def _measured(self, case: Case) -> Iterator[Spot]:
        painted, strokes = self._map(case), places_of(case.world).stencils
        large = [
            (number, hand_over)
            for number, hand_over in enumerate(hand_overs(painted.stitch))
            if int(hand_over.band.sum()) >= MIN_PIXELS
        ]
        for place in spread(len(large), self.lines):
            number, hand_over = large[place]
            measure = Measure(hand_over, painted.world.reader, strokes)
            joined = joined_ways(hand_over, self.joiner)
            figures = {way: asdict(measure.figures(one)) for way, one in joined.items()}
            yield Spot(case.world.name, case.seed, number, measure.apart, figures)

    def _map(self, case: Case) -> PaintedMap:
        return painted_map(case, self.engine, self.out / "maps")

    def _sheet(self, found: Sequence[tuple[Case, Spot]]) -> Image.Image:
        """The hand-overs whose windows differ most."""
        first = sorted(found, key=lambda item: -item[1].apart)[:SHOWN]
        rows: list[tuple[str, HandOver, dict[str, Any]]] = []
        for case, spot in first:
            hand_over = list(hand_overs(self._map(case).stitch))[spot.number]
            joined = {way: one.rgb for way, one in joined_ways(hand_over, self.joiner).items()}
            title = f"{spot.world} {spot.seed}, windows {spot.apart:.1f} apart"
            rows.append((title, hand_over, joined))
        return ways_sheet(rows)


def spread(count: int, most: int) -> list[int]:
    """At most `most` of the numbers below `count`, at even distances."""
    return sorted({(2 * index + 1) * count // (2 * most) for index in range(most)} if count else ())


def _row(base: str, name: str, engine: Engine) -> Row:
    if base not in BASES:
        raise InputError(f"there is no base '{base[:40]}'; choose of {', '.join(BASES)}")
    return next(row for row in rows_of(base, engine.profile) if row.name == name)


def _read(path: Path) -> list[Spot]:
    try:
        data = json.loads(read_bounded(path, _MAX_BYTES, "the figures of a map"))
        found = [Spot(**values) for values in data]
        for spot in found:
            for figures in spot.figures.values():
                np.asarray(list(asdict(Figures(**figures)).values()), np.float64)
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the figures in {path} are damaged; delete it and start again") from error
    return found
