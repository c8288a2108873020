"""The door to the engine: importing it costs nothing, torch comes with the first model."""

from __future__ import annotations

from pathlib import Path

from generation.engine.folder import BUNDLED, check_folder, find_model, find_profile
from generation.plan.ports import Engine


def load_engine(model: str | Path = BUNDLED, device: str = "auto") -> Engine:
    """Find, check and load a model that is on this machine.

    Args:
        model: `klein-mini`, a folder, or a hub id.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises:
        InputError: no such model or device, or a folder that is broken or not allowed.
    """
    folder = check_folder(find_model(model), str(model))
    profile = find_profile(folder)
    from generation.engine.device import default_dtype, resolve_device  # noqa: PLC0415 - torch
    from generation.engine.klein import KleinEngine  # noqa: PLC0415 - torch

    place = resolve_device(device)
    return KleinEngine(folder, profile, place, default_dtype(place))
