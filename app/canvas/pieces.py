"""Square pieces of the drawn map at its mip levels, and the cache that holds them in a budget."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from zones.geometry import Rect

PIECE_PX = 256
"""Side of a piece in px of its level; pieces at the right and bottom rim end with the map."""

_WHOLE = 255

Source = Literal["zones", "sketch", "art"]
"""Zone colours alone; zone colours under stencils; stitched finished tiles."""

Pixels = npt.NDArray[np.uint8]
"""(h, w, 4) in Qt's order of a 32-bit pixel on this machine: blue, green, red, alpha."""


class Key(NamedTuple):
    """Which piece."""

    source: Source
    level: int
    column: int
    row: int


class Pyramid:
    """The mip levels of a map: level L has px of 2**L map px, the last one is a single piece.

    Args:
        width_px: of the map.
        height_px: of the map.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.map_rect = Rect(0, 0, width_px, height_px)
        self.levels = 1
        while max(self.size(self.levels - 1)) > PIECE_PX:
            self.levels += 1

    def size(self, level: int) -> tuple[int, int]:
        """Width and height of a level in its own px."""
        return -(-self.map_rect.width >> level), -(-self.map_rect.height >> level)

    def area(self, level: int, column: int, row: int) -> Rect:
        """The part of a level that a piece covers, in px of the level."""
        whole = Rect(0, 0, *self.size(level))
        return Rect(column * PIECE_PX, row * PIECE_PX, PIECE_PX, PIECE_PX).intersect(whole)

    def covered(self, level: int, rect: Rect) -> Rect:
        """The px of a level that a map rectangle touches."""
        inside = rect.intersect(self.map_rect)
        if not inside.area:
            return Rect(0, 0, 0, 0)
        x, y = inside.x >> level, inside.y >> level
        right, bottom = -(-inside.right >> level), -(-inside.bottom >> level)
        return Rect(x, y, right - x, bottom - y)

    def places(self, level: int, rect: Rect) -> tuple[range, range]:
        """Columns and rows of the pieces that a map rectangle touches."""
        px = self.covered(level, rect)
        if not px.area:
            return range(0), range(0)
        return (
            range(px.x // PIECE_PX, (px.right - 1) // PIECE_PX + 1),
            range(px.y // PIECE_PX, (px.bottom - 1) // PIECE_PX + 1),
        )


def map_rect_of(level: int, area: Rect) -> Rect:
    """Level px to map px; may reach beyond the map."""
    return Rect(area.x << level, area.y << level, area.width << level, area.height << level)


class Piece:
    """The picture of one piece: pixels, or one colour throughout, which takes no memory.

    Attributes:
        shape: (rows, columns).
        stale: whether the map looks different there now; the old picture is shown meanwhile.
        opaque: whether nothing can shine through it.
        full: whether nothing shines through it now.
    """

    __slots__ = ("_colour", "_image", "_pixels", "full", "opaque", "shape", "stale")

    def __init__(self, shape: tuple[int, int], *, opaque: bool = True) -> None:
        self.shape = shape
        self.stale = False
        self.opaque = opaque
        self.full = opaque
        self._pixels: Pixels | None = None
        self._colour = (0, 0, 0, 0)
        self._image: QImage | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of memory of its pixels."""
        return 0 if self._pixels is None else self._pixels.nbytes

    @property
    def image(self) -> QImage | None:
        """The picture; None for one colour throughout."""
        return self._image

    @property
    def colour(self) -> tuple[int, int, int, int]:
        """Blue, green, red, alpha of a piece without picture."""
        return self._colour

    @property
    def pixels(self) -> Pixels:
        """The pixels, not to be changed; made up for one colour throughout."""
        if self._pixels is not None:
            return self._pixels
        return np.broadcast_to(np.array(self._colour, dtype=np.uint8), (*self.shape, 4))

    def show(self, pixels: Pixels) -> None:
        """Take a whole new picture, contiguous (rows, columns, 4), which it may keep and change.

        Raises:
            ValueError: the shape is not the piece's.
        """
        if pixels.shape != (*self.shape, 4):
            raise ValueError(f"{pixels.shape} are not the pixels of a piece of {self.shape}")
        if not any(pixels.strides[:2]):
            blue, green, red, alpha = pixels[0, 0].tolist()
            self._pixels, self._image = None, None
            self._colour = (blue, green, red, alpha)
            self.full = self.opaque or alpha == _WHOLE
            return
        rows, columns = self.shape
        kind = (
            QImage.Format.Format_RGB32 if self.opaque else QImage.Format.Format_ARGB32_Premultiplied
        )
        self._pixels = pixels
        self._image = QImage(pixels.data, columns, rows, columns * 4, kind)
        self._look_through()

    def patch(self, part: Rect, pixels: Pixels) -> None:
        """Exchange a part of the picture.

        Args:
            part: in px of the piece.
            pixels: (part.height, part.width, 4).
        """
        if self._pixels is None:
            if not any(pixels.strides[:2]) and tuple(pixels[0, 0].tolist()) == self._colour:
                return
            self.show(np.array(self.pixels, order="C"))
        assert self._pixels is not None
        self._pixels[part.slices_in(Rect(0, 0, *self.shape[::-1]))] = pixels
        self._look_through()

    def _look_through(self) -> None:
        if not self.opaque and self._pixels is not None:
            self.full = bool(self._pixels[..., 3].min() == _WHOLE)


