"""A toy VAE with its batch-norm statistics, latents of it, and masks."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from generation.engine.compositing.decformer import DecFormer, DecFormerConfig
from generation.engine.compositing.storage import new_network
from tests.support.toy_models import TOY_LATENT_CHANNELS, toy_components

TOY = DecFormerConfig(
    latent_channels=TOY_LATENT_CHANNELS,
    widths=(16, 16, 16, 16),
    depths=(1, 1, 1, 1),
    head_dim=8,
    window=4,
    local_width=8,
    mask_width=8,
)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def vae():
    """With statistics that differ between the four places in a token."""
    found = toy_components().vae.eval().requires_grad_(False)
    random = torch.Generator().manual_seed(3)
    size = found.bn.running_mean.shape
    found.bn.running_mean.copy_(torch.randn(size, generator=random))
    found.bn.running_var.copy_(0.2 + torch.rand(size, generator=random))
    return found


@pytest.fixture(scope="session")
def vae_folder(vae, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("vae")
    vae.save_pretrained(folder)
    return folder


@pytest.fixture
def moved(vae) -> DecFormer:
    """A network away from its start: every weight that was zero is small and random."""
    return stirred(new_network(vae, TOY))


@pytest.fixture
def work(tmp_path) -> Path:
    """A folder to train in, with three pictures in `pictures`."""
    folder = tmp_path / "work"
    (folder / "pictures").mkdir(parents=True)
    rng = np.random.default_rng(2)
    for number in range(3):
        coarse = rng.integers(0, 256, (12, 12, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / "pictures" / f"{number}.png"), cv2.resize(coarse, (96, 96)))
    return folder


@torch.no_grad()
def stirred(network):
    """The network with small random weights where all of a parameter were zero."""
    random = torch.Generator().manual_seed(5)
    for parameter in network.parameters():
        if not parameter.any():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=random))
    return network


def latents(seed: int, height: int = 8, width: int = 8, batch: int = 1) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn((batch, TOY_LATENT_CHANNELS, height, width), generator=random)


def soft_mask(height: int = 64, width: int = 64) -> torch.Tensor:
    """A disc with an edge 12 px wide, at no round place."""
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(rows - 0.41 * height, columns - 0.57 * width)
    mask = np.clip((0.3 * min(height, width) - distance) / 12.0 + 0.5, 0.0, 1.0)
    return torch.from_numpy(mask.astype(np.float32))[None, None]
