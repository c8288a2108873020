"""Which device and number format a model runs on, and what running out of its memory looks like."""

from __future__ import annotations

import re

import psutil
import torch

from zones.errors import InputError

_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)

_WANTED = re.compile(r"tried to allocate ([\d.]+) ?(bytes|[KMGT]iB)", re.IGNORECASE)
_UNITS = {"bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


def resolve_device(name: str = "auto") -> torch.device:
    """The device of a name.

    Args:
        name: `auto` (the first CUDA device, else the CPU), `cpu`, `cuda` or `cuda:N`.

    Raises:
        InputError: an unknown name, or a device that is not there.
    """
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    match = re.fullmatch(r"auto|cuda(?::(\d{1,3}))?", name)
    if match is None:
        raise InputError(f"there is no device {name!r}; choose auto, cpu or cuda")
    number = int(match.group(1) or 0)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if number >= count:
        raise InputError(f"the device {name} is not there ({count} CUDA devices); use cpu or auto")
    return torch.device("cuda", number)


def default_dtype(device: torch.device) -> torch.dtype:
    """float32 on the CPU, where it is the fastest and exact; bfloat16 on CUDA."""
    return torch.float32 if device.type == "cpu" else torch.bfloat16


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of torch or Python means that memory ran out."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and bool(_OUT_OF_MEMORY.search(str(error)))


def wanted_bytes(error: BaseException) -> int | None:
    """The memory that an out-of-memory error asked for in vain, if it tells."""
    found = _WANTED.search(str(error))
    return None if found is None else int(float(found[1]) * _UNITS[found[2].lower()])


def free_bytes(device: torch.device) -> int:
    """Memory of a device that is free now."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)


def gibibytes(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / (1 << 30):.1f} GiB"


def make_deterministic(device: torch.device) -> None:
    """Let cuDNN choose the same kernels every time; the CPU needs nothing."""
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
