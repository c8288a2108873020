"""Weight files, judged before any library opens them: safetensors only, whole, inside the folder.

Pickled weights can run code when they are read, so a folder that holds only those is refused.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

from zones.errors import InputError

PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})

MAX_JSON_BYTES = 64 * 2**20
"""Longest JSON file of a model that is read (a large tokenizer has about 11 MB)."""

_MAX_HEADER_BYTES = 100 * 10**6
_LFS_POINTER = b"version https://git-lfs"
_BAD_HEADER = (
    ValueError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    struct.error,
)
"""What reading a header raises that is no safetensors header."""


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of a model folder.

    Raises:
        InputError: missing, unreadable, longer than `MAX_JSON_BYTES`, or not an object.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise InputError(f"{path} is longer than {MAX_JSON_BYTES} bytes; replace it")
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing; copy or fetch the model again") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON; copy or fetch the model again") from error
    if not isinstance(value, dict):
        raise InputError(f"{path} is not a JSON object; copy or fetch the model again")
    return value


def weight_files(folder: Path, stem: str) -> tuple[Path, ...]:
    """The checked weight files of one component.

    Args:
        folder: the component's folder.
        stem: `diffusion_pytorch_model` or `model`.

    Returns:
        One file, or the index followed by its shards.

    Raises:
        InputError: no safetensors (pickles are named as such), a missing, truncated or corrupt
            file, or an index that points to another format or out of the folder.
    """
    index = folder / f"{stem}.safetensors.index.json"
    single = folder / f"{stem}.safetensors"
    if index.is_file():
        shards = _shards(index)
        return (index, *shards)
    if single.is_file():
        tensor_names(single)
        return (single,)
    pickles = sorted(file.name for file in _listing(folder) if _is_pickle(file))
    if pickles:
        raise InputError(
            f"{folder / pickles[0]} is a pickle, which can run code when it is read: only "
            "safetensors weights are loaded; convert or fetch them as .safetensors"
        )
    raise InputError(f"{single} is missing; copy or fetch the model again")


def tensor_names(path: Path) -> frozenset[str]:
    """Names in a safetensors file, after checking that its header and its length agree.

    Raises:
        InputError: the file is missing, truncated or no safetensors file.
    """
    return frozenset(_checked_header(path))


def value_count(path: Path) -> int:
    """Number of values in a safetensors file, whatever their precision.

    Raises:
        InputError: the file is missing, truncated or no safetensors file.
    """
    shapes = [tensor.get("shape", ()) for tensor in _checked_header(path).values()]
    return sum(math.prod(int(side) for side in shape) for shape in shapes)


def file_metadata(path: Path) -> dict[str, str]:
    """The texts that a safetensors file carries beside its tensors, checked as `tensor_names` does.

    Raises:
        InputError: the file is missing, truncated or no safetensors file.
    """
    return _header_of(path)[1]


def _checked_header(path: Path) -> dict[str, Any]:
    return _header_of(path)[0]


def _header_of(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_LFS_POINTER))
            file.seek(0)
            return _header(file.read(8), size, file.read)
    except OSError as error:
        reason = "missing" if isinstance(error, FileNotFoundError) else error.strerror
        raise InputError(f"{path} cannot be read ({reason}); fetch the model again") from error
    except _BAD_HEADER as error:
        if start == _LFS_POINTER:
            raise InputError(f"{path} is a Git LFS pointer; run `git lfs pull` there") from error
        raise InputError(
            f"{path} is truncated or corrupt; copy or fetch the model again"
        ) from error


def _header(prefix: bytes, size: int, read: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Tensors and texts of a safetensors header; any disagreement is a ValueError or its like."""
    (length,) = struct.unpack("<Q", prefix)
    if length > min(size, _MAX_HEADER_BYTES):
        raise ValueError("header longer than the file")
    header: dict[str, Any] = json.loads(read(length).decode("utf-8"))
    named = header.pop("__metadata__", None) or {}  # safetensors takes null for none
    texts = {str(name): str(text) for name, text in named.items()}
    ends = [int(tensor["data_offsets"][1]) for tensor in header.values()]
    if not ends or 8 + length + max(ends) != size:
        raise ValueError("tensors do not fill the file")
    return header, texts


def _shards(index: Path) -> list[Path]:
    """The checked shards an index names, each once, in name order."""
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise InputError(f"{index} names no weights; copy or fetch the model again")
    wanted: dict[str, set[str]] = {}
    for tensor, name in weight_map.items():
        if not isinstance(name, str) or Path(name).name != name or "\\" in name:
            raise InputError(f"{index} points out of its folder, to {name!r}; not loaded")
        if not name.endswith(".safetensors"):
            raise InputError(f"{index} points to {name!r}: only safetensors weights are loaded")
        wanted.setdefault(name, set()).add(tensor)
    for name, tensors in wanted.items():
        lost = tensors - tensor_names(index.parent / name)
        if lost:
            raise InputError(f"{index.parent / name} lacks {min(lost)}; fetch the model again")
    return [index.parent / name for name in sorted(wanted)]


def _listing(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _is_pickle(file: Path) -> bool:
    """Also true of a pickle's index, such as `pytorch_model.bin.index.json`."""
    return not PICKLE_SUFFIXES.isdisjoint(file.suffixes)
