"""Tools that change the map: one open edit at a time, shown while it grows, kept or forgotten.

Long work goes on in slices from the event loop, so that the window stays alive and Escape works.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainter

from app.canvas.tools import marks
from app.canvas.tools.frame import View
from app.canvas.tools.tool import Pointer, Tool, translate
from app.workspace.looks import capital
from painter.editing import Edit
from painter.layers import BLOCK_PX
from zones.errors import TilewrightError
from zones.geometry import Rect
from zones.palette import UNPAINTED, Palette

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace
    from painter.document import Document

EditT = TypeVar("EditT", bound=Edit)

SLICE_S = 0.008
"""How long sliced work keeps the event loop waiting each time."""

FIRST_SLICE_S = 0.04
"""The same for its first part, so that most of it is done at once."""


class EditTool(Tool):
    """A tool with at most one open edit, which nothing but `commit` keeps."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self._edit: Edit | None = None
        self._blocks: set[tuple[int, int]] = set()
        self._walk: Iterator[Rect] | None = None
        self._seen_px = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def busy(self) -> bool:
        """Whether an edit is open."""
        return self._edit is not None

    @property
    def slicing(self) -> bool:
        """Whether long work goes on by itself."""
        return self._walk is not None

    def begin(self, make: Callable[[Document], EditT]) -> EditT | None:
        """Open an edit; None, with a sentence for the user, where that cannot be."""
        document = self.document
        if document is None:
            self.said.emit(translate("Tool", "No map is open; open or make one first."))
            return None
        if document.recovery is not None:
            self.abort()
            self.said.emit(
                translate(
                    "Tool",
                    "This map has unsaved work of an earlier time; recover or drop it first.",
                )
            )
            return None
        self.finish()
        edit: EditT | None = None
        with self.telling():
            try:
                edit = make(document)
            except RuntimeError:  # the document's word for an edit that something else has open
                text = translate("Tool", "Something else is being drawn; finish that first.")
                self.said.emit(text)
                return None
            self._edit = edit
            self._blocks.clear()
        return edit

    def show(self, rects: Iterable[Rect]) -> None:
        """Tell the canvas what the open edit has changed."""
        document = self.document
        if document is None:
            return
        whole = Rect(0, 0, *document.project.size)
        fresh = [part for rect in rects if (part := rect.intersect(whole)).area]
        for rect in fresh:
            self._blocks.update(blocks_of(rect))
        self.workspace.touch(fresh)

    def commit(self) -> bool:
        """Keep the open edit as one undo step; returns whether anything changed."""
        edit, self._edit = self._edit, None
        self._stop_slicing()
        if edit is None or not edit.is_open:
            return False
        try:
            return edit.commit()
        except TilewrightError as error:
            self._show_again()
            self.tell(error)
            return False

    def finish(self) -> None:
        """Bring an open edit to a good end before another one begins."""
        if self._edit is not None:
            self.abort()

    def abort(self) -> None:
        """Forget the open edit; the map looks as it did before."""
        edit, self._edit = self._edit, None
        self._stop_slicing()
        if edit is not None:
            edit.abort()
            self._show_again()
        super().abort()

    def go_on(self, walk: Iterator[Rect]) -> None:
        """Do long work of the open edit in slices, then commit.

        Args:
            walk: yields after each small part the rectangle that it changed.
        """
        self._walk = walk
        self._seen_px = 0
        self._do_slice(FIRST_SLICE_S)
        if self._walk is not None:
            self._timer.start()

    def go_to_end(self) -> None:
        """Do the rest of long work at once."""
        while self._walk is not None:
            self._do_slice(math.inf)

    def sliced_done(self, kept: bool) -> None:
        """Called when work in slices was committed."""
        del kept

    def paint(self, painter: QPainter, view: View) -> None:
        """How far long work has come."""
        super().paint(painter, view)
        if self.slicing and self.pointer is not None:
            text = translate("Tool", "{share} Mpx done; Escape stops it")
            near = view.to_screen(*self.pointer.place)
            marks.draw_caption(painter, near, text.format(share=f"{self._seen_px / 1e6:.1f}"))

    def _on_timer_timeout(self) -> None:
        self._do_slice(SLICE_S)

    def _do_slice(self, budget_s: float) -> None:
        walk, until = self._walk, time.monotonic() + budget_s
        if walk is None:
            self._timer.stop()
            return
        changed: list[Rect] = []
        done = False
        with self.telling():
            for rect in walk:
                changed.append(rect)
                if time.monotonic() >= until:
                    break
            else:
                done = True
        if self._walk is not walk:
            return  # it went wrong and was aborted
        self._seen_px += sum(rect.area for rect in changed)
        self.show(changed)
        if done:
            self.sliced_done(self.commit())
        self.changed.emit()

    def _stop_slicing(self) -> None:
        self._walk = None
        self._timer.stop()

    def _show_again(self) -> None:
        document = self.document
        if document is not None and self._blocks:
            whole = Rect(0, 0, *document.project.size)
            places = [
                Rect(column * BLOCK_PX, row * BLOCK_PX, BLOCK_PX, BLOCK_PX).intersect(whole)
                for column, row in sorted(self._blocks)
            ]
            self.workspace.touch([rect for rect in places if rect.area])
        self._blocks.clear()


def blocks_of(rect: Rect) -> Iterator[tuple[int, int]]:
    """Columns and rows of the blocks that a rectangle touches."""
    for row in range(rect.y // BLOCK_PX, (rect.bottom - 1) // BLOCK_PX + 1):
        for column in range(rect.x // BLOCK_PX, (rect.right - 1) // BLOCK_PX + 1):
            yield column, row


def zone_name(palette: Palette, zone: int) -> str:
    """A zone's name for people."""
    return translate("Tool", "unpainted") if zone == UNPAINTED else capital(palette.zone(zone).name)


def painting_label(palette: Palette, zone: int) -> str:
    """What an undo step is called that paints a zone."""
    if zone == UNPAINTED:
        return translate("Tool", "Erase zones")
    return translate("Tool", "Paint {zone}").format(zone=zone_name(palette, zone))


def pixel_at(pointer: Pointer) -> tuple[int, int]:
    """Column and row of the pixel under the pointer."""
    return math.floor(pointer.x), math.floor(pointer.y)


def on_map(document: Document, pointer: Pointer) -> bool:
    """Whether the pointer is over the map."""
    width, height = document.project.size
    return 0 <= pointer.x < width and 0 <= pointer.y < height
