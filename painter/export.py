"""The finished map as one picture: PNG, or a tiled BigTIFF that is written as it comes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

from painter import pictures
from painter.files import replacing
from zones.errors import InputError, WorkError

Format = Literal["png", "tiff"]
Strip = tuple[int, npt.NDArray[np.uint8]]
"""First row, and rows RGB uint8 (rows, width, 3)."""

MAX_PNG_PX = 2**28
"""Largest PNG: it is held in memory whole, 3 bytes a pixel."""

TIFF_TILE_PX = 512

_FORMATS: dict[str, Format] = {".png": "png", ".tif": "tiff", ".tiff": "tiff"}
_NAMES: dict[str, Format] = {"png": "png", "tif": "tiff", "tiff": "tiff", "bigtiff": "tiff"}
_PNG_LEVEL = 6
_TIFF_LEVEL = 6


def format_of(out: Path, name: str | None = None) -> Format:
    """The format a file will have.

    Args:
        out: the file; its extension decides.
        name: a format's name that decides instead, or None.

    Raises:
        InputError: neither is a known format.
    """
    known = _FORMATS.get(out.suffix.lower()) if name is None else _NAMES.get(name.lower())
    if known is None:
        asked = f"the format {name!r}" if name is not None else f"the file name {out.name!r}"
        raise InputError(f"{asked} is not one that can be written; use .png, .tif or .tiff")
    return known


def check_target(out: Path, width_px: int, height_px: int, name: str | None = None) -> Format:
    """Check before any work that a map can be written to a file; give the format.

    Raises:
        InputError: unknown format, the folder is missing or closed, `out` is a folder itself, or
            the PNG would be too large.
    """
    chosen = format_of(out, name)
    if out.is_dir():
        raise InputError(f"{out} is a folder; name a file in it")
    if not out.parent.is_dir():
        raise InputError(f"there is no folder {out.parent}; make it or choose another")
    if not os.access(out.parent, os.W_OK):
        raise InputError(f"{out.parent} cannot be written; allow it or choose another folder")
    if chosen == "png" and width_px * height_px > MAX_PNG_PX:
        raise InputError(
            f"a PNG of {width_px} x {height_px} px needs too much memory; export a .tif instead"
        )
    return chosen


def export_map(
    strips: Iterable[Strip], width_px: int, height_px: int, out: Path, name: str | None = None
) -> None:
    """Write a map; an existing file is replaced only once the new one is whole and on disk.

    A TIFF is a BigTIFF of 512 px tiles, deflate with horizontal differencing; it needs memory
    for two rows of tiles only.

    Args:
        strips: rows of the map from top to bottom without gaps, RGB.
        width_px: of the map.
        height_px: of the map.
        out: the file.
        name: "png" or "tiff"; None goes by the extension.

    Raises:
        InputError: see `check_target`, or the folder cannot be written.
        WorkError: the disk is full or fails.
        ValueError: the strips do not make up the map.
    """
    chosen = check_target(out, width_px, height_px, name)
    rows = _checked(strips, width_px, height_px)
    with replacing(out) as temp:
        if chosen == "png":
            _write_png(rows, width_px, height_px, temp)
        else:
            _write_tiff(rows, width_px, height_px, temp)
        _check_written(temp, width_px, height_px)


def _checked(strips: Iterable[Strip], width_px: int, height_px: int) -> Iterator[Strip]:
    """The strips, once each is found to follow the one before."""
    expected = 0
    for y, rows in strips:
        shape = (rows.shape[0], width_px, 3)
        if y != expected or rows.shape != shape or rows.dtype != np.uint8:
            raise ValueError(f"a strip {rows.dtype} {rows.shape} at row {y} does not fit")
        expected += rows.shape[0]
        yield y, rows
    if expected != height_px:
        raise ValueError(f"the strips have {expected} rows, not {height_px}")


def _write_png(rows: Iterator[Strip], width_px: int, height_px: int, path: Path) -> None:
    whole = np.empty((height_px, width_px, 3), dtype=np.uint8)
    for y, strip in rows:
        whole[y : y + len(strip)] = strip
    Image.fromarray(whole).save(path, "PNG", compress_level=_PNG_LEVEL)


def _write_tiff(rows: Iterator[Strip], width_px: int, height_px: int, path: Path) -> None:
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(
            _tiles(rows, width_px, height_px),
            shape=(height_px, width_px, 3),
            dtype=np.uint8,
            photometric="rgb",
            tile=(TIFF_TILE_PX, TIFF_TILE_PX),
            compression="zlib",
            compressionargs={"level": _TIFF_LEVEL},
            predictor=True,
            maxworkers=1,
            metadata=None,
            software="Tilewright",
        )


def _tiles(rows: Iterator[Strip], width_px: int, height_px: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Tiles in reading order; the last ones of a row or column are padded with black."""
    across = -(-width_px // TIFF_TILE_PX)
    for band in _bands(rows, width_px, height_px):
        padded = np.zeros((TIFF_TILE_PX, across * TIFF_TILE_PX, 3), dtype=np.uint8)
        padded[: len(band), :width_px] = band
        for column in range(across):
            left = column * TIFF_TILE_PX
            yield padded[:, left : left + TIFF_TILE_PX]


def _bands(rows: Iterator[Strip], width_px: int, height_px: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Regroup strips of any height into bands of one tile's height."""
    band = np.empty((TIFF_TILE_PX, width_px, 3), dtype=np.uint8)
    filled = 0
    for y, strip in rows:
        taken = 0
        while taken < len(strip):
            count = min(TIFF_TILE_PX - filled, len(strip) - taken)
            band[filled : filled + count] = strip[taken : taken + count]
            filled, taken = filled + count, taken + count
            if filled == TIFF_TILE_PX or y + taken == height_px:
                yield band[:filled]
                filled = 0


def _check_written(path: Path, width_px: int, height_px: int) -> None:
    """Open the written file with another reader than its writer's and compare its size."""
    try:
        with Image.open(path, formats=("PNG", "TIFF")) as picture:
            found = (picture.size, picture.mode)
    except pictures.BROKEN as error:
        raise WorkError(f"the written picture {path.name} cannot be read back ({error})") from error
    if found != ((width_px, height_px), "RGB"):
        raise WorkError(f"the written picture came out as {found}; check the disk and try again")
