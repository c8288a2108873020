"""PNG pictures to and from arrays; a header is checked before a single pixel is decoded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from PIL import Image

from zones.errors import InputError

# Sizes are checked against the header here, so Pillow's own guess of a bomb is not needed.
Image.MAX_IMAGE_PIXELS = None

_FAST = 2
"""zlib level: raw windows are saved while somebody waits."""

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
)


def encode(picture: Image.Image) -> bytes:
    """PNG bytes of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=_FAST)
    return buffer.getvalue()


def encode_rgb(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Lossless PNG of uint8 (h, w, 3)."""
    return encode(Image.fromarray(np.ascontiguousarray(rgb)))


def encode_grey(grey: npt.NDArray[np.uint8]) -> bytes:
    """Lossless greyscale PNG of uint8 (h, w)."""
    return encode(Image.fromarray(np.ascontiguousarray(grey)))


def encode_bits(mask: npt.NDArray[np.bool_]) -> bytes:
    """1-bit PNG of bool (h, w)."""
    picture = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    return encode(picture.convert("1", dither=Image.Dither.NONE))


def encode_indexed(ids: npt.NDArray[np.uint8], colours: npt.NDArray[np.uint8]) -> bytes:
    """Indexed PNG of uint8 (h, w), shown in `colours` uint8 (256, 3) by any viewer."""
    picture = Image.frombytes("P", (ids.shape[1], ids.shape[0]), ids.tobytes())
    picture.putpalette(colours[: int(ids.max(initial=0)) + 1].tobytes())
    return encode(picture)


def decode(
    data: bytes, where: str, modes: Collection[str], size: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Decode a PNG of a known size.

    Args:
        data: the file's bytes.
        where: the file's name for people.
        modes: Pillow modes that are accepted.
        size: (width, height) it must have.

    Returns:
        uint8 (h, w) or (h, w, bands); 1-bit pictures give 0 and 1.

    Raises:
        InputError: not a whole PNG of that size and mode.
    """
    picture = open_picture(data, where)
    if picture.size != size:
        raise InputError(
            f"{where} is {picture.width} x {picture.height} px, not {size[0]} x {size[1]} px; "
            "give a picture of that size"
        )
    if picture.mode not in modes:
        raise InputError(
            f"{where} has the pixel format {picture.mode}, not {' or '.join(sorted(modes))}; "
            "save it in that format"
        )
    return pixels_of(picture, where)


def open_picture(data: bytes, where: str) -> Image.Image:
    """Read a PNG's header; no pixel is decoded yet.

    Raises:
        InputError: not a PNG.
    """
    try:
        return Image.open(io.BytesIO(data), formats=("PNG",))
    except BROKEN as error:
        raise InputError(f"{where} is not a readable PNG picture; save it again as PNG") from error


def pixels_of(picture: Image.Image, where: str) -> npt.NDArray[np.uint8]:
    """Decode the pixels of an opened picture.

    Raises:
        InputError: the file is broken or ends early.
    """
    try:
        picture.load()
    except BROKEN as error:
        raise InputError(
            f"{where} is broken or ends early ({error}); save it again as PNG"
        ) from error
    return np.asarray(picture).astype(np.uint8, copy=False)
