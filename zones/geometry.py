"""Integer rectangles, half-open, in whole pixels of one named space (map, window or latent)."""

from __future__ import annotations

from dataclasses import dataclass

LATTICE_PX = 16
"""Window origins and lengths are multiples of this: one token of the transformer."""

LATENT_PX = 8
"""Side of one latent cell in pixels: the scale factor of the VAE."""


@dataclass(frozen=True, slots=True, order=True)
class Rect:
    """A half-open rectangle; `x` and `y` may be negative (rim windows reach beyond the map).

    Raises:
        ValueError: a side is negative.
    """

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            msg = f"a rectangle needs sides >= 0, not {self.width} x {self.height}"
            raise ValueError(msg)

    @property
    def right(self) -> int:
        """First column beyond the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row beyond the rectangle."""
        return self.y + self.height

    @property
    def area(self) -> int:
        """Number of pixels inside."""
        return self.width * self.height

    @property
    def shape(self) -> tuple[int, int]:
        """Array shape (rows, columns)."""
        return (self.height, self.width)

    def intersect(self, other: Rect) -> Rect:
        """The common part; an empty rectangle (area 0) where there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width = max(0, min(self.right, other.right) - x)
        height = max(0, min(self.bottom, other.bottom) - y)
        return Rect(x, y, width, height)

    def contains(self, other: Rect) -> bool:
        """Whether `other` lies wholly inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def shifted(self, dx: int, dy: int) -> Rect:
        """The same rectangle moved by (dx, dy)."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, margin_px: int) -> Rect:
        """The rectangle with `margin_px` more on each side."""
        return Rect(
            self.x - margin_px,
            self.y - margin_px,
            self.width + 2 * margin_px,
            self.height + 2 * margin_px,
        )

    def slices_in(self, outer: Rect) -> tuple[slice, slice]:
        """Index (rows, columns) of this rectangle in an array that covers `outer`."""
        top, left = self.y - outer.y, self.x - outer.x
        return slice(top, top + self.height), slice(left, left + self.width)
