"""Two windows joined in the latents of a toy VAE."""

import numpy as np
import pytest
import torch

from generation.engine.compositing.compositors import LinearCompositor
from generation.engine.compositing.decformer import DecFormerCompositor
from generation.engine.compositing.evaluation.overlaps import LatentJoiner, Meeting
from generation.engine.folder import check_folder
from generation.engine.latents import rgb_to_tensor
from zones.geometry import Rect

CANVAS = Rect(0, 0, 96, 64)
FIRST, SECOND = Rect(0, 0, 64, 64), Rect(32, 0, 64, 64)


def picture(seed: int, width: int = 64):
    return np.random.default_rng(seed).integers(0, 256, (64, width, 3), dtype=np.uint8)


def meeting(weight, first=None, second=None) -> Meeting:
    rgbs = (picture(1) if first is None else first, picture(2) if second is None else second)
    return Meeting(CANVAS, FIRST, rgbs[0], SECOND, rgbs[1], weight, picture(3, 96))


def ramp():
    row = np.clip((np.arange(96, dtype=np.float32) - 31.5) / 32, 0, 1)
    return np.repeat(row[None], 64, axis=0)


@pytest.fixture
def joiner(vae, moved) -> LatentJoiner:
    compositors = {"linear": LinearCompositor(), "decformer": DecFormerCompositor(moved)}
    return LatentJoiner(vae, compositors)


@torch.no_grad()
def decoded(vae, cells):
    rgb = vae.decode(cells).sample[0].permute(1, 2, 0).numpy()
    return 255 * np.clip(rgb * 0.5 + 0.5, 0, 1)


@torch.no_grad()
def encoded(vae, rgb):
    return vae.encode(rgb_to_tensor(rgb)).latent_dist.mode()


def test_linear_weighs_each_window_s_own_latents(vae, joiner) -> None:
    met = meeting(ramp())
    ours, theirs = encoded(vae, met.first_rgb), encoded(vae, met.second_rgb)
    middle = torch.lerp(ours[..., 4:], theirs[..., :4], torch.tensor([0.125, 0.375, 0.625, 0.875]))
    wanted = decoded(vae, torch.cat([ours[..., :4], middle, theirs[..., 4:]], dim=-1))
    assert np.abs(joiner.join("linear", met).rgb - wanted).max() < 0.01


def test_exact_is_the_round_trip_of_the_blend(vae, joiner) -> None:
    met = meeting(ramp())
    assert (
        np.abs(joiner.join("exact", met).rgb - decoded(vae, encoded(vae, met.blend))).max() < 0.01
    )


@pytest.mark.parametrize("way", ["linear", "decformer"])
def test_an_empty_weight_gives_the_first_window_s_latents(vae, joiner, way) -> None:
    met = meeting(np.zeros((64, 96), np.float32))
    ours, theirs = encoded(vae, met.first_rgb), encoded(vae, met.second_rgb)
    wanted = decoded(vae, torch.cat([ours, theirs[..., 4:]], dim=-1))
    assert np.abs(joiner.join(way, met).rgb - wanted).max() < 0.01


def test_equal_windows_come_back_whole_when_their_loss_is_put_back(joiner) -> None:
    same = picture(1)
    met = Meeting(FIRST, FIRST, same, FIRST, same, ramp()[:, 16:80], same)
    joined = joiner.join("linear", met)
    assert np.abs(joined.rgb - same).mean() > 5
    restored = joiner.restored(joined, met)
    assert np.abs(restored.rgb - same).max() < 0.01
    assert restored.seconds > joined.seconds > 0


def test_a_folder_without_a_compositor_has_no_learnt_way(toy_folder) -> None:
    device = torch.device("cpu")
    assert LatentJoiner.of(check_folder(toy_folder), device).ways == ("linear", "exact")
