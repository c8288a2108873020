"""An exported picture holds the map's pixels exactly, or the old file stays."""

from __future__ import annotations

import errno
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from painter import export
from painter.export import Strip, check_target, export_map
from tests.support.disk import one_line
from zones.errors import InputError, WorkError

RGB = npt.NDArray[np.uint8]


def picture(width: int, height: int, seed: int = 0) -> RGB:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def strips(rgb: RGB, rows: int) -> Iterator[Strip]:
    for y in range(0, len(rgb), rows):
        yield y, rgb[y : y + rows]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 1100),
    st.integers(1, 1100),
    st.integers(1, 700),
    st.sampled_from(["map.png", "map.tif", "map.TIFF"]),
)
def test_pixels_are_exact_for_any_size_and_strips(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, rows: int, name: str
) -> None:
    out, rgb = tmp_path_factory.mktemp("out") / name, picture(width, height)
    export_map(strips(rgb, rows), width, height, out)
    with Image.open(out) as read:
        assert np.array_equal(np.asarray(read), rgb)
    assert [path.name for path in out.parent.iterdir()] == [name]


def test_a_tiff_is_a_tiled_compressed_bigtiff(tmp_path: Path) -> None:
    out, rgb = tmp_path / "map.tif", picture(1300, 700)
    export_map(strips(rgb, 100), 1300, 700, out)
    with tifffile.TiffFile(out) as read:
        page = read.pages[0]
        assert read.is_bigtiff
        assert (page.tilewidth, page.tilelength) == (512, 512)
        assert page.compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert page.photometric == tifffile.PHOTOMETRIC.RGB
    smooth = np.broadcast_to((np.arange(1300) // 6).astype(np.uint8)[:, None], (700, 1300, 3))
    export_map(strips(smooth, 100), 1300, 700, out)
    assert out.stat().st_size < smooth.nbytes / 50


def test_a_tiff_needs_memory_for_bands_only(tmp_path: Path) -> None:
    width, height = 2048, 8192
    row = picture(width, 64)
    tracemalloc.start()
    export_map(((y, row) for y in range(0, height, 64)), width, height, tmp_path / "map.tif")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < width * height * 3 / 3


def test_the_named_format_wins_over_the_extension(tmp_path: Path) -> None:
    out = tmp_path / "map.data"
    export_map(strips(picture(5, 4), 4), 5, 4, out, "png")
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["map.png", "map.tif"])
def test_a_failed_export_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    out.write_bytes(b"old")

    def broken() -> Iterator[Strip]:
        yield 0, picture(50, 10)
        raise WorkError("a tile is damaged")

    with pytest.raises(WorkError, match="a tile is damaged"):
        export_map(broken(), 50, 20, out)
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["map.png", "map.tif"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / name
    out.write_bytes(b"old")

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("painter.files._sync_file", full)
    with pytest.raises(WorkError, match="disk is full") as caught:
        export_map(strips(picture(9, 9), 9), 9, 9, out)
    one_line(caught.value)
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "bad", [[(0, picture(9, 4))], [(1, picture(9, 9))], [(0, picture(8, 9))], []]
)
@pytest.mark.parametrize("name", ["map.png", "map.tif"])
def test_strips_that_do_not_make_up_the_map_are_a_bug(
    tmp_path: Path, bad: list[Strip], name: str
) -> None:
    with pytest.raises(ValueError, match="strip"):
        export_map(bad, 9, 9, tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("map.jpg", "use .png"),
        ("map", "use .png"),
        ("none/map.png", "no folder"),
        ("folder.png", "is a folder"),
        ("file/map.png", "no folder"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused_first(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=reason) as caught:
        export_map(iter(()), 9, 9, tmp_path / name)
    one_line(caught.value)


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*args: object, **keywords: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Image.Image, "save", denied)
    with pytest.raises(InputError, match="Permission denied") as caught:
        export_map(strips(picture(9, 9), 9), 9, 9, tmp_path / "map.png")
    one_line(caught.value)


def test_a_png_too_large_for_memory_advises_tiff(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"export a \.tif instead"):
        check_target(tmp_path / "map.png", 65_536, 65_536)
    assert check_target(tmp_path / "map.tif", 65_536, 65_536) == "tiff"
    assert export.MAX_PNG_PX == 16_384**2
