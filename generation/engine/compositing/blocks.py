"""Layers of DecFormer: attention in windows, attention to the mask, FiLM and local convolutions.

Token grids are float (B, h, w, d); conditions lie on the same grid, so that each token is
modulated by the mask where it stands (FiLM, Perez et al. 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name all of torch's users know
from torch import nn

_ROTATION_BASE = 64.0


class Condition:
    """What modulates the tokens: the mask where each of them stands, and one vector for all.

    Args:
        grid: (B, h, w, m) of the mask.
        shared: (B, 1, 1, n), n at most m: added to the first n channels of the grid.
        kept: projections of the grid, filled here and used again at the next step, since the mask
            stays; None keeps nothing, as training must.
    """

    def __init__(
        self, grid: torch.Tensor, shared: torch.Tensor, kept: dict[Any, Any] | None
    ) -> None:
        self._grid = grid
        self._shared = shared
        self._kept = kept

    def modulation(self, layer: nn.Linear) -> tuple[torch.Tensor, torch.Tensor]:
        """The halves of `layer` of the whole condition: a factor around 1, and a shift."""

        def own() -> tuple[torch.Tensor, torch.Tensor]:
            scale, shift = layer(self._grid).chunk(2, dim=-1)
            return 1.0 + scale, shift.contiguous()

        factor, shift = self.once(layer, own)
        shared = F.linear(self._shared, layer.weight[:, : self._shared.shape[-1]])
        more_factor, more_shift = shared.chunk(2, dim=-1)
        return factor + more_factor, shift + more_shift

    def coarse(self, patch: int) -> Condition:
        """Means over tokens of `patch` x `patch` cells, edges repeated to fit."""
        if patch == 1:
            return self
        grid = self.once(("coarse", patch), lambda: _means(self._grid, patch))
        return Condition(grid, self._shared, self._kept)

    def beside(self, layers: torch.Tensor) -> Condition:
        """The same with more channels of the grid, (B, h, w, k); alike for all of one mask."""
        own = layers[: len(self._grid)].to(self._grid.dtype)
        wide = self.once("wide", lambda: torch.cat([self._grid, own], dim=-1))
        return Condition(wide, self._shared, self._kept)

    def once(self, name: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once per mask if anything is kept."""
        if self._kept is None:
            return make()
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]


def normed(tokens: torch.Tensor) -> torch.Tensor:
    """Tokens scaled to a root mean square of 1, as `rms_norm` does, but faster in float32."""
    width = tokens.shape[-1]
    if tokens.dtype != torch.float32:
        return F.rms_norm(tokens, (width,))
    square = torch.linalg.vector_norm(tokens, dim=-1, keepdim=True).square()
    return tokens * torch.rsqrt(square / width + torch.finfo(torch.float32).eps)


class Film(nn.Module):
    """Scale and shift of normalised tokens; starts as the identity."""

    def __init__(self, condition: int, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(condition, 2 * width)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)

    def forward(self, tokens: torch.Tensor, condition: Condition) -> torch.Tensor:
        """Modulate tokens (B, h, w, width)."""
        factor, shift = condition.modulation(self.project)
        return torch.addcmul(shift, normed(tokens), factor)


