"""Frames: what is written is read, and nothing else is taken for one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.frames import Frame, FrameError, read_frame, write_frame

FRAME = Frame(
    "paint",
    {"prompt": "gräs", "strength": 0.1, "gate": None},
    {"a": np.arange(6, dtype=np.uint8).reshape(1, 2, 3), "b": np.float32([[0.1], [2.5]])},
)


def written(*frames: Frame) -> bytes:
    pipe = io.BytesIO()
    for frame in frames:
        write_frame(pipe, frame)
    return pipe.getvalue()


def test_frames_come_back_one_after_another() -> None:
    pipe = io.BytesIO(written(FRAME, Frame("go")))
    first, second = read_frame(pipe), read_frame(pipe)
    assert first is not None
    assert second is not None
    assert (first.kind, first.values) == (FRAME.kind, FRAME.values)
    assert (second.kind, second.values, second.arrays) == ("go", {}, {})
    assert read_frame(pipe) is None
    for name, array in FRAME.arrays.items():
        assert np.array_equal(first.arrays[name], array)
        assert first.arrays[name].dtype == array.dtype
        assert not first.arrays[name].flags.writeable


def test_a_view_of_another_layout_comes_back_whole() -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(4, 6)[::2, ::-1]
    found = read_frame(io.BytesIO(written(Frame("x", arrays={"a": picture}))))
    assert found is not None
    assert np.array_equal(found.arrays["a"], picture)


@pytest.mark.parametrize("length", range(1, len(written(FRAME)), 7))
def test_a_frame_that_breaks_off_is_none(length: int) -> None:
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(written(FRAME)[:length]))


@given(st.binary(min_size=1, max_size=64))
def test_noise_is_no_frame(data: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(data))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"uint8"', b'"int64"'),
        (b"[1, 2, 3]", b"[1, -2,3]"),
        (b"[1, 2, 3]", b"[1, 2e9]"),
        (b'"kind"', b'"sort"'),
        (b"[2, 1]", b"[9999999999999, 9]"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(was: bytes, becomes: bytes) -> None:
    data = written(FRAME).replace(was, becomes, 1)
    header = len(data) - len(written(FRAME)) + int.from_bytes(written(FRAME)[:8], "little")
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(header.to_bytes(8, "little") + data[8:]))
