"""Mends what is wrong with the finished map: runs that keep a tile only where it looks better."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.core.closer import closer
from app.core.mending import ATTEMPTS, tiles_of_row, tiles_to_mend
from app.core.run_order import RunOrder
from app.core.run_status import RunStatus
from app.core.seam_rows import SeamRow
from app.workspace.seam_watch import SeamWatch
from app.workspace.tile_desk import TileDesk
from generation.plan.settings import RunSettings
from generation.run.jobs import Repaired
from zones.grid import TileCoord

_SEEDS = 2**31


class Repairs(QObject):
    """Orders repairs and says what came of them; GUI thread.

    Args:
        desk: the open map's tiles.
        seams: what is wrong with them.
        order: queues a run; False where it was refused.
        settings: of the next run, as they are now.
        parent: as of every QObject.

    Signals:
        said: one sentence about the repair that just ended.
    """

    said = Signal(str)

    def __init__(
        self,
        desk: TileDesk,
        seams: SeamWatch,
        order: Callable[[RunOrder], bool],
        settings: Callable[[], RunSettings],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._seams = desk, seams
        self._order, self._settings = order, settings
        self._waits = False

    def mend(self, row: SeamRow) -> None:
        """Repair one place: the worse of its tiles, then the other if that did not help."""
        label = self.tr("Repair around tile {0}").format(row.worse)
        self._repair(label, tiles_of_row(row))

    def mend_tile(self, tile: TileCoord) -> None:
        """Repair what is wrong around one tile."""
        self._repair(self.tr("Repair tile {0}").format(tile), (tile,))

    def mend_all(self) -> None:
        """Repair everything that is wrong, the worst first, but for what was found good."""
        report, project = self._seams.report, self._desk.project
        if report is None or project is None:
            return
        tiles = tiles_to_mend(report, project)
        if tiles:
            self._repair(self.tr("Repair the map"), tiles)
        else:
            self.said.emit(self.tr("Nothing has to be repaired."))

    def paint_closer(self, tile: TileCoord) -> None:
        """Paint one tile again with another seed, closer to the strokes that are drawn there."""
        world, grid = self._desk.world, self._desk.grid
        if world is None or grid is None or not grid.has(tile):
            return
        entry = self._desk.states.entries.get(tile)
        before = None if entry is None else entry.record.settings
        label = self.tr("Paint tile {0} closer to the drawing").format(tile)
        settings = closer(self._settings(), before, world, tile)
        seeds = {tile: secrets.randbelow(_SEEDS)}
        self._order(RunOrder(label, settings, (tile,), None, deliberate=True, seeds=seeds))

    def follow(self, status: RunStatus) -> None:
        """Take note of what the runs are doing; when they are over, say what was repaired."""
        if self._waits and not status.running:
            self._waits = False
            if status.repaired:
                self.said.emit(self._sentence(status.repaired, status.repairs_superseded))

    def _repair(self, label: str, tiles: Sequence[TileCoord]) -> None:
        report = self._seams.report
        taken = self._order(
            RunOrder(
                label,
                self._settings(),
                tuple(tiles),
                None,
                deliberate=True,
                seeds={tile: secrets.randbelow(_SEEDS) for tile in tiles},
                repair=ATTEMPTS,
                standards=None if report is None else report.standards,
            )
        )
        self._waits = self._waits or taken

    def _sentence(self, repaired: Sequence[Repaired], superseded: int) -> str:
        """What came of repairs, of which some better ones were not put on the map."""
        tried = [one for one in repaired if one.attempts]
        better = [one for one in tried if one.is_better]
        if not tried:
            return self.tr("Nothing was wrong there any more.")
        if not better:
            return self.tr("Nothing better was found; the map stays as it was.")
        if superseded >= len(better):
            return self.tr("The map was changed meanwhile, so it was not repaired; try again.")
        if superseded or any(one.left for one in tried):
            return self.tr("It looks better now, though not everything is mended.")
        return self.tr("Repaired: nothing stands out there any more.")