class Attention(nn.Module):
    """Attention among the tokens of a window, or from them to other tokens of the same places.

    Places enter as rotations, by row and by column (Su et al. 2021).

    Args:
        width: of the tokens that ask.
        source: width of the tokens that are asked.
        head_dim: of one head.
        window: attend in windows of at most so many tokens a side; 0 attends to all.
    """

    def __init__(self, width: int, source: int, head_dim: int, window: int) -> None:
        super().__init__()
        self._head_dim = head_dim
        self._window = window
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(source, 2 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(
        self, tokens: torch.Tensor, source: torch.Tensor, kept: Condition | None = None
    ) -> torch.Tensor:
        """Ask among token grids.

        Args:
            tokens: (B, h, w, width).
            source: (B or 1, h, w, source), what is asked.
            kept: keeps what is made of `source`, if that stays from call to call.

        Returns:
            (B, h, w, width).
        """
        height, width = tokens.shape[1:3]
        sides = [_window_side(n, self._window) for n in (height, width)]
        turn = _rotations(sides[0], sides[1], self._head_dim, tokens.device)
        asking = self.query.weight * self._head_dim**-0.5
        if source is tokens:
            joined = F.linear(tokens, torch.cat([asking, self.key_value.weight]))
            heads = self._heads(joined, sides, 3)
            query, key = _rotated(heads[:2], turn)
            value = heads[2]
        else:
            query = _rotated(self._heads(F.linear(tokens, asking), sides, 1), turn)[0]

            def asked() -> tuple[torch.Tensor, torch.Tensor]:
                both = self.key_value(source).expand(len(tokens), -1, -1, -1)
                heads = self._heads(both, sides, 2)
                return _rotated(heads[:1], turn)[0], heads[1]

            key, value = kept.once((self, len(tokens)), asked) if kept else asked()
        if tokens.device.type == "cpu":
            found = (query @ key.transpose(-1, -2)).softmax(dim=-1) @ value
        else:
            found = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        rows, columns = (n + -n % side for n, side in zip((height, width), sides, strict=True))
        return self.out(_from_windows(found, (rows, columns), sides)[:, :height, :width])

    def _heads(self, tokens: torch.Tensor, sides: list[int], parts: int) -> torch.Tensor:
        """Split parts into windows and heads: (parts, windows, heads, tokens, head_dim)."""
        below, right = -tokens.shape[1] % sides[0], -tokens.shape[2] % sides[1]
        if below or right:
            grid = tokens.permute(0, 3, 1, 2)
            tokens = F.pad(grid, (0, right, 0, below), mode="replicate").permute(0, 2, 3, 1)
        return _to_windows(tokens, sides, parts, self._head_dim)


class Block(nn.Module):
    """Attention and a two-layer network, both behind FiLM.

    Args:
        width: of the tokens.
        condition: channels of the mask's condition.
        mask_width: channels of the mask tokens, or 0 for no attention to them.
        head_dim: of one attention head.
        ratio: width of the network's inner layer as a multiple.
        window: side of an attention window in tokens; 0 is the whole picture.
    """

    def __init__(
        self,
        width: int,
        condition: int,
        *,
        mask_width: int,
        head_dim: int,
        ratio: float,
        window: int,
    ) -> None:
        super().__init__()
        inner = round(ratio * width)
        self.before_attention = Film(condition, width)
        self.attention = Attention(width, width, head_dim, window)
        self.to_mask = Attention(width, mask_width, head_dim, window) if mask_width else None
        self.before_network = Film(condition, width)
        self.network = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(
        self, tokens: torch.Tensor, condition: Condition, mask_tokens: torch.Tensor
    ) -> torch.Tensor:
        """Grids of one size (B, h, w, channels); returns tokens."""
        asking = self.before_attention(tokens, condition)
        tokens = tokens + self.attention(asking, asking)
        if self.to_mask is not None:
            tokens = tokens + self.to_mask(normed(tokens), mask_tokens, condition)
        return tokens + self.network(self.before_network(tokens, condition))


class LocalBlock(nn.Module):
    """Two 3 x 3 convolutions on the grid of cells, modulated by the mask between them."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate")
        self.film = Film(condition, width)
        self.second = nn.Conv2d(width, width, 3, padding=1, padding_mode="replicate")

    def forward(self, cells: torch.Tensor, condition: Condition) -> torch.Tensor:
        """Refine cells (B, h, w, width)."""
        found = self.first(cells.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        found = F.silu(self.film(found, condition))
        return cells + self.second(found.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def _means(grid: torch.Tensor, patch: int) -> torch.Tensor:
    """(B, h, w, m) to means over `patch` x `patch`."""
    cells = grid.permute(0, 3, 1, 2)
    below, right = -cells.shape[-2] % patch, -cells.shape[-1] % patch
    if below or right:
        cells = F.pad(cells, (0, right, 0, below), mode="replicate")
    return F.avg_pool2d(cells, patch).permute(0, 2, 3, 1)


def _window_side(length: int, most: int) -> int:
    """The side of equal windows of at most `most` tokens that cover `length`; 0 is no limit."""
    return length if most == 0 else -(-length // -(-length // most))


def _to_windows(tokens: torch.Tensor, sides: list[int], parts: int, head_dim: int) -> torch.Tensor:
    """(B, h, w, parts heads d) to (parts, B windows, heads, tokens of a window, d)."""
    batch, height, width, depth = tokens.shape
    rows, columns, heads = height // sides[0], width // sides[1], depth // (parts * head_dim)
    split = tokens.reshape(batch, rows, sides[0], columns, sides[1], parts, heads, head_dim)
    ordered = split.permute(5, 0, 1, 3, 6, 2, 4, 7)
    return ordered.reshape(parts, -1, heads, sides[0] * sides[1], head_dim)


def _from_windows(windows: torch.Tensor, size: tuple[int, int], sides: list[int]) -> torch.Tensor:
    """Undo `_to_windows` for one part: (B windows, heads, tokens, d) to (B, h, w, heads d)."""
    heads, head_dim = windows.shape[1], windows.shape[3]
    rows, columns = size[0] // sides[0], size[1] // sides[1]
    split = windows.reshape(-1, rows, columns, heads, sides[0], sides[1], head_dim)
    return split.permute(0, 1, 4, 2, 5, 3, 6).reshape(-1, *size, heads * head_dim)


@lru_cache(maxsize=64)
def _rotations(height: int, width: int, head_dim: int, device: torch.device) -> torch.Tensor:
    """Cosines and sines (2, tokens, head_dim): half of the pairs by row, half by column.

    A pair is a channel and the one half of them further; the first of it takes the sine negated.
    """
    pairs = head_dim // 4
    rates = _ROTATION_BASE ** -(torch.arange(pairs, device=device) / pairs)
    rows = torch.arange(height, device=device)[:, None, None] * rates
    columns = torch.arange(width, device=device)[None, :, None] * rates
    both = torch.cat([rows.expand(-1, width, -1), columns.expand(height, -1, -1)], dim=-1)
    angles = both.flatten(0, 1)
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)])


def _rotated(heads: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Rotate pairs of channels of (..., tokens, head_dim)."""
    cos, sin = turn.to(heads.dtype)
    turned = heads * cos
    return turned.addcmul_(heads.roll(heads.shape[-1] // 2, dims=-1), sin)
