"""What is known of a finished tile beside its pixels, and where finished tiles are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from generation.plan.settings import RunSettings
from zones.errors import InputError
from zones.geometry import Rect
from zones.grid import Grid, Neighbour, TileCoord


@dataclass(frozen=True, slots=True)
class TileRecord:
    """The facts of one finished tile; with its raw window they decide the stitched map.

    Attributes:
        tile: grid position.
        window: where it was painted, in map px; another model or layout has other windows.
        sequence: rises by one with every finished tile of a project; later tiles lie on earlier.
        inputs_hash: hash of the tile's own inputs when it was made.
        painted_hash: hash of what was painted on its window alone, whatever painted it.
        settings: the run's settings.
        deliberate: the user chose this very tile, so other settings, another seed and another
            model do not make it stale.
        predecessors: the finished neighbours it was anchored on, placed in its own frame.
        closing: whether the thinner closing anchor was used.
        seed: of the noise; for a chosen candidate not the map's own.
        model: name or folder of the model.
        model_hash: content hash of the weights.
        prompt: the text the model was given.
        elapsed_s: seconds the engine took.
    """

    tile: TileCoord
    window: Rect
    sequence: int
    inputs_hash: str
    painted_hash: str
    settings: RunSettings
    deliberate: bool
    predecessors: tuple[Neighbour, ...]
    closing: bool
    seed: int
    model: str
    model_hash: str
    prompt: str
    elapsed_s: float

    def stands_on(self, grid: Grid) -> bool:
        """Whether the grid has this very window."""
        return grid.has(self.tile) and grid.window(self.tile) == self.window

    def to_json(self) -> dict[str, Any]:
        """A JSON object for the tile's sidecar file."""
        return {
            "tile": [self.tile.row, self.tile.col],
            "window": _sides(self.window),
            "sequence": self.sequence,
            "inputs_hash": self.inputs_hash,
            "painted_hash": self.painted_hash,
            "settings": self.settings.to_json(),
            "deliberate": self.deliberate,
            "predecessors": [_neighbour_to_json(item) for item in self.predecessors],
            "closing": self.closing,
            "seed": self.seed,
            "model": self.model,
            "model_hash": self.model_hash,
            "prompt": self.prompt,
            "elapsed_s": round(self.elapsed_s, 3),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TileRecord:
        """Read what `to_json` wrote.

        Raises:
            InputError: a field is missing or has the wrong form.
        """
        try:
            row, col = values["tile"]
            return cls(
                tile=TileCoord(int(row), int(col)),
                window=_rect(values["window"]),
                sequence=int(values["sequence"]),
                inputs_hash=str(values["inputs_hash"]),
                painted_hash=str(values["painted_hash"]),
                settings=RunSettings.from_json(values["settings"]),
                deliberate=bool(values["deliberate"]),
                predecessors=tuple(_neighbour_from_json(p) for p in values["predecessors"]),
                closing=bool(values["closing"]),
                seed=int(values["seed"]),
                model=str(values["model"]),
                model_hash=str(values["model_hash"]),
                prompt=str(values["prompt"]),
                elapsed_s=float(values["elapsed_s"]),
            )
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise InputError(
                f"the facts of a tile are damaged ({error}); render it again"
            ) from error


def _neighbour_to_json(item: Neighbour) -> dict[str, Any]:
    return {"tile": [item.tile.row, item.tile.col], "window": _sides(item.window)}


def _neighbour_from_json(values: Mapping[str, Any]) -> Neighbour:
    row, col = values["tile"]
    return Neighbour(TileCoord(int(row), int(col)), _rect(values["window"]))


def _sides(rect: Rect) -> list[int]:
    return [rect.x, rect.y, rect.width, rect.height]


def _rect(sides: Sequence[int]) -> Rect:
    x, y, width, height = sides
    return Rect(int(x), int(y), int(width), int(height))


class TileSource(Protocol):
    """Gives the raw windows of finished tiles and their stitch masks."""

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window, uint8 (window_px, window_px, 3), read-only."""
        ...

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, uint8 (window_px, window_px), or None where it needs none."""
        ...


class TileStore(TileSource, Protocol):
    """Keeps finished tiles: a project folder, or memory for experiments."""

    def records(self) -> Mapping[TileCoord, TileRecord]:
        """The newest record of every finished tile."""
        ...

    def record(self, tile: TileCoord) -> TileRecord | None:
        """The newest record of one tile as it is at this moment; None if it is not finished."""
        ...

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Keep a finished tile in place of an older one; durable when the call returns.

        Returns:
            Whether it shows in the map now. False where its inputs were changed meanwhile, so
            that it was kept for later choice only.
        """
        ...

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Keep a variant of a tile for later choice; the map does not change."""
        ...


@dataclass
class MemoryTileStore:
    """A tile store that lives as long as the process.

    Attributes:
        candidates: every variant that was kept, in the order they came.
    """

    _records: dict[TileCoord, TileRecord] = field(default_factory=dict)
    _raws: dict[TileCoord, npt.NDArray[np.uint8]] = field(default_factory=dict)
    _masks: dict[TileCoord, npt.NDArray[np.uint8] | None] = field(default_factory=dict)
    candidates: list[tuple[TileRecord, npt.NDArray[np.uint8]]] = field(default_factory=list)

    def records(self) -> Mapping[TileCoord, TileRecord]:
        """The newest record of every finished tile."""
        return dict(self._records)

    def record(self, tile: TileCoord) -> TileRecord | None:
        """The newest record of one tile."""
        return self._records.get(tile)

    def raw(self, tile: TileCoord) -> npt.NDArray[np.uint8]:
        """The tile's raw window."""
        return self._raws[tile]

    def mask(self, tile: TileCoord) -> npt.NDArray[np.uint8] | None:
        """The tile's stitch mask, or None."""
        return self._masks[tile]

    def put(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        mask: npt.NDArray[np.uint8] | None,
    ) -> bool:
        """Keep a finished tile; it always shows."""
        self._records[record.tile] = record
        self._raws[record.tile] = rgb
        self._masks[record.tile] = mask
        return True

    def put_candidate(
        self,
        record: TileRecord,
        rgb: npt.NDArray[np.uint8],
        _mask: npt.NDArray[np.uint8] | None,
    ) -> None:
        """Keep a variant of a tile."""
        self.candidates.append((record, rgb))
