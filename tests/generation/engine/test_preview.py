"""Previews: the colours a window is heading for, told from its latents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from generation.engine.factory import load_engine
from generation.plan.noise import noise_window
from generation.plan.ports import Engine
from generation.plan.request import PaintRequest
from zones.geometry import Rect
from zones.palette import default_palette

SIDE_PX = 128
CELLS = SIDE_PX // 8


def halves() -> npt.NDArray[np.uint8]:
    """A canvas of two zones of the palette, one beside the other."""
    left, right = (zone.rgb for zone in default_palette().zones[:2])
    canvas = np.empty((SIDE_PX, SIDE_PX, 3), np.uint8)
    canvas[:, : SIDE_PX // 2], canvas[:, SIDE_PX // 2 :] = left, right
    return canvas


def request_for(engine: Engine, **changes: object) -> PaintRequest:
    request = PaintRequest(
        seed_canvas=halves(),
        inpaint_mask=np.full((SIDE_PX, SIDE_PX), 255, np.uint8),
        change_map=None,
        prompt="grass",
        steps=4,
        noise=noise_window(3, Rect(0, 0, CELLS, CELLS), engine.latent_channels),
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def previews(engine: Engine, request: PaintRequest) -> list[npt.NDArray[np.uint8]]:
    seen: list[npt.NDArray[np.uint8]] = []
    engine.paint(request, lambda _step, _steps, preview: seen.append(preview))  # type: ignore[arg-type]
    return seen


@pytest.fixture(scope="module")
def mini() -> Engine:
    return load_engine("klein-mini", "cpu")


def test_a_held_window_shows_its_canvas_at_every_step(mini: Engine) -> None:
    """Everything held means the picture is known from the first step on."""
    locked = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    canvas = halves()[4::8, 4::8].astype(int)
    for preview in previews(mini, request_for(mini, change_map=locked)):
        assert preview.shape == (CELLS, CELLS, 3)
        assert np.abs(preview.astype(int) - canvas).mean() < 12


@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_the_last_preview_is_the_window_in_small(mini: Engine, strength: float) -> None:
    request = request_for(mini, strength=strength)
    seen: list[npt.NDArray[np.uint8]] = []
    rgb = mini.paint(request, lambda *step: seen.append(step[2])).rgb  # type: ignore[arg-type]
    small = rgb.reshape(CELLS, 8, CELLS, 8, 3).mean(axis=(1, 3))
    assert np.abs(seen[-1] - small).mean() < 15


def test_previews_change_no_pixel(toy_folder: Path) -> None:
    engine = load_engine(toy_folder, "cpu")
    request = request_for(engine)
    plain = engine.paint(request).rgb
    assert len(previews(engine, request)) == 4
    assert np.array_equal(engine.paint(request).rgb, plain)
