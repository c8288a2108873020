"""Losses of the VAE stages: pixels, gradients, local means, the adversary and features."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def gradient_l1(picture: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of the x and y differences of two (b, c, h, w) pictures."""
    error = picture - truth
    along_x = (error[..., :, 1:] - error[..., :, :-1]).abs().mean()
    along_y = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return along_x + along_y


def means_l1(picture: torch.Tensor, truth: torch.Tensor, cell_px: int = 4) -> torch.Tensor:
    """Mean absolute difference of the means of `cell_px` x `cell_px` cells."""
    return F.avg_pool2d(picture - truth, cell_px).abs().mean()


def chroma_l1(picture: torch.Tensor, truth: torch.Tensor, cell_px: int = 4) -> torch.Tensor:
    """Mean absolute difference of red - green and blue - green, in means of cells.

    Hues differ little in energy, so plain losses learn them last.
    """
    error = F.avg_pool2d(picture - truth, cell_px)
    return (error[:, 0] - error[:, 1]).abs().mean() + (error[:, 2] - error[:, 1]).abs().mean()


def kl_term(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Kullback-Leibler divergence to the standard normal, per latent value."""
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean()


class PatchCritic(nn.Module):
    """A small spectral-norm PatchGAN: one score per 8 px for (b, 3, h, w) pictures in [-1, 1]."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        sizes = [(3, width, 3, 1), (width, width, 4, 2), (width, 2 * width, 4, 2)]
        sizes += [(2 * width, 3 * width, 4, 2), (3 * width, 3 * width, 3, 1)]
        layers: list[nn.Module] = []
        for inputs, outputs, side, stride in sizes:
            layers += [
                spectral_norm(nn.Conv2d(inputs, outputs, side, stride, 1)),
                nn.LeakyReLU(0.2),
            ]
        layers.append(spectral_norm(nn.Conv2d(3 * width, 1, 3, 1, 1)))
        self.layers = nn.Sequential(*layers)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """Return scores (b, 1, h/8, w/8); high for real pictures."""
        scores: torch.Tensor = self.layers(picture)
        return scores


def critic_hinge(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Hinge loss of the critic from its scores of real and decoded pictures."""
    return F.relu(1.0 - real.float()).mean() + F.relu(1.0 + fake.float()).mean()
