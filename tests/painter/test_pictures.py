"""Pictures come back bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from painter import pictures
from zones.errors import InputError
from zones.palette import default_palette

COLOURS = default_palette().colour_table()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.integers(1, 70), st.integers(1, 256))
def test_every_kind_survives_a_round_trip(seed: int, width: int, height: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, most, (height, width), dtype=np.uint8)
    rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    size = (width, height)
    indexed = pictures.encode_indexed(ids, COLOURS)
    assert np.array_equal(pictures.decode(indexed, "it", ("P",), size), ids)
    assert np.array_equal(pictures.decode(pictures.encode_grey(ids), "it", ("L",), size), ids)
    assert np.array_equal(pictures.decode(pictures.encode_rgb(rgb), "it", ("RGB",), size), rgb)
    bits = pictures.encode_bits(ids % 2 == 1)
    assert np.array_equal(pictures.decode(bits, "it", ("1",), size), ids % 2)


def test_stored_zones_show_the_palettes_colours() -> None:
    ids = np.arange(9, dtype=np.uint8).reshape(3, 3)
    shown = pictures.open_picture(pictures.encode_indexed(ids, COLOURS), "it").convert("RGB")
    assert np.array_equal(np.asarray(shown), COLOURS[ids])


@pytest.mark.parametrize(("mode", "size"), [("L", (3, 3)), ("P", (4, 3))])
def test_another_mode_or_size_is_refused(mode: str, size: tuple[int, int]) -> None:
    data = pictures.encode_indexed(np.zeros((3, 3), np.uint8), COLOURS)
    with pytest.raises(InputError):
        pictures.decode(data, "it", (mode,), size)
