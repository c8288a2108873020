"""Zone pictures are read exactly, or refused with the first wrong places named."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from painter.zone_images import read_zone_image
from tests.support.disk import one_line
from zones.errors import InputError
from zones.palette import default_palette

PALETTE = default_palette()
IDS = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 1, 1, 0]], dtype=np.uint8)


def saved(picture: Image.Image, folder: Path) -> Path:
    path = folder / "zones.png"
    picture.save(path)
    return path


def grey(ids: npt.NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(ids)


def indexed(ids: npt.NDArray[np.uint8]) -> Image.Image:
    picture = Image.frombytes("P", (ids.shape[1], ids.shape[0]), ids.tobytes())
    picture.putpalette(PALETTE.colour_table()[:9].tobytes())
    return picture


@pytest.mark.parametrize("make", [grey, indexed])
def test_values_are_ids(tmp_path: Path, make: object) -> None:
    assert callable(make)
    read = read_zone_image(saved(make(IDS), tmp_path), PALETTE, (4, 3))
    assert np.array_equal(read, IDS)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 600), st.booleans())
def test_exact_colours_give_their_ids(
    tmp_path_factory: pytest.TempPathFactory, seed: int, width: int, height: int, alpha: bool
) -> None:
    ids = np.random.default_rng(seed).integers(1, 9, (height, width), dtype=np.uint8)
    picture = Image.fromarray(PALETTE.colour_table()[ids])
    path = saved(picture.convert("RGBA" if alpha else "RGB"), tmp_path_factory.mktemp("z"))
    assert np.array_equal(read_zone_image(path, PALETTE, (width, height)), ids)


def test_unknown_ids_are_named_with_their_places(tmp_path: Path) -> None:
    ids = IDS.copy()
    ids[1, 2], ids[2, 3] = 77, 200
    with pytest.raises(InputError, match="unknown zone ids: 77 at 2,1, 200 at 3,2;") as caught:
        read_zone_image(saved(grey(ids), tmp_path), PALETTE)
    one_line(caught.value)


def test_unknown_colours_are_named_with_their_places(tmp_path: Path) -> None:
    rgb = PALETTE.colour_table()[np.ones((300, 5), np.uint8)].copy()
    rgb[290, 3] = (1, 2, 3)
    rgb[291, 1] = (127, 165, 80)
    with pytest.raises(InputError, match="1 2 3 at 3,290, 127 165 80 at 1,291;") as caught:
        read_zone_image(saved(Image.fromarray(rgb), tmp_path), PALETTE)
    one_line(caught.value)


def test_many_unknown_colours_are_counted(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    with pytest.raises(InputError, match=r"and \d+ more"):
        read_zone_image(saved(Image.fromarray(rgb), tmp_path), PALETTE)


def test_a_transparent_pixel_is_named(tmp_path: Path) -> None:
    rgba = np.full((3, 4, 4), 255, np.uint8)
    rgba[..., :3] = PALETTE.colour_table()[1]
    rgba[2, 1, 3] = 254
    with pytest.raises(InputError, match="transparent at 1,2"):
        read_zone_image(saved(Image.fromarray(rgba), tmp_path), PALETTE)


def test_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="4 x 3 px but the map is 5 x 3 px"):
        read_zone_image(saved(grey(IDS), tmp_path), PALETTE, (5, 3))


@pytest.mark.parametrize("mode", ["1", "LA", "I;16"])
def test_other_pixel_formats_are_refused(tmp_path: Path, mode: str) -> None:
    picture = Image.new(mode, (4, 3)) if mode == "I;16" else grey(IDS).convert(mode)
    with pytest.raises(InputError, match="pixel format"):
        read_zone_image(saved(picture, tmp_path), PALETTE)


def test_a_jpeg_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zones.png"
    grey(IDS).save(path, "JPEG")
    with pytest.raises(InputError, match="not a readable PNG"):
        read_zone_image(path, PALETTE)


def test_every_truncation_gets_one_clear_line(tmp_path: Path) -> None:
    path = saved(grey(np.random.default_rng(0).integers(0, 9, (40, 40), np.uint8)), tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 16, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            read_zone_image(path, PALETTE, (40, 40))
        one_line(caught.value)


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 2**31 - 1), (40_000, 40_000)])
def test_a_picture_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))
    with pytest.raises(InputError, match="MiB of memory") as caught:
        read_zone_image(path, PALETTE)
    one_line(caught.value)
    with pytest.raises(InputError, match="but the map is 10 x 10 px"):
        read_zone_image(path, PALETTE, (10, 10))


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(InputError, match="zone image") as caught:
            read_zone_image(path, PALETTE)
        one_line(caught.value)


def bomb(width: int, height: int) -> bytes:
    """A PNG that declares a huge size and holds little."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(8)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    out.write(chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))))
    return out.getvalue() + chunk(b"IEND", b"")
