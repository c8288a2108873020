"""A project folder as a run sees it: its map as a world, its finished tiles as a store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from generation.plan.profile import ModelProfile
from generation.run.records import TileRecord
from generation.run.world import World
from painter.project import Project
from zones.grid import TileCoord


class ProjectTileStore:
    """Keeps finished tiles in a project folder; implements `generation.run.records.TileStore`."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def records(self) -> Mapping[TileCoord, TileRecord]:
        """The newest record of every finished tile.

        Raises:
            InputError: a tile's sidecar is missing or damaged.
        """
        found = self._project.tile_records()
        return {tile: TileRecord.from_json(facts) for tile, facts in found.items()}

    def record(self, tile: TileCoord) -> TileRecord | None:
        """The newest record of one tile, or None."""
        facts = self._project.tile_records().get(tile)
        return None if facts is None else TileRecord.from_json(facts)

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window."""
        return self._project.read_raw(tile)

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, or None."""
        return self._project.read_mask(tile)

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Keep a finished tile; durable when the call returns. It always shows."""
        self._project.put_tile(record.tile, rgb, record.to_json(), mask)
        return True

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Drop a variant: a project opened without a document keeps what shows only."""


def world_of(
    project: Project, profile: ModelProfile, model_hash: str, seed: int | None = None
) -> World:
    """A frozen view of the project's map, as it is painted now.

    Args:
        project: an open project.
        profile: the model's numbers.
        model_hash: content hash of the model's weights.
        seed: of the noise, in place of the project's own.
    """
    return World(
        reader=project.reader(),
        palette=project.palette,
        map_prompt=project.map_prompt,
        seed=project.seed if seed is None else seed,
        wrap=project.wrap,
        profile=profile,
        model_hash=model_hash,
    )
