"""What a run paints: each finished tile is durable at once, all of them together one undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from painter.project import Project
from painter.shards import Shards
from painter.steps import Step, TileFiles
from zones.grid import TileCoord

Note = Callable[[Step | None, TileCoord], None]
"""Takes the run's step, if the map changed, and the tile that has a new result."""


class PaintRun:
    """A run that is painting a document; made by `Document.begin_run`. One thread uses it.

    Every result is kept in the run history of its tile, also one that does not land on the map.

    Args:
        project: where finished tiles go.
        number: of the run's step.
        label: of the run, for people.
        note: called once for every result.
        settings: by name, kept in the project's save with the first result.
    """

    def __init__(
        self,
        project: Project,
        number: int,
        label: str,
        note: Note,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._project = project
        self._number = number
        self._label = label
        self._note = note
        self._settings = settings
        self._tiles: Shards[tuple[TileFiles, TileFiles]] = Shards({}, 0)
        self._held: set[str] = set()
        project.keepers.add_for_life(self)

    @property
    def held(self) -> set[str]:
        """Files of the tiles that it replaced; they stay for as long as the run is in use."""
        return self._held

    def holds(self, name: str) -> bool:
        """Whether a file is one of those."""
        return name in self._held

    def put_tile(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None = None,
        *,
        current: bool = True,
    ) -> None:
        """Keep a finished tile, durable when the call returns; see `Project.put_tile`.

        Args:
            tile: grid position, from 0.
            raw: RGB uint8 (h, w, 3), as decoded, before any blending.
            facts: plain JSON values about the tile.
            mask: uint8 (h, w) to keep beside it, or None.
            current: whether it was made from what is painted now. If not it is superseded: it is
                kept in the run history, and the map stays as it is.

        Raises:
            InputError: the facts are not plain JSON, or the folder cannot be written.
            WorkError: the disk is full or fails; every tile kept before is still there.
            ValueError: an array has another shape or type.
        """
        if not current:
            self._keep(tile, raw, facts, mask, "superseded")
            return
        self._keep_settings()
        key = (tile.row, tile.col)
        before = self._project.content.tiles.get(key)
        self._held.update(before or ())
        self._project.put_tile(tile, raw, facts, mask, noted=True)
        after = self._project.content.tiles.get(key)
        known = self._tiles.get(key)
        first = before if known is None else known[0]
        self._tiles = self._tiles.patched({key: (first, after)})
        self._note(Step(self._number, self._label, tiles=self._tiles), tile)

    def put_candidate(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Keep one of several variants in the run history; the map stays as it is.

        Args and errors as `put_tile`. One that is put as a tile afterwards, with the same facts,
        is the same result.
        """
        self._keep(tile, raw, facts, mask, "candidate")

    def _keep(
        self,
        tile: TileCoord,
        raw: npt.NDArray[np.uint8],
        facts: Mapping[str, Any],
        mask: npt.NDArray[np.uint8] | None,
        status: Literal["superseded", "candidate"],
    ) -> None:
        self._keep_settings()
        self._project.keep_result(tile, raw, facts, mask, status=status)
        self._note(None, tile)

    def _keep_settings(self) -> None:
        if self._settings is not None:
            self._project.keep_settings(self._settings)
            self._settings = None
