"""The step gate of differential diffusion on Klein's packed latents.

A cell is *held* at step i while i < its number of held steps (Levin & Fried 2023): its latents are
then overwritten with the source noised to the next timestep. A cell's mu is the smallest of its
pixels, so the most held pixel wins and thin lines survive the reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch

from generation.engine.latents import pack, patchify
from zones.gates import MAX_STEPS, Gate, held_steps, min_reduce

CellPx = Literal[8, 16]
"""Side of a gate cell: 8 px (each 2 x 2 sub-patch of a token apart) or 16 px (whole tokens)."""


def change_map_array(change_map: npt.ArrayLike | torch.Tensor) -> npt.NDArray[np.float32]:
    """Check a change map and give it as float32 (B, H, W).

    Raises:
        ValueError: not (H, W) or (B, H, W), or a value that is not in [0, 1].
    """
    if isinstance(change_map, torch.Tensor):
        change_map = change_map.detach().float().cpu().numpy()
    mu = np.asarray(change_map, dtype=np.float32)
    if mu.ndim == 2:  # noqa: PLR2004 - (H, W)
        mu = mu[None]
    if mu.ndim != 3 or mu.size == 0:  # noqa: PLR2004 - (B, H, W)
        raise ValueError(f"change_map must be (H, W) or (B, H, W), not {mu.shape}")
    if not bool(np.all((mu >= 0.0) & (mu <= 1.0))):
        raise ValueError("change_map must lie in [0, 1] everywhere")
    return mu


def gate_cells(
    mu: npt.NDArray[np.float32],
    *,
    gate: Gate,
    sigmas: Sequence[float],
    cell_px: CellPx = 8,
) -> npt.NDArray[np.uint8]:
    """Held steps per cell.

    Args:
        mu: change map, float32 (B, H, W), sides multiples of 16 px.
        gate: "index" or "sigma".
        sigmas: noise levels of the *full* schedule, without the final 0; T = len(sigmas).
        cell_px: 8 or 16.

    Returns:
        uint8 (B, H / cell_px, W / cell_px), in 0 .. T.

    Raises:
        ValueError: an unknown gate or cell size, or a schedule longer than `MAX_STEPS`.
    """
    if gate not in get_args(Gate) or cell_px not in get_args(CellPx):
        raise ValueError(f"no such gate: {gate!r} with cells of {cell_px!r} px")
    if len(sigmas) > MAX_STEPS:
        raise ValueError(f"a gate counts at most {MAX_STEPS} steps, not {len(sigmas)}")
    return np.stack([held_steps(min_reduce(m, cell_px), len(sigmas), gate, sigmas) for m in mu])


def held_reach(mu: npt.NDArray[np.float32], cell_px: CellPx = 8) -> npt.NDArray[np.float32]:
    """The change map by which a compositor is told what is held.

    Pixels with mu 0 are a source that has to join its surroundings to the pixel. The others are
    guides, such as a river: they hold their whole cell as the gate does, else a thin one is lost.

    Args:
        mu: change map, float32 (B, H, W), sides multiples of `cell_px`.
        cell_px: 8 or 16.

    Returns:
        float32 (B, H, W): 0 where `mu` is 0, elsewhere the smallest mu above 0 in the cell.
    """
    guides = np.where(mu > 0, mu, np.float32(1))
    cells = np.stack([min_reduce(one, cell_px) for one in guides])
    spread = cells.repeat(cell_px, axis=1).repeat(cell_px, axis=2)
    return np.where(mu > 0, spread, np.float32(0))


def splits_cells(mu: npt.NDArray[np.float32], cell_px: CellPx = 8) -> bool:
    """Whether a cell of (B, H, W) holds pixels with mu 0 beside others.

    Only there can a compositor do anything that the gate by whole cells does not.
    """
    source = (mu == 0).astype(np.float32)
    return any(
        bool((min_reduce(one, cell_px) + min_reduce(1 - one, cell_px) == 0).any()) for one in source
    )


def pack_cells(held: npt.NDArray[np.uint8], channels: int, cell_px: CellPx) -> torch.Tensor:
    """Lay held steps out like packed latents, for `torch.where`.

    Args:
        held: uint8 (B, H / cell_px, W / cell_px).
        channels: latent channels C of one cell.
        cell_px: the size `held` was made with.

    Returns:
        uint8 (B, tokens, 4C) for 8 px cells, (B, tokens, 1) for 16 px cells.
    """
    cells = torch.from_numpy(held).unsqueeze(1)
    if cell_px == 16:  # noqa: PLR2004 - one cell is one token
        return pack(cells)
    return pack(patchify(cells.expand(-1, channels, -1, -1)))
