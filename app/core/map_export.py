"""The stitched map as rows for a picture file, alone or beside what was painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generation.plan.stitch import Stitch
from generation.run.world import World
from painter.export import Strip, check_target, export_map
from zones.canvas import draw_stencils, flat_canvas
from zones.geometry import Rect
from zones.reader import strokes_in_extended

GAP_PX = 16
"""White between the seed canvas and the map beside it."""

_WHITE = 255

Progress = Callable[[int], None]
"""Told how many rows are written; may raise to stop."""


@dataclass(frozen=True, slots=True, eq=False)
class MapPicture:
    """What is exported; frozen, for any thread.

    Attributes:
        world: the painted map.
        stitch: its finished tiles.
        stencil_opacity: of the stencils on the seed canvas.
        beside_seed: whether the flat zones and stencils stand to the left.
    """

    world: World
    stitch: Stitch
    stencil_opacity: float
    beside_seed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture in px."""
        grid = self.stitch.grid
        width = grid.map_width_px
        return (2 * width + GAP_PX if self.beside_seed else width), grid.map_height_px

    def strips(self) -> Iterator[Strip]:
        """(first row, RGB rows) from top to bottom; missing tiles are black."""
        for strip in self.stitch.strips():
            rows = strip.rgb
            if self.beside_seed:
                gap = np.full((rows.shape[0], GAP_PX, 3), _WHITE, dtype=np.uint8)
                rows = np.concatenate([self._flat(strip.rect), gap, rows], axis=1)
            yield strip.rect.y, rows

    def write(self, out: Path, name: str | None = None, progress: Progress = lambda _: None) -> str:
        """Write the picture; an existing file is replaced only once the new one is whole.

        Args:
            out: the file.
            name: of the format; None goes by the extension.
            progress: called after each strip; what it raises stops the work, nothing is left.

        Returns:
            The format that was written.

        Raises:
            InputError: see `painter.export.check_target`.
            WorkError: the disk is full or fails.
        """
        chosen = check_target(out, *self.size, name)
        export_map(self._told(progress), *self.size, out, chosen)
        return chosen

    def preview(self, longest_px: int) -> npt.NDArray[np.uint8]:
        """The picture with so many px at its longer side: every n-th pixel, uint8 (h, w, 3)."""
        step = max(1, -(-max(self.size) // longest_px))
        rows = [
            strip[(-top) % step :: step, ::step]
            for top, strip in self.strips()
            if (-top) % step < len(strip)
        ]
        return np.ascontiguousarray(np.concatenate(rows, axis=0))

    def _told(self, progress: Progress) -> Iterator[Strip]:
        for top, rows in self.strips():
            progress(top)
            yield top, rows
        progress(self.size[1])

    def _flat(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """Zone colours with stencils over them: the seed canvas of an unrendered map."""
        world = self.world
        zones = world.palette.painted(world.reader.read_zones(rect))
        strokes = strokes_in_extended(world.reader, self.stitch.grid, rect)
        canvas = flat_canvas(zones, world.palette)
        return draw_stencils(canvas, strokes, rect, world.palette, self.stencil_opacity)
