"""What this machine has and how fast it paints: the facts behind `doctor`."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from generation.engine.factory import load_engine
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from zones.geometry import LATENT_PX, Rect

LIBRARIES = ("tilewright", "torch", "diffusers", "transformers", "numpy", "PySide6-Essentials")
_GIB = 2**30
_DEMO_TILES = 30


def machine_facts(folder: Path) -> dict[str, Any]:
    """Versions, memory and disk of this machine; loads no model."""
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: installed_version(name) for name in LIBRARIES},
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / _GIB, 1),
        "memory_free_gib": round(psutil.virtual_memory().available / _GIB, 1),
        "disk_free_gib": round(psutil.disk_usage(str(folder)).free / _GIB, 1),
    }


def model_facts(model: str, device: str) -> dict[str, Any]:
    """Load a model, paint one window in two steps and one in four, and say what a run costs.

    Raises:
        InputError: the model or the device is not there.
    """
    engine = load_engine(model, device)
    steps = engine.profile.steps
    _paint(engine, 1)  # the first call warms up
    short_s, long_s = _paint(engine, 2), _paint(engine, 4)
    step_s = max((long_s - short_s) / 2, 0.0)
    window_s = short_s + (steps - 2) * step_s
    return {
        **engine.describe(),
        "window_px": engine.profile.window_px,
        "steps": steps,
        "seconds_per_window": round(window_s, 2),
        "seconds_per_30_windows": round(_DEMO_TILES * window_s, 1),
    }


def _paint(engine: Engine, steps: int) -> float:
    side = engine.profile.window_px
    cells = Rect(0, 0, side // LATENT_PX, side // LATENT_PX)
    request = PaintRequest(
        seed_canvas=np.full((side, side, 3), 128, dtype=np.uint8),
        inpaint_mask=np.full((side, side), 255, dtype=np.uint8),
        change_map=None,
        prompt="grass",
        steps=steps,
        noise=noise_window(0, cells, engine.latent_channels),
    )
    return engine.paint(request).elapsed_s


def installed_version(name: str) -> str | None:
    """Version of an installed distribution, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
