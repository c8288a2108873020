"""What was still to be painted, kept in the project folder so that a restart can go on with it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generation.plan.settings import RunSettings
from painter import plain_json
from painter.files import read_bounded, sync_folder, write_whole, writing
from zones.errors import InputError
from zones.grid import TileCoord

QUEUE_NAME = "queue.json"
MAX_BYTES = 64 * 2**20

_Index = Annotated[int, Field(ge=0, le=2**20)]
_Seed = Annotated[int, Field(ge=0, lt=2**63)]
_Tile = Annotated[tuple[_Index, _Index], Field(strict=False)]
_SeededTile = Annotated[tuple[_Index, _Index, _Seed], Field(strict=False)]


class QueuedRun(BaseModel):
    """One run's unfinished rest.

    Attributes:
        label: of the run, for people.
        settings: of the run, as `RunSettings.to_json` gives them.
        tiles: (row, column) of what is left, in the order of painting.
        seeds: (row, column, seed) of tiles with a seed of their own.
        seed: in place of the map's own, or None.
        deliberate: the user chose these very tiles.
        candidates: variants of a single tile.
        repair: windows painted of each tile at most to make it better; 0 is no repair.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    label: Annotated[str, Field(max_length=200)]
    settings: dict[str, Any]
    tiles: Annotated[tuple[_Tile, ...], Field(strict=False)]
    seeds: Annotated[tuple[_SeededTile, ...], Field(strict=False)] = ()
    seed: _Seed | None = None
    deliberate: bool = False
    candidates: Annotated[int, Field(ge=1, le=64)] = 1
    repair: Annotated[int, Field(ge=0, le=64)] = 0

    @property
    def coords(self) -> tuple[TileCoord, ...]:
        """The tiles."""
        return tuple(TileCoord(*tile) for tile in self.tiles)

    @property
    def run_settings(self) -> RunSettings:
        """The settings, read."""
        return RunSettings.from_json(self.settings)


class _QueueFile(BaseModel):
    """The whole of `queue.json`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    schema_version: Literal[1]
    runs: Annotated[tuple[QueuedRun, ...], Field(strict=False, max_length=10_000)]


def read_queue(folder: Path) -> tuple[QueuedRun, ...]:
    """What an earlier session left; empty where it left nothing.

    Raises:
        InputError: the file is damaged or from a newer version.
    """
    path = folder / QUEUE_NAME
    if not path.is_symlink() and not path.exists():
        return ()
    data = read_bounded(path, MAX_BYTES, "the queue", follow=False)
    where = f"the queue {path}"
    document = plain_json.parse(data, where, max_items=8_000_000)
    try:
        runs = _QueueFile.model_validate(document).runs
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"{where} is wrong at {at}: {first['msg']}; start the run again"
        ) from error
    for run in runs:
        _ = run.run_settings
    return runs


def write_queue(folder: Path, runs: tuple[QueuedRun, ...]) -> None:
    """Keep what is still to be painted, atomically and durably; nothing left removes the file.

    Raises:
        WorkError: the disk is full or fails; the old file stands.
        InputError: the folder cannot be written.
    """
    path = folder / QUEUE_NAME
    with writing(path):
        if not runs:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            return
    file = _QueueFile(schema_version=1, runs=runs)
    write_whole(path, plain_json.dump(file.model_dump(mode="json")))
    with writing(folder):
        sync_folder(folder)
