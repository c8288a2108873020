"""The states of all tiles as one small picture, so that a far view costs one draw call."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.workspace.looks import STATE_ICONS, state_colour
from zones.grid import Grid, TileCoord

KINDS = tuple(STATE_ICONS)
"""Kinds of state, by the code that the raster keeps."""

_TINT_SHARE = {"stale": 0.13, "queued": 0.16, "generating": 0.18, "flagged": 0.14, "failed": 0.22}
"""Opacity of the tint over a tile; empty and finished tiles have none."""


class TileRaster:
    """One code and one tint for each tile of a grid.

    Attributes:
        grid: the grid.
        codes: uint8 (rows, cols), positions in `KINDS`.
    """

    def __init__(self, grid: Grid, kind_of: Callable[[TileCoord], str]) -> None:
        self.grid = grid
        self.codes = np.zeros((grid.rows, grid.cols), dtype=np.uint8)
        self._tints = np.zeros((grid.rows, grid.cols), dtype=np.uint32)
        self._kind_of = kind_of
        self.update(grid.tiles())

    def update(self, tiles: Iterable[TileCoord]) -> None:
        """Ask again for the states of some tiles; those beyond the grid are passed over."""
        for tile in tiles:
            if self.grid.has(tile):
                code = _CODES[self._kind_of(tile)]
                self.codes[tile.row, tile.col] = code
                self._tints[tile.row, tile.col] = _TINTS[code]

    def marked(self, rows: range, cols: range) -> list[tuple[TileCoord, str]]:
        """The tiles of a part of the grid that are not empty, with their kinds."""
        part = self.codes[rows.start : rows.stop, cols.start : cols.stop]
        found = np.argwhere(part != _CODES["empty"])
        return [
            (TileCoord(rows.start + int(row), cols.start + int(col)), KINDS[part[row, col]])
            for row, col in found
        ]

    def draw_tints(self, painter: QPainter, target: QRectF, rows: range, cols: range) -> None:
        """Draw the tints of a part of the grid over a rectangle of the widget."""
        part = np.ascontiguousarray(self._tints[rows.start : rows.stop, cols.start : cols.stop])
        if not part.any():
            return
        image = QImage(
            part.data,
            len(cols),
            len(rows),
            4 * len(cols),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(target, image)


def _tint(kind: str) -> int:
    share = _TINT_SHARE.get(kind, 0.0)
    colour = state_colour(kind)
    red, green, blue = (
        round(band * share) for band in (colour.red(), colour.green(), colour.blue())
    )
    return round(255 * share) << 24 | red << 16 | green << 8 | blue


_CODES = {kind: code for code, kind in enumerate(KINDS)}
_TINTS: npt.NDArray[np.uint32] = np.array([_tint(kind) for kind in KINDS], dtype=np.uint32)
