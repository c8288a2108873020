"""What a new map will be, worked out before it is made: tiles, time and room."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from app.core.models import ModelFacts
from generation.plan.profile import ModelProfile
from painter.manifest import Wrap
from painter.presets import Preset
from zones.errors import InputError
from zones.geometry import LATTICE_PX
from zones.grid import nearest_wrap_px
from zones.palette import Palette

ENDING = ".tilewright"
"""Of the name of a map's folder."""

MAX_SIDE_PX = 131_072

_BYTES_PER_WEIGHT = 2
_TEXT_TOKENS = 128
_DECODE_SHARE = 1.35
_KEPT_SHARE = 0.6
_LOADED_SHARE = 1.3
_LIBRARIES_BYTES = 1200 * 2**20
_MAP_BYTES_PER_PX = 12
_LARGEST_VIEW_PX = 64 * 2**20
_TRIAL_SIDE, _TRIALS = 512, 6


@dataclass(frozen=True, slots=True)
class MapForecast:
    """What a map of some size costs with some model.

    Attributes:
        rows: of tiles.
        cols: of tiles.
        seconds: to paint all of them on this machine's processor, roughly; None where unknown.
        measured: whether `seconds` comes from tiles painted on this machine.
        memory_bytes: that the program needs while it paints, roughly.
        disk_bytes: of all finished tiles, roughly.
    """

    rows: int
    cols: int
    seconds: float | None
    measured: bool
    memory_bytes: int
    disk_bytes: int

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return self.rows * self.cols


@dataclass(frozen=True, slots=True, eq=False)
class NewMap:
    """Everything a new map is made of.

    Attributes:
        folder: not there yet.
        size: width and height in px.
        palette: its zones and stencils.
        model: name, folder or hub id.
        wrap: "", "x", "y" or "xy".
        preset: the sample world it starts from, or None.
        map_prompt: words for the whole map; "" takes the preset's.
    """

    folder: Path
    size: tuple[int, int]
    palette: Palette
    model: str
    wrap: Wrap = ""
    preset: Preset | None = None
    map_prompt: str = ""

    def values(self) -> dict[str, Any]:
        """The other arguments of `Project.create`."""
        found: dict[str, Any] = {
            "model": self.model,
            "wrap": self.wrap,
            "map_prompt": self.map_prompt,
        }
        if self.preset is not None:
            info = self.preset.info
            found.update(zones=self.preset.zones, strokes=self.preset.strokes, seed=info.seed)
            found["map_prompt"] = self.map_prompt or info.map_prompt
        return found


def nearest_wrapped_size(
    size: tuple[int, int], profile: ModelProfile, wrap: Wrap
) -> tuple[int, int]:
    """The nearest size at which the wrapped sides close without a break."""
    stride = profile.grid(size).stride_px
    width, height = size
    return (
        nearest_wrap_px(width, stride) if "x" in wrap else width,
        nearest_wrap_px(height, stride) if "y" in wrap else height,
    )


def forecast(
    size: tuple[int, int],
    facts: ModelFacts,
    wrap: Wrap = "",
    measured_s: Callable[[int], float | None] = lambda _: None,
) -> MapForecast:
    """What a map will cost.

    Args:
        size: width and height in px.
        facts: of its model, which is on this machine.
        wrap: which rims meet.
        measured_s: seconds for so many tiles where this model was timed on this machine.

    Raises:
        InputError: the size does not do, or nothing is known of the model.
    """
    if facts.profile is None:
        raise InputError(facts.why or f"nothing is known of the model {facts.name}")
    grid = facts.profile.grid(size, wrap=wrap)
    tiles = grid.rows * grid.cols
    seconds = measured_s(tiles)
    guess = tiles * tile_seconds(facts.profile, facts.size_bytes)
    pixels = min(size[0] * size[1], _LARGEST_VIEW_PX)
    return MapForecast(
        grid.rows,
        grid.cols,
        guess if seconds is None else seconds,
        seconds is not None,
        _LIBRARIES_BYTES + round(facts.size_bytes * _LOADED_SHARE) + pixels * _MAP_BYTES_PER_PX,
        round(tiles * facts.profile.window_px**2 * 3 * _KEPT_SHARE),
    )


def tile_seconds(profile: ModelProfile, weight_bytes: int) -> float:
    """Seconds one tile takes on this machine's processor, from its speed at multiplying.

    A transformer does about two operations for each weight and token (Kaplan et al. 2020); the
    window's tokens come twice, once as what is painted and once as reference.
    """
    tokens = 2 * (profile.window_px // LATTICE_PX) ** 2 + _TEXT_TOKENS
    operations = 2.0 * (weight_bytes / _BYTES_PER_WEIGHT) * tokens * profile.steps
    return _DECODE_SHARE * operations / operations_per_s()


@cache
def operations_per_s() -> float:
    """Floating-point operations a second of this machine in small products of matrices."""
    matrix = np.ones((_TRIAL_SIDE, _TRIAL_SIDE), dtype=np.float32)
    spent_s = []
    for _ in range(_TRIALS):  # the quickest is the one that nothing else disturbed
        begin = time.perf_counter()
        np.dot(matrix, matrix)
        spent_s.append(time.perf_counter() - begin)
    return 2.0 * _TRIAL_SIDE**3 / max(min(spent_s), 1e-6)
