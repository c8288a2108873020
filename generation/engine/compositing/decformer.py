"""DecFormer: learns to fuse latents so that their decoding is the composite of the pixels.

After "Your Latent Mask is Wrong" (Bradbury & Zhong 2025): a weight per channel and cell and a
residual, refined from coarse to fine patches with the current composite as an input of each
scale, modulated by the mask. Widths and depths are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from torch import nn
from torch.nn.utils import convert_conv2d_weight_memory_format

from generation.engine.compositing.blocks import Block, Condition, Film, LocalBlock
from generation.engine.compositing.compositors import check_sizes
from generation.engine.compositing.masks import (
    area_cells,
    constant_value,
    fold_cells,
    mask_layers,
)

_LAYERS = 3
_SOFTEST = 0.02
"""Cell means are cut to [0.02, 0.98] before they become logits, so that every weight can move."""


@dataclass(frozen=True)
class DecFormerConfig:
    """Sizes of a DecFormer.

    Attributes:
        latent_channels: of the VAE.
        patches: cells per side of a token, scale by scale.
        widths: of the tokens of each scale.
        depths: blocks of each scale.
        head_dim: of one attention head; a multiple of 4 that divides all widths.
        ratio: inner width of a block's network as a multiple.
        window: tokens per side within which the finer scales attend.
        local_width: channels of the local convolutions.
        mask_width: channels of the mask's embedding and tokens.
    """

    latent_channels: int = 16
    patches: tuple[int, ...] = (4, 2, 1, 1)
    widths: tuple[int, ...] = (160, 96, 64, 64)
    depths: tuple[int, ...] = (1, 1, 1, 1)
    head_dim: int = 32
    ratio: float = 2.0
    window: int = 8
    local_width: int = 40
    mask_width: int = 48


FLUX2 = DecFormerConfig(
    latent_channels=32,
    widths=(256, 256, 256, 256),
    depths=(2, 2, 1, 1),
    head_dim=64,
    ratio=4.0,
    window=16,
    local_width=64,
    mask_width=64,
)
"""For FLUX.2's own VAE."""


@dataclass(frozen=True)
class MaskFeatures:
    """What the network reads from a mask, once for all steps of a run.

    Attributes:
        area: (B, 1, h, w) mean of each cell.
        halo: (B, 1, h, w) mean of the halo in each cell.
        prior: (B, C, h, w) logits added to those of the means.
        tokens: (B, h, w, m) embedding.
        constant: (B, 1, 1, 1) 0, 1 or NaN, see `masks.constant_value`; None is all NaN.
        kept: what the layers make of the mask alone, filled by the first step for the others;
            None where gradients are wanted.
    """

    area: torch.Tensor
    halo: torch.Tensor
    prior: torch.Tensor
    tokens: torch.Tensor
    constant: torch.Tensor | None
    kept: dict[Any, Any] | None = None


@dataclass(frozen=True)
class Fusion:
    """A fused latent and what it is made of.

    Attributes:
        fused: cells (B, C, h, w) = lerp(first, second, alpha) + residual.
        alpha: (B, C, h, w) in [0, 1].
        residual: (B, C, h, w).
    """

    fused: torch.Tensor
    alpha: torch.Tensor
    residual: torch.Tensor


