"""The tool for paths and roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject

from app.canvas.tools.river import RIVER
from app.canvas.tools.spline_tool import SplineTool

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

_WIDTH_PX = 10.0


class PathTool(SplineTool):
    """Draws paths, roads and whatever else the palette has but rivers."""

    name = "tool.path"
    title = str(QT_TRANSLATE_NOOP("Tool", "Path and road"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Click points of a path or road, or drag a free line; Enter or a double click ends it; "
            "drag its points later, with Alt their width",
        )
    )
    icon = "road-variant"
    shortcut = "T"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, _WIDTH_PX, parent)

    def suits(self, kind: str) -> bool:
        """Whether the kind is not a river."""
        return kind != RIVER
