"""Small projects for tests, painted and with finished tiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from painter.project import Project
from zones.geometry import Rect
from zones.grid import TileCoord
from zones.palette import default_palette
from zones.strokes import Stroke

SIZE = (700, 500)
PALETTE = default_palette()
MAP = Rect(0, 0, *SIZE)


def painted(seed: int = 0) -> npt.NDArray[np.uint8]:
    """Zone ids uint8 (500, 700) in large patches."""
    coarse = np.random.default_rng(seed).integers(0, 9, (5, 7), dtype=np.uint8)
    return np.kron(coarse, np.ones((100, 100), np.uint8))


def river(x: float = 10.0) -> Stroke:
    """A short river."""
    return Stroke("river", np.array([[x, 20.0, 8.0], [x + 300, 300.5, 12.25]]), 0.4)


def raw(seed: int = 0, side_px: int = 32) -> npt.NDArray[np.uint8]:
    """A raw window of noise."""
    return np.random.default_rng(seed).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)


def small_project(folder: Path) -> Project:
    """A painted map with a river and one finished tile, saved."""
    project = Project.create(
        folder,
        SIZE,
        PALETTE,
        zones=painted(),
        strokes=[river()],
        seed=7,
        model="klein-mini",
        map_prompt="summer",
        settings={"steps": 12},
    )
    project.put_tile(TileCoord(0, 0), raw(), {"inputs_hash": "first"})
    return project


def state(project: Project) -> tuple[object, ...]:
    """Everything a project holds, in a form that compares by value."""
    reader = project.reader()
    records = project.tile_records()
    return (
        project.size,
        project.map_prompt,
        project.seed,
        reader.read_zones(MAP).tobytes(),
        reader.read_protect(MAP).tobytes(),
        reader.read_art(MAP).tobytes(),
        tuple((s.kind, s.mu, s.points.tobytes()) for s in project.strokes),
        tuple(
            (tile, str(facts), project.read_raw(tile).tobytes()) for tile, facts in records.items()
        ),
    )


def files_in(folder: Path) -> set[str]:
    """Relative names of all files under a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
