"""A project as a run sees it: its map as a world, its finished tiles as a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from generation.plan.profile import ModelProfile
from generation.run.records import TileRecord
from generation.run.world import World
from painter.document import Document
from painter.project import Project
from painter.runs import PaintRun
from zones.errors import InputError
from zones.grid import TileCoord

_Known = dict[TileCoord, tuple[Mapping[str, object], TileRecord]]
_KNOWN: WeakKeyDictionary[Project, _Known] = WeakKeyDictionary()
"""Records that were read already, beside the facts they were read from."""


class ProjectTiles:
    """The finished tiles of an open project, to be read from any thread.

    Args:
        project: the open project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known = _KNOWN.setdefault(project, {})

    def records(self) -> Mapping[TileCoord, TileRecord]:
        """The newest record of every finished tile.

        Raises:
            InputError: a tile's sidecar is missing or damaged.
        """
        found = self._project.tile_records()
        return {tile: self._read(tile, facts) for tile, facts in found.items()}

    def record(self, tile: TileCoord) -> TileRecord | None:
        """The newest record of one tile as it is at this moment; None if it is not finished.

        Raises:
            InputError: the tile's sidecar is missing or damaged.
        """
        facts = self._project.tile_record(tile)
        return None if facts is None else self._read(tile, facts)

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window."""
        return self._project.read_raw(tile)

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, or None."""
        return self._project.read_mask(tile)

    def _read(self, tile: TileCoord, facts: Mapping[str, object]) -> TileRecord:
        known = self._known.get(tile)
        if known is None or known[0] is not facts:
            known = self._known[tile] = (facts, TileRecord.from_json(facts))
        return known[1]


class ProjectTileStore(ProjectTiles):
    """Keeps finished tiles in a project folder, without undo or a run history.

    Implements `generation.run.records.TileStore`.
    """

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Keep a finished tile, which then shows; durable when the call returns."""
        self._project.put_tile(record.tile, rgb, record.to_json(), mask)
        return True

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Keep a variant of a tile in its run history; the map does not change."""
        self._project.keep_result(record.tile, rgb, record.to_json(), mask, status="candidate")


class DocumentTileStore(ProjectTiles):
    """Keeps the tiles of one run in a document, all of them one undo step.

    Implements `generation.run.records.TileStore`. One thread keeps tiles.

    Args:
        document: open and not read-only.
        paint_run: of this run.
        world_now: gives the map as it is painted at this moment, with the model and the seed by
            which finished tiles are judged. Called on the thread that keeps tiles.
    """

    def __init__(
        self, document: Document, paint_run: PaintRun, world_now: Callable[[], World]
    ) -> None:
        super().__init__(document.project)
        self._run = paint_run
        self._world_now = world_now

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Keep a finished tile; durable when the call returns.

        Returns:
            Whether it shows in the map. False where its inputs changed while it was being made:
            it is superseded then, and kept only in the tile's run history.
        """
        current = self._is_current(record)
        self._run.put_tile(record.tile, rgb, record.to_json(), mask, current=current)
        return current

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Keep a variant of a tile in its run history; the map does not change."""
        self._run.put_candidate(record.tile, rgb, record.to_json(), mask)

    def _is_current(self, record: TileRecord) -> bool:
        """Whether the map would make the tile from the same inputs now."""
        world = self._world_now()
        try:
            grid = world.grid(record.settings)
        except InputError:  # another model meanwhile, whose windows do not close on this map
            return False
        return world.is_fresh(grid, record)


def world_of(
    project: Project,
    profile: ModelProfile,
    model_hash: str,
    seed: int | None = None,
    *,
    compositor_hash: str = "",
) -> World:
    """A frozen view of the project's map, as it is painted now.

    Args:
        project: an open project.
        profile: the model's numbers.
        model_hash: content hash of the model's weights.
        seed: of the noise, in place of the project's own.
        compositor_hash: content hash of the model's compositor, if it has one.
    """
    return World(
        reader=project.reader(),
        palette=project.palette,
        map_prompt=project.map_prompt,
        seed=project.seed if seed is None else seed,
        wrap=project.wrap,
        profile=profile,
        model_hash=model_hash,
        compositor_hash=compositor_hash,
    )
