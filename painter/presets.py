"""Sample worlds that ship with the program: zones, strokes and the words that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import resources
from painter import plain_json
from painter.files import read_bounded
from painter.manifest import MAX_SIDE_PX, first_complaint
from painter.stroke_files import read_strokes
from painter.zone_images import read_zone_image
from zones.errors import InputError
from zones.palette import Palette
from zones.strokes import Stroke

_MAX_BYTES = 2**20
_ABOUT = "world.json"
_Side = Annotated[int, Field(ge=1, le=MAX_SIDE_PX)]


class PresetInfo(BaseModel):
    """What a sample world's `world.json` says.

    Attributes:
        title: name for people.
        width_px: of the map.
        height_px: of the map.
        map_prompt: what the whole map is painted like.
        seed: of the first render.
        model: its own model, or empty.
        credits: who made it, from which data and under which licence.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str
    width_px: _Side
    height_px: _Side
    map_prompt: str
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    model: str = ""
    credits: str

    @property
    def size(self) -> tuple[int, int]:
        """(width_px, height_px)."""
        return self.width_px, self.height_px


@dataclass(frozen=True, eq=False)
class Preset:
    """A sample world, loaded.

    Attributes:
        name: folder name, as given on the command line.
        info: title, size, prompt, seed, credits.
        zones: uint8 (h, w) ids.
        strokes: in paint order.
    """

    name: str
    info: PresetInfo
    zones: npt.NDArray[np.uint8]
    strokes: tuple[Stroke, ...]


def list_presets(folder: Path | None = None) -> dict[str, PresetInfo]:
    """Sample worlds by name, sorted.

    Args:
        folder: where they lie; None takes the program's own.

    Raises:
        InputError: a `world.json` is damaged.
    """
    found = sorted(path.parent for path in _samples(folder).glob(f"*/{_ABOUT}"))
    return {world.name: _about(world) for world in found}


def load_preset(name: str, palette: Palette, folder: Path | None = None) -> Preset:
    """Load a sample world.

    Args:
        name: as `list_presets` gives it.
        palette: knows the ids and stencils it uses.
        folder: where the samples lie; None takes the program's own.

    Raises:
        InputError: no sample has that name, or its files are damaged.
    """
    known = sorted(path.parent.name for path in _samples(folder).glob(f"*/{_ABOUT}"))
    if name not in known:
        raise InputError(f"there is no sample {name[:60]!r}; choose one of {', '.join(known)}")
    world = _samples(folder) / name
    info = _about(world)
    zones = read_zone_image(world / "zones.png", palette, info.size)
    strokes = read_strokes(world / "strokes.json", palette, info.size)
    return Preset(name, info, zones, strokes)


def _samples(folder: Path | None) -> Path:
    return resources.path("samples") if folder is None else folder


def _about(world: Path) -> PresetInfo:
    path = world / _ABOUT
    document = plain_json.parse(read_bounded(path, _MAX_BYTES, "the sample's file"), str(path))
    try:
        return PresetInfo.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{path}: {first_complaint(error)}; mend the sample") from error
