"""What every tool of the map is: it takes the pointer and keys, edits the map, draws its aids.

Tools run on the GUI thread. A tool never raises because of what the user did: it says one plain
sentence by `said` and leaves no edit open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from PySide6.QtCore import QCoreApplication, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter

from app.canvas.tools import marks
from app.canvas.tools.frame import View
from zones.errors import TilewrightError

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace
    from painter.document import Document

Value = float | int | bool | str
MenuEntry = tuple[str, Callable[[], object]]
"""What an entry of a context menu says, and what it does."""

translate = QCoreApplication.translate
"""Gives a text in the user's language; the context of all tools is "Tool"."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse, pen or finger is.

    Attributes:
        x: in map px; may lie beyond the map.
        y: as x.
        pressure: of the pen, 0 to 1; 1 for a mouse.
        buttons: that are down.
        modifiers: keys that are down.
        screen: position in the view, logical screen px.
    """

    x: float
    y: float
    pressure: float = 1.0
    buttons: Qt.MouseButton = Qt.MouseButton.LeftButton
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    screen: QPointF = field(default_factory=QPointF)

    @property
    def place(self) -> tuple[float, float]:
        """Position in map px."""
        return self.x, self.y

    @property
    def shift(self) -> bool:
        """Whether Shift is down."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        """Whether Alt is down."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)

    @property
    def ctrl(self) -> bool:
        """Whether Ctrl (Command on a Mac) is down."""
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOption:
    """One option of a tool, from which a panel makes a control.

    Attributes:
        name: unique within the tool.
        label: for people.
        kind: which control.
        get: reads the value.
        set: takes a new value.
        low: least value of a float or int.
        high: greatest value of a float or int.
        step: of a float or int.
        unit: such as "px", or "".
        choices: of a choice: values and their labels.
        tip: what it does, in the user's words.
    """

    name: str
    label: str
    kind: Literal["float", "int", "bool", "choice"]
    get: Callable[[], Value]
    set: Callable[[Value], None]
    low: float = 0.0
    high: float = 1.0
    step: float = 0.05
    unit: str = ""
    choices: Sequence[tuple[str, str]] = ()
    tip: str = ""


class Tool(QObject):
    """A tool; the base class does nothing but follow the pointer.

    Attributes:
        name: id of the tool's action, such as "tool.brush".
        icon: name of its icon.
        shortcut: its key.
        cursor: shape of the mouse pointer over the map.
        pans: whether dragging with it moves the view, as Space does with every tool.
    """

    changed = Signal()
    """What the tool draws, or its cursor, is different now."""
    said = Signal(str)
    """One plain sentence for the user."""
    options_changed = Signal()
    """The options have other values or there are others."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    help: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    shortcut: ClassVar[str] = ""
    pans: ClassVar[bool] = False

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.cursor = Qt.CursorShape.CrossCursor
        self.pointer: Pointer | None = None
        self.view_scale = 1.0
        workspace.map_opened.connect(self.abort)
        workspace.settings_changed.connect(self.options_changed)
        workspace.settings_changed.connect(self.changed)

    @property
    def label(self) -> str:
        """Its name for people."""
        return translate("Tool", self.title)

    @property
    def tip(self) -> str:
        """What it does, in the user's words."""
        return translate("Tool", self.help)

    @property
    def document(self) -> Document | None:
        """The open document."""
        found: Document | None = self.workspace.document
        return found

    @property
    def busy(self) -> bool:
        """Whether it is in the middle of something that Escape would end."""
        return False

    def options(self) -> tuple[ToolOption, ...]:
        """Its options as they are now."""
        return ()

    def menu(self, pointer: Pointer) -> list[MenuEntry]:
        """Entries of the context menu at a place, most useful first."""
        del pointer
        return []

    def press(self, pointer: Pointer) -> None:
        """The left button or the pen goes down."""
        self.hover(pointer)

    def move(self, pointer: Pointer) -> None:
        """The pointer moves with the button down."""
        self.hover(pointer)

    def release(self, pointer: Pointer) -> None:
        """The button goes up."""
        self.hover(pointer)

    def double_press(self, pointer: Pointer) -> None:
        """The button goes down a second time at once; comes in place of `press`."""
        self.press(pointer)

    def hover(self, pointer: Pointer) -> None:
        """The pointer moves with no button down."""
        self.pointer = pointer
        self.changed.emit()

    def leave(self) -> None:
        """The pointer leaves the view."""
        self.pointer = None
        self.changed.emit()

    def wheel(self, pointer: Pointer, steps: float) -> bool:
        """Whether it takes a turn of the wheel, in notches, for itself; else the view zooms."""
        del pointer, steps
        return False

    def key(self, event: QKeyEvent) -> bool:
        """Whether it takes a key; the base class aborts at Escape while it is busy."""
        if event.key() == Qt.Key.Key_Escape and self.busy:
            self.abort()
            return True
        return False

    def step_back(self) -> bool:
        """Take back the last point of what is being drawn, if there is one: before undo."""
        return False

    def change_size(self, factor: float) -> None:
        """Make what it draws larger or smaller."""
        del factor

    def abort(self) -> None:
        """Forget what was begun; the map is as it was before."""
        self.changed.emit()

    def activate(self) -> None:
        """The user takes it up."""

    def deactivate(self) -> None:
        """The user takes up another tool; nothing may stay open."""
        self.abort()
        self.pointer = None

    def paint(self, painter: QPainter, view: View) -> None:
        """Draw its aids over the map, in screen px; the painter's state is the caller's."""
        self.view_scale = view.scale
        selection = self.workspace.selection
        if selection is not None:
            marks.draw_frame(painter, view, selection)

    def reach_px(self, screen_px: float = 8.0) -> float:
        """A distance on the screen, in map px."""
        return screen_px / self.view_scale

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say what goes wrong inside in one sentence, and abort."""
        try:
            yield
        except TilewrightError as error:
            self.abort()
            self.tell(error)

    def tell(self, error: TilewrightError) -> None:
        """Say what went wrong in one sentence."""
        text = str(error)
        self.said.emit(f"{text[:1].upper()}{text[1:].removesuffix('.')}.")
