"""Checkpoints as safetensors: weights, optimizer state and a few plain values, replaced whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]


def write_checkpoint(path: Path, tensors: Tensors, values: Mapping[str, Any]) -> None:
    """Write tensors and JSON values to `path`; a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(plain, part, metadata={"values": json.dumps(values)})
    part.replace(path)


def read_checkpoint(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and the values of `path`."""
    with safe_open(path, framework="pt") as file:
        values = json.loads((file.metadata() or {}).get("values", "{}"))
    return load_file(path), values


def module_tensors(prefix: str, module: torch.nn.Module) -> Tensors:
    """Return parameters and buffers of `module`, named with `prefix`; tied weights once."""
    seen: set[int] = set()
    tensors: Tensors = {}
    for name, tensor in module.state_dict().items():
        if tensor.data_ptr() in seen and tensor.numel():
            continue
        seen.add(tensor.data_ptr())
        tensors[f"{prefix}.{name}"] = tensor
    return tensors


def restore_module(prefix: str, module: torch.nn.Module, tensors: Tensors) -> None:
    """Load what `module_tensors` gave back into `module`."""
    module.load_state_dict(_under(prefix, tensors), strict=False)


def optimizer_tensors(prefix: str, optimizer: torch.optim.Optimizer) -> Tensors:
    """Return the state of `optimizer` (an Adam) by parameter number."""
    return {
        f"{prefix}.{number}.{key}": value
        for number, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def restore_optimizer(prefix: str, optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Load what `optimizer_tensors` gave back into `optimizer`."""
    state: dict[int, Tensors] = {}
    for name, tensor in _under(prefix, tensors).items():
        number, key = name.split(".", 1)
        state.setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )


def _under(prefix: str, tensors: Tensors) -> Tensors:
    start = f"{prefix}."
    return {n.removeprefix(start): t for n, t in tensors.items() if n.startswith(start)}
