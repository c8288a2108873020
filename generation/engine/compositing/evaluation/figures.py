"""Figures of the report on compositors, the bars on them, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass

FIGURES = {
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "perceptual": "perceptual",
    "halo l1": "Halo L1",
    "far colour": "far colour x 255",
    "gradient": "gradient",
    "drift": "drift",
    "psnr raw": "PSNR raw, dB",
    "halo l1 raw": "Halo L1 raw",
}
"""Figures of the table and their headings."""

HIGHER = frozenset({"psnr", "ssim", "psnr raw"})
"""Figures of which more is better."""


@dataclass(frozen=True)
class Bar:
    """What the learnt compositor must reach against the best linear blend.

    Attributes:
        figure: name of the figure.
        relative: the bar is a relative change, else a difference.
        limit: at least (for PSNR) or at most so much.
    """

    figure: str
    relative: bool
    limit: float


BARS = (
    Bar("halo l1", True, -0.54),
    Bar("psnr", False, 7.0),
    Bar("perceptual", True, -0.5),
    Bar("far colour", False, 0.0),
)
