"""The starting noise as a field over the map: what a latent cell gets depends on its place only.

The field is cut into square blocks. Each block is drawn by the counter-based generator Philox
(Salmon et al. 2011) at a counter made of the block's position, so any cut can be drawn alone, in
any order and process, and two windows that overlap get the same values there. Normal variates
come from the raw 64-bit words by the Box-Muller transform, not from NumPy's own distributions,
whose streams may change between versions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zones.geometry import LATENT_PX, Rect
from zones.grid import Grid, TileCoord, to_latent

BLOCK_CELLS = 32
"""Side of one independently drawn block in latent cells."""

_WORD = 1 << 64
_MAP_SALT = 0x4D61704E6F697365
_TILE_SALT = 0x54696C654E6F6973


def noise_window(
    seed: int,
    latent_rect: Rect,
    channels: int,
    wrap_cells: tuple[int | None, int | None] = (None, None),
) -> npt.NDArray[np.float32]:
    """Cut a rectangle out of the map's noise field.

    Args:
        seed: the map's seed; any integer, taken modulo 2**64.
        latent_rect: place in latent cells of the map; may begin at negative positions.
        channels: latent channels; more channels extend fewer ones.
        wrap_cells: (width, height) of a wrapped map in latent cells, None for an axis that does
            not wrap.

    Returns:
        Standard normal float32 (channels, latent_rect.height, latent_rect.width).
    """
    noise = np.empty((channels, *latent_rect.shape), dtype=np.float32)
    rows = _runs(latent_rect.y, latent_rect.height, wrap_cells[1])
    columns = _runs(latent_rect.x, latent_rect.width, wrap_cells[0])
    for block_y, from_y, to_y in rows:
        for block_x, from_x, to_x in columns:
            block = _block(seed, block_x, block_y, channels)
            noise[:, to_y, to_x] = block[:, from_y, from_x]
    return noise


def grid_noise(grid: Grid, tile: TileCoord, seed: int, channels: int) -> npt.NDArray[np.float32]:
    """The noise of one tile's window, cut out of the map's field, wrapped where the map wraps.

    Returns:
        Standard normal float32 (channels, window_px / 8, window_px / 8).
    """
    wrap_cells = (
        grid.map_width_px // LATENT_PX if grid.wrap_x else None,
        grid.map_height_px // LATENT_PX if grid.wrap_y else None,
    )
    return noise_window(seed, to_latent(grid.window(tile)), channels, wrap_cells)


def tile_noise(seed: int, tile: TileCoord, shape: tuple[int, int, int]) -> npt.NDArray[np.float32]:
    """Noise that every tile draws for itself, unrelated to its neighbours'.

    Args:
        seed: the map's seed.
        tile: whose noise.
        shape: (channels, height, width) in latent cells.

    Returns:
        Standard normal float32 of that shape.
    """
    count = shape[0] * shape[1] * shape[2]
    return _normals((seed, _TILE_SALT), (tile.col, tile.row), count).reshape(shape)


def _runs(start: int, length: int, period: int | None) -> list[tuple[int, slice, slice]]:
    """Cut [start, start + length) where blocks or the wrapped map end.

    Returns:
        (block index, slice in the block, slice in the result) for each piece.
    """
    runs = []
    done = 0
    while done < length:
        at = start + done
        if period is not None:
            at %= period
        block, offset = divmod(at, BLOCK_CELLS)
        size = min(BLOCK_CELLS - offset, length - done)
        if period is not None:
            size = min(size, period - at)
        runs.append((block, slice(offset, offset + size), slice(done, done + size)))
        done += size
    return runs


def _block(seed: int, block_x: int, block_y: int, channels: int) -> npt.NDArray[np.float32]:
    count = channels * BLOCK_CELLS * BLOCK_CELLS
    values = _normals((seed, _MAP_SALT), (block_x, block_y), count)
    return values.reshape(channels, BLOCK_CELLS, BLOCK_CELLS)


def _normals(key: tuple[int, int], place: tuple[int, int], count: int) -> npt.NDArray[np.float32]:
    """`count` standard normal float32 values at one place of one keyed stream.

    Words are used in pairs, so a longer draw begins with the shorter one's values.
    """
    counter = np.array([0, 0, place[0] % _WORD, place[1] % _WORD], dtype=np.uint64)
    philox = np.random.Philox(
        counter=counter, key=np.array([key[0] % _WORD, key[1]], dtype=np.uint64)
    )
    words = np.asarray(philox.random_raw(count + count % 2), dtype=np.uint64)
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    radius = np.sqrt(-2.0 * np.log(uniform[0::2]))
    angle = 2.0 * np.pi * uniform[1::2]
    normals = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).ravel()
    return np.asarray(normals[:count], dtype=np.float32)
