"""Runs the seed table: paints what is missing, measures what is new, writes what is known.

A map of 3 x 3 windows takes klein-mini about 14 s of one core with the reference and 6 s without,
one of 5 x 4 windows 31 s and 14 s; measuring takes 2 to 4 s more. The key rows over all worlds and
five seeds at both base points take about four hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from app.lab.seed_table.maps import Case, is_painted, painted_map
from app.lab.seed_table.measures import Figures, measured_case
from app.lab.seed_table.rows import BASES, Row
from app.lab.seed_table.sheet import busiest_place, contact_sheet
from app.lab.seed_table.statistics import Place
from app.lab.seed_table.tables import Section, document, markdown
from app.lab.seed_table.worlds import SEED_WORLD, LabWorld
from generation.plan.ports import Engine
from painter.files import write_whole, writing

SEEDS = (42, 1, 2, 3, 4)
"""The first runs over the whole table."""

NAME = "seed-table"


@dataclass(frozen=True, eq=False)
class SeedTable:
    """What is to be painted and where it is kept.

    Attributes:
        engine: paints the windows.
        out: folder of the report, with all maps and figures below it.
        worlds: to paint.
        seeds: of the noise.
        rows: ways to paint them.
        paint: False leaves out maps that are not painted yet.
    """

    engine: Engine
    out: Path
    worlds: Sequence[LabWorld]
    seeds: Sequence[int]
    rows: Sequence[Row]
    paint: bool = True

    def run(self) -> Path:
        """Paint, measure and write the report.

        May be stopped at any time and started again; several processes may share the folder.

        Returns:
            The page.
        """
        cases = [case for case in self._cases() if self.paint or self._is_done(case)]
        measured: dict[Row, dict[Place, Figures]] = {}
        for case in tqdm(cases, unit="map", disable=None):
            found = measured_case(case, self.engine, self.out)
            measured.setdefault(case.row, {})[case.place] = found
        return self._write(measured)

    def _cases(self) -> Iterator[Case]:
        for seed in self.seeds:
            for world in self.worlds:
                yield from (Case(world, seed, row) for row in self.rows)

    def _is_done(self, case: Case) -> bool:
        return is_painted(case, self.engine, self.out / "maps")

    def _write(self, measured: dict[Row, dict[Place, Figures]]) -> Path:
        sections = list(self._sections(measured))
        title = f"Seed table of {self.engine.profile.name}"
        page = self.out / f"{NAME}.md"
        with writing(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
        write_whole(page, markdown(title, sections).encode())
        write_whole(self.out / f"{NAME}.json", document(title, sections).encode())
        self._write_sheets(measured)
        return page

    def _sections(self, measured: dict[Row, dict[Place, Figures]]) -> Iterator[Section]:
        for title, names in (("world seed", {SEED_WORLD}), ("other worlds", self._others())):
            for base in BASES:
                rows = {
                    row: {
                        place: found for place, found in measured[row].items() if place[0] in names
                    }
                    for row in self.rows
                    if row.base == base and row in measured
                }
                kept = {row: maps for row, maps in rows.items() if maps}
                if kept:
                    yield Section(f"{base}, {title}", kept)

    def _others(self) -> set[str]:
        return {world.name for world in self.worlds} - {SEED_WORLD}

    def _write_sheets(self, measured: dict[Row, dict[Place, Figures]]) -> None:
        """One contact sheet for each base point and world, with the first seed's maps."""
        profile, seed = self.engine.profile, self.seeds[0]
        for base in BASES:
            for world in self.worlds:
                cases = [
                    Case(world, seed, row)
                    for row, maps in measured.items()
                    if row.base == base and (world.name, seed) in maps
                ]
                if not cases:
                    continue
                maps = self.out / "maps"
                pictures = [
                    (case.row.name, painted_map(case, self.engine, maps).picture())
                    for case in cases
                ]
                place = busiest_place(world, profile.window_px - profile.overlap_px)
                path = self.out / f"{NAME}-{base}-{world.name}.png"
                with writing(path):
                    contact_sheet(world, place, pictures).save(path)
