"""All tools, in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.canvas.tools.brush import BrushTool
from app.canvas.tools.eraser import EraserTool
from app.canvas.tools.fill import FillTool
from app.canvas.tools.flow import FlowTool
from app.canvas.tools.hand import HandTool
from app.canvas.tools.path import PathTool
from app.canvas.tools.pick import PickTool
from app.canvas.tools.polygon import PolygonTool
from app.canvas.tools.protect import ProtectTool
from app.canvas.tools.rectangle import RectangleTool
from app.canvas.tools.river import RiverTool
from app.canvas.tools.select import SelectTool
from app.canvas.tools.tool import Tool

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

TOOLS: tuple[type[Tool], ...] = (
    BrushTool,
    EraserTool,
    FillTool,
    PolygonTool,
    RectangleTool,
    RiverTool,
    PathTool,
    FlowTool,
    ProtectTool,
    PickTool,
    SelectTool,
    HandTool,
)


def make_tools(workspace: Workspace, parent: QObject | None = None) -> dict[str, Tool]:
    """One of each tool by name, such as "tool.brush"."""
    return {kind.name: kind(workspace, parent) for kind in TOOLS}
