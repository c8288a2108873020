"""The bundled model, loaded by the stock pipeline and by the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import Flux2KleinInpaintPipeline
from PIL import Image

import resources
from generation.engine.factory import load_engine
from generation.engine.folder import BUNDLED, check_folder, find_model, find_profile
from generation.plan.noise import noise_window
from generation.plan.request import PaintRequest
from zones.geometry import Rect

SHIPPED = Path(resources.__file__).parent / "models" / BUNDLED / "model_index.json"

pytestmark = pytest.mark.skipif(not SHIPPED.exists(), reason="klein-mini is not built yet")

MAX_BYTES = 60 * 10**6


@pytest.fixture(scope="module")
def engine():
    return load_engine(BUNDLED, "cpu")


def sketch(side_px: int) -> np.ndarray:
    """Grass with a pond, in the default palette's colours."""
    picture = np.full((side_px, side_px, 3), (126, 165, 80), np.uint8)
    picture[side_px // 4 : side_px // 2, side_px // 4 : side_px // 2] = (60, 110, 160)
    return picture


def test_the_bundled_model_stays_small():
    files = [file for file in SHIPPED.parent.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= MAX_BYTES
    assert {"profile.json", "README.md"} <= {file.name for file in files}


def test_the_stock_pipeline_loads_and_paints_it():
    folder = check_folder(find_model(BUNDLED))
    profile = find_profile(folder)
    stock = Flux2KleinInpaintPipeline.from_pretrained(folder.path, dtype=torch.float32)
    stock.set_progress_bar_config(disable=True)
    side = profile.window_px
    picture = stock(
        prompt="grass and water",
        image=Image.fromarray(sketch(side)),
        mask_image=Image.new("L", (side, side), 255),
        num_inference_steps=profile.draft_steps,
        strength=profile.strength,
        guidance_scale=profile.guidance_scale,
        max_sequence_length=profile.text_tokens,
        text_encoder_out_layers=profile.text_layers,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
    ).images[0]
    assert picture.shape == (side, side, 3)
    assert np.isfinite(picture).all()
    pond, meadow = picture[side // 3, side // 3], picture[-side // 8, -side // 8]
    assert pond[2] - pond[0] > meadow[2] - meadow[0]


def test_the_engine_paints_water_blue_and_grass_green(engine):
    profile = engine.profile
    side = profile.window_px
    request = PaintRequest(
        seed_canvas=sketch(side),
        inpaint_mask=np.full((side, side), 255, np.uint8),
        change_map=None,
        prompt="grass and water",
        steps=profile.draft_steps,
        strength=profile.strength,
        noise=noise_window(1, Rect(0, 0, side // 8, side // 8), engine.latent_channels),
    )
    rgb = engine.paint(request).rgb.astype(float)
    quarter = slice(side // 4 + 16, side // 2 - 16)
    pond, meadow = rgb[quarter, quarter].mean((0, 1)), rgb[side // 2 + 16 :].mean((0, 1))
    assert pond[2] > pond[0] + 20
    assert meadow[1] > meadow[2] + 20
    assert np.array_equal(engine.paint(request).rgb, rgb.astype(np.uint8))
