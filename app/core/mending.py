"""What a repair of the map is asked to paint again: the bad places nobody found good."""

from __future__ import annotations

from dataclasses import replace

from app.core.good_seams import Place, is_good, tiles_of
from app.core.seam_rows import SeamRow, faults_by_tile, is_untold
from generation.plan.judging import StrokeFault
from generation.plan.routing import Routing
from generation.plan.seams import SeamReport
from painter.project import Project
from zones.grid import TileCoord

ATTEMPTS = 3
"""Windows that a repair paints of each tile at most."""


def tiles_to_mend(report: SeamReport, project: Project) -> tuple[TileCoord, ...]:
    """One tile of every bad place, the worst first, but for places that were found good."""
    from generation.run.repair import repair_plan  # noqa: PLC0415 - slow import

    return tuple(repair.tile for repair in repair_plan(_without_good(report, project)))


def tiles_of_row(row: SeamRow) -> tuple[TileCoord, ...]:
    """The tiles by which one place can be mended, the likelier first."""
    others = (tile for tile in tiles_of(row.place) if tile != row.worse)
    return (row.worse, *others)


def _without_good(report: SeamReport, project: Project) -> SeamReport:
    faults = faults_by_tile(report)

    def is_open(place: Place) -> bool:
        return not is_untold(place, faults) and not is_good(project, place)

    def still_wrong(routing: Routing) -> Routing:
        faults = (one for one in routing.faults if is_open(StrokeFault(routing, one)))
        return replace(routing, faults=tuple(faults))

    return replace(
        report,
        seams=tuple(filter(is_open, report.seams)),
        crossings=tuple(filter(is_open, report.crossings)),
        routing=tuple(map(still_wrong, report.routing)),
    )
