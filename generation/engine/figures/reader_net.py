"""A small convolutional reader: which zone or stencil each pixel of a picture shows, which look."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 11
"""Zones 1 to 8 as classes 0 to 7, then river, path and road."""


class ReaderNet(nn.Module):
    """A U-shaped net on half-resolution pixels; 0.8 M parameters.

    Args:
        looks: number of looks to tell apart.
    """

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.stem = _Conv(12, 32)
        self.fine = _Residual(32)
        self.down_quarter = _Conv(32, 64, stride=2)
        self.middle = _Residual(64)
        self.down_eighth = _Conv(64, 96, stride=2)
        self.coarse = nn.Sequential(_Residual(96), _Residual(96, dilation=2), _Residual(96, 4))
        self.up_quarter = _Conv(96 + 64, 64)
        self.up_half = _Conv(64 + 32, 48)
        self.pixels = nn.Conv2d(48, 4 * CLASSES, 3, padding=1)
        self.look = nn.Linear(64 + 96, looks)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Read pictures.

        Args:
            pictures: float (b, 3, h, w) in [-1, 1]; sides are multiples of 8.

        Returns:
            Class logits (b, CLASSES, h, w) and look logits (b, looks).
        """
        fine = self.fine(self.stem(functional.pixel_unshuffle(pictures, 2)))
        middle = self.middle(self.down_quarter(fine))
        coarse = self.coarse(self.down_eighth(middle))
        pooled = torch.cat([middle.mean((2, 3)), coarse.mean((2, 3))], dim=1)
        up = self.up_quarter(torch.cat([_doubled(coarse), middle], dim=1))
        up = self.up_half(torch.cat([_doubled(up), fine], dim=1))
        return functional.pixel_shuffle(self.pixels(up), 2), cast(Tensor, self.look(pooled))


class _Conv(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class _Residual(nn.Module):
    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _Conv(channels, channels, dilation=dilation), _Conv(channels, channels)
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + cast(Tensor, self.body(features))


def _doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="nearest")
