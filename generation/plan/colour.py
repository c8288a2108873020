"""Colour differences as people see them: CIE Lab and CIEDE2000.

The library that computes them loads slowly, so it is imported when a difference is first asked for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Lab = npt.NDArray[np.float32]


def lab_of(rgb: npt.NDArray[np.uint8]) -> Lab:
    """Colours, sRGB uint8 (..., 3), as CIE Lab (D65), float32 (..., 3)."""
    if not rgb.size:
        return np.zeros(rgb.shape, dtype=np.float32)
    from skimage.color import rgb2lab  # noqa: PLC0415 - see the module's docstring

    return np.asarray(rgb2lab(rgb.astype(np.float32) / np.float32(255)), dtype=np.float32)


def delta_e(first: Lab, second: Lab) -> npt.NDArray[np.float32]:
    """CIEDE2000 difference (Sharma et al. 2005) of two Lab arrays, float32 (...)."""
    if not first.size:
        return np.zeros(first.shape[:-1], dtype=np.float32)
    from skimage.color import deltaE_ciede2000  # noqa: PLC0415 - see the module's docstring

    return np.asarray(deltaE_ciede2000(first, second), dtype=np.float32)


def mean_delta_e(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """Mean CIEDE2000 difference of two RGB pictures of one shape, such as a VAE round trip."""
    return float(delta_e(lab_of(first), lab_of(second)).mean(dtype=np.float64))
