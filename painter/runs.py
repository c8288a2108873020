"""What a run paints: each finished tile is durable at once, all of them together one undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from painter.catalog import Key
from painter.project import Project
from painter.steps import Step, TileFiles
from zones.grid import TileCoord


class PaintRun:
    """A run that is painting a document; made by `Document.begin_run`. One thread uses it.

    Args:
        project: where finished tiles go.
        number: of the run's step.
        label: of the run, for people.
        note: takes the step, once more for every tile, and that tile.
    """

    def __init__(
        self, project: Project, number: int, label: str, note: Callable[[Step, TileCoord], None]
    ) -> None:
        self._project = project
        self._number = number
        self._label = label
        self._note = note
        self._tiles: dict[Key, tuple[TileFiles, TileFiles]] = {}
        self._held: set[str] = set()
        project.keepers.add(lambda: self._held, lambda name: name in self._held)

    def put_tile(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Keep a finished tile, durable when the call returns; see `Project.put_tile`."""
        key = (tile.row, tile.col)
        before = self._project.content.tiles.get(key)
        self._held.update(before or ())
        self._project.put_tile(tile, raw, facts, mask)
        after = self._project.content.tiles.get(key)
        first = self._tiles.get(key, (before, None))[0]
        self._tiles = {**self._tiles, key: (first, after)}
        self._note(Step(self._number, self._label, tiles=self._tiles), tile)
