"""Painted maps of the seed table, each kept as one file named by all that decides its pixels."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.lab.seed_table.rows import Row
from app.lab.seed_table.worlds import LabWorld
from generation.plan.order import most_constrained, rank_tiles
from generation.plan.ports import Engine
from generation.plan.stitch import Stitch
from generation.run.records import MemoryTileStore, TileRecord
from generation.run.render import Renderer
from generation.run.world import World
from painter.files import read_bounded, write_whole, writing
from zones.errors import InputError
from zones.grid import Grid
from zones.palette import default_palette
from zones.reader import ArrayMap

_MAX_BYTES = 2**31
_FACTS = "facts"


PAINTER = 2
"""Rises whenever windows are painted in another way; maps painted before are then painted again."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One map to paint.

    Attributes:
        world: what is painted.
        seed: of the noise.
        row: how.
    """

    world: LabWorld
    seed: int
    row: Row

    @property
    def place(self) -> tuple[str, int]:
        """World and seed: what two rows share where they are compared."""
        return self.world.name, self.seed

    def key(self, engine: Engine) -> str:
        """A hash of everything that decides the map's pixels, hex."""
        row = self.row
        facts = {
            "painter": PAINTER,
            "world": self.world.fingerprint(),
            "seed": self.seed,
            "settings": row.values(engine.profile),
            "profile": row.profile(engine.profile).model_dump(mode="json"),
            "order": row.order,
            "candidates": row.candidates,
            "model": engine.model_hash,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]

    def as_world(self, engine: Engine) -> World:
        """The world as a run sees it."""
        return World(
            reader=ArrayMap(self.world.zones, self.world.strokes),
            palette=default_palette(),
            map_prompt=self.world.look,
            seed=self.seed,
            wrap="",
            profile=self.row.profile(engine.profile),
            model_hash=engine.model_hash,
        )


@dataclass(eq=False)
class PaintedMap:
    """A finished map.

    Attributes:
        world: as the run saw it.
        grid: its windows.
        store: the raw windows.
        records: of all tiles, in the order they were painted.
        seconds: the engine's time for all tiles, variants that were not kept included.
        cpu_seconds: processor time of the whole run.
    """

    world: World
    grid: Grid
    store: MemoryTileStore
    records: tuple[TileRecord, ...]
    seconds: float
    cpu_seconds: float
    stitch: Stitch = field(init=False)

    def __post_init__(self) -> None:
        found = {record.tile: record for record in self.records}
        self.stitch = self.world.stitch(self.grid, self.store, found)

    def picture(self) -> npt.NDArray[np.uint8]:
        """The stitched map, uint8 (h, w, 3)."""
        return self.stitch.region(self.grid.map_rect).rgb


def is_painted(case: Case, engine: Engine, folder: Path) -> bool:
    """Whether the case's map is kept in a folder of map files."""
    return _file(case, engine, folder).exists()


def painted_map(case: Case, engine: Engine, folder: Path) -> PaintedMap:
    """The case's map, from its file or painted now and kept.

    Args:
        case: what to paint.
        engine: paints it.
        folder: of map files; other processes may write there, too.
    """
    path = _file(case, engine, folder)
    if path.exists():
        return _read(path, case, engine)
    painted = _paint(case, engine)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, _as_bytes(painted))
    return painted


def _file(case: Case, engine: Engine, folder: Path) -> Path:
    return folder / f"{case.key(engine)}.npz"


def _paint(case: Case, engine: Engine) -> PaintedMap:
    world, settings = case.as_world(engine), case.row.settings(engine.profile)
    grid, store = world.grid(settings), MemoryTileStore()
    start = most_constrained(world.reader, grid)
    began = time.process_time()
    renderer = Renderer(world, engine, store, settings, candidates=case.row.candidates)
    records = tuple(renderer.render(rank_tiles(grid, case.row.order, start)))
    cpu_seconds = time.process_time() - began
    kept = {(record.tile, record.seed) for record in records}
    seconds = sum(record.elapsed_s for record in records)
    seconds += sum(
        record.elapsed_s for record, _ in store.candidates if (record.tile, record.seed) not in kept
    )
    return PaintedMap(world, grid, store, records, seconds, cpu_seconds)


def _as_bytes(painted: PaintedMap) -> bytes:
    facts = {
        "records": [record.to_json() for record in painted.records],
        "seconds": painted.seconds,
        "cpu_seconds": painted.cpu_seconds,
    }
    arrays: dict[str, npt.NDArray[Any]] = {_FACTS: np.array(json.dumps(facts))}
    for number, record in enumerate(painted.records):
        arrays[f"rgb{number}"] = painted.store.raw(record.tile)
        mask = painted.store.mask(record.tile)
        if mask is not None:
            arrays[f"mask{number}"] = mask
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _read(path: Path, case: Case, engine: Engine) -> PaintedMap:
    try:
        data = read_bounded(path, _MAX_BYTES, "the painted map")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _from_arrays(dict(arrays), case, engine)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"the painted map {path} is damaged; delete it and start again") from error


def _from_arrays(arrays: Mapping[str, npt.NDArray[Any]], case: Case, engine: Engine) -> PaintedMap:
    facts = json.loads(str(arrays[_FACTS]))
    store, records = MemoryTileStore(), []
    for number, values in enumerate(facts["records"]):
        record = TileRecord.from_json(values)
        rgb = arrays[f"rgb{number}"]
        rgb.setflags(write=False)
        store.put(record, rgb, arrays.get(f"mask{number}"))
        records.append(record)
    world = case.as_world(engine)
    grid = world.grid(case.row.settings(engine.profile))
    return PaintedMap(world, grid, store, tuple(records), facts["seconds"], facts["cpu_seconds"])
