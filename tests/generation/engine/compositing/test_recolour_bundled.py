"""The colour correction that ships with klein-mini, on pictures it never saw."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.losses import psnr
from generation.engine.compositing.pairs import as_pixels
from generation.engine.compositing.recolour.change import recoloured
from generation.engine.compositing.recolour.evaluation.fidelity import recolour_cases
from generation.engine.compositing.recolour.evaluation.methods import (
    LEARNT,
    NOTHING,
    PER_CHANNEL,
    Trial,
    methods,
)
from generation.engine.compositing.recolour.network import RecolourOperator
from generation.engine.compositing.recolour.storage import load_recolourer
from generation.engine.compositing.storage import load_vae
from generation.engine.folder import BUNDLED, check_folder, find_model

MODEL = check_folder(find_model(BUNDLED))


@pytest.mark.parametrize("source", ["worlds", "natural"])
@torch.no_grad()
def test_within_shapes_it_is_closer_than_moved_statistics_told_the_answer(source) -> None:
    vae = load_vae(MODEL.path)
    assert MODEL.recolourer is not None
    known = methods(vae, RecolourOperator(load_recolourer(MODEL.recolourer, vae)))
    found = []
    for case in recolour_cases(source, 2, 128):
        if case.region == "whole":
            continue
        pixels, mask = as_pixels(case.picture[None]), torch.from_numpy(case.mask)[None, None]
        right = recoloured(pixels, case.change.numbers[None], mask)
        cells = vae.encode(torch.cat([pixels, right])).latent_dist.mode()
        trial = Trial(cells[:1], case.change, mask, cells[1:])
        truth = vae.decode(trial.target).sample
        made = (known[name](trial) for name in (NOTHING, PER_CHANNEL, LEARNT))
        found.append([float(psnr(vae.decode(one).sample, truth)) for one in made])
    nothing, told, learnt = np.mean(found, axis=0)
    assert learnt > nothing + 8.0
    assert learnt > told


def test_the_weights_are_at_most_1300_kilobytes() -> None:
    assert MODEL.recolourer is not None
    assert MODEL.recolourer.stat().st_size <= 1_300_000
