"""The whole map as pieces of all sources, in one cache with one byte budget."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.canvas.art_pieces import ArtPieces
from app.canvas.painted_pieces import PaintedPieces
from app.canvas.pieces import PieceCache, Pyramid, Source
from app.canvas.wanted import Look
from app.workspace.workspace import Workspace
from painter.document import Document
from zones.geometry import Rect

BUDGET_BYTES = 192 * 2**20
"""For the pixels of all pieces, on screens up to about 5 million px."""

_BYTES_PER_SCREEN_PX = 4 * 9
"""Room for both sources at twice the screen's resolution, and a little around."""


class MapPicture(QObject):
    """What the map looks like; GUI thread.

    Signals:
        changed: a `Rect` in map px whose picture is newer.

    Attributes:
        pyramid: mip levels of the map.
        cache: the pieces.
        painted: keeps pieces of zones and stencils up to date.
        art: keeps pieces of finished tiles up to date.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pyramid = Pyramid(1, 1)
        self.cache = PieceCache(BUDGET_BYTES)
        self.painted = PaintedPieces(workspace, self.cache, self)
        self.art = ArtPieces(workspace, self.cache, self)
        self._document: Document | None = None
        self.painted.changed.connect(self.changed)
        self.art.changed.connect(self.changed)

    @property
    def is_open(self) -> bool:
        """Whether there is a map to show."""
        return self._document is not None

    @property
    def waiting(self) -> bool:
        """Whether anything that shows, or may show soon, is still to be made."""
        return self.painted.waiting or self.art.waiting

    def open(self, document: Document | None) -> None:
        """Show another document, or none."""
        self._document = document
        size = (1, 1) if document is None else document.project.size
        self.pyramid = Pyramid(*size)
        self.painted.open(document, self.pyramid)
        self.art.open(document, self.pyramid)

    def look(self, level: int, rect: Rect, sources: tuple[Source, ...]) -> None:
        """Say what shows: a mip level, a part of the map, the sources drawn."""
        look = Look.at(self.pyramid, level, rect, sources)
        self.painted.look(look)
        self.art.look(look)

    def dirty(self, rect: Rect) -> None:
        """What is painted looks different in a rectangle of the map."""
        if self._document is not None:
            self.painted.dirty(rect)
            self.art.note_protect(rect)

    def note_tiles(self) -> None:
        """Finished tiles came, went or changed."""
        self.art.note_tiles()

    def renew(self) -> None:
        """The palette may be another one."""
        self.painted.renew()

    def repair(self, budget_s: float, *, idle: bool = False) -> bool:
        """Work for about so long; whether there is more to do at once."""
        self.art.repair(idle=idle)
        return self.painted.repair(budget_s, idle=idle)

    def make_room(self, screen_px: int) -> None:
        """Fit the budget to a screen of so many device px."""
        self.cache.budget_bytes = max(BUDGET_BYTES, screen_px * _BYTES_PER_SCREEN_PX)
