"""The compositor that ships with klein-mini, on pictures it never saw."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.compositors import LinearCompositor
from generation.engine.compositing.decformer import DecFormerCompositor
from generation.engine.compositing.evaluation.cases import cases
from generation.engine.compositing.losses import halo_l1, psnr
from generation.engine.compositing.masks import mask_layers
from generation.engine.compositing.storage import FILE_NAME, FOLDER, load_network, load_vae
from generation.engine.folder import BUNDLED, find_model

MODEL = find_model(BUNDLED)


@pytest.fixture(scope="module")
def vae():
    return load_vae(MODEL)


@pytest.fixture(scope="module")
def compositors(vae):
    learnt = DecFormerCompositor(load_network(MODEL / FOLDER / FILE_NAME, vae))
    return LinearCompositor(), learnt


@torch.no_grad()
def test_decoded_fusions_are_closer_to_the_composite_than_linear_ones(vae, compositors) -> None:
    errors = []
    for case in cases("natural", 2, 128):
        first, second = (torch.from_numpy(2.0 * one - 1.0) for one in (case.first, case.second))
        mask = torch.from_numpy(case.mask)[None, None]
        whole = torch.lerp(first, second, mask[0, 0, ..., None])
        pixels = torch.stack([first, second, whole]).permute(0, 3, 1, 2)
        cells = vae.encode(pixels).latent_dist.mode()
        target = vae.decode(cells[2:]).sample
        for compositor in compositors:
            picture = vae.decode(compositor(cells[:1], cells[1:2], mask)).sample
            near = halo_l1(picture, target, mask_layers(mask)[:, 1:2])
            errors.append((float(psnr(picture, target)), float(near)))
    linear, learnt = (np.array(errors[start::2]).mean(axis=0) for start in (0, 1))
    assert learnt[0] > linear[0] + 2.0
    assert learnt[1] < 0.8 * linear[1]


def test_the_weights_are_at_most_ten_megabytes() -> None:
    assert (MODEL / FOLDER / FILE_NAME).stat().st_size <= 10 * 10**6
