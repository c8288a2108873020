"""Held-out figures: PSNR, and the share of fine detail that a picture keeps, zone by zone."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

ZONE_NAMES = ("", "grass", "forest", "water", "sand", "rock", "snow", "swamp", "field")
FINE_CYCLES_PER_PX = 0.125
"""A quarter of the Nyquist frequency: detail finer than 8 px."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_LEAST_PX = 400


def psnr_db(picture: U8, truth: U8) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures of one size, in dB."""
    error = picture.astype(np.float64) - truth.astype(np.float64)
    return 10.0 * math.log10(255.0**2 / max(1e-12, float(np.mean(error**2))))


def fine_detail(picture: U8) -> F32:
    """Luma of uint8 (h, w, 3) without everything coarser than 8 px; float32 (h, w)."""
    luma = picture.astype(np.float32) @ _LUMA
    rows = np.fft.fftfreq(luma.shape[0])[:, None]
    columns = np.fft.rfftfreq(luma.shape[1])[None]
    spectrum = np.fft.rfft2(luma)
    spectrum[np.hypot(rows, columns) <= FINE_CYCLES_PER_PX] = 0.0
    return np.fft.irfft2(spectrum, s=luma.shape).astype(np.float32)


def detail_by_zone(picture: U8, truth: U8, zones: U8) -> dict[str, float]:
    """Energy of fine detail of `picture` relative to `truth`, for each zone that is present."""
    ours, theirs = fine_detail(picture) ** 2, fine_detail(truth) ** 2
    shares = {}
    for zone, name in enumerate(ZONE_NAMES):
        inside = zones == zone
        if name and int(inside.sum()) >= _LEAST_PX:
            energy = float(theirs[inside].mean())
            shares[name] = float(ours[inside].mean()) / max(1e-6, energy)
    return shares


def figure_line(shares: dict[str, float]) -> str:
    """One line of the shares, in zone order."""
    return " ".join(f"{name} {share:.2f}" for name, share in shares.items())