class PieceCache:
    """Pieces by key; those that were not used for the longest time go first.

    Args:
        budget_bytes: for all pixels; never exceeded after a call.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._pieces: OrderedDict[Key, Piece] = OrderedDict()
        self._budget_bytes = budget_bytes
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return self._nbytes

    @property
    def budget_bytes(self) -> int:
        """Most bytes of all pixels."""
        return self._budget_bytes

    @budget_bytes.setter
    def budget_bytes(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._evict()

    def __len__(self) -> int:
        return len(self._pieces)

    def __contains__(self, key: Key) -> bool:
        return key in self._pieces

    def peek(self, key: Key) -> Piece | None:
        """A piece, which does not count as used by that."""
        return self._pieces.get(key)

    def use(self, key: Key) -> Piece | None:
        """A piece, which counts as used last."""
        piece = self._pieces.get(key)
        if piece is not None:
            self._pieces.move_to_end(key)
        return piece

    def show(self, key: Key, piece: Piece, pixels: Pixels) -> None:
        """Give a piece, held or new, a picture."""
        held = self._pieces.get(key)
        self._nbytes -= held.nbytes if held is not None else 0
        piece.show(pixels)
        self._pieces[key] = piece
        self._pieces.move_to_end(key)
        self._nbytes += piece.nbytes
        self._evict()

    def patch(self, key: Key, part: Rect, pixels: Pixels) -> None:
        """Exchange a part of a piece that is held."""
        piece = self._pieces[key]
        before = piece.nbytes
        piece.patch(part, pixels)
        self._nbytes += piece.nbytes - before
        self._evict()

    def items(self, sources: tuple[Source, ...]) -> Iterator[tuple[Key, Piece]]:
        """The pieces of some sources."""
        return ((key, piece) for key, piece in self._pieces.items() if key.source in sources)

    def touching(self, pyramid: Pyramid, rect: Rect, sources: tuple[Source, ...]) -> list[Key]:
        """Keys of the pieces held that a map rectangle touches."""
        found: list[Key] = []
        for level in range(pyramid.levels):
            columns, rows = pyramid.places(level, rect)
            if len(columns) * len(rows) * len(sources) > len(self._pieces):
                found += [
                    key
                    for key in self._pieces
                    if key.level == level
                    and key.source in sources
                    and key.column in columns
                    and key.row in rows
                ]
                continue
            keys = (Key(s, level, c, r) for s in sources for r in rows for c in columns)
            found += [key for key in keys if key in self._pieces]
        return found

    def drop(self, sources: tuple[Source, ...]) -> None:
        """Forget all pieces of these sources."""
        gone = [key for key in self._pieces if key.source in sources]
        for key in gone:
            self._nbytes -= self._pieces.pop(key).nbytes

    def _evict(self) -> None:
        """Drop pictures, oldest first; pieces of one colour cost nothing but are bounded too."""
        while self._pieces and (
            self._nbytes > self._budget_bytes or len(self._pieces) > _MAX_PIECES
        ):
            _, piece = self._pieces.popitem(last=False)
            self._nbytes -= piece.nbytes


_MAX_PIECES = 20_000
