"""Command lines run in this process, and what they left on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.run_setup import OpenRun, open_for_reading
from painter.project import Project
from zones.grid import TileCoord


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, and all that it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    def complaint(self) -> str:
        """The one line on stderr, after checking that there is nothing else."""
        assert self.out == ""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        assert self.err.startswith("tilewright: ")
        assert 25 < len(self.err) < 900
        return self.err.removeprefix("tilewright: ").strip()


Call = Callable[..., Ended]
"""Runs one command line given word by word."""


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file and folder under a folder, with the files' bytes."""
    found = sorted(folder.rglob("*"))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in found
    }


def raws(project: Path) -> dict[TileCoord, bytes]:
    """Every raw window's bytes."""
    opened = Project.open(project)
    return {tile: opened.read_raw(tile).tobytes() for tile in opened.tile_records()}


def stitched(project: Path) -> npt.NDArray[np.uint8]:
    """The stitched map of all finished tiles."""
    run = open_for_reading(project)
    return run.world.stitch(run.grid, run.store, run.finished()).region(run.grid.map_rect).rgb


def stale(project: Path) -> set[TileCoord]:
    """The tiles that the next run would redo."""
    run = as_next_run(project)
    return set(run.world.stale_tiles(run.grid, run.store, run.settings))


def as_next_run(project: Path) -> OpenRun:
    return open_for_reading(project, next_run=True)


def painted(ended: Ended) -> set[TileCoord]:
    """The tiles that `render --json` painted."""
    return {TileCoord(*tile["tile"]) for tile in ended.document["tiles"]}
