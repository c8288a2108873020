"""The worlds of the seed table, and how each would look if it were painted perfectly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from generation.plan.profile import ModelProfile
from generation.worlds import LOOKS, Layout, make_layout, paint_world
from painter.presets import list_presets, load_preset
from zones.errors import InputError
from zones.palette import default_palette
from zones.strokes import Stroke

SEED_WORLD = "seed"
MADE_WORLDS = ("made-1", "made-2", "made-3")
SAMPLES = ("river-delta", "mountain-pass", "archipelago", "real-place")
WORLDS = (SEED_WORLD, *SAMPLES, *MADE_WORLDS)

SEED_SIZE = (3, 3)
"""Columns and rows of windows of the world `seed`."""

SIZE = (5, 4)
"""Columns and rows of windows of every other world."""

_MADE_SEEDS = {"made-1": 7_000_003, "made-2": 7_000_004, "made-3": 7_000_006}
_TRUTH_SEED = 42
_GRASS, _FOREST, _FIELD = 1, 2, 8
_MU = 0.35


@dataclass(frozen=True, eq=False)
class LabWorld:
    """A painted world.

    Attributes:
        name: as on the command line.
        zones: uint8 (h, w) ids.
        strokes: in paint order.
        look: one of `LOOKS`; it is also the map prompt.
    """

    name: str
    zones: npt.NDArray[np.uint8]
    strokes: tuple[Stroke, ...]
    look: str

    def fingerprint(self) -> str:
        """A hash of everything that is painted, hex."""
        found = hashlib.sha256(f"{self.zones.shape} {self.look}".encode())
        found.update(self.zones.tobytes())
        for stroke in self.strokes:
            found.update(f"{stroke.kind} {stroke.mu}".encode())
            found.update(stroke.points.tobytes())
        return found.hexdigest()[:16]


def load_worlds(
    names: Iterable[str], profile: ModelProfile, size: tuple[int, int] | None = None
) -> tuple[LabWorld, ...]:
    """Worlds by name, as large as so many windows of a model in its anchored layout.

    Args:
        names: some of `WORLDS`.
        profile: of the model.
        size: columns and rows of windows; None takes 3 x 3 for `seed` and 5 x 4 for the others.

    Raises:
        InputError: no world has that name, or a sample is smaller than that.
    """
    return tuple(_load(name.strip(), profile, size) for name in names)


def _load(name: str, profile: ModelProfile, size: tuple[int, int] | None) -> LabWorld:
    stride_px = profile.window_px - profile.overlap_px
    columns, rows = size or (SEED_SIZE if name == SEED_WORLD else SIZE)
    width_px, height_px = columns * stride_px, rows * stride_px
    if name == SEED_WORLD:
        return seed_world(width_px, height_px, profile.window_px)
    if name in _MADE_SEEDS:
        number = _MADE_SEEDS[name]
        layout = make_layout(number, height_px, width_px)
        return LabWorld(name, layout.zones, layout.strokes, LOOKS[number % len(LOOKS)])
    if name in list_presets():
        return _sample(name, width_px, height_px)
    raise InputError(f"there is no world '{name[:60]}'; choose some of {', '.join(WORLDS)}")


def seed_world(width_px: int, height_px: int, window_px: int) -> LabWorld:
    """Field beside forest, a clearing, and a river in the form of a U across both.

    Args:
        width_px: of the map.
        height_px: of the map.
        window_px: side of the model's windows; the river is about a twelfth of it wide.
    """
    y, x = np.mgrid[0.5:height_px, 0.5:width_px]
    across, down = x / width_px, y / height_px
    zones = np.full((height_px, width_px), _FIELD, np.uint8)
    zones[across < 0.47 + 0.06 * np.sin(7.0 * down) + 0.12 * (down - 0.5)] = _FOREST
    zones[(across - 0.86) ** 2 + (down - 0.84) ** 2 < 0.13**2] = _FOREST
    zones[(across - 0.13) ** 2 + (down - 0.55) ** 2 < 0.11**2] = _GRASS
    turn = np.linspace(0.0, 1.0, 97)
    angle = np.pi * np.clip((turn - 0.3) / 0.4, 0.0, 1.0)
    straight = 0.55 - 0.75 * np.clip(np.abs(turn - 0.5) - 0.2, 0.0, 1.0) / 0.3
    river_x = 0.5 - 0.26 * np.cos(angle) + 0.02 * np.sin(23.0 * turn)
    river_y = straight + 0.27 * np.sin(angle)
    wide = window_px / 12.0 * (1.0 + 0.15 * np.sin(9.0 * turn))
    points = np.column_stack([river_x * width_px, river_y * height_px, wide])
    return LabWorld(SEED_WORLD, zones, (Stroke("river", points, _MU),), "summer")


def _sample(name: str, width_px: int, height_px: int) -> LabWorld:
    """The middle of a sample."""
    sample = load_preset(name, default_palette())
    height, width = sample.zones.shape
    if width < width_px or height < height_px:
        raise InputError(
            f"the sample {name} is {width} x {height} px, less than {width_px} x {height_px} px; "
            "choose a smaller --size"
        )
    left, top = (width - width_px) // 2, (height - height_px) // 2
    zones = np.ascontiguousarray(sample.zones[top : top + height_px, left : left + width_px])
    corner = np.array([left, top, 0.0])
    strokes = tuple(Stroke(each.kind, each.points - corner, each.mu) for each in sample.strokes)
    return LabWorld(name, zones, strokes, sample.info.map_prompt)


@lru_cache(maxsize=16)
def truth_of(world: LabWorld) -> npt.NDArray[np.uint8]:
    """The world painted by the renderer that a model of these looks learns from.

    Returns:
        uint8 (h, w, 3), read-only.

    Raises:
        InputError: the world's map prompt is none of the looks.
    """
    if world.look not in LOOKS:
        raise InputError(f"the world {world.name} has no rendered truth; use one of {LOOKS}")
    picture = paint_world(Layout(world.zones, world.strokes), world.look, _TRUTH_SEED)
    picture.setflags(write=False)
    return picture
