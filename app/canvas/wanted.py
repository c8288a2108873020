"""What the view shows at the moment, and which pieces that takes, nearest to the middle first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from app.canvas.pieces import PIECE_PX, Key, Pyramid, Source
from zones.geometry import Rect


@dataclass(frozen=True)
class Look:
    """A look at the map.

    Attributes:
        level: mip level that is drawn.
        rect: what shows, map px.
        sources: that are drawn.
        places: columns and rows of the pieces that show.
    """

    level: int
    rect: Rect
    sources: tuple[Source, ...]
    places: tuple[range, range]

    @classmethod
    def at(cls, pyramid: Pyramid, level: int, rect: Rect, sources: tuple[Source, ...]) -> Look:
        """A look at a rectangle of the map."""
        return cls(level, rect, sources, pyramid.places(level, rect))

    def keys(
        self, pyramid: Pyramid, sources: tuple[Source, ...], *, idle: bool = False
    ) -> list[Key]:
        """Pieces that are wanted: those that show; `idle`: also the whole map small, those around.

        Args:
            pyramid: of the map.
            sources: of which pieces are meant, as far as they are drawn.
            idle: whether there is time for what may show soon.
        """
        drawn = tuple(source for source in self.sources if source in sources)
        places = [(self.level, *place) for place in self._shown]
        if idle:
            places.append((pyramid.levels - 1, 0, 0))
            places += [(self.level, *place) for place in self._ring(pyramid)]
        return [Key(source, *place) for place in places for source in drawn]

    @cached_property
    def _shown(self) -> list[tuple[int, int]]:
        return self._sorted(*self.places)

    def _ring(self, pyramid: Pyramid) -> list[tuple[int, int]]:
        columns, rows = self.places
        if not columns or not rows:
            return []
        width, height = pyramid.size(self.level)
        last_column, last_row = (width - 1) // PIECE_PX, (height - 1) // PIECE_PX
        wider = range(max(0, columns.start - 1), min(last_column + 1, columns.stop + 1))
        higher = range(max(0, rows.start - 1), min(last_row + 1, rows.stop + 1))
        return [
            place
            for place in self._sorted(wider, higher)
            if place[0] not in columns or place[1] not in rows
        ]

    def _sorted(self, columns: range, rows: range) -> list[tuple[int, int]]:
        side = PIECE_PX << self.level
        middle_x = (self.rect.x + self.rect.width / 2) / side - 0.5
        middle_y = (self.rect.y + self.rect.height / 2) / side - 0.5
        places = [(column, row) for row in rows for column in columns]
        return sorted(places, key=lambda at: (at[0] - middle_x) ** 2 + (at[1] - middle_y) ** 2)
