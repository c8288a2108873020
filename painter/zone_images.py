"""Zone pictures: PNGs whose values are zone ids, or whose colours are exactly the palette's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from painter.files import read_bounded
from painter.pictures import open_picture, pixels_of
from zones.errors import InputError
from zones.palette import Palette

MAX_FILE_BYTES = 2**30
"""Longest picture file that is read."""

MAX_DECODED_BYTES = 2**30
"""A picture may take this much memory once decoded: 1 byte a pixel, or 3 to 4 in colour."""

_BYTES_PER_PX = {"P": 1, "L": 1, "RGB": 3, "RGBA": 4}
_SHOWN = 4
_ROWS = 256
_PACKING = np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)


def read_zone_image(
    path: Path, palette: Palette, size: tuple[int, int] | None = None
) -> npt.NDArray[np.uint8]:
    """Read a zone picture.

    Args:
        path: a PNG: palette ("P") or greyscale ("L") with ids as values, or RGB in exactly the
            palette's colours (a full alpha channel is allowed).
        palette: knows the ids and colours.
        size: (width_px, height_px) the picture must have; None takes any.

    Returns:
        uint8 (h, w) zone ids.

    Raises:
        InputError: not such a picture, another size, or ids or colours the palette does not
            have; it names the first few and where they are.
    """
    data = read_bounded(path, MAX_FILE_BYTES, "the zone image")
    where = f"the zone image {path}"
    picture = open_picture(data, where)
    _check_header(picture, where, size)
    pixels = pixels_of(picture, where)
    if pixels.ndim == 2:  # noqa: PLR2004 - ids
        check_ids(pixels, palette, where)
        return np.ascontiguousarray(pixels)
    return _ids_of_colours(pixels, palette, where)


def check_ids(ids: npt.NDArray[np.uint8], palette: Palette, where: str) -> None:
    """Check that every id of uint8 (h, w) is in the palette.

    Raises:
        InputError: some are not; it names the first few and where they are.
    """
    wrong = np.ones(256, dtype=np.bool_)
    wrong[list(palette.valid_ids)] = False
    if not any(wrong[ids[top : top + _ROWS]].any() for top in range(0, len(ids), _ROWS)):
        return
    unknown = [int(zone_id) for zone_id in np.unique(ids) if wrong[zone_id]]
    places = (_first(ids == zone_id) for zone_id in unknown[:_SHOWN])
    found = _listed(
        (f"{zone_id} at {x},{y}" for zone_id, (x, y) in zip(unknown, places, strict=False)),
        len(unknown),
    )
    known = ", ".join(str(zone_id) for zone_id in sorted(palette.valid_ids))
    raise InputError(f"{where} has unknown zone ids: {found}; the palette has {known}")


def _check_header(picture: Image.Image, where: str, size: tuple[int, int] | None) -> None:
    if size is not None and picture.size != size:
        raise InputError(
            f"{where} is {picture.width} x {picture.height} px but the map is "
            f"{size[0]} x {size[1]} px; give a picture of the map's size"
        )
    if picture.mode not in _BYTES_PER_PX:
        raise InputError(
            f"{where} has the pixel format {picture.mode}; save it as 8-bit palette, greyscale "
            "or RGB PNG"
        )
    need = picture.width * picture.height * _BYTES_PER_PX[picture.mode]
    if need > MAX_DECODED_BYTES:
        raise InputError(
            f"{where} would take {need >> 20} MiB of memory, more than the "
            f"{MAX_DECODED_BYTES >> 20} MiB allowed; use a palette PNG or a smaller map"
        )


def _ids_of_colours(
    pixels: npt.NDArray[np.uint8], palette: Palette, where: str
) -> npt.NDArray[np.uint8]:
    """Map RGB(A) to ids, a band of rows at a time so that little memory is needed."""
    colours = np.array([_packed_colour(zone.rgb) for zone in palette.zones], dtype=np.uint32)
    order = np.argsort(colours)
    ids = np.array([zone.id for zone in palette.zones], dtype=np.uint8)[order]
    colours = colours[order]
    out = np.empty(pixels.shape[:2], dtype=np.uint8)
    for top in range(0, len(pixels), _ROWS):
        band = pixels[top : top + _ROWS]
        packed = _packed(band, where, top)
        slot = np.minimum(np.searchsorted(colours, packed), len(colours) - 1)
        wrong = colours[slot] != packed
        if wrong.any():
            _refuse_colours(packed, wrong, where, top)
        out[top : top + _ROWS] = ids[slot]
    return out


def _packed(band: npt.NDArray[np.uint8], where: str, top: int) -> npt.NDArray[np.uint32]:
    """Colours as single numbers; a pixel that is not opaque is refused."""
    if band.shape[2] == 4 and (band[..., 3] != 255).any():  # noqa: PLR2004 - alpha, opaque
        x, y = _first(band[..., 3] != 255)  # noqa: PLR2004 - opaque
        raise InputError(
            f"{where} is transparent at {x},{y + top}; save it without an alpha channel"
        )
    wide = band[..., :3].astype(np.uint32)
    return np.asarray(wide @ _PACKING, dtype=np.uint32)


def _packed_colour(rgb: tuple[int, int, int]) -> int:
    return (rgb[0] << 16) | (rgb[1] << 8) | rgb[2]


def _refuse_colours(
    packed: npt.NDArray[np.uint32], wrong: npt.NDArray[np.bool_], where: str, top: int
) -> None:
    """Name the first few colours that the palette does not have, in reading order."""
    values, first = np.unique(packed[wrong], return_index=True)
    rows, columns = np.nonzero(wrong)
    shown = []
    for place in np.argsort(first)[:_SHOWN]:
        value, at = int(values[place]), int(first[place])
        rgb = f"{value >> 16} {(value >> 8) & 255} {value & 255}"
        shown.append(f"{rgb} at {columns[at]},{rows[at] + top}")
    raise InputError(
        f"{where} has colours that the palette does not have: {_listed(shown, len(values))}; "
        "use exactly the palette's colours, without smoothing"
    )


def _first(mask: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """x, y of the first True pixel in reading order."""
    row, column = divmod(int(np.argmax(mask)), mask.shape[1])
    return column, row


def _listed(parts: Iterable[str], total: int) -> str:
    shown = list(parts)
    rest = total - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
