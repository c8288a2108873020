"""Small painted worlds for tests of whole runs: three zones, a river and a path that cross."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from zones.strokes import Stroke

SIDE_PX = 96
"""Side of the usual map: three by three windows of the toy model."""

GRASS, FOREST, WATER, SAND = 1, 2, 3, 4


def toy_zones(width_px: int = SIDE_PX, height_px: int = SIDE_PX) -> npt.NDArray[np.uint8]:
    """Grass, with a forest in the top left and a lake in the bottom right."""
    zones = np.full((height_px, width_px), GRASS, dtype=np.uint8)
    zones[: height_px // 3, : width_px // 3] = FOREST
    zones[2 * height_px // 3 :, 2 * width_px // 3 :] = WATER
    return zones


def toy_strokes(width_px: int = SIDE_PX, height_px: int = SIDE_PX) -> tuple[Stroke, ...]:
    """A river from left to right and a path from top to bottom, across every hand-over line."""
    middle_x, middle_y = width_px / 2, height_px / 2
    river = np.array([[0.0, middle_y, 8.0], [width_px, middle_y + 4, 10.0]])
    path = np.array([[middle_x, 0.0, 5.0], [middle_x - 4, height_px, 5.0]])
    return Stroke("river", river), Stroke("path", path)


def write_zones(path: Path, zones: npt.NDArray[np.uint8]) -> Path:
    """A greyscale PNG of zone ids."""
    Image.fromarray(zones).save(path)
    return path


def write_strokes(path: Path, strokes: Sequence[Stroke]) -> Path:
    """A strokes file."""
    entries = [{"kind": each.kind, "points": each.points.tolist()} for each in strokes]
    path.write_text(json.dumps({"strokes": entries}), encoding="utf-8")
    return path
