"""The river tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject

from app.canvas.tools.spline_tool import SplineTool

if TYPE_CHECKING:
    from app.workspace.workspace import Workspace

RIVER = "river"
_WIDTH_PX = 24.0


class RiverTool(SplineTool):
    """Draws rivers."""

    name = "tool.river"
    title = str(QT_TRANSLATE_NOOP("Tool", "River"))
    help = str(
        QT_TRANSLATE_NOOP(
            "Tool",
            "Click points of a river, or drag a free line; Enter or a double click ends it; drag "
            "its points later, with Alt their width",
        )
    )
    icon = "waves"
    shortcut = "R"

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(workspace, _WIDTH_PX, parent)

    def suits(self, kind: str) -> bool:
        """Whether the kind is a river."""
        return kind == RIVER
