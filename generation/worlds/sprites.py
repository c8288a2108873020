"""Small pictures with transparency, drawn once at four times their size and stamped many times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from generation.worlds.noise import F32

Colour = tuple[float, float, float]
SUPERSAMPLE = 4


@dataclass(frozen=True)
class Sprite:
    """A stamp: `paint` (h, w, 3) float32 premultiplied RGB 0..255, `keep` (h, w, 1) = 1 - alpha."""

    paint: F32
    keep: F32


class Sketch:
    """A transparent canvas at SUPERSAMPLE times a sprite's size, drawn on in sprite px."""

    def __init__(self, size_px: int) -> None:
        side = size_px * SUPERSAMPLE
        self.size_px = size_px
        self.paint = np.zeros((side, side, 3), np.float32)
        self.alpha = np.zeros((side, side), np.float32)

    def cover(self, alpha: F32, colour: F32 | Colour) -> None:
        """Lay `colour`, one RGB or (side, side, 3), over the canvas with opacity `alpha`."""
        keep = 1.0 - alpha
        over = alpha[..., None] * np.asarray(colour, np.float32)
        self.paint = np.asarray(self.paint * keep[..., None] + over, np.float32)
        self.alpha = np.asarray(self.alpha * keep + alpha, np.float32)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        width_px: float,
        colour: Colour,
        opacity: float = 1.0,
    ) -> None:
        """Draw an open polyline through `points` (x, y in sprite px)."""
        self._shape(points, colour, opacity, width_px)

    def polygon(
        self, points: Sequence[tuple[float, float]], colour: Colour, opacity: float = 1.0
    ) -> None:
        """Fill a polygon through `points` (x, y in sprite px)."""
        self._shape(points, colour, opacity, 0.0)

    def disc(self, x: float, y: float, radius: float, colour: Colour, opacity: float = 1.0) -> None:
        """Fill a circle (sprite px)."""
        turn = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)
        ring = zip(x + radius * np.cos(turn), y + radius * np.sin(turn), strict=True)
        self.polygon([(float(px), float(py)) for px, py in ring], colour, opacity)

    def _shape(
        self, points: Sequence[tuple[float, float]], colour: Colour, opacity: float, width_px: float
    ) -> None:
        ink = np.zeros(self.alpha.shape, np.uint8)
        at = np.round(np.asarray(points, np.float64) * SUPERSAMPLE).astype(np.int32)
        if width_px > 0:
            thick = max(1, round(width_px * SUPERSAMPLE))
            cv2.polylines(ink, [at], False, 255, thick)
        else:
            cv2.fillPoly(ink, [at], 255)
        self.cover(np.asarray(ink, np.float32) * np.float32(opacity / 255.0), colour)

    def sprite(self) -> Sprite:
        """Return the sketch at its true size."""
        size = (self.size_px, self.size_px)
        paint = cv2.resize(self.paint, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA)
        return Sprite(np.asarray(paint, np.float32), np.asarray(1.0 - alpha[..., None], np.float32))


def family(count: int, size_px: int, draw: Callable[[Sketch, int], None]) -> tuple[Sprite, ...]:
    """Return `count` sprites of side `size_px`, the n-th drawn by `draw(sketch, n)`."""
    sprites = []
    for number in range(count):
        sketch = Sketch(size_px)
        draw(sketch, number)
        sprites.append(sketch.sprite())
    return tuple(sprites)


def stamp(canvas: F32, sprites: Sequence[Sprite], points: F32, choice: F32) -> None:
    """Stamp sprites on `canvas` (h, w, 3) float32 in place, in the order of `points`.

    Args:
        canvas: RGB 0..255.
        sprites: what to choose from.
        points: (n, 2) x, y px of the sprite centres.
        choice: (n,) values in [0, 1) that pick the sprite.
    """
    height, width = canvas.shape[:2]
    numbers = (choice * len(sprites)).astype(np.intp).tolist()
    corners = np.round(points).astype(np.intp).tolist()
    for (x, y), number in zip(corners, numbers, strict=True):
        sprite = sprites[number]
        half = sprite.keep.shape[0] // 2
        top, left = y - half, x - half
        bottom, right = top + sprite.keep.shape[0], left + sprite.keep.shape[1]
        y0, x0, y1, x1 = max(top, 0), max(left, 0), min(bottom, height), min(right, width)
        if y0 >= y1 or x0 >= x1:
            continue
        part = canvas[y0:y1, x0:x1]
        part *= sprite.keep[y0 - top : y1 - top, x0 - left : x1 - left]
        part += sprite.paint[y0 - top : y1 - top, x0 - left : x1 - left]