class DecFormer(nn.Module):
    """The learned compositor; a fresh one is the linear blend with cell means.

    Args:
        config: sizes.
        mean: (C,) of the VAE's cells.
        std: (C,) of the VAE's cells.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, config: DecFormerConfig, mean: torch.Tensor, std: torch.Tensor) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", mean.view(1, -1, 1, 1).clone())
        self.register_buffer("std", std.view(1, -1, 1, 1).clone())
        self.mask_net = MaskNet(config)
        self.pooled = PooledLatents(config)
        self.scales = nn.ModuleList(
            Scale(config, *sizes)
            for sizes in zip(config.patches, config.widths, config.depths, strict=True)
        )

    def read_mask(self, mask: torch.Tensor) -> MaskFeatures:
        """Read a mask, float (B, 1, H, W) in [0, 1], H and W multiples of 8."""
        features: MaskFeatures = self.mask_net(mask)
        return features

    def forward(
        self,
        first: torch.Tensor,
        second: torch.Tensor,
        mask: MaskFeatures,
        residual_share: float | torch.Tensor = 1.0,
        told: torch.Tensor | None = None,
    ) -> Fusion:
        """Fuse two latents.

        Args:
            first: cells (B, C, h, w), taken where the mask is 0.
            second: cells of that shape.
            mask: from `read_mask`.
            residual_share: multiplies the residual, or (B, 1, 1, 1) each picture's; below 1 while
                it is learnt.
            told: (B, 1, 1, mask_width) added to what modulates all tokens.
        """
        ours, theirs = ((cells - self.mean) / self.std for cells in (first, second))
        state = _State.start(ours, theirs, mask, self.config.local_width)
        shared = self.pooled(ours, theirs, mask.area)
        shared = shared if told is None else shared + told
        condition = Condition(mask.tokens, shared, mask.kept)
        for scale in self.scales:
            state = scale(state, condition, mask.tokens, residual_share)
        alpha = state.alpha().permute(0, 3, 1, 2)
        residual = residual_share * state.residual.permute(0, 3, 1, 2) * self.std
        if mask.constant is not None:
            mixed = mask.constant.isnan()
            alpha = torch.where(mixed, alpha, mask.constant)
            residual = torch.where(mixed, residual, torch.zeros_like(residual))
        return Fusion(torch.lerp(first, second, alpha) + residual, alpha, residual)


@dataclass(frozen=True)
class _State:
    """What the scales pass on: normalised latents, logits, residual and local features.

    All are (B, h, w, channels), as tokens are.
    """

    ours: torch.Tensor
    theirs: torch.Tensor
    area: torch.Tensor
    halo: torch.Tensor
    logits: torch.Tensor
    residual: torch.Tensor
    local: torch.Tensor

    @classmethod
    def start(
        cls, ours: torch.Tensor, theirs: torch.Tensor, mask: MaskFeatures, width: int
    ) -> _State:
        ours, theirs, area, halo, prior = (
            part.float().expand(len(ours), -1, -1, -1).permute(0, 2, 3, 1).contiguous()
            for part in (ours, theirs, mask.area, mask.halo, mask.prior)
        )
        local = ours.new_zeros(*ours.shape[:3], width)
        return cls(ours, theirs, area, halo, prior, torch.zeros_like(ours), local)

    def alpha(self) -> torch.Tensor:
        """Weights in [0, 1]: the cell means where the logits are 0."""
        bounded = self.area.clamp(_SOFTEST, 1.0 - _SOFTEST)
        moved = torch.sigmoid(torch.logit(bounded) + self.logits) - bounded
        return (self.area + moved).clamp(0.0, 1.0)

    def stack(self, residual_share: float | torch.Tensor) -> torch.Tensor:
        """All that a scale reads, (B, h, w, n)."""
        alpha, residual = self.alpha(), residual_share * self.residual
        fused = torch.lerp(self.ours, self.theirs, alpha) + residual
        away = [
            (fused - side).square().mean(dim=-1, keepdim=True).add(1e-6).sqrt()
            for side in (self.ours, self.theirs)
        ]
        fixed = (self.area, self.halo, self.local)
        return torch.cat([self.ours, self.theirs, alpha, residual, fused, *away, *fixed], dim=-1)


class MaskNet(nn.Module):
    """A light convolutional network over the folded mask, its halo and its distances."""

    def __init__(self, config: DecFormerConfig) -> None:
        super().__init__()
        width = config.mask_width
        self.enter = nn.Conv2d(64 * _LAYERS, width, 3, padding=1, padding_mode="replicate")
        self.blocks = nn.ModuleList(_MaskBlock(width) for _ in range(3))
        self.prior = nn.Conv2d(width, config.latent_channels, 1)
        nn.init.zeros_(self.prior.weight)
        self.prior.bias = nn.Parameter(torch.zeros(config.latent_channels))

    def forward(self, mask: torch.Tensor) -> MaskFeatures:
        """Read a mask, float (B, 1, H, W)."""
        return self.embed(mask_layers(mask))

    def embed(self, layers: torch.Tensor) -> MaskFeatures:
        """Read a mask with its halo and distances, float (B, 3, H, W); see `mask_layers`."""
        embedded = self.enter(fold_cells(layers))
        for block in self.blocks:
            embedded = block(embedded)
        area, halo = area_cells(layers[:, :1]), area_cells(layers[:, 1:2])
        tokens = F.rms_norm(embedded.permute(0, 2, 3, 1), embedded.shape[1:2])
        constant = constant_value(layers[:, :1])
        return MaskFeatures(area, halo, self.prior(embedded), tokens, constant)


class _MaskBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate")
        self.second = nn.Conv2d(width, width, 1)

    def forward(self, cells: torch.Tensor) -> torch.Tensor:
        return cells + self.second(F.silu(self.first(F.silu(cells))))


class PooledLatents(nn.Module):
    """One condition for the whole picture: what each side brings, as means and spreads.

    Group normalisation couples every cell of a VAE with all of the picture; these are the figures
    it depends on.
    """

    def __init__(self, config: DecFormerConfig) -> None:
        super().__init__()
        inputs = 12 * config.latent_channels + 1
        self.enter = nn.Linear(inputs, 2 * config.mask_width)
        self.out = nn.Linear(2 * config.mask_width, config.mask_width)

    def forward(self, ours: torch.Tensor, theirs: torch.Tensor, area: torch.Tensor) -> torch.Tensor:
        """Return (B, 1, 1, m)."""
        shares = torch.cat([torch.ones_like(area), area, 1.0 - area], dim=1).flatten(2)
        shares = shares / (shares.sum(dim=2, keepdim=True) + 1.0)
        cells = torch.cat([ours, theirs], dim=1).flatten(2).transpose(1, 2)
        mean = shares @ cells
        spread = (shares @ cells.square() - mean.square()).clamp(min=0.0)
        share = area.expand(len(ours), -1, -1, -1).mean(dim=(2, 3))
        figures = [share, mean.flatten(1), (spread + 1e-4).sqrt().flatten(1)]
        return self.out(F.silu(self.enter(torch.cat(figures, dim=1))))[:, None, None]


class Scale(nn.Module):
    """One pass over the picture in tokens of `patch` x `patch` cells.

    Args:
        config: sizes of the whole.
        patch: cells per side of a token.
        width: of the tokens.
        depth: blocks.
    """

    def __init__(self, config: DecFormerConfig, patch: int, width: int, depth: int) -> None:
        super().__init__()
        local = config.local_width
        self._patch = patch
        self.enter = nn.Linear((5 * config.latent_channels + 4 + local) * patch**2, width)
        self.blocks = nn.ModuleList(
            Block(
                width,
                config.mask_width,
                mask_width=config.mask_width if patch == 1 else 0,
                head_dim=config.head_dim,
                ratio=config.ratio,
                window=0 if patch == max(config.patches) else config.window,
            )
            for _ in range(depth)
        )
        self.leave = nn.Linear(width, local * patch**2)
        self.local = LocalBlock(local, config.mask_width)
        self.before_heads = Film(config.mask_width + 2, local)
        self.heads = nn.Linear(local, 2 * config.latent_channels)
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)

    def forward(
        self,
        state: _State,
        condition: Condition,
        mask_tokens: torch.Tensor,
        residual_share: float | torch.Tensor,
    ) -> _State:
        """Refine weights and residual once."""
        tokens = self.enter(_folded(state.stack(residual_share), self._patch))
        coarse = condition.coarse(self._patch)
        for block in self.blocks:
            tokens = block(tokens, coarse, mask_tokens)
        height, width = state.local.shape[1:3]
        fine = _unfolded(self.leave(tokens), self._patch)[:, :height, :width]
        local = self.local(state.local + fine, condition)
        wide = condition.beside(torch.cat([state.area, state.halo], dim=-1))
        moves = self.heads(F.silu(self.before_heads(local, wide))).float()
        logits, residual = moves.chunk(2, dim=-1)
        return replace(
            state,
            logits=state.logits + logits,
            residual=state.residual + residual,
            local=local,
        )


class DecFormerCompositor:
    """A trained DecFormer behind the interface of all compositors.

    Keeps what it read from the last mask, since a run asks with one mask at every step.

    Args:
        network: trained, on its device.
    """

    def __init__(self, network: DecFormer) -> None:
        self._network = network.eval()
        convert_conv2d_weight_memory_format(network, torch.channels_last)
        self._mask: torch.Tensor | None = None
        self._features: MaskFeatures | None = None

    @torch.no_grad()
    def __call__(
        self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Fuse; see `compositors.Compositor`."""
        return self.fuse(first, second, mask).fused.to(first.dtype)

    @torch.no_grad()
    def fuse(self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor) -> Fusion:
        """Fuse and tell the weights and the residual."""
        check_sizes(first, second, mask)
        if self._features is None or self._mask is None or not _same(self._mask, mask):
            features = self._network.read_mask(mask.float())
            pure = features.constant
            pure = None if pure is None or bool(pure.isnan().all()) else pure
            self._features, self._mask = replace(features, constant=pure, kept={}), mask.clone()
        fusion: Fusion = self._network(first.float(), second.float(), self._features)
        return fusion


def _same(kept: torch.Tensor, mask: torch.Tensor) -> bool:
    return kept.device == mask.device and torch.equal(kept, mask)


def _folded(cells: torch.Tensor, patch: int) -> torch.Tensor:
    """(B, h, w, n) to tokens (B, h / patch, w / patch, n patch^2), edges repeated to fit."""
    if patch == 1:
        return cells
    grid = cells.permute(0, 3, 1, 2)
    below, right = -grid.shape[-2] % patch, -grid.shape[-1] % patch
    if below or right:
        grid = F.pad(grid, (0, right, 0, below), mode="replicate")
    return F.pixel_unshuffle(grid, patch).permute(0, 2, 3, 1)


def _unfolded(tokens: torch.Tensor, patch: int) -> torch.Tensor:
    """Undo `_folded`: (B, h, w, n patch^2) to (B, h patch, w patch, n)."""
    if patch == 1:
        return tokens
    return F.pixel_shuffle(tokens.permute(0, 3, 1, 2), patch).permute(0, 2, 3, 1)
