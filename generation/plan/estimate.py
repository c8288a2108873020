"""What painting a map will cost, from the model's numbers and what one window took before."""

from __future__ import annotations

from dataclasses import dataclass

from generation.plan.profile import ModelProfile
from zones.compiler import Layout
from zones.grid import grid_for

VALUES_PER_CHANNEL = 6
"""Values that are held at once for each pixel of a window and each channel of the decoder's last
stage, where a window needs most. Measured on float32 windows of 256 to 1024 px: 5.2 at 1024 px."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a whole map costs.

    Attributes:
        tiles: that it has.
        seconds: for all of them; None where no window was measured yet.
        memory_bytes: that the model and one window need at once.
    """

    tiles: int
    seconds: float | None
    memory_bytes: int


def estimate_map(
    size_px: tuple[int, int],
    profile: ModelProfile,
    memory_bytes: int,
    *,
    layout: Layout = "anchored",
    wrap: str = "",
    window_s: float | None = None,
) -> Estimate:
    """Estimate the painting of a whole map.

    Args:
        size_px: (width, height).
        profile: the model's numbers.
        memory_bytes: what `generation.engine.memory.needed_bytes` says for the model.
        layout: of the windows.
        wrap: "", "x", "y" or "xy".
        window_s: seconds that one window was measured to take.

    Raises:
        InputError: the map is too large, or wraps at a size that windows don't fit.
    """
    grid = grid_for(
        size_px,
        window_px=profile.window_px,
        anchor_px=profile.anchor_px,
        soft_px=profile.soft_px,
        overlap_layout_px=profile.overlap_layout_px,
        layout=layout,
        wrap_x="x" in wrap,
        wrap_y="y" in wrap,
    )
    tiles = grid.rows * grid.cols
    return Estimate(tiles, None if window_s is None else tiles * window_s, memory_bytes)


def window_bytes(window_px: int, decoder_channels: int, value_bytes: int) -> int:
    """Memory that one window needs beside the weights.

    Args:
        window_px: side of the window.
        decoder_channels: of the VAE decoder's widest stage at full size.
        value_bytes: 4 for float32, 2 for bfloat16.
    """
    return window_px * window_px * decoder_channels * VALUES_PER_CHANNEL * value_bytes
