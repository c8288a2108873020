"""A person's hand at the tools: clicks, drags and keys, and what can be seen afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter

from app.canvas.tools.tool import Pointer, Tool
from app.canvas.tools.toolbox import make_tools
from app.canvas.view import MapView
from app.workspace.workspace import Workspace
from painter.document import Document
from tests.support.qt import wait_until
from zones.geometry import Rect

__all__ = ["tools", "view"]

SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key
Place = tuple[float, float]


@pytest.fixture
def tools(workspace: Workspace) -> Iterator[dict[str, Tool]]:
    """All tools over the small map."""
    made = make_tools(workspace)
    yield made
    for tool in made.values():
        tool.deactivate()


@pytest.fixture
def view(workspace: Workspace) -> Iterator[MapView]:
    """A view of the whole map."""
    made = MapView(workspace)
    made.resize(640, 480)
    made.show()
    made.fit()
    wait_until(lambda: made.isVisible() and made.scale > 1, what="the view")
    yield made
    made.set_tool(None)
    made.close()
    made.deleteLater()


def at(place: Place, **values: Any) -> Pointer:
    """The pointer at a place of the map."""
    return Pointer(float(place[0]), float(place[1]), **values)


def click(tool: Tool, *places: Place, **values: Any) -> None:
    """Press and let go at each place."""
    for place in places:
        tool.press(at(place, **values))
        tool.release(at(place, **values))


def drag(tool: Tool, *places: Place, drop: bool = True, **values: Any) -> None:
    """Press at the first place, go through the others and let go at the last."""
    tool.press(at(places[0], **values))
    for place in places[1:]:
        tool.move(at(place, **values))
    if drop:
        tool.release(at(places[-1], **values))


def key(
    tool: Tool, which: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> bool:
    """Press a key; returns whether the tool took it."""
    return tool.key(QKeyEvent(QEvent.Type.KeyPress, which.value, modifiers))


def document_of(tool: Tool) -> Document:
    """The open document."""
    assert tool.document is not None
    return tool.document


def labels(tool: Tool) -> list[str]:
    """The undo steps so far, oldest first."""
    wait_until(lambda: not getattr(tool, "slicing", False), what="sliced work")
    line = document_of(tool).history.line("user")
    return [step.label for step in line.steps[: line.position]]


def zone_at(tool: Tool, x: int, y: int) -> int:
    """The zone of a pixel, with an open edit."""
    return document_of(tool).pick(x, y)


def heard(tool: Tool) -> list[str]:
    """What the tool says from here on."""
    said: list[str] = []
    tool.said.connect(said.append)
    return said


def shown(tool: Tool) -> list[Rect]:
    """What the canvas is told to draw again from here on."""
    rects: list[Rect] = []
    tool.workspace.painted.connect(rects.append)
    return rects


def covers(rects: Sequence[Rect], x: int, y: int) -> bool:
    """Whether a pixel lies in any of the rectangles."""
    return any(rect.contains(Rect(x, y, 1, 1)) for rect in rects)


def entry(tool: Tool, place: Place, text: str) -> Any:
    """What an entry of the context menu at a place does."""
    return dict(tool.menu(at(place)))[text]


def painted(tool: Tool, view: MapView) -> QImage:
    """What the tool draws over a view, on grey."""
    picture = QImage(view.size(), QImage.Format.Format_RGB32)
    picture.fill(0x808080)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tool.paint(painter, view)
    painter.end()
    return picture


def marked(picture: QImage, place: QPointF, reach: int = 3) -> bool:
    """Whether anything is drawn within `reach` px of a place."""
    x, y = round(place.x()), round(place.y())
    around = picture.copy(x - reach, y - reach, 2 * reach + 1, 2 * reach + 1)
    return any(
        around.pixelColor(column, row).rgb() & 0xFFFFFF != 0x808080
        for column in range(around.width())
        for row in range(around.height())
    )
