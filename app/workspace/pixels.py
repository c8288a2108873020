"""Arrays as pictures of the toolkit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage


def rgb_image(rgb: npt.NDArray[np.uint8]) -> QImage:
    """A picture of uint8 (h, w, 3) RGB, with its own copy of the pixels."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def rgba_image(rgba: npt.NDArray[np.uint8]) -> QImage:
    """A picture of uint8 (h, w, 4) RGBA, not premultiplied, with its own copy of the pixels."""
    pixels = np.ascontiguousarray(rgba)
    height, width = pixels.shape[:2]
    plain = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return plain.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
