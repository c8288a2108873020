"""One run's view of a painted map: which tiles are stale, and what the stitched map is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generation.plan.profile import ModelProfile
from generation.plan.settings import RunSettings
from generation.plan.stitch import RawWindow, Stitch
from generation.run.records import TileRecord, TileSource, TileStore
from zones.compiler import CompileSettings, window_inputs_hash
from zones.grid import Grid, TileCoord
from zones.palette import Palette
from zones.reader import MapReader


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What is to be painted, with the model's numbers; it never changes during a run.

    Attributes:
        reader: the painted map, a snapshot.
        palette: the map's own.
        map_prompt: what the whole map is painted like.
        seed: of the noise field.
        wrap: "", "x", "y" or "xy".
        profile: the model's numbers.
        model_hash: content hash of the model's weights.
        compositor_hash: content hash of the compositor beside them, "" where there is none.
    """

    reader: MapReader
    palette: Palette
    map_prompt: str
    seed: int
    wrap: str
    profile: ModelProfile
    model_hash: str
    compositor_hash: str = ""

    def grid(self, settings: RunSettings) -> Grid:
        """The windows of the map in the settings' layout."""
        size_px = self.reader.width_px, self.reader.height_px
        return self.profile.grid(size_px, settings.layout, self.wrap)

    def inputs_hash(self, grid: Grid, tile: TileCoord, settings: RunSettings) -> str:
        """Fingerprint of everything a tile is made from, its neighbours excepted."""
        compile_settings = settings.compile_settings(self.profile, self.map_prompt)
        extra = {
            "seed": str(self.seed),
            "model": self.model_hash,
            "strength": repr(settings.strength),
            "noise": settings.noise,
            "plain": str(settings.plain),
            "reference": str(settings.reference),
            "guidance": repr(self.profile.guidance_scale),
            "text": f"{self.profile.text_layers} {self.profile.text_tokens}",
            **self._compositor_facts(settings),
        }
        return window_inputs_hash(self.reader, grid, self.palette, tile, compile_settings, extra)

    def _compositor_facts(self, settings: RunSettings) -> dict[str, str]:
        """What the compositor adds; nothing where it is the plain gate."""
        if settings.plain or settings.compositor == "linear":
            return {}
        facts: dict[str, str] = {"compositor": settings.compositor}
        if settings.compositor == "decformer":
            facts["compositor_hash"] = self.compositor_hash
        return facts

    def painted_hash(self, grid: Grid, tile: TileCoord) -> str:
        """Fingerprint of what is painted on a tile's window and the words for it alone."""
        neutral = CompileSettings(
            layout="anchored",
            anchor_px=0,
            soft_px=0,
            steps=1,
            prompt_template="{map_prompt} {zones} {stencils}",
            map_prompt=self.map_prompt,
        )
        return window_inputs_hash(self.reader, grid, self.palette, tile, neutral)

    def is_fresh(self, grid: Grid, record: TileRecord) -> bool:
        """Whether a tile still shows what is painted there.

        The tile's own settings are used: a run with other settings leaves its neighbours valid.
        A tile that the user chose to render alone keeps its own seed and model too.
        """
        if not record.stands_on(grid):
            return False
        if record.deliberate:
            return self.painted_hash(grid, record.tile) == record.painted_hash
        return self.inputs_hash(grid, record.tile, record.settings) == record.inputs_hash

    def fresh_records(self, grid: Grid, store: TileStore) -> Mapping[TileCoord, TileRecord]:
        """The finished tiles that are not stale."""
        return {
            tile: record for tile, record in store.records().items() if self.is_fresh(grid, record)
        }

    def stale_tiles(
        self, grid: Grid, store: TileStore, settings: RunSettings
    ) -> tuple[TileCoord, ...]:
        """Tiles that a run with these settings would redo, never rendered ones included.

        A tile that the user chose to render alone keeps its own settings, seed and model.
        """
        fresh = self.fresh_records(grid, store)
        return tuple(
            tile
            for tile in grid.tiles()
            if tile not in fresh or not (fresh[tile].deliberate or fresh[tile].settings == settings)
        )

    def stitch(
        self, grid: Grid, store: TileSource, records: Mapping[TileCoord, TileRecord]
    ) -> Stitch:
        """The stitched map of some finished tiles, later ones over earlier ones."""
        ordered = sorted(records.values(), key=lambda record: record.sequence)
        windows = tuple(
            self.raw_window(grid, record, store.mask(record.tile)) for record in ordered
        )
        return Stitch(grid, windows, store.raw, self.reader)

    def raw_window(
        self, grid: Grid, record: TileRecord, mask: npt.NDArray[np.uint8] | None
    ) -> RawWindow:
        """The window of a finished tile as the stitch takes it.

        Args:
            grid: of the map.
            record: of the tile.
            mask: (window_px, window_px), above 0 where the tile was carved; None: nowhere.
        """
        return RawWindow.painted(
            record.tile,
            grid.window(record.tile),
            record.predecessors,
            record.settings.compile_settings(self.profile, self.map_prompt),
            closing=record.closing,
            carved=None if mask is None else mask > 0,
        )
