"""Messages between the program and a model's process: JSON and raw arrays over a pipe.

A frame is an 8-byte length, little-endian, then a JSON object of that length, then the bytes of
the arrays it names, one after another. Nothing in a frame can choose code that runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

MAX_HEADER_BYTES = 1 << 20
MAX_ARRAY_BYTES = 1 << 31

_DTYPES: Mapping[str, np.dtype[Any]] = {
    "uint8": np.dtype(np.uint8),
    "float32": np.dtype("<f4"),
}
_LENGTH_BYTES = 8


class FrameError(Exception):
    """What came out of the pipe is no frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One message.

    Attributes:
        kind: what it is about.
        values: plain JSON values.
        arrays: uint8 or float32, read-only where the frame was read.
    """

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def write_frame(pipe: BinaryIO, frame: Frame) -> None:
    """Write a frame and flush.

    Raises:
        OSError: nobody reads any more.
    """
    arrays = {
        name: np.ascontiguousarray(array, _DTYPES[array.dtype.name])
        for name, array in frame.arrays.items()
    }
    shapes = [[name, array.dtype.name, list(array.shape)] for name, array in arrays.items()]
    header = {"kind": frame.kind, "values": dict(frame.values), "arrays": shapes}
    data = json.dumps(header).encode()
    pipe.write(len(data).to_bytes(_LENGTH_BYTES, "little") + data)
    pipe.writelines(array.tobytes() for array in arrays.values())
    pipe.flush()


def read_frame(pipe: BinaryIO) -> Frame | None:
    """Read a frame; None where the pipe has come to its end between two frames.

    Raises:
        FrameError: what came is no frame, or it broke off.
    """
    start = pipe.read(_LENGTH_BYTES)
    if not start:
        return None
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH_BYTES or length > MAX_HEADER_BYTES:
        raise FrameError("a message begins wrongly")
    try:
        header = json.loads(_exactly(pipe, length))
        shapes = [(str(name), str(dtype), tuple(shape)) for name, dtype, shape in header["arrays"]]
        kind, values = str(header["kind"]), dict(header["values"])
    except (KeyError, TypeError, ValueError) as error:
        raise FrameError("a message is not in order") from error
    arrays = {name: _array(pipe, dtype, shape) for name, dtype, shape in shapes}
    return Frame(kind, values, arrays)


def _array(pipe: BinaryIO, dtype_name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    dtype = _DTYPES.get(dtype_name)
    if dtype is None or not all(isinstance(side, int) and side >= 0 for side in shape):
        raise FrameError("a message brings an array of another kind")
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_ARRAY_BYTES:
        raise FrameError("a message brings too large an array")
    return np.frombuffer(_exactly(pipe, size), dtype).reshape(shape)


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    data = pipe.read(size)
    if len(data) != size:
        raise FrameError("a message breaks off")
    return data
