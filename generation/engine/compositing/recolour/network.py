"""The learned colour correction: a guessed second latent, fused with the first by a DecFormer.

After the colour-correction operator of "Your Latent Mask is Wrong" (Bradbury & Zhong 2025), whose
form is not published; the guess and the way the change is told are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from torch import nn

from generation.engine.compositing.compositors import check_sizes
from generation.engine.compositing.decformer import DecFormer, DecFormerConfig, Fusion, MaskFeatures
from generation.engine.compositing.recolour.change import (
    MOST_GAIN,
    MOST_GAMMA,
    MOST_LEVEL,
    PARAMETERS,
    ColourChange,
)

_SCALE = (MOST_GAMMA, *[MOST_GAIN] * 3, *[MOST_LEVEL] * 3)
_SMALL = DecFormerConfig(widths=(80, 64, 48, 48), head_dim=16, local_width=32, mask_width=32)


@dataclass(frozen=True)
class RecolourerConfig:
    """Sizes of a recolourer.

    Attributes:
        fusion: of the DecFormer.
        guess_width: inner width of the layers that read the change.
    """

    fusion: DecFormerConfig = field(default_factory=lambda: _SMALL)
    guess_width: int = 64


class Recolourer(nn.Module):
    """Changes tone and colour of a region; a fresh one changes nothing.

    No change, and a mask of zeros, give the latent itself.

    Args:
        config: sizes.
        mean: (C,) of the VAE's cells.
        std: (C,) of the VAE's cells.
    """

    scale: torch.Tensor

    def __init__(self, config: RecolourerConfig, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("scale", torch.tensor(_SCALE))
        self.guess = Guess(config)
        self.tell = nn.Sequential(
            nn.Linear(PARAMETERS, config.guess_width),
            nn.SiLU(),
            nn.Linear(config.guess_width, config.fusion.mask_width),
        )
        self.fusion = DecFormer(config.fusion, mean, std)

    def read_mask(self, mask: torch.Tensor) -> MaskFeatures:
        """Read a mask, float (B, 1, H, W) in [0, 1], H and W multiples of 8."""
        return self.fusion.read_mask(mask)

    def forward(
        self,
        cells: torch.Tensor,
        numbers: torch.Tensor,
        mask: MaskFeatures,
        residual_share: float = 1.0,
    ) -> Fusion:
        """Change a latent.

        Args:
            cells: (B, C, h, w).
            numbers: (B, 7), see `ColourChange.numbers`.
            mask: from `read_mask`.
            residual_share: multiplies the residual; below 1 while it is learnt.
        """
        change = numbers / self.scale
        own = (cells - self.fusion.mean) / self.fusion.std
        second = cells + self.guess(own, change) * self.fusion.std
        size = change.norm(dim=1)[:, None, None, None]
        share = residual_share * (1.0 - torch.exp(-size))
        told = self.tell(change)[:, None, None]
        fused: Fusion = self.fusion(cells, second, _open(mask, size), share, told)
        return fused


class Guess(nn.Module):
    """How a change of the whole picture would move normalised latents: A(change) z + b(change).

    A (C, C) mixes channels. Both are 0 where nothing is changed, and everywhere at the start.
    """

    def __init__(self, config: RecolourerConfig) -> None:
        super().__init__()
        width, channels = config.guess_width, config.fusion.latent_channels
        self.enter = nn.Linear(PARAMETERS, width)
        self.inner = nn.Linear(width, width)
        self.change = nn.Linear(width, channels * (channels + 1), bias=False)
        nn.init.zeros_(self.change.weight)

    def forward(self, cells: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """What to add to normalised cells (B, C, h, w) for changes (B, 7)."""
        none = self._features(torch.zeros_like(change[:1]))
        entries = self.change(self._features(change) - none)
        mixing, level = entries.view(len(change), cells.shape[1], -1).split(
            (cells.shape[1], 1), dim=2
        )
        return torch.baddbmm(level.to(cells), mixing.to(cells), cells.flatten(2)).view_as(cells)

    def _features(self, change: torch.Tensor) -> torch.Tensor:
        return F.silu(self.inner(F.silu(self.enter(change))))


class RecolourOperator:
    """A trained recolourer, ready to use.

    Args:
        network: on its device.
    """

    def __init__(self, network: Recolourer) -> None:
        self._network = network.eval()

    @torch.no_grad()
    def __call__(
        self, cells: torch.Tensor, change: ColourChange, mask: torch.Tensor
    ) -> torch.Tensor:
        """The latent whose decoding should be the picture, changed where the mask is 1.

        Args:
            cells: (B, C, h, w), as the VAE's decoder takes them.
            change: one for all.
            mask: float (B, 1, 8 h, 8 w) in [0, 1]; B may be 1 for all.

        Raises:
            ValueError: latents and mask differ in size.
        """
        check_sizes(cells, cells, mask)
        numbers = change.numbers.to(cells.device).expand(len(cells), -1)
        features = self._network.read_mask(mask.float())
        fused: Fusion = self._network(cells.float(), numbers, features)
        return fused.fused.to(cells.dtype)


def _open(mask: MaskFeatures, size: torch.Tensor) -> MaskFeatures:
    """The latent itself where the mask is all 0 or nothing is changed; a guess is never final."""
    mixed = torch.full_like(size, torch.nan)
    closed = size == 0.0
    if mask.constant is not None:
        closed = closed | (mask.constant == 0.0)
    return replace(mask, constant=torch.where(closed, torch.zeros_like(size), mixed))
