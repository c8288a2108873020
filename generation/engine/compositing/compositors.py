"""Compositors: two latents and a full-resolution mask in, one fused latent out.

All work on cells, float (B, C, h, w) with h = H / 8, as the VAE's decoder takes them: neither
patchified nor batch-normalised. `TokenSpace` carries them to the tokens a Klein model denoises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know

from generation.engine.compositing.masks import area_cells
from generation.engine.latents import patchify, unpatchify
from zones.geometry import LATENT_PX

Resampling = Literal["nearest", "bilinear", "area"]


class Compositor(Protocol):
    """Fuses two latents."""

    def __call__(
        self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Return the latent whose decoding should be (1 - mask) first + mask second.

        Args:
            first: cells (B, C, h, w), taken where the mask is 0.
            second: cells of that shape, taken where the mask is 1.
            mask: float (B, 1, 8 h, 8 w) in [0, 1]; B may be 1 for all.
        """


class LinearCompositor:
    """The usual blend: one weight per cell for all channels, from a shrunk mask.

    Args:
        resampling: "area" is the mean of a cell; "bilinear" reads the four pixels around its
            middle and "nearest" one, so both may miss thin lines, as in the tools that use them.
        cell_px: 8 weighs each cell, 16 each token of 2 x 2 cells.
    """

    def __init__(self, resampling: Resampling = "area", cell_px: int = LATENT_PX) -> None:
        if cell_px % LATENT_PX:
            raise ValueError(f"cells are {LATENT_PX} px or a multiple, not {cell_px}")
        self._resampling = resampling
        self._cell_px = cell_px

    def weights(self, mask: torch.Tensor) -> torch.Tensor:
        """Share of the second latent in each cell, (B, 1, h, w)."""
        side = self._cell_px
        if self._resampling == "area":
            weights = area_cells(mask, side)
        else:
            size = (mask.shape[-2] // side, mask.shape[-1] // side)
            weights = F.interpolate(mask, size, mode=self._resampling)
        repeat = side // LATENT_PX
        return weights.repeat_interleave(repeat, -2).repeat_interleave(repeat, -1)

    def __call__(
        self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Blend; see `Compositor`."""
        check_sizes(first, second, mask)
        return torch.lerp(first, second, self.weights(mask).to(first.dtype))


class ExactCompositor:
    """Decodes both, composites pixels and encodes: right up to the loss of the round trip.

    Keeps what it made of the last second latent, since a run asks with one source at every step.

    Args:
        vae: an `AutoencoderKLFlux2`.
        drift_free: take off what the round trip alone does to each latent. Without it a latent
            that is composited at every step loses something each time, everywhere.
    """

    def __init__(self, vae: Any, *, drift_free: bool = False) -> None:
        self._vae = vae
        self._drift_free = drift_free
        self._last: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None

    @torch.no_grad()
    def __call__(
        self, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Composite in pixels; see `Compositor`."""
        check_sizes(first, second, mask)
        if self._last is None or not _same(self._last[0], second):
            self._last = second.clone(), *self._with_loss(second)
        (ours, our_loss), (theirs, their_loss) = self._with_loss(first), self._last[1:]
        fused = self._encode(torch.lerp(ours, theirs, mask.to(ours.dtype)))
        lost = torch.lerp(our_loss, their_loss, area_cells(mask).to(our_loss.dtype))
        return (fused + lost).to(first.dtype)

    def _with_loss(self, cells: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """A latent decoded, and what its round trip loses that shall come back."""
        pixels = self._decode(cells)
        if not self._drift_free:
            return pixels, torch.zeros_like(cells)
        return pixels, cells - self._encode(pixels).to(cells.dtype)

    def _encode(self, pixels: torch.Tensor) -> torch.Tensor:
        cells: torch.Tensor = self._vae.encode(pixels).latent_dist.mode()
        return cells

    def _decode(self, cells: torch.Tensor) -> torch.Tensor:
        pixels: torch.Tensor = self._vae.decode(cells.to(self._vae.dtype)).sample
        return pixels


@dataclass(frozen=True)
class TokenSpace:
    """The batch-normalised tokens that a Klein model denoises.

    Attributes:
        mean: float (4 C,) of the VAE's `bn`.
        std: float (4 C,), positive.
    """

    mean: torch.Tensor
    std: torch.Tensor

    @classmethod
    def of(cls, vae: Any) -> TokenSpace:
        """The statistics that the pipeline of an `AutoencoderKLFlux2` normalises with."""
        variance = vae.bn.running_var.detach().float() + vae.config.batch_norm_eps
        return cls(vae.bn.running_mean.detach().float(), variance.sqrt())

    def to_tokens(self, cells: torch.Tensor) -> torch.Tensor:
        """Cells (B, C, h, w) to normalised tokens (B, 4 C, h / 2, w / 2)."""
        mean, std = self._statistics(cells)
        return (patchify(cells) - mean) / std

    def to_cells(self, tokens: torch.Tensor) -> torch.Tensor:
        """Undo `to_tokens`."""
        mean, std = self._statistics(tokens)
        return unpatchify(tokens * std + mean)

    def composite(
        self, compositor: Compositor, first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Composite normalised tokens (B, 4 C, h / 2, w / 2) with any compositor."""
        return self.to_tokens(compositor(self.to_cells(first), self.to_cells(second), mask))

    def cell_statistics(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and std per channel of a cell, (C,): over the four places in a token."""
        mean, variance = self.mean.view(-1, 4), self.std.square().view(-1, 4)
        overall = mean.mean(dim=1)
        spread = variance.mean(dim=1) + (mean - overall[:, None]).square().mean(dim=1)
        return overall, spread.sqrt()

    def _statistics(self, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, std = (part.view(1, -1, 1, 1).to(like) for part in (self.mean, self.std))
        return mean, std


def check_sizes(first: torch.Tensor, second: torch.Tensor, mask: torch.Tensor) -> None:
    """Refuse latents and masks that do not fit each other.

    Raises:
        ValueError: they differ in size.
    """
    height, width = first.shape[-2:]
    fits = mask.ndim == 4 and mask.shape[1] == 1  # noqa: PLR2004 - (B, 1, H, W)
    fits = fits and tuple(mask.shape[-2:]) == (LATENT_PX * height, LATENT_PX * width)
    if first.shape != second.shape or not fits or mask.shape[0] not in {1, first.shape[0]}:
        raise ValueError(
            f"latents {tuple(first.shape)} and {tuple(second.shape)} do not fit the mask "
            f"{tuple(mask.shape)}"
        )


def _same(kept: torch.Tensor, cells: torch.Tensor) -> bool:
    return kept.device == cells.device and torch.equal(kept, cells)
