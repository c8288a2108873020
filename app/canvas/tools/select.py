"""Selecting a region, and moving, copying, cutting, pasting and erasing what is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter

from app.canvas.tools.curves import rects_of
from app.canvas.tools.edit_tool import EditTool
from app.canvas.tools.floating import Floating
from app.canvas.tools.frame import View
from app.canvas.tools.rectangle import rect_between
from app.canvas.tools.tool import MenuEntry, Pointer, translate
from app.workspace.compiled_tiles import tile_under
from painter import regions
from painter.editing import Edit
from zones.geometry import Rect

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace


class SelectTool(EditTool):
    """Drag a frame; drag inside it to move what is there, with Ctrl to move a copy.

    What is pasted hovers at the pointer until a click or Enter puts it down.
    """

    name = "tool.select"
    title = str(QT_TRANSLATE_NOOP("Tool", "Select region"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Drag a frame, or click a tile; drag inside a frame to move zones and strokes, with "
            "Ctrl a copy; Delete erases, Escape lets go",
        )
    )
    icon = "select-drag"
    shortcut = "S"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, parent)
        self.floating: Floating | None = None
        self._clipboard: Floating | None = None
        self._frame_start: Pointer | None = None
        self._frame_before: Rect | None = None
        self._move_start: Pointer | None = None

    @property
    def busy(self) -> bool:
        """Whether something is dragged or hovers."""
        dragged = self._frame_start or self._move_start or self.floating
        return dragged is not None or super().busy

    @property
    def can_paste(self) -> bool:
        """Whether there is something to paste."""
        return self._clipboard is not None

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """What can be done with the region."""
        entries: list[MenuEntry] = []
        if self.workspace.selection is not None:
            entries = [
                (translate("Tool", "Copy"), self.copy),
                (translate("Tool", "Cut"), self.cut),
                (translate("Tool", "Erase"), self.erase),
                (translate("Tool", "Select nothing"), self.select_nothing),
            ]
        if self.can_paste:
            entries.append((translate("Tool", "Paste here"), lambda: self.paste_at(pointer)))
        entries.append((translate("Tool", "Select the whole map"), self.select_all))
        return entries

    def press(self, pointer: Pointer) -> None:
        """Put down what hovers, take hold of the region, or begin a new frame."""
        super().press(pointer)
        selection = self.workspace.selection
        if self.floating is not None:
            self._put_down(pointer)
        elif selection is not None and _holds(selection, pointer):
            with self.telling():
                self._lift(selection, pointer)
        elif self.document is not None:
            self._frame_start, self._frame_before = pointer, selection

    def move(self, pointer: Pointer) -> None:
        """Drag the frame or the region."""
        if self._frame_start is not None:
            self.workspace.selection = self._framed(self._frame_start, pointer)
        super().move(pointer)

    def release(self, pointer: Pointer) -> None:
        """Select the frame, after a mere click the tile there, or put down the region."""
        super().release(pointer)
        if self._frame_start is not None:
            frame = self._framed(self._frame_start, pointer)
            self.workspace.selection = frame
            self._frame_start = None
            if frame is None:
                tile = tile_under(self.workspace.grid, (pointer.x, pointer.y))
                self.workspace.selected_tile = tile
        elif self._move_start is not None:
            self._drop(self._move_start, pointer)

    def hover(self, pointer: Pointer) -> None:
        """Show by the cursor whether a press takes hold of the region."""
        selection = self.workspace.selection
        held = self.floating is not None or (selection is not None and _holds(selection, pointer))
        shapes = Qt.CursorShape
        self.cursor = shapes.SizeAllCursor if held else shapes.CrossCursor
        super().hover(pointer)

    def key(self, event: QKeyEvent) -> bool:
        """Ctrl+C, X and V; Delete erases, Enter puts down, Escape lets go."""
        key, keys = event.key(), Qt.Key
        for standard, act in (
            (QKeySequence.StandardKey.Copy, self.copy),
            (QKeySequence.StandardKey.Cut, self.cut),
            (QKeySequence.StandardKey.Paste, self.paste),
        ):
            if event.matches(standard):
                act()
                return True
        if key in {keys.Key_Delete, keys.Key_Backspace} and not self.busy:
            return self.erase()
        if key in {keys.Key_Return, keys.Key_Enter} and self._hovering and self.pointer:
            self._put_down(self.pointer)
            return True
        if key == keys.Key_Escape and not self.busy and self.workspace.selection is not None:
            self.select_nothing()
            return True
        return super().key(event)

    def copy(self) -> bool:
        """Copy the selected region; whether there was one."""
        if not self._copy_selection():
            return False
        self.said.emit(translate("Tool", "Copied; paste it with Ctrl+V."))
        return True

    def cut(self) -> bool:
        """Copy the selected region and erase it; whether there was one."""
        selection = self.workspace.selection
        if not self._copy_selection() or selection is None:
            return False
        return self._changed(
            translate("Tool", "Cut region"), lambda edit: regions.erase(edit, selection)
        )

    def erase(self) -> bool:
        """Erase what is selected; whether there was a selection."""
        selection = self.workspace.selection
        if selection is None:
            return False
        return self._changed(
            translate("Tool", "Erase region"), lambda edit: regions.erase(edit, selection)
        )

    def paste(self) -> bool:
        """Let what was copied hover at the pointer; whether there was something."""
        document, copied = self.document, self._clipboard
        if document is None or copied is None:
            self.said.emit(translate("Tool", "There is nothing to paste; copy a region first."))
            return False
        if not copied.fits(document.project.palette):
            self.said.emit(
                translate("Tool", "The copied region has zones or strokes this map does not know.")
            )
            return False
        self.abort()
        self.floating = copied
        self.changed.emit()
        return True

    def paste_at(self, pointer: Pointer) -> None:
        """Paste with the middle at a place."""
        if self.paste():
            self._put_down(pointer)

    def select_all(self) -> None:
        """Select the whole map."""
        if self.document is not None:
            self.workspace.selection = Rect(0, 0, *self.document.project.size)
            self.changed.emit()

    def select_nothing(self) -> None:
        """Let the region go."""
        self.workspace.selection = None
        self.changed.emit()

    def abort(self) -> None:
        """Forget the drag, or what hovers."""
        if self._frame_start is not None:
            self.workspace.selection = self._frame_before
        self._frame_start = self._move_start = self.floating = None
        super().abort()

    def paint(self, painter: QPainter, view: View) -> None:
        """What is moved or pasted, where it would go."""
        super().paint(painter, view)
        if self.floating is not None and self.pointer is not None:
            self.floating.draw(painter, view, *self._corner(self.pointer))

    @property
    def _hovering(self) -> bool:
        """Whether something pasted waits to be put down."""
        return self.floating is not None and self._move_start is None

    def _copy_selection(self) -> bool:
        document, selection = self.document, self.workspace.selection
        if document is None or selection is None:
            self.said.emit(translate("Tool", "Nothing is selected; drag a frame first."))
            return False
        before = self._clipboard
        with self.telling():
            region = document.copy_region(selection)
            self._clipboard = Floating.of(region, document.project.palette)
        return self._clipboard is not before

    def _lift(self, selection: Rect, pointer: Pointer) -> None:
        document = self.document
        if document is not None:
            region = document.copy_region(selection)
            self.floating = Floating.of(region, document.project.palette)
            self._move_start = pointer

    def _drop(self, start: Pointer, pointer: Pointer) -> None:
        selection, floating = self.workspace.selection, self.floating
        dx, dy = round(pointer.x - start.x), round(pointer.y - start.y)
        self._move_start = self.floating = None
        self.changed.emit()
        if selection is None or floating is None or not (dx or dy):
            return
        target = selection.shifted(dx, dy)
        if pointer.ctrl:
            self._paste(floating, target.x, target.y)
            return

        def move(edit: Edit) -> Rect:
            self.show([selection])
            return regions.move(edit, selection, dx, dy)

        if self._changed(translate("Tool", "Move region"), move):
            self._select(target)

    def _put_down(self, pointer: Pointer) -> None:
        floating = self.floating
        if floating is not None:
            corner = self._corner(pointer)
            self.floating = None
            self._paste(floating, *corner)

    def _paste(self, floating: Floating, x: int, y: int) -> None:
        label = translate("Tool", "Paste region")
        if self._changed(label, lambda edit: regions.paste(edit, floating.region, x, y)):
            self._select(Rect(x, y, *floating.size))

    def _changed(self, label: str, how: Callable[[Edit], Rect]) -> bool:
        """Do something to the map as one undo step; whether that worked."""
        edit = self.begin(lambda document: document.edit(label))
        done = False
        if edit is not None:
            with self.telling():
                before = set(edit.strokes)
                rect = how(edit)
                others = before ^ set(edit.strokes)
                self.show([rect, *(part for one in others for part in rects_of(one.points))])
                self.commit()
                done = True
        return done

    def _select(self, rect: Rect) -> None:
        if self.document is not None:
            inside = rect.intersect(Rect(0, 0, *self.document.project.size))
            self.workspace.selection = inside if inside.area else None

    def _corner(self, pointer: Pointer) -> tuple[int, int]:
        """Where the corner of what hovers is."""
        start, selection = self._move_start, self.workspace.selection
        if start is not None and selection is not None:
            return (
                selection.x + round(pointer.x - start.x),
                selection.y + round(pointer.y - start.y),
            )
        assert self.floating is not None
        width, height = self.floating.size
        return round(pointer.x - width / 2), round(pointer.y - height / 2)

    def _framed(self, start: Pointer, pointer: Pointer) -> Rect | None:
        assert self.document is not None
        whole = Rect(0, 0, *self.document.project.size)
        found = rect_between(start, pointer).intersect(whole)
        return found if found.area else None


def _holds(rect: Rect, pointer: Pointer) -> bool:
    return rect.x <= pointer.x < rect.right and rect.y <= pointer.y < rect.bottom
